"""The page on robustness: what is left of the answer under other structures, ranges and definitions of a pop.

``python -m bubble_abm.paper.robustness --result out/e15_robustness`` writes ``docs/robustness.md`` and its numbers as
CSV; without a result it runs the members itself.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bubble_abm.economy.declare import InvalidInput, checked_name
from bubble_abm.engine.structure import STANDARD
from bubble_abm.observe.seeds import Estimate, mean, members_first, ratio
from bubble_abm.observe.verdict import DEFINITIONS, MAIN
from bubble_abm.paper.docs import ROOT
from bubble_abm.paper.markdown import table
from bubble_abm.study.atomic_writing import save_text
from bubble_abm.study.calibration.calibrate import ENSEMBLE, REPORT
from bubble_abm.study.ensemble import Ensemble, economies, given_or_shipped
from bubble_abm.study.provenance import code_of, commit, read_json
from bubble_abm.study.robustness import (
    ALTERNATIVES,
    KINDS,
    SEEDS,
    WINDOWS_TOLD,
    member_of,
    near_the_middle,
    ranges_times,
    robustness,
)

if TYPE_CHECKING:
    import pandas as pd

    from bubble_abm.study.experiment import Experiment

PAGE = ROOT / "docs" / "robustness.md"
NUMBERS = ROOT / "docs" / "measured" / "robustness.csv"
WIDTHS = {"half": 0.5, "double": 2.0}
#: What else may be judged otherwise: ensembles that are given to the page, and how they are told.
OTHERS = {
    "half": "half: matched in ranges of half the width",
    "double": "double: matched in ranges of double the width",
    "own luck": "own luck: the points of the search, each judged with luck of its own",
}
#: Why the points of one search do not tell what another would have found.
WHY = {
    "half": "of so many parameters, hardly a point of the search has all in the middle half of its range",
    "double": "no point of the search lies outside its ranges",
}
HEADING = (
    "", "pops without the shock", "what the shock did, of all runs",
    "its share of the fall of rents, peak to June 2025", "the same, December 2024 to June 2025", "survives",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """The answer of some runs, each number with its 95 % interval over members, or over seeds if there is one member.

    Attributes
    ----------
    runs, members : int
        How many there are.
    popped_without : Estimate
        Share of runs that pop without the shock.
    kinds : mapping of str to float
        Share of runs by verdict, the most frequent first.
    shares : tuple of Estimate or None
        Share of the fall of rents that the shock explains, in two windows; None if rents do not fall.
    """

    runs: int
    members: int
    popped_without: Estimate
    kinds: Mapping[str, float]
    shares: tuple[Estimate | None, ...]

    @property
    def verdict(self) -> str:
        """The most frequent verdict."""
        return next(iter(self.kinds))


def answer_of(runs: pd.DataFrame, definition: str = MAIN) -> Answer:
    """Return the answer of runs, under one definition of a pop.

    Parameters
    ----------
    runs : DataFrame
        One row for each ``member`` and seed, with the outcomes of :func:`bubble_abm.study.robustness.answer`.
    definition : str
        One of :data:`bubble_abm.observe.verdict.DEFINITIONS`.
    """
    by = runs.drop(columns=["scenario", "verdict", "error"], errors="ignore")
    means = members_first(by, by["member"])
    kinds = Counter(KINDS[int(place)] for place in runs[f"kind@{definition}"])
    shares = []
    for window in WINDOWS_TOLD:
        fall, rest = (means[f"fall{window}{ending}"].to_numpy() for ending in ("", "_without_shock"))
        shares.append(ratio(fall - rest, fall) if fall.mean() > 0.0 else None)
    return Answer(
        len(runs),
        int(by["member"].nunique()),
        mean(means[f"popped_without@{definition}"].to_numpy()),
        {kind: count / len(runs) for kind, count in kinds.most_common()},
        tuple(shares),
    )


def percent(share: float) -> str:
    """Return a share, without the sign of a zero."""
    return f"{100 * share:z.0f} %"


def said(found: Estimate | None, *, probability: bool = False) -> str:
    """Say a share with its interval, which of a probability ends at 0 and 1.

    Examples
    --------
    >>> said(Estimate(0.9, 0.7, 1.1, 4), probability=True), said(Estimate(-0.001, None, None, 1)), said(None)
    ('90 % [70 to 100]', '0 %', 'no fall')
    """
    if found is None:
        return "no fall"
    if found.low is None or found.high is None:
        return percent(found.value)
    low, high = (max(found.low, 0.0), min(found.high, 1.0)) if probability else (found.low, found.high)
    return f"{percent(found.value)} [{100 * low:z.0f} to {100 * high:z.0f}]"


def changes(one: Answer, usual: Answer) -> list[str]:
    """Say in which of three ways an answer differs from the usual one: pops, verdict, share of the fall of rents.

    Shares differ if their intervals have nothing in common.
    """
    found = []
    if (one.popped_without.value > 0.5) != (usual.popped_without.value > 0.5):
        found.append("whether most pop without the shock")
    if one.verdict != usual.verdict:
        found.append(f"most are {one.verdict}, not {usual.verdict}")
    if any(apart(ours, theirs) for ours, theirs in zip(one.shares, usual.shares)):
        found.append("the share of the fall of rents")
    return found


def apart(one: Estimate | None, other: Estimate | None) -> bool:
    """Whether two intervals have nothing in common; one that is missing is told from one that is there."""
    if one is None or other is None:
        return (one is None) != (other is None)
    ends = [(each.value if end is None else end) for each in (one, other) for end in (each.low, each.high)]
    return ends[1] < ends[2] or ends[3] < ends[0]


def row(name: str, one: Answer, usual: Answer | None) -> tuple[str, ...]:
    """Return the row of an answer; without a usual one it is the usual one itself."""
    kinds = ", ".join(f"{kind} {percent(share)}" for kind, share in one.kinds.items())
    changed = [] if usual is None else changes(one, usual)
    survived = f"**no**: {'; '.join(changed)}" if changed else "" if usual is None else "yes"
    return (name, said(one.popped_without, probability=True), kinds, *map(said, one.shares), survived)


# --- The page -------------------------------------------------------------------------------------------------------


def answers(runs: pd.DataFrame, ensemble: Ensemble | None, others: Mapping[str, pd.DataFrame]) -> dict[str, Answer]:
    """Return every answer by ``part: name``, the usual one first.

    Parameters
    ----------
    runs : DataFrame
        Runs of all alternatives, which are their scenarios, with the number of their ``member``.
    ensemble : Ensemble, optional
        The members.
    others : mapping of str to DataFrame
        Runs, of the standard structure, of ensembles that were matched or judged otherwise.
    """
    by = dict(iter(runs.groupby("scenario", sort=False)))
    found = {f"structure: {name}": answer_of(by[name]) for name in ALTERNATIVES if name in by}
    usual = by[STANDARD]
    if ensemble is not None:
        inside = near_the_middle(ensemble)[usual["member"].to_numpy()]
        for name, chosen in (("nearer to the middle", inside), ("farther from it", ~inside)):
            if chosen.any():
                found[f"ranges: {name}"] = answer_of(usual[chosen])
    found |= {f"ranges: {name}": answer_of(one) for name, one in others.items()}
    return found | {f"pop: {name}": answer_of(usual, name) for name in DEFINITIONS}


def page(
    found: Mapping[str, Answer],
    ensemble: Ensemble | None,
    seeds: int,
    code: str,
    command: str,
    day: datetime.date,
    searches: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Return the page as Markdown; ``searches`` has the reports of those for other ensembles."""
    usual = found[f"structure: {STANDARD}"]
    who = "the defaults alone, because no ensemble is shipped yet" if ensemble is None else f"{usual.members} members"
    over = "seeds" if usual.members == 1 else "members, each by the mean over its seeds"
    text = [
        "# What survives",
        f"Written on {day.isoformat()} by `{command}` with code {code}, commit {commit() or 'unknown'}: {who}, {seeds} "
        f"{'seed' if seeds == 1 else 'seeds'} of its own each, every run with its twin without the shock. Intervals "
        f"are of 95 %, over {over}.",
        "An answer *survives* if as before most runs pop, or do not, without the shock, if the most frequent verdict "
        "on the shock is the same, and if the intervals of its share of the fall of rents overlap. Nothing is matched "
        "again: the members are those that pass with the standard structure.",
        "## Other structures",
        table(HEADING, rows(found, "structure", {name: f"{name}: {ALTERNATIVES[name]}" for name in ALTERNATIVES})),
        "## Other ranges, and another criterion",
        ranges(found, ensemble, searches or {}),
        "## Other definitions of the pop",
        "The same runs; the fall of rents does not depend on it.",
        table(HEADING, rows(found, "pop", {})),
    ]
    return "\n\n".join(text) + "\n"


