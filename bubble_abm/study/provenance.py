"""Where a result comes from: versions, commit, machine; and whether two results can be compared bit by bit."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

from bubble_abm import __version__

MODEL = "bubble_abm"
LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "SALib", "mesa", "pandas", "pyarrow", "matplotlib")


class WrongWorker(RuntimeError):
    """A worker runs other code or other versions than the batch: its results would not be comparable."""


class WorkersLost(RuntimeError):
    """Those who compute have gone and nobody took their place; what they had finished is kept."""


@cache
def versions() -> dict[str, str]:
    """Return the versions of the model, of Python and of the libraries that results may depend on."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {MODEL: __version__, "python": platform.python_version(), **libraries}


@cache
def processor() -> str:
    """Name the kind of processor: compiled arithmetic may round differently on another."""
    return f"{platform.system()} {platform.machine()}"


def commit() -> str | None:
    """Return the commit of the sources, marked if they differ from it; None outside a repository that holds them."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parents[1]), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")
        changed = git("status", "--porcelain", "--", ".")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
