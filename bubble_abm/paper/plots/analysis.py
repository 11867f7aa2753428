"""Figures of a finished analysis: indices, response curves and boxes, drawn from its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bubble_abm.study.analysis import ANALYSIS, units
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.provenance import experiment_in
from bubble_abm.study.sensitivity.estimators import LUCK_FREE, main_index
from bubble_abm.study.sensitivity.sampling import Sampling, has_dummy

BARS = {"sobol": ("ST", "S1"), "shapley": ("shapley",)}


def draw_analysis(folder: str | Path, home: Path | None = None) -> None:
    """Draw the tables that :func:`bubble_abm.study.analysis.analyse` wrote to the folder of an experiment.

    Outcomes that are constant, or that no index describes, get no picture.

    Parameters
    ----------
    folder : str or Path
        Folder of the experiment.
    home : Path, optional
        Folder of the tables of an emulation, if that is what is to be drawn.
    """
    folder = Path(folder)
    experiment = experiment_in(folder)
    emulated = home is not None or experiment.emulate is not None
    home = home or folder / ANALYSIS
    if experiment.sampling is None:
        return
    if emulated:
        draw_emulation(experiment, home)
    elif has_dummy(experiment.sampling):
        draw_indices(experiment, experiment.sampling, home)
    elif experiment.sampling.method == "oat":
        draw_responses(experiment, experiment.sampling, home)
    if experiment.discover:
        draw_boxes(experiment, home)


def table(home: Path, name: str) -> Any:
    """Return a table of the analysis."""
    import pandas as pd

    return pd.read_parquet(home / f"{name}.parquet")


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG and PDF."""
    from bubble_abm.style.figure import save as save_as

    for ending in (".png", ".pdf"):
        save_as(figure, path.with_suffix(ending))


def logarithmic(experiment: Experiment) -> list[str]:
    """Return the factors that are drawn evenly in logarithms."""
    return [one.name for one in experiment.uncertain if one.scale == "log"]


def draw_indices(experiment: Experiment, sampling: Sampling, home: Path) -> None:
    """Draw the indices of each outcome, and of all outcomes together."""
    from bubble_abm.paper.plots.indices import bars, heat_map, morris_plane

    known = units(experiment)
    indices, quality = table(home, "indices"), table(home, "quality")
    quality = quality[~quality["constant"]]
    for outcome in quality["outcome"]:
        if sampling.method == "morris":
            figure = morris_plane(indices, quality, outcome, units=known)
        else:
            ending = LUCK_FREE if experiment.seeds > 1 else ""
            which = [f"{name}{ending}" for name in BARS[sampling.method]]
            figure = bars(indices, quality, outcome, which, units=known)
        save(figure, home / f"{sampling.method}_{outcome.replace('@', '_')}")
    if len(quality):
        main = main_index(sampling.method, experiment.seeds)
        save(heat_map(indices, quality, main), home / f"{sampling.method}_all")


def draw_emulation(experiment: Experiment, home: Path) -> None:
    """Draw the indices of each outcome that was emulated, those of all, and what was predicted at points left out."""
    from bubble_abm.paper.plots.emulation import left_out
    from bubble_abm.paper.plots.indices import bars, heat_map

    known = units(experiment)
    indices, quality = table(home, "indices"), table(home, "quality")
    believed = quality[quality["converged"]].assign(screening_settled=True, indices_settled=True)  # others are refused
    for outcome in believed["outcome"]:
        save(bars(indices, believed, outcome, units=known), home / f"emulate_{outcome.replace('@', '_')}")
    if len(believed):
        save(heat_map(indices, believed, "ST"), home / "emulate_all")
    if not quality["constant"].all():
        save(left_out(table(home, "left_out"), quality, units=known), home / "emulate_left_out")


def draw_responses(experiment: Experiment, sampling: Sampling, home: Path) -> None:
    """Draw how each outcome responds to one factor at a time."""
    from bubble_abm.paper.plots.responses import response_curves

    found, known, logs = table(home, "responses"), units(experiment), logarithmic(experiment)
    varies = found.groupby("outcome", sort=False)["mean"].agg(lambda means: means.nunique() > 1)
    for outcome in varies.index[varies]:
        figure = response_curves(
            found, outcome, base=sampling.base, units=known, seeds=experiment.seeds, log_factors=logs
        )
        save(figure, home / f"responses_{outcome.replace('@', '_')}")


def draw_boxes(experiment: Experiment, home: Path) -> None:
    """Draw the boxes of each verdict that is sought, by each method."""
    from bubble_abm.paper.plots.boxes import prim_boxes
    from bubble_abm.study.discovery import CART, PRIM

    ranges = {one.name: (one.low, one.high) for one in experiment.uncertain}
    for method in (PRIM, CART):
        figure = prim_boxes(
            table(home, "boxes"), table(home, "trajectory"), ranges, method=method, classes=experiment.discover,
            units=units(experiment), log_factors=logarithmic(experiment),
        )  # fmt: skip
        save(figure, home / f"boxes_{method.lower()}")
