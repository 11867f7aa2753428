"""Captions and titles: sentences with numbers from the results, each with the conditions under which it is true.

A sentence with a word such as "most" or "only" claims something, and is refused without a condition. The title of a
figure is the first message that is true of its data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.style.figure import number

#: Words that claim more than a number does.
CLAIMS = re.compile(
    r"(?<!at )\b(most|least|fewest|largest|smallest|greatest|highest|lowest|earliest|latest|longest|best|worst|only|"
    r"nothing|nobody|never|always|no two|all|every)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Needs:
    """A condition of a sentence: a number, and the range in which the sentence is true.

    Parameters
    ----------
    what : str
        Description of the number.
    value : float
        The number, from the result.
    least, most : float
        Ends of the range.
    """

    what: str
    value: float
    least: float = -math.inf
    most: float = math.inf

    @property
    def holds(self) -> bool:
        """Whether the number is in the range, which not-a-number is not."""
        return bool(self.least <= self.value <= self.most)

    def explanation(self) -> str:
        """Describe the number and the range that the sentence needs."""
        ends = [f"{word} {number(end)}" for word, end in (("at least", self.least), ("at most", self.most))
                if math.isfinite(end)]  # fmt: skip
        return f"{self.what} is {number(self.value)}, and the sentence needs {' and '.join(ends)}"


@dataclass(frozen=True)
class Sentence:
    """One sentence of a caption.

    Parameters
    ----------
    text : str
        The sentence, with its numbers.
    needs : sequence of Needs
        Conditions under which it is true.
    full : bool
        Whether it is about the full design, so that the caption of a quick figure leaves it out.
    """

    text: str
    needs: Sequence[Needs] = ()
    full: bool = False

    @property
    def holds(self) -> bool:
        """Whether all its conditions are met."""
        return all(need.holds for need in self.needs)


class FalseClaim(InvalidInput):
    """A sentence of a caption is no longer true of the results."""


def checked_caption(figure: str, sentences: Iterable[Sentence], *, quick: bool) -> tuple[str, int]:
    """Return the caption of a figure after checking that its sentences are true.

    Parameters
    ----------
    figure : str
        Name of the figure, for the message.
    sentences : iterable of Sentence
        The caption.
    quick : bool
        Whether the results are of quick forms.

    Returns
    -------
    text : str
        The caption.
    left_out : int
        Number of sentences left out because they are about the full design.

    Raises
    ------
    FalseClaim
        If a sentence is not true; the message names it and the number.
    InvalidInput
        If a sentence claims something without a condition, or no sentence has one.

    Examples
    --------
    >>> fall = Sentence("The rent falls by half.", [Needs("fall of the rent", 0.31, least=0.4)])
    >>> checked_caption("fig02", [fall], quick=False)
    Traceback (most recent call last):
    ...
    bubble_abm.paper.captions.FalseClaim: caption of fig02: 'The rent falls by half.': fall of the rent is 0.31, and
    the sentence needs at least 0.4
    """
    kept: list[str] = []
    left_out = 0
    sentences = list(sentences)
    check_conditions(figure, sentences)
    for sentence in sentences:
        if sentence.full and quick:
            left_out += 1
            continue
        for need in sentence.needs:
            if not need.holds:
                raise FalseClaim(f"caption of {figure}: {sentence.text!r}: {need.explanation()}")
        kept.append(sentence.text)
    return " ".join(kept), left_out


def check_conditions(figure: str, sentences: Sequence[Sentence]) -> None:
    """Refuse a caption that cannot fail."""
    for sentence in sentences:
        if (claim := CLAIMS.search(sentence.text)) and not sentence.needs:
            raise InvalidInput(f"caption of {figure}: {sentence.text!r} says {claim[0]!r}: give it a condition (Needs)")
    if not any(sentence.needs for sentence in sentences):
        raise InvalidInput(f"caption of {figure}: no sentence has a condition: give one of them Needs(...)")


def first_true(messages: Iterable[Sentence], otherwise: str) -> str:
    """Return the first message that is true of the data, for the title of a figure.

    Parameters
    ----------
    messages : iterable of Sentence
        Messages, the most telling first; one without conditions is never taken.
    otherwise : str
        Topic of the figure, if no message is true.

    Examples
    --------
    >>> first_true([Sentence("Rents halve", [Needs("fall of the rent", 0.31, least=0.5)])], "Rents over time")
    'Rents over time'
    """
    return next((one.text for one in messages if one.needs and one.holds), otherwise)


def heading(about: Mapping[str, Any]) -> str:
    """Return number and topic of a figure; figures of the supplement are numbered S, one's own figure not at all."""
    number_of = re.match(r"fig(\d\d)_", about["figure"])
    if number_of is None:
        return str(about["title"])
    return f"Figure {'S' if about.get('supplement') else ''}{int(number_of[1])}. {about['title']}"


def captions_page(sidecars: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of captions from the metadata of the figures, the supplement at its end."""
    lines = ["# Captions", "", "Written by `make figures`; the numbers come from the results.", ""]
    for about in sorted(sidecars, key=lambda one: bool(one.get("supplement"))):
        message = about.get("message", about["title"])
        said = [] if message == about["title"] else [f"**{message}.**"]
        lines += [f"## {heading(about)}", "", " ".join([*said, about["caption"]]), "", origin(about), ""]
    return "\n".join(lines[:-1]) + "\n"


def pictures_page(sidecars: Iterable[Mapping[str, Any]]) -> str:
    """Return a page in HTML with every figure, its alternative text and its caption."""
    parts = [
        f'<figure id="{about["figure"]}">\n'
        f'<img src="{about["figure"]}.svg" alt="{escape(about.get("alternative", about["title"]))}">\n'
        f"<figcaption><strong>{escape(heading(about))}.</strong> {escape(about['caption'])}</figcaption>\n</figure>"
        for about in sorted(sidecars, key=lambda one: bool(one.get("supplement")))
    ]
    look = "body{max-width:60rem;margin:auto;font-family:sans-serif}img{width:100%}figure{margin:2rem 1rem}"
    head = f'<meta charset="utf-8">\n<title>Figures</title>\n<style>{look}</style>'
    return "\n".join(['<!DOCTYPE html>\n<html lang="en-GB">', f"<head>\n{head}\n</head>", "<body>", *parts,
                      "</body>\n</html>\n"])  # fmt: skip


def origin(about: Mapping[str, Any]) -> str:
    """Describe the experiments behind a figure, and what its caption leaves out."""
    parts = [f"`{one['experiment']['name']}`, {one['runs']:,} runs" for one in about["results"]]
    text = f"From {' and '.join(parts)}."
    if about["left_out"]:
        what = "sentence" if about["left_out"] == 1 else "sentences"
        text += f" Small designs: {about['left_out']} {what} about the full design left out."
    return f"*{text}*"
