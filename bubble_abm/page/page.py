"""The page: Mesa's controller, the map, charts, text and controls, each a component that is updated every month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import update_counter

from bubble_abm.economy.outside import label
from bubble_abm.page import charts, controls, files, inspection, tile_map, words
from bubble_abm.page.visit import Visit

Event = Callable[[Any], None]


@solara.component_vue("parts/address.vue")
def Address(query: str = "") -> None:
    """Put the settings into the address of the browser."""


@solara.component_vue("parts/story.vue")
def Story(story: Any = None, month: str = "", done: float = 0.0, problems: Any = ()) -> None:
    """Describe the state of the boom, and report invalid entries of the address."""


@solara.component_vue("parts/province_map.vue")
def ProvinceMap(
    map: Any = None, colours: Any = None, colour: str = "", chosen: str = "",
    event_colour: Event | None = None, event_pick: Event | None = None,
) -> None:  # fmt: skip
    """Show the provinces."""


@solara.component_vue("parts/charts.vue")
def Charts(
    name: str = "", lead: bool = False, pictures: Any = None, twin: bool = False, event_fetch: Event | None = None
) -> None:
    """Show some of the charts."""


@solara.component_vue("parts/effect.vue")
def Effect(effect: Any = None) -> None:
    """Describe the effects of the shock."""


@solara.component_vue("parts/inspector.vue")
def Inspector(
    list: Any = None, detail: Any = None, kinds: Any = None, kind: str = "", chosen: int = -1, hint: str = "",
    event_kind: Event | None = None, event_pick: Event | None = None,
) -> None:  # fmt: skip
    """Show a list of agents, and the columns of one of them."""


@solara.component_vue("parts/transport.vue")
def Keys() -> None:
    """Give Mesa's buttons names and keyboard shortcuts."""


@solara.component_vue("parts/downloads.vue")
def Downloads(names: Any = None, file: Any = None, event_fetch: Event | None = None) -> None:
    """Offer files for download."""


@solara.component_vue("parts/try.vue")
def Try(
    presets: Any = None, errors: Any = None, pending: bool = False, seed: str = "1", months: str = "",
    shock: bool = True, event_change: Event | None = None, event_preset: Event | None = None,
) -> None:  # fmt: skip
    """Offer presets, seed and length."""


@solara.component_vue("parts/controls.vue")
def Controls(groups: Any = None, errors: Any = None, event_change: Event | None = None) -> None:
    """Offer the parameters."""


@solara.component_vue("parts/theme.vue")
def ThemeButton() -> None:
    """Choose between light, dark and what the system asks for."""


@solara.component
def StoryPart(visit: Visit) -> None:
    """The state of the boom in words."""
    update_counter.get()
    model = visit.model.value
    month = label(model.month - 1) if model.month else "Start"
    Story(
        story=visit.safely(lambda: words.story(model), {}),
        month=month,
        done=model.month / model.months,
        problems=list(visit.problems.value),
    )


@solara.component
def MapPart(visit: Visit) -> None:
    """The map of the provinces."""
    update_counter.get()
    ProvinceMap(
        map=visit.safely(lambda: tile_map.tiles(visit.model.value, visit.colour.value), {}),
        colours=[colour.name for colour in tile_map.COLOURS],
        colour=visit.colour.value,
        chosen=visit.province.value,
        event_colour=visit.choose_colour,
        event_pick=visit.choose_province,
    )


@solara.component
def ChartsPart(visit: Visit, lead: bool) -> None:
    """Charts of the months so far: the two that tell the story, or all others."""
    update_counter.get()
    model = visit.model.value
    Charts(
        name="Rent and use" if lead else "More charts",
        lead=lead,
        pictures=[
            {"key": chart.key, "title": chart.title, "about": charts.meaning(chart), "svg": picture(visit, chart)}
            for chart in charts.CHARTS
            if (chart.key in charts.LEAD) == lead
        ],
        twin=model.twin is not None,
        event_fetch=visit.fetch,
    )


