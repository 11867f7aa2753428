"""Draw the first edition of the economy beside the present one, and write the page about it.

    python docs/compare_editions.py

The first edition's numbers are kept in docs/measured/first_edition.csv and first_edition_pops.csv: medians and spreads
of 200 seeds at its last defaults, with and without the shock. The present one is run, 200 seeds of pairs.
"""

import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from bubble_abm.economy.outside import label
from bubble_abm.engine.scenario import Scenario
from bubble_abm.observe.facts import facts
from bubble_abm.observe.verdict import ATTRIBUTIONS, MAIN, attribution, column, pops
from bubble_abm.study.scenario_run import run_scenario

DOCS = Path(__file__).parent
SEEDS, SHOCK = 200, 24
PANELS = {
    "projects_started": "Starts of construction in a month",
    "projects_building": "Sites under construction",
    "projects_cancelled": "Plans given up, cumulative",
    "venture_money": "Venture money in a month [bn CNY]",
    "utilisation": "Use of all rental GPUs [share]",
    "idle_share_new": "New capacity idle [share]",
    "rent_per_server": "Rent of a server [thousand CNY a month]",
    "projects_announced": "Announcements, cumulative",
}
UNITS = {"venture_money": 1e9, "rent_per_server": 1e3}
#: Facts that a panel can show as they are: the measure in a window of months.
SHOWN = {
    "C01": "projects_announced", "C04": "idle_share_new", "C05": "utilisation", "C10": "rent_per_server",
    "C11": "rent_per_server",
}  # fmt: skip


def main() -> None:
    """Run the present edition, draw both, and write the page."""
    runs = run_scenario(Scenario(seeds=SEEDS))
    old = read("first_edition")
    new = {name: [column(series, name) for series in runs.series] for name in PANELS}
    twin = {name: [column(series, name) for series in runs.twin_series] for name in PANELS}
    draw(old, new, twin)
    first = [(month(row["pop"]), month(row["pop_without_shock"])) for row in read("first_edition_pops")]
    present = [(pops(a)[MAIN], pops(b)[MAIN]) for a, b in zip(runs.series, runs.twin_series, strict=True)]
    page = write(old, new, first, present)
    (DOCS / "two-editions.md").write_text(page, encoding="utf-8")


def read(name: str) -> list[dict[str, str]]:
    """Read a reference table."""
    with (DOCS / "measured" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def month(text: str) -> int | None:
    """Return a month, or None for a run without a pop."""
    return int(text) if text else None


def draw(old: list[dict[str, str]], new: dict[str, list[np.ndarray]], twin: dict[str, list[np.ndarray]]) -> None:
    """Draw a panel for each measure: medians, spreads, the twins without the shock, and facts."""
    figure, grid = plt.subplots(4, 2, figsize=(9, 11), sharex=True, layout="constrained")
    for axes, (name, title) in zip(grid.flat, PANELS.items(), strict=True):
        unit = UNITS.get(name, 1.0)
        for edition, colour, label_ in (
            (of_old(old, name), "0.55", "first edition"),
            (spread(new[name]), "C0", "present"),
        ):
            middle, low, high = (values / unit for values in edition)
            axes.fill_between(range(len(middle)), low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(middle, color=colour, label=label_)
        axes.plot(np.median(twin[name], axis=0) / unit, "C0:", label="present, without the shock")
        for fact in facts():
            if SHOWN.get(fact.id) == name:
                middle = (fact.first + fact.last) / 2
                axes.plot([middle, middle], [fact.low / unit, fact.high / unit], color="C3", linewidth=4, alpha=0.7)
                axes.annotate(f" {fact.id}", (middle, fact.high / unit), fontsize=7, color="C3")
        axes.axvline(SHOCK, color="black", linewidth=0.7, linestyle="--")
        axes.set_title(title, fontsize=9)
        axes.set_ylim(bottom=0)
        axes.set_xticks(range(0, 61, 12), [label(at) for at in range(0, 61, 12)], fontsize=7)
        axes.tick_params(labelsize=7)
    grid[0, 0].legend(fontsize=7)
    figure.savefig(DOCS / "two-editions.png", dpi=110)


def of_old(old: list[dict[str, str]], name: str) -> tuple[np.ndarray, ...]:
    """Median, 5 % and 95 % of the first edition."""
    return tuple(np.array([float(row[name + end]) for row in old]) for end in ("", "_low", "_high"))


def spread(runs: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Median, 5 % and 95 % over seeds."""
    return tuple(np.quantile(runs, share, axis=0) for share in (0.5, 0.05, 0.95))


#: What the table compares: a name, a measure, and what is read off a series.
COMPARED = (
    ("starts of construction, June 2024 to December 2025", "projects_started", lambda run: run[17:36].sum()),
    ("sites under construction in March 2025", "projects_building", lambda run: run[26]),
    ("plans given up by December 2025", "projects_cancelled", lambda run: run[35]),
    ("venture money of 2023 [bn CNY]", "venture_money", lambda run: run[:12].sum() / 1e9),
    ("venture money of 2024 [bn CNY]", "venture_money", lambda run: run[12:24].sum() / 1e9),
    ("venture money of 2025 [bn CNY]", "venture_money", lambda run: run[24:36].sum() / 1e9),
    ("use of all rental GPUs, March 2025", "utilisation", lambda run: run[26]),
    ("months of 2023 with all GPUs let", "utilisation", lambda run: (run[:12] > 0.999).sum()),
)


def write(old: list[dict[str, str]], new: dict[str, list[np.ndarray]], first: list, present: list) -> str:
    """Write the page: what changed, in numbers."""
    rows = [
        f"| {name} | {read_off(of_old(old, measure)[0]):,.3g} | {np.median([*map(read_off, new[measure])]):,.3g} |"
        for name, measure, read_off in COMPARED
    ]
    found = [[attribution(a, b, SHOCK, 60).kind for a, b in pairs] for pairs in (first, present)]
    verdicts = [
        f"| {kind} | {found[0].count(kind)} | {found[1].count(kind)} |"
        for kind in ATTRIBUTIONS
        if kind in found[0] + found[1]
    ]
    alive = np.mean([run[26] >= 30 for run in new["projects_building"]])
    lines = [
        "# Two editions of the economy, side by side", "",
        "Written by `docs/compare_editions.py`: medians of 200 seeds, shaded the spread of nine in ten, dotted the",
        "present edition without the shock, dashed the month of the shock, red what was observed.", "",
        "![The first and the present edition](two-editions.png)", "",
        "|  | first edition | present |", "| --- | --- | --- |", *rows, "",
        f"In {alive:.0%} of the seeds at least 30 sites are under construction in March 2025.", "",
        "What the shock did to the pop (three of four signs, usual thresholds), seeds of 200:", "",
        "|  | first edition | present |", "| --- | --- | --- |", *verdicts, "",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()
