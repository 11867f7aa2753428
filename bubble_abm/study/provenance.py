"""Provenance of a result: experiment, code, versions and processor, written beside it and compared before a rerun."""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from bubble_abm import __version__
from bubble_abm.economy.declare import InvalidInput, printable
from bubble_abm.engine.rules import Named, function_named
from bubble_abm.engine.sources import OUTCOMES, source_hash
from bubble_abm.engine.sources import RUN as RUN_FOLDERS
from bubble_abm.study.atomic_writing import plain, read_file
from bubble_abm.study.experiment import ECONOMY, Experiment, find_model
from bubble_abm.study.manifest import listed, problem

MODEL = "bubble_abm"
LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "SALib", "mesa", "pandas", "pyarrow", "matplotlib")
EXPERIMENT, RUN = "experiment.json", "run.json"  # in the folder of an experiment, and of `bubble-abm run`
WITHOUT_EFFECT = (
    "name",
    "question",
    "quick",
    "discover",
    "emulate",
)  # fields of an experiment that do not affect its runs
KINDS = {"experiment": dict, "design": str, "code": str, "versions": dict, "processor": str}  # what a result must have
LARGEST = 50_000_000  # bytes of a provenance
SHOWN = 60  # largest number of characters of a value in a message


@cache
def versions() -> dict[str, str]:
    """Return the versions of this package, of Python and of the libraries that may affect results."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {MODEL: __version__, "python": platform.python_version(), **libraries}


@cache
def processor() -> str:
    """Return the kind of processor, because compiled arithmetic may round differently on another kind."""
    return f"{platform.system()} {platform.machine()}"


def commit() -> str | None:
    """Return the commit of the sources, marked if they have changed since; None if they are not in a repository."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parents[1]), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")
        changed = git("status", "--porcelain", "--", ".")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None


def code_of(model: str, rules: Named = ()) -> str:
    """Return the hash of the package's sources and, for a user's model and rules, of the files in which they stand.

    Raises
    ------
    InvalidInput
        If such a file was edited since this process imported it, which would run what the file no longer says.
    """
    parts = source_hash() + source_hash(
        *(folder for folder in OUTCOMES if folder not in RUN_FOLDERS)
    )  # the first is cached
    package = hashlib.sha256(parts.encode()).hexdigest()[:16]
    own = [] if model == ECONOMY else [find_model(model)]
    own += [function_named(name, place) for name, place in rules]
    written = (getattr(one, "py_func", one) for one in own)
    homes = {inspect.getsourcefile(one): inspect.getmodule(one) for one in written}
    return "+".join((package, *(hash_of(home, module) for home, module in homes.items())))


AS_IMPORTED: WeakKeyDictionary[ModuleType, str] = WeakKeyDictionary()  # hashes of files when they were first asked for


def hash_of(home: str | None, module: ModuleType | None) -> str:
    """Return the hash of a user's file, or refuse it if its module was imported before it was edited."""
    if home is None:
        return "unknown"
    found = hashlib.sha256(Path(home).read_bytes()).hexdigest()[:16]
    if module is not None and AS_IMPORTED.setdefault(module, found) != found:
        raise InvalidInput(f"{home}: was edited after {module.__name__} was imported: start Python again")
    return found


# --- Of a result ----------------------------------------------------------------------------------------------------


def origin(experiment: Experiment) -> dict[str, Any]:
    """Return everything that the values of a result depend on."""
    return {
        "model": MODEL,
        "experiment": experiment.as_dict(),
        "design": experiment.design.hash(),
        "ranges": experiment.ranges,
        "runs": experiment.runs,
        "chunk_size": experiment.chunk_size,
        "code": code_of(experiment.model, experiment.named_rules),
        "versions": versions(),
        "processor": processor(),
        "commit": commit(),
    }


def load(folder: Path, name: str = EXPERIMENT) -> dict[str, Any]:
    """Read the provenance of a result that :func:`origin` returned when it was written.

    Raises
    ------
    InvalidInput
        If the folder is not that of a result, or its provenance is damaged.
    """
    path = Path(folder) / name
    try:
        found = read_json(path)
        known = found["model"] == MODEL and all(isinstance(found[key], kind) for key, kind in KINDS.items())
    except FileNotFoundError:
        raise InvalidInput(f"result = {folder}: is not the folder of an experiment, it has no {name}") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise InvalidInput(f"result = {folder}: its {name} is damaged or of another version, give another folder")
    sums = listed(path.parent)
    if name in sums and problem(path.parent, name, sums):
        raise InvalidInput(
            f"result = {folder}: its {name} was changed since it was written: add --overwrite to run it again"
        )
    return found


def read_json(path: Path) -> Any:
    """Read a file of JSON, which may be anything."""
    return json.loads(read_file(path, LARGEST).decode())


def experiment_in(folder: Path, name: str = EXPERIMENT) -> Experiment:
    """Return the experiment of a result, whose model is named but not imported.

    Raises
    ------
    InvalidInput
        If the folder is not that of a result, or its provenance is damaged or describes what no experiment can be.
    """
    described = load(folder, name)["experiment"]
    try:
        return Experiment.from_dict(described)
    except InvalidInput as error:
        raise InvalidInput(f"result = {folder}: its {name} describes no experiment: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError):  # fields that are unknown here, missing or damaged
        raise InvalidInput(f"result = {folder}: its {name} is of another version, run the experiment again") from None


def is_of_this_model(path: Path) -> bool:
    """Whether a file is the provenance of a result of this model, of any version."""
    try:
        return read_json(path)["model"] == MODEL
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def compare(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Return the differences between two results that prevent one from being continued or repeated as the other."""
    old, new = there["experiment"], json.loads(json.dumps(here["experiment"], default=plain))
    changed = [
        f"{name} = {shorten(old.get(name))} there, {shorten(new.get(name))} here"
        for name in dict.fromkeys((*new, *old))  # policies, rules and economies are there only if there are some
        if name not in WITHOUT_EFFECT and old.get(name) != new.get(name)
    ]
    if not changed and there["design"] != here["design"]:
        changed = [f"points {shorten(there['design'])} there, {here['design']} here"]
    differences = [f"another design ({', '.join(changed)})"] if changed else []
    if there["code"] != here["code"]:
        differences.append(f"runs of other code ({shorten(there['code'])} there, {here['code']} here)")
    libraries = sorted({*there["versions"], *here["versions"]})
    others = [
        f"{shorten(name)} {shorten(there['versions'].get(name))} there, {here['versions'].get(name)} here"
        for name in libraries
        if there["versions"].get(name) != here["versions"].get(name)
    ]
    if there["processor"] != here["processor"]:
        others.append(f"{shorten(there['processor'])} there, {here['processor']} here")
    return [*differences, f"runs of other versions ({', '.join(others)})"] if others else differences


def shorten(value: Any) -> str:
    """Return a value, perhaps out of a stranger's file, as a short printable text."""
    text = printable(str(value))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
