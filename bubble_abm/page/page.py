"""The page: where each of its parts stands. A part is in the file of its name, and what it looks like in ``parts/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import solara

from bubble_abm.page.answer import AnswerPart
from bubble_abm.page.charts import ChartsPart
from bubble_abm.page.controls import ControlsPart
from bubble_abm.page.downloads import DownloadsPart
from bubble_abm.page.effect import EffectPart
from bubble_abm.page.inspector import InspectorPart
from bubble_abm.page.kept import KeptPart
from bubble_abm.page.moment import MomentPart
from bubble_abm.page.policies import PoliciesPart
from bubble_abm.page.presets import PresetsPart
from bubble_abm.page.province_map import MapPart
from bubble_abm.page.scenes import ScenesPart
from bubble_abm.page.sources import SourcesPart
from bubble_abm.page.sweep import SweepPart
from bubble_abm.page.transport import TransportPart
from bubble_abm.page.visit import Visit


@solara.component_vue("parts/address.vue")
def Address(query: str = "") -> None:
    """Put the settings into the address of the browser."""


@solara.component
def AddressPart(visit: Visit) -> None:
    """The link to this state."""
    Address(query=visit.query)


@solara.component_vue("parts/problems.vue")
def Problems(problems: Any = ()) -> None:
    """Report invalid entries of the address."""


@solara.component_vue("parts/theme.vue")
def ThemeButton() -> None:
    """Choose between light, dark and what the system asks for."""


@solara.component_vue("parts/drawer.vue")
def Drawer() -> None:
    """On a phone: open and close the drawer with presets and parameters."""


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

    def begin() -> Any:
        visit.begin_seeds()
        return visit.leave

    solara.use_effect(begin, [])
    solara.Title("Did DeepSeek R1 pop the AI-compute bubble?")
    solara.Style(Path(__file__).parent / "style.css")
    AddressPart(visit)
    with solara.Div(classes=["bubble-head"], attributes={"role": "banner"}):
        solara.HTML("h1", "The AI-compute bubble")
        TransportPart(visit)
        ThemeButton()
    with solara.Div(classes=["bubble-top"]):
        Problems(problems=list(visit.problems.value))
        AnswerPart(visit)
        ScenesPart(visit)
    with solara.Div(classes=["bubble-body"]):
        with solara.Div(classes=["bubble-side"]):
            Drawer()
            PresetsPart(visit)
            ControlsPart(visit)
        with solara.Div(classes=["bubble-main"], attributes={"role": "main"}):
            SweepPart(visit)
            MomentPart(visit)
            with solara.Div(classes=["bubble-pair"]):
                with solara.Div(classes=["bubble-column"]):
                    MapPart(visit)
                    InspectorPart(visit)
                with solara.Div(classes=["bubble-column"]):
                    ChartsPart(visit, lead=True)
                    EffectPart(visit)
            PoliciesPart(visit)
            KeptPart(visit)
            with solara.Div(classes=["bubble-rest"]):
                ChartsPart(visit, lead=False)
                DownloadsPart(visit)
            SourcesPart()
