"""The state: the centre calls and brakes, provinces compete and pay."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.central_government import brakes, next_call, taxes
from bubble_abm.economy.agents.local_government import next_subsidy, rank_gap, visible_score
from bubble_abm.economy.ledger import FISCAL_TRANSFERS, TAXES, transfer


def centre_calls(world: Any, p: Any) -> None:
    """The centre watches national utilisation, and calls for compute or brakes."""
    centre = world.centre
    centre.months_low = centre.months_low + 1 if world.market.utilisation < p.brake_threshold else 0
    centre.brake = 1 if brakes(centre, p) else 0
    centre.call = next_call(centre, p)


def centre_levies_taxes(world: Any, p: Any) -> None:
    """Households pay taxes, which make good what the centre has spent."""
    amount = max(min(taxes(world.centre, p), world.households.cash), 0.0)
    transfer(world.flows, TAXES, world.households, world.centre, amount)


def provinces_set_subsidies(world: Any, p: Any) -> None:
    """Provinces compare their score with the leaders' and set subsidy rates; part of what they spent is refunded."""
    for province in world.provinces:
        province.score = visible_score(province, p)
    leaders, average = scores_to_reach(world, p)
    for province in world.provinces:
        refill = min(p.budget_renewal * province.outlay, world.centre.cash)
        transfer(world.flows, FISCAL_TRANSFERS, world.centre, province, refill)
        province.outlay -= refill
        province.rank_gap = rank_gap(province, leaders, average)
        province.subsidy = next_subsidy(province, world.centre, p)
        province.gpus_announced *= 11.0 / 12.0  # one month of a year's window passes


def scores_to_reach(world: Any, p: Any) -> tuple:
    """Mean score of the leading provinces, and of all provinces [GPU]."""
    total = 0.0
    for province in world.provinces:
        total += province.score
    leaders = 0.0
    for row in range(len(world.provinces)):
        score = world.provinces[row].score
        ahead = 0
        for other in range(len(world.provinces)):
            rival = world.provinces[other].score
            ahead += rival > score or (rival == score and other < row)
        if ahead < p.leading_provinces:
            leaders += score
    return leaders / p.leading_provinces, total / len(world.provinces)
