"""Tables and drawings of figures 1 to 3 and 8 to 12 are what three runs and their twins say, read off them directly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from scipy.stats import ttest_1samp

from bubble_abm import Twin, twin
from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.observe.facts import facts
from bubble_abm.observe.verdict import pop
from bubble_abm.study.batch import execute
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.ensemble import Ensemble
from bubble_abm.study.experiment_result import ExperimentResult
from tests.paper.figures.readings import REACH, boxes, curves, drawn, edges, figure, marks, panel, scale, written

SEEDS, MONTHS = (1, 2, 3), STANDARD_MONTHS


@pytest.fixture(scope="module")
def pairs() -> list[Twin]:
    """The runs that the figures are about, each with its twin."""
    return [twin(seed=seed, months=MONTHS) for seed in SEEDS]


SCENARIOS = {"standard": {}, "no herding": {"herding": 0}, "no fire sales": {"fire_sale_speed": 0}}
POLICIES = {"standard": {}, "no subsidy": {"maximum_subsidy": 0}, "liquidation": {"take_over_probability": 0}}
CHANGED = {"e03_ablations": {"scenarios": SCENARIOS}, "e04_policies": {"scenarios": POLICIES}}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[dict[str, Any], Any]]:
    """Tables and drawing of a figure, made from the same runs as an experiment leaves them."""

    @cache
    def finished(name: str) -> ExperimentResult:
        folder = tmp_path_factory.mktemp(name) / "result"
        execute(replace(find(name), seeds=len(SEEDS), **CHANGED.get(name, {})), folder, workers=1)
        return ExperimentResult(folder)

    @cache
    def draw(number: int) -> tuple[dict[str, Any], Any]:
        return drawn(number, *(finished(name) for name in figure(number).experiments))

    return draw


def levels(pairs: list[Twin], measure: str, shock: bool = True) -> np.ndarray:
    """A measure of all runs, or of their twins: one row a seed, one column a month."""
    runs = [pair.with_shock if shock else pair.without_shock for pair in pairs]
    return np.stack([run.series[measure].to_numpy() for run in runs])


def first_month_with_sites(pairs: list[Twin]) -> int:
    every = np.minimum(levels(pairs, "projects_completed"), levels(pairs, "projects_completed", shock=False))
    return int(np.argmax(every.min(axis=0) > 0))


def check_fan(table: pd.DataFrame, values: np.ndarray, first: int = 0) -> None:
    """A table of a fan holds the quantiles over seeds of these values, month by month."""
    months = range(first, MONTHS)
    assert list(table["month"]) == list(months)
    assert (table["n"] == len(SEEDS)).all()
    for name, share in {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}.items():
        assert table[name].to_numpy() == pytest.approx(np.quantile(values[:, first:], share, axis=0), **REACH), name


def check_curve(curve: tuple[np.ndarray, np.ndarray], values: np.ndarray, unit: str, first: int = 0) -> None:
    """A curve shows these values, in the unit that its axis names, month by month."""
    assert list(curve[0]) == list(range(first, MONTHS))
    assert scale(unit) * curve[1] == pytest.approx(values[first:], **REACH)


def check_facts(axes: Any, numbers: tuple[str, ...], unit: str) -> None:
    """The boxes of an axes are the ranges and windows of these facts."""
    known = {fact.id: fact for fact in facts()}
    expected = [(known[name].first - 0.5, known[name].last + 0.5, known[name].low, known[name].high)
                for name in numbers]  # fmt: skip
    found = [(left, right, scale(unit) * low, scale(unit) * high) for left, right, low, high in boxes(axes)]
    assert found == [pytest.approx(one) for one in expected]


# --- Figure 1 -------------------------------------------------------------------------------------------------------


def total_flows(pairs: list[Twin]) -> pd.DataFrame:
    """What each sector paid and received of each flow, month by month [billion CNY], mean over seeds."""
    tables = [pair.with_shock.flows / 1e9 for pair in pairs]
    parts = {"paid": lambda table: -table.clip(upper=0), "received": lambda table: table.clip(lower=0)}
    found = pd.concat(
        {name: sum(part(table).groupby("flow").sum() for table in tables) / len(tables) for name, part in parts.items()}
    ).sort_index()
    for one, other in (("paid", "received"), ("received", "paid")):  # dividends all go through the households' account
        others = found.loc[(other, "dividends")].drop("households").sum()
        found.loc[(one, "dividends"), "households"] = others
    return found


def test_figure_1_shows_who_paid_whom_how_much(pairs: list[Twin], shown: Any) -> None:
    tables, picture = shown(1)
    found, flows = tables["edges"], total_flows(pairs)
    assert (found["n"] == len(SEEDS)).all()
    for flow in FLOWS:
        mine = found[found["flow"] == flow]
        for side, name in (("payer", "paid"), ("payee", "received")):
            sums = mine.groupby(side)["billion_cny"].sum().reindex(list(SECTORS), fill_value=0.0)
            assert sums.to_numpy() == pytest.approx(flows.loc[(name, flow), list(SECTORS)].to_numpy(), rel=1e-9), flow
    one = found.set_index(["payer", "payee", "flow"])["billion_cny"]
    assert one["startups", "operators", "rent"] == pytest.approx(flows.loc[("paid", "rent"), "startups"])
    assert one["bank", "operators", "new_loans"] == pytest.approx(flows.loc[("received", "new_loans"), "operators"])
    assert one["operators", "suppliers", "power"] == pytest.approx(flows.loc[("paid", "power"), "operators"])
    assert ("operators", "bank", "new_loans") not in one.index
    links = tables["links"].set_index(["source", "target"])
    assert links.loc[("bank", "data centres"), "mean"] / 1e9 == pytest.approx(flows.loc[("paid", "new_loans"), "bank"])
    assert links.loc[("startups", "data centres"), "mean"] / 1e9 == pytest.approx(
        one["startups", "operators", "rent"] + one.get(("startups", "operators", "penalties"), 0.0)
    )
    loans = np.abs(per_seed(pairs, "flows", "new_loans", "operators")).sum(axis=1)
    interval = ttest_1samp(loans, 0.0).confidence_interval(0.95)
    assert tuple(links.loc[("bank", "data centres"), ["low", "high"]]) == pytest.approx(tuple(interval))
    for sector, name in {"operators": "data centres", "startups": "startups"}.items():  # nothing appears or vanishes
        ends = (
            tables["links"].groupby("target")["mean"].sum()[name],
            tables["links"].groupby("source")["mean"].sum()[name],
        )
        paid_in = sum(flows.loc[("received", flow), sector] for flow in FLOWS)
        assert ends[0] == pytest.approx(ends[1]) and ends[0] / 1e9 >= paid_in * (1 - 1e-9), name
    (axes,) = picture.axes
    ribbons = {patch.get_gid(): patch.get_path().vertices[:, 1] for patch in axes.patches if patch.get_gid()}
    assert set(ribbons) == {f"{source} > {target}" for source, target in links.index}
    for (source, target), mean in links["mean"].items():
        heights = ribbons[f"{source} > {target}"]
        assert 1e9 * (heights[0] - heights[7]) == pytest.approx(mean, abs=1.0)


# --- Figures 2, 3 and 12 --------------------------------------------------------------------------------------------

BOOM = {  # panel of figure 2: measure, unit, facts
    "rent of an eight-GPU server": ("rent_per_server", "thousand CNY a month", ("C09", "C10", "C11")),
    "black-market price of a GPU": ("gpu_price", "thousand CNY", ("C06", "C07", "C08")),
    "projects announced, cumulative": ("projects_announced", "projects", ("C01",)),
    "new capacity that is not leased": ("idle_share_new", "share of GPUs", ("C04",)),
}


@pytest.mark.parametrize("title", BOOM)
def test_figure_2_shows_the_run_with_the_shock(title: str, pairs: list[Twin], shown: Any) -> None:
    measure, unit, numbers = BOOM[title]
    tables, picture = shown(2)
    values = levels(pairs, measure)
    first = first_month_with_sites(pairs) if measure == "idle_share_new" else 0
    assert set(tables["fan"]["measure"]) == {name for name, *_ in BOOM.values()}
    check_fan(tables["fan"].query("measure == @measure"), values, first)
    axes = panel(picture, title)
    assert axes.get_ylabel() == unit
    (curve,) = curves(axes)
    check_curve(curve, np.median(values, axis=0), unit, first)
    for band, low, high in ((axes.collections[0], 0.05, 0.95), (axes.collections[1], 0.25, 0.75)):
        ends = np.quantile(values, (low, high), axis=0)
        shown = edges(band)
        for month in (first + 1, 30, 40):
            assert scale(unit) * np.array(shown[month]) == pytest.approx(ends[:, month], **REACH)
    check_facts(axes, numbers, unit)


TWINS = {  # panel of figure 3: measure, unit
    "rent of a server": ("rent_per_server", "thousand CNY a month"),
    "price of a GPU": ("gpu_price", "thousand CNY"),
    "new capacity idle": ("idle_share_new", "share of GPUs"),
    "startups that pre-train": ("startups_pretraining", "startups"),
    "sites wound up, cumulative": ("projects_bankrupt", "projects"),
    "debt of data centres": ("operators_debt", "billion CNY"),
}


@pytest.mark.parametrize("title", TWINS)
def test_figure_3_shows_run_twin_and_difference(title: str, pairs: list[Twin], shown: Any) -> None:
    measure, unit = TWINS[title]
    tables, picture = shown(3)
    first = first_month_with_sites(pairs) if measure == "idle_share_new" else 0
    whole, without = levels(pairs, measure), levels(pairs, measure, shock=False)
    table = tables["levels"].query("measure == @measure")
    check_fan(table[table["shock"]], whole, first)
    check_fan(table[~table["shock"]], without, first)
    gap = (whole - without)[:, first:]
    difference = tables["difference"].query("measure == @measure").set_index("month")
    assert difference["mean"].to_numpy() == pytest.approx(gap.mean(axis=0), **REACH)
    month = next(month for month in range(30, MONTHS) if gap[:, month - first].std() > 0)
    interval = ttest_1samp(gap[:, month - first], 0.0).confidence_interval(0.95)
    assert tuple(difference.loc[month, ["low", "high"]]) == pytest.approx(tuple(interval))
    upper = panel(picture, title)
    lower = picture.axes[picture.axes.index(upper) + 3]
    assert upper.get_ylabel() == unit
    (solid,), (dashed,) = curves(upper, dashed=False), curves(upper, dashed=True)
    check_curve(solid, np.median(whole, axis=0), unit, first)
    check_curve(dashed, np.median(without, axis=0), unit, first)
    (curve,) = curves(lower)
    check_curve(curve, (whole - without).mean(axis=0), unit, first)
    assert scale(unit) * np.array(edges(lower.collections[0])[month]) == pytest.approx(tuple(interval))


SMUGGLERS = {  # panel of figure 12: measure, unit
    "margin over the landed cost": ("mean_markup", "share of that cost"),
    "price of a GPU": ("gpu_price", "thousand CNY"),
    "smugglers in business": ("smugglers_active", "smugglers"),
    "their stock, shipments included": ("smugglers_stock", "thousand GPUs"),
    "smuggled chips that arrive": ("gpus_imported", "thousand GPUs a month"),
    "second-hand supply": ("chips_sold_second_hand", "thousand GPUs a month"),
}


@pytest.mark.parametrize("title", SMUGGLERS)
def test_figure_12_shows_smugglers_with_and_without_the_shock(title: str, pairs: list[Twin], shown: Any) -> None:
    measure, unit = SMUGGLERS[title]
    tables, picture = shown(12)
    table = tables["fan"].query("measure == @measure")
    axes = panel(picture, title)
    assert axes.get_ylabel() == unit
    for shock in (True, False):
        values = levels(pairs, measure, shock)
        check_fan(table[table["shock"] == shock], values)
        (curve,) = curves(axes, dashed=not shock)
        check_curve(curve, np.median(values, axis=0), unit)
    check_facts(axes, ("C06", "C07", "C08") if measure == "gpu_price" else (), unit)


# --- Figures 8 and 9 ------------------------------------------------------------------------------------------------


def outcomes(run: Any) -> dict[str, float]:
    """What figures 8 and 9 show of one run, from its months, flows and provinces."""
    series, flows = run.series, run.flows
    public = flows.loc[flows.index.get_level_values("flow").isin(("subsidies", "rescues", "take_overs"))]
    grown = series[series["projects_completed"] >= 30]
    month_of_pop = pop(run.records.measures).composite
    idle = run.provinces["gpus_installed_new"] - run.provinces["gpus_leased_new"]
    return {
        "pop_month": MONTHS if month_of_pop is None else month_of_pop,
        "completed": series["projects_completed"].iloc[-1],
        "rent_peak": series["rent_per_server"].max(),
        "idle_share_peak": grown["idle_share_new"].max(),
        "bankruptcies": series["projects_bankrupt"].iloc[-1],
        "public_cost": -public["governments"].sum(),
        "gpu_months_idle": idle.sum(),
        "gpu_months_leased": series["gpus_leased"].sum(),
        "failures": series["projects_bankrupt"].iloc[-1] + series["projects_taken_over"].iloc[-1],
        "loans_written_off": series["write_offs"].sum(),
    }


@pytest.fixture(scope="module")
def compared() -> Callable[[dict[str, Any]], dict[tuple[str, bool], pd.DataFrame]]:
    """Outcomes of every scenario, with the shock and without: a line a seed, each in an economy of its own."""
    ensemble = Ensemble.load()

    def run(scenarios: dict[str, Any]) -> dict[tuple[str, bool], pd.DataFrame]:
        found = {}
        for name, values in scenarios.items():
            economies = [ensemble.parameters(seed - 1).with_values(values) for seed in SEEDS]
            runs = [twin(one, seed=seed, months=MONTHS) for one, seed in zip(economies, SEEDS)]
            found[name, True] = pd.DataFrame([outcomes(pair.with_shock) for pair in runs])
            found[name, False] = pd.DataFrame([outcomes(pair.without_shock) for pair in runs])
        return found

    return run


ABLATED = {  # panel of figure 8: outcome
    "completed": "completed", "highest rent": "rent_peak", "pop": "pop_month", "most idle": "idle_share_peak",
    "wound up": "bankruptcies",
}  # fmt: skip


def test_figure_8_shows_the_means_of_every_scenario(compared: Any, shown: Any) -> None:
    tables, picture = shown(8)
    runs = compared(SCENARIOS)
    table = tables["ablations"].set_index(["measure", "scenario", "shock"])["mean"]
    order = sorted(SCENARIOS, key=lambda name: -runs[name, True]["pop_month"].mean())
    assert [label.get_text() for label in panel(picture, "pop").get_yticklabels()] == order
    for title, outcome in ABLATED.items():
        axes = panel(picture, title)
        for shock, marker in ((True, "o"), (False, "s")):
            means = [runs[name, shock][outcome].mean() for name in order]
            assert [table[outcome, name, shock] for name in order] == pytest.approx(means), (outcome, shock)
            assert scale(axes.get_xlabel()) * marks(axes, marker) == pytest.approx(means), (outcome, shock)
    check_span(panel(picture, "highest rent"), "C09")
    check_span(panel(picture, "most idle"), "C04")


def check_span(axes: Any, number: str) -> None:
    fact = next(fact for fact in facts() if fact.id == number)
    spans = [(left, right) for left, right, *_ in boxes(axes) if (left, right) != (0.0, 1.0)]
    (span,) = spans
    assert [scale(axes.get_xlabel()) * end for end in span] == pytest.approx([fact.low, fact.high])


PREVENTED = {  # panel of figure 9: outcome, unit
    "public cost": "public_cost", "idle": "gpu_months_idle", "leased": "gpu_months_leased", "failures": "failures",
    "written off": "loans_written_off",
}  # fmt: skip


def test_figure_9_shows_policies_less_the_standard_run_under_the_same_luck(compared: Any, shown: Any) -> None:
    tables, picture = shown(9)
    runs = compared(POLICIES)
    prevented = {name: (runs["standard", True] - runs[name, True])["gpu_months_idle"].mean() for name in POLICIES}
    others = sorted((name for name in POLICIES if name != "standard"), key=lambda name: -prevented[name])
    plane = panel(picture, "what it costs against what it prevents")
    points = next(line.get_xydata() for line in plane.get_lines() if line.get_marker() == "o")
    spent = [(runs[name, True] - runs["standard", True])["public_cost"].mean() for name in others]
    assert 1e9 * points[:, 0] == pytest.approx(spent) and "billion CNY" in plane.get_xlabel()
    assert scale(plane.get_ylabel()) * points[:, 1] == pytest.approx([prevented[name] for name in others])
    table = tables["differences"].set_index(["measure", "scenario", "shock"])
    usual = tables["levels"].set_index(["measure", "scenario", "shock"])["mean"]
    for title, outcome in PREVENTED.items():
        axes = panel(picture, title)
        factor = scale(axes.get_xlabel())
        for shock, marker in ((True, "o"), (False, "s")):
            gaps = [runs[name, shock][outcome] - runs["standard", shock][outcome] for name in others]
            means = [gap.mean() for gap in gaps]
            assert [table.loc[(outcome, name, shock), "mean"] for name in others] == pytest.approx(means)
            assert factor * marks(axes, marker) == pytest.approx(means), (outcome, shock)
            for name, gap in zip(others, gaps, strict=True):
                if gap.std() > 0:
                    interval = ttest_1samp(gap, 0.0).confidence_interval(0.95)
                    ends = table.loc[(outcome, name, shock), ["low", "high"]]
                    assert tuple(ends) == pytest.approx(tuple(interval))
            level = runs["standard", shock][outcome].mean()
            assert usual[outcome, "standard", shock] == pytest.approx(level)
        said = next(text for text in written(axes) if text.startswith("standard: "))
        shown = float(said.removeprefix("standard: ").replace(",", ""))
        assert factor * shown == pytest.approx(runs["standard", True][outcome].mean(), rel=0.005)


# --- Figure 10 ------------------------------------------------------------------------------------------------------

DATES = {11: "Dec 2023", 23: "Dec 2024", 35: "Dec 2025", 47: "Dec 2026"}


LETTERS = {"Guangdong": "GD", "Beijing": "BJ", "Xinjiang": "XJ", "Jiangsu": "JS", "Tibet": "XZ", "Hainan": "HI"}


def empty_by_province(pairs: list[Twin], month: int) -> pd.DataFrame:
    """New GPUs, and those of them that nobody leases, of every province: the mean over seeds."""
    tables = [pair.with_shock.provinces[month] for pair in pairs]
    installed = np.mean([table["gpus_installed_new"] for table in tables], axis=0)
    leased = np.mean([table["gpus_leased_new"] for table in tables], axis=0)
    subsidy = np.mean([table["subsidy"] for table in tables], axis=0)
    return pd.DataFrame({"installed": installed, "idle": installed - leased, "subsidy": subsidy})


def test_figure_10_shows_what_stands_idle_in_each_province(pairs: list[Twin], shown: Any) -> None:
    from bubble_abm.economy.world import PROVINCES

    tables, picture = shown(10)
    names = [place[0] for place in PROVINCES]
    table = tables["provinces"].set_index(["month", "province"])
    assert set(tables["provinces"]["month"]) == set(DATES)
    expected = {month: empty_by_province(pairs, month) for month in DATES}
    most = max(one["idle"].max() for one in expected.values())
    shades = colormaps["cividis_r"]
    for month, date in DATES.items():
        one = expected[month]
        mine = table.loc[month].loc[names]
        share = one["idle"] / one["installed"].where(one["installed"] > 0)
        assert mine["idle_gpus"].to_numpy() == pytest.approx(one["idle"].to_numpy(), rel=1e-9, abs=1e-6)
        assert mine["idle_share"].to_numpy() == pytest.approx(share.to_numpy(), nan_ok=True, abs=1e-9)
        assert mine["subsidy"].to_numpy() == pytest.approx(one["subsidy"].to_numpy())
        (axes,) = [axes for axes in picture.axes if axes.get_title(loc="left")[3:].startswith(f"{date}:")]
        assert axes.get_title(loc="left")[3:] == f"{date}: {one['idle'].sum() / 1e3:.1f} thousand idle"
        squares = [patch for patch in axes.patches if 1e-4 < patch.get_width() < 0.9]  # the others are frames
        for name, letters in LETTERS.items():
            tile = next(text for text in axes.texts if text.get_text() == letters).get_position()
            mine = [square for square in squares if 0.0 < square.get_x() - tile[0] + 0.1 < 1.0
                    and 0.0 < square.get_y() - tile[1] + 0.1 < 1.0]  # fmt: skip
            area = 0.62**2 * one["idle"][names.index(name)] / most
            assert sum(square.get_width() ** 2 for square in mine) == pytest.approx(area, abs=1e-8), name
        seen = sorted((patch.get_width() ** 2, patch.get_facecolor()) for patch in squares)
        wanted = [(0.62**2 * idle / most, shades(part)) for idle, part in zip(one["idle"], share, strict=True)]
        wanted = sorted((area, shade) for area, shade in wanted if area > 1e-8)
        assert [area for area, _ in seen] == [pytest.approx(area) for area, _ in wanted]
        assert [colour for _, colour in seen] == [pytest.approx(colour) for _, colour in wanted]
    worst = max(DATES, key=lambda month: expected[month]["idle"].sum())
    strip = panel(picture, f"{DATES[worst]}, seed by seed")
    order = expected[worst]["idle"].to_numpy().argsort()[::-1]
    assert [label.get_text()[:-3] for label in strip.get_yticklabels()] == [names[place] for place in order]
    (dots,) = [line for line in strip.get_lines() if line.get_gid() == "seeds"]
    every = [pair.with_shock.provinces[worst] for pair in pairs]
    idle = [(table["gpus_installed_new"] - table["gpus_leased_new"])[order] for table in every]
    shown = sorted((int(row), float(value)) for value, row in dots.get_xydata())
    wanted = sorted((row, float(one[row]) / 1e3) for one in idle for row in range(len(order)))
    assert np.array(shown) == pytest.approx(np.array(wanted), abs=1e-9)


# --- Figure 11 ------------------------------------------------------------------------------------------------------


def per_seed(pairs: list[Twin], table: str, row: str, sector: str) -> np.ndarray:
    """A flow or a stock of one sector [CNY]: one row a seed, one column a month."""
    level = "flow" if table == "flows" else "stock"
    return np.stack([getattr(pair.with_shock, table).xs(row, level=level)[sector].to_numpy() for pair in pairs])


def held(pairs: list[Twin], stock: str, sector: str) -> np.ndarray:
    """A claim at the end of the first and of the last month: one row a seed."""
    return per_seed(pairs, "balances", stock, sector)[:, [0, -1]]


def outcomes_of_claims(pairs: list[Twin]) -> dict[str, tuple[np.ndarray, ...]]:
    """What each holder paid in, what was paid back, and what is left: one number a seed."""

    def flow(name: str, sector: str) -> np.ndarray:
        return np.abs(per_seed(pairs, "flows", name, sector))[:, 1:].sum(axis=1)

    equity, loans, venture = (
        held(pairs, *claim) for claim in (("equity", "households"), ("loans", "bank"), ("venture_claims", "households"))
    )
    banks_part = flow("liquidation", "bank")
    prepaid = held(pairs, "prepayments", "operators")
    lost = np.array([pair.with_shock.series["prepayments_lost"].iloc[1:].sum() for pair in pairs])
    ordered = prepaid[:, 0] + flow("prepayments", "operators")
    state = sum(flow(name, "operators") for name in ("subsidies", "rescues", "take_overs")) + flow(
        "vouchers", "startups"
    )
    nothing = np.zeros(len(pairs))
    return {
        "owners": (
            equity[:, 0] + flow("equity", "operators"), flow("liquidation", "operators") - banks_part, equity[:, 1]
        ),
        "bank": (
            loans[:, 0] + flow("new_loans", "operators"), flow("repayment", "operators") + banks_part, loans[:, 1]
        ),
        "venture funds": (
            venture[:, 0] + flow("venture_funding", "startups"), flow("liquidation", "startups"), venture[:, 1]
        ),
        "state": (state, nothing, nothing),
        "prepaid orders": (ordered, ordered - prepaid[:, 1] - lost, prepaid[:, 1]),
    }  # fmt: skip


def test_figure_11_shows_what_became_of_what_each_holder_paid_in(pairs: list[Twin], shown: Any) -> None:
    tables, picture = shown(11)
    table = tables["holders"].set_index(["holder", "part"])
    shares = tables["shares"].set_index("holder")["share"]
    for holder, (paid, back, left) in outcomes_of_claims(pairs).items():
        parts = {"paid in": paid, "paid back": back, "claim left": left, "lost": paid - back - left}
        axes = panel(picture, holder)
        for bar, (name, values) in zip(axes.patches, parts.items(), strict=True):
            assert table.loc[(holder, name), "mean"] == pytest.approx(values.mean(), rel=1e-7, abs=10.0), name
            assert 1e9 * bar.get_height() == pytest.approx(values.mean(), rel=1e-7, abs=10.0), (holder, name)
            if values.std() > 1.0:
                interval = ttest_1samp(values, 0.0).confidence_interval(0.95)
                ends = table.loc[(holder, name), ["low", "high"]]
                assert tuple(ends) == pytest.approx(tuple(interval), rel=1e-6), (holder, name)
        assert shares[holder] == pytest.approx(parts["lost"].mean() / paid.mean()), holder
    assert picture.axes[0].get_ylabel() == "billion CNY"


def test_what_the_bank_loses_is_what_it_writes_off_less_what_it_recovers(pairs: list[Twin], shown: Any) -> None:
    """Chips of a site that was wound up are sold later, and bring the bank part of a loan that is written off."""
    tables, _ = shown(11)
    lost = tables["holders"].set_index(["holder", "part"]).loc[("bank", "lost"), "mean"]
    written_off = np.mean([pair.with_shock.series["write_offs"].iloc[1:].sum() for pair in pairs])
    flow, sector = list(FLOWS).index("liquidation"), list(SECTORS).index("bank")
    recovered = np.mean([pair.with_shock.records.flows[1:, flow, sector].sum() for pair in pairs])
    assert lost == pytest.approx(written_off - recovered, rel=1e-9, abs=10.0)
