"""What of a text in another language is still English: Latin words that are no names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

#: Names that stay as they are in every language: models, chips, units of engineering, publishers, files, commands.
NAMES = {
    "DeepSeek", "R1", "V2", "V3", "Llama", "GPU", "GPUs", "H100", "H200", "H20", "H800", "A100", "A800", "B200",
    "FLOPS", "TFLOPS", "EFLOPS", "DeepSeek-V2", "token", "AI", "CNAS", "SVG", "CSV", "cnBeta", "itbear",
    "txcsxy", "china-briefing", "mffb", "SemiAnalysis", "910B", "910C", "IT", "P", "Home", "on", "off",
    "English", "ODD", "BibTeX", "bubble_abm", "bubble-abm",
    "run", "scenario", "toml", "series", "series_without_shock", "csv", "comparison", "et", "al", "and",
}  # fmt: skip
#: Hosts of the pages to which facts link.
HOSTS = re.compile(r"(?<![\w-])(?:[\w-]+\.)+[a-z]{2,}(?![\w-])")
#: Authors and years of what is cited, as sources of parameters have them.
CITED = re.compile(r"[A-Z]\w+(?: (?:and [A-Z]\w+|et al\.))? \d{4}")
WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9_-]*")
WRITTEN = re.compile(r"(?<=>)[^<>]+(?=<)|(?<=aria-label=\")[^\"]*")  # in a picture
NUMBERED = re.compile(r"C\d\d")  # a fact


def english_in(text: str) -> list[str]:
    """Words of a text that are neither Chinese nor names."""
    words = WORD.findall(HOSTS.sub("", CITED.sub("", text)))
    return [word for word in words if word not in NAMES and not NUMBERED.fullmatch(word)]


def texts_in(shown: object, but: Iterable[str] = ()) -> Iterator[str]:
    """All texts in what a part shows, apart from entries of these names; of pictures what is written in them."""
    if isinstance(shown, str):
        yield from WRITTEN.findall(shown) if shown.startswith("<svg") else (shown,)
    elif isinstance(shown, dict):
        for name, value in shown.items():
            if name not in but:
                yield from texts_in(value, but)
    elif isinstance(shown, list | tuple):
        for value in shown:
            yield from texts_in(value, but)