def rows(found: Mapping[str, Answer], part: str, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the rows of one part of the page."""
    usual, usual_name = found[f"structure: {STANDARD}"], {"structure": STANDARD, "pop": MAIN}.get(part)
    chosen = {key.partition(": ")[2]: one for key, one in found.items() if key.startswith(f"{part}: ")}
    return [row(names.get(name, name), one, None if name == usual_name else usual) for name, one in chosen.items()]


def ranges(found: Mapping[str, Answer], ensemble: Ensemble | None, searches: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table of other ranges, and say how they were searched, what is missing from it and why."""
    parts = []
    if ensemble is not None:
        parts.append(
            "Members by their distance from the middle of all ranges (root mean square over parameters, half of the "
            "members each), and ensembles that were matched in other ranges or judged by another criterion."
        )
    if any(name.startswith("ranges: ") for name in found):
        parts.append(table(HEADING, rows(found, "ranges", OTHERS)))
    told = [
        f"{name}, {report['passed']} of {report['judged']} points that were judged passed, after {report['runs']:,} "
        f"runs, with a memory of {report['memory']:.2f}"
        for name, report in searches.items()
        if f"ranges: {name}" in found
    ]
    if told:
        parts.append(
            f"How they were found, with [memory](how-to/calibrate.md#how-it-looks) as there: {'; '.join(told)}."
        )
    for name, report in searches.items():
        if f"ranges: {name}" in found:
            continue
        parts.append(
            f"In ranges of {name} the width no economy was found that meets all facts: after {report['runs']:,} runs "
            f"the points of the search were implausible by up to {report['threshold']:.2f}, where 3 is allowed, and "
            f"fewer than two of {report['judged']} passed."
        )
    for name in WIDTHS:
        if f"ranges: {name}" not in found and name not in searches:
            parts.append(
                f"Ranges of {name} the width are left out: {WHY[name]}. They need a search of their own: `python -m "
                f"bubble_abm.paper.robustness --ranges {name} --out {name}.toml`, `bubble-abm calibrate --ranges "
                f"{name}.toml --out out/{name}`, and then this page with `--other {name}=out/{name}/ensemble.parquet`."
            )
    return "\n\n".join(parts)


def lines(found: Mapping[str, Answer]) -> list[str]:
    """Return the numbers as lines of CSV."""
    heading = ["part", "name", "runs", "members", "popped_without", "low", "high", *KINDS]
    for window in ("peak_to_mid_2025", "eve_to_mid_2025"):
        heading += [f"share_{window}", f"share_{window}_low", f"share_{window}_high"]
    made = [heading]
    for key, one in found.items():
        part, _, name = key.partition(": ")
        numbers = [one.popped_without.value, one.popped_without.low, one.popped_without.high]
        numbers += [one.kinds.get(kind, 0.0) for kind in KINDS]
        for share in one.shares:
            numbers += [None] * 3 if share is None else [share.value, share.low, share.high]
        texts = ["" if number is None else f"{number:.6g}" for number in numbers]
        made.append([part, f'"{name}"', str(one.runs), str(one.members), *texts])
    return [",".join(line) for line in made]


def run(
    names: Sequence[str], ensemble: Ensemble | None, seeds: int, members: int | None, workers: int | None
) -> pd.DataFrame:
    """Run some alternatives in memory."""
    from bubble_abm.study.batch import run_in_memory

    plan = robustness(names, ensemble, seeds=seeds, members=members)
    return with_members(plan, run_in_memory(plan, workers=workers))


def read_result(folder: Path, ensemble: Ensemble | None) -> tuple[pd.DataFrame, int]:
    """Return the runs of a finished experiment on this ensemble, and the number of seeds of a member.

    Raises
    ------
    InvalidInput
        If there is none, or it is of other economies.
    """
    from bubble_abm.study.batch import read
    from bubble_abm.study.provenance import experiment_in

    plan = experiment_in(folder)
    known = dict(plan.economies)
    if STANDARD not in plan.scenarios or known != economies(ensemble):
        raise InvalidInput(f"result = {folder}: is of other economies: run bubble-abm experiment e15 --overwrite")
    return with_members(plan, read(folder)), plan.seeds // len(known)


def with_members(plan: Experiment, runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs with the number of the member of each."""
    return runs.assign(member=member_of(plan, runs))


def save_ranges(name: str, path: Path) -> None:
    """Write the ranges of another width as a file for ``bubble-abm calibrate --ranges``."""
    made = ranges_times(WIDTHS[checked_name("ranges", name, WIDTHS)])
    text = "".join(
        f'{one} = {{ low = {about["low"]!r}, high = {about["high"]!r}, scale = "{about["scale"]}" }}\n'
        for one, about in made.items()
    )
    save_text(path, f"[ranges]\n{text}")


def named(texts: Sequence[str]) -> tuple[dict[str, Ensemble], dict[str, dict[str, Any]]]:
    """Read ensembles, given as ``name=FILE``, and the reports of searches that found none, as ``name=FOLDER``."""
    found, empty = {}, {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not (equals and path):
            raise InvalidInput(f"other = {json.dumps(text)}: give a name and a file, as in half=FILE")
        checked_name("other", name, OTHERS)
        if Path(path).is_dir() and not (Path(path) / ENSEMBLE).exists():
            empty[name] = read_report(Path(path))
        else:
            found[name] = Ensemble.load(Path(path) / ENSEMBLE if Path(path).is_dir() else path)
    return found, empty


def read_report(folder: Path) -> dict[str, Any]:
    """Read the report of a finished search."""
    try:
        report = read_json(folder / REPORT)
        return {name: report[name] for name in ("runs", "judged", "threshold")}
    except (OSError, ValueError, KeyError, TypeError):
        raise InvalidInput(f"other = {folder}: holds no finished search, give the folder of one") from None


def main(arguments: Sequence[str]) -> int:
    """Write the page, or say in one line why not."""
    parser = argparse.ArgumentParser(prog="python -m bubble_abm.paper.robustness", description=__doc__)
    parser.add_argument("--ensemble", type=Path, help="ensemble; by default the one that is shipped, else the defaults")
    parser.add_argument(
        "--other", action="append", default=[], help="half=FILE, or FOLDER of a search: found otherwise"
    )
    parser.add_argument("--ranges", help="write only a file of ranges of this width, to --out: half or double")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page")
    parser.add_argument("--csv", type=Path, default=NUMBERS, help="its numbers")
    parser.add_argument("--result", type=Path, help="finished result of e15_robustness, instead of running the members")
    parser.add_argument("--only", help="alternatives, separated by commas; by default all")
    parser.add_argument("--members", type=int, help="the first so many members only")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds of every member")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args(arguments)
    try:
        if given.ranges is not None:
            save_ranges(given.ranges, given.out)
            print(f"written: {given.out}")
            return 0
        ensemble, (others, empty) = given_or_shipped(given.ensemble), named(given.other)
        chosen = (
            [STANDARD, *(name for name in given.only.split(",") if name != STANDARD)] if given.only else ALTERNATIVES
        )
        names = [checked_name("alternative", name, ALTERNATIVES) for name in chosen]
        how = (given.seeds, given.members, given.workers)
        runs, seeds = (
            (run(names, ensemble, *how), given.seeds) if given.result is None else read_result(given.result, ensemble)
        )
        found = answers(runs, ensemble, {name: run([STANDARD], one, *how) for name, one in others.items()})
        command = f"{parser.prog} {shlex.join(arguments)}".strip()
        code = code_of(robustness([STANDARD], ensemble, members=1).model)
        text = page(
            found,
            ensemble,
            seeds,
            code,
            command,
            datetime.date.today(),
            empty | {name: one.origin for name, one in others.items()},
        )
        save_text(given.csv, "\n".join(lines(found)) + "\n")
        save_text(given.out, text)
    except InvalidInput as error:
        print(f"robustness: {error}", file=sys.stderr)
        return 2
    print(f"written: {given.out}, {given.csv}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
