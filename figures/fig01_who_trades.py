"""Figure 1: who trades with whom, drawn from the kinds of agents and the flow matrix of the runs."""

import numpy as np
import pandas as pd

from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.economy.world import PROVINCES, counts
from bubble_abm.engine import views
from bubble_abm.observe.monthly import unpack_table
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import paper
from bubble_abm.style.figure import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    INK,
    PALE,
    VERMILION,
    number,
    readable,
)  # fmt: skip

BILLION = 1e9
LEAST = 0.5  # smallest sum over the run for an arrow [billion CNY]; smaller sums are in the table only
MARKETS = {  # market: colour, line, flows
    "state": (BLACK, (0, (1, 1)), ("subsidies", "vouchers", "fiscal_transfers", "state_capital", "rescues",
                                     "take_overs", "tariffs", "taxes")),
    "capital": (GREEN, "-", ("equity", "venture_funding", "new_loans", "repayment", "interest", "circular_investment",
                             "fund_investment", "liquidation", "dividends")),
    "chips": (BLUE, (0, (6, 1.5)), ("prepayments", "chip_purchases", "imports", "exports", "second_hand_sales",
                                         "reexports")),
    "leasing": (VERMILION, "-", ("rent", "penalties")),
    "inputs and sales": (GREY, (0, (3, 1.2)), ("construction", "conversions", "power", "colocation", "wages", "sales",
                                                    "consumption")),
}  # fmt: skip
PLACES = {  # sector: position, and its kinds of agents
    "governments": (3.3, 8.7, ("LocalGovernment", "CentralGovernment")), "bank": (0.5, 6.9, ()),
    "households": (9.1, 8.5, ("Investor",)), "operators": (3.3, 5.0, ("Operator",)),
    "startups": (6.7, 4.7, ("Startup",)), "smugglers": (0.5, 2.9, ("Smuggler",)), "abroad": (1.6, 0.6, ()),
    "suppliers": (5.2, 0.6, ()), "platforms": (9.1, 1.4, ("Platform",)),
}  # fmt: skip
ALSO = {"households": "with venture funds", "suppliers": "power, construction, staff", "abroad": "rest of the world",
        "bank": "one bank"}  # fmt: skip
OWNERS = {"dividends": "households"}  # sector that is the payer or the payee in every transfer of the flow
WIDE, HIGH = 1.9, 0.95
LABELLED = (0.5, 0.53, 0.46, 0.36, 0.52)  # position of the label along its arrow, by market, to avoid overlaps


def tables(anatomy):
    series = anatomy.series[anatomy.series["shock"]]
    flows = unpack_table(series, "flows", ["seed", "month"])
    edges = pd.concat([pairs(flows[flows["row"] == flow], flow) for flow in FLOWS])
    total = edges.groupby(["payer", "payee", "flow"], sort=False)["amount"].sum() / series["seed"].nunique()
    found = (total / BILLION).rename("billion_cny").reset_index()
    market = {flow: name for name, (*_, members) in MARKETS.items() for flow in members}
    found = found[found["billion_cny"] > 0]
    return {"edges": found.assign(market=found["flow"].map(market), n=series["seed"].nunique())}


def pairs(table, flow):
    """Who pays whom: exact where one side is a single sector, else payers pay payees in proportion."""
    wide = table.pivot_table(index=["seed", "month"], columns="column", values="value")
    paid, received = (-wide).clip(lower=0), wide.clip(lower=0)
    if flow in OWNERS:
        return settled(paid, received, flow, OWNERS[flow])
    total = received.sum(axis=1)
    shares = received.div(total.where(total > 0), axis=0).fillna(0.0)
    found = [
        {"payer": payer, "payee": payee, "flow": flow, "amount": float((paid[payer] * shares[payee]).sum())}
        for payer in SECTORS
        for payee in SECTORS
        if payer != payee
    ]
    return pd.DataFrame(found)


def settled(paid, received, flow, hub):
    """What each sector pays to one sector, and receives from it."""
    others = [sector for sector in SECTORS if sector != hub]
    found = [{"payer": sector, "payee": hub, "flow": flow, "amount": float(paid[sector].sum())} for sector in others]
    found += [
        {"payer": hub, "payee": sector, "flow": flow, "amount": float(received[sector].sum())} for sector in others
    ]
    return pd.DataFrame(found)


def draw(tables, anatomy):
    edges = tables["edges"]
    note = (
        f"Boxes: sectors of the ledger with their agents. Arrows: payments, mean over n = {int(edges['n'].iloc[0])} "
        f"seeds, summed over {anatomy.experiment.months} months [billion CNY], labelled with the largest flow; the "
        f"width grows with the root of the amount. Sums under {LEAST * 1000:.0f} million CNY are left out. If a flow "
        "has several payers and payees, they are matched in proportion."
    )
    with paper("Who trades with whom", note, 5.2) as figure:
        axes = figure.subplots()
        axes.set(xlim=(-0.6, 10.2), ylim=(-0.1, 9.4))
        axes.axis("off")
        boxes = {sector: draw_box(axes, sector, anatomy) for sector in SECTORS}
        for (payer, payee, market), lines in edges.groupby(["payer", "payee", "market"], sort=False):
            if lines["billion_cny"].sum() >= LEAST:
                draw_arrow(axes, boxes[payer], boxes[payee], (payer, payee, market), lines)
        draw_key(axes)
    return figure


