"""The page: where each of its parts stands. A part is in the file of its name, and what it looks like in ``parts/``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara
import solara.lab

from bubble_abm.page.answer import AnswerPart
from bubble_abm.page.charts import ChartsPart
from bubble_abm.page.controls import ControlsPart
from bubble_abm.page.downloads import DownloadsPart
from bubble_abm.page.effect import EffectPart
from bubble_abm.page.flows import FlowsPart
from bubble_abm.page.inspector import InspectorPart
from bubble_abm.page.kept import KeptPart
from bubble_abm.page.moment import MomentPart
from bubble_abm.page.policies import PoliciesPart
from bubble_abm.page.presets import PresetsPart
from bubble_abm.page.province_map import MapPart
from bubble_abm.page.scenes import ScenesPart
from bubble_abm.page.sources import SourcesPart
from bubble_abm.page.sweep import SweepPart
from bubble_abm.page.templates import template
from bubble_abm.page.transport import TransportPart
from bubble_abm.page.visit import Visit
from bubble_abm.page.words import languages, preferred, retold, say, speaking


@template("address")
def Address(query: str = "") -> None:
    """Put the settings into the address of the browser."""


@template("language")
def LanguageSwitch(languages: Any = None, language: str = "", event_speak: Callable[[Any], None] | None = None) -> None:
    """Choose the language of the words."""


@solara.component
def AddressPart(visit: Visit) -> None:
    """The link to this state."""
    Address(query=visit.query)


@template("problems")
def Problems(problems: Any = ()) -> None:
    """Report invalid entries of the address."""


@template("theme")
def ThemeButton() -> None:
    """Choose between light, dark and what the system asks for."""


@template("drawer")
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
    router, headers = solara.use_router(), solara.lab.headers.value
    visit = solara.use_memo(lambda: Visit(router.search or "", preferred(headers)), [])

    def begin() -> Any:
        visit.begin_seeds()
        return visit.leave

    solara.use_effect(begin, [])
    with speaking(visit.language.value):
        arranged(visit)


def arranged(visit: Visit) -> None:
    """Place the parts."""
    solara.Title(say("Did {shock} pop the AI-compute bubble?", shock="DeepSeek R1"))
    solara.Style(Path(__file__).parent / "style.css")
    AddressPart(visit)
    with solara.Div(classes=["bubble-head"], attributes={"role": "banner"}):
        solara.HTML("h1", say("The AI-compute bubble"))
        TransportPart(visit)
        with solara.Div(classes=["looks"]):
            LanguageSwitch(languages=languages(), language=visit.language.value, event_speak=visit.speak)
            ThemeButton()
    with solara.Div(classes=["bubble-top"]):
        Problems(problems=[retold(problem) for problem in visit.problems.value])
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
            FlowsPart(visit)
            PoliciesPart(visit)
            KeptPart(visit)
            with solara.Div(classes=["bubble-rest"]):
                ChartsPart(visit, lead=False)
                DownloadsPart(visit)
            SourcesPart(visit)
