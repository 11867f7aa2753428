"""Local governments: provinces compete in what superiors see of them, and pay for it with subsidies."""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How provinces compete and what they can pay."""

    # fmt: off
    parameter = section("state")
    maximum_subsidy: float = parameter(
        0.26, unit="share", low=0, high=0.5, role="uncertain",
        source="assumption: provincial schemes pay up to 0.30 of capex", reported=(0, 0.3),
        meaning="highest subsidy rate that a province may pay")
    tournament_intensity: float = parameter(
        0.0179, unit="1/month", low=0, high=0.08, role="uncertain", sampled=(0.004, 0.08),
        source="assumption: a promotion tournament, Xiong 2018",
        meaning="speed at which ambition and fiscal strain move the subsidy rate")
    rank_weight: float = parameter(
        1, unit="1", low=0, high=1, role="lever", source="Xiong 2018; switch of an experiment",
        meaning="weight of the gap to the leaders in a province's ambition; 0 is a call without a tournament")
    leading_provinces: float = parameter(
        8.0, unit="provinces", low=1, high=31, role="fixed", whole=True, source=ASSUMED,
        meaning="leading provinces with which a province compares itself")
    base_ambition: float = parameter(
        0.35, unit="1", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="ambition of a province that is level with the leaders")
    fiscal_strain: float = parameter(
        1.2, unit="1", low=0, high=10, role="fixed", source=ASSUMED,
        meaning="strength with which commitments, relative to the envelope, pull the subsidy rate down")
    weak_call: float = parameter(
        0.3, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="central call below which subsidy rates fade")
    subsidy_fading: float = parameter(
        0.01, unit="1/month", low=0, high=0.2, role="fixed", source=ASSUMED,
        meaning="monthly fall of the subsidy rate under a weak call")
    first_subsidy: float = parameter(
        0.2, unit="share", low=0, high=1, role="fixed", founding=True, source=ASSUMED,
        meaning="subsidy rate in January 2023, relative to the highest")
    fiscal_envelope: float = parameter(
        2.67e9, unit="CNY", low=0, high=1e10, role="fixed", founding=True, source=ASSUMED,
        meaning="most subsidies and rescues that a province of average size can have committed at a time")
    budget_renewal: float = parameter(
        0.04, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of its commitments that the centre makes good to a province each month")
    central_funds: float = parameter(
        60.0, unit="envelopes", low=0, high=1000, role="fixed", founding=True, source=ASSUMED,
        meaning="cash of the centre in January 2023, in envelopes of a province of average size")
    rescue_probability: float = parameter(
        0.00893, unit="1/month", low=0, high=0.3, role="uncertain", sampled=(0.005, 0.3),
        source="assumption: a soft budget constraint, Kornai 1986",
        meaning="monthly chance that the province pays a distressed operator's arrears")
    del parameter
    # fmt: on


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
    envelope: float = column("CNY", "most subsidies and rescues that can be committed at a time")
    outlay: float = column("CNY", "subsidies and rescues committed, less what the centre has made good since")
    subsidy: float = column("share", "subsidy rate on capex")
    gpus_announced: float = column("GPU", "capacity announced; a twelfth fades every month")
    score: float = column("GPU", "what superiors see and compare")
    rank_gap: float = column("1", "gap to the leaders in the score, between -1 and 1")
    gpus_installed: float = column("GPU", "rental GPUs in completed sites")
    gpus_leased: float = column("GPU", "leased in these sites")
    gpus_installed_new: float = column("GPU", "rental GPUs in completed sites announced since January 2023")
    gpus_leased_new: float = column("GPU", "leased in these sites")


@decision
def visible_score(province: Any, p: Any) -> float:
    """What superiors see of a province and compare: announced capacity [GPU].

    Notes
    -----
    Officials compete in what is measured (Xiong 2018): announced capacity, whether it is used or not.
    """
    return province.gpus_announced


@decision
def rank_gap(province: Any, leaders: float, average: float) -> float:
    """Gap between the leaders' score and a province's, relative to the average score and squashed [-1, 1]."""
    return math.tanh((leaders - province.score) / max(average, 1.0))


@decision
def next_subsidy(province: Any, centre: Any, p: Any) -> float:
    """Subsidy rate for next month [share of capex].

    A province that lags behind the leaders pays more while the centre calls for compute; commitments, relative to the
    fiscal envelope, pull the rate down, and under a weak call it fades.

    Notes
    -----
    Promotion tournament: Xiong 2018, "The mandarin model of growth". What counts is announced, not used, capacity,
    unless subsidies are paid for use.
    """
    ambition = centre.call * (p.base_ambition + p.rank_weight * province.rank_gap)
    strain = p.fiscal_strain * province.outlay / max(province.envelope, 1.0)
    fading = p.subsidy_fading if centre.call < p.weak_call else 0.0
    rate = province.subsidy + p.tournament_intensity * (ambition - strain) - fading
    return min(max(rate, 0.0), p.maximum_subsidy)


def use_of_new_sites(province: Any, market: Any) -> float:
    """Use of a province's new sites together; of all the nation's sites where it has none [share].

    Notes
    -----
    National use would let a province hide empty halls behind the full sites of the hubs; a single site would be judged
    while it is still being let. Where a province has no new site, national use is all there is to know.
    """
    if province.gpus_installed_new > 0.0:
        return province.gpus_leased_new / province.gpus_installed_new
    return market.utilisation


@decision
def approves_site(province: Any, chance: float, p: Any) -> bool:
    """Whether a project may be announced in this province; ``chance`` is the luck of the application."""
    return True


@decision
def approves_start(province: Any, market: Any, p: Any) -> bool:
    """Whether plans in this province may start construction."""
    return True


@decision
def grant_paid(subsidy: float, p: Any) -> float:
    """Part of a subsidy that is paid at the start of construction: all of it [CNY]."""
    return subsidy


@decision
def subsidy_granted(province: Any, capex: float) -> float:
    """Subsidy committed to a project that starts: the rate times capex, within envelope and cash [CNY]."""
    room = min(province.envelope - province.outlay, province.cash)
    return max(min(province.subsidy * capex, room), 0.0)


@decision
def rescues(province: Any, operator: Any, p: Any, luck: Any) -> bool:
    """Whether the province pays a distressed operator's arrears: a soft budget constraint (Kornai 1986)."""
    room = min(province.envelope - province.outlay, province.cash)
    return luck.rescue < p.rescue_probability and operator.arrears <= room
