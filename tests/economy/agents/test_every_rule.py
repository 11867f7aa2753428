"""Every rule has cases, and rules keep their bounds for any row and any parameters within theirs."""

from __future__ import annotations

import inspect
import math
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bubble_abm.economy.agents import investor, local_government, operator, smuggler, startup
from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OPERATING, OperatorRow
from bubble_abm.economy.agents.smuggler import SmugglerRow
from bubble_abm.economy.agents.startup import PRETRAINING, StartupRow
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.month import AMENDMENTS
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.rules import standard_rules
from tests.economy.agents import (
    test_central_government,
    test_investor,
    test_local_government,
    test_operator,
    test_platform,
    test_rest_of_world,
    test_smuggler,
    test_startup,
    test_tenant,
)
from tests.economy.agents.cases import NAMED, Case
from tests.economy.agents.cases import given as only
from tests.economy.mechanisms import (
    test_adverse_selection,
    test_application_firms,
    test_approval,
    test_attention,
    test_circular_finance,
    test_contract_terms,
    test_conversion,
    test_engineering,
    test_enterprises,
    test_hand_over,
    test_later_answer,
    test_lending_standards,
    test_leverage_cap,
    test_non_users,
    test_public_register,
    test_resale_network,
    test_subsidy_on_use,
    test_take_over,
    test_vendor_value,
    test_vouchers,
)
from tests.worlds import constants, filled, with_mechanisms


def home(named: Any) -> str:
    """Name of the agent or mechanism whose file a function stands in, or whose tests a file holds."""
    return getattr(named, "__module__", named.__name__).rpartition(".")[2].removeprefix("test_")


AGENTS = (
    test_local_government, test_central_government, test_investor, test_operator, test_smuggler, test_tenant,
    test_startup, test_platform, test_rest_of_world,
)  # fmt: skip
MECHANISMS = (
    test_adverse_selection, test_application_firms, test_approval, test_attention, test_circular_finance,
    test_contract_terms, test_conversion, test_engineering, test_enterprises, test_hand_over, test_later_answer,
    test_lending_standards, test_leverage_cap, test_non_users, test_public_register, test_resale_network,
    test_subsidy_on_use, test_take_over, test_vendor_value, test_vouchers,
)  # fmt: skip
AMENDED_BY = {(decided.__name__, home(amendment)) for decided, amendment in AMENDMENTS}


def written(*tables: ModuleType) -> set[tuple[str, str]]:
    """Rules that have a case, and the agent or mechanism whose file it stands in."""
    return {(case.rule, home(module)) for module in tables for case in cases_of(module)}


def cases_of(module: ModuleType) -> list[Case]:
    """All tables of cases of a file."""
    return [*module.CASES, *getattr(module, "AMENDED", [])]


def test_every_rule_has_cases_in_the_file_of_its_agent() -> None:
    decisions = {(name, home(rule)) for name, rule in standard_rules().items()}
    found = written(*AGENTS, *MECHANISMS)
    assert decisions <= found, decisions - found
    found |= {(case.rule, "attention") for case in test_investor.SEEN}
    assert found >= AMENDED_BY, AMENDED_BY - found
    assert all(home(NAMED[name]) == agent for name, agent in written(*AGENTS))


@pytest.mark.parametrize("name", list(standard_rules()))
def test_every_rule_says_in_one_line_what_it_decides(name: str) -> None:
    first = (inspect.getdoc(standard_rules()[name]) or "").splitlines()[:1]
    assert first and first[0].endswith((".", "]", "]."))


def between(low: float, high: float) -> Any:
    return st.floats(low, high, allow_subnormal=False)


def row(kind: Any, **columns: Any) -> Any:
    return st.fixed_dictionaries(columns).map(lambda values: filled(kind, **values))


# As the month decides, with what mechanisms make of it.
expected_rent, expected_utilisation, profitability, reservation_rent, avoidable_cost, debt_allowed, round_hazard = (
    with_mechanisms(rule)
    for rule in (
        investor.expected_rent,
        investor.expected_utilisation,
        investor.profitability,
        operator.reservation_rent,
        operator.avoidable_cost,
        operator.debt_allowed,
        startup.round_hazard,
    )
)

