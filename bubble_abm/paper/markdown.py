"""Markdown: tables, names as code, and where in the package something stands."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any


def table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """Return a name formatted as code."""
    return f"`{text}`"


def number(value: float) -> str:
    """Return a number with its thousands grouped."""
    return f"{value:,.12g}"


def summary(thing: Any) -> str:
    """Return the first line of a docstring, without its full stop."""
    return (inspect.getdoc(thing) or "").partition("\n")[0].removesuffix(".")


def home(function: Any) -> str:
    """Return the file of a function, relative to the package."""
    return file_of(function.__module__)


def file_of(module: str) -> str:
    """Return the file of a module, relative to the package."""
    return code("/".join(module.split(".")[1:]) + ".py")
