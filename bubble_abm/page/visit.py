"""One visitor's page: what was chosen, the run, and what went wrong, each watched by the parts that show it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import solara

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.page.files import MEDIA, content
from bubble_abm.page.inspection import checked_kind
from bubble_abm.page.links import Opened, read_link, shortened, write_link
from bubble_abm.page.session import WatchedModel
from bubble_abm.page.settings import Settings, with_preset
from bubble_abm.page.tile_map import checked_colour, checked_province

logger = logging.getLogger(__name__)


class RunHolder:
    """The run that one controller of Mesa's moves.

    A controller looks into its box before each step, also before one that was under way when Reset came. So a box keeps
    its run for good: the new one that Reset would put in begins in a box, and with a controller, of its own.
    """

    def __init__(self, model: WatchedModel, begin: Callable[[WatchedModel], None]) -> None:
        self.model, self.begin = model, begin

    @property
    def value(self) -> WatchedModel:
        """The run; setting another one begins it elsewhere."""
        return self.model

    @value.setter
    def value(self, model: WatchedModel) -> None:
        self.begin(model)


class Visit:
    """What belongs to one open page, and to no other.

    Parameters
    ----------
    query : str
        Query of the address under which the page was opened.
    """

    def __init__(self, query: str) -> None:
        opened = read_link(query)
        self.settings = solara.reactive(opened.settings)
        self.begun = solara.reactive(0)  # how often another run was begun
        self.holder = RunHolder(WatchedModel(opened.settings, until=opened.month), self.begin)
        self.arguments: Any = solara.reactive({"settings": opened.settings})
        self.colour = solara.reactive(opened.colour)
        self.province = solara.reactive(opened.province)
        self.kind = solara.reactive("operators")
        self.agent = solara.reactive(-1)
        self.file: Any = solara.reactive({})
        self.problems: Any = solara.reactive(opened.problems)
        self.errors: Any = solara.reactive({})
        # Mesa's controller wants these three as reactive values, its own defaults are not.
        self.interval = solara.reactive(100)
        self.render_interval = solara.reactive(1)
        self.use_threads = solara.reactive(False)

    @property
    def model(self) -> Any:
        """The box that holds the run."""
        self.begun.get()
        return self.holder

    # --- What a visitor does ----------------------------------------------------------------------------------------

    def change(self, choice: Any) -> None:
        """Take a new value from a slider or a field; one that is not valid is told and changes nothing."""
        name, text = str(choice["name"]), choice["value"]
        try:
            self.settle(self.settings.value.changed(name, text))
            self.errors.value = {key: value for key, value in self.errors.value.items() if key != name}
        except InvalidInput as error:
            self.errors.value = {**self.errors.value, name: shortened(str(error))}

    def preset(self, name: str) -> None:
        """Take the settings of a preset and begin again."""
        self.errors.value = {}
        self.settle(with_preset(self.settings.value, str(name)), at_once=True)

    def settle(self, settings: Settings, at_once: bool = False) -> None:
        """Keep settings for the next reset; a run that has not begun takes them at once."""
        self.settings.value = settings
        self.arguments.value = {"settings": settings}
        if at_once or self.model.value.month == 0:
            self.begin(WatchedModel(settings))

    def begin(self, model: WatchedModel) -> None:
        """Put another run in place of the one that is shown, which stops for good."""
        self.holder.value.retire()
        self.holder = RunHolder(model, self.begin)
        self.begun.value += 1
        self.agent.value = -1

    def choose_colour(self, name: str) -> None:
        """Let the colours of the map stand for something else."""
        self.colour.value = checked_colour(str(name))

    def choose_province(self, name: str) -> None:
        """Look at a province, or away from the one that is looked at."""
        chosen = checked_province(str(name))
        self.province.value = "" if chosen == self.province.value else chosen
        self.kind.value, self.agent.value = "operators", -1

    def choose_kind(self, name: str) -> None:
        """Look at another kind of agent."""
        self.kind.value, self.agent.value = checked_kind(str(name)), -1

    def choose_agent(self, row: int) -> None:
        """Look at an agent, or away from the one that is looked at."""
        self.agent.value = -1 if int(row) == self.agent.value else int(row)

    def fetch(self, name: str) -> None:
        """Hand a file to the browser; its number makes the same file asked for twice two."""
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
        """Make what a part shows; a mistake of ours is logged and leaves the part empty instead of the whole page."""
        try:
            return make()
        except Exception:
            logger.exception("a part of the page could not be made")
            return otherwise
