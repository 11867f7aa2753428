"""Whatever is handed over, it is taken or refused in one printable line: no other error ever reaches a user.

The suite tries the same few examples in every run; ``make fuzz MINUTES=10`` tries new ones as long as it is told to.
Inputs that once ended in another error are kept below as explicit examples.
"""

import contextlib
import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bubble_abm import Experiment, Factor, InvalidInput, Sampling
from bubble_abm.engine.scenario import Scenario, read_scenario
from bubble_abm.page.links import Opened, read_link, write_link
from bubble_abm.page.settings import settings_from
from bubble_abm.study.analysis import analyse, emulate_result
from bubble_abm.study.atomic_writing import CannotWrite
from bubble_abm.study.batch import execute, task_of
from bubble_abm.study.dataset import Dataset, read
from bubble_abm.study.experiment_result import ExperimentResult
from bubble_abm.study.provenance import compare, experiment_in, load, origin
from bubble_abm.study.rerun import check_complete, check_run, rerun, wrong_files
from bubble_abm.study.scenario_run import experiment_of
from tests.fuzz.inputs import LINKS, edited, scenario_files
from tests.study.folders import resealed


@contextlib.contextmanager
def taken_or_refused():
    """What is inside ends well, or with one printable line."""
    try:
        yield
    except (InvalidInput, CannotWrite) as refused:
        assert str(refused).isprintable() and 0 < len(str(refused)) <= 900


@contextlib.contextmanager
def folder():
    """A folder for one example."""
    with tempfile.TemporaryDirectory() as home:
        yield Path(home)


# --- Scenario files and links -----------------------------------------------------------------------------------------


@given(scenario_files() | st.binary())
@example(b"seed = " + b"9" * 4300)
@example(b"x = " + b"[" * 5000)
@example(b"seed = 0x" + b"f" * 5000)
@example(b"[[shocks]]\nmonth = 1e400")
@example(b"[parameters]\nherding = nan")
def test_scenario_files(content):
    with folder() as home:
        path = home / "scenario.toml"
        path.write_bytes(content)
        with taken_or_refused():
            Scenario(**read_scenario(path))
        with taken_or_refused():
            write_link(Opened(settings_from(path)))


@given(LINKS)
@example("month=1e400&seed=" + "9" * 5000)
@example("herding=%ff&herding=\udcff")
@example("=&&=&colour=\0&province=\x1b[31m")
def test_links(query):
    opened = read_link(query)
    assert all(line.isprintable() for line in opened.problems)
    again = read_link(write_link(opened))
    assert again.problems == () and (again.settings, again.month) == (opened.settings, opened.month)
    with taken_or_refused():
        _ = opened.settings.scenario


# --- Descriptions of experiments --------------------------------------------------------------------------------------

FACTORS = (Factor("herding", 0, 4), Factor("hurdle", 1.1, 2.2))
DESCRIBED = {
    "experiment.json": Experiment(
        name="t", question="?", scenarios={"a": {}, "b": {"leverage_cap": 0.5}}, levers={"hold_out": (0, 1)},
        uncertain=FACTORS, sampling=Sampling("morris", 10, groups={"one": ("herding",), "two": ("hurdle",)}), seeds=2,
        outcomes=("popped", "gpu_price@2024-01"), series=("gpu_price",), quick={"seeds": 1},
    ),
    "run.json": experiment_of(Scenario(values={"scale": 0.1}, seeds=2)),
}  # fmt: skip


@cache
def description(name):
    """The provenance of an experiment as it is read."""
    return json.loads(json.dumps(origin(DESCRIBED[name]), default=lambda value: value.tolist()))


@pytest.fixture
def small_designs(monkeypatch):
    """Designs stay small, so that one that is taken can be made."""
    monkeypatch.setattr("bubble_abm.study.experiment.MAX_RUNS", 20_000)
    monkeypatch.setattr("bubble_abm.study.experiment.MAX_VALUES", 20_000)
    monkeypatch.setattr("bubble_abm.study.provenance.commit", lambda: None)