#: At the highest of both, everybody founds at once.
FOUNDING_HAZARD = {"startup_innovation", "startup_imitation"}
PARAMETERS = st.fixed_dictionaries(
    {
        name: st.just(item.default) if item.metadata["whole"] else between(item.metadata["low"], item.metadata["high"])
        for name, item in DECLARED.items()
        if item.metadata["role"] != "size" and name not in FOUNDING_HAZARD
    }
).map(lambda values: constants(**values))
SHARE = between(0, 1)
MONEY = between(0, 1e11)
GPUS = between(0, 1e5)
RENT = between(10, 1e6)
FLAG = st.integers(0, 1)
MARKETS = row(
    Market, rent=RENT, contract_rent=RENT, prime_rent=RENT, secondary_rent=RENT, replacement_rent=RENT,
    rent_growth=between(-2, 2), demand_growth=between(-2, 2), installed=GPUS, pipeline=GPUS,
    utilisation=SHARE, chip_price=between(1e4, 1e6), panic=SHARE, service_price=between(1e-3, 1e3), adopters=SHARE,
    serving=SHARE, efficiency=between(1, 100), funding_climate=between(0.15, 2.2), news=between(0, 100),
    inference_growth=between(-2, 2), training_gpus=GPUS, inference_gpus=GPUS, exits_seen=SHARE,
    inference_growth_seen=between(-2, 2), fill_hub_seen=SHARE, fill_interior_seen=SHARE, strain=between(0, 100),
    applications=SHARE, application_margin=between(0, 100),
)  # fmt: skip
INVESTORS = row(
    InvestorRow, sponsor=st.integers(0, 2), experienced=FLAG, earnest=FLAG, near_users=FLAG,
    extrapolation=between(0, 4.5), neglect=SHARE, taste=between(-0.5, 0.5), social=between(-2, 1),
    profitability=between(-10, 100), gpus_installed=between(1, 1e5), gpus_leased=between(0, 1),
    projects=st.integers(0, 4), under_way=st.integers(0, 4), failed=st.integers(0, 4), news_needed=between(0, 10),
)  # fmt: skip
SITES = row(
    OperatorRow, stage=st.integers(0, 9), sponsor=st.integers(0, 2), owner=st.integers(-1, 1), incumbent=FLAG,
    quality=FLAG, gpus_installed=between(1, 1e5), gpus_planned=between(1, 1e5), gpus_on_order=GPUS,
    best_chips=between(0.05, 10), chip_price=between(1e4, 1e6), running_cost=between(0, 1e4),
    rent=RENT, reservation_rent=RENT, cash=MONEY, debt=MONEY, principal=MONEY,
    subsidy_per_gpu=between(0, 1e4),
)  # fmt: skip
PROVINCES = row(
    LocalGovernmentRow, subsidy=between(0, 0.5), rank_gap=between(-1, 1), outlay=MONEY, envelope=MONEY, cash=MONEY
)
DEALERS = row(
    SmugglerRow, layers=st.integers(1, 3), inventory=GPUS, in_transit=GPUS, backlog=GPUS, expected_orders=GPUS,
    capacity=GPUS, normal_capacity=GPUS, markup=between(-0.6, 1), cash=MONEY,
    foreign_price=between(5e4, 1e6), months_idle=st.integers(0, 60),
    landed_cost=between(1e4, 1e6),
)  # fmt: skip
STARTUPS = row(
    StartupRow, state=st.integers(0, 4), relative_size=between(0.01, 100), age=st.integers(0, 600),
    efficiency=between(1, 100), usual_efficiency=between(1, 100), cash=MONEY, rent_paid=MONEY,
)  # fmt: skip


@given(PROVINCES, row(CentralGovernmentRow, call=SHARE), between(0, 1e11), PARAMETERS)
def test_subsidies_stay_within_the_maximum_and_grants_within_the_purse(
    province: Any, centre: Any, capex: float, p: Any
) -> None:
    assert 0.0 <= local_government.next_subsidy(province, centre, p) <= p.maximum_subsidy
    grant = local_government.subsidy_granted(province, capex)
    assert 0.0 <= grant <= min(province.cash, province.envelope, capex)
    assert grant == 0.0 or province.outlay + grant <= province.envelope * (1 + 1e-12)


@given(PROVINCES, SHARE, PARAMETERS, between(0, 1))
def test_who_lags_further_behind_never_pays_less(province: Any, call: float, p: Any, further: float) -> None:
    centre = filled(CentralGovernmentRow, call=call)
    before = local_government.next_subsidy(province, centre, p)
    province.rank_gap = min(province.rank_gap + further, 1.0)
    assert local_government.next_subsidy(province, centre, p) >= before


