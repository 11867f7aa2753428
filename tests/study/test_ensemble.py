"""Ensembles: members, the most central of them, hull, runs, and the file."""

import json

import numpy as np
import pyarrow.parquet as parquet
import pytest

from bubble_abm import Factor, InvalidInput, Parameters, run, simulate
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.targets import Target
from bubble_abm.study.ensemble import Ensemble, rounded
from bubble_abm.study.scenario_run import run_ensemble

FACTORS = (Factor("herding", 0, 8), Factor("rent_adjustment", 0.05, 0.2, "log"))
VALUES = np.array([[1.0, 0.06], [4.0, 0.1], [4.2, 0.11], [7.0, 0.19]])


def ensemble_of(values=VALUES, factors=FACTORS, most=100.0):
    """Members whose runs give the first parameter as a share, and its square as a level."""
    targets = (Target("C04", 0.0, 1.0, float), Target("C09", 1.0, 50.0, float))
    first = values[:, :1]
    runs = np.stack([np.hstack([first - 0.1, first + 0.1]), np.hstack([first**2 / 2.0, first**2 * 2.0])], axis=2)
    facts = [{"name": "C04", "low": 0.0, "high": 10.0}, {"name": "C09", "low": 0.0, "high": most}]
    origin = {"facts": facts, "parameters": [one.__dict__ for one in factors]}
    return Ensemble.of(factors, values, np.linspace(1.0, 2.0, len(values)), targets, runs, origin)


def test_means_over_seeds_are_of_logarithms_where_the_range_is_positive():
    ensemble = ensemble_of()
    assert ensemble.simulated[:, 0] == pytest.approx(VALUES[:, 0])
    assert ensemble.simulated[:, 1] == pytest.approx(VALUES[:, 0] ** 2)
    assert ensemble.origin["spread"]["C04"][1] == pytest.approx(4.1, abs=0.1)


def test_the_most_central_member_is_in_the_middle_of_what_it_assumes_and_gives():
    assert ensemble_of().central in (1, 2)
    line = np.column_stack([np.linspace(1.0, 5.0, 9), np.full(9, 0.1)])
    assert ensemble_of(line).central in (4, 5)  # the fifth, or one nearer to the mean of the squares


def test_the_most_central_member_is_one_of_those_that_meet_the_most_facts():
    """Squares up to 5 are met by the first three of nine, of which the third is nearest to all."""
    line = np.column_stack([np.linspace(1.0, 5.0, 9), np.full(9, 0.1)])
    ensemble = ensemble_of(line, most=5.0)
    assert ensemble.met.tolist() == [2, 2, 2, 1, 1, 1, 1, 1, 1]
    assert ensemble.central == 2


def test_the_defaults_are_the_most_central_member_of_the_ensemble_that_is_shipped():
    """To three digits; ``tools/adopt_defaults.py`` makes them so."""
    shipped = Ensemble.load()
    wanted = rounded(shipped.values_of(shipped.central))
    assert {name: DECLARED[name].default for name in wanted} == wanted


def test_a_member_can_be_left_out():
    whole = ensemble_of()
    assert len(whole.places) == len(whole)  # also if places were asked for before
    rest = whole.without(1)
    assert rest.values.tolist() == np.delete(whole.values, 1, axis=0).tolist()
    assert len(rest.places) == len(rest.simulated) == len(rest.implausibility) == len(whole) - 1
    with pytest.raises(InvalidInput, match="member = 4: give a whole number from 0 to 3"):
        whole.without(4)


def test_members_are_sets_of_parameters():
    ensemble = ensemble_of()
    assert len(ensemble) == 4 and ensemble.matched == ("C04", "C09")
    assert ensemble.parameters(1) == Parameters(herding=4.0, rent_adjustment=0.1)
    for wrong in (4, -1, "first"):
        with pytest.raises(InvalidInput, match=f"member = {wrong}: give a whole number from 0 to 3"):
            ensemble.parameters(wrong)


def test_the_hull_holds_all_members():
    hull = ensemble_of().hull()
    assert hull["herding"] == {"low": 1.0, "high": 7.0, "scale": "linear"}
    assert hull["rent_adjustment"]["scale"] == "log"


