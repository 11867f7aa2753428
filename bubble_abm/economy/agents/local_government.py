"""Local governments: provinces that compete in what is seen of them, and pay for it with subsidies."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.tables import Row, column

LEADERS = 8  # a province compares itself with that many


class LocalGovernmentRow(Row):
    """A province: its place, its budget and its standing in the tournament."""

    id: int = column("", "number of the province")
    sector: int = column("", "sector in the flow matrix")
    region: int = column("", "0 east, 1 central, 2 west")
    hub: int = column("", "1 where sites are near the users of inference")
    latency: float = column("ms", "network delay to the large cities")
    power_price: float = column("CNY/kWh", "price of power for data centres")
    weight: float = column("ratio", "size of the budget relative to the average province")
    cash: float = column("CNY", "deposits")
    envelope: float = column("CNY", "subsidies that can be committed in a year")
    outlay: float = column("CNY", "subsidies committed, fading as new budget years begin")
    subsidy: float = column("share", "subsidy rate on capex")
    gpus_announced: float = column("GPU", "announced in the last twelve months, fading")
    score: float = column("GPU", "what superiors see and compare")
    rank_gap: float = column("1", "distance to the leaders in the score, between -1 and 1")
    gpus_installed: float = column("GPU", "rental GPUs in completed sites")
    gpus_leased: float = column("GPU", "of these leased")
    gpus_installed_new: float = column("GPU", "rental GPUs in completed sites announced since January 2023")
    gpus_leased_new: float = column("GPU", "of these leased")


def visible_score(province: Any, p: Any) -> float:
    """What superiors see of a province and compare: announced capacity, or use as far as use is paid for [GPU].

    Notes
    -----
    Officials compete in what is measured (Xiong 2018). Who pays for use has to measure it, and then it can be compared;
    only use of sites that were announced under the programme counts.
    """
    return (1.0 - p.subsidy_on_use) * province.gpus_announced + p.subsidy_on_use * province.gpus_leased_new


def rank_gap(province: Any, leaders: float, average: float) -> float:
    """Gap to the leaders in the score that superiors see [-1, 1]."""
    return math.tanh((leaders - province.score) / max(average, 1.0))


def next_subsidy(province: Any, centre: Any, p: Any) -> float:
    """Subsidy rate for next month [share of capex].

    A province that lags behind the leaders pays more as long as the centre calls for compute; commitments against
    the fiscal envelope pull the rate down, and so does a fading call.

    Notes
    -----
    Promotion tournament: Xiong 2018, "The mandarin model of growth". What counts is announced, not used, capacity,
    unless subsidies are paid for use.
    """
    ambition = centre.call * (0.35 + p.rank_weight * province.rank_gap)
    strain = 1.2 * province.outlay / max(province.envelope, 1.0)
    fading = 0.01 if centre.call < 0.3 else 0.0
    rate = province.subsidy + p.tournament_intensity * (ambition - strain) - fading
    return min(max(rate, 0.0), p.maximum_subsidy)


def refuses_site(province: Any, chance: float, p: Any) -> bool:
    """Whether a project in this province is refused approval: outside the hubs, by chance.

    Notes
    -----
    The chance is one of each application. Who was refused may apply again when he next comes to a decision.
    """
    return not province.hub and chance < p.hub_only


def lets_start(province: Any, market: Any, p: Any) -> bool:
    """Whether plans may start: what the province has built is used enough, or the nation's sites where it has none.

    Notes
    -----
    A province is measured by its own new sites, together. National use would let it hide empty halls behind the full
    sites of the hubs; single sites would let it be judged by the one that opened last. Without a site of its own, the
    nation's use is all there is to be known.
    """
    use = market.utilisation
    if province.gpus_installed_new > 0.0:
        use = province.gpus_leased_new / province.gpus_installed_new
    return use >= p.approval_utilisation


def subsidy_granted(province: Any, capex: float) -> float:
    """Subsidy for a project that starts: the rate times capex, within envelope and budget [CNY]."""
    room = min(province.envelope - province.outlay, province.cash)
    return max(min(province.subsidy * capex, room), 0.0)


def subsidy_per_gpu(promised: float, gpus: float, p: Any) -> float:
    """Subsidy for a GPU in use: what is promised, spread over a naturally occupied site [CNY/(GPU month)]."""
    return promised / (p.natural_occupancy * max(gpus, 1.0) * p.support_period)


def rescues(province: Any, operator: Any, p: Any, luck: Any) -> bool:
    """Whether the province pays a distressed operator's arrears, a soft budget constraint (Kornai 1986)."""
    room = min(province.envelope - province.outlay, province.cash)
    return luck.rescue < p.rescue_probability and operator.arrears <= room
