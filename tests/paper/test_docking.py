"""The docking kit says what the model does, and the description is of a size that somebody reads."""

from __future__ import annotations

import csv
import json
from functools import cache
from typing import Any

import pytest

from bubble_abm.economy.month import AMENDMENTS
from bubble_abm.engine.rules import standard_rules
from bubble_abm.paper import docking
from bubble_abm.paper.watched import ask

RULES = standard_rules() | {amendment.__name__: amendment for _, amendment in AMENDMENTS}
LARGEST = 1_500_000  # bytes
AGAIN = "run 'make docking'"


@cache
def kept_rules() -> dict[str, Any]:
    return json.loads((docking.FOLDER / "rules.json").read_text(encoding="utf-8"))


def lines_of(name: str) -> list[list[str]]:
    with (docking.FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def same(kept: list[list[str]], now: list[list[Any]]) -> bool:
    """Whether tables agree, up to what another processor rounds differently."""
    return [kept[0], len(kept)] == [now[0], len(now)] and all(
        [float(cell) for cell in line] == pytest.approx([float(cell) for cell in other], rel=1e-6, abs=1e-9)
        for line, other in zip(kept[1:], now[1:], strict=True)
    )


def test_there_is_an_example_of_every_rule_and_amendment() -> None:
    assert set(kept_rules()) == set(RULES), AGAIN
    assert all(kept_rules().values())


def test_rules_answer_as_the_kit_says() -> None:
    for name, kept in kept_rules().items():
        for example in kept:
            answer = ask(RULES[name], example["given"])
            assert type(answer) is type(example["answer"]), name
            assert answer == pytest.approx(example["answer"], rel=1e-9), f"{name}: {AGAIN}"


def test_agents_of_the_kit_are_those_of_the_first_seed() -> None:
    for name, lines in docking.agents().items():
        assert same(lines_of(name), lines), f"{name}: {AGAIN}"


def test_quantiles_of_the_first_month_are_those_of_the_model() -> None:
    kept = {line[0]: line[2:] for line in lines_of("quantiles") if line[1] == "0"}
    heading, *lines = docking.quantiles(months=1)
    for name, _, *values in lines:
        assert [float(value) for value in kept[name]] == pytest.approx([float(v) for v in values], rel=1e-5), AGAIN
    assert len(lines) <= len(kept) and lines_of("quantiles")[0] == heading


def test_the_kit_stays_small() -> None:
    assert sum(path.stat().st_size for path in docking.FOLDER.iterdir()) < LARGEST
