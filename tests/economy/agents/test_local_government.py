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


CONTEST = given(tournament_intensity=0.02, maximum_subsidy=0.3, rank_weight=1.0)
NO_CONTEST = given(tournament_intensity=0.02, maximum_subsidy=0.3, rank_weight=0.0)
GATE = given(approval_utilisation=0.6)
SOFT = given(rescue_probability=0.03)
CASES = [
    Case("rank_gap", "a province level with the leaders has none", (province(score=500), 500.0, 100.0), 0.0),
    Case("rank_gap", "an average capacity behind is tanh 1", (province(score=500), 1000.0, 500.0), 0.7615941559557649),
    Case("rank_gap", "far ahead it is minus one", (province(score=1e9), 0.0, 1.0), -1.0),
    Case("rank_gap", "nobody has anything to show", (province(), 0.0, 0.0), 0.0),
    Case("visible_score", "announced capacity", (province(gpus_announced=900, gpus_leased_new=100), given(subsidy_on_use=0.0)), 900.0),
    Case("visible_score", "use, where all subsidies are paid for it", (province(gpus_announced=900, gpus_leased_new=100), given(subsidy_on_use=1.0)), 100.0),
    Case("visible_score", "some of each between", (province(gpus_announced=900, gpus_leased_new=100), given(subsidy_on_use=0.25)), 700.0),
    Case("next_subsidy", "laggards raise it when called", (province(subsidy=0.1, rank_gap=0.15, envelope=100), centre(1.0), CONTEST), 0.11),
    Case("next_subsidy", "without a contest the call alone counts", (province(subsidy=0.1, rank_gap=0.9, envelope=100), centre(1.0), NO_CONTEST), 0.107),
    Case("next_subsidy", "half a budget spent pulls it down", (province(subsidy=0.1, rank_gap=0.15, envelope=100, outlay=50), centre(1.0), CONTEST), 0.098),
    Case("next_subsidy", "it fades with the call", (province(subsidy=0.1, rank_gap=0.15, envelope=100), centre(0.2), CONTEST), 0.092),
    Case("next_subsidy", "never above the maximum", (province(subsidy=0.3, rank_gap=1.0, envelope=100), centre(1.0), CONTEST), 0.3),
    Case("next_subsidy", "never negative", (province(subsidy=0.0, rank_gap=-1.0, envelope=100), centre(0.0), CONTEST), 0.0),
    Case("next_subsidy", "without a budget and outlay there is no strain", (province(subsidy=0.1, rank_gap=0.15), centre(1.0), CONTEST), 0.11),
    Case("refuses_site", "outside the hubs by chance", (province(), 0.29, given(hub_only=0.3)), True),
    Case("refuses_site", "not with luck", (province(), 0.31, given(hub_only=0.3)), False),
    Case("refuses_site", "never in a hub", (province(hub=1), 0.0, given(hub_only=1.0)), False),
    Case("refuses_site", "nobody without the policy", (province(), 0.0, given(hub_only=0.0)), False),
    Case("lets_start", "as its own new sites are used", (province(gpus_installed_new=100, gpus_leased_new=60), given(utilisation=0.1), GATE), True),
    Case("lets_start", "whatever the nation's are", (province(gpus_installed_new=100, gpus_leased_new=59), given(utilisation=0.9), GATE), False),
    Case("lets_start", "without a site of its own as the nation's", (province(), given(utilisation=0.6), GATE), True),
    Case("lets_start", "when those stand empty it may not build", (province(), given(utilisation=0.59), GATE), False),
    Case("lets_start", "whatever is empty without a gate", (province(gpus_installed_new=100), given(utilisation=0.0), given(approval_utilisation=0.0)), True),
    Case("subsidy_granted", "the rate times capex", (province(subsidy=0.2, envelope=1000, cash=1000), 100.0), 20.0),
    Case("subsidy_granted", "what is left of the envelope", (province(subsidy=0.2, envelope=1000, outlay=990, cash=1000), 100.0), 10.0),
    Case("subsidy_granted", "what is in the purse", (province(subsidy=0.2, envelope=1000, cash=5), 100.0), 5.0),
    Case("subsidy_granted", "nothing once the envelope is overspent", (province(subsidy=0.2, envelope=100, outlay=300, cash=1000), 100.0), 0.0),
    Case("subsidy_per_gpu", "80 of 100 GPUs over ten months", (8_000.0, 100.0, given(natural_occupancy=0.8, support_period=10.0)), 10.0),
    Case("subsidy_per_gpu", "nothing without a promise", (0.0, 100.0, given(natural_occupancy=0.8, support_period=10.0)), 0.0),
    Case("subsidy_per_gpu", "no GPU counts as one", (8.0, 0.0, given(natural_occupancy=0.8, support_period=10.0)), 1.0),
    Case("rescues", "with luck and room", (province(envelope=100, cash=100), filled(OperatorRow, arrears=100), SOFT, given(rescue=0.029)), True),
    Case("rescues", "not without luck", (province(envelope=100, cash=100), filled(OperatorRow, arrears=10), SOFT, given(rescue=0.03)), False),
    Case("rescues", "not beyond the envelope", (province(envelope=100, outlay=95, cash=100), filled(OperatorRow, arrears=10), SOFT, given(rescue=0.0)), False),
    Case("rescues", "not beyond the purse", (province(envelope=100, cash=9), filled(OperatorRow, arrears=10), SOFT, given(rescue=0.0)), False),
]  # fmt: skip


@table(CASES)
def test_a_province_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)
