"""The state of one open page: settings, run, seeds, cursor, selections and errors, as reactive values."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import solara

from bubble_abm.economy.accounts import SECTORS
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.outside import month_number
from bubble_abm.page.downloads import MEDIA, content
from bubble_abm.page.flows import SPANS
from bubble_abm.page.inspector import checked_kind
from bubble_abm.page.kept import MOST, keep
from bubble_abm.page.links import Opened, read_link, write_link
from bubble_abm.page.many_seeds import SEEDS, Cancelled, key_of, known_pairs, pairs_of
from bubble_abm.page.members import OVER_MEMBERS, checked_crowd, members
from bubble_abm.page.policies import COMPARED, under, without_policies
from bubble_abm.page.province_map import checked_colour, checked_province
from bubble_abm.page.run import watch
from bubble_abm.page.scenes import SCENES
from bubble_abm.page.settings import Settings, check_offered, with_preset
from bubble_abm.page.sweep import sweep
from bubble_abm.page.threads import waited_for
from bubble_abm.page.words import ENGLISH, checked_language, speaking

logger = logging.getLogger(__name__)
PATIENCE = 0.2  # seconds between two reports of how many seeds are done


class Visit:
    """The state of one open page.

    Parameters
    ----------
    query : str
        Query of the address with which the page was opened.
    language : str
        Language of the words if the address names none.
    """

    wanted = SEEDS

    def __init__(self, query: str, language: str = ENGLISH) -> None:
        opened = read_link(query)
        self.language = solara.reactive(opened.language or language)
        self.opened_at = -1 if opened.month is None else opened.month
        self.settings = solara.reactive(opened.settings)
        self.run: Any = solara.reactive(waited_for(watch, opened.settings))
        self.pairs: Any = solara.reactive(None)
        self.members: Any = solara.reactive(None)  # the same of the economies of the ensemble
        self.awaited = solara.reactive(0)  # economies that are still computed
        self.crowd = solara.reactive(opened.bands)  # whose bands are in the charts
        self.done = solara.reactive(0)  # seeds computed so far
        self.month = solara.reactive(self.opened_at)  # where the cursor rests, -1 for the end
        self.order: Any = solara.reactive({})  # where the page wants the cursor to go
        self.colour = solara.reactive(opened.colour)
        self.province = solara.reactive(opened.province)
        self.kind = solara.reactive(opened.kind)
        self.agent = solara.reactive(opened.agent)
        self.sector = solara.reactive(opened.sector)  # whose payments are shown
        self.span = solara.reactive(opened.span)  # those of a month or of a year
        self.file: Any = solara.reactive({})
        self.problems: Any = solara.reactive(opened.problems)
        self.errors: Any = solara.reactive({})
        self.typed: Any = solara.reactive({})  # what could not be read, as it was typed
        self.kept: Any = solara.reactive(())
        self.grey: Any = solara.reactive(None)  # the kept run under the charts
        self.scene = solara.reactive(opened.scene - 1)
        self.base: Any = solara.reactive(None)  # many seeds of these settings without their policies
        self.league: Any = solara.reactive({})  # many seeds of each policy
        self.league_busy = solara.reactive(-1)  # policies of the comparison done so far, -1 if it does not run
        self.swept = solara.reactive("")  # the parameter of the sweep
        self.sweep: Any = solara.reactive(None)
        self.sweep_of = opened.settings
        self.sweep_done = solara.reactive(0)
        self.sweep_cancelled = threading.Event()
        self.left = threading.Event()
        self.cancelled = threading.Event()

    # --- Actions of the visitor ---------------------------------------------------------------------------------------

    def change(self, choice: Any) -> None:
        """Take a new value from a slider or a field; an invalid one is reported, and stays in its field."""
        name, text = str(choice["name"]), choice["value"]
        try:
            settings = self.settings.value.changed(name, text)
        except InvalidInput as error:
            self.typed.value = {**self.typed.value, name: str(text)}  # first, or the field would show its old value
            self.errors.value = {**self.errors.value, name: str(error)}
            return
        self.errors.value = {key: value for key, value in self.errors.value.items() if key != name}
        self.typed.value = {key: value for key, value in self.typed.value.items() if key != name}
        self.settle(settings)

    def preset(self, name: str) -> None:
        """Use the settings of a preset."""
        self.errors.value, self.typed.value = {}, {}
        self.settle(with_preset(self.settings.value, str(name)))

    def show_scene(self, number: int) -> None:
        """Set the page to a scene of the story, with the seed and the length that it has; the same again ends it."""
        if int(number) == self.scene.value:
            self.scene.value = -1
            return
        scene = SCENES[int(number)]
        self.errors.value, self.typed.value = {}, {}
        self.settle(replace(self.settings.value, values=dict(scene.values), shock=True, since={}))
        self.scene.value = int(number)
        self.colour.value = scene.colour
        self.send(month_number(scene.month) + 1)

    def choose_policy(self, name: str) -> None:
        """Use one of the compared policies."""
        self.errors.value, self.typed.value = {}, {}
        self.settle(under(COMPARED[str(name)], self.settings.value))

    def compare_policies(self, _: Any = None) -> None:
        """Compute many seeds of every policy, one after the other."""
        if self.league_busy.value < 0:
            self.league.value = {}
            self.league_busy.value = 0
            base = without_policies(self.settings.value)
            threading.Thread(target=self.compute_league, args=(base, self.left), daemon=True).start()

    def compute_league(self, base: Settings, left: threading.Event) -> None:
        """Compute many seeds of every policy, until the visitor leaves."""
        try:
            for number, (name, remedy) in enumerate(COMPARED.items(), start=1):
                found = pairs_of(under(remedy, base), cancelled=left)
                self.league.value = {**self.league.value, name: found}
                self.league_busy.value = number
        except Cancelled:
            return
        except Exception:
            logger.exception("policies could not be compared")
        self.league_busy.value = -1

    def begin_sweep(self, name: str) -> None:
        """Run a parameter through its range in the background."""
        check_offered(str(name))
        self.close_sweep()
        self.sweep_cancelled = threading.Event()
        self.swept.value, self.sweep_of = str(name), self.settings.value
        threading.Thread(
            target=self.compute_sweep, args=(self.sweep_of, str(name), self.sweep_cancelled), daemon=True
        ).start()

    def close_sweep(self, _: Any = None) -> None:
        """Give up the sweep and take it off the page."""
        self.sweep_cancelled.set()
        self.swept.value, self.sweep.value, self.sweep_done.value = "", None, 0

    def compute_sweep(self, settings: Settings, name: str, cancelled: threading.Event) -> None:
        """Run a parameter through its range, unless it is given up."""
        try:
            found = sweep(settings, name, self.telling(self.sweep_done, cancelled), cancelled)
        except Cancelled:
            return
        except Exception:
            logger.exception("a sweep could not be computed")
            return
        if not cancelled.is_set():
            self.sweep.value = found

    def telling(self, done: Any, cancelled: threading.Event) -> Callable[[int], None]:
        """Return a function that reports progress, but not more often than the page can show it."""
        last = [time.monotonic()]

        def told(number: int) -> None:
            if time.monotonic() - last[0] > PATIENCE and not cancelled.is_set():
                last[0] = time.monotonic()
                done.value = number

        return told

    def send(self, month: int) -> None:
        """Send the cursor to a month."""
        self.order.value = {"month": month, "number": self.order.value.get("number", 0) + 1}

    def keep(self, _: Any = None) -> None:
        """Put the run aside and lay it under the charts."""
        if len(self.kept.value) < MOST:
            self.kept.value = (*self.kept.value, keep(self.run.value))
            self.grey.value = self.run.value

    def lay_grey(self, place: int) -> None:
        """Lay a kept run under the charts; the same again takes it away."""
        settings = self.kept.value[int(place)].settings
        self.grey.value = None if int(place) == self.grey_number else waited_for(watch, settings)

    def forget(self, place: int) -> None:
        """Forget a kept run."""
        if int(place) == self.grey_number:
            self.grey.value = None
        self.kept.value = (*self.kept.value[: int(place)], *self.kept.value[int(place) + 1 :])

    def settle(self, settings: Settings) -> None:
        """Run settings at once, and many seeds of them in the background."""
        same = key_of(settings) == key_of(self.settings.value)
        self.settings.value = settings
        self.agent.value, self.scene.value = -1, -1
        if settings != self.run.value.settings:
            self.run.value = waited_for(watch, settings)
        if not same:
            self.begin_seeds()

    def rest(self, month: Any) -> None:
        """Note where the cursor has come to rest; -1 is the end."""
        self.month.value = int(month) if 0 <= int(month) < self.run.value.reached else -1

    def speak(self, code: str) -> None:
        """Change the language."""
        self.language.value = checked_language(str(code))

    def choose_colour(self, name: str) -> None:
        """Choose the quantity that the colours of the map show."""
        self.colour.value = checked_colour(str(name))

    def choose_crowd(self, name: str) -> None:
        """Choose whether bands and dates are those of seeds or of the economies of the ensemble."""
        self.crowd.value = checked_crowd(str(name))

    def choose_province(self, name: str) -> None:
        """Select a province; selecting it again deselects it."""
        chosen = checked_province(str(name))
        self.province.value = "" if chosen == self.province.value else chosen
        self.kind.value, self.agent.value = "operators", -1

    def choose_kind(self, name: str) -> None:
        """Select a kind of agent."""
        self.kind.value, self.agent.value = checked_kind(str(name)), -1

    def choose_agent(self, choice: Any) -> None:
        """Select an agent; selecting it again deselects it. A click into a list that has gone since chooses nobody."""
        if choice["kind"] == self.kind.value:
            row = int(choice["row"])
            self.agent.value = -1 if row == self.agent.value else row

    def choose_other(self, choice: Any) -> None:
        """Select the agent on the other side of a lease."""
        self.kind.value, self.agent.value = checked_kind(str(choice["kind"])), int(choice["row"])

    def choose_sector(self, number: int) -> None:
        """Select the sector whose payments are shown."""
        self.sector.value = SECTORS[int(number)]

    def choose_span(self, months: int) -> None:
        """Choose whether payments of a month or of a year are shown."""
        self.span.value = next(name for name, length in SPANS.items() if length == int(months))

    def fetch(self, name: str) -> None:
        """Send a file to the browser, with a number so that requesting the same file twice sends it twice."""
        others = [one.settings for one in self.kept.value]
        with speaking(self.language.value):
            text, media = waited_for(content, str(name), self.run.value, others), MEDIA[str(name).rpartition(".")[2]]
        number = self.file.value.get("number", 0) + 1
        self.file.value = {"name": str(name), "text": text, "media": media, "number": number}

    # --- Many seeds ---------------------------------------------------------------------------------------------------

    def begin_seeds(self) -> None:
        """Compute many seeds of the present settings in the background, instead of those of settings before."""
        self.cancelled.set()
        self.cancelled = threading.Event()
        settings = self.settings.value
        self.pairs.value = known_pairs(settings)
        self.base.value = known_pairs(without_policies(settings))
        self.members.value = known_pairs(settings, OVER_MEMBERS)
        self.awaited.value = 0 if self.members.value else len(members())
        if None in (self.pairs.value, self.base.value) or (members() and self.members.value is None):
            self.done.value = 0
            threading.Thread(target=self.compute_seeds, args=(settings, self.cancelled), daemon=True).start()

    def compute_seeds(self, settings: Settings, cancelled: threading.Event) -> None:
        """Compute many seeds, and then the economies of the ensemble if there is one, unless they are cancelled."""
        try:
            found = pairs_of(settings, self.telling(self.done, cancelled), cancelled)
            if not cancelled.is_set():
                self.pairs.value = found
            base = pairs_of(without_policies(settings), cancelled=cancelled)
            if not cancelled.is_set():
                self.base.value = base
            if members():
                found = pairs_of(settings, cancelled=cancelled, crowd=OVER_MEMBERS)
                if not cancelled.is_set():
                    self.members.value = found
        except Cancelled:
            return
        except Exception:
            logger.exception("many seeds could not be computed")
        finally:
            if not cancelled.is_set():
                self.awaited.value = 0

    def leave(self) -> None:
        """Stop what runs in the background."""
        for one in (self.cancelled, self.sweep_cancelled, self.left):
            one.set()

    # --- What is shown ------------------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """Number of months at which the cursor rests."""
        reached = int(self.run.value.reached)
        return reached if self.month.value < 0 else min(int(self.month.value), reached)

    @property
    def grey_number(self) -> int:
        """Place among the kept runs of the one under the charts, -1 if there is none."""
        grey = self.grey.value
        places = [place for place, one in enumerate(self.kept.value) if grey and one.settings == grey.settings]
        return places[-1] if places else -1

    @property
    def query(self) -> str:
        """Query of the address that opens this state."""
        month = None if self.cursor == self.run.value.reached else self.cursor
        return write_link(
            Opened(
                self.settings.value, month, self.colour.value, self.province.value, self.in_address,
                bands=self.crowd.value, kind=self.kind.value, agent=self.agent.value,
                sector=self.sector.value, span=self.span.value, scene=self.scene.value + 1,
            )
        )  # fmt: skip

    @property
    def many(self) -> Any:
        """The many runs whose bands and dates are shown; None until they are there."""
        return self.members.value if self.crowd.value == OVER_MEMBERS else self.pairs.value

    @property
    def in_address(self) -> str:
        """Language as it stands in an address; English does not."""
        return "" if self.language.value == ENGLISH else str(self.language.value)

    def made(self, make: Callable[[], Any], otherwise: Any, depends: Sequence[Any]) -> Any:
        """Return what a component shows; it is made again when the language or what it depends on changes."""
        code = self.language.value

        def in_words() -> Any:
            with speaking(code):
                return self.safely(make, otherwise)

        return solara.use_memo(in_words, [code, *depends])

    def safely(self, make: Callable[[], Any], otherwise: Any) -> Any:
        """Return what a component shows; after an error, which is logged, the component is empty but not the page."""
        try:
            return make()
        except Exception:
            logger.exception("a part of the page could not be made")
            return otherwise