@pytest.mark.parametrize("name", DESCRIBED)
@pytest.mark.usefixtures("small_designs")
def test_descriptions_of_experiments(name):
    @given(edited(description(name)))
    def tried(found):
        with folder() as home:
            (home / name).write_text(json.dumps(found))
            with taken_or_refused():
                experiment = experiment_in(home, name)
                check = check_complete if name == "experiment.json" else check_run
                with taken_or_refused():
                    check(home, experiment)
                assume(experiment.model == DESCRIBED[name].model)  # another one is not imported
                compare(load(home, name), origin(experiment))
                task_of(experiment, experiment.chunks - 1)
                wrong_files(home, experiment)
                assert Experiment.from_dict(json.loads(json.dumps(experiment.as_dict()))).runs == experiment.runs

    tried()


# --- Folders of results -----------------------------------------------------------------------------------------------


def finished():
    """A small experiment."""
    return Experiment(
        name="t", question="?", uncertain=(Factor("x", 0, 1), Factor("y", 0, 1)), sampling=Sampling("latin", 24),
        seeds=1, outcomes=("level", "luck"), twins=False, model="tests.models:line",
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    home = tmp_path_factory.mktemp("whole") / "out"
    execute(finished(), home, workers=1)
    analyse(home)
    return home


def damaged(home, name, action, place, junk):
    """Do something to a file of a result."""
    path = home / name
    if path.exists() and not path.is_file():  # a folder, a device or a pipe by now
        return
    content = path.read_bytes() if path.exists() else b""
    place = place % (len(content) + 1)
    if action in ("remove", "folder", "link", "nothing to read"):
        path.unlink(missing_ok=True)
    if action == "cut":
        path.write_bytes(content[:place])
    elif action == "overwrite":
        path.write_bytes(content[:place] + junk + content[place + len(junk) :])
    elif action == "insert":
        path.write_bytes(content[:place] + junk + content[place:])
    elif action == "folder":
        path.mkdir(exist_ok=True)
    elif action == "link":
        path.symlink_to("/dev/zero")
    elif action == "nothing to read":
        os.mkfifo(path)
    elif action == "stray" and path.is_file():
        path.with_name(f"part-{place:05d}.parquet").write_bytes(content)


ACTIONS = ("remove", "cut", "overwrite", "insert", "folder", "link", "nothing to read", "stray")
DAMAGES = st.lists(
    st.tuples(st.integers(0, 99), st.sampled_from(ACTIONS), st.integers(0, 20_000), st.binary(min_size=1, max_size=8)),
    min_size=1, max_size=2,
)  # fmt: skip


def test_folders_of_results(whole, monkeypatch):
    monkeypatch.setattr("bubble_abm.study.provenance.commit", lambda: None)
    files = sorted(path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file())
    table = read(whole)

    @given(DAMAGES, st.booleans())
    def tried(damages, sealed):
        with folder() as scratch:
            home = scratch / "out"
            shutil.copytree(whole, home)
            for place, action, where, junk in damages:
                damaged(home, files[place % len(files)], action, where, junk)
            if sealed:
                with taken_or_refused():
                    resealed(home)
            with taken_or_refused():
                found = read(home)
                assert sealed or found.equals(table.head(len(found)))
            for reader in (
                lambda: ExperimentResult(home).runs,
                lambda: ExperimentResult(home).analysis("summary"),
                lambda: analyse(home),
                lambda: emulate_result(home, home / "emulator", 0.0),
                lambda: rerun(home, trust_code=True, workers=1),
            ):
                with taken_or_refused():
                    reader()
            with taken_or_refused():
                execute(finished(), home, workers=1)
                assert not Dataset(home, finished()).missing()
                assert sealed or read(home).equals(table)

    tried()
