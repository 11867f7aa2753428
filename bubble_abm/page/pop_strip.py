"""A strip of pop dates: one dot for each run, with the shock above and without it below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bubble_abm.economy.outside import FIRST_YEAR
from bubble_abm.page.drawing import FONT, text
from bubble_abm.page.members import CALLED
from bubble_abm.page.words import joined, label, say

if TYPE_CHECKING:
    from bubble_abm.page.many_seeds import Pairs

WIDTH, LEFT, RIGHT, DOT, LINE = 345, 74, 44, 6.0, 14


def pop_strip(pairs: Pairs) -> str:
    """Draw the months in which the runs pop; those that do not stand at the right."""
    line = pairs.headline
    without = line.shock_month is None
    first = ("no R1", "blue") if without else ("with R1", "vermilion")
    rows = [(say(first[0]), [pop.composite for pop in line.pops], first[1])]
    if line.shock_month is not None:
        rows.append((say("without R1"), [pop.composite for pop in line.pops_without_shock], "blue"))
    tallest = [max(Counter(dates).values()) for _, dates, _ in rows]
    step = (WIDTH - LEFT - RIGHT) / line.months
    rise = min(DOT, 60.0 / max(tallest))
    parts, base = [], 14.0
    for (name, dates, colour), height in zip(rows, tallest):
        base += height * rise + 8.0
        parts.append(text(0, base, name, size=12, fill="ink"))
        parts += dots(dates, line.months, base, rise, step, colour)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH}" y1="{base + 3:.1f}" y2="{base + 3:.1f}" stroke="var(--rule)"/>')
    if line.shock_month is not None:
        x = LEFT + (line.shock_month + 0.5) * step
        dashed = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{base + 3:.1f}" stroke="var(--event)"'
        parts.append(f'{dashed} stroke-dasharray="2 3"/>' + text(x, 10, "R1", size=12, more='text-anchor="middle"'))
    for year in range(0, line.months, 12):
        parts.append(text(LEFT + year * step, base + LINE + 4, str(FIRST_YEAR + year // 12), size=12))
    if any(None in dates for _, dates, _ in rows):
        parts.append(text(WIDTH, base + LINE + 4, say("no pop"), size=12, more='text-anchor="end"'))
    things = say(CALLED[pairs.crowd])
    said = [say("{name}: {said}", name=name, said=spread_in_words(dates, things)) for name, dates, _ in rows]
    about = joined(said, "; ")
    frame = f'viewBox="0 0 {WIDTH} {base + LINE + 8:.0f}" role="img" font-family="{FONT}"'
    return f'<svg {frame} aria-label="{escape(about)}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


def dots(dates: Sequence[int | None], months: int, base: float, rise: float, step: float, colour: str) -> list[str]:
    """Draw a pile of dots for each month."""
    parts = []
    for month, count in Counter(dates).items():
        x = WIDTH - RIGHT / 2 if month is None else LEFT + (month + 0.5) * step
        wide = min(step, 2 * DOT) * 0.8
        for number in range(count):
            y = base - (number + 1) * rise
            parts.append(
                f'<rect x="{x - wide / 2:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{rise * 0.8:.1f}" '
                f'fill="var(--{colour})"/>'
            )
    return parts


def spread_in_words(dates: Sequence[int | None], things: str) -> str:
    """Describe a row of the strip for those who do not see it."""
    known = sorted(date for date in dates if date is not None)
    if not known:
        return say("none of the {things} pop", things=things)
    return say(
        "{count} of {all} {things} pop, {first} to {last}, half of them by {half}",
        things=things, count=len(known), all=len(dates), first=label(known[0]), last=label(known[-1]),
        half=label(known[len(known) // 2]),
    )  # fmt: skip
