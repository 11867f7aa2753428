"""History matching by waves: a sample of the region in which no fact rules the model out.

A set of parameters is ruled out if its implausibility, the largest over the facts, is above a threshold. In a space of
a hundred dimensions almost everything is ruled out, so the region is approached from outside: the first wave fills the
space, each further wave lowers the threshold to what the better part of its points reaches, copies these points until
there are as many as before, and moves the copies by steps that keep them below the threshold. The steps are symmetric
and stay in the space, so what a wave leaves is a sample of its region, evenly distributed with regard to the ranges, as
far as the points have forgotten where they were copied. When the threshold has reached its end, waves at the same
threshold spread the points over the region.

Every wave has seeds of its own, under which all its points are compared: a point survives by what it is, not by luck.

Notes
-----
Implausibility: Craig, Goldstein, Seheult and Smith 1997; Vernon, Goldstein and Bower 2010. Waves as a sequential Monte
Carlo sampler: Del Moral, Doucet and Jasra 2012; Drovandi, Nott and Pagendam 2021. Steps along differences between
points, in some dimensions only: ter Braak and Vrugt 2008, Vrugt et al. 2009; differences are taken from the points
with which the wave began, which stay, so that every step is as likely as its opposite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count
from bubble_abm.study.calibration.surface import Memory, Surface

FIRST = 4  # points of the first wave, for each point of a wave
THRESHOLD = 3.0  # of implausibility: three standard deviations (Pukelsheim 1994)
WANTED = 0.25  # share of steps that is accepted when their length is right (Gelman, Roberts and Gilks 1996: 0.23)
REDRAWN = 16  # largest number of dimensions that are drawn anew at once
SLIGHT = 1e-3  # standard deviation of what is added to a difference, so that points leave their common lines
OFTEN, SELDOM = 0.35, 0.15  # shares accepted above and below which walks on the emulator become longer and shorter
FARTHEST = 64
LEAST_SHARE = 0.05  # share of steps of every kind
STALLED = 0.95  # of the threshold two waves before: above, points are pulled towards those known
HALVINGS = 5  # of a way
PULLS = 900  # number of the first of these steps, out of the way of the others

#: Signed implausibility by fact, of shape (points, facts), of points of the unit cube, under the seeds of a wave: from
#: the numbers of the wave and of the step, and the points, one row each. Infinite where a run failed.
Judge = Callable[[int, int, np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Waves:
    """How a space is searched.

    Parameters
    ----------
    points : int
        Points of a wave.
    first : int
        Points of the first wave, which fill the space.
    keep : float
        Share of the points that a wave keeps, until the threshold has reached its end.
    moves : float
        Accepted moves of a point, on average, after which a wave is done.
    steps : int
        Steps after which a wave is done in any case.
    spread : int
        Waves at the last threshold.
    waves : int
        Waves after which the search stops in any case.
    threshold : float
        Where the threshold ends.
    design : int
        Seed of the design, not of the model's luck.
    """

    points: int = 1000
    first: int = 4000
    keep: float = 0.5
    moves: float = 1.5
    steps: int = 8
    spread: int = 5
    waves: int = 100
    threshold: float = THRESHOLD
    design: int = 1

    def __post_init__(self) -> None:
        bounds = {"points": (10, 10**6), "first": (10, 10**7), "steps": (1, 1000), "spread": (0, 1000)}
        for name, (low, high) in (bounds | {"waves": (1, 10_000), "design": (1, 2**31)}).items():
            checked_count(name, getattr(self, name), low, high)
        if self.first < self.points:
            raise InvalidInput(f"first = {self.first}: give at least as many as points, {self.points}")
        limits = {"keep": (0.05, 0.95), "moves": (0.0, 100.0), "threshold": (0.1, 100.0)}
        for name, (least, largest) in limits.items():
            if not least <= getattr(self, name) <= largest:
                raise InvalidInput(f"{name} = {getattr(self, name)}: give a number from {least:g} to {largest:g}")


@dataclass(frozen=True)
class Wave:
    """What a wave has left.

    Attributes
    ----------
    number : int
        Its number; the first is 0.
    threshold : float
        Largest implausibility of its points.
    places : ndarray, shape (points, dimensions)
        Its points in the unit cube.
    implausibility : ndarray, shape (points,)
        Their implausibility under the seeds of the wave.
    steps : int
        Steps that it made.
    accepted : float
        Share of them that was accepted.
    moved : float
        Share of the points that have moved since they were copied.
    survived : float
        Share of the points of the wave before that stayed below the threshold.
    volume : float, optional
        Natural logarithm of the share of the space that is below the threshold, estimated from the shares survived;
        None once points were pulled towards known ones.
    origins : int
        Points of the first wave from which its points descend.
    memory : float
        Correlation, on average over dimensions, of its points with where they were when the last threshold was reached;
        near 0 they have forgotten it, and are a sample of the whole region. 1 before.
    q2 : float, optional
        Share of the variance of the median fact that the emulator predicts at points that it has not seen; None if it
        predicts too little, or has too few points, and is not used.
    far : int
        Steps on the emulator between two runs of a point.
    """

    number: int
    threshold: float
    places: np.ndarray
    implausibility: np.ndarray
    steps: int
    accepted: float
    moved: float
    survived: float
    volume: float | None
    origins: int
    memory: float
    q2: float | None
    far: int


def match(
    judge: Judge, dimensions: int, waves: Waves, known: np.ndarray | None = None, *, at_once: bool = False
) -> Iterator[Wave]:
    """Yield wave after wave, until the last threshold was reached and the points have spread.

    In many dimensions each wave lowers the threshold by little, since few of its steps improve on all facts at once. If
    points are known that are not ruled out, then as soon as the waves have stalled every point goes straight towards
    one of them, as far as it takes to be below the last threshold.

    Parameters
    ----------
    judge : callable
        Signed implausibility by fact of points in the unit cube; infinite if a run failed.
    dimensions : int
        Number of parameters.
    waves : Waves
        How the space is searched.
    known : ndarray, shape (points known, dimensions), optional
        Points that may be below the last threshold, for instance that of the defaults.
    at_once : bool
        Whether the points of the first wave go there at once, and no wave tries to come there from outside.

    Raises
    ------
    InvalidInput
        If no point of the first wave has a finite implausibility, or all known points are ruled out and are needed.
    """
    generator, memory = np.random.default_rng(waves.design), Memory()
    if known is not None and at_once:
        places = pull(judge, 0, filling(waves.points, dimensions, generator), known, waves.threshold, memory)
        if places is None:
            raise InvalidInput("from: all members of this ensemble are ruled out by the facts, give another one")
        found, known, survived = worst(judge(0, 0, places)), None, 1.0
        volume: float | None = None
    else:
        places = filling(waves.first, dimensions, generator)
        found = worst(judge(0, 0, places))
        if not np.isfinite(found).any():
            raise InvalidInput(f"first = {waves.first}: the model fails at every point; give narrower ranges")
        best = np.argsort(found, kind="stable")[: waves.points]
        places, found, survived = places[best], found[best], len(best) / waves.first
        volume = math.log(survived)
    origins, threshold = np.arange(len(places)), float(found.max())
    lowest = threshold
    yield Wave(0, threshold, places, found, 0, 1.0, 1.0, survived, volume, len(places), 1.0, None, 1)
    mixture, far = Mixture.over(dimensions), 1
    at_end, reached, thresholds = 0, places, [threshold]
    for number in range(1, waves.waves):
        if known is not None and len(thresholds) > 2 and waves.threshold < thresholds[-1] > STALLED * thresholds[-3]:
            pulled = pull(judge, number, places, known, waves.threshold, memory)
            known = None
            if pulled is not None:
                places, volume = pulled, None
        away = judge(number, 0, places)
        found = worst(away)
        threshold = lowered(found, waves)
        thresholds.append(threshold)
        memory.add(places, away, threshold)
        alive = np.flatnonzero(found <= threshold)
        survived = len(alive) / len(found)
        if (
            volume is not None and threshold < lowest
        ):  # otherwise other seeds rule out others, and the region is not smaller
            volume, lowest = volume + math.log(survived), threshold
        copies = alive[systematic(len(alive), waves.points, generator)]
        begun, origins = places[alive], origins[copies]
        places, found, reached = places[copies], found[copies], reached[copies]
        moves, steps, accepted = np.zeros(len(places), dtype=int), 0, 0
        while steps < waves.steps and moves.mean() < waves.moves:
            steps += 1
            surface = memory.learned()
            walk = Walk(mixture, begun, threshold, surface, far)
            proposed, ratio = walk.propose(places, generator)
            away = judge(number, steps, proposed)
            judged = worst(away)
            taken = (judged <= threshold) & (generator.random(len(places)) < ratio)
            walk.learn(taken, (proposed - places) / np.maximum(begun.std(axis=0), SLIGHT))
            far = farther(far, float(taken.mean())) if surface is not None else 1
            memory.add(proposed, away, threshold)
            places = np.where(taken[:, None], proposed, places)
            found = np.where(taken, judged, found)
            moves += taken
            accepted += int(taken.sum())
        share = accepted / (steps * len(places))
        moved = float((moves > 0).mean())
        left = len(np.unique(origins))
        reached = reached if at_end else places
        kept = correlation(reached, places)
        q2 = None if surface is None else surface.q2
        yield Wave(number, threshold, places, found, steps, share, moved, survived, volume, left, kept, q2, far)
        at_end += threshold <= waves.threshold
        if at_end > waves.spread:
            return


def pull(
    judge: Judge, number: int, places: np.ndarray, known: np.ndarray, threshold: float, memory: Memory
) -> np.ndarray | None:
    """Move every point straight towards one of those known until it is below a threshold, by halving the way.

    Return None if no known point is below it.
    """
    known = known[worst(judge(number, PULLS, known)) <= threshold]
    if not len(known):
        return None
    ends = known[np.arange(len(places)) % len(known)]
    passing, share = np.zeros(len(places)), np.ones(len(places))
    for step in range(1, HALVINGS + 1):
        tried = ends + share[:, None] * (places - ends)
        away = judge(number, PULLS + step, tried)
        memory.add(tried, away, threshold)
        passing = np.where(worst(away) <= threshold, share, passing)
        share = np.minimum(passing + 0.5**step, 1.0)
    return np.asarray(ends + passing[:, None] * (places - ends))


def worst(away: np.ndarray) -> np.ndarray:
    """Return the implausibility of points, the largest over the facts."""
    return np.asarray(np.abs(away).max(axis=1))


def farther(far: int, accepted: float) -> int:
    """Return the number of steps on the emulator until the next run: more while what they lead to is often accepted.

    Examples
    --------
    >>> farther(8, 0.5), farther(8, 0.2), farther(8, 0.1), farther(1, 0.0)
    (16, 8, 4, 1)
    """
    if accepted > OFTEN:
        return min(2 * far, FARTHEST)
    return max(far // 2, 1) if accepted < SELDOM else far


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean correlation of the columns of two tables.

    Examples
    --------
    >>> correlation(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]]))
    0.0
    """
    (a, b) = ((table - table.mean(axis=0)) / np.maximum(table.std(axis=0), SLIGHT) for table in (one, other))
    return float((a * b).mean())


