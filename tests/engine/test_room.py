"""Runs that take place in the memory of earlier ones have the same bits as runs in new memory."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from bubble_abm import Parameters, Shock, simulate, twin
from bubble_abm.economy.identities import BrokenIdentity
from bubble_abm.economy.world import empty_world, extent
from bubble_abm.engine import room, simulation
from bubble_abm.engine.room import Room, lent_rooms
from bubble_abm.engine.simulation import Simulation
from tests.small import MONTHS, SMALL, fingerprint

BUSY = SMALL.with_values({"announcement_rate": 0.2, "contract_length": 18.0})


@pytest.fixture(autouse=True)
def no_room_is_kept() -> None:
    room.kept.extent, room.kept.rooms = (), []


def kept() -> list[Room]:
    return room.kept.rooms


def members(world: Any) -> list[bytes]:
    return [np.asarray(member).tobytes() for member in world]


def alone(parameters: Parameters, seed: int, shocks: Any = None) -> str:
    run = Simulation(parameters, shocks=shocks, months=MONTHS, seed=seed)
    run.advance(MONTHS)
    return fingerprint(run.records)


def test_a_world_is_as_new_after_a_run() -> None:
    used = Room(BUSY)
    run = Simulation(BUSY, months=MONTHS, seed=2, room=used)
    run.advance(MONTHS)
    before = members(used.world)
    emptied = used.emptied()
    emptied.leases.view(np.uint8)[:] = 0  # leases of the past stay, behind a count of none
    assert members(emptied) == members(empty_world(BUSY)) != before


def test_runs_in_used_memory_have_the_bits_of_runs_in_new_memory() -> None:
    first = simulate(BUSY, months=MONTHS, seed=1)
    (used,) = kept()
    pair = twin(SMALL, months=MONTHS, seed=2)
    assert used in kept() and len(kept()) == 2
    again = twin(BUSY, months=MONTHS, seed=1)
    assert len(kept()) == 2
    assert fingerprint(first.records) == fingerprint(again.with_shock.records) == alone(BUSY, 1)
    assert fingerprint(pair.with_shock.records) == alone(SMALL, 2)
    assert fingerprint(pair.without_shock.records) == alone(SMALL, 2, ())


def test_runs_have_the_same_bits_after_one_that_ended_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*about: Any) -> None:
        raise BrokenIdentity("month 3: money = 1 CNY")

    simulate(SMALL, months=MONTHS, seed=1)
    (used,) = kept()
    with monkeypatch.context() as patched, pytest.raises(BrokenIdentity):
        patched.setattr(simulation, "check_identities", broken)
        twin(SMALL, months=MONTHS, seed=1)
    assert used not in kept()
    assert fingerprint(simulate(BUSY, months=MONTHS, seed=3).records) == alone(BUSY, 3)


def test_a_shock_in_the_first_month_leaves_nothing_in_common() -> None:
    pair = twin(BUSY, shocks=(Shock(month=0),), months=MONTHS, seed=1)
    assert fingerprint(pair.with_shock.records) == alone(BUSY, 1, (Shock(month=0),))
    assert fingerprint(pair.without_shock.records) == alone(BUSY, 1, ())


def test_results_are_not_changed_by_later_runs() -> None:
    results = [simulate(BUSY, months=MONTHS, seed=seed) for seed in (1, 2)]
    assert [fingerprint(result.records) for result in results] == [alone(BUSY, seed) for seed in (1, 2)]


def test_only_rooms_of_the_latest_size_are_kept_and_none_of_a_large_world(monkeypatch: pytest.MonkeyPatch) -> None:
    twin(SMALL, months=1)
    small = kept()
    larger = SMALL.with_values({"investors": 950})
    twin(larger, months=1)
    assert not set(small) & set(kept()) and len(kept()[0].world.investors) == 95
    monkeypatch.setattr(room, "LARGEST_KEPT", sum(extent(SMALL)) - 1)
    simulate(SMALL, months=1)
    assert kept() == []


@pytest.mark.parametrize(
    "changed", [{"investors": 910}, {"startups": 180}, {"neighbours": 7}, {"provinces_considered": 2}, {"scale": 0.2}]
)
def test_worlds_of_another_size_have_another_extent(changed: dict[str, float]) -> None:
    other = SMALL.with_values(changed)
    assert extent(other) != extent(SMALL)
    assert fingerprint(simulate(other, months=3).records)  # not in a room of the wrong size
    assert [np.asarray(one).shape for one in kept()[0].world] == [np.asarray(one).shape for one in empty_world(other)]


def test_threads_have_rooms_of_their_own() -> None:
    seen: list[Room] = []

    def work() -> None:
        with lent_rooms(SMALL, 2) as lent:
            seen.extend(lent)

    simulate(SMALL, months=1)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(set(seen) | set(kept())) == 3
