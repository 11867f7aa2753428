"""Recovery at several points: ``make recovery`` runs it, for half an hour of two processors.

The facts come from the model itself, at points drawn from a finished ensemble, so that they are like the real ones. The
true point should be inside in nearly all cases: with 37 independent facts, one of ten true points is implausible by
more than three standard deviations in one of them by chance.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bubble_abm.study.calibration.calibrate import Calibration
from bubble_abm.study.calibration.criterion import chosen
from bubble_abm.study.calibration.matching import FIRST, Waves
from bubble_abm.study.calibration.recovery import recover
from bubble_abm.study.ensemble import Ensemble


def main(
    ensemble: Annotated[str, typer.Option(help="Ensemble from which true points are drawn: its file, or: shipped.")],
    truths: Annotated[int, typer.Option(min=1, help="Number of true points.")] = 20,
    points: Annotated[int, typer.Option(min=10, help="Points of a wave.")] = 40,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of a point.")] = 4,
    spread: Annotated[int, typer.Option(min=0, help="Waves at the last threshold.")] = 2,
    whole: Annotated[
        bool, typer.Option("--whole", help="Search the whole space, instead of beginning at the other members.")
    ] = False,
    facts: Annotated[str, typer.Option(help="Facts to match.")] = "all",
    out: Annotated[Path, typer.Option(help="Folder for the calibrations; the same command continues.")] = Path(
        "out/recovery"
    ),
) -> None:
    """Print a line for each true point, and how many are inside."""
    source = Ensemble.named(ensemble)
    drawn = np.random.default_rng(1).choice(len(source), min(truths, len(source)), replace=False)
    inside = []
    typer.echo("truth,implausibility,inside,with luck of its own,members,covered,nearest,typical,runs")
    for number, member in enumerate(drawn.tolist()):
        plan = Calibration(
            targets=chosen(facts),
            factors=source.factors,
            waves=Waves(points=points, first=FIRST * points, spread=spread, design=number + 1),
            seeds=seeds,
            begin=None if whole else source.without(member),
        )
        found = recover(plan, source.places[member], out / f"{number:02d}")
        inside.append(found.inside)
        typer.echo(
            f"{source.name_of(member)},{found.implausibility:.2f},{found.inside},{found.lucky:.2f},{found.members},{found.covered:.2f},"
            f"{found.nearest:.3f},{found.typical:.3f},{found.runs}"
        )
    typer.echo(f"{sum(inside)} of {len(inside)} true points are inside")


if __name__ == "__main__":
    typer.run(main)
