"""How plain functions become the compiled month, and how one rule is replaced by another.

Rules and steps are ordinary Python functions that call each other by name. :func:`link` copies such a function together
with everything it calls, replacing some of the callees. Compiled with Numba, the copy is the fast month; not compiled,
it is the same month for a debugger and for ordinary Mesa agents. Both come from one source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from bubble_abm.economy.generate import function
from bubble_abm.engine.machine_code import cache_folder, compilers, keep, remove_leaked
from bubble_abm.engine.replaced_code import key_of, names_used

Amendments = Sequence[tuple[Any, Any]]

#: Roots by the folder of their machine code: the same code loaded twice would have the same names twice.
PREPARED: dict[Path, tuple[Any, ...]] = {}

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def link(root: Any, replaced: dict[Any, Any], wrap: Callable[[Any], Any], amendments: Amendments = ()) -> Any:
    """Copy a function and all that it calls, with some callees replaced or amended, and wrap every copy.

    Parameters
    ----------
    root : function
        Where to begin, for instance ``run_months``.
    replaced : dict of function to function
        Each callee that is replaced, and its replacement.
    wrap : callable
        Applied to every copy: ``numba.njit`` to compile, the identity to interpret.
    amendments : sequence of pairs of functions
        A callee, replaced or not, and a function that amends the value it returns; applied in this order.

    Returns
    -------
    callable
        The wrapped copy of the root.
    """
    done: dict[Any, Any] = {}
    users_modules = {function.__module__ for function in replaced.values() if hasattr(function, "__module__")}
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
            return chosen  # the user has compiled it
        if (key := (chosen, "plain")) not in done:
            names = {name for name in names_used(chosen.__code__) if name in chosen.__globals__}
            scope = {name: chosen.__globals__[name] for name in names}
            scope["__name__"] = chosen.__module__
            scope["__builtins__"] = chosen.__globals__["__builtins__"]
            for name, value in scope.items():
                if isinstance(value, FunctionType) and (in_package(value) or value.__module__ in users_modules):
                    scope[name] = copy(value)
            copied = FunctionType(chosen.__code__, scope, chosen.__name__, chosen.__defaults__, chosen.__closure__)
            copied.__kwdefaults__ = chosen.__kwdefaults__
            copied.__module__, copied.__qualname__ = chosen.__module__, chosen.__qualname__
            done[key] = wrap(copied)
        return done[key]

    return copy(root)


def composed(original: FunctionType, **parts: Any) -> FunctionType:
    """Return a decision with its amendments: ``decide`` returns a value, and every amendment changes it in turn."""
    arguments = ", ".join(signature(original).parameters)
    lines = [f"def {original.__name__}({arguments}):", f"    value = parts_decide({arguments})"]
    lines += [f"    value = parts_{name}(value, {arguments})" for name in parts if name != "decide"]
    scope = {f"parts_{name}": part for name, part in parts.items()}
    return function("\n".join([*lines, "    return value"]), original.__module__, **scope)


def do_nothing(*arguments: Any) -> None:
    """Replace the steps of a mechanism that is left out."""


def types_of_structures() -> dict[str, Any]:
    """Return the types of a world, its luck and its records, which those of any size have."""
    from bubble_abm.economy.luck import luck_for
    from bubble_abm.economy.parameters import Parameters
    from bubble_abm.economy.world import empty_records, empty_world
    from bubble_abm.engine.addresses import type_of

    world = empty_world(Parameters())
    examples = {"world": world, "luck": luck_for(world, 1), "records": empty_records(1)}
    return {name: type_of(example) for name, example in examples.items()}


def in_package(function: FunctionType) -> bool:
    """Whether a function belongs to this package."""
    return str(function.__module__).partition(".")[0] == __name__.partition(".")[0]


class LinkedMonth:
    """The month with one set of rules, compiled once per process and kept on disk.

    Parameters
    ----------
    replaced : dict of function to function
        Each function that is replaced, and its replacement.
    interpreted : bool
        Do not compile.
    without : sequence of modules
        Mechanisms that are left out: their steps do nothing, and they amend no decision.

    Attributes
    ----------
    key : str or None
        What machine code depends on besides the package, see :func:`bubble_abm.engine.replaced_code.key_of`; None if
        that cannot be told, and then machine code is not kept.
    """

    def __init__(
        self, replaced: dict[Any, Any], *, interpreted: bool = False, without: Sequence[ModuleType] = ()
    ) -> None:
        from bubble_abm.economy.founding import found_world
        from bubble_abm.economy.month import AMENDMENTS, run_months

        left_out = {module.__name__ for module in without}
        self.amendments = tuple(pair for pair in AMENDMENTS if pair[1].__module__ not in left_out)
        steps = (value for module in without for value in vars(module).values() if isinstance(value, FunctionType))
        self.key = key_of(replaced, left_out)
        self.replaced = {**replaced, **{step: do_nothing for step in steps if step.__module__ in left_out}}
        self.interpreted = interpreted
        roots = (found_world, run_months)
        if interpreted:
            self.found_world, self.run_months = (self.link(root, lambda function: function) for root in roots)
            return
        import numba

        remove_leaked()
        folder = None if self.key is None else cache_folder(self.key)
        found = PREPARED.get(folder) if folder is not None else None
        if found is None:
            types = types_of_structures()
            found = tuple(self.compile(numba, root, folder, types) for root in roots)
        if folder is not None:
            PREPARED[folder] = found
        self.found_world, self.run_months = found

    def link(self, root: Any, wrap: Callable[[Any], Any]) -> Any:
        """Copy a function with everything it calls, replaced and amended."""
        return link(root, self.replaced, wrap, self.amendments)

    def compile(self, numba: Any, root: Any, folder: Path | None, types: dict[str, Any]) -> Any:
        """Prepare a function and everything it calls for compilation on its first call; ``folder`` is its cache.

        The root takes what is a named tuple as a directory, see :mod:`bubble_abm.engine.addresses`.
        """
        from bubble_abm.engine.addresses import listed_at

        part: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        whole: dict[str, Any] = {}
        if (known := compilers()) is not None:
            whole["pipeline_class"], part["pipeline_class"] = known

        def renamed(function: Any) -> Any:
            # Numba names machine code by this name, which must differ from that of other code in the same process.
            if self.key != "":
                function.__qualname__ += f"_with_{self.key or 'replaced_rules'}"
            if not in_package(function):  # kept code names its modules, and a user's need not be there when it is found
                function.__module__ = function.__globals__["__name__"] = __name__
            return function

        def wrap(function: Any) -> Any:
            # Inlined into the loop over agents, the generator is vectorised over several of them.
            inline = "always" if function.__name__ in ("philox", "draw_block") else "never"
            return numba.njit(inline=inline, **part, **OPTIONS)(renamed(function))

        if numba.config.DISABLE_JIT:
            return self.link(root, renamed)
        names = list(signature(root).parameters)
        listed = {name: listed_at(kind) for name, kind in types.items() if name in names}
        given = (f"{name}_at({name})" if name in listed else name for name in names)
        text = f"def {root.__name__}({', '.join(names)}):\n    root({', '.join(given)})"
        scope = {f"{name}_at": found for name, found in listed.items()}
        entry = renamed(function(text, root.__module__, root=self.link(root, wrap), **scope))
        compiled = numba.njit(**whole, **OPTIONS)(entry)
        return Root(compiled if folder is None else keep(compiled, folder), [name in listed for name in names])


class Root:
    """A compiled root, called like the plain one: its named tuples are handed over as directories.

    Parameters
    ----------
    compiled : numba dispatcher
        The compiled function.
    listed : list of bool
        For each argument, whether it is a named tuple.
    """

    def __init__(self, compiled: Any, listed: list[bool]) -> None:
        from bubble_abm.engine.addresses import directory

        self.compiled = compiled
        self.listed = listed
        self.directory = directory

    def __call__(self, *arguments: Any) -> None:
        """Call the compiled function."""
        self.compiled(*(self.directory(one) if apart else one for one, apart in zip(arguments, self.listed)))
