"""The page as a folder that any server can show: the runs inside, and cursor, story and comparison without Python.

The parts are those of the page, with the same templates. What the page computes when settings change is computed here
for each preset and for the scenes, and stored beside it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.outside import month_number
from bubble_abm.page import (
    answer,
    charts,
    downloads,
    drawing,
    effect,
    flows,
    kept,
    moment,
    province_map,
    scenes,
    sources,
)
from bubble_abm.page.documents import write_documents
from bubble_abm.page.links import opening_settings
from bubble_abm.page.many_seeds import Pairs, pairs_of
from bubble_abm.page.members import OVER_MEMBERS, members
from bubble_abm.page.run import WatchedRun, watch
from bubble_abm.page.settings import PRESETS, Settings, with_preset
from bubble_abm.page.templates import PARTS, words_of
from bubble_abm.page.words import label, languages, say, speaking

USED = (
    "answer",
    "scenes",
    "presets",
    "transport",
    "theme",
    "moment",
    "province_map",
    "charts",
    "effect",
    "flows",
    "kept",
    "sources",
    "language",
)
#: Vue with its compiler of templates, as a file of solara-assets (MIT).
VUE = "@widgetti/vue-grid-layout@2.3.13-alpha.2/website/docs/.vuepress/public/examples/vue.min.js"


def export_page(folder: str | Path, told: Callable[[str], None] = lambda text: None, names: Sequence[str] = ()) -> Path:
    """Write the page into a new folder.

    Parameters
    ----------
    folder : str or Path
        A folder that does not exist, or is empty.
    told : callable
        Is told what is being computed.
    names : sequence of str
        Presets to export, by default all.

    Raises
    ------
    InvalidInput
        If there is something in the folder, or it cannot be written.
    """
    root = Path(folder)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InvalidInput(f"export {folder}: is there already, give a new folder")
    vue = vue_file()
    chosen = states(names)
    try:
        (root / "runs").mkdir(parents=True)
        standard = watch(chosen[0][1])
        for number, (name, settings) in enumerate(chosen):
            told(f"{name} ({number + 1} of {len(chosen)})")
            write_state(root, number, settings, standard)
        (root / "vue.min.js").write_bytes(vue.read_bytes())
        (root / "style.css").write_text((PARTS.parent / "style.css").read_text() + (PARTS / "static.css").read_text())
        (root / "parts.js").write_text(parts_file() + (PARTS / "static.js").read_text())
        page = (PARTS / "static.html").read_text()
        write_documents(root)
        (root / "index.html").write_text(page.replace("STORIES", json_of(stories(chosen))), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"export {folder}: cannot be written, {(error.strerror or str(error)).lower()}") from None
    return root / "index.html"


def vue_file() -> Path:
    """Return where Vue is, or refuse."""
    path = Path(sys.prefix) / "share" / "solara" / "cdn" / VUE
    if not path.is_file():
        raise InvalidInput("export: needs the package solara-assets, version 1.58.2: pip install solara-assets==1.58.2")
    return path


def states(names: Sequence[str] = ()) -> list[tuple[str, Settings]]:
    """Return the settings to export: each preset, and those of scenes that are no preset."""
    base = opening_settings()
    found = [
        (preset.name, with_preset(base, preset.name)) for preset in PRESETS if preset.name in (names or PRESET_NAMES)
    ]
    for scene in scenes.SCENES:
        settings = replace(base, values=dict(scene.values))
        if settings not in [known for _, known in found]:
            found.append((scene.title, settings))
    return found


PRESET_NAMES = tuple(preset.name for preset in PRESETS)


def stories(chosen: Sequence[tuple[str, Settings]]) -> dict[str, Any]:
    """Return what all states share, in every language."""
    found = {}
    for code, name in languages().items():
        with speaking(code):
            found[code] = {"name": name, **story(chosen)}
    return found


def story(chosen: Sequence[tuple[str, Settings]]) -> dict[str, Any]:
    """Return what all states share: the words of the parts, the scenes, where they lead, presets and sources."""
    base = opening_settings()
    known = [settings for _, settings in chosen]
    return {
        "scenes": scenes.told(),
        "leads": [
            {
                "run": known.index(replace(base, values=dict(scene.values))),
                "month": month_number(scene.month) + 1,
                "colour": scene.colour,
            }
            for scene in scenes.SCENES
        ],
        "presets": [
            {
                "name": name,
                "title": say(name),
                "about": say(next((one.about for one in PRESETS if one.name == name), "as in this scene of the story")),
            }
            for name, _ in chosen
        ],
        "colours": province_map.colours(),
        "sources": sources.sources(),
        "heads": kept.heads(),
        "words": {name: words_of(name) for name in USED},
        "title": say("The AI-compute bubble"),
        "question": say("Did {shock} pop the AI-compute bubble?", shock="DeepSeek R1"),
        "lead": say("Rent and use"),
        "more": say("More charts"),
        "files": say("Files of this run: "),
    }


def write_state(root: Path, number: int, settings: Settings, standard: WatchedRun) -> None:
    """Compute one state and write it, with its files."""
    run, pairs = watch(settings), pairs_of(settings)
    others = pairs_of(settings, crowd=OVER_MEMBERS) if members() else None
    grey = None if run.settings == standard.settings else standard
    for code in languages():
        name = f"{number}.{code}"
        with speaking(code):
            table = f'window.bubbleRuns["{name}"] = {json_of(state(run, pairs, others, grey))};\n'
        (root / "runs" / f"{name}.js").write_text(table, encoding="utf-8")
    for name in downloads.names(run):
        path = root / "runs" / str(number) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(downloads.content(name, run))


def state(run: WatchedRun, pairs: Pairs, others: Pairs | None, grey: WatchedRun | None) -> dict[str, Any]:
    """Return what the parts show of one state; the standard run lies grey under the charts of all others."""
    return {
        "labels": [say("Start"), *(label(month) for month in range(run.reached))],
        "answer": {
            "question": answer.question(run.settings),
            "run": answer.answer_in_run(run),
            "seed": str(run.settings.seed),
            "over": answer.answer_over(pairs),
            "members": answer.answer_over(others) if others else {},
            "crowds": charts.crowds((pairs, others), pairs.crowd),
            "done": pairs.count,
            "seeds": pairs.count,
        },
        "moments": moment.moments(run),
        "maps": {colour.name: province_map.tiles(run, colour.name) for colour in province_map.COLOURS},
        "pictures": [charts.shown(chart, run, pairs, grey) for chart in charts.CHARTS],
        "lead": [chart.key in charts.LEAD for chart in charts.CHARTS],
        "twin": run.twin is not None,
        "crowds": charts.crowds((pairs,), pairs.crowd),
        "months": run.months,
        "edges": [drawing.LEFT, drawing.WIDTH - drawing.RIGHT, drawing.WIDTH],
        "effects": effect.effects(run),
        "flows": flows.flows(run),
        "kept": {"name": kept.named(run.settings), "cells": kept.row_of(run)},
        "files": downloads.names(run),
    }


def parts_file() -> str:
    """Return the templates and scripts of the parts as one script."""
    lines = ["window.bubbleParts = {};\nwindow.bubbleRuns = {};\n"]
    for name in USED:
        text = (PARTS / f"{name}.vue").read_text()
        template, script = re.fullmatch(
            r"<template>(.*)</template>\s*<script>(.*)</script>\s*", text, re.DOTALL
        ).groups()  # type: ignore[union-attr]
        lines.append(
            f"window.bubbleParts.{name} = (function () {{ const module = {{ exports: {{}} }};{script}\n"
            f"module.exports.template = {json_of(template.strip())}; return module.exports; }})();\n"
        )
    return "".join(lines)


def json_of(value: Any) -> str:
    """Write a value as JSON that may stand in a script."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
