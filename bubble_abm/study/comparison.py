"""Compares scenarios over the same seeds: outcomes side by side, and paired differences from the first of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bubble_abm.economy.declare import InvalidInput, shown, unknown_name
from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.economy.shocks import Change, Shock
from bubble_abm.engine.rules import check_trusted
from bubble_abm.engine.scenario import Scenario, read_scenario
from bubble_abm.observe.outcomes import STANDARD as STANDARD_OUTCOMES
from bubble_abm.observe.outcomes import check_in_every_run, check_outcomes, unit
from bubble_abm.observe.seeds import mean
from bubble_abm.study.atomic_writing import complete_folder, write_json
from bubble_abm.study.batch import execute_in_memory
from bubble_abm.study.experiment import ECONOMY
from bubble_abm.study.manifest import add, files_in
from bubble_abm.study.provenance import RUN, code_of, experiment_in, load, origin
from bubble_abm.study.run_folder import check_folder
from bubble_abm.study.scenario_run import experiment_of, scenario_of

COMPARISON = "comparison.json"
FEWEST, MOST = 2, 8  # scenarios: no more colours than these can be told apart
STANDARD_SEEDS = 40
#: Measures of every month that are kept for the picture.
SHOWN = (
    "rent_per_server", "gpu_price", "idle_share_new", "projects_building", "projects_announced", "startups_pretraining",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Scenarios that were run over the same seeds.

    Attributes
    ----------
    scenarios : tuple of Scenario
        What was run; titles are names.
    outcomes : tuple of ndarray of shape (seeds, outcomes)
        Outcomes of each scenario and seed.
    names : tuple of str
        Names of the outcomes.
    series : tuple of mapping of str to ndarray of shape (seeds, months)
        Months of each scenario, for the measures of the picture.
    """

    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]
    outcomes: tuple[np.ndarray, ...]
    series: tuple[Mapping[str, np.ndarray], ...]

    def table(self) -> pd.DataFrame:
        """Outcomes of every scenario, and what they differ by from the first, under the same luck.

        Returns
        -------
        DataFrame
            One row for each outcome and scenario: its mean over seeds, the mean of the differences, and 95 % intervals
            of both (Student's t over seeds), in the unit of the outcome.
        """
        rows = []
        for place, name in enumerate(self.names):
            for scenario, found in zip(self.scenarios, self.outcomes, strict=True):
                own = mean(found[:, place])
                apart = mean(found[:, place] - self.outcomes[0][:, place])
                first = scenario is self.scenarios[0]
                rows.append({
                    "outcome": name, "unit": unit(name), "scenario": scenario.title, "seeds": own.seeds,
                    "mean": own.value, "low": own.low, "high": own.high,
                    "difference": None if first else apart.value,
                    "difference_low": None if first else apart.low,
                    "difference_high": None if first else apart.high,
                })  # fmt: skip
        return pd.DataFrame(rows).astype({name: float for name in ("low", "high", *DIFFERENCE)})


DIFFERENCE = ("difference", "difference_low", "difference_high")


# --- What is compared -----------------------------------------------------------------------------------------------


def scenario_named(text: str, presets: Mapping[str, Scenario], *, trust_code: bool = False) -> Scenario:
    """Return the scenario of a file, of a kept run, or of a preset, with its name as title.

    Parameters
    ----------
    text : str
        A scenario file, the folder of a result of ``bubble-abm run``, or the name of a preset.
    presets : mapping of str to Scenario
        Presets by name.
    trust_code : bool
        Whether the file or run may name rules, which are imported and run.

    Raises
    ------
    InvalidInput
        If it is none of the three; a preset whose name is similar is suggested. Likewise if it names code that is not
        trusted.
    """
    if text in presets:
        return replace(presets[text], title=text)
    path = Path(text)
    if path.suffix == ".toml":
        arguments = read_scenario(path)
        scenario = Scenario(**arguments)
        check_trusted(f"scenario {path}", scenario.named_rules, trust_code)
        return replace(scenario, title=arguments.get("title") or path.stem)
    if os.path.isdir(path):
        if not os.path.exists(path / RUN):
            raise InvalidInput(
                f"compare {shown(text)}: a folder without {RUN}: give that of a result of bubble-abm run"
            )
        load(path, RUN)
        scenario = scenario_of(experiment_in(path, RUN))
        check_trusted(f"result = {path}", scenario.named_rules, trust_code)
        return replace(scenario, title=scenario.title or path.name)
    hint = unknown_name("scenario", text, presets)
    raise InvalidInput(
        f"{hint.removesuffix('?')}? Or give a scenario file that ends in .toml, or the folder of a kept run"
    )


def comparable(scenarios: Sequence[Scenario], months: int | None, seed: int, seeds: int) -> tuple[Scenario, ...]:
    """Return scenarios with the same seeds and months, or refuse them.

    Raises
    ------
    InvalidInput
        If there are too few or too many, two have the same name, or their lengths differ and ``months`` is not given.
    """
    if not FEWEST <= len(scenarios) <= MOST:
        raise InvalidInput(f"compare: {len(scenarios)} scenarios, give from {FEWEST} to {MOST}")
    titles = [scenario.title for scenario in scenarios]
    for place, title in enumerate(titles):
        if title in titles[:place]:
            raise InvalidInput(f"compare: two scenarios are named {shown(title)}: give one of them another title")
    lengths = {scenario.months for scenario in scenarios}
    if months is None and len(lengths) > 1:
        raise InvalidInput(f"compare: scenarios of {min(lengths)} to {max(lengths)} months: say how many with --months")
    length = months if months is not None else next(iter(lengths))
    return tuple(replace(scenario, months=length, seed=seed, seeds=seeds) for scenario in scenarios)


