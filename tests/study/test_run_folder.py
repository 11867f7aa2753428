"""The folder of a run: what is in it, and that it is complete or not there."""

import csv
import json
import os
import warnings

import numpy as np
import pytest

from bubble_abm import Parameters, simulate
from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.measures import Measures
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import check, facts
from bubble_abm.paper.overview import save_overview
from bubble_abm.study import atomic_writing
from bubble_abm.study.atomic_writing import CannotWrite
from bubble_abm.study.provenance import commit, experiment_in
from bubble_abm.study.run_folder import check_folder, write_results
from bubble_abm.study.scenario_run import experiment_of, run_scenario

COLUMNS = """seed, month, rent_per_server, gpu_price, projects_announced, projects_planned, projects_building,
projects_paused, projects_operating, projects_idle, projects_distressed, projects_cancelled, projects_bankrupt,
projects_taken_over,
utilisation, utilisation_new, idle_share_new, utilisation_hub, utilisation_interior, training_gpus, inference_gpus,
inference_share, startups_active, startups_pretraining, subsidies_paid, gpus_imported, gpus_seized,
lease_cancellations, ponzi_share, write_offs"""


@pytest.fixture(scope="module")
def runs():
    return run_scenario(Scenario(seed=4, seeds=2, months=26, values={"scale": 0.2}))


@pytest.fixture(scope="module")
def checks(runs):
    return check(runs.series, runs.scenario.parameters)


def blank(path, runs, checks):
    path.write_bytes(b"not a picture")


def write(folder, runs, checks, **options):
    write_results(folder, runs, checks, **({"draw": blank} | options))


@pytest.fixture
def written(tmp_path, runs, checks):
    folder = tmp_path / "run"
    write(folder, runs, checks, notes={"seconds": 1.5})
    return folder


