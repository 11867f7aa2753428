"""The batch engine: the same bits whoever computes, whatever is interrupted; failures are kept and counted."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bubble_abm import Experiment, InvalidInput, run
from bubble_abm.study.atomic_writing import CannotWrite
from bubble_abm.study.batch import execute, execute_in_memory, task_of
from bubble_abm.study.dataset import read
from bubble_abm.study.provenance import load
from bubble_abm.study.workers import RunFailed, WorkersLost, WrongWorker, evaluate
from tests.study.folders import changed_provenance

ROOT = Path(__file__).parents[2]

ECONOMY = Experiment(
    name="small",
    question="Are the bits the same?",
    scenarios={"small": {"scale": 0.05}},
    levers={"herding": (0, 3), "shock_openness": (0.2, 0.9)},
    seeds=6,
    months=28,
    outcomes=("pop_month", "rent_peak", "gpu_price@26", "endogenous"),
    series=("rent_per_server", "projects_announced"),
)


def toy(model="line", points=5, seeds=10, **fields):
    """An experiment on a function, fifty runs in seven chunks."""
    return Experiment(
        name="toy", question="?", levers={"x": range(points)}, seeds=seeds, outcomes=("level", "luck"),
        twins=False, model=f"tests.models:{model}", **fields,
    )  # fmt: skip


def contents(folder):
    """Every byte of the data set, by file."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.glob("*/part-*"))}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "one"
    execute(ECONOMY, folder, workers=1)
    return folder


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT)}


# --- Who computes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("executor", "workers"), [("threads", 2), ("processes", 2)])
def test_the_bits_do_not_depend_on_who_computes(undisturbed, tmp_path, executor, workers):
    execute(ECONOMY, tmp_path / "other", executor=executor, workers=workers)
    assert contents(tmp_path / "other") == contents(undisturbed)


class Cluster:
    """A Dask scheduler and workers, processes of their own on this machine."""

    def __init__(self, folder, workers=2):
        self.file = folder / "scheduler.json"
        self.folder, self.workers = folder, []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0")
        while not self.file.exists() or not self.file.read_text().strip():
            assert self.scheduler.poll() is None, "the scheduler has ended"
            time.sleep(0.1)
        self.address = json.loads(self.file.read_text())["address"]
        for _ in range(workers):
            self.workers.append(self.start("worker", "--nthreads", "1", "--no-nanny", "--local-directory", folder))

    def start(self, kind, *options):
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *map(str, options), "--no-dashboard"]
        command += ["--scheduler-file", str(self.file)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, env=environment(), cwd=self.folder, **quiet)

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.close()


def test_a_dask_cluster_gives_the_same_bits_though_a_worker_is_killed(undisturbed, tmp_path, cluster):
    execute(ECONOMY, tmp_path / "dask", scheduler=cluster.address)
    assert contents(tmp_path / "dask") == contents(undisturbed)
    assert json.loads((tmp_path / "dask" / "report.json").read_text())["executor"] == "dask"

    slow = toy("slow", points=20)
    seen = []

    def kill_one(done, total, failed):
        if len(seen) == 4:
            cluster.workers[0].send_signal(signal.SIGKILL)
        seen.append(done)

    report = execute(slow, tmp_path / "killed", scheduler=cluster.address, progress=kill_one)
    assert cluster.workers[0].wait() == -signal.SIGKILL
    assert (report.runs, report.failed, seen[-1]) == (200, 0, 200)
    execute(slow, tmp_path / "calm", workers=2)
    assert contents(tmp_path / "killed") == contents(tmp_path / "calm")


def test_a_scheduler_that_goes_is_said_in_one_line_and_what_is_done_is_kept(tmp_path, cluster):
    def kill(done, total, failed):
        if done >= 20:
            cluster.scheduler.kill()

    with pytest.raises(WorkersLost, match=r"scheduler tcp://.* has stopped; finished runs are kept") as lost:
        execute(toy("slow", points=20), tmp_path / "out", scheduler=cluster.address, progress=kill)
    assert "\n" not in str(lost.value)
    assert 0 < execute(toy("slow", points=20), tmp_path / "out", workers=2).computed < 200


