"""The short form of the torture; and that what is broken by hand is noticed, shrunk and can be run again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.scenario import assignments, read_scenario
from bubble_abm.engine.simulation import Simulation
from tests.torture.checks import Trial, look_at, look_at_shortage, trial
from tests.torture.points import KINDS, MOST_AGENTS, SIZES, VARIED, Point, point
from tests.torture.shrinking import shrunk
from tests.torture.tally import Tally, tortured

PORTION, PORTIONS = 42, 10


@pytest.mark.whole_runs
@pytest.mark.parametrize("portion", range(PORTIONS))
def test_nothing_breaks(portion: int) -> None:
    tally = tortured(1, portion * PORTION, (portion + 1) * PORTION)
    assert not tally.lines, "\n".join(line for lines in tally.lines.values() for line in lines)
    assert tally.closest.max() < 1.0
    assert tally.points.total() == PORTION


# --- The points -----------------------------------------------------------------------------------------------------


def test_points_reach_both_ends_of_every_parameter_and_the_longest_run() -> None:
    points = [point(7, number) for number in range(40 * len(KINDS))]
    for name in VARIED:
        about, values = DECLARED[name].metadata, [one.values.get(name, DECLARED[name].default) for one in points]
        assert {about["low"], about["high"]} <= set(values), name
        inner = [value for value in values if about["low"] < value < about["high"] and value != DECLARED[name].default]
        assert inner or about["whole"], name
    assert {one.months for one in points} >= {MAX_MONTHS}
    assert {isinstance(event, Change) for one in points for event in one.events} == {True, False}
    assert point(7, 3) == point(7, 3) != point(8, 3)


def test_one_end_after_another_is_tried_for_every_parameter() -> None:
    place = list(KINDS).index("one at its end")
    tried = set()
    for turn in range(2 * len(VARIED)):
        values = point(1, turn * len(KINDS) + place).values
        tried |= {(name, value) for name, value in values.items() if name not in SIZES}
    ends = {(name, DECLARED[name].metadata[side]) for name in VARIED for side in ("low", "high")}
    assert tried == {(name, value) for name, value in ends if value != DECLARED[name].default}


def test_worlds_are_small_and_of_any_scale() -> None:
    scales = []
    for number in range(300):
        parameters = point(3, number).parameters
        scales.append(parameters.scale)
        if parameters.investors != DECLARED["investors"].default:
            assert parameters.investors * parameters.scale <= 2 * max(MOST_AGENTS["investors"], parameters.scale)
    assert min(scales) < 0.05 and max(scales) > 500.0


def test_a_point_can_be_run_again_from_its_line() -> None:
    one = Point(
        "", seed=5, months=9, values={"herding": 1 / 3, "shock_efficiency": 2.0},
        changes=(Change(parameter="loan_rate", value=0.1, month=3, until=5),
                 Change(parameter="hurdle", value=2, month=1)),
    )  # fmt: skip
    two = Point("", seed=5, months=9, values={"herding": 2.0}, shocks=(Shock(efficiency=3.0, month=4), Shock(month=7)))
    three = Point(
        "", seed=5, months=9, values={"herding": 2.0, "shock_exit": 0.0, "shock_month": 4.0, "shock_openness": 0.1},
        shocks=(Shock(efficiency=3.0, month=4),),
    )  # fmt: skip
    assert "--set shock_exit=0.0 --set shock_month=4.0 --scenario" in three.command  # channels close whatever is listed
    assert "shock_openness" not in three.command
    for given in (one, two, three):
        words = 'printf "%s\\n" "$@"; cat "${!#}"'
        command = given.command.replace("bubble-abm run", f"bash -c '{words}' bubble-abm")
        text = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
        assert f"--seed\n5\n--months\n9\n--set\nherding={given.values['herding']!r}" in text
        assert [line for line in text.splitlines() if line.startswith(("month", "efficiency"))] == [
            f"{name} = {value!r}"
            for event in (*given.shocks, *given.changes) for name, value in vars(event).items()
            if name in ("month", "efficiency")
        ]  # fmt: skip


def test_the_scenario_in_a_line_is_the_scenario_of_the_point(tmp_path: Any) -> None:
    one = Point(
        "", seed=5, months=9, shocks=(Shock(efficiency=3.0, month=4), Shock(efficiency=1 / 3 + 1, month=7)),
        changes=(Change(parameter="loan_rate", value=1 / 7, month=3, until=5),),
    )  # fmt: skip
    written = one.command.partition("--scenario <(")[2].removesuffix(")")
    (tmp_path / "one.toml").write_text(subprocess.check_output(["bash", "-c", written], text=True))
    read = read_scenario(tmp_path / "one.toml")
    assert (read["shocks"], read["changes"]) == (one.shocks, one.changes)
    assert assignments(["herding=" + repr(1 / 3)]) == {"herding": "0.3333333333333333"}


# --- It would notice --------------------------------------------------------------------------------------------------

#: Without prepayment and penalty rent never flows back: every direction of a payment is looked at.
CALM = Point(
    "",
    seed=2,
    months=20,
    values={
        "investors": 60.0,
        "startups": 20.0,
        "smugglers": 4.0,
        "incumbents": 3.0,
        "contract_prepayment": 0.0,
        "lessor_penalty": 0.0,
    },
)


def measured(name: str, value: float) -> Callable[[Simulation], None]:
    def tamper(run: Simulation) -> None:
        run.records.measures[name][5] = value

    return tamper


def a_payment_backwards(run: Simulation) -> None:
    run.records.flows[4, FLOWS.index("rent"), SECTORS.index("operators")] = -5.0


def a_purse_that_is_no_number(run: Simulation) -> None:
    run.world.investors[3].cash = np.nan


def less_than_no_stock(run: Simulation) -> None:
    run.world.smugglers[1].inventory = -1.0


def a_shortage_without_end(run: Simulation) -> None:
    run.records.measures["rent_per_server"][4:17] = 10.1 * run.records.measures["replacement_rent_per_server"][4:17]


SEEN: list[tuple[Callable[[Simulation], None], str]] = [
    (measured("gpus_wanted", np.nan), "finite gpus_wanted"),
    (measured("funding_climate", np.inf), "finite funding_climate"),
    (measured("largest_operator_share", 89.8), "bounds of largest_operator_share"),
    (measured("utilisation_new", -1e-8), "bounds of utilisation_new"),
    (measured("gpus_on_order", -1.0), "bounds of gpus_on_order"),
    (measured("mean_markup", -0.7), "bounds of mean_markup"),
    (measured("rent_per_server", 3.8e8), "bounds of rent"),
    (measured("prime_rent_per_server", 1e-11), "bounds of prime_rent"),
    (measured("gpus_leased", 1e9), "leased"),
    (measured("projects_idle", 1e3), "stages"),
    (a_shortage_without_end, "shortage"),
    (a_payment_backwards, "direction of rent"),
    (a_purse_that_is_no_number, "finite investors.cash"),
    (less_than_no_stock, "sign of smugglers.inventory"),
]


@pytest.mark.parametrize(("tamper", "name"), SEEN, ids=[name for _, name in SEEN])
def test_it_notices(tamper: Callable[[Simulation], None], name: str) -> None:
    run = Simulation(CALM.parameters, months=CALM.months, seed=CALM.seed)
    run.advance(CALM.months)
    found = Trial(month=CALM.months)
    look_at(run, found)
    assert found.failures == {}
    tamper(run)
    look_at(run, found)
    assert name in found.failures


def test_a_shortage_may_last_a_year_and_an_index_without_a_lease_for_ever() -> None:
    run = Simulation(CALM.parameters, months=CALM.months, seed=CALM.seed)
    run.advance(CALM.months)
    series = run.records.measures
    for dear, without_a_lease in (12, 0), (20, 8):
        series["rent_per_server"][:dear] = 10.1 * series["replacement_rent_per_server"][:dear]
        series["gpus_leased"][:without_a_lease] = 0.0
        found = Trial(month=CALM.months)
        look_at_shortage(series, found)
        assert found.failures == {}


def test_where_nobody_may_build_rents_stay_at_what_compute_costs_abroad() -> None:
    values = {**CALM.values, "investors": 0.0, "inference_base": 1e6, "first_projects": 0.0}
    for abroad in (1.0, 8.0, 10.0):
        one = Point("", seed=2, months=120, values={**values, "rent_abroad": abroad})
        run = Simulation(one.parameters, months=120, seed=2)
        run.advance(120)
        ratio = run.records.measures["rent_per_server"] / run.records.measures["replacement_rent_per_server"]
        assert ratio[60:] == pytest.approx(abroad)
        assert trial(one).failures == {}


def test_a_broken_identity_and_an_error_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trial(Point("", seed=1, months=MAX_MONTHS)).failures == {}
    with monkeypatch.context() as patch:
        patch.setattr("bubble_abm.economy.identities.ROUNDED", 0.0)
        patch.setattr("bubble_abm.economy.identities.A_FEN", 0.0)
        assert set(trial(CALM).failures) == {"flows"}
    monkeypatch.setattr("tests.torture.checks.compare_with_facts", lambda *_: 1 / 0)
    assert trial(CALM).failures == {"ZeroDivisionError": "division by zero"}


def test_a_failure_is_shrunk_to_what_is_needed() -> None:
    drawn = point(1, list(KINDS).index("a corner"))
    needed = {name: drawn.values[name] for name in ("herding", "loan_tenor")}

    def fails(one: Point) -> bool:
        return one.months > 13 and all(one.values.get(name) == value for name, value in needed.items())

    smallest = shrunk(drawn, fails)
    assert {name: value for name, value in smallest.values.items() if name not in SIZES} == needed
    assert (smallest.months, smallest.seed, smallest.shocks, smallest.changes) == (14, 1, (), ())


def test_a_shrunk_value_is_round() -> None:
    start = Point("", seed=9, months=3, values={"herding": 5.123456789, "hurdle": 1.7})
    smallest = shrunk(start, lambda one: one.values.get("herding", 0.0) > 4.96)
    assert smallest.values == {"herding": 5.0}


def test_failures_are_counted_and_each_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(one: Point) -> Trial:
        return Trial(failures={"loans": "month 3: loans = 5 CNY"} if "herding" in one.values else {}, month=one.months)

    monkeypatch.setattr("tests.torture.tally.trial", broken)
    monkeypatch.setattr("tests.torture.shrinking.trial", broken)
    tally = Tally()
    tally.add(tortured(1, 0, 14))
    tally.add(tortured(1, 14, 21))
    assert tally.points.total() == 21 and 6 < tally.failed["loans"] == tally.broken.total() <= 21
    assert all(line.count("--set") == 1 and "--set herding=" in line for line in tally.lines["loans"])
