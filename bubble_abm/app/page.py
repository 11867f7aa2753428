"""The page: Mesa's controller, the map, the charts, the words and the controls, each a part that watches the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import update_counter

from bubble_abm.app import charts, controls, tile_map, words
from bubble_abm.app.visit import Visit
from bubble_abm.calendar import label

Event = Callable[[Any], None]


@solara.component_vue("parts/address.vue")
def Address(query: str = "") -> None:
    """Write the settings into the browser's address."""


@solara.component_vue("parts/story.vue")
def Story(story: Any = None, month: str = "", done: float = 0.0) -> None:
    """Say where the boom stands."""


@solara.component_vue("parts/province_map.vue")
def ProvinceMap(
    map: Any = None, colours: Any = None, colour: str = "", chosen: str = "",
    event_colour: Event | None = None, event_pick: Event | None = None,
) -> None:  # fmt: skip
    """Show the provinces."""


@solara.component_vue("parts/charts.vue")
def Charts(pictures: Any = None) -> None:
    """Show the charts."""


@solara.component_vue("parts/effect.vue")
def Effect(effect: Any = None) -> None:
    """Say what the shock has done."""


@solara.component_vue("parts/controls.vue")
def Controls(
    groups: Any = None, presets: Any = None, errors: Any = None, problems: Any = None, pending: bool = False,
    seed: str = "1", months: str = "48", shock: bool = True, event_change: Event | None = None,
    event_preset: Event | None = None,
) -> None:  # fmt: skip
    """Offer the parameters."""


@solara.component_vue("parts/theme.vue")
def ThemeButton() -> None:
    """Choose between light, dark and what the system asks for."""


@solara.component
def StoryPart(visit: Visit) -> None:
    """Where the boom stands, in words."""
    update_counter.get()
    model = visit.model.value
    month = label(model.month - 1) if model.month else "before January 2023"
    Story(story=visit.safely(lambda: words.story(model), {}), month=month, done=model.month / model.months)


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
def ChartsPart(visit: Visit) -> None:
    """All charts of the months so far."""
    update_counter.get()
    model = visit.model.value
    Charts(
        pictures=[
            {"key": chart.key, "about": charts.meaning(chart), "svg": visit.safely(lambda: charts.draw(chart, model), "")}  # noqa: B023
            for chart in charts.CHARTS
        ]
    )


@solara.component
def EffectPart(visit: Visit) -> None:
    """What the shock has done so far."""
    update_counter.get()
    Effect(effect=visit.safely(lambda: words.shock_effect(visit.model.value), {"text": "", "rows": []}))


@solara.component
def ControlsPart(visit: Visit) -> None:
    """Presets, seed and every parameter."""
    update_counter.get()
    settings = visit.settings.value
    Controls(
        groups=controls.groups(settings),
        presets=controls.presets(settings),
        errors=visit.errors.value,
        problems=list(visit.problems.value),
        pending=visit.pending,
        seed=str(settings.seed),
        months=str(settings.months),
        shock=settings.shock,
        event_change=visit.change,
        event_preset=visit.preset,
    )


@solara.component
def AddressPart(visit: Visit) -> None:
    """The link to this state."""
    update_counter.get()
    Address(query=visit.query)


@solara.component
def Layout(children: Any = ()) -> None:
    """Leave the whole window to the page."""
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
        with solara.Div(classes=["transport"]):
            ModelController(visit.model, model_parameters=visit.arguments, play_interval=visit.interval)
        ThemeButton()
    with solara.Div(classes=["bubble-body"]):
        with solara.Div(classes=["bubble-side"]):
            ControlsPart(visit)
        with solara.Div(classes=["bubble-main"]):
            StoryPart(visit)
            with solara.Div(classes=["bubble-pair"]):
                MapPart(visit)
                EffectPart(visit)
            ChartsPart(visit)
