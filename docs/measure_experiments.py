"""Run the declared experiments in full and measure what docs/findings.md says of them.

The largest are e06_sobol and e10_shapley; what is interrupted goes on where it was:

    python docs/measure_experiments.py
    make docs

The data sets go to out/, tables to docs/measured/, pictures to docs/pictures/.
"""

import csv
import sys
from collections.abc import Callable
from math import isnan
from pathlib import Path

import pandas as pd

from bubble_abm.observe.falls import MEASURED
from bubble_abm.observe.headline import say_per_cent
from bubble_abm.observe.seeds import Estimate, reach
from bubble_abm.paper.plots.analysis import draw_analysis
from bubble_abm.study.analysis import analyse, analysed
from bubble_abm.study.batch import execute, read
from bubble_abm.study.causes import CAUSES, shares
from bubble_abm.study.declared_experiments import files, find
from bubble_abm.study.smallest_shock import answers
from bubble_abm.style.figure import DUMMY

DOCS = Path(__file__).parent
OUT = DOCS.parent / "out"
LEADERS = 6
PARTS = ("screening", "ranking", "indices")  # of what more samples might still change
PICTURES = {
    "e05_morris": ("morris_pop_month", "morris_pop_month_effect"),
    "e06_sobol": ("sobol_all", "sobol_pop_month", "sobol_idle_share_effect"),
    "e07_scenario_discovery": ("boxes_prim",),
}


def main(folder: Path = OUT) -> None:
    """Run, analyse and write everything."""
    for name in files():
        execute(find(name), folder / name)
        if not analysed(folder / name):
            analyse(folder / name)
        draw_analysis(folder / name)
    for name, made in TABLES.items():
        write(name, made(folder))
    for name, figures in PICTURES.items():
        for figure in figures:
            shrink(folder / name / "analysis" / f"{figure}.png", DOCS / "pictures" / f"{figure}.png")


