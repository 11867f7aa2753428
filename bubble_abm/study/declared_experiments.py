"""The declared experiments: one file each in ``experiments/``, found by name, or in any folder by path.

In a checkout the folders of experiments and figures are beside the package; in an installation they are inside it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.study.experiment import Experiment

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").exists() else None


def declared_files(kind: str, pattern: str) -> dict[str, Path]:
    """Return the files that declare experiments or figures, by name and in order."""
    return {path.stem: path for path in sorted(((CHECKOUT or PACKAGE) / kind).glob(pattern))}


def files() -> dict[str, Path]:
    """Return the files of the declared experiments, by name and in order."""
    return declared_files("experiments", "e[0-9][0-9]_*.py")


def find(name: str) -> Experiment:
    """Return an experiment by its name, by the number with which the name begins, or by the path of its file.

    Raises
    ------
    InvalidInput
        If there is no such experiment, or the file declares none.
    """
    declared = files()
    if name.endswith(".py"):
        return load(Path(name))
    matches = [stem for stem in declared if name in (stem, stem.partition("_")[0])]
    if not matches:
        raise InvalidInput(f"{unknown_name('experiment', name, declared)}, or give the path of a file")
    return load(declared[matches[0]])


def load(path: Path) -> Experiment:
    """Return the experiment that a file declares under the name ``EXPERIMENT``."""
    return declared_in(path, "EXPERIMENT", Experiment)


def declared_in[Declared](path: Path, name: str, kind: type[Declared]) -> Declared:
    """Return what a file declares under a name.

    Raises
    ------
    InvalidInput
        If the file does not exist, cannot be read, or declares nothing of that kind.
    """
    what = name.lower()
    try:
        spec = importlib.util.spec_from_file_location(f"bubble_abm_{what}_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = getattr(module, name)
    except FileNotFoundError:
        raise InvalidInput(f"{what} {path}: there is no such file") from None
    except InvalidInput as error:
        raise InvalidInput(f"{what} {path}: {error}") from None
    except SyntaxError as error:
        raise InvalidInput(f"{what} {path}: cannot be read: line {error.lineno}, {error.msg}") from None
    except Exception as error:  # the file is the user's code and may raise anything
        why = " ".join(f"{type(error).__name__}, {error}".split())
        raise InvalidInput(f"{what} {path}: {why}; it must declare {name} = {kind.__name__}(...)") from None
    if not isinstance(found, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise InvalidInput(f"{what} {path}: {name} = {found!r}: give {article} {kind.__name__}(...)")
    return found
