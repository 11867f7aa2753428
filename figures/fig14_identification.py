"""Figure 14: what the facts say of the parameters, before and after matching, and which pairs trade off."""

from itertools import pairwise

import numpy as np
import pandas as pd

from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.ensemble import counted, members_of
from bubble_abm.paper.plots.paper import paper
from bubble_abm.study.calibration.identification import IDENTIFIED, LEANING, narrowed, trade_offs
from bubble_abm.style.figure import BLACK, BLUE, GREY, LIGHT, VERMILION, readable

SHOWN, PAIRS = 30, 6
COLOURS = {"identified": BLUE, "narrowed": GREY, "not identified": LIGHT}


def tables(predictions):
    members = members_of(predictions.experiment)
    places = dict(zip(members.names, members.places.T))
    parameters = pd.DataFrame([
        {
            "name": one.name, "low": one.low, "high": one.high, "q05": one.quantiles[0], "median": one.quantiles[1],
            "q95": one.quantiles[2], "left": one.left, "verdict": one.verdict,
            **dict(zip(("place_q05", "place_median", "place_q95"), np.quantile(places[one.name], (0.05, 0.5, 0.95)))),
        }
        for one in narrowed(members)
    ])  # fmt: skip
    found = chosen_pairs(members, list(parameters["name"]))
    pairs = pd.DataFrame(
        [
            {"pair": place, "x_name": x, "y_name": y, "correlation": rank, "x": a, "y": b}
            for place, (x, y, rank) in enumerate(found)
            for a, b in zip(members.values[:, members.names.index(x)], members.values[:, members.names.index(y)])
        ]
    )
    return {"parameters": parameters, "pairs": pairs}


def chosen_pairs(members, names):
    """The strongest trade-offs; where there are too few, neighbours among the parameters that are known best."""
    found = trade_offs(members, PAIRS) if len(members) > 2 else []
    known = {frozenset(pair[:2]) for pair in found}
    others = [(x, y, float("nan")) for x, y in pairwise(names) if frozenset((x, y)) not in known]
    return [*found, *others][:PAIRS]


def draw(tables, predictions):
    parameters, pairs = tables["parameters"], tables["pairs"]
    shown = parameters.head(SHOWN)
    note = (
        f"{counted(predictions.experiment)}. Left: the {len(shown)} parameters of {len(parameters)} that the facts "
        "narrow most; the whole width is the range that was searched (logarithms where rates are), the bar holds nine "
        f"of ten members, the line is their median. Blue: identified, less than {IDENTIFIED:.0%} of the width is left; "
        f"grey: narrowed, less than {LEANING:.0%}. Right: members in pairs of parameters, the strongest trade-offs "
        "first; axes are the ranges that were searched; r: rank correlation, where it is not chance."
    )
    with paper(title(parameters, predictions.experiment), note, 5.4) as figure:
        left, right = figure.subfigures(1, 2, width_ratios=[1, 1])
        draw_ranges(left.subplots(), shown)
        for axes, (_, pair) in zip(right.subplots(3, 2).ravel(), pairs.groupby("pair")):
            draw_pair(axes, pair, parameters.set_index("name"))
    return figure


def title(parameters, experiment):
    if experiment.points == 1:
        return "The defaults in the ranges that are searched: no ensemble is shipped yet"
    known = int((parameters["verdict"] == "identified").sum())
    return f"The facts identify {known} of {len(parameters)} parameters"


def draw_ranges(axes, table):
    rows = np.arange(len(table))
    axes.barh(rows, 1.0, height=0.72, color="#F2F2F2", zorder=1)
    width = table["place_q95"] - table["place_q05"]
    colours = [COLOURS[one] for one in table["verdict"]]
    axes.barh(rows, width, left=table["place_q05"], height=0.72, color=colours, zorder=2)
    axes.vlines(table["place_median"], rows - 0.36, rows + 0.36, color=BLACK, linewidth=1.0, zorder=3)
    axes.set_yticks(rows, [readable(name) for name in table["name"]], fontsize=6)
    axes.set(xlim=(0, 1), ylim=(len(table) - 0.4, -0.6), xticks=(0, 0.5, 1))
    axes.set_xticklabels(["lowest", "middle", "highest"], fontsize=6.5)
    axes.set_xlabel("place in the range that was searched", fontsize=7)
    axes.tick_params(axis="y", length=0)


def draw_pair(axes, pair, parameters):
    one = pair.iloc[0]
    axes.plot(pair["x"], pair["y"], "o", color=BLUE, markersize=2.0, alpha=0.6, markeredgewidth=0)
    for name, limits, named in (
        (one["x_name"], axes.set_xlim, axes.set_xlabel),
        (one["y_name"], axes.set_ylim, axes.set_ylabel),
    ):
        low, high = parameters.loc[name, "low"], parameters.loc[name, "high"]
        limits(low - 0.03 * (high - low), high + 0.03 * (high - low))
        named(readable(name), fontsize=6.2, labelpad=1.5)
    axes.tick_params(labelsize=6)
    axes.locator_params(nbins=3)
    if np.isfinite(one["correlation"]):
        text = f"r = {one['correlation']:+.2f}".replace("-", "\N{MINUS SIGN}")
        axes.set_title(text, fontsize=6.5, color=VERMILION, loc="right", pad=2)


def caption(tables, predictions):
    parameters, pairs = tables["parameters"], tables["pairs"]
    found = parameters["verdict"].value_counts()
    first = parameters.iloc[0]
    if predictions.experiment.points == 1:
        return [Sentence("The defaults in the ranges that are searched; no ensemble is shipped yet.")]
    sentences = [
        Sentence(
            f"Of {len(parameters)} parameters, the members identify {found.get('identified', 0)}, narrow "
            f"{found.get('narrowed', 0)}, and leave {found.get('not identified', 0)} about as wide as they were.",
        ),
        Sentence(
            f"Narrowed most is {readable(first['name'])}, to {first['left']:.0%} of the width of its range.",
            [Needs("width left of the next parameter less its own", parameters["left"].diff().iloc[1], least=0.0)],
        ),
    ]
    strongest = pairs.drop_duplicates("pair").dropna(subset="correlation")
    if len(strongest):
        one = strongest.iloc[0]
        sentences.append(
            Sentence(
                f"The strongest trade-off is between {readable(one['x_name'])} and {readable(one['y_name'])} (rank "
                f"correlation {one['correlation']:+.2f}).",
                [
                    Needs(
                        "its strength over the next",
                        abs(one["correlation"]) - strongest["correlation"].abs().max(),
                        0.0,
                    )
                ],
            )
        )
    return sentences


FIGURE = PaperFigure(
    title="What the facts say of the parameters", experiments=("e14_predictions",), tables=tables, draw=draw,
    caption=caption,
)  # fmt: skip
