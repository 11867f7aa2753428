"""Calibration: from the facts to an ensemble of all economies that they do not rule out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.targets import TARGETS, Target
from bubble_abm.study.atomic_writing import check_writable, plain, write_json, writing
from bubble_abm.study.calibration.criterion import DISCREPANCY, Criterion, about, chosen, distances, months_needed
from bubble_abm.study.calibration.identification import dropped
from bubble_abm.study.calibration.matching import Wave, Waves, match
from bubble_abm.study.calibration.prior import defaults, places_of, space, values_at
from bubble_abm.study.calibration.steps import STEPS, Steps
from bubble_abm.study.dataset import LOCK, locked
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment import ECONOMY
from bubble_abm.study.manifest import MANIFEST, add
from bubble_abm.study.provenance import MODEL, code_of, commit, processor, read_json, versions
from bubble_abm.study.sensitivity.factors import Factor

PLAN, REPORT, ENSEMBLE, WAVES = "calibration.json", "report.json", "ensemble.parquet", "waves.csv"
LUCK_SEEDS = 40  # seeds at the defaults from which the variance between seeds is learned
LUCK_MEMBERS = 24  # known members from which it is learned instead, with half as many seeds each
FIRST_SEED = 1_000  # of the waves; those of the defaults and of the last judgement come before
JUDGE_SEED = 101
RECENT = 40  # steps whose points tell what a fact rules out


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What is matched, where, and how thoroughly.

    Parameters
    ----------
    targets : tuple of Target
        What is matched.
    factors : tuple of Factor
        Parameters that are searched, with their ranges.
    waves : Waves
        How the space is searched.
    seeds : int
        Seeds of each point, others in every wave.
    judges : int
        Seeds under which the points of the last wave are judged; they are new to all points.
    members : int
        Largest number of members of the ensemble.
    discrepancy : mapping of str to float
        Standard deviation of what the model leaves out, by the weight of a fact [half-widths].
    own_luck : bool
        Whether a point is allowed luck of its own, see :class:`Criterion`.
    kept : tuple of Target
        What is read off the runs of members besides.
    model : str
        ``module:function`` that runs a point; by default the economy.
    begin : Ensemble, optional
        Members from which the search begins, instead of the whole space: points that fill the space go straight towards
        them. What they do not have is at its default.

    Raises
    ------
    InvalidInput
        If a value is out of bounds.
    """

    targets: tuple[Target, ...] = field(default_factory=chosen)
    factors: tuple[Factor, ...] = field(default_factory=space)
    waves: Waves = field(default_factory=Waves)
    seeds: int = 4
    judges: int = 20
    members: int = 500
    discrepancy: Mapping[str, float] = field(default_factory=lambda: dict(DISCREPANCY))
    own_luck: bool = False
    kept: tuple[Target, ...] = field(default_factory=lambda: tuple(TARGETS.values()))
    model: str = ECONOMY
    begin: Ensemble | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in {"seeds": (1, 1000), "judges": (1, 400), "members": (2, 100_000)}.items():
            checked_count(name, getattr(self, name), low, high)
        for weight, value in self.discrepancy.items():
            if not 0.0 <= value <= 10.0:
                raise InvalidInput(f"discrepancy of {weight} facts = {value}: give half-widths from 0 to 10")
        for target in self.targets:
            if not target.low < target.high:
                raise InvalidInput(f"fact {target.name}: its range is empty, match another one")

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters that are searched."""
        return tuple(one.name for one in self.factors)

    @property
    def known(self) -> np.ndarray | None:
        """Places that may not be ruled out: where the search begins, or the defaults, if the model has any.

        What is out of the ranges is moved to their ends.
        """
        if self.begin is not None:
            given = dict(zip(self.begin.names, self.begin.values.T, strict=True))
            if not any(name in given for name in self.names):
                raise InvalidInput("from: its members differ in no parameter that is searched, give another ensemble")
            columns = [given.get(one.name, np.full(len(self.begin), usual(one))) for one in self.factors]
            return np.clip(places_of(self.factors, np.column_stack(columns)), 0.0, 1.0)
        return np.clip(defaults(self.factors), 0.0, 1.0)[None] if self.model == ECONOMY else None

    @property
    def first_judge(self) -> int:
        """First seed of the last judgement: new also to the members from which the search begins."""
        return JUDGE_SEED + (0 if self.begin is None else self.judges)

    @cached_property
    def read(self) -> tuple[Target, ...]:
        """Return all targets that are read off the runs of members, matched or not."""
        matched = {target.name: target for target in self.targets}
        others = {target.name: target for target in self.kept if target.name not in matched}
        return (*matched.values(), *others.values())

    def identity(self) -> dict[str, Any]:
        """Return everything that the ensemble depends on, as plain values."""
        described = {
            "model": MODEL,
            "runs": self.model,
            "facts": about(self.targets),
            "kept": [target.name for target in self.kept],
            "parameters": [asdict(one) for one in self.factors],
            "fixed": {name: item.default for name, item in DECLARED.items() if name not in self.names},
            "waves": asdict(self.waves),
            "seeds": self.seeds,
            "judges": self.judges,
            "members": self.members,
            "discrepancy": dict(self.discrepancy),
            "code": code_of(self.model),
            "versions": versions(),
            "processor": processor(),
        }
        described |= {} if self.begin is None else {"begin": self.begin.mark}
        described |= {"own_luck": True} if self.own_luck else {}
        return dict(json.loads(json.dumps(described, default=plain)))


@dataclass(frozen=True)
class Found:
    """What a calibration found.

    Attributes
    ----------
    ensemble : Ensemble, optional
        The members; None if there are fewer than two.
    waves : list of Wave
        What each wave left.
    runs, reused : int
        Number of runs, and of those that an earlier call had made.
    seconds : float
        Time that workers spent on all of them [s].
    judged : int
        Number of points that were judged in the end.
    threshold : float
        Where the threshold of waves was to end.
    """

    ensemble: Ensemble | None
    waves: list[Wave]
    runs: int
    reused: int
    seconds: float
    judged: int
    threshold: float

    @property
    def reached(self) -> bool:
        """Whether the waves have reached it."""
        return self.waves[-1].threshold <= self.threshold


def calibrate(
    plan: Calibration,
    folder: str | Path,
    *,
    overwrite: bool = False,
    tell: Callable[[Wave, Steps, np.ndarray], None] = lambda wave, steps, by_fact: None,
    command: Sequence[str] = (),
    **computing: Any,
) -> Found:
    """Find the economies that the facts do not rule out, or continue a search that was interrupted.

    Parameters
    ----------
    plan : Calibration
        What is matched, where, and how thoroughly.
    folder : str or Path
        Folder for the steps, the ensemble and the report.
    overwrite : bool
        Remove an existing result first.
    tell : callable
        Told of every wave, the work so far, and the implausibility by fact of the last step.
    command : sequence of str
        Words of the command, for the provenance of the ensemble.
    **computing
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :class:`Steps`.

    Returns
    -------
    Found
        Members, waves and cost. The ensemble's file depends on the plan only, not on the workers, nor on how often it
        was interrupted.

    Raises
    ------
    InvalidInput
        If the folder holds something else.
    """
    folder = Path(folder)
    steps = Steps(folder, plan.names, model=plan.model, **computing)
    with opened(plan.identity(), folder, overwrite), steps.at_work():
        search = Search(plan, steps)
        waves = []
        for wave in match(search.judge, len(plan.factors), plan.waves, plan.known, at_once=plan.begin is not None):
            waves.append(wave)
            tell(wave, steps, search.latest)
        ensemble, judged = search.judged(waves[-1], command)
        found = Found(ensemble, waves, steps.runs, steps.reused, steps.seconds, judged, plan.waves.threshold)
        with writing(folder):
            write_result(folder, plan, found)
    return found


class Search:
    """Runs points and judges them.

    Parameters
    ----------
    plan : Calibration
        What is matched.
    steps : Steps
        Who runs them.
    """

    def __init__(self, plan: Calibration, steps: Steps) -> None:
        self.plan, self.steps = plan, steps
        self.months = months_needed(plan.targets)
        self.latest = np.zeros((0, len(plan.targets)))
        self.tried: list[tuple[np.ndarray, np.ndarray]] = []  # places and implausibilities of the latest waves
        self.wave = 0

    @cached_property
    def criterion(self) -> Criterion:
        """The criterion, with the variance between seeds: its mean over known members, else that at the defaults.

        What is luck in one economy may be none in another: a peak that is sharp at the defaults may be flat elsewhere.
        """
        plan = self.plan
        points, seeds = np.array([[usual(one) for one in plan.factors]]), LUCK_SEEDS
        if plan.begin is not None and plan.known is not None:
            chosen = np.linspace(0, len(plan.known) - 1, min(LUCK_MEMBERS, len(plan.known))).round().astype(int)
            points, seeds = values_at(plan.factors, plan.known[chosen]), LUCK_SEEDS // 2
        found = self.steps.run("luck", points, range(1, 1 + seeds), plan.targets, self.months)
        sound = found[np.isfinite(found).all(axis=(1, 2))]
        if not len(sound):
            whose = "the defaults: a run at them fails" if plan.begin is None else "from: runs of all its members fail"
            raise InvalidInput(f"{whose}, so luck cannot be measured there")
        luck = distances(plan.targets, sound).var(axis=1, ddof=1).mean(axis=0)
        return Criterion(plan.targets, luck, plan.discrepancy, plan.own_luck)

    def judge(self, wave: int, step: int, places: np.ndarray) -> np.ndarray:
        """Return the signed implausibility of points by fact, under the seeds of a wave."""
        plan, criterion = self.plan, self.criterion
        first = FIRST_SEED + wave * plan.seeds
        values = values_at(plan.factors, places)
        name = f"wave-{wave:03d}-{step:02d}"
        found = self.steps.run(name, values, range(first, first + plan.seeds), plan.targets, self.months)
        signed = criterion.signed(found)
        self.latest = np.abs(signed)
        if wave != self.wave:  # only the last waves are near the region
            self.tried, self.wave = self.tried[-RECENT:], wave
        self.tried.append((places, self.latest))
        return signed

    def judged(self, last: Wave, command: Sequence[str]) -> tuple[Ensemble | None, int]:
        """Judge the points of the last wave under seeds that are new to them; return those that pass."""
        plan = self.plan
        places = np.unique(last.places, axis=0)
        places = places[np.random.default_rng(plan.waves.design).permutation(len(places))]
        values = values_at(plan.factors, places)
        months = months_needed(plan.read)
        seeds = range(plan.first_judge, plan.first_judge + plan.judges)
        found = self.steps.run("members", values, seeds, plan.read, months)
        origin = plan.identity() | {
            "commit": commit(),
            "command": list(command),
            "luck": self.criterion.luck.tolist(),
            "luck_of": "the defaults" if plan.begin is None else "the members from which the search began",
            "volume": last.volume,
            "memory": last.memory,
            "runs": self.steps.runs,
            "dropped": self.dropped(),
        }
        return passing(self.criterion, plan.factors, values, plan.read, found, origin), len(places)

    def dropped(self) -> dict[str, Any]:
        """Return what each fact rules out alone, and which parameters are wider without it."""
        places, by_fact = (np.concatenate(parts) for parts in zip(*self.tried))
        names = [target.name for target in self.plan.targets]
        return dropped(names, self.plan.names, places, by_fact, self.plan.waves.threshold)


def passing(
    criterion: Criterion,
    factors: Sequence[Factor],
    values: np.ndarray,
    targets: Sequence[Target],
    found: np.ndarray,
    origin: Mapping[str, Any],
) -> Ensemble | None:
    """Return the points that are not ruled out as an ensemble; None if there are fewer than two.

    Parameters
    ----------
    criterion : Criterion
        What rules points out; its targets are the first of all.
    factors : sequence of Factor
        Parameters that were searched.
    values : ndarray, shape (points, parameters)
        The points.
    targets : sequence of Target
        What was read off their runs.
    found : ndarray, shape (points, seeds, targets)
        What the runs gave.
    origin : mapping
        Provenance, with the threshold under ``waves`` and the largest number of members.
    """
    worst = criterion.implausibilities(found[:, :, : len(criterion.targets)]).max(axis=1)
    allowed = np.flatnonzero(worst <= origin["waves"]["threshold"])
    members = allowed[: origin["members"]]
    if len(members) < 2:
        return None
    about = dict(origin) | {"judged": len(values), "passed": len(allowed)}
    return Ensemble.of(factors, values[members], worst[members], targets, found[members], about)


def usual(factor: Factor) -> float:
    """Return the default of a parameter; of what is no parameter of the economy, the middle of its range."""
    return DECLARED[factor.name].default if factor.name in DECLARED else float(factor.values(np.array(0.5)))


# --- The folder -----------------------------------------------------------------------------------------------------


@contextmanager
def opened(here: Mapping[str, Any], folder: Path, overwrite: bool) -> Any:
    """Lock the folder, and create it or check that it holds the same calibration."""
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"out = {folder}: is not a folder, give another name")
    if folder.is_dir() and not ((folder / PLAN).exists() or all(path.name == LOCK for path in folder.iterdir())):
        raise InvalidInput(f"out = {folder}: holds something other than a calibration, give another name")
    check_writable(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if overwrite:
            clear(folder)
        check_same(here, folder)
        yield


def check_same(here: Mapping[str, Any], folder: Path) -> None:
    """Write the plan, or refuse a folder that holds another one."""
    if not (folder / PLAN).exists():
        with writing(folder):
            write_json(folder / PLAN, here)
            add(folder, folder / PLAN)
        return
    try:
        there = read_json(folder / PLAN)
        changed = [name for name in here | there if there.get(name) != here.get(name)]
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        raise InvalidInput(f"out = {folder}: its {PLAN} is damaged, give another folder or add --overwrite") from None
    if changed:
        raise InvalidInput(
            f"out = {folder}: holds a calibration with other {', '.join(changed)}: "
            "give another folder or add --overwrite"
        )


def clear(folder: Path) -> None:
    """Remove an earlier result, its plan last."""
    import shutil

    shutil.rmtree(folder / STEPS, ignore_errors=True)
    for name in (MANIFEST, REPORT, ENSEMBLE, WAVES, PLAN):
        (folder / name).unlink(missing_ok=True)


def write_result(folder: Path, plan: Calibration, found: Found) -> None:
    """Write the waves, the ensemble and what it cost."""
    heading = "wave,threshold,steps,accepted,moved,survived,log_volume,origins,memory,q2,far"
    lines = [
        f"{one.number},{one.threshold:.6g},{one.steps},{one.accepted:.4f},{one.moved:.4f},{one.survived:.4f},"
        f"{'' if one.volume is None else format(one.volume, '.4f')},{one.origins},{one.memory:.4f},"
        f"{'' if one.q2 is None else f'{one.q2:.4f}'},{one.far}"
        for one in found.waves
    ]
    (folder / WAVES).write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    members = 0
    if found.ensemble is not None:
        found.ensemble.save(folder / ENSEMBLE)
        add(folder, folder / ENSEMBLE)
        members = len(found.ensemble)
    numbers = {"runs": found.runs, "seconds": round(found.seconds, 1), "members": members, "judged": found.judged}
    write_json(folder / REPORT, numbers | {"reached": found.reached, "threshold": found.waves[-1].threshold})
    add(folder, folder / WAVES, folder / REPORT)


__all__ = ["Calibration", "Found", "calibrate"]
