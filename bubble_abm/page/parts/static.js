(function () {
  const stories = window.bubbleStories, mounted = {}, kept = [];
  const asked = new URLSearchParams(window.location.search);
  const wished = [asked.get("lang"), window.localStorage.getItem("bubble-language"), (navigator.language || "").slice(0, 2), "en"];
  const now = { run: Number(asked.get("run")) || 0, colour: "utilisation", province: "", scene: -1, crowd: "seeds", language: wished.find((code) => stories[code]) };
  let story = stories[now.language];
  if (!story.presets[now.run]) now.run = 0;

  // A part gets its values as data, as from the server, and functions instead of messages to it.
  function show(place, name, values, acts) {
    values = { ...values, words: story.words[name] };
    if (mounted[place]) { Object.assign(mounted[place], values); return; }
    const part = window.bubbleParts[name], own = part.data ? part.data() : {};
    mounted[place] = new Vue({ ...part, el: "#" + place, data: { ...own, ...values }, methods: { ...part.methods, ...acts } });
  }

  function load(number) {
    const name = `${number}.${now.language}`;
    if (window.bubbleRuns[name]) return Promise.resolve();
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = `runs/${name}.js`;
      script.onload = done;
      script.onerror = failed;
      document.head.appendChild(script);
    });
  }

  function go(number, order) {
    return load(number).then(() => {
      now.run = number;
      draw();
      if (order) mounted.transport.told = { month: order.month, number: Date.now() };
    });
  }

  function address(month) {
    const parts = [now.run ? `run=${now.run}` : "", month >= 0 ? `month=${month}` : "", now.language === "en" ? "" : `lang=${now.language}`].filter(Boolean);
    window.history.replaceState(null, "", window.location.pathname + (parts.length ? "?" + parts.join("&") : ""));
  }

  function shown() { return window.bubbleRuns[`${now.run}.${now.language}`]; }

  function charts(run, lead) {
    return {
      name: story[lead ? "lead" : "more"], lead: lead, twin: run.twin, crowds: run.crowds, months: run.months, edges: run.edges,
      pictures: run.pictures.filter((picture, number) => run.lead[number] === lead),
    };
  }

  function draw() {
    const run = shown();
    document.title = story.question;
    document.getElementById("title").textContent = story.title;
    show("language", "language", { languages: Object.fromEntries(Object.entries(stories).map(([code, one]) => [code, one.name])), language: now.language }, {
      event_speak(code) { now.language = code; story = stories[code]; return go(now.run); },
    });
    show("theme", "theme", {});
    show("transport", "transport", { labels: run.labels, start: asked.has("month") ? Number(asked.get("month")) : -1, told: {} },
      { event_month: address, listen() {} });
    const crowds = run.answer.crowds.map((crowd) => ({ ...crowd, chosen: crowd.name === now.crowd }));
    show("answer", "answer", { ...run.answer, crowds: crowds }, { event_crowd(name) { now.crowd = name; draw(); } });
    show("scenes", "scenes", { scenes: story.scenes, shown: now.scene }, {
      event_show(number) {
        now.scene = number === now.scene ? -1 : number;
        if (now.scene < 0) return draw();
        now.colour = story.leads[number].colour;
        return go(story.leads[number].run, story.leads[number]);
      },
    });
    show("presets", "presets", {
      presets: story.presets.map((preset, number) => ({ ...preset, chosen: number === now.run })), errors: {}, typed: {}, seed: "", months: "", shock: true,
    }, {
      event_preset(name) { now.scene = -1; return go(story.presets.findIndex((preset) => preset.name === name)); }, event_change() {},
    });
    show("moment", "moment", { moments: run.moments });
    show("map", "province_map", { map: run.maps[now.colour], colours: story.colours, colour: now.colour, chosen: now.province }, {
      event_colour(name) { now.colour = name; draw(); },
      event_pick(name) { now.province = name === now.province ? "" : name; draw(); },
    });
    show("lead", "charts", charts(run, true), { event_fetch() {} });
    show("charts", "charts", charts(run, false), { event_fetch() {} });
    show("effect", "effect", { effects: run.effects });
    show("flows", "flows", { flows: run.flows });
    show("kept", "kept", { heads: story.heads, shown: run.kept, runs: kept.slice(), grey: -1, full: kept.length >= 8 }, {
      event_keep() { kept.push({ ...shown().kept, link: `?run=${now.run}` }); draw(); },
      event_forget(place) { kept.splice(place, 1); draw(); },
      event_grey() {}, event_fetch() {},
    });
    show("sources", "sources", { lists: story.sources });
    document.getElementById("files").innerHTML = story.files +
      run.files.map((name) => `<a href="runs/${now.run}/${name}" download>${name}</a>`).join(", ");
  }

  go(now.run);
})();
