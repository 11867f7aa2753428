"""Captions: sentences with numbers from the results, each with the conditions under which it is true."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.style.figure import number


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
    for sentence in sentences:
        if sentence.full and quick:
            left_out += 1
            continue
        for need in sentence.needs:
            if not need.holds:
                raise FalseClaim(f"caption of {figure}: {sentence.text!r}: {need.explanation()}")
        kept.append(sentence.text)
    return " ".join(kept), left_out


def captions_page(sidecars: Iterable[Mapping[str, Any]]) -> str:
    """Return the page of captions from the metadata of the figures."""
    lines = ["# Captions", "", "Written by `make figures`; the numbers come from the results.", ""]
    for about in sidecars:
        heading = f"## Figure {int(about['figure'][3:5])}. {about['title']}"
        lines += [heading, "", about["caption"], "", origin(about), ""]
    return "\n".join(lines[:-1]) + "\n"


def origin(about: Mapping[str, Any]) -> str:
    """Describe the experiments behind a figure, and what its caption leaves out."""
    parts = [f"`{one['experiment']['name']}`, {one['runs']:,} runs" for one in about["results"]]
    text = f"From {' and '.join(parts)}."
    if about["left_out"]:
        what = "sentence" if about["left_out"] == 1 else "sentences"
        text += f" Small designs: {about['left_out']} {what} about the full design left out."
    return f"*{text}*"
