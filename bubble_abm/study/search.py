"""Search: a point of the parameters that agrees with the facts, found by waves of random points and no hand.

The defaults come from here: ``python -m bubble_abm.study.search`` repeats the search and prints what it finds. Every
wave draws points around the best of the wave before, runs the model under seeds of its own, and keeps the points that
miss the facts least (the cross-entropy method). One point is no proof of anything: other points fit as well.

Notes
-----
Cross-entropy method: Rubinstein and Kroese 2004, "The Cross-Entropy Method". Distances from facts are measured as in
history matching, in half-widths of the observed range (Craig, Goldstein, Seheult and Smith 1997).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.targets import TARGETS as KNOWN

MONTHS = 36  # to December 2025: all facts lie before it
ELITE = 40  # points of a wave from which the next one is drawn
FREE = 0.8  # part of the half-width of a fact's range within which a point is as good as in the middle
WORST = 6.0  # half-widths beyond which a miss counts no more
JUDGES = 20  # seeds under which the best points of the last wave are compared
AGAIN = 0.08  # standard deviation of the first wave around the point of an earlier search
MEMORY = 0.3  # weight of the earlier waves in the middle of the next one
NARROWEST, WIDEST = 0.03, 0.3  # standard deviation of a wave, relative to the range

#: Parameters that are searched, and between which values. Ranges are those of sensitivity studies where there is a
#: source, and wide where there is none.
SEARCHED = {
    # sponsors
    "public_share": (0.2, 0.5), "able_share": (0.03, 0.25), "show_share": (0.1, 0.6), "deep_pocket_share": (0.1, 0.8),
    "median_size": (800, 2_500), "newcomer_size": (0.3, 1.0), "able_size": (0.7, 2.5),
    "extrapolation": (0.4, 1.3), "competition_neglect": (0.5, 1), "experienced_neglect": (0, 0.8),
    "believed_demand_growth": (0.02, 0.08), "obsolescence": (0.002, 0.02), "discount_spread": (0.002, 0.008),
    "hurdle": (1, 1.9), "choice_intensity": (0.7, 4), "herding": (1, 7), "call_weight": (0.5, 3.5),
    "reluctance": (-4, 0), "public_reluctance": (-6, -1), "ambition": (0, 2.5), "show_value": (-2, 2),
    "announcement_rate": (0.03, 0.16), "news_rate": (0.01, 0.2), "first_news": (0.1, 1), "expansion_fill": (0.6, 0.95),
    "start_hurdle": (0.5, 1), "newcomer_start_hurdle": (0.4, 1), "cancellation_rate": (0.02, 0.12),
    "planning_time": (3, 8), "building_time": (4, 9), "public_building_time": (14, 19), "able_building_time": (6, 14),
    "first_projects": (30, 60), "installed_base": (40e3, 160e3),
    # the state
    "fiscal_envelope": (0.5e9, 8e9), "state_capital": (0.3, 1), "tournament_intensity": (0.005, 0.06),
    # chips
    "foreign_chip_price": (115e3, 150e3), "other_capex": (80e3, 140e3), "risk_premium": (0.1, 0.3),
    "normal_markup": (0.01, 0.1), "markup_adjustment": (0.03, 0.16), "smuggler_entry_speed": (0.5, 3),
    "channel_capacity": (2e3, 14e3), "glut_weight": (0, 1), "highest_markup": (0.3, 1),
    "class_choice": (1, 4), "domestic_terms": (0, 8), "ban_channel_cut": (0.1, 0.8), "ban_loss": (0.5, 1),
    # leases
    "first_rent": (7e3, 14e3), "rent_adjustment": (0.06, 0.22), "hold_out": (0.3, 1.3), "patience": (2, 16),
    "interior_suitability": (0.05, 0.6), "contract_length": (3, 9),
    # tenants
    "training_need": (100, 900), "startup_spread": (0.7, 1.5), "training_growth": (0, 0.04),
    "training_elasticity": (0.3, 1.3), "training_runway": (4, 18), "startup_imitation": (0.08, 0.45),
    "startup_innovation": (0.003, 0.03), "startup_payroll": (1e6, 8e6), "inference_base": (6e3, 30e3),
    "inference_trend": (0.03, 0.08), "inference_elasticity": (0.8, 1.2), "induced_inference": (1.2, 2.5),
    "platform_fleet": (1e5, 8e5), "platform_chip_share": (0.2, 0.8), "platform_domestic": (0.05, 0.5),
    # money and attention
    "round_size": (30e6, 250e6), "funding_rate": (0.04, 0.12), "venture_extrapolation": (0, 2),
    "usual_growth": (0, 0.06), "application_weight": (0.1, 0.9), "lender_strictness": (0, 3),
    "sponsor_attention": (0, 1), "lender_attention": (0, 3), "fund_attention": (0, 2), "attention_delay": (1, 4),
    # the shock
    "shock_efficiency": (2, 8), "shock_openness": (0.4, 0.9), "shock_imitation": (0.3, 0.9),
}  # fmt: skip


TARGETS = tuple(KNOWN.values())


def values(seeds: Sequence[int], point: dict[str, float]) -> np.ndarray:
    """Return the medians over seeds of all targets at a point."""
    parameters = Parameters(**point)
    runs = [simulate(parameters, seed=seed, months=MONTHS).records.measures for seed in seeds]
    return np.array([np.median([target.read(run) for run in runs]) for target in TARGETS])


def loss(found: np.ndarray) -> float:
    """Return how far a point misses: what its distances exceed, and their squares, which tell against single misses."""
    distances = np.array([target.distance(value) for target, value in zip(TARGETS, found, strict=True)])
    excess = np.minimum(np.maximum(distances - FREE, 0.0), WORST)
    return float(excess.sum() + 0.3 * (np.minimum(excess, WORST / 2.0) ** 2).sum())


@dataclass
class Wave:
    """A cloud of points in the unit cube: its middle and its standard deviation along every axis."""

    middle: np.ndarray
    spread: np.ndarray

    def draw(self, points: int, generator: np.random.Generator) -> np.ndarray:
        """Draw points of the cloud within the unit cube."""
        cloud = self.middle + self.spread * generator.standard_normal((points, len(self.middle)))
        return np.clip(cloud, 0.0, 1.0)

    def follow(self, best: np.ndarray) -> None:
        """Move towards the best points, the first of which count most."""
        weights = np.log(len(best) + 1.0) - np.log(np.arange(1, len(best) + 1))
        weights /= weights.sum()
        spread = np.sqrt(weights @ (best - self.middle) ** 2)
        self.middle = MEMORY * self.middle + (1.0 - MEMORY) * (weights @ best)
        self.spread = np.clip(0.4 * self.spread + 0.6 * np.minimum(spread, WIDEST), NARROWEST, WIDEST)


def point_of(place: np.ndarray) -> dict[str, float]:
    """Return the parameters at a place of the unit cube."""
    ranges = zip(place, SEARCHED.items(), strict=True)
    return {name: float(low + share * (high - low)) for share, (name, (low, high)) in ranges}


def place_of(point: dict[str, float]) -> np.ndarray:
    """Return the place in the unit cube of a point."""
    return np.array([(point[name] - low) / (high - low) for name, (low, high) in SEARCHED.items()])


def point_in(file: Path) -> dict[str, float]:
    """Return the point that an earlier search has written, or refuse a file that holds none of these parameters."""
    try:
        point = json.loads(file.read_text(encoding="utf-8"))["point"]
        return {name: float(point[name]) for name in SEARCHED}
    except (OSError, ValueError, KeyError, TypeError):
        raise typer.BadParameter(f"{file} is no result of this search: give a file that it has written") from None


def main(
    waves: Annotated[int, typer.Option(min=1, help="Waves of points.")] = 30,
    points: Annotated[int, typer.Option(min=1, help="Points of a wave.")] = 450,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each point, others in every wave.")] = 3,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    begin: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Begin where an earlier search has ended: its file."),
    ] = None,
    out: Annotated[Path, typer.Option(help="File for what is found.")] = Path("out/search.json"),
) -> None:
    """Search a point that agrees with the facts, from the middle of all ranges.

    Of the best points of the last wave and its middle, the one that misses least under many seeds is written.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(1)  # of the design only: the model's luck depends on its seeds
    cloud = Wave(np.full(len(SEARCHED), 0.5), np.full(len(SEARCHED), WIDEST))
    if begin is not None:
        cloud = Wave(place_of(point_in(begin)), np.full(len(SEARCHED), AGAIN))
    with ProcessPoolExecutor(workers) as pool:
        for wave in range(waves):
            places = cloud.draw(points, generator)
            run = partial(values, range(1 + seeds * wave, 1 + seeds * (wave + 1)))
            found = list(pool.map(run, [point_of(place) for place in places], chunksize=8))
            losses = np.array([loss(each) for each in found])
            order = np.argsort(losses, kind="stable")
            cloud.follow(places[order[:ELITE]])
            best = found[order[0]]
            pairs = zip(TARGETS, best, strict=True)
            missed = [f"{target.name} {value:.3g}" for target, value in pairs if target.distance(value) > 1.0]
            typer.echo(
                f"wave {wave + 1}: loss {losses[order[0]]:.2f}, of the best {ELITE} "
                f"{np.median(losses[order[:ELITE]]):.2f}; spread {cloud.spread.mean():.3f}; "
                f"missed by the best: {', '.join(missed) or 'nothing'}"
            )
        best_places = [cloud.middle, *places[order[:ELITE]]]
        judged = list(pool.map(partial(values, range(1, 1 + JUDGES)), [point_of(place) for place in best_places]))
        losses = np.array([loss(each) for each in judged])
        chosen = int(losses.argmin())
        typer.echo(f"chosen under {JUDGES} seeds: loss {losses[chosen]:.2f}, that of the middle {losses[0]:.2f}")
    result = {"waves": waves, "points": points, "seeds": seeds, "point": point_of(best_places[chosen])}
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
