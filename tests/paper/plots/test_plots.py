"""Figures say what their tables say, have words where there is nothing to see, and give the same bytes twice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.paper.plots.boxes import prim_boxes
from bubble_abm.paper.plots.indices import bars, heat_map, morris_plane
from bubble_abm.paper.plots.responses import response_curves
from bubble_abm.study.discovery import BOXES, TRAJECTORY
from bubble_abm.style.figure import overlap, place_labels, readable, save, wrapped

FACTORS = ("rent_adjustment", "herding", "leverage", "dummy")
OUTCOMES = ("rent_per_server", "idle_share_new", "first_bubble")  # settled, open, constant
UNITS = {"rent_per_server": "CNY/(server month)", "leverage": "share"}


def indices_of(factors: tuple[str, ...] = FACTORS) -> pd.DataFrame:
    lines = []
    for outcome in OUTCOMES[:2]:
        for place, factor in enumerate(factors):
            size = 0.0 if factor == "dummy" else 0.6 / (1 + place)
            values = {"S1": 0.8 * size, "ST": size, "mu_star": 100 * size, "sigma": 60 * size, "shapley": 0.9 * size}
            keys = {"outcome": outcome, "factor": factor, "factor_2": ""}
            lines += [
                keys | {"index": name, "value": value, "low": value - 0.02, "high": value + 0.02}
                for name, value in values.items()
            ]
    return pd.DataFrame(lines)


QUALITY = pd.DataFrame(
    {
        "outcome": OUTCOMES, "rows": 1536, "seeds": 5, "mean": 1.0, "variance": [2.5e6, 0.04, 0.0],
        "noise_share": [0.07, 0.2, np.nan],
        "screening_settled": [True, False, False], "indices_settled": [True, False, False],
        "verdict": ["intervals are narrow enough", "the interval of herding is 0.3 wide", "does not vary"],
        "dummy": 0.01, "constant": [False, False, True],
    }
)  # fmt: skip


def responses() -> pd.DataFrame:
    grid = np.linspace(1, 3, 5)
    frames = [
        pd.DataFrame({"factor": name, "value": grid, "outcome": OUTCOMES[0], "mean": size * grid})
        for name, size in (("herding", 1.0), ("leverage", -5.0), ("dummy", 0.0))
    ]
    return pd.concat(frames).assign(low=lambda table: table["mean"] - 1, high=lambda table: table["mean"] + 1)


def box_tables() -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[float, float]]]:
    shared = {"class": "popped", "method": "PRIM", "quasi_p": 0.01, "mass": 0.2, "lift": 4.0, "cases": 1500}
    shared |= {"base_rate": 0.2, "refound": 1.0, "coverage_out": 0.75, "density_out": 0.81}
    lines = [
        shared | {"box": 1, "factor": "herding", "low": np.nan, "high": 4.25, "coverage": 0.8, "density": 0.9},
        shared | {"box": 1, "factor": "leverage", "low": 0.125, "high": np.nan, "coverage": 0.8, "density": 0.9},
        shared | {"box": 2, "factor": "leverage", "low": 0.5, "high": 0.75, "coverage": 0.1, "density": 0.7},
    ]
    steps = pd.DataFrame({"step": range(4), "coverage": [1, 0.9, 0.8, 0.3], "density": [0.2, 0.5, 0.9, 1]})
    steps = steps.assign(**{"class": "popped", "mass": 0.5, "restricted": 1, "box": 1, "chosen": False})
    other = steps.assign(**{"class": "survived"})
    ranges = {"herding": (0.0, 8.0), "leverage": (0.0, 0.9)}
    return pd.DataFrame(lines)[list(BOXES)], pd.concat([steps, other])[list(TRAJECTORY)], ranges


def words(figure: Any) -> str:
    """Everything that is written in a figure."""
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text) if text.get_visible())


def draw_prim(**options: Any) -> Any:
    boxes, trajectory, ranges = box_tables()
    return prim_boxes(boxes, trajectory, ranges, **options)


DRAWN: dict[str, Callable[..., Any]] = {
    "bars": lambda **options: bars(indices_of(), QUALITY, OUTCOMES[0], units=UNITS, **options),
    "morris": lambda **options: morris_plane(indices_of(), QUALITY, OUTCOMES[0], units=UNITS, **options),
    "heat": lambda **options: heat_map(indices_of(), QUALITY, **options),
    "responses": lambda **options: response_curves(responses(), OUTCOMES[0], units=UNITS, seeds=9, **options),
    "boxes": draw_prim,
}
ALL = pytest.mark.parametrize("name", DRAWN)


# --- All of them ----------------------------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_table_gives_the_same_bytes(name: str, ending: str, tmp_path: Path) -> None:
    figure = DRAWN[name]()
    files = [save(figure, tmp_path / f"one.{ending}"), save(figure, tmp_path / f"two.{ending}")]
    files.append(save(DRAWN[name](), tmp_path / f"three.{ending}"))
    assert len({file.read_bytes() for file in files}) == 1


@ALL
@pytest.mark.parametrize("width", [3.3, 7.0])
def test_nothing_sticks_out_of_the_page(name: str, width: float) -> None:
    figure = DRAWN[name](width=width)
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    assert figure.get_size_inches()[0] == width
    for axes in figure.axes:
        box = axes.get_tightbbox(renderer)
        assert box.x0 > page.x0 - 1 and box.x1 < page.x1 + 1 and box.y0 > page.y0 - 1 and box.y1 < page.y1 + 1
    for text in figure.texts:
        extent = text.get_window_extent(renderer)
        assert extent.x1 < page.x1 and not any(overlap(extent, axes.bbox) for axes in figure.axes)


@ALL
def test_pyplot_knows_of_no_figure_and_settings_are_left_alone(name: str) -> None:
    import matplotlib as mpl
    from matplotlib import pyplot

    with mpl.rc_context({"font.size": 31}):
        DRAWN[name]()
        assert mpl.rcParams["font.size"] == 31
    assert not pyplot.get_fignums()


def test_a_path_with_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"give one that ends in \.png, \.svg, \.pdf"):
        save(DRAWN["bars"](), tmp_path / "figure.gif")


# --- Bars -----------------------------------------------------------------------------------------------------------


def test_bars_are_sorted_and_have_their_lengths_names_and_sizes() -> None:
    figure = DRAWN["bars"]()
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rent adjustment", "herding", "leverage", "dummy"]
    totals = [bar.get_width() for bar in axes.patches[:4]]
    assert totals == pytest.approx([0.6, 0.3, 0.2, 0.0]) and totals == sorted(totals, reverse=True)
    text = words(figure)
    for part in ("rent per server", "n = 1,536 rows x 5 seeds", "2.5e6", "7% of it noise", "95 % interval", "dummy"):
        assert part in text
    assert "(CNY/(server month))²" in text and "NOT CONVERGED" not in text


def test_the_end_of_the_dummys_interval_is_marked() -> None:
    axes = DRAWN["bars"]().axes[0]
    assert any(line.get_linestyle() == ":" and line.get_xdata()[0] == pytest.approx(0.02) for line in axes.lines)


def test_an_outcome_whose_verdict_is_open_says_so_in_red() -> None:
    for figure in (bars(indices_of(), QUALITY, OUTCOMES[1]), morris_plane(indices_of(), QUALITY, OUTCOMES[1])):
        (warning,) = (text for text in figure.texts if text.get_text().startswith("NOT SETTLED"))
        assert "the interval of herding is 0.3 wide" in words(figure).replace("\n", " ")
        assert warning.get_color() == "#D55E00"


def test_few_bars_keep_the_dummy() -> None:
    axes = bars(indices_of(), QUALITY, OUTCOMES[0], ("shapley",), most=2).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rent adjustment", "dummy"]


def test_indices_of_pairs_are_named_by_both_factors() -> None:
    pairs = indices_of().query("index == 'S1'").assign(index="S2", factor_2="induced_inference")
    axes = bars(pairs, QUALITY, OUTCOMES[0], ("S2",)).axes[0]
    assert axes.get_yticklabels()[0].get_text() == "rent adjustment x induced inference"


def test_a_constant_outcome_and_a_missing_index_are_said_in_words() -> None:
    for draw in (bars, morris_plane):
        assert "first bubble is constant" in words(draw(indices_of(), QUALITY, OUTCOMES[2]))
    text = words(bars(indices_of(), QUALITY, OUTCOMES[0], ("S2",)))
    assert "the table has no second-order index of rent per server" in text
    assert "no total index" in words(bars(indices_of().iloc[:0], QUALITY, OUTCOMES[0]))


def test_missing_intervals_do_not_matter() -> None:
    table = indices_of().assign(low=np.nan, high=np.nan)
    bars(table, QUALITY, OUTCOMES[0])
    morris_plane(table, QUALITY, OUTCOMES[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bars(indices_of().drop(columns="low"), QUALITY, OUTCOMES[0]), "indices = table without column 'low'"),
        (lambda: bars([], QUALITY, OUTCOMES[0]), "indices = list: give a DataFrame"),
        (lambda: bars(indices_of(), QUALITY, "rent"), "unknown outcome 'rent': did you mean 'rent_per_server'"),
        (lambda: bars(indices_of(), QUALITY, OUTCOMES[0], ()), "which = .*: give one to 3 of"),
        (lambda: heat_map(indices_of(), QUALITY, outcomes=["idle"]), "unknown outcome 'idle'"),
        (lambda: response_curves(responses().drop(columns="mean"), "a"), "table = table without column 'mean'"),
        (lambda: prim_boxes(*box_tables()[:2], {"herding": (0, 1)}), "ranges: have no 'leverage'"),
    ],
)
def test_bad_input_is_refused_in_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refusal:
        call()
    assert "\n" not in str(refusal.value)


# --- Morris ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0.05, 0.5, 0.95])
def test_a_label_stays_in_its_panel_however_narrow_the_room_beside_its_point(at: float) -> None:
    """The points around it leave no free place, and the label is two thirds as wide as the panel."""
    figure = plt.figure(figsize=(3, 2))
    axes = figure.add_axes((0.35, 0.2, 0.3, 0.6), xlim=(0, 1), ylim=(0, 1))
    crowd = [(x, y) for x in np.linspace(0.1, 0.9, 9) for y in np.linspace(0.1, 0.9, 9)]
    place_labels(axes, [(at, 0.5), *crowd], ["inference elasticity"], fontsize=5)
    box, panel = axes.texts[0].get_window_extent(), axes.get_window_extent()
    assert panel.width > box.width > 0.5 * panel.width
    assert panel.x0 <= box.x0 and box.x1 <= panel.x1
    plt.close(figure)


def test_labels_on_the_morris_plane_do_not_overlap() -> None:
    names = tuple(f"a_rather_long_factor_{number}" for number in range(9))
    figure = morris_plane(indices_of((*names, "dummy")), QUALITY, OUTCOMES[0], units=UNITS)
    axes, renderer = figure.axes[0], figure.canvas.get_renderer()
    labels = [text for text in axes.texts if text.get_text() in {readable(name) for name in (*names, "dummy")}]
    assert len(labels) == 10
    extents = [label.get_window_extent(renderer) for label in labels]
    assert all(overlap(one, two) == 0 for place, one in enumerate(extents) for two in extents[:place])
    assert {"0.1", "0.5", "1"} <= {text.get_text() for text in axes.texts}
    assert "spread of effects" in axes.get_ylabel() and "[CNY/(server month)]" in axes.get_xlabel()


# --- Heat map -------------------------------------------------------------------------------------------------------


def test_the_heat_map_shades_by_outcome_and_marks_what_is_not_to_be_trusted() -> None:
    axes = DRAWN["heat"]().axes[0]
    shades = axes.collections[0].get_array().reshape(4, 3)
    assert shades[:, 0].tolist() == pytest.approx([1.0, 0.5, 1 / 3, 0.0]) and np.ma.getmaskarray(shades)[:, 2].all()
    labels = {label.get_text(): label.get_color() for label in axes.get_xticklabels()}
    assert labels["idle share new *"] == "#D55E00" and labels["rent per server"] == "#000000"
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "dummy"
    assert [patch.get_hatch() for patch in axes.patches] == ["////"]
    assert {".60", ".30", ".20"} <= {text.get_text() for text in axes.texts}


def test_a_heat_map_of_nothing_says_so() -> None:
    assert "no outcome has a total index" in words(heat_map(indices_of(), QUALITY, outcomes=[OUTCOMES[2]]))


def test_the_largest_tables_stay_legible() -> None:
    """36 factors, 12 outcomes: names neither overlap nor leave the page."""
    names = (*(f"a_rather_long_factor_{number}" for number in range(35)), "dummy")
    outcomes = [f"an_outcome_{number}" for number in range(12)]
    table = indices_of(names)
    table = pd.concat([table[table["outcome"] == OUTCOMES[0]].assign(outcome=name) for name in outcomes])
    quality = pd.concat([QUALITY.iloc[:1].assign(outcome=name) for name in outcomes])
    for figure in (heat_map(table, quality), bars(table, quality, outcomes[0])):
        renderer, page = figure.canvas.get_renderer(), figure.bbox
        extents = [label.get_window_extent(renderer) for label in figure.axes[0].get_yticklabels()]
        assert len(extents) == 36 and min(box.x0 for box in extents) > page.x0
        assert all(below.y1 <= above.y0 + 2 for above, below in pairwise(extents))


# --- Responses ------------------------------------------------------------------------------------------------------


def test_responses_are_sorted_by_size_and_carry_units_and_the_base() -> None:
    figure = DRAWN["responses"](base={"leverage": 2.0}, log_factors=("herding",))
    panels = figure.axes
    assert [axes.get_title(loc="left").replace("\n", " ") for axes in panels] == [
        "leverage", "herding", "dummy (no effect)",
    ]  # fmt: skip
    assert panels[0].get_xlabel() == "share" and panels[1].get_xscale() == "log"
    assert any(line.get_linestyle() == ":" for line in panels[0].lines)
    text = words(figure).replace("\n", " ")
    assert "n = 9 seeds under common luck" in text and "rent per server [CNY/(server month)]" in text


def test_responses_of_nothing_are_said_in_words() -> None:
    table = responses()
    assert "no response of gpu price" in words(response_curves(table, "gpu_price"))
    assert "no factor moves it" in words(response_curves(table.assign(mean=1.0), OUTCOMES[0]))


# --- Boxes ----------------------------------------------------------------------------------------------------------


def test_boxes_are_drawn_in_their_units_beside_their_trajectory() -> None:
    figure = draw_prim(units={"leverage": "share"})
    text = words(figure)
    for part in (
        "popped (base rate 20%)",
        "survived",
        "no box",
        "leverage [share]",
        "4.25",
        "0.125",
        "0.75",
        "n = 1,500",
    ):
        assert part in text
    assert "box 1: coverage 80% (75%), density 90% (81%)" in text and "box 2: coverage 10%" in text
    ranges, trajectory = figure.axes[0], figure.axes[1]
    drawn = [end for bar in ranges.patches[2:] for end in (bar.get_x(), bar.get_x() + bar.get_width())]
    assert drawn == pytest.approx([0, 4.25 / 8, 0.125 / 0.9, 1, 0.5 / 0.9, 0.75 / 0.9])
    assert trajectory.lines[1].get_ydata().tolist() == [0.2, 0.5, 0.9, 1]


def test_a_logarithmic_range_is_drawn_on_its_scale() -> None:
    boxes, trajectory, _ = box_tables()
    ranges = {"herding": (0.425, 42.5), "leverage": (0.0, 0.9)}
    figure = prim_boxes(boxes, trajectory, ranges, log_factors=("herding",))
    assert figure.axes[0].patches[2].get_width() == pytest.approx(0.5)


def test_no_boxes_at_all_are_said_in_words() -> None:
    boxes, trajectory, ranges = box_tables()
    assert "PRIM found no box in any class" in words(prim_boxes(boxes.iloc[:0], trajectory.iloc[:0], ranges))
    assert "CART found no box" in words(prim_boxes(boxes, trajectory, ranges, method="CART"))


# --- Words ----------------------------------------------------------------------------------------------------------


def test_lines_are_broken_where_the_page_ends() -> None:
    lines = wrapped("one two three four five six seven eight nine ten", 1.0, fontsize=8)
    assert len(lines) > 2 and " ".join(lines) == "one two three four five six seven eight nine ten"
    assert wrapped("", 1.0, fontsize=8) == []
