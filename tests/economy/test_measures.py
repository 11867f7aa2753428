"""Every measure, by value: worked out here from the tables of a world built by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    CONVERTED,
    DISTRESSED,
    IDLE,
    NONE,
    OPERATING,
    PAUSED,
    PLANNED,
    TAKEN_OVER,
    UNCONVERTED,
)
from bubble_abm.economy.agents.startup import APPLICATION, DEAD, NOT_FOUNDED, OPEN_WEIGHTS, PRETRAINING
from bubble_abm.economy.chip_classes import CHIP_CLASSES
from bubble_abm.economy.markets import counting
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from tests.worlds import SCATTERED, counted, founded, measured, project

COMPLETE = (OPERATING, IDLE, DISTRESSED, TAKEN_OVER)
HUB, INTERIOR = 18, 30  # Guangdong, Xinjiang

# Stage, GPUs planned, installed, leased for training, for inference, on order, province, cash, debt, ponzi, opened,
# kind of sponsor, announced.
SITES = (
    (PLANNED, 1_009.0, 0.0, 0.0, 0.0, 101.0, HUB, 11.0, 0.0, 0, -1),
    (PLANNED, 907.0, 0.0, 0.0, 0.0, 0.0, INTERIOR, 13.0, 0.0, 0, -1),
    (BUILDING, 811.0, 53.0, 0.0, 0.0, 211.0, INTERIOR, 17.0, 1_700.0, 0, -1),
    (BUILDING, 823.0, 0.0, 0.0, 0.0, 0.0, HUB, 15.0, 1_500.0, 0, -1),
    (OPERATING, 701.0, 701.0, 307.0, 101.0, 0.0, HUB, 19.0, 1_900.0, 1, 3),
    (OPERATING, 601.0, 599.0, 211.0, 0.0, 0.0, INTERIOR, 23.0, 1.0, 1, 4),
    (OPERATING, 503.0, 503.0, 0.0, 97.0, 0.0, INTERIOR, 29.0, 1.5, 0, 5),
    (IDLE, 401.0, 397.0, 0.0, 0.0, 0.0, INTERIOR, 31.0, 3_100.0, 1, 6),
    (IDLE, 403.0, 389.0, 0.0, 0.0, 0.0, HUB, 33.0, 0.0, 0, 0),
    (DISTRESSED, 307.0, 293.0, 0.0, 59.0, 0.0, HUB, 37.0, 3_700.0, 1, 7),
    (DISTRESSED, 311.0, 281.0, 61.0, 0.0, 0.0, INTERIOR, 41.0, 4_100.0, 0, 8),
    (DISTRESSED, 313.0, 277.0, 0.0, 0.0, 0.0, INTERIOR, 43.0, 4_300.0, 1, 9),
    (TAKEN_OVER, 211.0, 199.0, 83.0, 7.0, 0.0, HUB, 47.0, 0.0, 0, 2),
    (TAKEN_OVER, 223.0, 197.0, 0.0, 31.0, 0.0, INTERIOR, 49.0, 0.0, 0, 10),
    (BANKRUPT, 107.0, 73.0, 0.0, 0.0, 0.0, INTERIOR, 0.0, 0.0, 0, 1),
    (BANKRUPT, 109.0, 0.0, 0.0, 0.0, 0.0, HUB, 0.0, 0.0, 0, -1),
    (BANKRUPT, 113.0, 0.0, 0.0, 0.0, 0.0, HUB, 0.0, 0.0, 0, 12),
    (CANCELLED, 127.0, 29.0, 0.0, 0.0, 0.0, INTERIOR, 0.0, 0.0, 0, -1),
    (CANCELLED, 131.0, 0.0, 0.0, 0.0, 0.0, INTERIOR, 0.0, 0.0, 0, -1),
    (PAUSED, 839.0, 43.0, 0.0, 0.0, 223.0, HUB, 51.0, 2_300.0, 0, -1),
)  # fmt: skip
COLUMNS = (
    "stage", "gpus_planned", "gpus_installed", "training_leased", "inference_leased", "gpus_on_order", "province",
    "cash", "debt", "ponzi", "month_opened",
)  # fmt: skip
#: Each class of chips: price, part of other capex, bought this month.
CLASSES = (
    (150_001.0, 1.0, 83.0), (86_003.0, 0.5, 89.0), (100_007.0, 0.6, 97.5), (170_011.0, 1.0, 103.0),
    (300_017.0, 1.1, 107.0),
)  # fmt: skip
#: Kinds of sponsor take turns; one project in nine was under way before 2023.
OF_KIND = (PUBLIC, ABLE, NEWCOMER, PUBLIC)
# What the market shows, each number once; the measure that reads it, and in which unit it does.
SHOWN = {
    "rent": (11_003.0, "rent_per_server", 8.0),
    "contract_rent": (12_007.0, "contract_rent_per_server", 8.0),
    "prime_rent": (13_009.0, "prime_rent_per_server", 8.0),
    "secondary_rent": (9_001.0, "secondary_rent_per_server", 8.0),
    "replacement_rent": (7_001.0, "replacement_rent_per_server", 8.0),
    "chip_price": (150_001.0, "gpu_price", 1.0),
    "training_gpus": (662.0, "training_gpus", 1.0),
    "inference_gpus": (264.0, "inference_gpus", 1.0),
    "demand": (3_331.0, "gpus_wanted", 1.0),
    "subsidies": (5_003.0, "subsidies_paid", 1.0),
    "imported": (71.0, "gpus_imported", 1.0),
    "seized": (5.0, "gpus_seized", 1.0),
    "second_hand": (67.0, "chips_sold_second_hand", 1.0),
    "lease_cancellations": (79.0, "lease_cancellations", 1.0),
    "gpus_unused": (19.0, "gpus_unused", 1.0),
    "gpus_of_enterprises": (37.0, "gpus_of_enterprises", 1.0),
    "gpus_self_served": (31.0, "gpus_self_served", 1.0),
    "leases_broken": (41.0, "leases_broken", 1.0),
    "leases_closed": (23.0, "leases_closed", 1.0),
    "leases_of_the_dead": (15.0, "leases_of_the_dead", 1.0),
    "leases_disappointed": (29.0, "leases_disappointed", 1.0),
    "shortfall": (0.43, "petaflop_shortfall", 1.0),
    "contracts_signed": (10_007.0, "contracts_signed", 1.0),
    "rent_recognised": (2_003.0, "rent_recognised", 1.0),
    "write_offs": (8_009.0, "write_offs", 1.0),
    "prepayments_lost": (6_007.0, "prepayments_lost", 1.0),
    "ban_loss_share": (0.41, "ban_loss_share", 1.0),
    "adopters": (0.23, "adopters", 1.0),
    "funding_climate": (1.3, "funding_climate", 1.0),
    "starts": (3.0, "projects_started", 1.0),
    "public_spending": (5_011.0, "public_spending", 1.0),
    "venture_money": (4_013.0, "venture_money", 1.0),
    "rounds": (17.0, "funding_rounds", 1.0),
    "maker_rounds": (7.0, "funding_rounds_makers", 1.0),
    "application_rounds": (8.0, "funding_rounds_applications", 1.0),
    "services": (29.0, "services_registered", 1.0),
    "exits": (2.0, "pretraining_exits", 1.0),
    "vendor_value": (9_011.0, "vendor_value", 1.0),
    "users": (37.5, "users", 1.0),
    "gpus_shunned": (39.0, "gpus_shunned", 1.0),
}


def built() -> tuple[Any, Any]:
    """A world with projects in every stage, in scattered rows, and no number twice."""
    world, p = founded(SCATTERED)
    p.other_capex, p.bare_engineering = 80_021.0, 0.5
    for number, values in enumerate(SITES):
        about = {
            "sponsor": OF_KIND[number % 4],
            "chip": number % 5,
            "rent": 5_003.0 + 7.0 * number**2,
            "month_announced": -7 if number % 9 == 4 else number,
        }
        operator = project(world, number, **dict(zip(COLUMNS, values, strict=True)) | about)
        operator.sham = number in (1, 5, 14, 18)  # in any stage
        operator.conversion = number % 4  # at any stage
        operator.re_equipped = {5: 1, 16: 2}.get(number, 0)
        if number in (6, 7, 13, 14):  # two that stand, one of the state's, and one that has failed again
            operator.owner = -1 if number == 13 else operator.owner + 1
    clouds = {
        "gpus_installed": [1_301.0, 1_303.0, 1_307.0], "training_leased": [211.0, 499.0, 601.0],
        "inference_leased": [53.0, 59.0, 0.0], "province": [HUB, INTERIOR, HUB], "cash": [53.0, 59.0, 61.0],
    }  # fmt: skip
    for name, values in clouds.items():
        world.operators[name][world.operators["incumbent"] == 1] = values
    world.operators["rent"][world.operators["incumbent"] == 1] = [9_001.0, 9_007.0, 9_011.0]
    for row, values in enumerate(CLASSES):
        for name, value in zip(("price", "server", "bought"), values, strict=True):
            world.chips[row][name] = value
    states = [NOT_FOUNDED, DEAD, PRETRAINING, OPEN_WEIGHTS, PRETRAINING]
    world.startups["state"] = [states[row % 5] for row in range(25)]
    world.startups["state"][[6, 16, 21]] = APPLICATION
    world.startups["cash"] = 7.0 + np.arange(25.0) ** 2
    world.startups["rent_paid"] = 1_000.0 + np.arange(25.0)[::-1]  # most by one that is not in business
    world.investors["sponsor"] = [PUBLIC, NEWCOMER, ABLE, NEWCOMER] * 10
    world.investors["deep_pocket"] = [1, 1, 1, 0] * 10
    world.investors["bundles"] = [0, 1, 0, 0, 1] * 8
    world.investors["projects"] = [1] * 8 + [0] * 8 + [2] * 24
    world.platforms["gpus"] = 911.0
    world.platforms["inference_leased"] = 31.0 + np.arange(5.0)
    world.platforms["unserved"] = 11.0 + np.arange(5.0) ** 2
    world.market.inference_wanted, world.market.efficiency = 47.0, 1.25
    p.tokens_per_gpu, p.rented_share = 1_000.0, 0.2
    for name, step in {"inventory": 3.0, "in_transit": 5.0, "capacity": 7.0, "markup": 0.01, "withheld": 1.5}.items():
        world.smugglers[name] = step * (1.0 + np.arange(9.0) ** 2)
    world.smugglers["layers"] = [1, 2, 3] * 3
    financed_by_their_sites(world)
    world.smugglers["active"] = [0, 1, 0, 1, 1, 0, 0, 1, 0]
    world.provinces["subsidy"] = 0.01 * np.arange(31.0) ** 1.5
    for column, (value, _, _) in SHOWN.items():
        world.market[column] = value
    world.centre.call = 0.37
    world.books.chips_smuggled, world.books.chips_legal = 4_001.0, 13_003.0
    return world, p


def financed_by_their_sites(world: Any) -> None:
    """Leases of startups with a patron, with a partner, with neither any more, with both elsewhere, and of a shell."""
    world.startups["patron"] = world.startups["partner"] = -1
    backers = {2: ("patron", 7.0), 4: ("partner", 5.0), 7: ("patron", 0.0), 9: ("partner", 5.0)}
    for row, (backer, stake) in backers.items():
        world.startups[row][backer], world.startups[row][f"{backer}_stake"] = 10 + row, stake
    for tenant, site, kind, gpus in (
        (2, 12, 0, 11.0),
        (4, 14, 0, 13.0),
        (7, 17, 0, 17.0),
        (9, 18, 0, 29.0),
        (2, 12, 2, 31.0),
    ):
        lease = world.leases[world.lease_count[0]]
        lease.tenant, lease.operator, lease.tenant_kind, lease.gpus = tenant, site, kind, gpus
        world.lease_count[0] += 1


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def of_agents(tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """What can be counted in the tables of agents."""
    operators = tables["operators"][tables["operators"]["stage"] != NONE]
    projects = operators[operators["incumbent"] == 0]
    stages = projects["stage"].value_counts()
    sites = operators[operators["stage"].isin(COMPLETE)].copy()
    sites["leased"] = sites["training_leased"] + sites["inference_leased"]
    new = sites[sites["incumbent"] == 0]
    near = tables["provinces"]["hub"].to_numpy()[sites["province"]] == 1
    indebted = sites[sites["debt"] > 1.0]
    ended = operators[operators["stage"].isin((BANKRUPT, CANCELLED))]
    startups, smugglers = tables["startups"], tables["smugglers"]
    alive = startups[startups["state"].isin((PRETRAINING, OPEN_WEIGHTS))]
    firms = startups[startups["state"] == APPLICATION]
    bundles = tables["investors"]["bundles"].to_numpy()[new["owner"]] == 1
    teams = (new["conversion"] == CONVERTED) | (bundles & (new["owner"] >= 0))
    dealers = smugglers[smugglers["active"] == 1]

    def used(some: pd.DataFrame) -> float:
        return share(some["leased"].sum(), some["gpus_installed"].sum())

    named = {"planned": PLANNED, "building": BUILDING, "operating": OPERATING, "idle": IDLE, "distressed": DISTRESSED,
             "cancelled": CANCELLED, "bankrupt": BANKRUPT, "taken_over": TAKEN_OVER, "paused": PAUSED}  # fmt: skip
    opened = projects[projects["month_opened"] >= 0]
    newcomers = tables["investors"][tables["investors"]["sponsor"] == NEWCOMER]
    progressed = projects[projects["stage"].isin((BUILDING, PAUSED, *COMPLETE))]
    chips = tables["chips"]
    capex = (chips["price"] + 80_021.0 * chips["server"]).to_numpy()[progressed["chip"]]
    of_class = {name.lower(): sites[sites["chip"] == number] for number, name in enumerate(CHIP_CLASSES)}
    return {f"projects_{name}": float(stages.get(stage, 0)) for name, stage in named.items()} | {
        "projects_announced": float((projects["month_announced"] >= 0).sum()),
        "projects_completed": float(len(opened)),
        "projects_handed_over": float(((sites["owner"] >= 0) & (sites["owner"] != sites["announcer"])).sum()),
        "projects_of_harvesters": float((projects["sham"] == 1).sum()),
        "halls_equipped_again": float(projects["re_equipped"].sum()),
        "completed_public": float((opened["sponsor"] == PUBLIC).sum()),
        "completed_able": float((opened["sponsor"] == ABLE).sum()),
        "listed_newcomers": float(((newcomers["deep_pocket"] == 1) & (newcomers["projects"] > 0)).sum()),
        "mean_project_cost": (capex * progressed["gpus_planned"]).mean(),
        "gpus_nationwide": sites["gpus_installed"].sum() + tables["platforms"]["gpus"].sum(),
        "largest_maker_rent": alive["rent_paid"].max(),
        "utilisation": used(sites),
        "utilisation_new": used(new),
        "idle_share_new": share((new["gpus_installed"] - new["leased"]).sum(), new["gpus_installed"].sum()),
        "utilisation_hub": used(sites[near]),
        "utilisation_interior": used(sites[~near]),
        "gpus_installed": sites["gpus_installed"].sum(),
        "gpus_installed_new": new["gpus_installed"].sum(),
        "gpus_leased": sites["leased"].sum(),
        "gpus_on_order": operators["gpus_on_order"].sum(),
        "largest_operator_share": share(sites["leased"].max(), sites["leased"].sum()),
        "concentration": ((sites["leased"] / sites["leased"].sum()) ** 2).sum(),
        "ponzi_share": share((indebted["ponzi"] == 1).sum(), len(indebted)),
        "chips_stranded": ended["gpus_installed"].sum(),
        "operators_cash": operators["cash"].sum(),
        "operators_debt": operators["debt"].sum(),
        "startups_active": float(len(alive)),
        "startups_pretraining": float((alive["state"] == PRETRAINING).sum()),
        "startups_open_weights": float((alive["state"] == OPEN_WEIGHTS).sum()),
        "startups_cash": alive["cash"].sum() + firms["cash"].sum(),
        "application_firms": float(len(firms)),
        "projects_converted": float((sites["conversion"] == CONVERTED).sum()),
        "conversions_failed": float((projects["conversion"] == UNCONVERTED).sum()),
        "utilisation_teams": used(new[teams]),
        "utilisation_bare": used(new[~teams]),
        "smugglers_active": float(len(dealers)),
        "smugglers_stock": smugglers["inventory"].sum() + smugglers["in_transit"].sum(),
        "mean_markup": share((dealers["markup"] * dealers["capacity"]).sum(), dealers["capacity"].sum()),
        "mean_hands": share((dealers["layers"] * dealers["capacity"]).sum(), dealers["capacity"].sum()),
        "chips_held_back": smugglers["withheld"].sum(),
        "mean_subsidy": tables["provinces"]["subsidy"].mean(),
        **{f"price_{name}": chips["price"][number] for number, name in enumerate(of_class)},
        **{f"bought_{name}": chips["bought"][number] for number, name in enumerate(of_class)},
        **{f"installed_{name}": some["gpus_installed"].sum() for name, some in of_class.items()},
        **{f"utilisation_{name}": used(some) for name, some in of_class.items()},
        **{
            f"rent_{name}": share(8 * (some["leased"] * some["rent"]).sum(), some["leased"].sum())
            for name, some in of_class.items()
        },
    }


def expected() -> dict[str, float]:
    """Every measure of the world built by hand."""
    world, _ = built()
    names = ("operators", "provinces", "startups", "smugglers", "investors", "platforms", "chips")
    tables = {name: pd.DataFrame(getattr(world, name).columns) for name in names}
    counted = of_agents(tables)
    return (
        counted
        | {measure: factor * value for value, measure, factor in SHOWN.values()}
        | {
            "inference_share": 264 / 926,
            "real_utilisation": (counted["gpus_leased"] - 19.0) / counted["gpus_installed"],
            "gpus_circular": 11.0 + 13.0,
            "independent_utilisation": (counted["gpus_leased"] - 19.0 - 24.0) / counted["gpus_installed"],
            "all_in_price": 150_001.0 + 80_021.0,
            "central_call": 0.37,
            "tokens_per_gpu": 1_250.0,
            "tokens_per_day": 1_250.0 * 47.0 / 0.2,
            "platforms_rented": 165.0,
            "platforms_short": 85.0,
            "smuggled_share": 4_001 / 17_004,
        }
    )


VALUES = expected()


COUNTS = (
    "projects_", "startups_", "smugglers_active", "completed_", "listed_newcomers", "funding_rounds",
    "pretraining_exits", "application_firms", "services_registered", "conversions_failed", "halls_equipped_again",
)  # fmt: skip


def test_every_measure_is_checked_by_value_and_no_two_by_the_same() -> None:
    assert set(VALUES) == set(Measures.columns)
    counts = {name for name in VALUES if name.startswith(COUNTS)}
    others = [value for name, value in VALUES.items() if name not in counts and name != "price_h100"]
    assert all(value != 0.0 for value in VALUES.values())
    assert len({round(value, 9) for value in others}) == len(others)


@pytest.mark.parametrize("name", list(Measures.columns))
def test_a_measure_is_what_the_tables_of_the_world_say(name: str) -> None:
    assert measured(*built())[name] == pytest.approx(VALUES[name], rel=1e-12)


def test_some_of_the_measures_worked_out_by_hand() -> None:
    found = measured(*built())
    assert (found.projects_announced, found.projects_operating, found.projects_bankrupt) == (18, 3, 3)
    assert (found.projects_completed, found.completed_public, found.completed_able) == (12, 6, 3)
    assert found.listed_newcomers == 8
    assert found.largest_maker_rent == 1_022.0
    progressed = (
        (811, 2),
        (823, 3),
        (701, 4),
        (601, 0),
        (503, 1),
        (401, 2),
        (403, 3),
        (307, 4),
        (311, 0),
        (313, 1),
        (211, 2),
    )
    progressed += ((223, 3), (839, 4))
    costs = [gpus * (CLASSES[chip][0] + 80_021 * CLASSES[chip][1]) for gpus, chip in progressed]
    assert found.mean_project_cost == pytest.approx(sum(costs) / 13)
    assert found.installed_h20 == 503 + 277
    assert found.utilisation_b200 == pytest.approx((408 + 59) / (701 + 293))
    assert found.gpus_installed_new == 701 + 599 + 503 + 397 + 389 + 293 + 281 + 277 + 199 + 197
    assert found.gpus_leased == 408 + 211 + 97 + 59 + 61 + 90 + 31 + 264 + 558 + 601
    assert found.largest_operator_share == pytest.approx(601 / 2_380)
    assert found.ponzi_share == pytest.approx(4 / 6)
    assert found.chips_stranded == 73 + 29
    assert found.utilisation_hub == pytest.approx((408 + 59 + 90 + 264 + 601) / (701 + 389 + 293 + 199 + 1_301 + 1_307))


def test_the_market_and_the_provinces_learn_what_stands_where() -> None:
    world, p = built()
    for column in ("gpus_installed", "gpus_leased", "gpus_installed_new", "gpus_leased_new"):
        world.provinces[column] = 9e9  # of the month before
    world.market.go_ahead = 0.25
    counted(world, p)
    assert world.market.installed == VALUES["gpus_installed"]
    assert world.market.utilisation == pytest.approx(VALUES["utilisation"])
    assert world.market.pipeline == pytest.approx(811 + 823 + 839 + 0.25 * (1_009 + 907))
    near, far, empty = (world.provinces[row] for row in (HUB, INTERIOR, 0))
    assert near.gpus_installed_new == 701 + 389 + 293 + 199
    assert near.gpus_installed == near.gpus_installed_new + 1_301 + 1_307
    assert near.gpus_leased_new == 408 + 59 + 90
    assert near.gpus_leased == near.gpus_leased_new + 264 + 601
    assert far.gpus_installed_new == 599 + 503 + 397 + 281 + 277 + 197
    assert far.gpus_installed == far.gpus_installed_new + 1_303
    assert far.gpus_leased_new == 211 + 97 + 61 + 31
    assert far.gpus_leased == far.gpus_leased_new + 558
    assert (empty.gpus_installed, empty.gpus_leased, empty.gpus_installed_new, empty.gpus_leased_new) == (0, 0, 0, 0)


def test_half_a_chip_has_a_share_too() -> None:
    world, p = founded(SCATTERED)
    world.operators["stage"] = NONE
    project(world, stage=OPERATING, gpus_installed=0.5, inference_leased=0.125, month_opened=0)
    found = measured(world, p)
    assert (found.utilisation, found.idle_share_new, found.largest_operator_share) == (0.25, 0.75, 1.0)
    assert found.concentration == 1.0


def test_shares_of_nothing_are_zero() -> None:
    world, p = founded(SCATTERED)
    world.operators["stage"] = NONE
    world.smugglers["active"] = 0
    found = measured(world, p)
    shares = ("utilisation", "utilisation_new", "idle_share_new", "inference_share", "ponzi_share", "mean_markup",
              "smuggled_share", "largest_operator_share", "concentration")  # fmt: skip
    assert {name: float(found[name]) for name in shares} == dict.fromkeys(shares, 0.0)


@pytest.mark.parametrize("left_over", [3e-13, -3e-13, 1e-9])
def test_what_rounding_leaves_of_leases_is_no_share_of_anything(left_over: float) -> None:
    world, p = founded(SCATTERED)
    for number, leased in enumerate((left_over, -0.9 * left_over, 0.0)):
        project(world, number, stage=OPERATING, gpus_installed=100.0, training_leased=leased, debt=10.0)
    found = measured(world, p)
    assert found.largest_operator_share == found.concentration == 0.0
    assert 0.0 <= found.utilisation_new < 1e-11 and 0.0 <= found.utilisation_interior < 1e-11
    assert found.idle_share_new == 1.0 - found.utilisation_new


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e9))
def test_a_share_is_a_share(part: float, whole: float) -> None:
    assert 0.0 <= counting.share(part, whole) <= 1.0
    if whole >= 0.01 and 0.0 <= part <= whole:
        assert counting.share(part, whole) == part / whole