@given(INVESTORS, MARKETS, PARAMETERS, row(CentralGovernmentRow, call=SHARE), between(0, 0.5), between(-1, 1))
def test_investors_believe_and_announce_within_bounds(
    who: Any, market: Any, p: Any, centre: Any, subsidy: float, gap: float
) -> None:
    who.gpus_leased *= who.gpus_installed
    assert 0.0 <= expected_utilisation(who, market, p) <= p.believed_utilisation * (1 + 1e-12)
    assert 0.0 < expected_rent(who, market, p) < math.inf
    assert math.isfinite(profitability(who, subsidy, market, p))
    assert 0.0 <= investor.announcement_hazard(who, gap, centre, p) <= p.announcement_rate <= 1.0
    assert 0.0 <= investor.cancellation_hazard(who, False, p) <= 1.0
    debt = debt_allowed(who.sponsor, market, p)
    assert 0.0 <= debt <= operator.debt_allowed(who.sponsor, market, p) < 1.0


@given(INVESTORS, MARKETS, PARAMETERS, GPUS)
def test_a_longer_pipeline_never_raises_the_rent_expected(who: Any, market: Any, p: Any, more: float) -> None:
    before = expected_rent(who, market, p)
    market.pipeline += more
    assert expected_rent(who, market, p) <= before


@given(INVESTORS, MARKETS, PARAMETERS, between(0, 0.2))
def test_rising_rents_never_lower_the_rent_expected(who: Any, market: Any, p: Any, more: float) -> None:
    before = expected_rent(who, market, p)
    market.rent_growth += more
    assert expected_rent(who, market, p) >= before


@given(INVESTORS, PARAMETERS, row(CentralGovernmentRow, call=SHARE), between(0, 1), between(0, 10))
def test_company_and_profit_never_deter(who: Any, p: Any, centre: Any, company: float, profit: float) -> None:
    alone = investor.announcement_hazard(who, 0.0, centre, p)
    who.social += company
    together = investor.announcement_hazard(who, 0.0, centre, p)
    who.profitability += profit
    assert alone <= together <= investor.announcement_hazard(who, 0.0, centre, p)


@given(INVESTORS, MARKETS, PARAMETERS, between(0, 10), st.integers(0, 4))
def test_more_news_and_tenants_never_close_a_mind_and_more_projects_never_open_it(
    who: Any, market: Any, p: Any, news: float, projects: int
) -> None:
    before = investor.considers_project(who, market, p)
    assert not before or (market.news >= who.news_needed and who.projects < p.most_projects)
    market.news += news
    who.gpus_leased += news
    after = investor.considers_project(who, market, p)
    assert after or not before
    who.under_way += projects
    who.projects += projects
    assert after or not investor.considers_project(who, market, p)


@given(INVESTORS, PARAMETERS, between(-10, 100), between(0, 10), between(0, 1e9), between(0, 1e9))
def test_who_would_start_or_pay_on_does_so_for_a_better_site(
    who: Any, p: Any, index: float, better: float, value: float, cost: float
) -> None:
    for decides in (investor.goes_ahead, investor.announces_in_earnest):
        assert decides(who, index + better, p) or not decides(who, index, p)
    assert investor.announces_in_earnest(who, index, p) or not investor.goes_ahead(who, index, p)
    assert investor.pays_on(who, value * (1.0 + better), cost, p) or not investor.pays_on(who, value, cost, p)


@given(SITES, MARKETS, PARAMETERS, MONEY)
def test_posted_rents_are_finite_and_not_under_the_reservation(site: Any, market: Any, p: Any, purse: float) -> None:
    site.reservation_rent = reservation_rent(site, purse, market, p)
    assert max(avoidable_cost(site, p), 0.0) <= site.reservation_rent < math.inf
    assert max(site.reservation_rent, 1e-9) <= operator.next_rent(site, market, p) < math.inf


@given(SITES, MARKETS, PARAMETERS, SHARE, SHARE)
def test_a_fuller_site_never_asks_less(site: Any, market: Any, p: Any, one: float, other: float) -> None:
    asked = []
    for filling in sorted((one, other)):
        site.training_leased = filling * site.gpus_installed
        asked.append(operator.next_rent(site, market, p))
    assert asked[0] <= asked[1]


