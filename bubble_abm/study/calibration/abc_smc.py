"""A second method on the same facts: approximate Bayesian computation by a sequential Monte Carlo sampler.

``python -m bubble_abm.study.calibration.abc_smc --ensemble FILE`` runs pyABC (Schälte, Klinger, Alamoudi and Hasenauer
2022), which is in the optional group of dependencies ``abc``, on the facts and ranges of an ensemble, and says where
the two agree. The distance is the largest over the facts, in standard deviations, as in history matching; but every
point is run under one seed, which is new to it. It samples the parameters that the members narrow most, and leaves the
others at the most central member: of all hundred at once the weights of its kernel density are no numbers any more.
The kernel works on normal scores, so that no step ends outside the ranges.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
import typer
from scipy.special import ndtr

from bubble_abm.economy.declare import InvalidInput, checked_name
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.targets import TARGETS, Target
from bubble_abm.study.calibration.criterion import Criterion, months_needed
from bubble_abm.study.calibration.identification import narrowed
from bubble_abm.study.calibration.prior import values_at
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.sensitivity.factors import Factor

FIRST_SEED = 1_000_000  # no run of the waves has such a seed
QUANTILES = (0.05, 0.5, 0.95)
NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Sample:
    """A weighted sample of places in the unit cube of some parameters, the largest distance in it, and its runs."""

    factors: tuple[Factor, ...]
    places: np.ndarray
    weights: np.ndarray
    distance: float
    runs: int

    @property
    def effective(self) -> float:
        """Effective number of points, by their weights (Kish 1965)."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())


def sample(
    distance: Callable[[np.ndarray], float],
    factors: Sequence[Factor],
    database: Path,
    *,
    points: int,
    runs: int,
    least: float,
    seed: int = 1,
) -> Sample:
    """Sample the unit cube where a distance is small.

    Parameters
    ----------
    distance : callable
        Distance of a place of the unit cube.
    factors : sequence of Factor
        Its dimensions.
    database : Path
        File of pyABC.
    points : int
        Points of a population.
    runs : int
        Runs after which no new population is begun.
    least : float
        Distance at which the sampling ends.
    seed : int
        Seed of NumPy's global generator, which pyABC draws from.

    Raises
    ------
    InvalidInput
        If pyABC is not installed.
    """
    try:
        import pyabc
    except ImportError:
        raise InvalidInput("pyabc is not installed: uv sync --group abc, or pip install pyabc") from None

    def model(scores: Mapping[str, float]) -> dict[str, float]:
        return {"distance": distance(ndtr(np.array([scores[name] for name in names])))}

    names = [one.name for one in factors]
    np.random.seed(seed)  # noqa: NPY002  pyABC has no other way
    prior = pyabc.Distribution(**{name: pyabc.RV("norm", 0.0, 1.0) for name in names})
    smc = pyabc.ABCSMC(
        model,
        prior,
        lambda one, observed: one["distance"],
        population_size=points,
        eps=pyabc.MedianEpsilon(),
        sampler=pyabc.sampler.SingleCoreSampler(),
    )
    database.unlink(missing_ok=True)
    smc.new(f"sqlite:///{database.resolve()}", {"distance": 0.0})
    history = smc.run(minimum_epsilon=least, max_total_nr_simulations=runs)
    table, weights = history.get_distribution()
    reached = float(history.get_all_populations()["epsilon"].iloc[-1])
    return Sample(
        tuple(factors), ndtr(table[names].to_numpy()), np.asarray(weights), reached, int(history.total_nr_simulations)
    )


def distance_of(
    factors: Sequence[Factor],
    criterion: Criterion,
    targets: Sequence[Target],
    others: Mapping[str, float] = NOTHING,
) -> Callable[[np.ndarray], float]:
    """Return the distance of a place: the largest implausibility of one run, under a seed of its own.

    Parameters
    ----------
    factors : sequence of Factor
        Parameters in which places differ.
    criterion : Criterion
        How far runs are from the facts.
    targets : sequence of Target
        The facts.
    others : mapping of str to float
        Values of other parameters that differ from the standard ones.
    """
    months, seeds = months_needed(targets), iter(range(FIRST_SEED, 2**62))

    def distance(place: np.ndarray) -> float:
        values = values_at(factors, place[None, :])[0].tolist()
        try:
            point = Parameters().with_values({**others, **dict(zip([one.name for one in factors], values))})
            run = simulate(point, seed=next(seeds), months=months).records.measures
        except Exception:  # an economy that fails is not that of the facts
            return np.inf
        given = np.array([[[target.read(run) for target in targets]]])
        return float(criterion.implausibilities(given).max())

    return distance


def compared(ensemble: Ensemble, other: Sample) -> list[dict[str, Any]]:
    """Return the quantiles of each parameter in both samples, in widths of its range, and how they overlap."""
    rows = []
    for column, one in enumerate(other.factors):
        ours = np.quantile(ensemble.places[:, ensemble.names.index(one.name)], QUANTILES)
        theirs = weighted_quantiles(other.places[:, column], other.weights, QUANTILES)
        common = max(min(ours[2], theirs[2]) - max(ours[0], theirs[0]), 0.0)
        rows.append({
            "parameter": one.name,
            **{f"matching_{100 * share:.0f}": round(float(value), 3) for share, value in zip(QUANTILES, ours)},
            **{f"abc_{100 * share:.0f}": round(float(value), 3) for share, value in zip(QUANTILES, theirs)},
            "overlap": round(float(common / max(min(ours[2] - ours[0], theirs[2] - theirs[0]), 1e-9)), 3),
        })  # fmt: skip
    return rows


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Return quantiles of a weighted sample.

    Examples
    --------
    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), [0.25, 0.75]).tolist()
    [1.0, 3.0]
    """
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return np.asarray(values[order][np.minimum(np.searchsorted(reached, shares), len(values) - 1)])


def main(
    ensemble: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Ensemble of history matching.")],
    points: Annotated[int, typer.Option(min=10, help="Points of a population.")] = 500,
    runs: Annotated[int, typer.Option(min=100, help="Runs after which no population is begun.")] = 200_000,
    parameters: Annotated[
        str, typer.Option(help="How many of the parameters that are narrowed most, or names.")
    ] = "12",
    out: Annotated[Path, typer.Option(help="File for the comparison.")] = Path("out/abc.csv"),
) -> None:
    """Sample with pyABC on the facts of an ensemble, and compare the parameters."""
    ours = Ensemble.load(ensemble)
    about = ours.origin
    targets = tuple(TARGETS[name] for name in ours.matched)
    criterion = Criterion(targets, np.array(about["luck"]), about["discrepancy"])
    out.parent.mkdir(parents=True, exist_ok=True)
    most = [one.name for one in narrowed(ours)]
    names = most[: int(parameters)] if parameters.isdecimal() else parameters.split(",")
    factors = [ours.factors[ours.names.index(checked_name("parameter", name, ours.names))] for name in names]
    found = sample(
        distance_of(factors, criterion, targets, ours.values_of(ours.central)),
        factors,
        out.with_suffix(".db"),
        points=points,
        runs=runs,
        least=float(about["waves"]["threshold"]),
    )
    rows = compared(ours, found)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    apart = [row["parameter"] for row in rows if row["overlap"] == 0.0]
    typer.echo(
        f"{found.runs:,} runs, distance {found.distance:.2f}, {found.effective:.0f} of {len(found.weights)} points "
        f"effective; overlap of parameters {np.mean([row['overlap'] for row in rows]):.2f}, none for "
        f"{', '.join(apart) or 'no parameter'}; {out}"
    )


if __name__ == "__main__":
    typer.run(main)
