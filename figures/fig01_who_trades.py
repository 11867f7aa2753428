"""Figure 1: the bubble's money, from who pays it in to where it goes, what comes back and what is lost."""

import pandas as pd

from bubble_abm.observe.seeds import ratio
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.money import (
    BILLION,
    HOLDERS,
    LEFT,
    LOST,
    PAID_BACK,
    PAID_IN,
    PARTS,
    cash_kept,
    outcome_of_claims,
    who_pays_whom,
)
from bubble_abm.paper.plots.paper import mean_table, number_of_seeds, paper
from bubble_abm.paper.plots.sankey import WIDTH, draw_bar, draw_ribbons, placed
from bubble_abm.style.figure import BLACK, BLUE, GREEN, GREY, LIGHT, ORANGE, PURPLE, SKY, VERMILION

CENTRES, STARTUPS = "data centres", "startups"
BUBBLE = {"operators": CENTRES, "startups": STARTUPS}
OTHERS, KEPT, TO_FUNDS = "others", "cash kept", "back to venture funds"
SOURCES = {  # who pays in: flows by which, and their payer
    "owners": ("households", ("equity",)),
    "bank": ("bank", ("new_loans",)),
    "state": ("governments", ("subsidies", "rescues", "take_overs", "vouchers")),
    "platforms": ("platforms", ("rent", "penalties")),
    "venture funds": ("households", ("venture_funding",)),
    "users": ("households", ("sales",)),
}
USES = {  # what it is paid for: flows, and their payee if it matters
    "back to the bank": (("repayment", "interest", "liquidation"), "bank"),
    "back to owners": (("dividends", "liquidation"), "households"),  # of data centres
    "smugglers": (("prepayments", "chip_purchases"), "smugglers"),
    "chips of dealers": (("chip_purchases", "imports"), None),
    "buildings": (("construction", "conversions"), None),
    "power and halls": (("power", "colocation"), None),
    "staff": (("wages",), None),
}
COLUMNS = {
    0.0: ["owners", "bank", "state", "platforms", f"{OTHERS} pay", "venture funds", "users"],
    0.62: [CENTRES],
    0.36: [STARTUPS],
    1.0 - WIDTH: ["back to the bank", "back to owners", "smugglers", "chips of dealers", "buildings", "power and halls",
                  f"{OTHERS} get", KEPT, "staff", TO_FUNDS],
}  # fmt: skip
COLOURS = {
    "owners": VERMILION, "bank": BLUE, "state": BLACK, "platforms": GREY, "venture funds": GREEN, "users": ORANGE,
    f"{OTHERS} pay": GREY, STARTUPS: PURPLE,
}  # fmt: skip
ENDS = {"back to the bank": BLUE, "back to owners": VERMILION, TO_FUNDS: GREEN}  # the colour of who gets it
TOPIC = "The bubble's money"
KEYS = {PAID_BACK: "paid back", LEFT: "claim left at book value", LOST: "lost, or spent by the state"}
FATES = {PAID_BACK: SKY, LEFT: LIGHT, LOST: VERMILION}
GAP = 0.035  # between nodes, of the sum that is paid in


def tables(anatomy):
    series = anatomy.series[anatomy.series["shock"]]
    edges = who_pays_whom(series)
    seeds = series["seed"].nunique()
    total = edges.groupby(["payer", "payee", "flow"], sort=False)["amount"].sum() / seeds / BILLION
    total = total[total > 0].rename("billion_cny").reset_index()
    links = bubble_links(edges, cash_kept(series, list(BUBBLE)))
    claims = outcome_of_claims(series)
    claims = claims[claims["holder"].isin(HOLDERS)]
    fates = [mean_table(claims.rename(columns={part: "amount"}), "amount", ["holder"]).assign(part=part)
             for part in PARTS]  # fmt: skip
    back = claims.groupby("seed")[[*PARTS]].sum()
    share = ratio(back[PAID_BACK], back[PAID_IN])
    return {
        "edges": total.assign(n=seeds),
        "links": mean_table(links, "amount", ["source", "target"]).drop(columns="measure"),
        "fates": pd.concat(fates, ignore_index=True).drop(columns="measure"),
        "back": pd.DataFrame([{"n": share.seeds, "share": share.value, "low": share.low, "high": share.high}]),
    }


