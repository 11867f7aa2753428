(function () {
  const stories = window.bubbleStories, mounted = {}, kept = [];
  const asked = new URLSearchParams(window.location.search);
  const wished = [asked.get("lang"), window.localStorage.getItem("bubble-language"), (navigator.language || "").slice(0, 2), "en"];
  const usual = { run: 0, month: -1, colour: "utilisation", province: "", sector: 0, span: 1, scene: -1, bands: "seeds" };
  const now = { ...usual, language: wished.find((code) => stories[code]) };
  let story = stories[now.language];
  for (const name in usual) if (asked.get(name)) now[name] = typeof usual[name] === "number" ? Number(asked.get(name)) : asked.get(name);
  if (!story.presets[now.run]) now.run = 0;
  if (!story.scenes[now.scene]) now.scene = -1;
  if (!Number.isInteger(now.month)) now.month = -1;
  if (now.span !== 12) now.span = 1;
  if (!story.colours.some((one) => one.name === now.colour)) now.colour = usual.colour;

  // A part gets its values as data, as from the server, and functions instead of messages to it.
  function show(place, name, values, acts) {
    values = { ...values, words: story.words[name] };
    if (mounted[place]) { Object.assign(mounted[place], values); return; }
    const part = window.bubbleParts[name], own = part.data ? part.data() : {};
    mounted[place] = new Vue({ ...part, el: "#" + place, data: { ...own, ...values }, methods: { ...part.methods, ...acts } });
  }

  function load(number, language = now.language) {
    const name = `${number}.${language}`;
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

  // The address opens what is shown, but for kept runs.
  function address() {
    const parts = new URLSearchParams(Object.keys(usual).filter((name) => now[name] !== usual[name]).map((name) => [name, now[name]]));
    if (now.language !== "en") parts.set("lang", now.language);
    window.history.replaceState(null, "", window.location.pathname + (parts.size ? "?" + parts : ""));
  }

  function shown(number = now.run) { return window.bubbleRuns[`${number}.${now.language}`]; }

  function charts(run, lead) {
    return {
      name: story[lead ? "lead" : "more"], lead: lead, twin: run.twin, crowds: run.crowds, months: run.months, edges: run.edges,
      pictures: run.pictures.filter((picture, number) => run.lead[number] === lead),
    };
  }

  function draw() {
    const run = shown();
    address();
    document.title = story.question;
    document.getElementById("title").textContent = story.title;
    show("language", "language", { languages: Object.fromEntries(Object.entries(stories).map(([code, one]) => [code, one.name])), language: now.language }, {
      event_speak(code) {  // of kept runs too, whose amounts have the units of the language
        return Promise.all([now.run, ...kept].map((number) => load(number, code))).then(() => { now.language = code; story = stories[code]; draw(); });
      },
    });
    show("theme", "theme", {});
    show("transport", "transport", { labels: run.labels, start: now.month, told: {} },
      { event_month(month) { now.month = month; address(); }, listen() {} });
    const crowds = run.answer.crowds.map((crowd) => ({ ...crowd, chosen: crowd.name === now.bands }));
    show("answer", "answer", { ...run.answer, crowds: crowds }, { event_crowd(name) { now.bands = name; draw(); } });
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
    if (!run.flows.sectors[now.sector]) now.sector = 0;
    show("flows", "flows", { flows: run.flows, sector: now.sector, span: now.span }, {
      event_sector(number) { now.sector = number; draw(); },
      event_span(months) { now.span = months; draw(); },
    });
    show("kept", "kept", { heads: story.heads, shown: run.kept, runs: kept.map((number) => ({ ...shown(number).kept, link: `?run=${number}` })), grey: -1, full: kept.length >= 8 }, {
      event_keep() { kept.push(now.run); draw(); },
      event_forget(place) { kept.splice(place, 1); draw(); },
      event_grey() {}, event_fetch() {},
    });
    show("sources", "sources", { lists: story.sources });
    document.getElementById("files").innerHTML = story.files +
      run.files.map((name) => `<a href="runs/${now.run}/${name}" download>${name}</a>`).join(", ");
  }

  go(now.run);
})();
