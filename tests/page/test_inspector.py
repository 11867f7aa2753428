"""Agents as individuals: lists, lives and leases."""

import re

import numpy as np
import pytest

from bubble_abm.economy.provinces import PROVINCE_NAMES
from bubble_abm.page import charts, inspector, lives
from tests.page.drawn import labels_fit


@pytest.mark.parametrize("kind", inspector.NAMES)
@pytest.mark.parametrize("month", [0, 40])
def test_agents_of_every_kind_can_be_listed_and_looked_at(whole, kind, month):
    table, _ = inspector.looked_at(whole, month, kind, "", -1)
    assert len(table["rows"]) <= inspector.MAX_LISTED
    assert all(len(entry["cells"]) == len(table["heads"]) for entry in table["rows"])
    if table["rows"]:
        _, one = inspector.looked_at(whole, month, kind, "", table["rows"][0]["row"])
        assert one["title"] and one["text"].endswith(".")
    assert table["rows"] or (month, kind) == (0, "startups")


def test_an_agent_is_told_in_a_sentence_and_nothing_is_less_than_zero_by_rounding(whole):
    _, one = inspector.looked_at(
        whole, 40, "smugglers", "", inspector.looked_at(whole, 40, "smugglers", "", -1)[0]["rows"][0]["row"]
    )
    assert re.fullmatch(r"Smuggler \d+ asks [\d,]+ CNY for a GPU, has .* in cash\.", one["text"])
    for month in (20, 40, 60):
        for kind in inspector.NAMES:
            table, _ = inspector.looked_at(whole, month, kind, "", -1)
            assert not [
                cell for entry in table["rows"] for cell in entry["cells"] if re.match(r"-0(\.0+)?( %)?$", cell)
            ]
    assert re.search(r"\d,\d{3}$", inspector.looked_at(whole, 60, "operators", "", -1)[0]["title"])


def test_both_sides_are_told_with_spaces_as_elsewhere(whole):
    with whole.world_at(30) as world:
        lease = world.leases[int(np.argmax(world.leases["gpus"][: int(world.lease_count[0])]))]
        assert re.search(r"\d\s% of its [\d,]+ GPUs are let", inspector.sides_of(world, lease)[0])


def test_a_province_shows_its_own_data_centres_with_their_state(whole):
    with whole.world_at(40) as world:
        table = inspector.listing(world, "operators", "Hubei")
        rows = [entry["row"] for entry in table["rows"]]
        number = PROVINCE_NAMES.index("Hubei")
        assert rows and all(world.operators[row].province == number for row in rows)
    assert {entry["cells"][1] for entry in table["rows"]} <= {
        "planned", "building", "paused", "operating", "idle", "distressed", "bankrupt", "cancelled", "taken over",
    }  # fmt: skip
    assert table["summary"].startswith("Hubei")


def test_both_sides_of_a_lease_find_each_other(whole):
    with whole.world_at(30) as world:
        count = int(world.lease_count[0])
        lease = world.leases[int(np.argmax(world.leases["gpus"][:count]))]
        kind = inspector.TENANTS[lease.tenant_kind]
        theirs = inspector.leases(world, operator=int(lease.operator))
        ours = inspector.leases(world, tenant=int(lease.tenant), kind=kind)
        assert (kind, int(lease.tenant)) in [(one["kind"], one["row"]) for one in theirs]
        assert ("operators", int(lease.operator)) in [(one["kind"], one["row"]) for one in ours]


def test_a_life_is_that_of_the_data_centre_in_every_month(whole):
    with whole.world_at(40) as world:
        row = next(
            row for row in inspector.listed(world, "operators", "")
            if not world.operators[row].incumbent and world.operators[row].month_opened > 0
        )  # fmt: skip
        agent = world.operators[row]
        number, opened = int(agent.id), int(agent.month_opened)
        announced, installed = int(agent.month_announced), float(agent.gpus_installed)
    life = lives.life_of(whole, number)
    assert life.installed[39] == installed
    assert np.flatnonzero(life.stage != 0)[0] == announced
    told = lives.life_sentence(life, "Hubei", 1000, whole)
    assert lives.label(announced) in told and f"opened in {lives.label(opened)}" in told
    svg = lives.life_chart(life, whole)
    assert "<svg" in svg and labels_fit(svg)
    large = lives.Life(life.stage, life.installed * 3e5 / life.installed.max(), life.let)
    assert labels_fit(lives.life_chart(large, whole))
    same = lives.followed(whole, 40, row)
    assert np.array_equal(same.used, life.used, equal_nan=True) and np.nanmax(life.used) <= 1.0
    named = [
        chart.key
        for chart in charts.CHARTS
        if "chosen data centre" in charts.shown(chart, whole, None, None, same)["svg"]
    ]
    assert named == ["utilisation"]
    assert lives.followed(whole, 40, -1) is lives.followed(whole, 40, 10**9) is None


def test_nobody_is_looked_at_outside_the_table(whole):
    with whole.world_at(40) as world:
        assert (
            inspector.detail(whole, world, "operators", -1) == inspector.detail(whole, world, "operators", 10**9) == {}
        )
