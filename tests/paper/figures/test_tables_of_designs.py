"""Tables and drawings of figures 4 to 7 are what a result says that is made up here, with no number twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from bubble_abm.observe.verdict import AVERTED, CAUSED, DELAYED, ENDOGENOUS, HASTENED, SURVIVED, UNDECIDED
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.experiment import Experiment
from tests.paper.figures.readings import Plan, drawn, panel, written


class Made(Plan):
    """A result that is made up: its runs, and the tables of its analysis."""

    def __init__(self, experiment: Experiment, runs: pd.DataFrame | None = None, **tables: pd.DataFrame) -> None:
        super().__init__(experiment)
        self.runs, self.tables = runs, tables

    def analysis(self, name: str) -> pd.DataFrame:
        return self.tables[name]


# --- Figure 4 -------------------------------------------------------------------------------------------------------

MONTHS, EFFICIENCY, OPENNESS, SEEDS = (16, 24), (1, 4, 12), (0, 0.6), 7
LETTERS = {
    CAUSED: "C", HASTENED: "H", UNDECIDED: "U", ENDOGENOUS: "E", DELAYED: "D", SURVIVED: "S", AVERTED: "A"
}  # fmt: skip


def surface() -> Made:
    """Runs of a small surface, with a leading verdict in every cell that differs from its neighbours'."""
    levers = {"shock_month": MONTHS, "shock_efficiency": EFFICIENCY, "shock_openness": OPENNESS}
    plan = replace(find("e02_shock_surface"), levers=levers, seeds=SEEDS)
    luck = np.random.default_rng(5)
    lines = []
    for place, point in enumerate(product(plan.scenarios, MONTHS, EFFICIENCY, OPENNESS)):
        lead = list(LETTERS)[(5 * place + place // 7) % 7]
        other = list(LETTERS)[(place + 2) % 7]
        verdicts = [lead] * (4 + place % 3) + [other] * (3 - place % 3)
        for verdict in verdicts:
            effects = {"idle_share_effect": luck.normal(), "pop_month_effect": luck.normal(1.0)}
            effects["popped"] = luck.random() < 0.1 + 0.2 * (place % 5)
            lines.append(dict(zip(("scenario", *levers), point, strict=True)) | {"verdict": verdict} | effects)
    return Made(plan, pd.DataFrame(lines))


def letter_counts(runs: pd.DataFrame) -> dict[str, int]:
    counts = dict.fromkeys("CHUEDSA", 0)
    for verdict in runs["verdict"]:
        counts[LETTERS[verdict]] += 1
    return counts


def test_figure_4_shows_what_became_of_the_bubbles_in_every_cell() -> None:
    made = surface()
    tables, picture = drawn(4, made)
    table = tables["surface"].set_index(["scenario", "shock_month", "shock_efficiency", "shock_openness"])
    columns = {"C": "caused by the shock", "H": "hastened by it", "U": "undecided by date", "E": "endogenous",
               "D": "delayed by it", "S": "survived", "A": "averted by it"}  # fmt: skip
    panels = [axes for axes in picture.axes if axes.get_label() != "<colorbar>"]
    for axes, (world, month) in zip(panels, product(made.experiment.scenarios, MONTHS), strict=True):
        shades = axes.collections[0].get_array().reshape(len(OPENNESS), len(EFFICIENCY))
        (unsure,) = [line for line in axes.get_lines() if line.get_gid() == "unsure"]
        dotted = {tuple(place) for place in unsure.get_xydata()}
        assert [label.get_text() for label in axes.get_xticklabels()] in (["1", "4", "12"], [])
        for (row, openness), (column, efficiency) in product(enumerate(OPENNESS), enumerate(EFFICIENCY)):
            point = {"scenario": world, "shock_month": month, "shock_efficiency": efficiency,
                     "shock_openness": openness}  # fmt: skip
            runs = made.runs[(made.runs[list(point)] == pd.Series(point)).all(axis=1)]
            counts, line = letter_counts(runs), table.loc[tuple(point.values())]
            assert line["n"] == len(runs) == SEEDS
            assert {letter: line[name] for letter, name in columns.items()} == pytest.approx(
                {letter: count / SEEDS for letter, count in counts.items()}
            )
            for effect in ("idle_share_effect", "pop_month_effect"):
                assert line[f"{effect}_mean"] == pytest.approx(runs[effect].mean())
                interval = ttest_1samp(runs[effect], 0.0).confidence_interval(0.95)
                assert tuple(line[[f"{effect}_low", f"{effect}_high"]]) == pytest.approx(tuple(interval))
            assert line["popped"] == pytest.approx(runs["popped"].mean())
            assert shades[row, column] == pytest.approx(runs["pop_month_effect"].mean())
            low, high = ttest_1samp(runs["pop_month_effect"], 0.0).confidence_interval(0.95)
            assert ((column + 0.5, row + 0.5) in dotted) == (low <= 0.0 <= high)


# --- Figures 5 and 6 ------------------------------------------------------------------------------------------------

OUTCOMES = {  # panel: outcome
    "pop": "popped", "month of the pop": "pop_month", "effect on that month": "pop_month_effect",
    "effect on idleness": "idle_share_effect",
}  # fmt: skip
OTHER = "rent_end"  # in the analysis, not in the figure


def made_up(factors: tuple[str, ...], indices: tuple[str, ...], seed: int) -> pd.DataFrame:
    """Indices of all outcomes with their intervals, no number twice."""
    luck = np.random.default_rng(seed)
    lines = []
    for outcome, index, factor in product((*OUTCOMES.values(), OTHER), indices, (*factors, "dummy")):
        value = 0.001 if factor == "dummy" else luck.uniform(0.05, 0.6)
        low, high = value - luck.uniform(0.0001, 0.02), value + luck.uniform(0.0001, 0.02)
        names = {"outcome": outcome, "factor": factor, "factor_2": "", "index": index}
        lines.append(names | {"value": value, "low": low, "high": high})
    return pd.DataFrame(lines)


def quality(rows: int) -> pd.DataFrame:
    names = [*OUTCOMES.values(), OTHER]
    about = {"rows": rows, "seeds": 5, "variance": 2.0, "noise_share": 0.1, "verdict": "narrow", "constant": False}
    settled = [True, False, True, True, False]
    return pd.DataFrame({"outcome": names, "screening_settled": settled, "indices_settled": settled} | about)


def bars_of(axes: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Widths of the bars of this name, from top to bottom, and the ends of their whiskers."""
    from matplotlib.collections import LineCollection

    place = [bars.get_label() for bars in axes.containers if hasattr(bars, "patches")].index(name)
    bars = [bars for bars in axes.containers if hasattr(bars, "patches")][place]
    whiskers = [lines for lines in axes.collections if isinstance(lines, LineCollection)][place]
    ends = np.array([[segment[0][0], segment[1][0]] for segment in whiskers.get_segments()])
    return np.array([bar.get_width() for bar in bars]), ends


def check_bars(axes: Any, name: str, table: pd.DataFrame, order: list[str]) -> None:
    widths, ends = bars_of(axes, name)
    mine = table.set_index("factor").loc[order]
    assert widths == pytest.approx(mine["value"].to_numpy()), name
    reach = np.array([mine["low"], mine["high"]]).T
    assert ends == pytest.approx(reach), name


TOTALS = ("ST_luck_free", "S1_luck_free", "ST", "S1")
FACTORS = ("herding", "leverage", "hurdle", "rent_adjustment", "contract_length")


def test_figure_5_shows_the_indices_of_each_outcome() -> None:
    screened, shares = made_up(FACTORS, ("mu_star", "sigma", "rms_luck_free"), 1), made_up(FACTORS, TOTALS, 2)
    morris = Made(find("e05_morris"), indices=screened, quality=quality(1_100))
    sobol = Made(find("e06_sobol"), indices=shares, quality=quality(2_200))
    tables, picture = drawn(5, morris, sobol)
    for name, table in (("morris", screened), ("sobol", shares)):
        kept = table[table["outcome"] != OTHER].reset_index(drop=True)
        pd.testing.assert_frame_equal(tables[name], kept)
    assert (
        list(tables["morris_quality"]["rows"]) == [1_100] * 4 and list(tables["sobol_quality"]["rows"]) == [2_200] * 4
    )
    totals = (
        shares[(shares["index"] == "ST_luck_free") & (shares["outcome"] != OTHER)].groupby("factor")["value"].mean()
    )
    order = list(totals.sort_values(ascending=False).index)
    for column, (title, outcome) in enumerate(OUTCOMES.items()):
        plane, axes = panel(picture, title), picture.axes[4 + column]
        if column == 0:
            assert [label.get_text().replace(" ", "_") for label in axes.get_yticklabels()] == order
        for index, name in (("ST_luck_free", "total"), ("S1_luck_free", "first order")):
            mine = shares[(shares["outcome"] == outcome) & (shares["index"] == index)]
            check_bars(axes, name, mine, order)
        mine = screened[screened["outcome"] == outcome].pivot_table(index="factor", columns="index", values="value")
        points = {tuple(np.round(line.get_xydata()[0], 9)) for line in plane.get_lines() if len(line.get_xydata()) == 1}
        assert points == {tuple(np.round(pair, 9)) for pair in mine[["mu_star", "sigma"]].to_numpy()}


def test_figure_6_shows_the_shares_of_groups_without_luck() -> None:
    groups = find("e09_groups").sampling.groups
    grouped = made_up(tuple(groups), TOTALS, 3)
    players = made_up(tuple(groups), ("shapley", "shapley_luck_free"), 4)
    _, picture = drawn(
        6,
        Made(find("e09_groups"), indices=grouped, quality=quality(900)),
        Made(find("e10_shapley"), indices=players, quality=quality(800)),
    )
    (axes,) = picture.axes
    bars = {patch.get_gid(): patch for container in axes.containers for patch in container.patches}
    diamonds = {line.get_gid(): line.get_xdata()[0] for line in axes.get_lines()}
    shares = players[players["index"] == "shapley_luck_free"].set_index(["outcome", "factor"])["value"]
    alone = grouped[(grouped["index"] == "S1_luck_free") & (grouped["factor"] != "dummy")]
    order = sorted(groups, key=lambda name: -shares.loc[list(OUTCOMES.values()), name].mean())
    assert [label.get_text() for label in axes.get_yticklabels()] == list(OUTCOMES)
    for outcome in OUTCOMES.values():
        end = 0.0
        for name in order:
            bar = bars[f"{outcome} {name}"]
            assert bar.get_width() == pytest.approx(shares[outcome, name]) and bar.get_x() == pytest.approx(end)
            end += bar.get_width()
        total = alone[alone["outcome"] == outcome]["value"].sum()
        assert diamonds[f"{outcome} alone"] == pytest.approx(total)
    fills = {(bar.get_facecolor(), bar.get_hatch()) for bar in bars.values()}
    assert len(fills) == len(groups)


# --- Figure 7 -------------------------------------------------------------------------------------------------------


def test_figure_7_shows_the_limits_of_the_boxes_in_their_units() -> None:
    plan = find("e07_scenario_discovery")
    limits = {  # class: factor and its limits
        CAUSED: {"herding": (1.25, np.nan), "leverage": (0.45, 0.55)},
        ENDOGENOUS: {"hurdle": (np.nan, 1.15)},
        SURVIVED: {"inference_trend": (0.061, np.nan)},
    }
    shared = {"method": "PRIM", "box": 1, "mass": 0.2, "quasi_p": 0.01, "lift": 2.0, "refound": 1.0, "cases": 600}
    boxes, steps = [], []
    for place, (name, factors) in enumerate(limits.items()):
        found = {"coverage": 0.31 + place / 10, "density": 0.52 + place / 10, "coverage_out": 0.29 + place / 10,
                 "density_out": 0.47 + place / 10, "base_rate": 0.11 + place / 10}  # fmt: skip
        for factor, (low, high) in factors.items():
            boxes.append({"class": name, "factor": factor, "low": low, "high": high} | shared | found)
        for step in range(4):
            steps.append({"class": name, "step": step, "coverage": 1.0 - step / (7 + place), "mass": 0.5,
                          "density": 0.1 + step / (6 + place), "restricted": 1, "box": 1, "chosen": False})  # fmt: skip
    made = Made(plan, boxes=pd.DataFrame(boxes), trajectory=pd.DataFrame(steps), notes=pd.DataFrame())
    tables, picture = drawn(7, made)
    pd.testing.assert_frame_equal(tables["boxes"], pd.DataFrame(boxes))
    ranges = {one.name: one for one in plan.uncertain}
    for name, factors in limits.items():
        (left,) = [axes for axes in picture.axes if axes.get_title(loc="left").startswith(f"{name} (")]
        right = picture.axes[picture.axes.index(left) + 1]
        bars = [patch for patch in left.patches if patch.get_height() < 0.75]
        for bar, (factor, (low, high)) in zip(bars, factors.items(), strict=True):
            whole = ranges[factor]
            change = np.log if whole.scale == "log" else float
            first, last = change(whole.low), change(whole.high)
            ends = [first if np.isnan(low) else change(low), last if np.isnan(high) else change(high)]
            shown = [bar.get_x(), bar.get_x() + bar.get_width()]
            assert shown == pytest.approx([(end - first) / (last - first) for end in ends])
            for limit in (low, high):
                assert np.isnan(limit) or f"{limit:.3g}" in written(left)
        place = list(limits).index(name)
        assert f"(base rate {0.11 + place / 10:.0%})" in left.get_title(loc="left")
        (path,) = [line for line in right.get_lines() if len(line.get_xdata()) == 4]
        mine = pd.DataFrame(steps).query("`class` == @name")
        assert path.get_xdata() == pytest.approx(mine["coverage"]) and path.get_ydata() == pytest.approx(
            mine["density"]
        )