def filling(points: int, dimensions: int, generator: np.random.Generator) -> np.ndarray:
    """Draw points that fill the unit cube: a Latin hypercube, so that each dimension is covered evenly."""
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(dimensions, rng=generator).random(points))


def lowered(found: np.ndarray, waves: Waves) -> float:
    """Return the threshold below which the share that is kept lies, or the last one if half as many lie below that.

    Where many points are equally implausible, as those whose prices peak in the first month, the threshold goes below
    them if half of what is kept lies there.

    Examples
    --------
    >>> points = np.linspace(4.0, 40.0, 10)
    >>> lowered(points, Waves(keep=0.5)), lowered(points, Waves(keep=0.5, threshold=12.0))
    (20.0, 12.0)
    >>> lowered(np.array([4.0, 5.0, 7.0, 7.0, 7.0, 7.0]), Waves(keep=0.5))
    5.0
    """
    ordered = np.sort(found)
    wanted = max(math.ceil(waves.keep * len(found)), 2)
    fewest = max(math.ceil(wanted / 2), 2)
    if ordered[fewest - 1] <= waves.threshold:
        return waves.threshold
    threshold = ordered[wanted - 1]
    below = ordered[ordered < threshold]
    equal = np.count_nonzero(ordered == threshold) > 1
    return float(below[-1] if equal and len(below) >= fewest else threshold)