def draw_box(axes, sector, anatomy):
    from matplotlib.patches import FancyBboxPatch

    x, y, kinds = PLACES[sector]
    looks = {"boxstyle": "round,pad=0.02,rounding_size=0.12", "facecolor": PALE if kinds else "white", "linewidth": 0.8}
    box = FancyBboxPatch((x - WIDE / 2, y - HIGH / 2), WIDE, HIGH, edgecolor=INK, zorder=5, **looks)
    axes.add_patch(box)
    words = [agents_in_words(kind, anatomy) for kind in kinds] + ([ALSO[sector]] if sector in ALSO else [])
    axes.text(x, y + 0.2, sector, ha="center", va="center", fontsize=7.5, fontweight="bold", zorder=6)
    axes.text(
        x, y - 0.17, "\n".join(words), ha="center", va="center", fontsize=5.4, color=INK, zorder=6, linespacing=1.05
    )
    return box


def agents_in_words(kind, anatomy):
    """Number of agents of a kind, with their name."""
    assert issubclass(getattr(views, kind), views.View)
    size = counts(anatomy.parameters)
    number_of = {
        "LocalGovernment": f"{len(PROVINCES)} provinces", "CentralGovernment": "the centre",
        "Investor": f"{size.investors} investors", "Startup": f"up to {size.startups} startups",
        "Operator": f"{size.incumbents} clouds, and projects", "Smuggler": f"{size.smugglers} at first",
        "Platform": f"{size.platforms} platforms",
    }  # fmt: skip
    return number_of[kind]


def draw_arrow(axes, box, other, names, lines):
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.patheffects import withStroke

    payer, payee, market = names
    colour, dashes, _ = MARKETS[market]
    order = list(MARKETS).index(market)
    bend = 0.10 + 0.06 * order
    start, end = (np.array(PLACES[sector][:2]) for sector in (payer, payee))
    total = float(lines["billion_cny"].sum())
    width = 0.5 + 0.5 * np.sqrt(min(total, 60.0))
    looks = {"arrowstyle": f"-|>,head_length={2.2 + width},head_width={1.1 + width / 2}", "mutation_scale": 1}
    arrow = FancyArrowPatch(start, end, connectionstyle=f"arc3,rad={bend}", color=colour, linewidth=width,
                            linestyle=dashes, patchA=box, patchB=other, shrinkA=0, shrinkB=2, zorder=2, alpha=0.9,
                            **looks)  # fmt: skip
    axes.add_patch(arrow)
    turn = (start + end) / 2 + bend * np.array([(end - start)[1], -(end - start)[0]])
    way = LABELLED[order]
    middle = (1 - way) ** 2 * start + 2 * way * (1 - way) * turn + way**2 * end
    first = lines.sort_values("billion_cny", ascending=False)
    name = readable(first["flow"].iloc[0]) + (
        " and others" if len(first) > 1 and total > 1.1 * first["billion_cny"].iloc[0] else ""
    )
    axes.text(*middle, f"{name}\n{number(total)}", fontsize=5.2, color=colour, ha="center", va="center", zorder=4,
              linespacing=1.0, path_effects=[withStroke(linewidth=1.6, foreground="white")])  # fmt: skip


def draw_key(axes):
    for place, (name, (colour, dashes, _)) in enumerate(MARKETS.items()):
        y = 9.25 - 0.27 * place
        axes.plot([-0.5, 0.1], [y, y], color=colour, linestyle=dashes, linewidth=1.6)
        axes.text(0.2, y, name, fontsize=6.3, va="center", color=INK)


def caption(tables, anatomy):
    edges = tables["edges"]
    site = edges[(edges["payee"] == "operators")].groupby("flow")["billion_cny"].sum()
    rent, borrowed = site["rent"], site["new_loans"] + site["equity"] + site["subsidies"]
    smuggled = edges[(edges["payee"] == "smugglers") & edges["flow"].isin(["prepayments", "chip_purchases"])]
    return [
        Sentence(
            f"Data centres are paid for by loans ({site['new_loans']:.0f} billion CNY over the run), owners' equity "
            f"({site['equity']:.0f}) and subsidies ({site['subsidies']:.1f}), and earn {rent:.0f} in rent.",
            [Needs("rent over loans, equity and subsidies", rent / borrowed, most=0.9)],
        ),
        Sentence(
            f"For smuggled chips they pay {smuggled['billion_cny'].sum():.0f} billion CNY.",
            [Needs("payments for smuggled chips", smuggled["billion_cny"].sum(), least=1.0)],
        ),
        Sentence(
            f"The platforms' own investment, "
            f"{invested(edges, 'platforms') / invested(edges, 'operators'):.1f} times that of "
            "the data centres, is planned years ahead and has no part in the bubble.",
            [Needs("platforms' investment over that of the data centres",
                   invested(edges, "platforms") / invested(edges, "operators"), least=1.5)],
        ),
    ]  # fmt: skip


def invested(edges, sector):
    """What a sector pays for chips, buildings and equipment."""
    flows = edges["flow"].isin(["construction", "chip_purchases", "prepayments", "imports"])
    return edges[(edges["payer"] == sector) & flows]["billion_cny"].sum()


assert sorted(flow for *_, members in MARKETS.values() for flow in members) == sorted(FLOWS)
assert set(PLACES) == set(SECTORS)

FIGURE = PaperFigure(
    title="Who trades with whom", experiments=("e08_anatomy",), tables=tables, draw=draw, caption=caption
)