def test_a_cluster_without_workers_is_not_waited_for_for_ever(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr("bubble_abm.study.batch.CHECK_EVERY", 0.5)
    monkeypatch.setattr("bubble_abm.study.batch.GIVE_UP_AFTER", 2.0)

    def kill(done, total, failed):
        for worker in cluster.workers:
            worker.kill()

    with pytest.raises(WorkersLost, match="no worker for 2 seconds; finished runs are kept"):
        execute(toy("slow", points=20), tmp_path / "out", scheduler=cluster.address, progress=kill)


def test_a_worker_process_that_dies_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("BUBBLE_ABM_TEST_MARK", str(tmp_path / "mark"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    deadly = toy("deadly")
    execute(deadly, tmp_path / "killed", executor="processes", workers=2)
    assert (tmp_path / "mark").exists()
    execute(deadly, tmp_path / "calm", workers=1)
    assert contents(tmp_path / "killed") == contents(tmp_path / "calm")


def test_a_worker_with_other_code_is_refused():
    import dataclasses

    task = task_of(toy(), 0)
    assert evaluate(task).failed == 0
    code, versions, processor = task.environment
    with pytest.raises(WrongWorker, match=r"a worker has code .*, but the batch has 0123"):
        evaluate(dataclasses.replace(task, environment=("0123", versions, processor)))
    older = tuple((name, "1.0" if name == "numpy" else version) for name, version in versions)
    with pytest.raises(WrongWorker, match=r"a worker has numpy .*, but the batch has 1\.0"):
        evaluate(dataclasses.replace(task, environment=(code, older, processor)))


def test_a_scheduler_that_is_not_there_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("bubble_abm.study.workers.ANSWER_WITHIN", 1.0)
    with pytest.raises(InvalidInput, match=r"scheduler = tcp://127.0.0.1:9: does not answer") as refused:
        execute(toy(), tmp_path / "out", scheduler="tcp://127.0.0.1:9")
    assert "\n" not in str(refused.value)


def test_workers_and_executors_are_checked(tmp_path):
    for options, message in (
        ({"workers": -1}, "workers = -1: give a whole number from 1"),
        ({"executor": "thread"}, "executor = thread: give one of threads, processes"),
    ):
        with pytest.raises(InvalidInput, match=message):
            execute(toy(), tmp_path / "out", **options)


# --- The table ------------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_point_and_seed_in_the_order_of_the_design(tmp_path):
    table = run(toy(scenarios={"a": {"y": 0}, "b": {"y": 2}}, first_seed=5), tmp_path / "out", workers=2)
    assert list(table.columns) == ["row", "seed", "scenario", "y", "x", "level", "luck", "verdict", "error"]
    assert table["row"].tolist() == np.repeat(np.arange(10), 10).tolist()
    assert table["seed"].tolist() == list(range(5, 15)) * 10
    assert (table["level"] == table["x"] + 10 * table["y"]).all()
    assert table["scenario"].tolist() == ["a"] * 50 + ["b"] * 50
    assert table["error"].isna().all()


def test_pandas_reads_the_data_set_too(undisturbed):
    import pandas as pd

    assert pd.read_parquet(undisturbed / "runs").equals(read(undisturbed))


def test_the_months_are_kept_on_request(undisturbed):
    from bubble_abm import Parameters, twin

    months = read(undisturbed, "series")
    assert len(months) == 24 * 2 * 28
    one = months[(months["row"] == 3) & (months["seed"] == 4)]
    pair = twin(Parameters(scale=0.05, herding=3, shock_openness=0.9), months=28, seed=4)
    for shock, result in ((True, pair.with_shock), (False, pair.without_shock)):
        mine = one[one["shock"] == shock]
        assert mine["month"].tolist() == list(range(28))
        assert mine["rent_per_server"].to_numpy().tobytes() == result.series["rent_per_server"].to_numpy().tobytes()


def test_every_point_is_run_under_the_same_seeds_by_simulate_itself(undisturbed):
    from bubble_abm import Parameters, simulate

    table = read(undisturbed)
    for place in (0, 13, 23):
        row = table.iloc[place]
        point = Parameters(scale=0.05, herding=row["herding"], shock_openness=row["shock_openness"])
        series = simulate(point, months=28, seed=int(row["seed"])).series
        assert row["rent_peak"] == series["rent_per_server"].max()
        assert row["gpu_price@26"] == series["gpu_price"].iloc[26]


# --- Failures -------------------------------------------------------------------------------------------------------


def test_a_run_that_fails_is_kept_with_its_message_and_the_others_go_on(tmp_path):
    report = execute(toy("broken"), tmp_path / "out", workers=2)
    assert (report.runs, report.failed) == (50, 3)
    table = read(tmp_path / "out")
    failed = table[table["error"].notna()]
    assert failed[["x", "seed"]].to_numpy().tolist() == [[2, 2], [3, 2], [4, 2]]
    assert set(failed["error"]) == {"BrokenIdentity: month 7: money = 3 CNY left over"}
    assert failed["level"].isna().all() and table["level"].notna().sum() == 47
    kept = json.loads((tmp_path / "out" / "report.json").read_text())["failures"]
    assert kept[0] == {"row": 2, "seed": 2, "scenario": "standard", "x": 2.0, "error": failed["error"].iloc[0]}


def test_in_memory_the_first_run_that_fails_ends_the_batch():
    with pytest.raises(RunFailed, match="seed 2, month 7: money = 3 CNY left over") as failed:
        execute_in_memory(toy("broken"), workers=2)
    assert failed.value.kind == "BrokenIdentity"


def test_memory_and_disk_hold_the_same(undisturbed):
    chunks = execute_in_memory(ECONOMY, workers=2)
    table, months = read(undisturbed), read(undisturbed, "series")
    for name in ("seed", "rent_peak", "endogenous"):
        assert np.concatenate([chunk.columns[name] for chunk in chunks]).tolist() == table[name].tolist()
    found = np.concatenate([chunk.series["rent_per_server"] for chunk in chunks])
    assert found.tobytes() == months["rent_per_server"].to_numpy().tobytes()


# --- Interruptions --------------------------------------------------------------------------------------------------


class Interrupt:
    """Progress that stops the batch after some chunks."""

    def __init__(self, chunks, error):
        self.chunks, self.error = chunks, error

    def __call__(self, done, total, failed):
        self.chunks -= 1
        if self.chunks == 0:
            raise self.error


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_an_interrupted_batch_goes_on_where_it_was(tmp_path, executor):
    experiment = toy("slow")
    with pytest.raises(KeyboardInterrupt):
        execute(experiment, tmp_path / "cut", workers=2, executor=executor, progress=Interrupt(3, KeyboardInterrupt()))
    there = contents(tmp_path / "cut")
    assert 3 <= len(there) < 7
    report = execute(experiment, tmp_path / "cut", workers=1)
    assert report.computed == 50 - sum(len(experiment.span(int(name[-13:-8]))) for name in there)
    execute(experiment, tmp_path / "whole", workers=1)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    assert execute(experiment, tmp_path / "cut").computed == 0


def test_a_killed_batch_goes_on_where_it_was(tmp_path):
    (tmp_path / "kill.py").write_text(
        "from tests.study.test_batch import execute, toy\nexecute(toy('slow', points=30), 'cut', workers=2)\n"
    )
    process = subprocess.Popen([sys.executable, "kill.py"], cwd=tmp_path, env=environment())
    while len(contents(tmp_path / "cut")) < 4:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    experiment = toy("slow", points=30)
    before = contents(tmp_path / "cut")
    report = execute(experiment, tmp_path / "cut", workers=2)
    assert 0 < report.computed < 300
    execute(experiment, tmp_path / "whole", workers=2)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    assert before.items() <= contents(tmp_path / "cut").items()


@pytest.mark.parametrize("damage", ["truncated", "empty", "gone", "half written"])
def test_a_damaged_chunk_is_computed_again(tmp_path, damage):
    execute(toy(), tmp_path / "out", workers=1)
    whole = contents(tmp_path / "out")
    part = tmp_path / "out" / "runs" / "part-00002.parquet"
    content = part.read_bytes()
    part.unlink()
    if damage == "half written":
        (part.parent / f".{part.name}.tmp").write_bytes(content[:100])
    elif damage != "gone":
        part.write_bytes(content[: len(content) // 2] if damage == "truncated" else b"")
    assert execute(toy(), tmp_path / "out", workers=1).computed == 8
    assert contents(tmp_path / "out") == whole


def test_a_full_disk_keeps_what_is_there(tmp_path, monkeypatch):
    sync, calls = os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) > 8:
            raise OSError(28, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="cannot be written, no space left on device; finished runs are kept"):
        execute(toy(), tmp_path / "out", workers=1)
    monkeypatch.setattr(os, "fsync", sync)
    assert not list((tmp_path / "out").rglob("*.tmp"))
    kept = len(contents(tmp_path / "out"))
    assert 0 < kept < 7
    execute(toy(), tmp_path / "out", workers=1)
    execute(toy(), tmp_path / "whole", workers=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


# --- Whose folder ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seeds": 4}, r"another design \(seeds = 10 there, 4 here\)"),
        ({"points": 4}, r"another design \(levers = \{'x': \[0, 1, 2, 3, 4\]\} there, \{'x': \[0, 1, 2, 3\]\} here\)"),
        ({"model": "slow"}, r"another design \(model = tests.models:line there, tests.models:slow here\)"),
    ],
)
def test_a_folder_of_another_design_is_refused(tmp_path, fields, message):
    execute(toy(), tmp_path / "out", workers=1)
    before = contents(tmp_path / "out")
    with pytest.raises(InvalidInput, match=f"holds {message}: give another folder or add --overwrite"):
        execute(toy(**fields), tmp_path / "out")
    assert contents(tmp_path / "out") == before
    assert execute(toy(**fields), tmp_path / "out", overwrite=True).computed > 0


def test_a_folder_of_other_code_or_versions_is_refused(tmp_path):
    folder = tmp_path / "out"
    execute(toy(), folder, workers=1)
    there = load(folder)
    for values, message in (
        ({"code": "0123"}, "holds runs of other code .0123 there, "),
        ({"versions": there["versions"] | {"numba": "0.1"}}, "holds runs of other versions .numba 0.1 there, "),
        ({"processor": "Plan9 mips"}, "holds runs of other versions .Plan9 mips there, "),
        ({"design": "0123"}, "holds another design .points 0123 there, "),
    ):
        changed_provenance(folder, **{**there, **values})
        with pytest.raises(InvalidInput, match=message):
            execute(toy(), folder)


def test_a_question_asked_in_other_words_is_the_same_experiment(tmp_path):
    import dataclasses

    execute(toy(), tmp_path / "out", workers=1)
    other = dataclasses.replace(toy(), question="In other words?")
    assert execute(other, tmp_path / "out", workers=1).computed == 0


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(InvalidInput, match="holds something other than an experiment"):
            execute(toy(), tmp_path / "mine", overwrite=overwrite)
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"
    with pytest.raises(InvalidInput, match="is not a folder"):
        execute(toy(), tmp_path / "mine" / "thesis.tex")


def test_two_batches_do_not_write_to_one_folder(tmp_path):
    def second(done, total, failed):
        with pytest.raises(InvalidInput, match="another run is writing to it"):
            execute(toy(), tmp_path / "out", workers=1)
        second.tried = True

    execute(toy(), tmp_path / "out", workers=1, progress=second)
    assert second.tried


def test_a_damaged_provenance_is_said_in_one_line(tmp_path):
    execute(toy(), tmp_path / "out", workers=1)
    for text in ("", "{", "[]", '{"model": "another"}'):
        (tmp_path / "out" / "experiment.json").write_text(text)
        with pytest.raises(InvalidInput, match=r"its experiment.json is damaged"):
            load(tmp_path / "out")
    with pytest.raises(InvalidInput, match="has no runs"):
        read(tmp_path)