def bubble_links(edges, kept):
    """What flows into data centres and startups, between them, and out of them, each seed by itself."""
    inside = edges["payer"].isin(BUBBLE) | edges["payee"].isin(BUBBLE)
    mine = edges[inside & (edges["amount"] > 0)]
    ends = [link_of(*names) for names in zip(mine["payer"], mine["payee"], mine["flow"])]
    mine = mine.assign(source=[source for source, _ in ends], target=[target for _, target in ends])
    stakes = mine[(mine["payer"] == "operators") & (mine["payee"] == "startups")]  # against the stream: arrives there
    mine = pd.concat([mine, stakes.assign(source=f"{OTHERS} pay", target=STARTUPS)])
    for sign, name in ((1, KEPT), (-1, f"{OTHERS} pay")):
        amount = (sign * kept["amount"]).clip(lower=0)
        ends = {"source": kept["sector"].map(BUBBLE), "target": name}
        mine = pd.concat([mine, kept.assign(amount=amount, **(ends if sign > 0 else {
            "source": name, "target": ends["source"]}))])  # fmt: skip
    wide = mine.groupby(["source", "target", "seed"])["amount"].sum().unstack(fill_value=0.0)
    return wide[wide.any(axis=1)].stack().rename("amount").reset_index()


def link_of(payer, payee, flow):
    """Ends of the ribbon to which a payment belongs."""
    if payer in BUBBLE and payee in BUBBLE:
        return (STARTUPS, CENTRES) if payer == "startups" else (CENTRES, f"{OTHERS} get")
    if payee in BUBBLE:
        named = [name for name, (who, flows) in SOURCES.items() if who == payer and flow in flows]
        return (*named, f"{OTHERS} pay")[0], BUBBLE[payee]
    named = [name for name, (flows, who) in USES.items() if flow in flows and who in (None, payee)]
    if payer == "startups" and named == ["back to owners"]:
        named = [TO_FUNDS]
    return BUBBLE[payer], (*named, f"{OTHERS} get")[0]


def message(tables):
    funded, rent = sum(funding(tables).values()), rents(tables)
    return first_true(
        [
            Sentence(
                f"Owners, bank and state put {funded:.0f} billion CNY into data centres, which earned {rent:.0f} in "
                "rent",
                [Needs("rent over what is paid into data centres", rent / funded, most=0.9)],
            ),
        ],
        TOPIC,
    )


def funding(tables):
    """What is paid into data centres, by whom [billion CNY]."""
    links = tables["links"].set_index(["source", "target"])["mean"] / BILLION
    return {name: links.get((name, CENTRES), 0.0) for name in ("bank", "owners", "state")}


def rents(tables):
    """What tenants pay to data centres [billion CNY]."""
    links = tables["links"].set_index(["source", "target"])["mean"] / BILLION
    return links[STARTUPS, CENTRES] + links.get(("platforms", CENTRES), 0.0)


def draw(tables, anatomy):
    links = tables["links"].assign(amount=tables["links"]["mean"] / BILLION)
    columns = {place: [name for name in names if name in {*links["source"], *links["target"]}]
               for place, names in COLUMNS.items()}  # fmt: skip
    order = [name for names in columns.values() for name in names]
    links = links.sort_values(["source", "target"], key=lambda names: names.map(order.index))
    outside = links[~links["source"].isin(BUBBLE.values())]["amount"].sum()
    nodes = placed(links, columns, GAP * outside, low=[STARTUPS])
    note = (
        f"{number_of_seeds(links)}; sums over {anatomy.experiment.months} months [billion CNY], mean over seeds with "
        "its 95 % interval (Student's t). Heights are amounts. Data centres: the old clouds included; platforms' own "
        "investment is not shown. Bars at the left: what became of the claims, as in figure 11; what the state spends "
        "leaves no claim. Back to owners and funds: dividends and liquidation; to the bank: interest, too. If a flow "
        "has several payers and payees, they are matched in "
        "proportion."
    )
    with paper(message(tables), note, 4.6) as figure:
        axes = figure.subplots()
        axes.set(xlim=(-0.19, 1.2), ylim=(-GAP * outside, 1.07 * max(node.top for node in nodes.values())))
        axes.axis("off")
        colours = links["target"].map(ENDS).fillna(links["source"].map(COLOURS)).fillna(GREY)
        draw_ribbons(axes, links.assign(colour=colours), nodes)
        for name, node in nodes.items():
            draw_bar(axes, node, bar_of(name, node, tables["fates"]))
            write_name(axes, name, node, links, columns)
        draw_key(axes)
    return figure


