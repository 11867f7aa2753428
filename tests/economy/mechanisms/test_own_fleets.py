"""Own fleets: neutral is absent; what fits on them, what is rented, where, and what is not to be had."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorRow, gpus_leased
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.chip_classes import DOMESTIC, H20
from bubble_abm.economy.markets import leasing
from bubble_abm.economy.markets.leasing import CRUMB, PLATFORM
from bubble_abm.economy.markets.platforms import add_to_fleet
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.mechanisms import own_fleets
from bubble_abm.engine.simulation import simulate
from bubble_abm.paper.plain import plain
from tests.economy.agents.cases import Case, check, check_with_mechanisms, given, table
from tests.economy.markets.test_leasing import RENT_NOW, leases, market_of, site_of
from tests.economy.mechanisms.battery import Battery
from tests.worlds import filled, founded

LARGE = given(smallest_lot=100.0)
NEAR, FAR = (filled(LocalGovernmentRow, hub=hub) for hub in (1, 0))


def platform(**columns: float) -> Any:
    return filled(PlatformRow, **({"relative_size": 0.4, "compute": 1_000.0} | columns))


def shares(**values: float) -> Any:
    """Half of rented inference is the platforms', and a quarter of all inference is rented."""
    return given(**{"own_fleets": 1, "busy_share": 0.9, "platform_share": 0.5, "rented_share": 0.25} | values)


CASES = [
    Case("fleet_for_inference", "a tenth is free", (platform(), given(busy_share=0.9)), 100.0),
    Case("is_lot", "large and near", (filled(OperatorRow, gpus_installed=100.0), NEAR, LARGE), True),
    Case("is_lot", "too small", (filled(OperatorRow, gpus_installed=99.0), NEAR, LARGE), False),
    Case("is_worth_renting", "at the limit, for six tenths of the compute", (filled(OperatorRow, rent=1_200.0, inference_chips=0.6), filled(Market, replacement_rent=1_000.0), given(dearest_lot=2.0)), True),
    Case("is_worth_renting", "too dear for what it computes", (filled(OperatorRow, rent=1_201.0, inference_chips=0.6), filled(Market, replacement_rent=1_000.0), given(dearest_lot=2.0)), False),
    Case("is_lot", "too far", (filled(OperatorRow, gpus_installed=1e5), FAR, LARGE), False),
]  # fmt: skip
AMENDED = [
    Case("overflow", "a fifth and six fifths of a hundred, less what is free", (platform(), 100.0, shares()), 40.0),
    Case("overflow", "nothing if all of it fits", (platform(compute=2_000.0), 100.0, shares()), 0.0),
    Case("overflow", "chips bought for it serve in full", (platform(gpus_bought=15.0), 100.0, shares()), 25.0),
    Case("overflow", "if all is rented, the fixed share, less what is free", (platform(compute=50.0), 100.0, shares(rented_share=1.0)), 15.0),
    Case("overflow", "the fixed share if the switch is off", (platform(), 100.0, shares(own_fleets=0)), 20.0),
]  # fmt: skip


@table(CASES)
def test_platforms_use_their_fleets_and_choose_lots_as_worked_out_by_hand(case: Case) -> None:
    check(case)


@table(AMENDED)
def test_what_does_not_fit_is_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestOwnFleets(Battery):
    mechanism = own_fleets
    active = {"own_fleets": 1}
    around = {"platform_plans": 0.0}
    sign = ("rent_per_server", 24, 1.0)


def lots(sizes: list[float], hubs: list[int], wanted: list[float], **columns: list[float]) -> tuple[Any, Any]:
    """A world with these sites, near the users or not, and platforms that want so much."""
    world, p = market_of(sizes, **columns)
    near, far = (int(np.flatnonzero(world.provinces["hub"] == hub)[0]) for hub in (1, 0))
    for number, hub in enumerate(hubs):
        site_of(world, number).province = near if hub else far
    p.own_fleets, p.smallest_lot = 1.0, 100.0
    world.platforms["gpus_wanted"] = 0.0
    world.platforms["gpus_wanted"][: len(wanted)] = wanted
    world.platforms["lease_term"] = 4
    return world, p


def test_platforms_rent_large_lots_near_the_users_and_nothing_else() -> None:
    world, p = lots([300.0, 99.0, 500.0], [1, 1, 0], [120.0, 80.0])
    own_fleets.platforms_rent_lots(world, p)
    assert [gpus_leased(site_of(world, number)) for number in range(3)] == [200.0, 0.0, 0.0]
    assert world.platforms["inference_leased"][:2].tolist() == [120.0, 80.0]
    assert {(one.tenant_kind, one.months_left, one.rent) for one in leases(world)} == {(PLATFORM, 4, RENT_NOW)}
    assert not world.platforms["unserved"].any()
    own_fleets.shunned_sites_are_counted(world, p)
    assert world.market.gpus_shunned == 599.0