@given(SITES, PARAMETERS, SHARE, MARKETS)
def test_no_site_sells_orders_or_offers_what_it_cannot(site: Any, p: Any, filling: float, market: Any) -> None:
    site.training_leased = filling * site.gpus_installed
    assert 0.0 <= operator.gpus_to_sell(site, p) <= site.gpus_installed - site.training_leased
    assert 0.0 <= operator.gpus_free(site) <= site.gpus_installed
    ordered = operator.gpus_to_order(site, market, p)
    assert ordered == 0.0 or ordered + site.gpus_installed + site.gpus_on_order <= site.gpus_planned * (1 + 1e-12)
    longest = (1.0 + p.building_spread) * investor.mean_building_time(site.sponsor, p) * (1 + 1e-12)
    time = operator.building_time(site.sponsor, p, filling)
    assert p.shortest_building <= time <= max(longest, p.shortest_building)


@given(between(0.02, 1), MARKETS, PARAMETERS, between(0, 1e5))
def test_a_dearer_site_never_pulls_more(suitability: float, market: Any, p: Any, dearer: float) -> None:
    site = filled(OperatorRow, stage=OPERATING, rent=market.rent)
    pull = operator.lease_pull(suitability, 1.0, site, market, p)
    assert pull == pytest.approx(suitability)
    site.rent += dearer
    assert 0.0 < operator.lease_pull(suitability, 1.0, site, market, p) <= pull
    assert operator.lease_pull(suitability, 0.5, site, market, p) <= operator.lease_pull(
        suitability, 1.0, site, market, p
    )


@given(DEALERS, PARAMETERS, SHARE, SHARE, GPUS, between(0, 5))
def test_dealers_ship_and_price_within_bounds(
    dealer: Any, p: Any, noise: float, control: float, rivals: float, fear: float
) -> None:
    p.export_control = control
    assert 0.0 <= smuggler.gpus_to_import(dealer, p) <= min(dealer.capacity, dealer.cash / dealer.landed_cost)
    assert p.lowest_markup <= smuggler.next_markup(dealer, rivals, fear, p, only(markup=noise)) <= p.highest_markup
    dealer.capacity = max(dealer.capacity, 0.4 * dealer.normal_capacity)
    widest = max((1.0 + p.fastest_growth) * dealer.capacity, dealer.normal_capacity)
    assert 0.4 * dealer.normal_capacity <= smuggler.next_capacity(dealer, p) <= widest
    assert 0.0 <= smuggler.seized_share(p, only(seizure=noise)) <= 1.0
    assert smuggler.landed_cost(dealer, p) >= dealer.foreign_price


@given(DEALERS, PARAMETERS, SHARE, GPUS, GPUS, between(0, 5))
def test_a_longer_backlog_never_lowers_the_mark_up_of_who_is_above_the_normal_one(
    dealer: Any, p: Any, noise: float, more: float, rivals: float, fear: float
) -> None:
    dealer.markup = max(dealer.markup, p.normal_markup)
    before = smuggler.next_markup(dealer, rivals, fear, p, only(markup=noise))
    dealer.backlog += more
    assert smuggler.next_markup(dealer, rivals, fear, p, only(markup=noise)) >= before


@given(STARTUPS, MARKETS, PARAMETERS, st.integers(0, 120))
def test_startups_want_no_more_than_they_can_pay_and_tokens_no_more_than_find_a_use(
    who: Any, market: Any, p: Any, month: int
) -> None:
    assert 0.0 <= startup.training_wanted(who, market, p) <= who.cash / (p.training_runway * market.rent)
    p.month = month
    users = p.inference_base * p.scale * math.exp(p.inference_trend * month)
    assert 0.0 <= startup.inference_wanted(market, p) <= users * (1.0 + p.application_bottleneck) * (1 + 1e-12)
    assert p.lowest_climate <= startup.funding_climate(market, p) <= p.highest_climate
    for best in (who.efficiency, 2.0 * who.efficiency):
        assert startup.adoption_hazard(who.efficiency, best, p.shock_imitation, market.adopters, p) >= 0.0
    assert round_hazard(who, market, p) >= 0.0
    assert 0.0 <= startup.profit_paid_out(who, p) <= who.cash
    assert startup.founding_hazard(market.adopters, market, p) <= startup.founding_hazard(1.0, market, p) <= 1.0


@given(STARTUPS, MARKETS, PARAMETERS, between(1, 10))
def test_dearer_compute_is_never_wanted_more(who: Any, market: Any, p: Any, dearer: float) -> None:
    who.state = PRETRAINING
    training, inference = startup.training_wanted(who, market, p), startup.inference_wanted(market, p)
    market.rent *= dearer
    market.service_price *= dearer
    assert startup.training_wanted(who, market, p) <= training
    assert startup.inference_wanted(market, p) <= inference
