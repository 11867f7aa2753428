"""A result is repeated from its provenance: the bits agree, or it is said where they do not."""

import json

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from bubble_abm import InvalidInput
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import check
from bubble_abm.study.batch import execute
from bubble_abm.study.rerun import rerun
from bubble_abm.study.run_folder import write_results
from bubble_abm.study.scenario_run import run_scenario
from tests.study.folders import changed_provenance, resealed
from tests.study.test_batch import ECONOMY, toy


@pytest.fixture
def finished(tmp_path):
    execute(toy(), tmp_path / "out", workers=1)
    return tmp_path / "out"


def tamper(path, name, place, value):
    table = parquet.read_table(path)
    values = table[name].to_pylist()
    values[place] = value
    column = pa.array(values, table.schema.field(name).type)
    parquet.write_table(table.set_column(table.schema.names.index(name), name, column), path)


def test_an_experiment_is_repeated_to_the_bit(tmp_path):
    execute(ECONOMY, tmp_path / "out", workers=2)
    found = rerun(tmp_path / "out", workers=1)
    assert (found.agrees, found.runs, found.circumstances, found.differences) == (True, 24, (), ())


def test_one_changed_bit_is_found_and_named(finished):
    level = parquet.read_table(finished / "runs" / "part-00003.parquet")["level"][5].as_py()
    tamper(finished / "runs" / "part-00003.parquet", "level", 5, level + 1e-15)
    found = rerun(finished, trust_code=True)
    assert not found.agrees
    assert found.differences == (
        f"part-00003.parquet, row 5: level = {level + 1e-15} there, {level} here (1 rows differ)",
    )


def test_a_run_that_failed_fails_again(tmp_path):
    execute(toy("broken"), tmp_path / "out", workers=1)
    assert rerun(tmp_path / "out", trust_code=True).agrees
    tamper(tmp_path / "out" / "runs" / "part-00002.parquet", "error", 5, "another message")
    assert "error = another message there" in rerun(tmp_path / "out", trust_code=True).differences[0]


def test_other_code_and_versions_are_said_and_do_not_hinder(finished):
    there = json.loads((finished / "experiment.json").read_text())
    changed_provenance(finished, code="0123", versions=there["versions"] | {"numba": "0.1"})
    found = rerun(finished, trust_code=True)
    assert found.agrees
    assert [text.split(" (")[0] for text in found.circumstances] == ["runs of other code", "runs of other versions"]


def test_an_unfinished_experiment_is_refused(finished):
    (finished / "runs" / "part-00001.parquet").unlink()
    with pytest.raises(InvalidInput, match="is not complete, 1 of 7 chunks are missing"):
        rerun(finished, trust_code=True)


def written_run(folder):
    """A result of `bubble-abm run`, small and with everything that a scenario can have."""
    scenario = Scenario(
        values={"scale": 0.1, "herding": 1.3},
        shocks=(Shock(efficiency=3, month=20),),
        changes=(Change(parameter="hold_out", value=0.2, month=8),),
        seeds=2,
        months=26,
    )
    runs = run_scenario(scenario)
    write_results(
        folder, runs, check(runs.series, scenario.parameters), draw=lambda path, *given: path.write_bytes(b"0 0")
    )
    return folder


def test_a_run_of_the_command_line_is_repeated_too(tmp_path):
    folder = written_run(tmp_path / "out")
    assert rerun(folder).agrees
    tamper(folder / "series_without_shock.parquet", "gpu_price", 30, 1.0)
    found = rerun(folder)
    assert found.differences[0].startswith("series_without_shock.parquet, row 30: gpu_price = 1.0 there")


def test_a_result_of_another_version_is_refused(finished):
    path = finished / "experiment.json"
    path.write_text(path.read_text().replace('"outcomes"', '"measures"'))
    resealed(finished)
    with pytest.raises(InvalidInput, match=r"its experiment.json is of another version"):
        rerun(finished, trust_code=True)


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="is not a result"):
        rerun(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"its run.json is damaged"):
        rerun(tmp_path)
