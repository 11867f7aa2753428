"""Subsidy on use: part of the subsidy is not granted at the start but paid month by month for GPUs in use.

Without it, the whole subsidy is a grant at the start of construction, whatever becomes of the site.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import annuity, discount_rate, expected_utilisation
from bubble_abm.economy.agents.operator import BANKRUPT, OperatorRow, gpus_leased, is_complete
from bubble_abm.economy.declare import ASSUMED, POLICY, decision, parameters, section
from bubble_abm.economy.ledger import SUBSIDIES, transfer
from bubble_abm.economy.markets.construction import subsidy_lapses
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """Which share of subsidies is paid on use, and for how long."""

    # fmt: off
    parameter = section("subsidy on use")
    subsidy_on_use: float = parameter(
        0, unit="share", low=0, high=1, role="lever", neutral=0,
        source=POLICY,
        meaning="share of the subsidy that is not granted at the start but paid month by month for GPUs in use")
    support_period: float = parameter(
        36, unit="months", low=12, high=60, role="lever", source=ASSUMED,
        meaning="time after opening in which use is paid for; a site at natural occupancy earns the whole promise")
    del parameter
    # fmt: on


class OperatorColumns(Row, extends=OperatorRow):
    """What an operator has been promised for the use of its site."""

    subsidy_promised: float = column("CNY", "subsidy on use that the province has promised, not yet earned")
    subsidy_per_gpu: float = column("CNY/(GPU month)", "subsidy for each leased GPU while the promise lasts")


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def granted_at_once(grant: float, subsidy: float, p: Any) -> float:
    """The part of a subsidy that is granted at the start; the rest is promised for use [CNY or share]."""
    return grant - p.subsidy_on_use * grant


def value_with_promise(value: float, investor: Any, cost: float, subsidy: float, market: Any, p: Any) -> float:
    """Present value of a site per GPU, including the subsidy that its use is expected to earn [CNY/GPU].

    Investors who believe the brokers count on more than will be paid.
    """
    utilisation = expected_utilisation(investor, market, p)
    promised = p.subsidy_on_use * subsidy
    return value + promised * cost * promise_value(utilisation, discount_rate(investor, p), p)


def cost_less_subsidy(cost: float, operator: Any, p: Any) -> float:
    """Cost to be earned on a GPU that is let, less the subsidy that its use earns; may be negative."""
    return cost - operator.subsidy_per_gpu


def score_by_use(score: float, province: Any, p: Any) -> float:
    """What superiors see of a province: announced capacity, or use to the extent that use is paid for [GPU].

    Notes
    -----
    Officials compete in what is measured (Xiong 2018). To pay for use it has to be measured, and then it can be
    compared; only the use of sites announced since January 2023 counts.
    """
    return (1.0 - p.subsidy_on_use) * score + p.subsidy_on_use * province.gpus_leased_new


# --- Decisions ------------------------------------------------------------------------------------------------------


def promise_value(utilisation: float, monthly_rate: float, p: Any) -> float:
    """Present value of one yuan promised for use, at the utilisation expected of the site [CNY].

    It is earned in equal parts over the support period at the natural occupancy, sooner at a fuller site; an emptier
    one earns only part of it.
    """
    pace = utilisation / p.natural_occupancy
    return annuity(monthly_rate, p.support_period / max(pace, 1.0)) * pace / p.support_period


@decision
def subsidy_per_gpu(promised: float, gpus: float, p: Any) -> float:
    """Subsidy for a GPU in use: the promise spread over a site at natural occupancy [CNY/(GPU month)]."""
    return promised / (p.natural_occupancy * max(gpus, 1.0) * p.support_period)


@decision
def subsidy_earned(operator: Any, p: Any) -> float:
    """Subsidy earned by this month's use: a rate for each leased GPU, within what was promised [CNY]."""
    return min(operator.subsidy_per_gpu * gpus_leased(operator), operator.subsidy_promised)


@decision
def support_is_over(operator: Any, month: int, p: Any) -> bool:
    """Whether a promise has come to its end: all of it is earned, or its time since the opening is over."""
    return operator.subsidy_promised <= 0.0 or month - operator.month_opened + 1 >= p.support_period


# --- Steps ----------------------------------------------------------------------------------------------------------


def provinces_promise_for_use(world: Any, p: Any) -> None:
    """Projects that have just started are promised what was committed but not granted at the start."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.month_started == world.market.month:
            operator.subsidy_promised = p.subsidy_on_use * operator.subsidy_committed
            operator.subsidy_per_gpu = subsidy_per_gpu(operator.subsidy_promised, operator.gpus_planned, p)


def provinces_pay_for_use(world: Any, p: Any) -> None:
    """Provinces pay what they promised for leased GPUs; what a site has not earned in time lapses."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.subsidy_promised <= 0.0 or not is_complete(operator):
            continue
        province = world.provinces[operator.province]
        earned = min(subsidy_earned(operator, p), province.cash)
        transfer(world.flows, SUBSIDIES, province, operator, earned)
        operator.subsidy_promised -= earned
        world.market.subsidies += earned
        if support_is_over(operator, world.market.month, p):
            promise_lapses(world, operator)


def promises_to_the_ended_lapse(world: Any) -> None:
    """What was promised to sites that have been wound up is no longer owed."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if operator.stage == BANKRUPT and operator.subsidy_promised > 0.0:
            promise_lapses(world, operator)


def promise_lapses(world: Any, operator: Any) -> None:
    """The part of a promise that was not earned is no longer owed."""
    subsidy_lapses(world, operator, operator.subsidy_promised)
    operator.subsidy_promised = 0.0
    operator.subsidy_per_gpu = 0.0
