"""Figure 7: the conditions of each verdict, as boxes in the space of parameters."""

from bubble_abm.observe.verdict import AVERTED, CAUSED, DELAYED, ENDOGENOUS, HASTENED, SURVIVED, UNDECIDED
from bubble_abm.paper.captions import Needs, Sentence, first_true
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.boxes import prim_boxes
from bubble_abm.study.analysis import units
from bubble_abm.style.figure import DOUBLE, readable

TOPIC = "The conditions of each verdict"
WORDS = {CAUSED: "pop because of the shock", ENDOGENOUS: "end by themselves", SURVIVED: "survive"}
LEAST_LIFT = 1.1  # below, a box is no more than luck
VERDICTS = [*WORDS, HASTENED, DELAYED, AVERTED, UNDECIDED]


def tables(discovery):
    return {name: discovery.analysis(name) for name in ("boxes", "trajectory", "notes")}


def message(tables):
    boxes = tables["boxes"]
    boxes = boxes[(boxes["method"] == "PRIM") & (boxes["box"] == 1)]
    lifts = boxes.groupby("class").first().eval("density_out / base_rate")
    if lifts.empty:
        return TOPIC
    best = lifts.idxmax()
    names = [readable(name) for name in boxes.loc[boxes["class"] == best, "factor"].unique()]
    times = lifts[best]
    return first_true(
        [
            Sentence(
                f"No few parameters decide the verdict: the best box makes one {times:.1f} times as likely",
                [Needs("lift of the best box, out of sample", times, least=1.05, most=2.0)],
            ),
            Sentence(
                f"{readable(', '.join(names)).capitalize()} make '{best}' {times:.1f} times as likely",
                [Needs("lift of the best box, out of sample", times, least=2.0)],
            ),
        ],
        TOPIC,
    )  # fmt: skip


def draw(tables, discovery):
    plan = discovery.experiment
    ranges = {one.name: (one.low, one.high) for one in plan.uncertain}
    logs = [one.name for one in plan.uncertain if one.scale == "log"]
    return prim_boxes(
        tables["boxes"], tables["trajectory"], ranges, classes=plan.discover, units=units(plan), log_factors=logs,
        width=DOUBLE, title=message(tables),
    )  # fmt: skip


def caption(tables, discovery):
    boxes = tables["boxes"]
    boxes = boxes[(boxes["method"] == "PRIM") & (boxes["box"] == 1)]
    shares = discovery.runs["verdict"].value_counts(normalize=True)
    sentences = [
        Sentence(
            f"Of {len(discovery.runs):,} runs throughout the hull of the ensemble, "
            + ", ".join(f"{shares.get(name, 0.0):.0%} {WORDS[name]}" for name in discovery.experiment.discover)
            + f"; the shock hastens the pop of {shares.get(HASTENED, 0.0):.0%}, delays that of "
            f"{shares.get(DELAYED, 0.0):.0%} and averts that of {shares.get(AVERTED, 0.0):.0%}, and of "
            f"{shares.get(UNDECIDED, 0.0):.0%} the dates are too close to say.",
            [Needs("share of runs with one of these verdicts", float(shares.reindex(VERDICTS).sum()), least=0.999)],
        )
    ]  # fmt: skip
    for name in discovery.experiment.discover:
        box = boxes[boxes["class"] == name]
        if box.empty:
            sentences.append(Sentence(f"There is no box of runs that {WORDS[name]}."))
            continue
        one = box.iloc[0]
        lift, tells = f"density of {name} over its base rate", one["density_out"] / one["base_rate"]
        of_all = f"{one['density']:.0%} {WORDS[name]}, against {one['base_rate']:.0%} of all runs"
        sentences.append(
            Sentence(
                f"Of the runs in a box with {in_words(box)}, {of_all}; the box contains {one['coverage']:.0%} of all "
                "such runs.",
                [Needs(lift, tells, least=LEAST_LIFT)],
                full=name != SURVIVED,
            )
            if tells >= LEAST_LIFT
            else Sentence(
                f"No box tells runs that {WORDS[name]} from others: of those with {in_words(box)}, {of_all}.",
                [Needs(lift, tells, most=LEAST_LIFT)],
                full=name != SURVIVED,
            )
        )
    return sentences


def in_words(box):
    limits = []
    for line in box.to_dict("records"):
        low, high = line["low"], line["high"]
        name = readable(line["factor"])
        if low == low and high == high:
            limits.append(f"{name} from {low:.3g} to {high:.3g}")
        else:
            limits.append(f"{name} above {low:.3g}" if low == low else f"{name} under {high:.3g}")
    return ", ".join(limits)


FIGURE = PaperFigure(
    title=TOPIC, experiments=("e07_scenario_discovery",), tables=tables,
    draw=draw, caption=caption, message=message,
)  # fmt: skip
