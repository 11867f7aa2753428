"""Provinces: the tournament, the grant, the rescue."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorRow
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def province(**values: float) -> object:
    return filled(LocalGovernmentRow, **values)


def centre(call: float) -> object:
    return filled(CentralGovernmentRow, call=call)


CONTEST = given(
    tournament_intensity=0.02,
    maximum_subsidy=0.3,
    rank_weight=1.0,
    base_ambition=0.35,
    fiscal_strain=1.2,
    weak_call=0.3,
    subsidy_fading=0.01,
)
NO_CONTEST = given(**(vars(CONTEST) | {"rank_weight": 0.0}))
SOFT = given(rescue_probability=0.03)
CASES = [
    Case("rank_gap", "a province level with the leaders has none", (province(score=500), 500.0, 100.0), 0.0),
    Case("rank_gap", "an average capacity behind is tanh 1", (province(score=500), 1000.0, 500.0), 0.7615941559557649),
    Case("rank_gap", "far ahead it is minus one", (province(score=1e9), 0.0, 1.0), -1.0),
    Case("rank_gap", "nobody has anything to show", (province(), 0.0, 0.0), 0.0),
    Case("visible_score", "announced capacity", (province(gpus_announced=900, gpus_leased_new=100), given()), 900.0),
    Case("next_subsidy", "laggards raise it when called", (province(subsidy=0.1, rank_gap=0.15, envelope=100), centre(1.0), CONTEST), 0.11),
    Case("next_subsidy", "without a contest the call alone counts", (province(subsidy=0.1, rank_gap=0.9, envelope=100), centre(1.0), NO_CONTEST), 0.107),
    Case("next_subsidy", "half a budget spent pulls it down", (province(subsidy=0.1, rank_gap=0.15, envelope=100, outlay=50), centre(1.0), CONTEST), 0.098),
    Case("next_subsidy", "it fades with the call", (province(subsidy=0.1, rank_gap=0.15, envelope=100), centre(0.2), CONTEST), 0.092),
    Case("next_subsidy", "never above the maximum", (province(subsidy=0.3, rank_gap=1.0, envelope=100), centre(1.0), CONTEST), 0.3),
    Case("next_subsidy", "never negative", (province(subsidy=0.0, rank_gap=-1.0, envelope=100), centre(0.0), CONTEST), 0.0),
    Case("next_subsidy", "without a budget and outlay there is no strain", (province(subsidy=0.1, rank_gap=0.15), centre(1.0), CONTEST), 0.11),
    Case("approves_site", "any, where nobody refuses", (province(), 0.0, given()), True),
    Case("approves_start", "any, however empty the sites are", (province(gpus_installed_new=100), given(), given()), True),
    Case("grant_paid", "all of it at the start", (80.0, given()), 80.0),
    Case("subsidy_granted", "the rate times capex", (province(subsidy=0.2, envelope=1000, cash=1000), 100.0), 20.0),
    Case("subsidy_granted", "what is left of the envelope", (province(subsidy=0.2, envelope=1000, outlay=990, cash=1000), 100.0), 10.0),
    Case("subsidy_granted", "what is in the purse", (province(subsidy=0.2, envelope=1000, cash=5), 100.0), 5.0),
    Case("subsidy_granted", "nothing once the envelope is overspent", (province(subsidy=0.2, envelope=100, outlay=300, cash=1000), 100.0), 0.0),
    Case("rescues", "with luck and room", (province(envelope=100, cash=100), filled(OperatorRow, arrears=100), SOFT, given(rescue=0.029)), True),
    Case("rescues", "not without luck", (province(envelope=100, cash=100), filled(OperatorRow, arrears=10), SOFT, given(rescue=0.03)), False),
    Case("rescues", "not beyond the envelope", (province(envelope=100, outlay=95, cash=100), filled(OperatorRow, arrears=10), SOFT, given(rescue=0.0)), False),
    Case("rescues", "not beyond the purse", (province(envelope=100, cash=9), filled(OperatorRow, arrears=10), SOFT, given(rescue=0.0)), False),
]  # fmt: skip


@table(CASES)
def test_a_province_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
