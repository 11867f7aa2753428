"""SVG files that stand alone: the letters that they use are embedded, and words say what can be seen."""

from __future__ import annotations

import base64
import re
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from typing import Any

FAMILY = "DejaVu Sans"  # comes with Matplotlib: the same everywhere
TEXT = re.compile(r'<text style="([^"]*)"[^>]*>(.*?)</text>', re.DOTALL)
OPENING = re.compile(r"<svg [^>]*>")


def finish_svg(path: Path, title: str, alternative: str) -> None:
    """Embed the fonts of an SVG by Matplotlib, and its title and alternative text.

    Parameters
    ----------
    path : Path
        The file, whose text is text.
    title, alternative : str
        What the figure says, and what can be seen on it; no such words are written if both are empty.
    """
    text = path.read_text(encoding="utf-8")
    words, role = "", ""
    if title or alternative:
        role = ' role="img" aria-labelledby="title description"'
        words = f'<title id="title">{escape(title)}</title>\n<desc id="description">{escape(alternative)}</desc>\n'
    faces = "".join(face(*style, letters) for style, letters in sorted(letters_by_style(text).items()))
    fonts = f'<style type="text/css">{faces}</style>\n' if faces else ""
    text = re.sub(r"\n <title>.*?</title>", "", text, count=1, flags=re.DOTALL)  # Matplotlib's own
    opening = OPENING.search(text)
    assert opening is not None
    head = f"{opening[0][:-1]}{role}>\n{words}{fonts}".rstrip("\n")
    path.write_text(text[: opening.start()] + head + text[opening.end() :], encoding="utf-8")


def letters_by_style(text: str) -> dict[tuple[str, str], str]:
    """Return the letters that an SVG uses, in order, by weight and slant."""
    found: dict[tuple[str, str], set[str]] = {}
    for looks, words in TEXT.findall(text):
        said = dict(re.findall(r"font-(weight|style): (\w+)", looks))
        style = said.get("weight", "400"), said.get("style", "normal")
        found.setdefault(style, set()).update(unescape(re.sub(r"<[^>]*>", "", words)))
    return {style: "".join(sorted(letters)) for style, letters in found.items()}


def face(weight: str, slant: Any, letters: str) -> str:
    """Return a rule of CSS with the letters of the figures' font, in one weight and slant."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from matplotlib.font_manager import FontProperties, findfont

    font = TTFont(
        findfont(FontProperties(family=FAMILY, weight=weight if weight.isalpha() else int(weight), style=slant)),
        recalcTimestamp=False,
    )
    options = Options(layout_features=["kern"], hinting=False, notdef_outline=True)
    options.drop_tables += ["FFTM"]
    subsetter = Subsetter(options)
    subsetter.populate(text=letters + " ")
    subsetter.subset(font)
    font.flavor = "woff"
    data = BytesIO()
    font.save(data)
    source = base64.b64encode(data.getvalue()).decode()
    about = f"font-family:'{FAMILY}';font-weight:{weight};font-style:{slant}"
    return f"@font-face{{{about};src:url(data:font/woff;base64,{source}) format('woff')}}"
