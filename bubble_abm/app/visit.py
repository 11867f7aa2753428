"""One visitor's page: what was chosen, the run, and what went wrong, each watched by the parts that show it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import solara

from bubble_abm.app.links import Opened, read_link, write_link
from bubble_abm.app.session import WatchedModel
from bubble_abm.app.settings import Settings, with_preset
from bubble_abm.app.tile_map import checked_colour, checked_province
from bubble_abm.parameters import InvalidInput

logger = logging.getLogger(__name__)
Seen = TypeVar("Seen")


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
        self.model = solara.reactive(WatchedModel(opened.settings, until=opened.month))
        self.arguments: Any = solara.reactive({"settings": opened.settings})
        self.colour = solara.reactive(opened.colour)
        self.province = solara.reactive(opened.province)
        self.agent: Any = solara.reactive(("operators", -1))
        self.problems: Any = solara.reactive(opened.problems)
        self.errors: Any = solara.reactive({})
        self.interval = solara.reactive(150)

    # --- What a visitor does ----------------------------------------------------------------------------------------

    def change(self, choice: Any) -> None:
        """Take a new value from a slider or a field; one that is not valid is told and changes nothing."""
        name, text = str(choice["name"]), choice["value"]
        try:
            self.settle(self.settings.value.changed(name, text))
            self.errors.value = {key: value for key, value in self.errors.value.items() if key != name}
        except InvalidInput as error:
            self.errors.value = {**self.errors.value, name: str(error)}

    def preset(self, name: str) -> None:
        """Take the settings of a preset and begin again."""
        self.errors.value = {}
        self.settle(with_preset(self.settings.value, str(name)), at_once=True)

    def settle(self, settings: Settings, at_once: bool = False) -> None:
        """Keep settings for the next reset; a run that has not begun takes them at once."""
        self.settings.value = settings
        self.arguments.value = {"settings": settings}
        if at_once or self.model.value.month == 0:
            self.model.value = WatchedModel(settings)

    def choose_colour(self, name: str) -> None:
        """Let the colours of the map stand for something else."""
        self.colour.value = checked_colour(str(name))

    def choose_province(self, name: str) -> None:
        """Look at a province, or away from the one that is looked at."""
        chosen = checked_province(str(name))
        self.province.value = "" if chosen == self.province.value else chosen
        self.agent.value = ("operators", -1)

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

    def safely(self, make: Callable[[], Seen], otherwise: Seen) -> Seen:
        """Make what a part shows; a mistake of ours is logged and leaves the part empty instead of the whole page."""
        try:
            return make()
        except Exception:
            logger.exception("a part of the page could not be made")
            return otherwise
