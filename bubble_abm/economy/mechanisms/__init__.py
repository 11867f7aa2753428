"""What can be switched off: one file a mechanism, found by its place in this folder.

A mechanism brings its parameters with their neutral value, the columns it adds to rows, its luck, its flows and claims,
its decisions and steps; its docstring says in the first line what it is. ``month.py`` has its lines.
"""

import importlib
import pkgutil

#: All mechanisms, in the order of their names.
MECHANISMS = tuple(
    importlib.import_module(f"{__name__}.{name}")
    for name in sorted(info.name for info in pkgutil.iter_modules(__path__))
)
