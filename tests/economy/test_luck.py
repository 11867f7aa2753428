"""The generator is the published one; draws are uniform, independent and keyed by seed, decision, agent and month."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bubble_abm.economy import kinds, luck
from bubble_abm.economy.agents.investor import InvestorRow
from bubble_abm.economy.agents.operator import OperatorLuck
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.kinds import INVESTOR, LUCKY, OPERATOR
from bubble_abm.economy.luck import (
    BIRTH,
    draw_all,
    draw_block,
    draw_some,
    lognormal,
    luck_for,
    normal,
    philox,
    uniform,
)
from bubble_abm.economy.tables import DRAWS_PER_BLOCK
from bubble_abm.economy.world import empty_world
from bubble_abm.engine.simulation import Simulation
from tests.worlds import SMALL

WORD = st.integers(0, 2**32 - 1)
SAMPLE = 4_000

#: Known-answer vectors of Random123 (kat_vectors, philox4x32, 10 rounds): counter, key, result.
PUBLISHED = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


def philox_by_definition(counter: tuple, key: tuple, bits: int, multipliers: tuple, weyl: tuple) -> tuple:
    """Salmon et al. 2011, section 3.2, in words of any width: key schedule first, then ten rounds of mulhi/mullo."""
    modulus = 1 << bits
    keys = [tuple((k + round_ * w) % modulus for k, w in zip(key, weyl, strict=True)) for round_ in range(10)]
    left_0, right_0, left_1, right_1 = counter
    for key_0, key_1 in keys:
        high_0, low_0 = divmod(multipliers[0] * left_0, modulus)
        high_1, low_1 = divmod(multipliers[1] * left_1, modulus)
        left_0, right_0, left_1, right_1 = high_1 ^ right_0 ^ key_0, low_1, high_0 ^ right_1 ^ key_1, low_0
    return left_0, right_0, left_1, right_1


def philox4x32_by_definition(counter: tuple, key: tuple) -> tuple:
    return philox_by_definition(counter, key, 32, (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85))


@pytest.mark.parametrize(("counter", "key", "result"), PUBLISHED)
def test_the_generator_gives_the_published_vectors(counter: str, key: str, result: str) -> None:
    assert philox(*words(counter), *words(key)) == words(result)


@pytest.mark.parametrize(("counter", "key", "result"), PUBLISHED)
def test_the_definition_written_here_gives_the_published_vectors(counter: str, key: str, result: str) -> None:
    assert philox4x32_by_definition(words(counter), words(key)) == words(result)


def test_the_definition_written_here_gives_numpys_philox_in_words_of_64_bits() -> None:
    counter, key = (11, 22, 33, 44), (55, 66)
    generator = np.random.Philox(counter=np.array(counter, np.uint64), key=np.array(key, np.uint64))
    drawn = tuple(int(word) for word in generator.random_raw(4))
    multipliers = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
    weyl = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
    advanced = (counter[0] + 1, *counter[1:])  # NumPy counts up before it draws
    assert philox_by_definition(advanced, key, 64, multipliers, weyl) == drawn


@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_the_generator_is_its_definition_for_any_counter_and_key(counter: tuple, key: tuple) -> None:
    assert philox(*counter, *key) == philox4x32_by_definition(counter, key)


def test_compiled_and_interpreted_generators_agree_bit_for_bit() -> None:
    compiled = numba.njit(philox)
    corners = [0, 1, 2**31 - 1, 2**31, 2**32 - 1]
    given_words = [words(counter) + words(key) for counter, key, _ in PUBLISHED]
    given_words += [(a, b, b, a, a, b) for a in corners for b in corners]
    for case in given_words:
        assert tuple(compiled(*case)) == philox(*case)


def test_words_map_to_the_open_unit_interval_in_order() -> None:
    edges = [uniform(word) for word in (0, 1, 2**31 - 1, 2**31, 2**32 - 1)]
    assert 0.0 < edges[0] < edges[1] < edges[2] < 0.5 < edges[3] < edges[4] < 1.0
    assert edges[0] == 1.0 - edges[4]


def sample(vary: str, **fixed: int) -> np.ndarray:
    """Draws of one decision while one part of the key runs and the others are fixed."""
    key = {"seed": 7, "stream": INVESTOR, "agent": 3, "month": 5, "block": 0} | fixed
    return np.array([draw_block(**(key | {vary: value})) for value in range(1, SAMPLE + 1)])


@pytest.mark.parametrize("vary", ["seed", "agent", "month"])
def test_draws_are_uniform_whichever_part_of_the_key_runs(vary: str) -> None:
    for decision in sample(vary).T:
        assert stats.kstest(decision, "uniform").pvalue > 0.001
        assert stats.chisquare(np.histogram(decision, 64, (0, 1))[0]).pvalue > 0.001


@pytest.mark.parametrize("vary", ["seed", "agent", "month"])
@pytest.mark.parametrize("neighbour", ["seed", "agent", "month", "stream", "block"])
def test_draws_of_neighbouring_keys_are_independent(vary: str, neighbour: str) -> None:
    if vary == neighbour:
        drawn = sample(vary)[:, 0]
        one, other = drawn[::2], drawn[1::2]
    else:
        one, other = sample(vary)[:, 0], sample(vary, **{neighbour: 2})[:, 0]
    assert not np.array_equal(one, other)
    assert stats.spearmanr(one, other).pvalue > 0.001
    cells = np.histogram2d(one, other, 8, ((0, 1), (0, 1)))[0].ravel()
    assert stats.chisquare(cells).pvalue > 0.001


def test_the_four_draws_of_a_block_are_independent_of_each_other() -> None:
    drawn = sample("agent")
    correlation = np.corrcoef(drawn.T) - np.eye(4)
    assert np.abs(correlation).max() < 4.0 / math.sqrt(SAMPLE)


def test_pairs_of_draws_become_standard_normal() -> None:
    values = np.array([normal(first, second) for first, second, _, _ in sample("agent")])
    assert stats.kstest(values, "norm").pvalue > 0.001
    assert abs(values.mean()) < 4.0 / math.sqrt(SAMPLE)
    assert abs(values.var() - 1.0) < 4.0 * math.sqrt(2.0 / SAMPLE)
    assert abs(stats.skew(values)) < 4.0 * math.sqrt(6.0 / SAMPLE)
    assert abs(stats.kurtosis(values)) < 4.0 * math.sqrt(24.0 / SAMPLE)


def test_lognormal_draws_have_their_median_and_spread() -> None:
    values = np.log([lognormal(350.0, 0.8, first, second) for first, second, _, _ in sample("agent")])
    assert stats.kstest((values - math.log(350.0)) / 0.8, "norm").pvalue > 0.001
    assert lognormal(350.0, 0.0, 0.3, 0.9) == 350.0


def test_draws_at_birth_are_those_of_no_month() -> None:
    at_birth = draw_block(1, INVESTOR, 4, BIRTH, 0)
    assert all(0.0 < draw < 1.0 for draw in at_birth)
    assert at_birth not in {draw_block(1, INVESTOR, 4, month, 0) for month in range(1200)}


def test_large_ids_and_seeds_count_with_all_their_bits() -> None:
    small, large = draw_block(1, OPERATOR, 3, 0, 0), draw_block(1, OPERATOR, 2**40 + 3, 0, 0)
    assert small != large
    assert large != draw_block(1, OPERATOR, 2**41 + 3, 0, 0)
    assert draw_block(1, OPERATOR, 3, 0, 0) != draw_block(1 + 2**32, OPERATOR, 3, 0, 0)


def test_no_two_kinds_of_decision_share_a_stream() -> None:
    streams = [value for name, value in vars(kinds).items() if name.isupper() and isinstance(value, int)]
    assert len(set(streams)) == len(streams) == 7
    assert {kind.stream for kind in LUCKY} <= set(streams)
    assert len({kind.stream for kind in LUCKY}) == len(LUCKY)
    for kind in LUCKY:
        assert kind.luck is not None
        assert kind.luck.places.itemsize % (8 * DRAWS_PER_BLOCK) == 0


def drawn_month(under_way: list[int]) -> Any:
    """A month of luck in a world whose projects have numbers from 1000 on, those in some rows being under way."""
    world = empty_world(SMALL)
    for kind in LUCKY:
        getattr(world, kind.table)["id"] = 1000 + np.arange(len(getattr(world, kind.table)))
    world.live[: len(under_way)], world.live_count[0], world.market.month = under_way, len(under_way), 17
    drawn = luck_for(world, 9)
    luck.draw_month(world, drawn, 17)
    luck.projects_draw_luck(world, drawn)
    return drawn


def test_a_month_of_luck_is_read_by_the_names_of_the_decisions() -> None:
    drawn = drawn_month(list(range(len(empty_world(SMALL).operators))))
    for kind in LUCKY:
        assert kind.luck is not None
        named = getattr(drawn, kind.table)
        numbers = getattr(drawn.numbers, kind.table)[:, : len(named)].T
        assert numbers.min() > 0.0, kind
        assert numbers.max() < 1.0, kind
        assert len(np.unique(numbers)) == numbers.size, kind
        blocks = range(numbers.shape[1] // DRAWS_PER_BLOCK)
        expected = [value for block in blocks for value in draw_block(9, kind.stream, 1004, 17, block)]
        for name, column in kind.luck.columns.items():
            assert named[name][4] == expected[column.place or 0], (kind.name, name)
    assert drawn.operators[4].contact_1 == draw_block(9, OPERATOR, 1004, 17, 0)[2]
    assert OperatorLuck.columns["take_over"].place == 8
    assert OperatorLuck.columns["hand_over"].place == 13


def test_only_projects_under_way_draw_luck() -> None:
    everybody, some = drawn_month(list(range(len(empty_world(SMALL).operators)))), drawn_month([7, 2])
    assert (some.numbers.operators[:, :2] == everybody.numbers.operators[:, [7, 2]]).all()
    assert (some.numbers.operators[:, 2:] == 0.0).all()
    assert (some.numbers.investors == everybody.numbers.investors).all()


def test_luck_follows_the_agents_number_and_not_his_row() -> None:
    one, other = InvestorRow.table(3), InvestorRow.table(5)
    one["id"], other["id"] = [7, 8, 9], [1, 9, 2, 7, 8]
    first, second, third = np.zeros((4, 3)), np.zeros((4, 5)), np.zeros((4, 5))
    draw_all(first, one, INVESTOR, 3, 11)
    draw_all(second, other, INVESTOR, 3, 11)
    assert (first == second[:, [3, 4, 1]]).all()
    assert len(np.unique(first)) == 12
    draw_some(third, np.zeros(5, np.int64), other, np.array([4, 1]), 2, INVESTOR, 3, 11)
    assert (third[:, :2] == first[:, [1, 2]]).all()
    assert (third[:, 2:] == 0.0).all()


@pytest.mark.parametrize("seed", [0, -1, 2**63, 1.0, True, "1"])
def test_seeds_start_at_one_and_are_whole(seed: object) -> None:
    with pytest.raises(InvalidInput, match="seed"):
        Simulation(SMALL, seed=seed, interpreted=True)  # type: ignore[arg-type]