def test_what_they_do_not_find_is_unserved_and_they_do_not_look_elsewhere() -> None:
    world, p = lots([150.0, 1_000.0], [1, 0], [120.0, 80.0])
    own_fleets.platforms_rent_lots(world, p)
    assert world.platforms["unserved"][:2].tolist() == [0.0, 50.0]
    leasing.tenants_and_operators_match(world, p)
    assert gpus_leased(site_of(world, 1)) == 0.0
    assert world.platforms["inference_leased"].sum() == 150.0


def test_they_go_without_where_rents_are_too_high() -> None:
    world, p = lots([150.0, 150.0], [1, 1], [120.0], rent=[RENT_NOW, 2.5 * RENT_NOW])
    world.market.replacement_rent = RENT_NOW
    p.dearest_lot = 0.9
    own_fleets.platforms_rent_lots(world, p)
    assert (world.platforms["inference_leased"][0], world.platforms["unserved"][0]) == (0.0, 120.0)
    world.platforms["gpus_wanted"][0], p.dearest_lot = 200.0, 2.0
    own_fleets.platforms_rent_lots(world, p)
    assert (world.platforms["inference_leased"][0], world.platforms["unserved"][0]) == (150.0, 50.0)


def test_another_platform_begins_every_month() -> None:
    world, p = lots([150.0], [1], [120.0, 80.0])
    world.market.month = 1
    own_fleets.platforms_rent_lots(world, p)
    assert world.platforms["unserved"][:2].tolist() == [50.0, 0.0]


def test_more_attractive_lots_fill_first_and_compute_is_counted_in_the_h100_class() -> None:
    world, p = lots([200.0, 200.0], [1, 1], [60.0], rent=[2 * RENT_NOW, RENT_NOW])
    for number in range(2):
        site_of(world, number).inference_chips = 0.5
    own_fleets.platforms_rent_lots(world, p)
    assert [gpus_leased(site_of(world, number)) for number in range(2)] == [0.0, 120.0]
    assert world.platforms["inference_leased"][0] == 60.0


def test_a_month_signs_no_more_leases_for_lots_than_it_fills_and_one_a_platform() -> None:
    world, p = lots([100.0] * 12, [1] * 12, [150.0, 170.0, 130.0, 190.0, 110.0])
    own_fleets.platforms_rent_lots(world, p)
    full = sum(100.0 - gpus_leased(site_of(world, number)) < CRUMB for number in range(12))
    assert world.lease_count[0] <= full + len(world.platforms)


def test_a_fleet_counts_what_its_classes_compute() -> None:
    world, _ = founded(plain(chip_classes=5))
    one = world.platforms[0]
    before, compute = one.gpus, one.compute
    assert before == compute > 0.0
    add_to_fleet(world, one, H20, 10.0)
    add_to_fleet(world, one, DOMESTIC, 10.0)
    assert one.gpus - before == pytest.approx(20.0)
    assert one.compute - compute == pytest.approx(10.0 * (world.chips[H20].inference + world.chips[DOMESTIC].inference))


@pytest.mark.whole_runs
def test_platforms_that_stop_investing_raise_rents_and_go_short_beside_empty_sites() -> None:
    for seed in (1, 2, 3):
        on, off = (simulate(plain(own_fleets=1, platform_plans=plans), months=48, seed=seed).series for plans in (1, 0))
        year = slice(24, 36)
        assert off["rent_per_server"].iloc[year].mean() > 1.15 * on["rent_per_server"].iloc[year].mean()
        assert off["platforms_rented"].iloc[year].mean() > on["platforms_rented"].iloc[year].mean()
        short = off["platforms_short"] > 1_000.0
        assert short.iloc[:48].any()
        assert (off["gpus_shunned"][short] > off["platforms_short"][short]).any()
        assert (on["platforms_short"] >= 0.0).all()


@pytest.mark.whole_runs
def test_without_it_plans_move_no_market() -> None:
    one, other = (simulate(plain(platform_plans=plans), months=30, seed=1).series for plans in (1, 0))
    assert (one["rent_per_server"] == other["rent_per_server"]).all()
    assert other["gpus_nationwide"].iloc[-1] < 0.7 * one["gpus_nationwide"].iloc[-1]
