"""What can be switched off: one file for each mechanism, found by its place in this folder.

A mechanism brings its parameters with their neutral value, the columns it adds to rows, its luck, its flows and claims,
its decisions and steps; the first line of its docstring says what it is. Its lines stand in ``month.py``.
"""

import importlib
import pkgutil

#: All mechanisms, in the order of their names.
MECHANISMS = tuple(
    importlib.import_module(f"{__name__}.{name}")
    for name in sorted(info.name for info in pkgutil.iter_modules(__path__))
)
