"""How plain functions become the compiled month, and how one rule is replaced by another.

Rules and steps are ordinary Python functions that call each other by name. :func:`link` copies such a function together
with everything it calls, with some of the callees replaced; compiled with Numba it is the fast month, left alone it is
the same month for the debugger and for ordinary Mesa agents. There is one source for both.
"""

from __future__ import annotations

import dis
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
PACKAGE = Path(__file__).parent
# What only looks at finished runs: it may change, and the machine code and the runs of before stay good. Nothing that
# computes a run imports it (tests/test_architecture.py).
AFTERWARDS = frozenset(
    (
        "__main__", "analysis", "app", "captions", "cli", "cli_experiments", "cli_figures", "cli_view", "discovery",
        "docs", "figures", "finished", "overview", "plots", "report",
    )
)  # fmt: skip


def link(function: Any, replaced: dict[Any, Any], wrap: Callable[[Any], Any]) -> Any:
    """Copy a function and all that it calls, with some callees replaced, and wrap every copy.

    Parameters
    ----------
    function : function
        The root, for instance ``run_months``.
    replaced : dict of function to function
        Which callee to replace by which.
    wrap : callable
        Applied to every copy: ``numba.njit`` to compile, identity to interpret.

    Returns
    -------
    callable
        The wrapped copy of the root.
    """
    done: dict[Any, Any] = {}
    homes = {original.__module__ for original in replaced.values() if hasattr(original, "__module__")}

    def copy(original: Any) -> Any:
        original = replaced.get(original, original)
        if not isinstance(original, FunctionType):
            return original  # compiled by the user already
        if original not in done:
            names = {name for name in names_used(original.__code__) if name in original.__globals__}
            scope = {name: original.__globals__[name] for name in names}
            scope["__name__"] = original.__module__
            scope["__builtins__"] = original.__globals__["__builtins__"]
            for name, value in scope.items():
                if isinstance(value, FunctionType) and (in_package(value) or value.__module__ in homes):
                    scope[name] = copy(value)
            twin = FunctionType(
                original.__code__, scope, original.__name__, original.__defaults__, original.__closure__
            )
            twin.__kwdefaults__ = original.__kwdefaults__
            twin.__module__, twin.__qualname__ = original.__module__, original.__qualname__
            done[original] = wrap(twin)
        return done[original]

    return copy(function)


def in_package(function: FunctionType) -> bool:
    """Whether a function belongs to this package."""
    return function.__module__.partition(".")[0] == __name__.partition(".")[0]


def names_used(code: CodeType) -> Iterator[str]:
    """Global names that a function's code refers to, nested code included; attributes are not among them."""
    yield from (step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_used(constant)


@cache
def source_hash(*parts: str) -> str:
    """Hash of the sources that the numbers of a run depend on, of Numba's version and of its switches.

    Numba's own cache looks at the root function's file only: a rule edited elsewhere would keep running as it was.

    Parameters
    ----------
    *parts : str
        Only these modules and folders of the package, instead of all but :data:`AFTERWARDS`.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    import numba

    config: Any = numba.config
    digest = hashlib.sha256()
    digest.update(repr((numba.__version__, config.BOUNDSCHECK, config.OPT)).encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        part = name.parts[0].removesuffix(".py")
        if part in parts or (not parts and part not in AFTERWARDS):
            digest.update(name.as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder for machine code: one per state of the sources, below the user's cache folder or a temporary one."""
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    for parent in (Path(base), Path(tempfile.gettempdir())):
        folder = parent / "bubble_abm" / source_hash()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError("no writable folder for machine code: set NUMBA_CACHE_DIR to one")


class Machine:
    """The months of one set of rules, compiled once per process; the standard rules are kept on disk, too."""

    def __init__(self, replaced: dict[Any, Any], *, interpreted: bool = False) -> None:
        from bubble_abm.month import run_months
        from bubble_abm.world import found_world

        self.interpreted = interpreted
        roots = (found_world, run_months)
        if interpreted:
            self.found_world, self.run_months = (link(root, replaced, lambda twin: twin) for root in roots)
            return
        import numba

        keep = not replaced
        config: Any = numba.config
        before = config.CACHE_DIR
        if keep:
            config.CACHE_DIR = str(cache_folder())
        try:
            self.found_world, self.run_months = (self._compile(numba, root, replaced, keep) for root in roots)
        finally:
            config.CACHE_DIR = before

    @staticmethod
    def _compile(numba: Any, root: Any, replaced: dict[Any, Any], keep: bool) -> Any:
        def wrap(twin: Any) -> Any:
            if not keep:  # Numba names machine code by this; under the names of kept code it would be mistaken for it
                twin.__qualname__ += "_with_replaced_rules"
            if twin.__name__ == root.__name__:
                return numba.njit(cache=keep, **OPTIONS)(twin)
            # Inside the loop over agents, the generator draws for several of them at once.
            inline = "always" if twin.__name__ in ("philox", "draw_block") else "never"
            return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, inline=inline, **OPTIONS)(twin)

        return link(root, replaced, wrap)
