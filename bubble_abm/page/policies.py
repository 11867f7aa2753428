"""Prevent it: policies as switches, each with the month in which it begins, and policies to compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import solara

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.page.scorecard import card, heads, league
from bubble_abm.page.settings import FROM, POLICY_PARAMETERS, Settings
from bubble_abm.page.templates import template
from bubble_abm.page.words import in_own_language, label, say

if TYPE_CHECKING:
    from bubble_abm.page.visit import Visit


@dataclass(frozen=True)
class Switch:
    """A policy that can be switched on: its parameter, the value that it then has, and its name."""

    parameter: str
    value: float
    name: str


@dataclass(frozen=True)
class Remedy:
    """Policies in force together: their parameters, and the months in which those begin that begin later."""

    name: str
    values: Mapping[str, float] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)


SWITCHES = (
    Switch("maximum_subsidy", 0.0, "no subsidies"),
    Switch("subsidy_on_use", 1.0, "subsidies for use, not for building"),
    Switch("public_register", 1.0, "a public register of projects"),
    Switch("leverage_cap", 0.3, "at most 30 % debt"),
    Switch("approval_utilisation", 0.5, "no start where half stands idle"),
    Switch("hub_only", 1.0, "new sites near users only"),
    Switch("take_over_mandate", 1.0, "the state takes over failed sites"),
    Switch("rank_weight", 0.0, "provinces do not compete for rank"),
    Switch("export_control_strength", 0.0, "no export control"),
)
#: Policies to choose with one click: what keeps most seeds, and most economies of the ensemble, from a pop ...
PREVENTING = (
    Remedy("near users, no start where a tenth stands idle", {"hub_only": 1.0, "approval_utilisation": 0.9}),
    Remedy("30 % debt, no start where a tenth stands idle", {"leverage_cap": 0.3, "approval_utilisation": 0.9}),
    Remedy("register, no start where a tenth stands idle", {"public_register": 1.0, "approval_utilisation": 0.9}),
)
#: ... and what does not. Whether each does what it is listed for is tested; what it costs, the score card measures.
FAILING = (
    Remedy("no subsidies", {"maximum_subsidy": 0.0}),
    Remedy("subsidies for use, not for building", {"subsidy_on_use": 1.0}),
    Remedy("the state takes over failed sites", {"take_over_mandate": 1.0}),
    Remedy(
        "register, no start where a tenth stands idle, from July 2025 only",
        {"public_register": 1.0, "approval_utilisation": 0.9},
        {"public_register": 30, "approval_utilisation": 30},
    ),
)
COMPARED: dict[str, Remedy] = {
    one.name: one
    for one in (
        Remedy("as it was"),
        *(Remedy(switch.name, {switch.parameter: switch.value}) for switch in SWITCHES),
        *PREVENTING,
        *FAILING,
    )
}


def under(remedy: Remedy, settings: Settings) -> Settings:
    """Return the settings with these policies instead of their own."""
    base = without_policies(settings)
    return replace(base, values={**base.values, **remedy.values}, since=dict(remedy.since))


def remedies(settings: Settings) -> list[dict[str, Any]]:
    """Return the policies to choose with one click, those that prevent the pop first."""
    return [
        {
            "title": title,
            "choices": [
                {"name": one.name, "title": say(one.name), "chosen": under(one, settings) == settings} for one in group
            ],
        }
        for title, group in ((say("These prevent it:"), PREVENTING), (say("These do not:"), FAILING))
    ]


def remedy_of(settings: Settings) -> str:
    """Name of the compared policy that the settings are, and nothing else; empty if there is none."""
    plain = Settings(seed=settings.seed, months=settings.months)
    return next((one.name for one in COMPARED.values() if under(one, plain) == settings), "")


def switches(settings: Settings) -> list[dict[str, Any]]:
    """Return the switches as the page shows them."""
    return [
        {
            "parameter": switch.parameter,
            "name": policy_in_words(switch.parameter, settings.values.get(switch.parameter, switch.value)),
            "on": switch.parameter in settings.values,
            "value": switch.value,
            "off": DECLARED[switch.parameter].default,
            "since": settings.since.get(switch.parameter, 0),
            "about": say(DECLARED[switch.parameter].metadata["meaning"]),
        }
        for switch in SWITCHES
    ]


def policy_in_words(parameter: str, value: float) -> str:
    """Name a policy: what its switch does, or, if it is set to something else, the parameter and its value."""
    switch = next(one for one in SWITCHES if one.parameter == parameter)
    if value == switch.value:
        return say(switch.name)
    return say("{policy} at {value:g}", policy=say(parameter.replace("_", " ")), value=value)


def without_policies(settings: Settings) -> Settings:
    """Return the settings with all policies as they were."""
    values = {name: value for name, value in settings.values.items() if name not in POLICY_PARAMETERS}
    return Settings(values, settings.shock, settings.seed, settings.months)


def busy_words(done: int) -> str:
    """Say how far the comparison of all policies is; empty if it does not run."""
    if done < 0:
        return ""
    return say("{done} of {all} policies", done=done, all=len(COMPARED)) if done else say("computing ...")


@template("policies")
def Policies(
    switches: Any = None, remedies: Any = (), months: Any = (), prefix: str = FROM, card: Any = None,
    heads: Any = (), league: Any = None, busy: str = "",
    event_change: Callable[[Any], None] | None = None, event_league: Callable[[Any], None] | None = None,
    event_choose: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Offer policies, and show what they do over many seeds."""


@solara.component
@in_own_language
def PoliciesPart(visit: Visit) -> None:
    """Switches, the score card of the present policies, and a comparison of all."""
    settings, pairs, base = visit.settings.value, visit.pairs.value, visit.base.value
    Policies(
        switches=switches(settings),
        remedies=remedies(settings),
        months=[label(month) for month in range(min(settings.months, 60))],
        card=visit.made(lambda: card(pairs, base), {}, [pairs, base]),
        heads=heads(),
        league=league([(name, visit.league.value.get(name)) for name in COMPARED] if visit.league.value else []),
        busy=busy_words(visit.league_busy.value),
        event_change=visit.change,
        event_league=visit.compare_policies,
        event_choose=visit.choose_policy,
    )