def test_every_member_can_be_run(tmp_path):
    ensemble = ensemble_of()
    results = ensemble.simulate(months=6)
    alone = simulate(ensemble.parameters(3), months=6, seed=4)
    assert results[3].records.measures.tobytes() == alone.records.measures.tobytes()
    plan = ensemble.experiment("herds", "What?", months=6, outcomes=("rent_peak",), twins=False)
    table = run(plan, tmp_path / "herds", workers=1)
    assert table["scenario"].tolist() == [f"member_{number:04d}" for number in range(4)]
    assert table["rent_peak"].tolist() == [one.series["rent_per_server"].max() for one in results]


def test_a_scenario_runs_in_every_economy_the_most_central_first():
    ensemble = ensemble_of()
    runs = run_ensemble(Scenario(values={"scale": 0.1}, months=6, seeds=2), ensemble, workers=1)
    assert len(runs.series) == 8 and runs.seeds == tuple(range(1, 9)) and runs.noun == "runs"
    assert next(iter(runs.points)) == ensemble.name_of(ensemble.central)
    assert {p.scale for p in runs.parameters} == {0.1}
    assert [p.herding for p in runs.parameters[::2]] == [point["herding"] for point in runs.points.values()]
    last = simulate(runs.parameters[-1], months=6, seed=8)
    assert runs.series[-1]["rent_per_server"].tolist() == last.series["rent_per_server"].tolist()


def test_the_file_gives_back_the_same_and_has_the_same_bytes(tmp_path):
    ensemble = ensemble_of()
    ensemble.save(tmp_path / "one.parquet")
    again = Ensemble.load(tmp_path / "one.parquet")
    assert np.array_equal(again.values, ensemble.values) and np.array_equal(again.simulated, ensemble.simulated)
    assert (again.factors, again.targets, again.origin) == (ensemble.factors, ensemble.targets, ensemble.origin)
    again.save(tmp_path / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert again.table()["fact@C04"].tolist() == ensemble.simulated[:, 0].tolist()


def changed(path, **entries):
    """Write the ensemble's file again with other provenance."""
    table = parquet.read_table(path)
    about = json.loads(table.schema.metadata[b"bubble_abm"]) | entries
    parquet.write_table(table.replace_schema_metadata({"bubble_abm": json.dumps(about)}), path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "cannot be read, no such file"),
        (lambda path: path.write_bytes(b""), "is not the file of an ensemble"),
        (lambda path: path.write_bytes(path.read_bytes()[:-50]), "is not the file of an ensemble"),
        (lambda path: (path.unlink(), path.mkdir()), "is no file of an ensemble"),
        (lambda path: changed(path, parameters=[]), "is not the file of an ensemble"),
        (lambda path: changed(path, parameters=[{"name": "hurding", "low": 0, "high": 1}]), "is not the file"),
        (
            lambda path: parquet.write_table(parquet.read_table(path).replace_schema_metadata({}), path),
            "is not the file",
        ),
        (lambda path: parquet.write_table(parquet.read_table(path)[:0], path), "has no members"),
    ],
)
def test_what_is_no_ensemble_is_refused_in_one_line(tmp_path, damage, said):
    path = tmp_path / "ensemble.parquet"
    ensemble_of().save(path)
    damage(path)
    with pytest.raises(InvalidInput, match=said) as refused:
        Ensemble.load(path)
    assert "\n" not in str(refused.value)


def test_members_of_another_version_are_refused(tmp_path):
    unknown = ensemble_of(factors=(Factor("hurding", 0, 8), FACTORS[1]))
    unknown.save(tmp_path / "unknown.parquet")
    with pytest.raises(InvalidInput, match="of another version, it has a parameter 'hurding'"):
        Ensemble.load(tmp_path / "unknown.parquet")
    ensemble_of(VALUES * [2.0, 1.0]).save(tmp_path / "bounds.parquet")
    with pytest.raises(InvalidInput, match=r"herding = 14\.0: give a number from 0 to 8"):
        Ensemble.load(tmp_path / "bounds.parquet")
    ensemble_of().save(tmp_path / "nan.parquet")
    table = parquet.read_table(tmp_path / "nan.parquet")
    place = table.column_names.index("herding")
    parquet.write_table(table.set_column(place, "herding", [[1.0, np.nan, 2.0, 3.0]]), tmp_path / "nan.parquet")
    with pytest.raises(InvalidInput, match="a value is not a number"):
        Ensemble.load(tmp_path / "nan.parquet")
