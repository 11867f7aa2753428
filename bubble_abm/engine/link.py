"""How plain functions become the compiled month, and how one rule is replaced by another.

Rules and steps are ordinary Python functions that call each other by name. :func:`link` copies such a function together
with everything it calls, with some of the callees replaced; compiled with Numba it is the fast month, left alone it is
the same month for the debugger and for ordinary Mesa agents. There is one source for both.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from bubble_abm.engine.sources import cache_folder

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


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


class Machine:
    """The months of one set of rules, compiled once per process; the standard rules are kept on disk, too."""

    def __init__(self, replaced: dict[Any, Any], *, interpreted: bool = False) -> None:
        from bubble_abm.economy.month import run_months
        from bubble_abm.economy.world import found_world

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
