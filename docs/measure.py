"""Measure what the documentation says of the standard run, of its twins and of the parameter space.

Run it when results have changed, a few minutes at most, and write the pages again afterwards:

    python docs/measure.py
    make docs

Writes the tables in docs/measured/ and the picture docs/overview.png.
"""

import csv
from pathlib import Path

import numpy as np

from bubble_abm import Parameters, twin
from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.scenario import Runs, Scenario
from bubble_abm.observe.facts import HIT, NOT_COMPARED, check
from bubble_abm.observe.falls import MEASURED, WINDOWS
from bubble_abm.observe.headline import Headline, headline, say_dates, say_share, sentences, window_in_words
from bubble_abm.observe.seeds import mean
from bubble_abm.observe.verdict import ATTRIBUTIONS, attribution, bubble, column, pop
from bubble_abm.paper.overview import save_overview
from bubble_abm.paper.printed_tables import number, target, window
from bubble_abm.study.dead_parameters import NOWHERE, sleeping
from bubble_abm.study.ensemble import Ensemble, home_of_shipped
from bubble_abm.study.scenario_run import run_ensemble, run_scenario

DOCS = Path(__file__).parent
SEEDS = 200  # statistics that are published
POINTS, SEEDS_A_POINT = 300, 5
SHOCK_MONTHS = (18, 30)  # July 2024 to July 2025: later shocks would leave too little of the run to be seen
DIFFERENCES = (
    "rent_per_server", "idle_share_new", "training_gpus", "inference_gpus", "projects_bankrupt",
    "startups_pretraining", "startups_active",
)  # fmt: skip
DATES = (29, 35, 47, 59)
SIZES = {
    "shock_efficiency": (1, 2, 4, 10),
    "shock_openness": (0, 0.3, 0.6, 0.9),
    "training_elasticity": (0.5, 0.8, 1.4),
}


def main() -> None:
    """Measure everything."""
    runs = run_scenario(Scenario(seeds=SEEDS))
    write("facts", facts(runs))
    found = headline(runs)
    write("headline", [("", f"standard run, {SEEDS} seeds"), *sentences(found)])
    write("shares", shares(found))
    write("pops", definitions(found))
    write("twins", differences(runs))
    write("sizes", sizes())
    if home_of_shipped().exists():
        over_members()
    draw(runs)
    write("parameter_space", parameter_space())
    write("asleep", asleep())


def over_members() -> None:
    """Say of the members of the shipped ensemble what is said of the seeds of the standard run."""
    found = headline(run_ensemble(Scenario(), Ensemble.load()))
    write("ensemble_headline", [("", f"{len(found.pops)} economies"), *sentences(found)])
    write("ensemble_shares", shares(found))
    write("ensemble_pops", definitions(found))


def write(name: str, rows: list[tuple]) -> None:
    """Write a table; its first row is the heading."""
    folder = DOCS / "measured"
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def facts(runs: Runs) -> list[tuple]:
    """Hold the facts against all seeds together, and count the single seeds that hit."""
    parameters = runs.scenario.parameters
    single = [check([series], parameters) for series in runs.series]
    rows: list[tuple] = [("", "fact", "weight", "range", "median", "90 % of the seeds", "verdict", "seeds that hit")]
    for place, found in enumerate(check(runs.series, parameters)):
        fact = found.fact
        if found.verdict in NOT_COMPARED:
            continue
        median = number(found.median) + (f", {label(found.month)}" if found.month is not None else "")
        spread = f"{number(found.low)} to {number(found.high)}"
        hits = sum(checks[place].verdict == HIT for checks in single)
        text = f"{fact.text}, {window(fact)} [{fact.unit or 'ratio'}]"
        rows.append((fact.id, text, fact.weight, target(fact), median, spread, found.verdict, hits))
    return rows


def shares(found: Headline) -> list[tuple]:
    """Say what share of the fall of each measure the shock explains."""
    rows: list[tuple] = [("", *(window_in_words(window, found.shock_month, found.months) for window in WINDOWS))]
    known = {(one.measure, one.window): one for one in found.shares}
    for name, about in MEASURED.items():
        rows.append((about.title, *(say_share(known[name, window]) for window in WINDOWS)))
    return rows


