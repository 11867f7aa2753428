"""What joins a part of the page in Python with its template in ``parts/``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import solara

from bubble_abm.page.words import say

PARTS = Path(__file__).parent / "parts"
KEY = re.compile(r"""words\[(['"])(.+?)\1\]|say\((['"])(.+?)\3""")


@cache
def keys(name: str) -> tuple[str, ...]:
    """English words in a template: those in ``words["..."]`` and ``say("...", {...})``."""
    text = (PARTS / f"{name}.vue").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(found[1] or found[3] for found in KEY.findall(text)))


def words_of(name: str) -> dict[str, str]:
    """Words of a template in the language that is spoken here; values are filled in by the browser."""
    return {text: say(text) for text in keys(name)}


def template(name: str) -> Callable[[Callable[..., None]], Callable[..., Any]]:
    """Make a component of a template in ``parts/``; besides its arguments it gets its words."""

    def decorate(about: Callable[..., None]) -> Callable[..., Any]:
        given = inspect.signature(about)
        more = inspect.Parameter("words", inspect.Parameter.KEYWORD_ONLY, default=None)
        about.__signature__ = given.replace(parameters=[*given.parameters.values(), more])  # type: ignore[attr-defined]
        component = solara.component_vue(f"parts/{name}.vue")(about)

        @wraps(about)
        def with_words(**values: Any) -> Any:
            return component(words=words_of(name), **values)

        return with_words

    return decorate
