"""What docs/findings.md says of its tables holds in them; a sentence that is written anew needs a new check."""

import csv
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = " ".join((DOCS / "findings.md").read_text(encoding="utf-8").split())
USUAL = "standard"
SITES, IDLE, FALL, FAILED, LET, COST, LOST, POP, MOVED, SHOCK_IDLE, SHOCK_RENT = (
    "sites completed", "highest idle share", "largest fall of the rent", "bankruptcies", "GPU-months leased, million",
    "public cost, bn CNY", "loans written off, bn CNY", "pop without the shock, month", "shock: pop, months",
    "shock: idle share", "shock: rent, thousand CNY",
)  # fmt: skip
LEVELS = (SITES, IDLE, FALL, FAILED, LET, COST, LOST)


class Table:
    """Means of a table by scenario and column."""

    def __init__(self, name):
        with (DOCS / "measured" / f"{name}.csv").open(encoding="utf-8") as file:
            self.rows = {row.pop("scenario"): row for row in csv.DictReader(file)}

    def __call__(self, scenario, column):
        return float(self.rows[scenario][column].split("±")[0])

    def over_usual(self, scenario, column):
        return self(scenario, column) / self(USUAL, column)

    def all_but_usual(self, column):
        return {name: self(name, column) for name in self.rows if name != USUAL}


without, policy, channel = Table("ablations"), Table("policies"), Table("channels")
LITTLE = ["no extrapolation", "no extrapolation by anybody", "no circular finance", "no fire sales",
          "no announcements for show"]  # fmt: skip
WITHOUT_EFFECT = ["only shock_beliefs", "only shock_lenders", "only shock_funds"]

SAID = {
    "without them 109 sites are completed instead of 536": lambda: (
        (without("no public sponsors", SITES), without(USUAL, SITES)) == (109, 536)
    ),
    "the boom lasts two years longer": lambda: 20 < without("no public sponsors", POP) - without(USUAL, POP) < 30,
    "it takes the pop ten months forward": lambda: -10.5 < without("no public sponsors", MOVED) < -9.5,
    "Where everybody is able, 75 sites are completed": lambda: without("all experienced", SITES) == 75,
    "makes failures (23 sites wound up without it instead of 71), not capacity": lambda: (
        (without("no neglect", FAILED), without(USUAL, FAILED)) == (23, 71)
        and abs(without.over_usual("no neglect", SITES) - 1) < 0.1
    ),
    "rents fall by 88 % instead of 79 %": lambda: (without("no hold-out", FALL), without(USUAL, FALL)) == (0.88, 0.79),
    "half as much compute again is let": lambda: 1.4 < without.over_usual("no hold-out", LET) < 1.6,
    "the shock takes the pop a year forward": lambda: -13 < without("no hold-out", MOVED) < -11,
    "Nobody's attention moves capacity by more than 2 %": lambda: (
        abs(without.over_usual("nobody attentive", SITES) - 1) <= 0.02
    ),
    "change none of the first seven columns by more than a tenth": lambda: all(
        abs(without.over_usual(name, column) - 1) <= 0.1 for name in LITTLE for column in LEVELS
    ),
    "announcements for show delay the pop by two months": lambda: (
        1.5 < without(USUAL, POP) - without("no announcements for show", POP) < 2.5
    ),
    "without any, as many sites are built": lambda: abs(policy.over_usual("no subsidy", SITES) - 1) < 0.02,
    "public cost falls by three quarters": lambda: 0.2 < policy.over_usual("no subsidy", COST) < 0.3,
    "twice as much is written off": lambda: 1.8 < policy.over_usual("no subsidy", LOST) < 2.3,
    "A gate by use builds least (282 sites at 60 %)": lambda: (
        min(policy.all_but_usual(SITES).items(), key=lambda item: item[1]) == ("approval where 60 % is used", 282)
    ),
    "loses least (1.2 bn CNY of loans written off at 30 %, instead of 25), at more capacity": lambda: (
        min(policy.all_but_usual(LOST).items(), key=lambda item: item[1]) == ("debt up to 30 %", 1.16)
        and round(policy(USUAL, LOST)) == 25
        and policy.over_usual("debt up to 30 %", SITES) > 1
    ),
    "Subsidies on use halve public cost and double write-offs": lambda: (
        0.45 < policy.over_usual("subsidy on measured use", COST) < 0.55
        and 1.8 < policy.over_usual("subsidy on measured use", LOST) < 2.2
    ),
    "No policy lowers the highest idle share by more than six points": lambda: (
        round(policy(USUAL, IDLE) - min(policy.all_but_usual(IDLE).values()), 2) <= 0.06
    ),
    "(alone +0.105 of +0.097)": lambda: (
        (channel("only shock_exit", SHOCK_IDLE), channel("all", SHOCK_IDLE)) == (0.105, 0.097)
    ),
    "a third of that also through the compute": lambda: (
        0.25 < channel("only shock_training", SHOCK_IDLE) / channel("all", SHOCK_IDLE) < 0.4
    ),
    "cheaper inference works against both": lambda: channel("only shock_inference", SHOCK_IDLE) < 0,
    "Beliefs, lenders and funds carry next to nothing": lambda: all(
        abs(channel(name, SHOCK_IDLE) - channel("none", SHOCK_IDLE)) < 0.005 for name in WITHOUT_EFFECT
    ),
    "(idle share -0.011, rent +1.2 thousand)": lambda: (
        (channel("none", SHOCK_IDLE), channel("none", SHOCK_RENT)) == (-0.011, 1.2)
    ),
}


@pytest.mark.parametrize("words", SAID)
def test_what_is_said_stands_on_the_page_and_holds_in_its_table(words):
    assert words in PAGE, "not on the page any more: check what stands there now"
    assert SAID[words]()