def write(name: str, rows: list[list]) -> None:
    """Write a table; its first row is the heading."""
    with (DOCS / "measured" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def shrink(source: Path, target: Path) -> None:
    """Copy a picture with a palette of 256 colours, which takes a third of the space."""
    from PIL import Image

    target.parent.mkdir(exist_ok=True)
    with Image.open(source) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


# --- Points ---------------------------------------------------------------------------------------------------------

SHOWN = {  # outcome: heading, unit it is shown in, digits
    "completed": ("sites completed", 1, 0),
    "idle_share_peak": ("highest idle share", 1, 2),
    "rent_drawdown": ("largest fall of the rent", 1, 2),
    "bankruptcies": ("bankruptcies", 1, 0),
    "gpu_months_leased": ("GPU-months leased, million", 1e6, 2),
    "public_cost": ("public cost, bn CNY", 1e9, 2),
    "loans_written_off": ("loans written off, bn CNY", 1e9, 2),
    "pop_month_without_shock": ("pop without the shock, month", 1, 1),
    "pop_month_effect": ("shock: pop, months", 1, 1),
    "idle_share_effect": ("shock: idle share", 1, 3),
    "rent_end_effect": ("shock: rent, thousand CNY", 1e3, 1),
}

CARRIED = {  # the same for what the shock does, if only some of its channels are open
    "pop_month_effect": ("pop, months", 1, 1),
    "idle_share_effect": ("idle share, last year", 1, 3),
    "rent_end_effect": ("rent, last year, thousand CNY", 1e3, 1),
    "gpu_months_leased_effect": ("GPU-months leased, million", 1e6, 2),
    "completed_effect": ("sites completed", 1, 1),
    "bankruptcies_effect": ("bankruptcies", 1, 1),
    "loans_written_off_effect": ("loans written off, bn CNY", 1e9, 2),
}


def scenarios(name: str) -> Callable[[Path], list[list]]:
    """Say the mean of a few outcomes in the first scenario, what each other one adds to it, and 95 % intervals."""

    def made(folder: Path) -> list[list]:
        table = read(folder / name)
        usual, *others = find(name).scenarios
        means = table[table["scenario"] == usual].set_index("seed")
        rows = [["scenario", *(heading for heading, *_ in SHOWN.values())], [usual, *cells(means, SHOWN)]]
        for scenario in others:
            own = table[table["scenario"] == scenario].set_index("seed")
            rows.append([scenario, *cells(own[list(SHOWN)] - means[list(SHOWN)], SHOWN, signed=True)])
        return rows

    return made


def channels(folder: Path) -> list[list]:
    """Say what the shock does through each channel alone, through all and all but one, with 95 % intervals."""
    table = read(folder / "e11_channels")
    rows = [["open channels", *(heading for heading, *_ in CARRIED.values())]]
    for scenario in find("e11_channels").scenarios:
        rows.append([scenario, *cells(table[table["scenario"] == scenario], CARRIED, signed=True)])
    return rows


def cells(table: pd.DataFrame, shown: dict[str, tuple[str, float, int]], *, signed: bool = False) -> list[str]:
    """Say the means of outcomes with their 95 % intervals."""
    said = []
    for outcome, (_, size, digits) in shown.items():
        values = table[outcome] / size
        width = reach(float(values.std(ddof=1)), len(values))
        said.append(f"{values.mean():{'+' if signed else ''}z.{digits}f} ± {width:.{digits}f}")
    return said


# --- Sensitivity ----------------------------------------------------------------------------------------------------


def leaders(name: str, index: str, digits: int):
    """List the factors with the largest indices of each outcome, with their intervals."""

    def made(folder: Path) -> list[list]:
        home = folder / name / "analysis"
        table = pd.read_parquet(home / "indices.parquet")
        quality = pd.read_parquet(home / "quality.parquet").set_index("outcome")
        rows = [["outcome", f"largest {index} [95 % interval]", "settled"]]
        for outcome, line in quality.iterrows():
            mine = table[(table["outcome"] == outcome) & (table["index"] == index)].nlargest(LEADERS, "value")
            said = [
                f"`{row.factor}` {row.value:.{digits}g} [{row.low:.{digits}g}, {row.high:.{digits}g}]"
                for row in mine.itertuples()
            ]
            parts = ", ".join(part for part in PARTS if line[f"{part}_settled"])
            rows.append([f"`{outcome}`", ", ".join(said), parts or "nothing"])
        return rows

    return made


def groups(folder: Path) -> list[list]:
    """Say the Shapley share of every group of parameters in each outcome, and what is left without interactions."""
    table = pd.read_parquet(folder / "e10_shapley" / "analysis" / "indices.parquet")
    alone = pd.read_parquet(folder / "e09_groups" / "analysis" / "indices.parquet")
    shares = table[table["index"] == "shapley_luck_free"]
    names = [name for name in dict.fromkeys(shares["factor"]) if name != DUMMY]
    rows = [["outcome", *names, "without interactions"]]
    for outcome, lines in shares.groupby("outcome", sort=False):
        mine = lines.set_index("factor")
        first = alone[(alone["outcome"] == outcome) & (alone["index"] == "S1_luck_free") & (alone["factor"] != DUMMY)]
        cells = [f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]" for one in mine.loc[names].itertuples()]
        rows.append([f"`{outcome}`", *cells, f"{first['value'].sum():.2f}"])
    return rows


# --- Scenario discovery ---------------------------------------------------------------------------------------------


def boxes(folder: Path) -> list[list]:
    """Say each box: its limits, how much of the class it holds and how purely, and the same on points left out."""
    home = folder / "e07_scenario_discovery" / "analysis"
    table = pd.read_parquet(home / "boxes.parquet")
    rows = [["class", "method", "box", "limits", "coverage (left out)", "density (left out)", "base rate"]]
    for (kind, method, box), lines in table.groupby(["class", "method", "box"], sort=False):
        one = lines.iloc[0]
        rows.append([
            kind, method, box, ", ".join(limit(line) for line in lines.itertuples()),
            f"{one['coverage']:.2f} ({one['coverage_out']:.2f})", f"{one['density']:.2f} ({one['density_out']:.2f})",
            f"{one['base_rate']:.2f}",
        ])  # fmt: skip
    return rows


def limit(line) -> str:
    """Say one limit of a box."""
    if pd.isna(line.low):
        return f"`{line.factor}` < {line.high:.2g}"
    if pd.isna(line.high):
        return f"`{line.factor}` > {line.low:.2g}"
    return f"`{line.factor}` {line.low:.2g} to {line.high:.2g}"


# --- Causes of the fall ---------------------------------------------------------------------------------------------


def causes(window: str, what: tuple[str, str, str] = ("share", "low", "high")) -> Callable[[Path], list[list]]:
    """Say what share each cause has of the fall of every measure in a window, or takes away alone."""

    def made(folder: Path) -> list[list]:
        table = shares(read(folder / "e12_causes"))
        table = table[table["window"] == window]
        rows = [["", *(CAUSES[name].title for name in CAUSES), "without any of them"]]
        for measure, lines in table.groupby("measure", sort=False):
            about = MEASURED[measure]
            found = [Estimate(*line, 0) for line in lines[list(what)].itertuples(index=False)]
            cells = ["" if isnan(one.value) else say_per_cent(one) for one in found]
            rows.append([f"{about.title}, {about.way}", *cells])
        return rows

    return made


def smallest_shocks(folder: Path) -> list[list]:
    """Say, for each definition of a pop, how many pop anyway, what the shock moves, and how small one ends the rest."""
    heading = ["signs of a bust", "pop", "pop without any shock", "moved by the shock, months"]
    rows = [
        [
            *heading,
            "runs that live without one",
            "of them ended by a shock of some size",
            "smallest, relative to the shock",
        ]
    ]
    for line in answers(read(folder / "e13_smallest_shock")).itertuples():
        pops = [
            say_per_cent(Estimate(getattr(line, name), getattr(line, f"{name}_low"), getattr(line, f"{name}_high"), 0))
            for name in ("popped", "popped_without_shock")
        ]
        moved = f"{line.moved:+z.1f} [{line.moved_low:+z.1f} to {line.moved_high:+z.1f}]" if line.moved_n > 1 else ""
        size = f"{line.smallest:.2f} [{line.smallest_q05:.2f} to {line.smallest_q95:.2f}]" if line.killed else ""
        rows.append([line.definition, *pops, moved, f"{line.lives} of {line.runs}", line.killed, size])
    return rows


TABLES = {
    "ablations": scenarios("e03_ablations"),
    "policies": scenarios("e04_policies"),
    "channels": channels,
    "causes": causes(""),
    "causes_to_trough": causes("_to_trough"),
    "causes_after": causes("_after"),
    "causes_alone": causes("", ("alone", "alone_low", "alone_high")),
    "smallest_shock": smallest_shocks,
    "leaders": leaders("e05_morris", "rms_luck_free", 2),
    "groups": groups,
    "sobol": leaders("e06_sobol", "ST_luck_free", 2),
    "boxes": boxes,
}

if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
