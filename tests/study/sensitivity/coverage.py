"""How often 95 % intervals contain the true index, measured on functions whose indices are known.

``make coverage`` measures it and writes ``docs/coverage.md``; ``ARGS="--designs 1000"`` for another number of designs.
Each design is drawn with another seed, and luck is drawn anew.
"""

import argparse
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bubble_abm.study.sensitivity.estimators import LUCK_FREE, Data, estimate
from bubble_abm.study.sensitivity.sampling import Factor, Sampling, block_rows, rows_needed, unit_design
from tests.study.sensitivity.indices import WEIGHTS, ishigami, ishigami_shares, sobol_g, sobol_g_shares

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"
LOW, HIGH = 0.93, 0.97  # coverage aimed at
FACTORS = tuple(Factor(name, 0, 1) for name in ("x1", "x2", "x3", "x4"))
SIZES = {"sobol": 1024, "morris": 200, "shapley": 1024}
LEVELS = 4
DESIGNS = 1000  # a minute and a half on one processor

Luck = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Known:
    """A function of points of the unit cube and its indices."""

    function: Callable[[np.ndarray], np.ndarray]
    width: int
    shares: dict[str, np.ndarray]
    binary: bool = False

    @property
    def truth(self) -> dict[str, np.ndarray]:
        """All indices by name, without the ending of luck-free ones."""
        return self.shares | effects_on_grid(self.function, self.width)


def effects_on_grid(function: Callable[[np.ndarray], np.ndarray], width: int) -> dict[str, np.ndarray]:
    """Moments of the elementary effects over all steps of Morris's grid."""
    grid = np.array(list(itertools.product(np.linspace(0, 1, LEVELS), repeat=width)))
    step = LEVELS / (2 * (LEVELS - 1))
    found = []
    for column in range(width):
        start = grid[grid[:, column] < 0.5]
        end = start.copy()
        end[:, column] += step
        found.append((function(end) - function(start)) / step)
    effects = np.array(found)
    root_mean_square = np.sqrt((effects**2).mean(axis=1))
    return {"mu_star": np.abs(effects).mean(axis=1), "mu": effects.mean(axis=1), "sigma": effects.std(axis=1),
            "rms": root_mean_square}  # fmt: skip


def corner(share: float) -> Known:
    """One in a share of the cube, the corner where the first two factors are small, zero elsewhere."""
    edge = np.sqrt(share)

    def function(values: np.ndarray) -> np.ndarray:
        return (values[:, :2] < edge).all(axis=1).astype(float)

    alone, total = share * edge * (1 - edge), share * (1 - edge)
    spread = share * (1 - share)
    both = (alone + (total - alone) / 2) / spread
    shares = {"S1": alone / spread, "ST": total / spread, "shapley": both}
    return Known(function, 3, {name: np.array([value, value, 0]) for name, value in shares.items()}, binary=True)


PLANE = np.array([3.0, 2.0, 1.0, 0.0])
FUNCTIONS = {
    "Ishigami": Known(lambda values: ishigami((2 * values - 1) * np.pi), 3, ishigami_shares()),
    "Sobol g": Known(sobol_g, len(WEIGHTS), sobol_g_shares()),
    "linear": Known(lambda values: values @ PLANE, 4, dict.fromkeys(("S1", "ST", "shapley"), PLANE**2 / 14)),
    "0/1, in 30 %": corner(0.3),
    "0/1, in 5 %": corner(0.05),
}


# --- Luck: what a seed adds to a block of rows, as large as the spread of the mean outcome ----------------------------


def no_luck(known: Known, unit: np.ndarray, rows: int, generator: np.random.Generator) -> np.ndarray:
    """One seed, and no luck."""
    return known.function(unit)[:, None]


