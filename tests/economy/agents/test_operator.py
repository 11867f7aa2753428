"""Operators: their stage, building, rents, idling and failing."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import math

from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    DISTRESSED,
    IDLE,
    NONE,
    OPERATING,
    PAUSED,
    PLANNED,
    SECONDARY,
    STAGES,
    TAKEN_OVER,
    OperatorRow,
    idles,
    restarts,
)
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.economy.agents.cases import Case, check, given, table
from tests.worlds import filled


def site(**values: float) -> object:
    return filled(OperatorRow, **({"stage": OPERATING, "sponsor": NEWCOMER, "best_chips": 1.0} | values))


def market(**values: float) -> object:
    return filled(Market, **values)


SIX_MONTHS = given(building_time=6.0, able_building_time=10.0, public_building_time=15.0, building_spread=0.3,
                   shortest_building=3.0)  # fmt: skip
HALF_A_YEAR = given(longest_pause=6.0)
PLACES = given(hub_suitability=0.9, interior_suitability=0.3)
NOVICES = given(inexperienced_engineering=0.8)
LENDERS = given(leverage=0.7, able_leverage=0.5, public_leverage=0.6)
A_YEAR = given(longest_wait=12.0)
HALF_FIRST = given(opening_share=0.5)
PANIC = given(panic_orders=0.6)
FREE_MONEY = given(loan_rate=0.0, standby_cost_share=0.35)
CALM = given(natural_occupancy=0.75, occupancy_width=0.25, rent_adjustment=0.1, rent_anchoring=0.25,
             rent_abroad=8.0)  # fmt: skip
DEAR = {"replacement_rent": 9_000}
BAND = given(
    hold_out=1.0,
    loan_rate=0.0,
    idling_occupancy=0.1,
    idling_service=0.3,
    idling_hazard=0.3,
    restart_service=0.6,
    restart_margin=1.1,
)
HOLDS = given(
    hold_out=1.0, loan_rate=0.0, natural_occupancy=0.8, standby_cost_share=0.35, patience=8.0, incumbent_floor=0.6
)
YIELDS, HALF = (given(**(vars(HOLDS) | {"hold_out": hold_out})) for hold_out in (0.0, 0.5))
COURTS = given(
    longest_distress=9.0, least_chips=0.2, months_to_proceedings=3.0, proceedings_hazard=0.25, forced_sale_value=0.85,
    public_patience=0.2,
)  # fmt: skip
COSTS = given(idle_cost_share=0.12, standby_cost_share=0.35)
MOTHS = given(longest_distress=9.0, **vars(COSTS))
OVERDUE = {"sponsor": PUBLIC, "months_in_red": 9, "gpus_installed": 100, "running_cost": 10}
RESERVE = given(cash_reserve=3.0)
A_YEARS_NEED = given(dividend_reserve=12.0, operator_payout=0.5, loan_rate=0.0)
# 100 GPUs at 2 600 a month, 400 000 of repayment: carrying the empty site costs 491 000 a month.
INDEBTED = {"gpus_installed": 100, "gpus_planned": 100, "running_cost": 2_600, "debt": 4.8e6, "principal": 400_000}
CARRY = 491_000
CASES = [
    Case("nearness", "near the users", (filled(LocalGovernmentRow, hub=1, latency=30.0), PLACES), 0.9),
    Case("nearness", "away from them", (filled(LocalGovernmentRow, hub=0, latency=1.0), PLACES), 0.3),
    Case("engineering", "experience", (site(), filled(InvestorRow, experienced=1), NOVICES), 1.0),
    Case("engineering", "none", (site(), filled(InvestorRow), NOVICES), 0.8),
    *(Case("is_open", f"stage {stage}", (site(stage=stage),), stage in (OPERATING, DISTRESSED, TAKEN_OVER)) for stage in range(10)),
    *(Case("is_complete", f"stage {stage}", (site(stage=stage),), stage in (OPERATING, IDLE, DISTRESSED, TAKEN_OVER)) for stage in range(10)),
    *(Case("is_live", f"stage {stage}", (site(stage=stage),), stage not in (NONE, BANKRUPT, CANCELLED)) for stage in range(10)),
    Case("is_live", "a closed site with chips to sell", (site(stage=BANKRUPT, gpus_installed=3),), True),
    Case("gpus_leased", "for both uses", (site(training_leased=30, inference_leased=12),), 42.0),
    Case("gpus_free", "what is not let", (site(gpus_installed=100, training_leased=30, inference_leased=12),), 58.0),
    Case("gpus_free", "none at a site switched off", (site(stage=IDLE, gpus_installed=100),), 0.0),
    Case("gpus_free", "never negative", (site(gpus_installed=10, training_leased=10.1),), 0.0),
    Case("occupancy", "let over installed", (site(gpus_installed=100, training_leased=30, inference_leased=10),), 0.4),
    Case("occupancy", "an empty hall is empty", (site(),), 0.0),
    Case("building_time", "at the quickest", (NEWCOMER, SIX_MONTHS, 0.0), 4.2),
    Case("building_time", "in the middle", (NEWCOMER, SIX_MONTHS, 0.5), 6.0),
    Case("building_time", "at the slowest", (NEWCOMER, SIX_MONTHS, 1.0), 7.8),
    Case("building_time", "able sponsors take their time", (ABLE, SIX_MONTHS, 0.5), 10.0),
    Case("building_time", "public ones take longer, up to 30 per cent more", (PUBLIC, SIX_MONTHS, 1.0), 19.5),
    Case("building_time", "never under three months", (NEWCOMER, given(building_time=3.0, building_spread=0.3, shortest_building=3.0), 0.0), 3.0),
    Case("gpus_to_order", "what is lacking", (site(stage=BUILDING, gpus_planned=100, gpus_installed=30, gpus_on_order=20), market(), PANIC), 50.0),
    Case("gpus_to_order", "no fraction of a chip", (site(stage=BUILDING, gpus_planned=100, gpus_installed=99.5), market(), PANIC), 0.0),
    Case("gpus_to_order", "a plan waits", (site(stage=PLANNED, gpus_planned=100), market(), PANIC), 0.0),
    Case("gpus_to_order", "unless in a panic", (site(stage=PLANNED, gpus_planned=100), market(panic=0.5), PANIC), 30.0),
    Case("gpus_to_order", "once", (site(stage=PLANNED, gpus_planned=100, gpus_on_order=30), market(panic=0.5), PANIC), 0.0),
    Case("gpus_to_order", "a plan that has ordered in a panic orders the rest", (site(stage=BUILDING, gpus_planned=100, gpus_on_order=30), market(panic=0.5), PANIC), 70.0),
    Case("is_given_up", "after more than six months without money", (site(stage=PAUSED, months_paused=7), HALF_A_YEAR), True),
    Case("is_given_up", "not after six", (site(stage=PAUSED, months_paused=6), HALF_A_YEAR), False),
    Case("is_given_up", "not once it is paid on", (site(stage=BUILDING, months_paused=7), HALF_A_YEAR), False),
    Case("is_stranded", "a year late, with nothing on order", (site(stage=BUILDING, months_to_build=-12), A_YEAR), True),
    Case("is_stranded", "not before", (site(stage=BUILDING, months_to_build=-11.9), A_YEAR), False),
    Case("is_stranded", "not with chips on order", (site(stage=BUILDING, months_to_build=-20, gpus_on_order=1), A_YEAR), False),
    Case("is_stranded", "not once it is open", (site(months_to_build=-20), A_YEAR), False),
    Case("opens", "with half of its chips", (site(gpus_planned=100, gpus_installed=50), HALF_FIRST), True),
    Case("opens", "not with less", (site(gpus_planned=100, gpus_installed=49), HALF_FIRST), False),
    Case("opens", "not before it is built", (site(gpus_planned=100, gpus_installed=100, months_to_build=0.1), HALF_FIRST), False),
    Case("debt_service", "one per cent and a hundred", (site(debt=1200, principal=100), given(loan_rate=0.12)), 112.0),
    Case("debt_service", "no more than the debt", (site(debt=50, principal=100), FREE_MONEY), 50.0),
    Case("service_per_gpu", "spread over the plan", (site(debt=1200, principal=100, gpus_planned=8, gpus_installed=4), given(loan_rate=0.12)), 14.0),
    Case("service_per_gpu", "nothing owed, nothing due", (site(gpus_planned=8), FREE_MONEY), 0.0),
    Case("going_rent", "of the prime", (site(), market(prime_rent=9_000, secondary_rent=6_000)), 9_000.0),
    Case("going_rent", "for the compute of its chips", (site(best_chips=0.6), market(prime_rent=9_000, secondary_rent=6_000)), 5_400.0),
    Case("going_rent", "of the secondary", (site(quality=SECONDARY), market(prime_rent=9_000, secondary_rent=6_000)), 6_000.0),
    Case("holding_months", "standby costs are a third and a bit", (site(gpus_installed=100, running_cost=10, cash=700), 350.0, FREE_MONEY), 3.0),
    Case("holding_months", "debt counts", (site(**INDEBTED, cash=2 * CARRY), 0.0, FREE_MONEY), 2.0),
    Case("reservation_rent", "without debt the avoidable cost", (site(running_cost=2_600, cash=1e9), 0.0, market(replacement_rent=9_000), HOLDS), 2_600.0),
    Case("reservation_rent", "nobody holds out for more than the replacement rent", (site(**INDEBTED, cash=8 * CARRY), 0.0, market(replacement_rent=5_000), HOLDS), 5_000.0),
    Case("reservation_rent", "chips sold do not raise the claim", (site(**(INDEBTED | {"gpus_installed": 50}), cash=8 * CARRY), 0.0, market(replacement_rent=9_000), HOLDS), 7_600.0),
    Case("reservation_rent", "an owner with eight months in hand asks for his debt service", (site(**INDEBTED, cash=8 * CARRY), 0.0, market(replacement_rent=9_000), HOLDS), 7_600.0),
    Case("reservation_rent", "a purse counts like cash", (site(**INDEBTED), 8.0 * CARRY, market(replacement_rent=9_000), HOLDS), 7_600.0),
    Case("reservation_rent", "with four months he gives in by half", (site(**INDEBTED, cash=4 * CARRY), 0.0, market(replacement_rent=9_000), HOLDS), 5_100.0),
    Case("reservation_rent", "without money he takes the avoidable cost", (site(**INDEBTED), 0.0, market(replacement_rent=9_000), HOLDS), 2_600.0),
    Case("reservation_rent", "without holding out, too", (site(**INDEBTED, cash=8 * CARRY), 0.0, market(replacement_rent=9_000), YIELDS), 2_600.0),
    Case("avoidable_cost", "the running cost", (site(running_cost=2_600), given()), 2_600.0),
    Case("reservation_rent", "incumbents defend a share of the replacement rent", (site(incumbent=1, gpus_installed=1, running_cost=2_600), 0.0, market(replacement_rent=8_000), HOLDS), 4_800.0),
    Case("reservation_rent", "but not less than their cost", (site(incumbent=1, gpus_installed=1, running_cost=2_600), 0.0, market(replacement_rent=8_000), HALF), 2_600.0),
    Case("next_rent", "at rest nothing moves", (site(rent=9_000, gpus_installed=100, training_leased=75), market(**DEAR, prime_rent=9_000), CALM), 9_000.0),
    Case("next_rent", "a full site asks more", (site(rent=9_000, gpus_installed=100, training_leased=100), market(**DEAR, prime_rent=9_000), CALM), 9_000 * math.exp(0.07615941559557649)),
    Case("next_rent", "an empty one less", (site(rent=9_000, gpus_installed=100, training_leased=50), market(**DEAR, prime_rent=9_000), CALM), 9_000 * math.exp(-0.07615941559557649)),
    Case("next_rent", "a quarter of the way to the market in logs", (site(rent=1_000, gpus_installed=100, training_leased=75), market(**DEAR, prime_rent=16_000), CALM), 2_000.0),
    Case("next_rent", "each quality looks at its own", (site(rent=1_000, gpus_installed=100, training_leased=75, quality=SECONDARY), market(**DEAR, prime_rent=9, secondary_rent=16_000), CALM), 2_000.0),
    Case("next_rent", "a full site asks no more than compute costs abroad", (site(rent=70_000, gpus_installed=100, training_leased=100), market(**DEAR, prime_rent=70_000), CALM), 72_000.0),
    Case("next_rent", "and gives in as soon as it is cheaper there", (site(rent=90_000, gpus_installed=100, training_leased=100), market(**DEAR, prime_rent=90_000), CALM), 72_000.0),
    Case("next_rent", "but does not let at a loss", (site(rent=70_000, gpus_installed=100, reservation_rent=73_000), market(**DEAR, prime_rent=70_000), CALM), 73_000.0),
    Case("next_rent", "not under the reservation", (site(rent=9_000, gpus_installed=100, reservation_rent=9_500), market(**DEAR, prime_rent=9_000), CALM), 9_500.0),
    Case("lease_pull", "fitness at the market rent", (0.9, 1.0, site(rent=5), market(rent=5), given(lemons_discount=0.35, rent_sensitivity=2.0)), 0.9),
    Case("lease_pull", "twice the rent, a quarter of the pull", (0.9, 1.0, site(rent=10), market(rent=5), given(lemons_discount=0.35, rent_sensitivity=2.0)), 0.225),
    Case("lease_pull", "half the compute at half the rent, half the pull", (0.9, 0.5, site(rent=2.5), market(rent=5), given(lemons_discount=0.35, rent_sensitivity=2.0)), 0.45),
    Case("lease_pull", "none on chips that cannot do it", (0.9, 0.0, site(rent=5), market(rent=5), given(lemons_discount=0.35, rent_sensitivity=2.0)), 0.0),
    Case("lease_pull", "secondary sites are shunned", (1.0, 1.0, site(rent=5, quality=SECONDARY), market(rent=5), given(lemons_discount=0.35, rent_sensitivity=2.0)), 0.65),
    Case("idles", "hardly let and under cost", (site(gpus_installed=100, training_leased=9, running_cost=2_600), market(prime_rent=2_500), BAND, given(idle=0.29)), True),
    Case("idles", "not when a tenth is let", (site(gpus_installed=100, training_leased=10, running_cost=2_600), market(prime_rent=2_500), BAND, given(idle=0.0)), False),
    Case("idles", "not at once", (site(gpus_installed=100, running_cost=2_600), market(prime_rent=2_500), BAND, given(idle=0.3)), False),
    Case("idles", "not above cost", (site(gpus_installed=100, running_cost=2_600), market(prime_rent=2_700), BAND, given(idle=0.0)), False),
    Case("idles", "debt widens the band", (site(gpus_installed=100, gpus_planned=100, running_cost=2_600, debt=1e6, principal=100_000), market(prime_rent=2_700), BAND, given(idle=0.0)), True),
    Case("restarts", "a tenth above cost", (site(gpus_installed=100, running_cost=2_600), market(prime_rent=2_861), BAND), True),
    Case("restarts", "not below", (site(gpus_installed=100, running_cost=2_600), market(prime_rent=2_859), BAND), False),
    Case("restarts", "debt widens the band", (site(gpus_installed=100, gpus_planned=100, running_cost=2_600, debt=1e6, principal=100_000), market(prime_rent=3_519), BAND), False),
    Case("idles", "by the rent of its own quality", (site(gpus_installed=100, running_cost=2_600, quality=SECONDARY), market(prime_rent=9_000, secondary_rent=2_500), BAND, given(idle=0.0)), True),
    Case("restarts", "by the rent of its own quality", (site(gpus_installed=100, running_cost=2_600, quality=SECONDARY), market(prime_rent=9_000, secondary_rent=2_859), BAND), False),
    Case("gpus_to_sell", "eight per cent", (site(gpus_installed=100), given(fire_sale_speed=0.08)), 8.0),
    Case("gpus_to_sell", "none that is let", (site(gpus_installed=100, training_leased=95), given(fire_sale_speed=0.08)), 5.0),
    Case("gpus_to_sell", "nothing of a public site", (site(sponsor=PUBLIC, gpus_installed=100), given(fire_sale_speed=0.08)), 0.0),
    Case("gpus_to_sell", "unless it has been taken over", (site(sponsor=PUBLIC, owner=-1, gpus_installed=100), given(fire_sale_speed=0.08)), 8.0),
    Case("is_insolvent", "forced sales bring 85 per cent", (site(chip_price=1, cash=10, gpus_installed=100, debt=96), market(), COURTS), True),
    Case("is_insolvent", "or enough", (site(chip_price=1, cash=10, gpus_installed=100, debt=94), market(), COURTS), False),
    Case("fails", "after nine months", (site(chip_price=1, months_in_red=9, gpus_installed=100, gpus_planned=100), market(), COURTS, given()), True),
    Case("fails", "with hardly a chip left", (site(chip_price=1, months_in_red=1, gpus_installed=19, gpus_planned=100), market(), COURTS, given()), True),
    Case("fails", "insolvent for three months and unlucky", (site(chip_price=1, months_in_red=3, gpus_installed=100, gpus_planned=100, debt=96), market(), COURTS, given(bankrupt=0.24)), True),
    Case("fails", "or lucky", (site(chip_price=1, months_in_red=3, gpus_installed=100, gpus_planned=100, debt=96), market(), COURTS, given(bankrupt=0.25)), False),
    Case("fails", "not after two", (site(chip_price=1, months_in_red=2, gpus_installed=100, gpus_planned=100, debt=96), market(), COURTS, given(bankrupt=0.0)), False),
    Case("fails", "not while solvent", (site(chip_price=1, months_in_red=8, gpus_installed=100, gpus_planned=100, debt=80), market(), COURTS, given(bankrupt=0.0)), False),
    Case("fails", "a public site not for mere delay", (site(chip_price=1, sponsor=PUBLIC, months_in_red=30, gpus_installed=100, gpus_planned=100), market(), COURTS, given(bankrupt=0.0)), False),
    Case("fails", "nor as likely when insolvent: a fifth", (site(chip_price=1, sponsor=PUBLIC, months_in_red=3, gpus_installed=100, gpus_planned=100, debt=96), market(), COURTS, given(bankrupt=0.051)), False),
    Case("fails", "but it may", (site(chip_price=1, sponsor=PUBLIC, months_in_red=3, gpus_installed=100, gpus_planned=100, debt=96), market(), COURTS, given(bankrupt=0.049)), True),
    Case("fails", "and with hardly a chip left", (site(chip_price=1, sponsor=PUBLIC, gpus_installed=19, gpus_planned=100), market(), COURTS, given()), True),
    Case("fails", "once taken over it is like any other", (site(chip_price=1, sponsor=PUBLIC, owner=-1, months_in_red=9, gpus_installed=100, gpus_planned=100), market(), COURTS, given()), True),
    Case("is_mothballed", "a public site long overdue that does not earn its cost", (site(**OVERDUE, revenue=349), MOTHS), True),
    Case("is_mothballed", "not if it does", (site(**OVERDUE, revenue=350), MOTHS), False),
    Case("is_mothballed", "not before nine months", (site(**OVERDUE | {"months_in_red": 8}), MOTHS), False),
    Case("is_mothballed", "not one of others", (site(**OVERDUE | {"sponsor": ABLE}), MOTHS), False),
    Case("is_mothballed", "not once it is taken over", (site(**OVERDUE, owner=-1), MOTHS), False),
    Case("debt_allowed", "what lenders give newcomers", (NEWCOMER, market(), LENDERS), 0.7),
    Case("debt_allowed", "and able sponsors", (ABLE, market(), LENDERS), 0.5),
    Case("debt_allowed", "and what a public plan counts on", (PUBLIC, market(), LENDERS), 0.6),
    Case("lends_on", "what was agreed", (site(stage=BUILDING), market(), given(), given()), True),
    Case("operating_cost", "leased GPUs run, the others stand by for a third and a bit", (site(gpus_installed=100, training_leased=40, inference_leased=20, running_cost=10), COSTS), 740.0),
    Case("operating_cost", "little for a site switched off", (site(stage=IDLE, gpus_installed=100, running_cost=10), COSTS), 120.0),
    Case("owner_support", "what is short", (site(debt=1_000, principal=50), 200.0, 1_000.0, given()), 200.0),
    Case("owner_support", "what is in the purse", (site(debt=1_000, principal=50), 200.0, 120.0, given()), 120.0),
    Case("arrears_made_good", "what is beyond three months' cost", (site(cash=1_000, arrears=900, gpus_installed=10, running_cost=10), RESERVE), 700.0),
    Case("arrears_made_good", "no more than is overdue", (site(cash=1_000, arrears=90, gpus_installed=10, running_cost=10), RESERVE), 90.0),
    Case("arrears_made_good", "nothing out of the reserve", (site(cash=299, arrears=90, gpus_installed=10, running_cost=10), RESERVE), 0.0),
    Case("dividend", "half of what is beyond a year's cost and debt service", (site(cash=5_000, gpus_installed=10, running_cost=10, debt=1_000, principal=100), A_YEARS_NEED), 1_300.0),
    Case("dividend", "nothing under that", (site(cash=2_399, gpus_installed=10, running_cost=10, debt=1_000, principal=100), A_YEARS_NEED), 0.0),
]  # fmt: skip


@table(CASES)
def test_an_operator_decides_as_worked_out_by_hand(case: Case) -> None:
    check(case)


def test_stages_are_told_apart_by_number() -> None:
    stages = (NONE, PLANNED, BUILDING, OPERATING, IDLE, DISTRESSED, BANKRUPT, CANCELLED, TAKEN_OVER, PAUSED)
    assert stages == tuple(range(10)) == tuple(range(len(STAGES)))


def test_between_stopping_and_restarting_lies_a_band_of_rents_in_which_nothing_happens() -> None:
    operator = site(gpus_installed=100, gpus_planned=100, running_cost=2_600, debt=1e6, principal=100_000)
    still = []
    for rent in range(2_000, 5_000, 10):
        stops = idles(operator, market(prime_rent=rent), BAND, given(idle=0.0))
        starts = restarts(operator, market(prime_rent=rent), BAND)
        assert not (stops and starts)
        if not stops and not starts:
            still.append(rent)
    assert (min(still), max(still)) == (2_900, 3_520)
