"""The checksums of a result: what is removed, cut, changed or added is noticed, and made again where that can be."""

import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from bubble_abm import InvalidInput
from bubble_abm.study.analysis import analyse, analysed
from bubble_abm.study.batch import execute
from bubble_abm.study.dataset import read
from bubble_abm.study.experiment_result import ExperimentResult
from bubble_abm.study.manifest import MANIFEST, checksum, listed, problems
from bubble_abm.study.provenance import experiment_in
from bubble_abm.study.rerun import rerun
from tests.command.test_experiments import TOY
from tests.command.test_main import command as command
from tests.study.test_batch import ECONOMY, contents, toy
from tests.study.test_rerun import written_run


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def change(path):
    """Other values in a file that can be read as before, where it is a table."""
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        table[table.columns[-3]] = table[table.columns[-3]].iloc[::-1].to_numpy()
        table.to_parquet(path, index=False)
    else:
        path.write_bytes(path.read_bytes().replace(b"0", b"1"))


DAMAGES = (cut, empty, remove, change)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small experiment with months, which other tests copy."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    execute(ECONOMY, folder, workers=2)
    analyse(folder)
    return folder


@pytest.fixture
def result(whole, tmp_path):
    subprocess.run(["cp", "-r", whole, tmp_path / "out"], check=True)
    return tmp_path / "out"


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_listed_and_other_programs_can_check_it(whole, tmp_path):
    run = written_run(tmp_path / "run")
    for folder in (whole, run):
        assert set(listed(folder)) == files(folder) - {MANIFEST, ".lock"}
        assert problems(folder) == {}
        subprocess.run(["sha256sum", "--strict", "--check", "--quiet", MANIFEST], cwd=folder, check=True)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["runs", "series"])
def test_a_part_is_computed_again_and_its_bytes_are_the_same(result, whole, damage, kind):
    damage(result / kind / "part-00001.parquet")
    with pytest.raises(InvalidInput, match=f"{kind}/part-00001.parquet (was changed|is missing)"):
        read(result, kind)
    assert execute(ECONOMY, result, workers=1).computed == 8
    assert contents(result) == contents(whole)
    assert read(result, kind).equals(read(whole, kind))
    assert execute(ECONOMY, result, workers=1).computed == 0


def test_a_part_of_an_interrupted_batch_that_was_changed_is_computed_again(tmp_path):
    def stop(done, total, failed):
        if done >= 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(toy(), tmp_path / "out", workers=1, progress=stop)
    part = min((tmp_path / "out" / "runs").glob("part-*"))
    change(part)
    execute(toy(), tmp_path / "out", workers=1)
    execute(toy(), tmp_path / "other", workers=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "other")


def test_a_list_that_was_cut_by_an_interruption_is_mended(result, whole):
    cut(result / MANIFEST)
    execute(ECONOMY, result, workers=1)
    analyse(result)
    assert listed(result) == {**listed(whole), "report.json": checksum(result / "report.json")}
    assert files(result) == files(whole)


def test_a_part_that_is_no_longer_listed_is_not_left_out_in_silence(result):
    text = (result / MANIFEST).read_text()
    (result / MANIFEST).write_text(text.replace("  runs/part-00001", " ?runs/part-00001"))
    with pytest.raises(InvalidInput, match=r"runs/part-00001.parquet was never completed"):
        read(result)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\0", b"0" * 64 + b"  ../../etc/passwd\n", None])
def test_a_list_that_is_none_means_that_everything_is_computed_again(result, whole, text):
    if text is None:
        (result / MANIFEST).unlink()
    else:
        (result / MANIFEST).write_bytes(text)
    with pytest.raises(InvalidInput, match="was never completed" if text is not None else "has no SHA256SUMS"):
        read(result)
    assert execute(ECONOMY, result, workers=1).computed == 24
    assert contents(result) == contents(whole)