def picture(visit: Visit, chart: charts.Chart) -> str:
    """Draw a chart."""
    return str(visit.safely(lambda: charts.draw(chart, visit.model.value), ""))


@solara.component
def InspectorPart(visit: Visit) -> None:
    """Agents of a kind, and the columns of one of them."""
    update_counter.get()
    model, kind = visit.model.value, visit.kind.value
    Inspector(
        list=visit.safely(lambda: inspection.listing(model, kind, visit.province.value), {}),
        detail=visit.safely(lambda: inspection.detail(model, kind, visit.agent.value), {}),
        kinds=[{"name": name, "title": title} for name, title in inspection.NAMES.items()],
        kind=kind,
        chosen=visit.agent.value,
        hint=""
        if visit.province.value
        else "Click a province for its agents; click a row for all columns of an agent.",
        event_kind=visit.choose_kind,
        event_pick=visit.choose_agent,
    )


@solara.component
def DownloadsPart(visit: Visit) -> None:
    """Files for download."""
    update_counter.get()
    Downloads(names=files.names(visit.model.value), file=visit.file.value, event_fetch=visit.fetch)


@solara.component
def Transport(visit: Visit) -> None:
    """Mesa's controller. Each run gets a new one, because the old one may have ended or be in the middle of a step."""
    with solara.Div(classes=["transport"]):
        ModelController(
            visit.model,
            model_parameters=visit.arguments,
            play_interval=visit.interval,
            render_interval=visit.render_interval,
            use_threads=visit.use_threads,
        ).key(f"run-{visit.begun.value}")


@solara.component
def EffectPart(visit: Visit) -> None:
    """The effects of the shock so far."""
    update_counter.get()
    Effect(effect=visit.safely(lambda: words.shock_effect(visit.model.value), {"text": "", "rows": []}))


@solara.component
def TryPart(visit: Visit) -> None:
    """Presets, seed and length."""
    update_counter.get()
    settings = visit.settings.value
    Try(
        presets=controls.presets(settings),
        errors=visit.errors.value,
        pending=visit.pending,
        seed=str(settings.seed),
        months=str(settings.months),
        shock=settings.shock,
        event_change=visit.change,
        event_preset=visit.preset,
    )


@solara.component
def ControlsPart(visit: Visit) -> None:
    """Every parameter."""
    Controls(groups=controls.groups(visit.settings.value), errors=visit.errors.value, event_change=visit.change)


@solara.component
def AddressPart(visit: Visit) -> None:
    """The link to this state."""
    update_counter.get()
    Address(query=visit.query)


@solara.component
def Layout(children: Any = ()) -> None:
    """Use the whole window for the page."""
    with solara.Div(classes=["bubble"], children=list(children)):
        pass


@solara.component
def Page() -> None:
    """The page."""
    router = solara.use_router()
    visit = solara.use_memo(lambda: Visit(router.search or ""), [])
    solara.Title("bubble_abm: watch the AI-compute bubble")
    solara.Style(Path(__file__).parent / "style.css")
    AddressPart(visit)
    with solara.Div(classes=["bubble-head"]):
        solara.HTML("h1", "The AI-compute bubble")
        Transport(visit)
        Keys()
        ThemeButton()
    with solara.Div(classes=["bubble-body"]):
        with solara.Div(classes=["bubble-side"]):
            TryPart(visit)
            ControlsPart(visit)
        with solara.Div(classes=["bubble-main"]):
            StoryPart(visit)
            with solara.Div(classes=["bubble-pair"]):
                MapPart(visit)
                ChartsPart(visit, lead=True)
            with solara.Div(classes=["bubble-pair"]):
                EffectPart(visit)
                InspectorPart(visit)
            with solara.Div(classes=["bubble-rest"]):
                ChartsPart(visit, lead=False)
                DownloadsPart(visit)
