"""Functions whose sensitivity indices are known in closed form, and runs of them."""

from itertools import combinations

import numpy as np

from bubble_abm.study.sensitivity import analyse
from bubble_abm.study.sensitivity.sampling import Factor, design, seeded_together

PI = np.pi
ISHIGAMI = [Factor(name, -PI, PI) for name in ("one", "two", "three")]
WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0])
G = [Factor(name, 0, 1) for name in ("first", "second", "third", "fourth")]


def ishigami(values, a=7.0, b=0.1):
    """Ishigami and Homma 1990."""
    one, two, three = values.T
    return np.sin(one) + a * np.sin(two) ** 2 + b * three**4 * np.sin(one)


def ishigami_shares(a=7.0, b=0.1):
    """S1, ST and Shapley effects of Ishigami's function, each for its three factors."""
    alone = np.array([0.5 * (1 + b * PI**4 / 5) ** 2, a**2 / 8, 0.0])
    pair = 8 * b**2 * PI**8 / 225  # of the first and the third, the only interaction
    with_pair = np.array([pair, 0.0, pair])
    total = alone.sum() + pair
    return {"S1": alone / total, "ST": (alone + with_pair) / total, "shapley": (alone + with_pair / 2) / total}


def sobol_g(values, weights=WEIGHTS):
    """Sobol's G function."""
    return np.prod((np.abs(4 * values - 2) + weights) / (1 + weights), axis=1)


def sobol_g_shares(weights=WEIGHTS, groups=None):
    """S1, ST and Shapley effects of the G function, for its factors or for groups of them (lists of positions)."""
    alone = 1 / (3 * (1 + weights) ** 2)
    members = groups or [[position] for position in range(len(weights))]
    parts = np.array([np.prod(1 + alone[group]) - 1 for group in members])
    total = np.prod(1 + parts) - 1
    positions = range(len(parts))
    shapley = [
        sum(
            np.prod(parts[list(others)]) * own / (len(others) + 1)
            for size in positions
            for others in combinations([at for at in positions if at != position], size)
        )
        for position, own in enumerate(parts)
    ]
    return {
        "S1": parts / total,
        "ST": parts * (1 + total) / (1 + parts) / total,
        "shapley": np.array(shapley) / total,
    }


def runs(recipe, factors, function, seeds=(1,), noise=None):
    """Table of runs of a function; noise(values, seeds) is added. Every block has its own seeds if there are two."""
    values = design(recipe, factors)
    level = function(values)
    rows, count = len(values), len(seeds)
    block = np.arange(rows) // seeded_together(recipe, len(factors))
    drawn = np.asarray(seeds) + (block * max(seeds))[:, None] if count > 1 else np.full((rows, 1), seeds[0])
    cells = np.repeat(level[:, None], count, axis=1)
    if noise is not None:
        cells = cells + noise(values, drawn)
    return {"row": np.repeat(np.arange(rows), count), "seed": drawn.ravel(), "output": cells.ravel()}


def studied(recipe, factors, function, **options):
    """Analysis of a function."""
    return analyse(recipe, factors, runs(recipe, factors, function, **options), ["output"])


def index(analysis, name):
    """Values of an index by factor."""
    lines = analysis.indices[analysis.indices["index"] == name]
    return dict(zip(lines["factor"], lines["value"]))


def verdict(analysis):
    """The line of the table of quality."""
    return analysis.quality.iloc[0]
