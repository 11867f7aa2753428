"""What machine code of replaced functions depends on besides the package: what they say, and the values they use.

The functions themselves are read, not the files in which they stand: what is compiled is what is in memory, and a
number may come out of another file, which the date or text of the function's own file does not betray. Anything that
cannot be read in full, such as an array, an object or a module other than ``math`` and ``numpy``, makes the whole set
unknown, and its machine code is not kept.
"""

from __future__ import annotations

import builtins
import dis
import hashlib
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, EllipsisType, FunctionType, NoneType
from typing import Any

import numpy as np

PLAIN = (bool, int, float, complex, str, bytes, NoneType, EllipsisType)
LIBRARIES = (builtins, math, np)  # what they hold is known by name: they change with their versions only
OF_CODE = (
    "co_name",  # some functions are inlined by name
    "co_code",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_flags",
    "co_exceptiontable",
)


class Unreadable(Exception):
    """Part of a function cannot be read in full."""


def key_of(replaced: Mapping[Any, Any], left_out: Iterable[str]) -> str | None:
    """Return a key of machine code with functions replaced and mechanisms left out.

    Parameters
    ----------
    replaced : mapping of function to function
        Each function of the package that is replaced, and its replacement.
    left_out : iterable of str
        Names of the modules of the mechanisms that are left out.

    Returns
    -------
    str or None
        Sixteen hexadecimal digits, empty for the standard month, None if the key would not cover everything. Two sets
        with the same key do the same, as long as the package does.
    """
    left_out = sorted(left_out)
    if not replaced and not left_out:
        return ""
    try:
        pairs = sorted((repr(tuple(read(one, {}))), repr(tuple(read(other, {})))) for one, other in replaced.items())
    except (Unreadable, RecursionError):
        return None
    return hashlib.sha256(repr((np.__version__, left_out, pairs)).encode()).hexdigest()[:16]


def read(value: Any, seen: dict[int, int]) -> Iterator[Any]:
    """Return what a value is, part by part; a function that was read before is known by its place.

    Raises
    ------
    Unreadable
        If that cannot be told in full.
    """
    if type(value) in PLAIN:
        yield type(value).__name__, repr(value)
    elif type(value) is tuple:
        yield "tuple", len(value)
        for part in value:
            yield from read(part, seen)
    elif isinstance(value, CodeType):
        yield from read_code(value, seen)
    elif (name := name_in_library(value)) is not None or (name := name_in_package(value)) is not None:
        yield "named", name
    elif type(value) is FunctionType:
        yield from read_function(value, seen)
    else:
        raise Unreadable


def read_function(function: FunctionType, seen: dict[int, int]) -> Iterator[Any]:
    """Return what a function says, and what it finds under the names that it uses."""
    if id(function) in seen:
        yield "function", seen[id(function)]
        return
    seen[id(function)] = len(seen)
    yield "function", len(seen), function.__name__
    yield from read_code(function.__code__, seen)
    for name in sorted(set(names_used(function.__code__)) & set(function.__globals__)):
        yield "global", name
        yield from read(function.__globals__[name], seen)
    for cell in function.__closure__ or ():
        try:
            yield from read(cell.cell_contents, seen)
        except ValueError:  # the cell is empty
            raise Unreadable from None
    yield from read(function.__defaults__, seen)
    yield from read(tuple(sorted((function.__kwdefaults__ or {}).items())), seen)


def read_code(code: CodeType, seen: dict[int, int]) -> Iterator[Any]:
    """Return what a piece of code says; one that imports something would have to be run to be known."""
    if any(step.opname in ("IMPORT_NAME", "IMPORT_FROM") for step in dis.get_instructions(code)):
        raise Unreadable
    yield tuple(getattr(code, name) for name in OF_CODE), len(code.co_consts)
    for constant in code.co_consts:
        yield from read(constant, seen)


def name_in_library(value: Any) -> str | None:
    """Return the name of a module or a member of :data:`LIBRARIES`."""
    for library in LIBRARIES:
        if value is library:
            return library.__name__
        name = getattr(value, "__name__", None)
        if isinstance(name, str) and vars(library).get(name) is value:
            return f"{library.__name__}.{name}"
    return None


def name_in_package(value: Any) -> str | None:
    """Return the name of a function of this package that is found there, as its file has it."""
    if type(value) is not FunctionType or str(value.__module__).partition(".")[0] != __name__.partition(".")[0]:
        return None
    home = sys.modules.get(value.__module__)
    found = home is not None and vars(home).get(value.__name__) is value
    return f"{value.__module__}.{value.__name__}" if found else None


def names_used(code: CodeType) -> Iterator[str]:
    """Global names that a function's code refers to, including nested code but not attributes."""
    yield from (step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_used(constant)