def compare_scenarios(
    scenarios: Sequence[Scenario],
    *,
    outcomes: Sequence[str] = STANDARD_OUTCOMES,
    months: int | None = None,
    seed: int = 1,
    seeds: int = STANDARD_SEEDS,
    **options: Any,
) -> Comparison:
    """Run scenarios over the same seeds and keep their outcomes and the months of a picture.

    Parameters
    ----------
    scenarios : sequence of Scenario
        From 2 to 8, each with another title. They may differ in parameters, shocks, changes and rules; the first is
        what the others are compared with.
    outcomes : sequence of str
        Outcomes that every run has, or ``measure@month``.
    months : int, optional
        Length of the runs; by default that of the scenarios, which must be the same.
    seed, seeds : int
        First seed, and how many in a row.
    **options
        ``workers``, ``executor``, ``scheduler``, ``progress``: see :func:`bubble_abm.study.batch.execute`.

    Returns
    -------
    Comparison
        Outcomes by scenario and seed.

    Raises
    ------
    InvalidInput
        If scenarios cannot be compared, or an outcome is not valid.
    RunFailed
        If a run ends in an error.

    Examples
    --------
    >>> both = [Scenario(title="as it was"), Scenario(title="no shock", shocks=())]
    >>> both = compare_scenarios(both, outcomes=["announced"], months=6, seeds=2)
    >>> both.table()["difference"].tolist()
    [nan, 0.0]
    """
    asked = comparable(scenarios, months, seed, seeds)
    names = tuple(outcomes)
    check_outcomes(names, asked[0].months, twins=False)
    check_in_every_run(names)
    found, series = [], []
    for scenario in asked:
        plan = replace(experiment_of(scenario), twins=False, outcomes=names, series=SHOWN)
        chunks = execute_in_memory(plan, **options)
        found.append(np.column_stack([np.concatenate([part.columns[name] for part in chunks]) for name in names]))
        months_of = [part.series or {} for part in chunks]
        shape = (seeds, asked[0].months)
        series.append({name: np.concatenate([part[name] for part in months_of]).reshape(shape) for name in SHOWN})
    return Comparison(asked, names, tuple(found), tuple(series))


# --- In words -------------------------------------------------------------------------------------------------------


def what_differs(scenario: Scenario, first: Scenario | None = None) -> str:
    """Say in which parameters, shocks, changes and rules a scenario differs from another one, or from the standard one.

    Examples
    --------
    >>> what_differs(Scenario(values={"herding": 2.0}, shocks=()))
    'herding = 2, no shock'
    """
    base = Scenario() if first is None else first
    said = []
    for name in DECLARED:
        value = getattr(scenario.parameters, name)
        if value != getattr(base.parameters, name):
            said.append(f"{name} = {value:g}")
    if scenario.shocks != base.shocks:
        said += [shock_in_words(scenario)]
    if scenario.changes != base.changes:
        said += [change_in_words(change) for change in scenario.changes] or ["without the changes"]
    if scenario.rules != base.rules:
        said += [f"{name} by {place}" for name, place in scenario.rules.items()] or ["the standard rules"]
    return ", ".join(said) or ("the standard parameters" if first is None else "the same")


def shock_in_words(scenario: Scenario) -> str:
    """Say which releases a scenario lists."""
    if scenario.shocks is None:
        return "the shock of its parameters"
    shocks = [shock for shock in scenario.shocks if isinstance(shock, Shock)]
    return " and ".join(f"a release of {shock.efficiency:g} in {label(shock.month)}" for shock in shocks) or "no shock"


def change_in_words(change: Change) -> str:
    """Say what changes, and when."""
    until = "" if change.until is None else f" until {label(change.until)}"
    return f"{change.parameter} = {change.value:g} from {label(change.month)}{until}"


# --- The folder -----------------------------------------------------------------------------------------------------


def write_comparison(
    folder: Path, comparison: Comparison, *, overwrite: bool, draw: Callable[[Path, Comparison], None]
) -> None:
    """Write ``comparison.csv``, ``comparison.png`` and what is needed to make them again, all or none.

    Parameters
    ----------
    folder : Path
        Folder for the result.
    comparison : Comparison
        What was compared.
    overwrite : bool
        Replace an earlier comparison.
    draw : callable
        Writes the picture, as :func:`bubble_abm.paper.comparison.save_comparison` does.
    """
    check_folder(folder, overwrite, COMPARISON)
    with complete_folder(folder, overwrite) as staging:
        comparison.table().to_csv(staging / "comparison.csv", index=False)
        draw(staging / "comparison.png", comparison)
        write_json(staging / COMPARISON, provenance(comparison))
        add(staging, *files_in(staging))


def provenance(comparison: Comparison) -> dict[str, Any]:
    """Return what the comparison depends on: code, versions, and every scenario in full."""
    about = origin(experiment_of(comparison.scenarios[0]))
    named = {pair: None for scenario in comparison.scenarios for pair in scenario.named_rules}
    about["code"] = code_of(ECONOMY, tuple(named))
    return {
        **{name: about[name] for name in ("model", "code", "versions", "processor", "commit")},
        "seeds": [comparison.scenarios[0].seed, comparison.scenarios[0].seeds],
        "months": comparison.scenarios[0].months,
        "scenarios": [
            {
                "title": scenario.title,
                "differs": what_differs(scenario),
                "values": dict(scenario.values or {}),
                **({"rules": dict(scenario.rules)} if scenario.rules else {}),
                "events": [{"kind": type(event).__name__} | asdict(event) for event in scenario.events],
            }
            for scenario in comparison.scenarios
        ],
    }


__all__ = [
    "COMPARISON", "Comparison", "compare_scenarios", "scenario_named",
    "what_differs", "write_comparison",
]  # fmt: skip
