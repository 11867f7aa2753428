"""Engineering: sites near the users, in milliseconds, and sites with a development team serve inference best.

Some sponsors bundle the team that brings a tenant's model to work with the compute; all others offer cards and
electricity.
Without it, sites near the users are all alike, the rest are all alike, and the owner's experience is all that counts.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import CONVERTED
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, parameters, section
from bubble_abm.economy.kinds import INVESTOR
from bubble_abm.economy.luck import BIRTH, draw_block
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How far milliseconds and teams count, and who has a team."""

    # fmt: off
    parameter = section("engineering")
    latency_weight: float = parameter(
        0, unit="share", low=0, high=1, role="fixed", neutral=0, source=ASSUMED,
        meaning="how far fitness for inference follows the delay to the users rather than two classes of provinces")
    bare_engineering: float = parameter(
        1, unit="share", low=0.05, high=1, role="fixed", neutral=1, source=ASSUMED,
        meaning="fitness for inference of a site that offers cards and electricity, relative to one with a team")
    bundling_share: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="share of sponsors who bundle a development team with the compute")
    del parameter
    # fmt: on


class InvestorColumns(Row, extends=InvestorRow):
    """What a sponsor offers with its compute."""

    bundles: int = column("", "1 if it bundles a development team with the compute")


def mean_latency(hub: int) -> float:
    """Mean delay to the large cities, of the provinces near the users or of the others [ms]."""
    delays = [province.latency for province in PROVINCES if province.hub == hub]
    return sum(delays) / len(delays)


NEAR, FAR = mean_latency(1), mean_latency(0)  # not behaviour: the delays to which the two fitnesses belong


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def nearness_by_latency(nearness: float, province: Any, p: Any) -> float:
    """Fitness for inference that a site owes to its place: it falls by the same share with every millisecond [share].

    At the mean delay of the provinces near the users, and at that of the others, it is what it is in two classes.
    """
    if p.latency_weight <= 0.0:
        return nearness
    steps = (province.latency - NEAR) / (FAR - NEAR)
    by_latency = p.hub_suitability * exp(steps * math.log(p.interior_suitability / p.hub_suitability))
    return nearness + p.latency_weight * (min(by_latency, 1.0) - nearness)


def engineering_of_team(engineering: float, operator: Any, investor: Any, p: Any) -> float:
    """Fitness for inference that a site owes to who runs it: less without a development team [share]."""
    has_team = investor.bundles or operator.conversion == CONVERTED
    return engineering if has_team else engineering * p.bare_engineering


# --- Steps ----------------------------------------------------------------------------------------------------------


def some_sponsors_bundle_teams(world: Any, p: Any, seed: int) -> None:
    """At the founding, a share of sponsors has engineers to offer with the compute."""
    for i in range(len(world.investors)):
        _, _, _, bundles = draw_block(seed, INVESTOR, i, BIRTH, 2)
        world.investors[i].bundles = bundles < p.bundling_share