def test_a_stray_part_is_not_read_and_named(result, whole, command, tmp_path):
    for name in ("runs/part-00099.parquet", "series/copy.parquet"):
        (result / name).write_bytes((result / "runs" / "part-00000.parquet").read_bytes())
    assert execute(ECONOMY, result).strays == ("runs/part-00099.parquet", "series/copy.parquet")
    assert read(result).equals(read(whole)) and read(result, "series").equals(read(whole, "series"))
    assert ExperimentResult(result).fingerprint == ExperimentResult(whole).fingerprint
    code, out, _ = command("rerun", result)
    assert code == 1 and "Differs: runs/part-00099.parquet is none of its files" in out
    (tmp_path / "toy.py").write_text(TOY.format(model="line", points=3))
    command("experiment", "toy.py", "--quiet")
    (tmp_path / "out/toy/runs/part-00099.parquet").touch()
    said = "15 runs are in out/toy, already complete; not read, as none of its files: runs/part-00099.parquet\n"
    assert command("experiment", "toy.py", "--quiet")[1] == said


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_table_of_the_analysis_is_refused_and_made_again(result, whole, damage):
    assert analysed(result)
    damage(result / "analysis" / "summary.parquet")
    assert not analysed(result)
    with pytest.raises(InvalidInput, match=r"analysis/summary.parquet (was changed|is missing)"):
        ExperimentResult(result).analysis("summary")
    analyse(result)
    assert analysed(result) and ExperimentResult(result).analysis("summary").equals(
        ExperimentResult(whole).analysis("summary")
    )


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["report.json", "analysis/summary.csv"])
def test_a_repetition_names_every_file_that_is_not_as_it_was(result, damage, name):
    damage(result / name)
    found = rerun(result, workers=1)
    assert not found.agrees and [text.partition(" ")[0] for text in found.differences] == [name]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["facts.csv", "overview.png", "series.parquet", "series_without_shock.parquet"])
def test_a_repetition_of_a_run_names_every_file_too(tmp_path, damage, name):
    folder = written_run(tmp_path / "run")
    assert rerun(folder).agrees
    damage(folder / name)
    found = rerun(folder)
    assert not found.agrees and any(text.startswith(name) for text in found.differences)


@pytest.mark.parametrize("name", ["experiment.json", "run.json"])
def test_a_provenance_that_was_edited_is_refused(result, tmp_path, name):
    folder = result if name == "experiment.json" else written_run(tmp_path / "run")
    path = folder / name
    path.write_text(path.read_text().replace('"months": 2', '"months": 3'))
    with pytest.raises(InvalidInput, match=f"its {name} was changed since it was written"):
        rerun(folder)
    if name == "experiment.json":
        with pytest.raises(InvalidInput, match="was changed since it was written"):
            execute(ECONOMY, folder)
        assert execute(ECONOMY, folder, overwrite=True).computed == 24


def test_a_pipe_or_device_in_place_of_a_part_is_not_waited_for(result):
    part = result / "runs" / "part-00000.parquet"
    part.unlink()
    os.mkfifo(part)
    with pytest.raises(InvalidInput, match="is missing"):
        read(result)
    part.unlink()
    part.symlink_to("/dev/zero")
    with pytest.raises(InvalidInput, match="is missing"):
        read(result)
    for name, message in ((MANIFEST, "its SHA256SUMS cannot be read, not a file"), ("experiment.json", "is damaged")):
        (result / name).unlink()
        os.mkfifo(result / name)
        with pytest.raises(InvalidInput, match=message):
            experiment_in(result) if name == "experiment.json" else read(result)
        (result / name).unlink()


def test_parts_are_read_in_the_order_of_their_numbers(tmp_path):
    """The file names have five digits, and more where there are more parts."""
    from bubble_abm.study.dataset import checked_parts
    from bubble_abm.study.manifest import add

    (tmp_path / "runs").mkdir()
    numbers = (100000, 99999, 2)
    for number in numbers:
        path = tmp_path / "runs" / f"part-{number:05d}.parquet"
        path.touch()
        add(tmp_path, path)
    assert [Path(name).stem for name in checked_parts(tmp_path, "runs")] == [
        "part-00002",
        "part-99999",
        "part-100000",
    ]


def test_the_months_have_dates_beside_their_numbers(whole):
    months = read(whole, "series")
    assert list(months.columns[:5]) == ["row", "seed", "shock", "month", "date"]
    assert months["date"].dt.year.tolist() == (2023 + months["month"] // 12).tolist()
    assert months["date"].dt.month.tolist() == (1 + months["month"] % 12).tolist()
    assert months["date"].dt.is_month_end.all()