def everything(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_series_begin_with_the_columns_that_were_promised(written, runs):
    pandas = pytest.importorskip("pandas")
    table = pandas.read_parquet(written / "series.parquet")
    promised = [name.strip() for name in COLUMNS.split(",")]
    assert list(table.columns[: len(promised)]) == promised
    assert list(table.columns) == ["seed", "month", *Measures.columns, "date"]
    assert len(table) == 52
    assert table["seed"].tolist() == [4] * 26 + [5] * 26
    assert table["month"].tolist() == [*range(26)] * 2
    assert str(table["date"].iloc[-1].date()) == "2025-02-28"
    second = simulate(Parameters(scale=0.2), months=26, seed=5).series
    for name in Measures.columns:
        assert (table[name].to_numpy()[26:] == second[name].to_numpy()).all()
    assert (table["date"].to_numpy()[26:].astype("M8[D]") == second.index.to_numpy().astype("M8[D]")).all()
    assert not table.isna().any().any()


def test_the_twins_are_written_too(written, runs):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(written / "series_without_shock.parquet")
    rents = np.concatenate([series["rent_per_server"] for series in runs.twin_series])
    assert table["rent_per_server"].to_pylist() == rents.tolist()


def test_the_facts_are_a_table(written):
    with (written / "facts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(facts()) == 52
    assert rows[0]["id"] == "C01"
    assert rows[0]["verdict"] in ("hit", "miss")
    assert float(rows[0]["simulated"]) >= 0
    assert rows[10]["verdict"] == "not simulated"
    assert rows[10]["simulated"] == ""


def test_provenance_is_complete(written, runs):
    table = json.loads((written / "run.json").read_text(encoding="utf-8"))
    assert table["model"] == "bubble_abm"
    assert (table["seeds"], table["months"], table["seconds"]) == ([4, 5], 26, 1.5)
    assert table["parameters"]["scale"] == 0.2
    assert table["shocks"][0]["kind"] == "Shock"
    assert {"python", "numpy", "numba", "mesa", "bubble_abm"} <= set(table["versions"])
    assert {"month", "path", "value", "name", "source"} == set(table["calendar"][0])
    assert 0 <= max(table["largest_residuals"].values()) < 0.5
    assert len(table["headline"]["pops"]) == len(table["headline"]["pops_without_shock"]) == 2
    assert all(pop["censored"] == (pop["composite"] is None) for pop in table["headline"]["pops"])
    line = table["headline"]
    assert len(line["attributions"]) == len(line["agreements"]) == len(line["definitions"][0]["verdicts"]) == 2
    assert {"measure", "window", "fall", "fall_without_shock", "share", "by_seed"} == set(line["shares"][0])
    assert experiment_in(written, "run.json").as_dict() == experiment_of(runs.scenario).as_dict()
    assert (table["runs"], table["experiment"]["scenarios"]) == (2, {"run": {"scale": 0.2}})


def test_the_commit_is_one_of_this_repository_or_none():
    found = commit()
    assert found is None or len(found.removesuffix("+changes")) == 40


def test_the_page_is_drawn(tmp_path, runs, checks):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_overview(tmp_path / "overview.png", runs, checks)
    content = (tmp_path / "overview.png").read_bytes()
    assert content.startswith(b"\x89PNG") and len(content) > 50_000


@pytest.mark.parametrize("options", [{"months": 1}, {"months": 30, "shocks": ()}], ids=["one month", "no shock"])
def test_the_page_of_an_odd_run_is_drawn(tmp_path, options):
    odd = run_scenario(Scenario(values={"scale": 0.1}, **options))
    write_results(tmp_path / "run", odd, check(odd.series, odd.scenario.parameters), draw=save_overview)
    assert (tmp_path / "run" / "overview.png").exists()
    assert not (tmp_path / "run" / "series_without_shock.parquet").exists()


# --- Complete or not there -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device"), ValueError("no")])
@pytest.mark.parametrize("place", ["draw", "flush", "rename"])
@pytest.mark.parametrize("old", [False, True], ids=["new", "overwrite"])
def test_an_interruption_leaves_the_old_result_or_none(tmp_path, runs, checks, monkeypatch, error, place, old):
    folder = tmp_path / "deep" / "run"
    if old:
        write(folder, runs, checks, notes={"seconds": 1.0})
    before = everything(tmp_path)

    def fail(*_):
        raise error

    options = {"overwrite": True}
    if place == "draw":
        options["draw"] = fail
    elif place == "flush":
        monkeypatch.setattr(atomic_writing, "flush", fail)
    else:
        real = type(folder).rename

        def rename(path, target):
            if target == folder and not path.name.endswith(".old"):
                raise error
            return real(path, target)

        monkeypatch.setattr(type(folder), "rename", rename)
    expected = CannotWrite if isinstance(error, OSError) else error if isinstance(error, type) else type(error)
    with pytest.raises(expected):
        write(folder, runs, checks, notes={"seconds": 2.0}, **options)
    assert everything(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == (["deep"] if old else [])
    if old:
        assert [path.name for path in folder.parent.iterdir()] == ["run"]


def test_overwriting_replaces_everything(written, runs, checks):
    write(written, runs, checks, overwrite=True, notes={"seconds": 2.0})
    assert json.loads((written / "run.json").read_text(encoding="utf-8"))["seconds"] == 2.0
    assert [path.name for path in written.parent.iterdir()] == ["run"]


def test_an_existing_result_is_kept_unless_told(written, runs, checks):
    before = everything(written)
    with pytest.raises(InvalidInput, match="exists, give another name or add --overwrite"):
        write(written, runs, checks)
    assert everything(written) == before


def test_an_empty_folder_may_be_filled(tmp_path, runs, checks):
    write(tmp_path / "empty" / ".." / "run", runs, checks)
    assert (tmp_path / "run" / "run.json").exists()
    (tmp_path / "hollow").mkdir()
    write(tmp_path / "hollow", runs, checks)
    assert (tmp_path / "hollow" / "run.json").exists()


@pytest.mark.parametrize("content", [None, "{}", '{"model": "other"}', "[]", "{"])
def test_other_peoples_folders_are_never_overwritten(tmp_path, content):
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.tex").write_text("years of work")
    if content is not None:
        (folder / "run.json").write_text(content)
    with pytest.raises(InvalidInput, match="holds something other than a result"):
        check_folder(folder, overwrite=True)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="is not a folder"):
        check_folder(tmp_path / "file", overwrite=True)
    with pytest.raises(InvalidInput, match="cannot be written, not a directory"):
        check_folder(tmp_path / "file" / "run", overwrite=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InvalidInput, match="cannot be written, permission denied"):
            check_folder(tmp_path / "run", overwrite=False)
    finally:
        tmp_path.chmod(0o700)


def test_checking_leaves_nothing(tmp_path):
    check_folder(tmp_path / "a" / "b", overwrite=False)
    assert list(tmp_path.iterdir()) == []