def definitions(found: Headline) -> list[tuple]:
    """Say when the boom ended under each definition of a pop, and what the shock had to do with it."""
    rows: list[tuple] = [("signs of a bust", "pop", "without the shock", f"what the shock did, of {len(found.pops)}")]
    for one in found.definitions:
        dates = (say_dates(each, found.months, found.noun) for each in (one.pops, one.pops_without_shock))
        kinds = (f"{kind} {one.verdicts.count(kind)}" for kind in ATTRIBUTIONS if kind in one.verdicts)
        rows.append((one.name, *dates, ", ".join(kinds)))
    return rows


def differences(runs: Runs) -> list[tuple]:
    """Say what the shock did: each measure with it less the same without, mean over seeds and its 95 % interval."""
    rows: list[tuple] = [("measure", *(label(month) for month in DATES))]
    for name in DIFFERENCES:
        values = [column(a, name) - column(b, name) for a, b in zip(runs.series, runs.twin_series, strict=True)]
        rows.append((f"`{name}`", *(said(name, [series[month] for series in values]) for month in DATES)))
    return rows


def said(name: str, values: list[float]) -> str:
    """Say a difference: mean over seeds and its 95 % interval."""
    digits, found = 3 if "share" in name else 0, mean(values)
    return "{:+z,.{d}f} [{:+z,.{d}f} to {:+z,.{d}f}]".format(found.value, found.low, found.high, d=digits)


def sizes() -> list[tuple]:
    """Say what shocks of other sizes, and other elasticities, would have done by December 2025."""
    shown = ("rent_per_server", "idle_share_new", "training_gpus")
    rows: list[tuple] = [("one value changed", *(f"`{name}`" for name in shown))]
    for parameter, values in SIZES.items():
        for value in values:
            parameters = Parameters().with_values({parameter: value})
            pairs = [twin(parameters, months=36, seed=seed).difference.iloc[-1] for seed in range(1, SEEDS + 1)]
            rows.append((f"`{parameter}` = {value}", *(said(name, [pair[name] for pair in pairs]) for name in shown)))
    return rows


def draw(runs: Runs) -> None:
    """Draw the overview with a palette of 256 colours, which takes a third of the space."""
    from PIL import Image

    path = DOCS / "overview.png"
    save_overview(path, runs, check(runs.series, runs.scenario.parameters))
    with Image.open(path) as image:
        small = image.convert("RGB").resize((image.width * 2 // 3, image.height * 2 // 3), Image.Resampling.LANCZOS)
    small.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def parameter_space() -> list[tuple]:
    """Draw points from the ranges of all uncertain and shock parameters, and say what the shock did in their twins."""
    luck = np.random.default_rng(1)
    drawn = {name: item.metadata for name, item in DECLARED.items() if item.metadata["role"] in ("uncertain", "shock")}
    found: list[tuple[str, bool]] = []
    for _ in range(POINTS):
        values = {name: luck.uniform(about["low"], about["high"]) for name, about in drawn.items()}
        values["shock_month"] = luck.integers(SHOCK_MONTHS[0], SHOCK_MONTHS[1], endpoint=True)
        parameters = Parameters().with_values(values)
        for seed in range(1, SEEDS_A_POINT + 1):
            pair = twin(parameters, seed=seed)
            series = pair.with_shock.records.measures
            dates = pop(series).composite, pop(pair.without_shock.records.measures).composite
            verdict = attribution(*dates, int(values["shock_month"]), len(series)).kind
            found.append((verdict, bubble(series, parameters).first is not None))
    rows: list[tuple] = [("what the shock did", "meaning", f"of {len(found)} runs", "of these with a bubble in price")]
    for name, meaning in ATTRIBUTIONS.items():
        bubbles = [overpriced for verdict, overpriced in found if verdict == name]
        rows.append((name, meaning, f"{len(bubbles) / len(found):.1%}", f"{np.mean(bubbles):.0%}" if bubbles else ""))
    return rows


def asleep() -> list[tuple]:
    """Name the parameters that change no measure at the defaults, and say with what they do."""
    rows: list[tuple] = [("parameter", "changes a measure with")]
    for name, where in sleeping().items():
        rows.append((f"`{name}`", where or NOWHERE))
    return rows


if __name__ == "__main__":
    main()