def dealt_anew(known: Known, unit: np.ndarray, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Two seeds; every row has its own luck, so that an inert factor moves the outcome."""
    return with_luck(known, unit, generator.random((len(unit), 2)))


def shared(known: Known, unit: np.ndarray, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Two seeds; a seed shifts all rows of a block, and interacts with the first factor."""
    return with_luck(known, unit, np.repeat(generator.random((len(unit) // rows, 2)), rows, axis=0))


def with_luck(known: Known, unit: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return the outcome with luck drawn from the unit interval, whose mean is the function, or an affine map of it."""
    level = known.function(unit)[:, None]
    if known.binary:
        return (drawn < 0.05 + 0.9 * level).astype(float)
    scale = known.function(np.random.default_rng(1).random((10_000, unit.shape[1]))).std()
    return level + scale * (2 * drawn - 1) * (0.5 + unit[:, :1])


LUCKS = {"none": no_luck, "dealt anew": dealt_anew, "shared": shared}


# --- Measuring --------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """Coverage of the intervals of one index, over designs and factors."""

    method: str
    index: str
    function: str
    luck: str
    inside: list[np.ndarray]
    width: list[np.ndarray]
    error: list[np.ndarray]

    @property
    def counted(self) -> np.ndarray:
        """Factors whose estimate is not exact."""
        return np.abs(self.error).max(axis=0) > 1e-9

    @property
    def coverage(self) -> float:
        """Share of intervals that contain the true index."""
        return float(np.array(self.inside)[:, self.counted].mean())

    @property
    def half_width(self) -> float:
        """Mean half-width."""
        return float(np.array(self.width)[:, self.counted].mean() / 2)

    @property
    def needed(self) -> float:
        """Half-width that contains 95 % of the errors, the mean over factors."""
        errors = np.abs(np.array(self.error)[:, self.counted])
        return float(np.quantile(errors, 0.95, axis=0).mean())

    @property
    def remark(self) -> str:
        """What to think of the coverage."""
        if self.coverage < LOW:
            return "**below**: " + self.reason
        return "above: " + self.reason if self.coverage > HIGH else ""

    @property
    def reason(self) -> str:
        """Why the coverage is not what it should be."""
        if self.luck != "none" and not self.index.endswith(LUCK_FREE) and self.index != "mu":
            return "luck counts as an effect; the luck-free index does not"
        if self.function == "0/1, in 5 %":
            return "few runs differ from the most common outcome"
        if self.index == "sigma":
            return "effects of two sizes, equally often: no spread is larger, so that errors have one sign"
        return "errors are skewed" if self.coverage < LOW else "evenly spread points, whose errors are tiny"


def measure(designs: int, sizes: dict[str, int] = SIZES, functions: dict[str, Known] = FUNCTIONS) -> Iterator[Line]:
    """Measure the coverage of every index of every method, function and kind of luck."""
    for method, samples in sizes.items():
        lines: dict[tuple[str, str, str], Line] = {}
        for seed in range(1, designs + 1):
            drawn: dict[int, tuple[Sampling, np.ndarray]] = {}
            for function, known in functions.items():
                if known.width not in drawn:
                    recipe = Sampling(method, samples, seed=seed)
                    drawn[known.width] = recipe, unit_design(recipe, FACTORS[: known.width])
                for luck, deal in LUCKS.items():
                    measure_one(lines, method, function, luck, known, deal, *drawn[known.width])
        yield from lines.values()


def measure_one(lines, method, function, luck, known, deal, recipe, unit) -> None:
    """Add what one design says."""
    factors = FACTORS[: known.width]
    generator = np.random.default_rng([recipe.seed, *luck.encode()])
    output = deal(known, unit[:, :-1], block_rows(recipe, known.width), generator)
    truth = known.truth
    # Chances of 0/1 outcomes are an affine map of the function: shares are the same, effects are smaller.
    slope = 0.9 if known.binary and luck != "none" else 1.0
    for index in estimate(Data(recipe, factors, unit, output)):
        name = index.name.removesuffix(LUCK_FREE)
        if np.isnan(index.value).any():
            continue
        right = truth[name] * (slope if method == "morris" else 1.0)
        value, low, high = (part[:-1] for part in (index.value, index.low, index.high))
        slack = 1e-9  # exact estimates differ from the truth by rounding errors
        line = lines.setdefault((function, luck, index.name), Line(method, index.name, function, luck, [], [], []))
        line.inside.append((low - slack <= right) & (right <= high + slack))
        line.width.append(high - low)
        line.error.append(value - right)


def page(lines: list[Line], designs: int) -> str:
    """Return the page of documentation."""
    head = f"""# Coverage of the intervals of sensitivity indices

Measured by `make coverage`, which writes this page: {designs} designs of each kind, on functions whose indices are
known in closed form (for Morris, by counting all steps of its grid). An interval of 95 % should contain the true index
in {LOW:.0%} to {HIGH:.0%} of the designs. Coverage is the share over designs and factors, without factors whose
estimate is exact; *needed* is the half-width that would contain 95 % of the errors.

Luck is about as large as the spread of the function, or makes 0/1 outcomes a chance of 5 or 95 %. *Dealt anew*: every
row has its own luck, so a factor without effect moves the outcome. *Shared*: a seed shifts all rows of a base sample or
trajectory, and interacts with the first factor. Both have two seeds.
"""
    texts = [head]
    rows: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        rows[line.method].append(line)
    for method, mine in rows.items():
        recipe = Sampling(method, SIZES[method])
        rows_of_three = rows_needed(recipe, 3)
        texts.append(
            f"\n## {method.capitalize()}: N = {recipe.samples:,}, {rows_of_three:,} rows for three factors\n\n"
        )
        texts.append("| index | function | luck | coverage | half-width | needed | remark |\n")
        texts.append("| --- | --- | --- | --: | --: | --: | --- |\n")
        for line in sorted(mine, key=lambda line: (line.index.endswith(LUCK_FREE), line.index)):
            if not line.counted.any():
                texts.append(f"| {line.index} | {line.function} | {line.luck} | exact | 0 | 0 | |\n")
                continue
            cells = f"{line.coverage:.3f} | {line.half_width:.3g} | {line.needed:.3g} | {line.remark}"
            texts.append(f"| {line.index} | {line.function} | {line.luck} | {cells} |\n")
    return "".join(texts)


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--designs", type=int, default=DESIGNS, help=f"number of designs of each kind (default: {DESIGNS})"
    )
    parser.add_argument("--out", type=Path, default=PAGE, help="page to write (default: docs/coverage.md)")
    given = parser.parse_args()
    given.out.write_text(page(list(measure(given.designs)), given.designs), encoding="utf-8")
    print(f"coverage: {given.out} is written")


if __name__ == "__main__":
    main()
