"""A hash of the sources that a result depends on, by folder of the package."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
#: Tables that no result depends on: a link that is added makes no data set stale.
PROSE = ("observe/sources.csv",)
#: Folders that a run depends on.
RUN = ("economy", "engine")
#: Folders that the outcomes in a data set depend on.
OUTCOMES = (*RUN, "observe")
#: Folders that the tables of an analysis depend on.
ANALYSES = (*OUTCOMES, "study")
#: Folders that a figure depends on.
FIGURES = (*ANALYSES, "style", "paper")


@cache
def source_hash(*folders: str) -> str:
    """Hash of the sources in some folders of the package, of Numba's version and of its settings.

    Numba's own cache only checks the file of the function that is compiled: a rule edited in another file would keep
    running in its old form.

    Parameters
    ----------
    *folders : str
        Folders of the package; by default those of :data:`RUN`.

    Returns
    -------
    str
        Sixteen hexadecimal digits. Comments, docstrings, blank lines, the meaning and source in a declaration and the
        tables of :data:`PROSE` do not affect them.
    """
    import numba

    config: Any = numba.config
    digest = hashlib.sha256(repr((numba.__version__, config.BOUNDSCHECK, config.OPT)).encode())
    for folder in folders or RUN:
        for path in sorted((PACKAGE / folder).rglob("*.*")):
            if path.suffix == ".py":
                digest.update(path.relative_to(PACKAGE).as_posix().encode())
                digest.update(what_matters(path.read_bytes()))
            elif path.suffix in (".csv", ".toml") and path.relative_to(PACKAGE).as_posix() not in PROSE:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def what_matters(source: bytes) -> bytes:
    """Hash of what a source file computes; kept, because the sets of folders overlap."""
    return hashlib.sha256(ast.dump(WithoutProse().visit(ast.parse(source))).encode()).digest()


#: Position of the argument that gives the meaning of a declaration.
MEANINGS = {"column": 1, "draw": 1, "claim": 1, "asset": 1}


class WithoutProse(ast.NodeTransformer):
    """Removes from a syntax tree the text that does not affect results."""

    def without_docstring(self, node: Any) -> Any:
        """Remove the docstring of a module, class or function."""
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:]
        return self.generic_visit(node)

    visit_Module = visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = without_docstring

    def visit_Call(self, node: ast.Call) -> Any:
        """Remove the meaning, the source and the reason given in declarations."""
        if isinstance(node.func, ast.Name) and node.func.id in MEANINGS:
            place = MEANINGS[node.func.id]
            node.args = node.args[:place] + node.args[place + 1 :]
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in ("meaning", "source", "departs")]
        return self.generic_visit(node)
