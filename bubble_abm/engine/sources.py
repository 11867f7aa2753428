"""Which sources computed a number: a hash by room, blind to prose."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
#: What a run depends on: the rooms from which the month is built.
RUN = ("economy", "engine")
#: What the numbers of a data set depend on: the run, and what is read off it.
OUTCOMES = (*RUN, "observe")
#: What the tables of an analysis depend on.
ANALYSES = (*OUTCOMES, "study")
#: What a figure depends on.
FIGURES = (*ANALYSES, "style", "paper")


@cache
def source_hash(*rooms: str) -> str:
    """Hash of the sources in some rooms, of Numba's version and of its switches.

    Numba's own cache looks at the root function's file only: a rule edited elsewhere would keep running as it was.

    Parameters
    ----------
    *rooms : str
        Folders of the package; those of :data:`RUN` by default.

    Returns
    -------
    str
        Sixteen hexadecimal digits. They do not change with comments, docstrings, blank lines, or the meaning and the
        source that a declaration gives in words.
    """
    import numba

    config: Any = numba.config
    digest = hashlib.sha256(repr((numba.__version__, config.BOUNDSCHECK, config.OPT)).encode())
    for room in rooms or RUN:
        for path in sorted((PACKAGE / room).rglob("*.*")):
            if path.suffix == ".py":
                digest.update(path.relative_to(PACKAGE).as_posix().encode())
                digest.update(ast.dump(WithoutProse().visit(ast.parse(path.read_bytes()))).encode())
            elif path.suffix in (".csv", ".toml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


#: Which argument of a declaration is its meaning.
MEANINGS = {"column": 1, "draw": 1, "claim": 1, "asset": 1}


class WithoutProse(ast.NodeTransformer):
    """Takes out of a syntax tree what only people read."""

    def without_docstring(self, node: Any) -> Any:
        """Drop the docstring of a module, class or function."""
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:]
        return self.generic_visit(node)

    visit_Module = visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = without_docstring

    def visit_Call(self, node: ast.Call) -> Any:
        """Drop what declarations say in words: what is meant, where it comes from, and why."""
        if isinstance(node.func, ast.Name) and node.func.id in MEANINGS:
            place = MEANINGS[node.func.id]
            node.args = node.args[:place] + node.args[place + 1 :]
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in ("meaning", "source", "departs")]
        return self.generic_visit(node)
