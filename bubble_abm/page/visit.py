"""The state of one open page: settings, run, selections and errors, as reactive values."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import solara

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.page.files import MEDIA, content
from bubble_abm.page.inspection import checked_kind
from bubble_abm.page.links import Opened, read_link, write_link
from bubble_abm.page.session import WatchedModel
from bubble_abm.page.settings import Settings, with_preset
from bubble_abm.page.tile_map import checked_colour, checked_province

logger = logging.getLogger(__name__)


class RunHolder:
    """Holds the run that one of Mesa's controllers advances.

    A controller reads its holder before each step, even before one that had already started when Reset was pressed. A
    holder therefore always keeps the same run: the new run after Reset gets another holder and another controller.
    """

    def __init__(self, model: WatchedModel, begin: Callable[[WatchedModel], None]) -> None:
        self.model, self.begin = model, begin

    @property
    def value(self) -> WatchedModel:
        """The run; assigning another run starts it in a new holder."""
        return self.model

    @value.setter
    def value(self, model: WatchedModel) -> None:
        self.begin(model)


class Visit:
    """The state of one open page.

    Parameters
    ----------
    query : str
        Query of the address with which the page was opened.
    """

    def __init__(self, query: str) -> None:
        opened = read_link(query)
        self.settings = solara.reactive(opened.settings)
        self.begun = solara.reactive(0)  # number of times another run was started
        self.holder = RunHolder(WatchedModel(opened.settings, until=opened.month), self.begin)
        self.arguments: Any = solara.reactive({"settings": opened.settings})
        self.colour = solara.reactive(opened.colour)
        self.province = solara.reactive(opened.province)
        self.kind = solara.reactive("operators")
        self.agent = solara.reactive(-1)
        self.file: Any = solara.reactive({})
        self.problems: Any = solara.reactive(opened.problems)
        self.errors: Any = solara.reactive({})
        # Mesa's controller needs these three as reactive values, which its own defaults are not.
        self.interval = solara.reactive(100)
        self.render_interval = solara.reactive(1)
        self.use_threads = solara.reactive(False)

    @property
    def model(self) -> Any:
        """The holder of the run."""
        self.begun.get()
        return self.holder

    # --- Actions of the visitor ---------------------------------------------------------------------------------------

    def change(self, choice: Any) -> None:
        """Take a new value from a slider or a field; an invalid one is reported and changes nothing."""
        name, text = str(choice["name"]), choice["value"]
        try:
            self.settle(self.settings.value.changed(name, text))
            self.errors.value = {key: value for key, value in self.errors.value.items() if key != name}
        except InvalidInput as error:
            self.errors.value = {**self.errors.value, name: str(error)}

    def preset(self, name: str) -> None:
        """Use the settings of a preset and start a new run."""
        self.errors.value = {}
        self.settle(with_preset(self.settings.value, str(name)), at_once=True)

    def settle(self, settings: Settings, at_once: bool = False) -> None:
        """Keep settings for the next reset; a run that has not started uses them at once."""
        self.settings.value = settings
        self.arguments.value = {"settings": settings}
        if at_once or self.model.value.month == 0:
            self.begin(WatchedModel(settings))

    def begin(self, model: WatchedModel) -> None:
        """Show another run instead of the present one, which stops for good."""
        self.holder.value.retire()
        self.holder = RunHolder(model, self.begin)
        self.begun.value += 1
        self.agent.value = -1

    def choose_colour(self, name: str) -> None:
        """Choose the quantity that the colours of the map show."""
        self.colour.value = checked_colour(str(name))

    def choose_province(self, name: str) -> None:
        """Select a province; selecting it again deselects it."""
        chosen = checked_province(str(name))
        self.province.value = "" if chosen == self.province.value else chosen
        self.kind.value, self.agent.value = "operators", -1

    def choose_kind(self, name: str) -> None:
        """Select a kind of agent."""
        self.kind.value, self.agent.value = checked_kind(str(name)), -1

    def choose_agent(self, row: int) -> None:
        """Select an agent; selecting it again deselects it."""
        self.agent.value = -1 if int(row) == self.agent.value else int(row)

    def fetch(self, name: str) -> None:
        """Send a file to the browser, with a number so that requesting the same file twice sends it twice."""
        text, media = content(str(name), self.model.value), MEDIA[str(name).rpartition(".")[2]]
        number = self.file.value.get("number", 0) + 1
        self.file.value = {"name": str(name), "text": text, "media": media, "number": number}

    # --- What is shown ----------------------------------------------------------------------------------------------

    @property
    def pending(self) -> bool:
        """Whether settings wait for the next reset."""
        return bool(self.settings.value != self.model.value.settings)

    @property
    def query(self) -> str:
        """Query of the address that opens this state."""
        month = 0 if self.pending else self.model.value.month
        return write_link(Opened(self.settings.value, month, self.colour.value, self.province.value))

    def safely(self, make: Callable[[], Any], otherwise: Any) -> Any:
        """Return what a component shows; after an error, which is logged, the component is empty but not the page."""
        try:
            return make()
        except Exception:
            logger.exception("a part of the page could not be made")
            return otherwise
