"""How plain functions become the compiled month, and how one rule is replaced by another.

Rules and steps are ordinary Python functions that call each other by name. :func:`link` copies such a function together
with everything it calls, with some of the callees replaced; compiled with Numba it is the fast month, left alone it is
the same month for the debugger and for ordinary Mesa agents. There is one source for both.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from bubble_abm.economy.generate import function
from bubble_abm.engine.machine_code import cache_folder, keep, remove_leaked

Amendments = Sequence[tuple[Any, Any]]

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def link(root: Any, replaced: dict[Any, Any], wrap: Callable[[Any], Any], amendments: Amendments = ()) -> Any:
    """Copy a function and all that it calls, with some callees replaced or amended, and wrap every copy.

    Parameters
    ----------
    root : function
        Where to begin, for instance ``run_months``.
    replaced : dict of function to function
        Which callee to replace by which.
    wrap : callable
        Applied to every copy: ``numba.njit`` to compile, identity to interpret.
    amendments : sequence of pairs of functions
        Which callees, replaced or not, go through which further functions, in this order.

    Returns
    -------
    callable
        The wrapped copy of the root.
    """
    done: dict[Any, Any] = {}
    homes = {original.__module__ for original in replaced.values() if hasattr(original, "__module__")}
    amended = {decided: [more for one, more in amendments if one is decided] for decided, _ in amendments}

    def copy(original: Any) -> Any:
        if original not in amended:
            return copy_plain(original)
        if original not in done:
            parts = {f"amend_{k}": copy_plain(more) for k, more in enumerate(amended[original])}
            done[original] = wrap(composed(original, decide=copy_plain(original), **parts))
        return done[original]

    def copy_plain(original: Any) -> Any:
        chosen = replaced.get(original, original)
        if not isinstance(chosen, FunctionType):
            return chosen  # compiled by the user already
        if (place := (chosen, "plain")) not in done:
            names = {name for name in names_used(chosen.__code__) if name in chosen.__globals__}
            scope = {name: chosen.__globals__[name] for name in names}
            scope["__name__"] = chosen.__module__
            scope["__builtins__"] = chosen.__globals__["__builtins__"]
            for name, value in scope.items():
                if isinstance(value, FunctionType) and (in_package(value) or value.__module__ in homes):
                    scope[name] = copy(value)
            twin = FunctionType(chosen.__code__, scope, chosen.__name__, chosen.__defaults__, chosen.__closure__)
            twin.__kwdefaults__ = chosen.__kwdefaults__
            twin.__module__, twin.__qualname__ = chosen.__module__, chosen.__qualname__
            done[place] = wrap(twin)
        return done[place]

    return copy(root)


def composed(original: FunctionType, **parts: Any) -> FunctionType:
    """Return a decision that goes through what mechanisms make of it: ``decide`` first, then every amendment."""
    arguments = ", ".join(signature(original).parameters)
    lines = [f"def {original.__name__}({arguments}):", f"    value = parts_decide({arguments})"]
    lines += [f"    value = parts_{name}(value, {arguments})" for name in parts if name != "decide"]
    scope = {f"parts_{name}": part for name, part in parts.items()}
    return function("\n".join([*lines, "    return value"]), original.__module__, **scope)


def absent(*arguments: Any) -> None:
    """Stand in for the steps of a mechanism that is left out."""


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
    """The months of one set of rules, compiled once per process; the standard rules are kept on disk, too.

    Parameters
    ----------
    replaced : dict of function to function
        Which functions to replace by which.
    interpreted : bool
        Leave the months to the interpreter.
    without : sequence of modules
        Mechanisms that are left out: their steps do nothing, and decisions stay as they are without them.
    """

    def __init__(
        self, replaced: dict[Any, Any], *, interpreted: bool = False, without: Sequence[ModuleType] = ()
    ) -> None:
        from bubble_abm.economy.founding import found_world
        from bubble_abm.economy.month import AMENDMENTS, run_months

        left_out = {module.__name__ for module in without}
        self.amendments = tuple(pair for pair in AMENDMENTS if pair[1].__module__ not in left_out)
        steps = (value for module in without for value in vars(module).values() if isinstance(value, FunctionType))
        self.replaced = {**replaced, **{step: absent for step in steps if step.__module__ in left_out}}
        self.interpreted = interpreted
        roots = (found_world, run_months)
        if interpreted:
            self.found_world, self.run_months = (self.link(root, lambda twin: twin) for root in roots)
            return
        import numba

        remove_leaked()
        folder = None if self.replaced or left_out else cache_folder()
        self.found_world, self.run_months = (self.compile(numba, root, folder) for root in roots)

    def link(self, root: Any, wrap: Callable[[Any], Any]) -> Any:
        """Copy a root with what it calls, replaced and amended."""
        return link(root, self.replaced, wrap, self.amendments)

    def compile(self, numba: Any, root: Any, folder: Path | None) -> Any:
        """Compile a root with what it calls, once it is called; keep the machine code in a folder, if there is one."""

        def wrap(twin: Any) -> Any:
            if (
                folder is None
            ):  # Numba names machine code by this; under the names of kept code it would be mistaken for it
                twin.__qualname__ += "_with_replaced_rules"
            if twin.__name__ == root.__name__:
                compiled = numba.njit(**OPTIONS)(twin)
                return compiled if folder is None else keep(compiled, folder)
            # Inside the loop over agents, the generator draws for several of them at once.
            inline = "always" if twin.__name__ in ("philox", "draw_block") else "never"
            return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, inline=inline, **OPTIONS)(twin)

        return self.link(root, wrap)