def bar_of(name, node, fates):
    """Parts of the bar of a node: those of its claim for who holds one."""
    mine = fates[fates["holder"] == name].set_index("part")["mean"]
    if mine.empty or mine.min() < 0:
        return [(node.height, {"facecolor": "white"})]
    return [(node.height * mine[part] / mine[PAID_IN], {"facecolor": colour, "hatch": "////" if part == LOST else ""})
            for part, colour in FATES.items()]  # fmt: skip


def write_name(axes, name, node, links, columns):
    """Name of a node and what flows through it, with its interval where the ribbon is a single one."""
    mine = links[(links["source"] == name) | (links["target"] == name)]
    side = "source" if node.column == 0.0 else "target"
    through = mine[mine[side] == name]
    amount = f"{through['amount'].sum():,.0f}"
    if len(through) == 1:
        amount += f" [{through['low'].item() / BILLION:,.0f} to {through['high'].item() / BILLION:,.0f}]"
    middle = (node.top + node.bottom) / 2
    looks = {"fontsize": 7, "va": "center", "zorder": 6, "linespacing": 1.1}
    text = f"{name}\n{amount}"
    if node.column == 0.0:
        axes.text(node.column - 0.012, middle, text, ha="right", **looks)
    elif node.column == max(columns):
        axes.text(node.column + WIDTH + 0.012, middle, text, ha="left", **looks)
    else:
        axes.text(node.column + WIDTH / 2, node.top, f"{name} {amount}", ha="center", fontweight="bold",
                  **(looks | {"va": "bottom", "fontsize": 7.5}))  # fmt: skip


def draw_key(axes):
    from matplotlib.patches import Patch

    hatches = {LOST: "////"}
    handles = [Patch(facecolor=colour, edgecolor=BLACK, linewidth=0.6, label=KEYS[part], hatch=hatches.get(part, ""))
               for part, colour in FATES.items()]  # fmt: skip
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.12, 1.02), ncols=3, fontsize=7, handlelength=1.2)


def caption(tables, anatomy):
    links = tables["links"].set_index(["source", "target"])["mean"] / BILLION
    rent, funded, back = rents(tables), funding(tables), tables["back"].iloc[0]
    fates = tables["fates"].set_index(["holder", "part"])["mean"]
    lost = sum(fates[name, LOST] for name in HOLDERS if name != "state") / BILLION
    return [
        Sentence(
            f"Data centres are paid for by loans ({funded['bank']:.0f} billion CNY over the run), owners' equity "
            f"({funded['owners']:.0f}) and the state ({funded['state']:.0f}), and earn {rent:.0f} in rent.",
            [Needs("rent over loans, equity and what the state pays", rent / sum(funded.values()), most=0.9)],
        ),
        Sentence(
            f"For smuggled chips they pay {links[CENTRES, 'smugglers']:.0f} billion CNY.",
            [Needs("payments for smuggled chips", links[CENTRES, "smugglers"], least=1.0)],
        ),
        Sentence(
            f"Of what they, venture funds included, paid in, {back['share']:.0%} ({back['low']:.0%} to "
            f"{back['high']:.0%}) was paid back by the end; {lost:.0f} billion CNY are lost at book value, besides "
            "what the state spent.",
            [
                Needs("lost by owners, bank and venture funds", lost, least=0.0),
                Needs("share paid back, upper end", back["high"], most=1.0),
            ],
        ),
    ]


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e08_anatomy",), tables=tables, draw=draw, caption=caption, message=message,
    seen="Ribbons lead from those who pay money in, by way of startups and data centres, to those who get it; the "
    "width of each is an amount.",
)  # fmt: skip