def systematic(alive: int, points: int, generator: np.random.Generator) -> np.ndarray:
    """Copy those alive as evenly as possible until there are enough; who gets one copy more is drawn.

    Examples
    --------
    >>> np.bincount(systematic(3, 9, np.random.default_rng(1))).tolist()
    [3, 3, 3]
    """
    order = generator.permutation(alive)
    return np.asarray(np.sort(order[np.arange(points) % alive]))


@dataclass
class Walk:
    """Proposes a step for every point, or a walk on the emulator if there is one.

    Attributes
    ----------
    mixture : Mixture
        Kinds of steps.
    begun : ndarray, shape (points, dimensions)
        Points between which differences are taken.
    threshold : float
        Implausibility below which points are to stay.
    surface : Surface, optional
        The emulator.
    far : int
        Steps of a walk.
    """

    mixture: Mixture
    begun: np.ndarray
    threshold: float
    surface: Surface | None
    far: int

    def propose(self, places: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Propose where every point goes; return also the chance with which that is accepted if it is allowed."""
        if self.surface is None:
            proposed, self.kinds = self.mixture.propose(places, self.begun, generator)
            return proposed, np.ones(len(places))
        scale = np.maximum(self.begun.std(axis=0), SLIGHT)
        at, first = places, self.surface.log_chance(places, self.threshold)
        chance = first
        for _ in range(self.far):
            proposed, kinds = self.mixture.propose(at, self.begun, generator)
            other = self.surface.log_chance(proposed, self.threshold)
            taken = np.log(generator.random(len(at))) < other - chance
            self.mixture.learn(kinds, taken, (proposed - at) / scale)
            at, chance = np.where(taken[:, None], proposed, at), np.where(taken, other, chance)
        return at, np.exp(np.minimum(first - chance, 0.0))

    def learn(self, taken: np.ndarray, steps: np.ndarray) -> None:
        """Adjust the kinds of steps to what was accepted; a walk has done so on its way."""
        if self.surface is None:
            self.mixture.learn(self.kinds, taken, steps)


@dataclass
class Mixture:
    """Kinds of steps, each of which changes some dimensions, with shares and lengths that are learned.

    Attributes
    ----------
    sizes : ndarray of int, shape (kinds,)
        Number of dimensions that a step changes.
    redraws : ndarray of bool, shape (kinds,)
        Whether it draws them anew from the whole range, or moves them along a difference between two points.
    lengths, shares : ndarray, shape (kinds,)
        Length relative to the usual one, and share of the steps.
    """

    sizes: np.ndarray
    redraws: np.ndarray
    lengths: np.ndarray = field(init=False)
    shares: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.lengths = np.ones(len(self.sizes))
        self.shares = np.full(len(self.sizes), 1.0 / len(self.sizes))

    @classmethod
    def over(cls, dimensions: int) -> Mixture:
        """Return steps of one dimension, of two, of four and so on, up to all."""
        sizes = [1 << power for power in range(dimensions.bit_length()) if 1 << power < dimensions] + [dimensions]
        anew = [size for size in sizes if size <= REDRAWN]
        return cls(np.array(sizes + anew), np.arange(len(sizes) + len(anew)) >= len(sizes))

    def propose(
        self, places: np.ndarray, begun: np.ndarray, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Propose a step for every point; return where it leads, and its kind."""
        points, dimensions = places.shape
        kinds = np.asarray(generator.choice(len(self.sizes), points, p=self.shares))
        order = generator.permuted(np.tile(np.arange(dimensions), (points, 1)), axis=1)
        changed = order < self.sizes[kinds, None]
        one, other = generator.integers(len(begun), size=(2, points))
        usual = 2.38 / np.sqrt(2.0 * self.sizes[kinds])
        length = usual * self.lengths[kinds] * generator.uniform(0.5, 1.5, points)
        along = length[:, None] * (begun[one] - begun[other])
        along += SLIGHT * generator.standard_normal(places.shape)
        anew = generator.random(places.shape)
        proposed = np.where(self.redraws[kinds, None], anew, reflected(places + along))
        return np.where(changed, proposed, places), kinds

    def learn(self, kinds: np.ndarray, taken: np.ndarray, steps: np.ndarray) -> None:
        """Adjust the lengths to the share accepted, and the shares to how far each kind of step leads on average."""
        count = np.bincount(kinds, minlength=len(self.sizes))
        accepted = np.bincount(kinds, taken, minlength=len(self.sizes)) / np.maximum(count, 1)
        tried = (count > 0) & ~self.redraws
        self.lengths[tried] = np.clip(self.lengths[tried] * np.exp(accepted[tried] - WANTED), 0.05, 2.0)
        distance = np.bincount(kinds, taken * np.minimum(steps**2, 4.0).sum(axis=1), minlength=len(self.sizes))
        reach = np.where(count > 0, distance / np.maximum(count, 1), 0.0)
        if reach.sum() > 0.0:
            wanted = np.maximum(reach / reach.sum(), LEAST_SHARE)
            self.shares = 0.5 * self.shares + 0.5 * wanted / wanted.sum()


def reflected(places: np.ndarray) -> np.ndarray:
    """Reflect what lies outside the unit cube at its faces, which keeps steps symmetric.

    Examples
    --------
    >>> reflected(np.array([-0.2, 0.5, 1.2])).round(9).tolist()
    [0.2, 0.5, 0.8]
    """
    return np.asarray(1.0 - np.abs(1.0 - np.mod(places, 2.0)))
