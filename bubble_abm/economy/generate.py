"""Plain functions written from declarations, where the same few lines follow for every kind, claim or amendment.

Such a function is compiled, interpreted and stepped through like any other; ``function.source`` holds its text.
"""

from __future__ import annotations

import builtins
import linecache
from collections import namedtuple
from textwrap import dedent
from typing import Any


def function(source: str, home: str, **scope: Any) -> Any:
    """Return the function that a text defines.

    Parameters
    ----------
    source : str
        One function definition.
    home : str
        Name of the module to which it belongs.
    **scope
        Global names that it uses.

    Examples
    --------
    >>> function("def twice(x): return factor * x", __name__, factor=2)(21)
    42
    """
    text = dedent(source).strip() + "\n"
    name = text.removeprefix("def ").partition("(")[0]
    file = f"<{home}.{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)  # for tracebacks and debuggers
    namespace = {"__name__": home, "__builtins__": builtins, **scope}
    exec(compile(text, file, "exec"), namespace)
    made = namespace[name]
    made.source = text
    return made


def named_tuple(name: str, home: str, *fields: str) -> Any:
    """Return a type of named tuples whose fields follow from declarations.

    Notes
    -----
    Machine code that is kept on disk knows the types of its arguments by name and home; a type that is not found there
    again would be compiled for anew in every process.
    """
    return namedtuple(name, fields, module=home)
