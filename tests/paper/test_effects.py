"""What docs/odd/mechanisms.md says of its tables holds in them; a new sentence needs a new check."""

import re
from pathlib import Path

import numpy as np
import pytest

from bubble_abm.economy.outside import month_number, outside
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.simulation import simulate
from bubble_abm.observe.facts import facts
from bubble_abm.paper.effects import MISSED, SYSTEMS, criteria, rows_of, topics
from bubble_abm.study.ensemble import Ensemble

DOCS = Path(__file__).parents[2] / "docs"
PAGE = " ".join((DOCS / "odd" / "mechanisms.md").read_text(encoding="utf-8").split())
MISSES = PAGE.partition("Missed are")[2].partition(" ## ")[0]
ROWS = rows_of("mechanisms")
USE, RENT, FAILED, BROKEN, STARTS, ANNOUNCED = (
    "use", "rent of a server", "sites wound up", "broken off", "starts", "sites announced",
)  # fmt: skip

#: Millions of users as counted, and twice the trillions of tokens a day that were (C43).
COUNTED = {"2024-12": 249, "2025-06": 515, "2025-12": 602}
TWICE = {"2024-01": 0.2, "2025-06": 60, "2025-12": 200}


class Found:
    """A mean with its interval, by mechanism, what is compared (all or the beginning) and the measure's beginning."""

    def __init__(self, mechanism: str, compared: str, measure: str) -> None:
        mine = [row for row in ROWS if row["mechanism"] == mechanism]
        rows = [row for row in mine if row["compared"] == compared] or [
            row for row in mine if row["compared"].startswith(compared)
        ]
        (row,) = (row for row in rows if row["measure"].startswith(measure))
        self.value, self.low, self.high = (float(row[name].replace(",", "")) for name in ("value", "low", "high"))

    @property
    def rises(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.low > 0.0

    @property
    def falls(self) -> bool:
        """Whether the whole interval is below zero."""
        return self.high < 0.0

    @property
    def stays(self) -> bool:
        """Whether no difference can be told from luck."""
        return not (self.rises or self.falls)


def value(*where: str) -> float:
    """Mean of a row."""
    return Found(*where).value


def rises(*where: str) -> bool:
    """Whether it is clearly above zero."""
    return Found(*where).rises


def falls(*where: str) -> bool:
    """Whether it is clearly below zero."""
    return Found(*where).falls


def stays(*where: str) -> bool:
    """Whether it cannot be told from zero."""
    return Found(*where).stays


def firms(places: str, month: str) -> float:
    """Application firms founded by a month."""
    return value("application_firms", places, f"founded, {month}")


def failing() -> float:
    """Share of conversions that fail."""
    failed, done = (value("conversion", "defaults", what) for what in ("conversions failed", "converted"))
    return failed / (failed + done)


def wave(growth: str, elasticity: str) -> float:
    """Share of points with a second wave."""
    cell = f"growth of use over users {growth}, elasticity {elasticity}"
    return value("second_wave", cell, "second wave") / 100


def fact(name: str) -> float:
    """Median of a fact over 200 seeds."""
    (row,) = (row for row in rows_of("facts") if row[""] == name)
    return float(row["median"].replace(",", ""))


def step_of_2023() -> float:
    """By what part of a full stage export control is tightened in October 2023."""
    return float(outside(24)["control_step"][month_number("2023-10")])


def higher_in_the_ensemble(name: str) -> float:
    """Share of economies of the ensemble in which a parameter is above its default."""
    ensemble, default = Ensemble.load(), getattr(Parameters(), name)
    return sum(getattr(ensemble.parameters(one), name) > default for one in range(len(ensemble))) / len(ensemble)


def tokens_without_progress() -> float:
    """How much tokens a day rise from March 2024 to June 2025 where serving makes no progress, median of 20 seeds."""
    runs = [simulate(Parameters(serving_progress=0.0), months=30, seed=seed).series for seed in range(1, 21)]
    return float(np.median([run["tokens_per_day"].iloc[29] / run["tokens_per_day"].iloc[14] for run in runs]))


SAID = {
    "more GPUs and more efficient models make it some eighty times in the model": lambda: (
        75 < tokens_without_progress() < 90
    ),
    "With harvesters 20 fewer sites are announced, and more are wound up.": lambda: (
        falls("adverse_selection", "defaults", "the second less")
        and rises("adverse_selection", "with harvesters", FAILED)
        and falls("adverse_selection", "with harvesters", ANNOUNCED)
        and round(value("adverse_selection", "with harvesters", ANNOUNCED)) == -20
    ),
    "fewer sites are announced, use rises, and more sites are wound up. Invented use": lambda: (
        falls("adverse_selection", "paid on use", ANNOUNCED)
        and rises("adverse_selection", "paid on use", USE)
        and rises("adverse_selection", "paid on use", FAILED)
    ),
    "Invented use brings no harvester back.": lambda: (
        stays("adverse_selection", "the same with invented use", "sites of harvesters")
    ),
    "checks of all forecasts keep ten sites from being announced and ten from being started": lambda: (
        all(falls("adverse_selection", "all forecasts checked", what) for what in (ANNOUNCED, STARTS))
        and all(round(value("adverse_selection", "all forecasts checked", one)) == -10 for one in (ANNOUNCED, STARTS))
    ),
    "some 360 have been founded, where more than 490 were registered (fact C42), and 90 instead of 302": lambda: (
        round(firms("600 places", "2025-07"), -1) == 360 and round(firms("600 places", "2024-12"), -1) == 90
    ),
    "`startup_innovation`, which the hazard is proportional to, is 0.009 a month": lambda: (
        round(Parameters().startup_innovation, 3) == 0.009
    ),
    "Without the release there are fewer than half as many.": lambda: (
        0.4 < firms("600 places, without the release", "2025-07") / firms("600 places", "2025-07") < 0.5
    ),
    "Deals become four and a half times as many; without such firms they stay as many as they were (C38)": lambda: (
        4.3 < value("application_firms", "600 places", "deals") < 4.7 and 0.9 < fact("C38") < 1.1
    ),
    "Use and rents rise and failures get fewer, and all of that is reach": lambda: (
        rises("application_firms", "600 places less none", USE)
        and rises("application_firms", "600 places less none", RENT)
        and falls("application_firms", "600 places less none", FAILED)
        and falls("application_firms", "600 places less none, without reach", USE)
        and falls("application_firms", "600 places less none, without reach", RENT)
    ),
    "Both leave fewer sites, which are used more and fail less often.": lambda: (
        falls("approval", "approval where", STARTS)
        and falls("approval", "approval in hubs", ANNOUNCED)
        and all(rises("approval", f"approval {one}", USE) for one in ("where", "in"))
        and all(falls("approval", f"approval {one}", FAILED) for one in ("where", "in"))
    ),
    "Attention holds building back in 2024, raises use by half a point or so, and spares failures.": lambda: (
        falls("attention", "attentive", "starts, 2024")
        and rises("attention", "attentive", USE)
        and 0.4 < value("attention", "attentive", USE) < 0.7
        and falls("attention", "attentive", FAILED)
    ),
    "Of starts in later years no difference can be told from luck.": lambda: (
        stays("attention", "attentive", "starts, 2025")
    ),
    "A third of the use of 2024 is by tenants whom the site finances.": lambda: (
        0.3
        < value("circular_finance", "defaults", "the difference") / value("circular_finance", "defaults", "use")
        < 0.37
    ),
    "keep five or six startups in business, and use by others than their tenants is 19 points lower": lambda: (
        5 < value("circular_finance", "with patrons", "startups") < 6
        and round(value("circular_finance", "with patrons", "independent use")) == -19
    ),
    "who cannot leave fails: more leases end with a startup, and fewer startups live. Rents do not move.": lambda: (
        falls("contract_terms", "penalty", BROKEN)
        and falls("contract_terms", "terms", BROKEN)
        and rises("contract_terms", "terms", "leases ended with")
        and falls("contract_terms", "terms", "startups")
        and stays("contract_terms", "terms", RENT)
    ),
    "cancellations are six times those of the year before (C25)": lambda: (
        round(value("contract_terms", "defaults", "leases ended early")) == 6
    ),
    "Of ten sites that are rebuilt four fail to be.": lambda: 0.4 < failing() < 0.45,
    "Use and rents do not move, for at a `bare_engineering` of 0.95 there is little to gain;": lambda: (
        stays("conversion", "with", USE) and stays("conversion", "with", RENT) and Parameters().bare_engineering == 0.95
    ),
    "the money is spent, and one or two more sites are wound up.": lambda: (
        rises("conversion", "with", FAILED) and 1 < value("conversion", "with", FAILED) < 2
    ),
    "At the defaults a hand takes a tenth off the risk that is left.": lambda: 0.09 < Parameters().chain_secrecy < 0.11,
    "these pass more of them, customs seize less, and chips are cheaper": lambda: (
        rises("dealer_chains", "secrecy", "hands")
        and falls("dealer_chains", "secrecy", "seized")
        and falls("dealer_chains", "secrecy", "price")
    ),
    "That sites with a team are fuller cannot be told from luck, neither in 2024 nor in 2025": lambda: (
        all(stays("engineering", "defaults, new sites", f"use, {year}") for year in (2024, 2025))
        and rises("engineering", "fitness without a team", "use, 2025")
        and all(rises("engineering", "defaults, near", f"use, {year}") for year in (2024, 2025))
    ),
    "a site without one is 0.95 times as fit": lambda: Parameters().bare_engineering == 0.95,
    "lowers the idle share by less than a point: use away from the users rises by four points, and near them": lambda: (
        falls("engineering", "interior", "idle")
        and value("engineering", "interior", "idle") > -1
        and round(value("engineering", "interior", "use away")) == 4
        and 0.85 < -value("engineering", "interior", "use near") / value("engineering", "interior", "use away") < 1
    ),
    "Counting delays instead of classes of provinces moves nothing.": lambda: (
        stays("engineering", "delays", USE) and stays("engineering", "delays", RENT)
    ),
    "are 2,500 on average; in most seeds they are fewer than the thousand or more that were seen (fact C45)": lambda: (
        round(value("enterprises", "defaults", "of these"), -2) == 2500 and fact("C45") < 1000
    ),
    "At a share of 0.1 they are some 11,500.": lambda: (
        round(value("enterprises", "enterprise share", "at sites"), -2) == 11_500
        and rises("enterprises", "enterprise share", "at sites")
    ),
    "Use falls by a point, at the larger share by nine, and 12 more sites are wound up": lambda: (
        rises("enterprises", "with", RENT)
        and falls("enterprises", "with", USE)
        and falls("enterprises", "enterprise share", USE)
        and round(value("enterprises", "with", USE)) == -1
        and round(value("enterprises", "enterprise share", USE)) == -9
    ),
    "12 more sites are wound up, at the larger share 47.": lambda: (
        rises("enterprises", "with", FAILED)
        and rises("enterprises", "enterprise share", FAILED)
        and round(value("enterprises", "with", FAILED)) == 12
        and round(value("enterprises", "enterprise share", FAILED)) == 47
    ),
    "arrears, failures and use do not move": lambda: (
        value("hand_over", "share 0.3", "handed") < 2
        and all(stays("hand_over", "share 0.3 less", what) for what in ("sites in arrears", FAILED, USE))
    ),
    "Without that attention 33 would be.": lambda: round(value("hand_over", "share 0.3, sponsors", "handed")) == 33,
    "both an H100 and a server are dearer. In 2025 an H100 is dearer too.": lambda: (
        rises("hoarding", "hoarding", "held back")
        and rises("hoarding", "hoarding", "price of an H100, 2023")
        and rises("hoarding", "hoarding", RENT)
        and rises("hoarding", "hoarding", "price of an H100, 2025")
    ),
    "With as much of it as the defaults have, an H100 is a thousand CNY dearer in the boom.": lambda: (
        rises("hoarding", "with", "price") and round(value("hoarding", "with", "price")) == 1
    ),
    "three startups in two hundred are meant for portfolios": lambda: round(200 * Parameters().industry_fund) == 3,
    "Funds then add between one and two per cent to what patrons' tenants rent, and independent use is a": lambda: (
        0.01 < value("industry_fund", "with", "leased") / value("circular_finance", "with patrons", "leased") < 0.02
        and rises("industry_fund", "with", "leased")
        and falls("industry_fund", "with", "independent use")
        and value("industry_fund", "with", "independent use") > -0.5
    ),
    "What becomes of rents, startups and failures cannot be told from luck.": lambda: all(
        stays("industry_fund", "with", what) for what in (RENT, "startups", FAILED)
    ),
    "hundreds of projects from being announced, and from being started the brake some 160 and the gate some": lambda: (
        all(value("later_answer", one, "announced") < -200 for one in ("brake", "gate"))
        and [round(value("later_answer", one, STARTS), -1) for one in ("brake", "gate")] == [-160, -130]
    ),
    "Use rises by half a point.": lambda: all(
        rises("later_answer", one, USE) and 0.35 < value("later_answer", one, USE) < 0.65 for one in ("brake", "gate")
    ),
    "The cap spares most failures and write-offs. More sites are completed, not fewer, and rents are lower.": lambda: (
        -value("leverage_cap", "debt", FAILED) > value("leverage_cap", "defaults", FAILED) / 2
        and -value("leverage_cap", "debt", "loans") > value("leverage_cap", "defaults", "loans") / 2
        and rises("leverage_cap", "debt", "sites completed")
        and falls("leverage_cap", "debt", RENT)
    ),
    "Strict lenders keep sites from being started and spare failures. What they write off does not move.": lambda: (
        falls("lending_standards", "strict", STARTS)
        and falls("lending_standards", "strict", FAILED)
        and stays("lending_standards", "strict", "loans")
    ),
    "At the most, non-users lease 17 thousand GPUs.": lambda: round(value("non_users", "defaults", "most")) == 17,
    "who has a use gets five points less of all GPUs": lambda: (
        rises("non_users", "with", "peak")
        and rises("non_users", "with", "rent signed")
        and rises("non_users", "with", BROKEN)
        and round(value("non_users", "with", "use by")) == -5
    ),
    "With them 13 more sites are started by the end of 2024, and six more are wound up by": lambda: (
        rises("non_users", "with", STARTS)
        and rises("non_users", "with", FAILED)
        and round(value("non_users", "with", STARTS)) == 13
        and round(value("non_users", "with", FAILED)) == 6
    ),
    "Use falls and break-offs rise with the share of such contracts.": lambda: (
        value("opaque_contracts", "all", USE) < value("opaque_contracts", "a share", USE) < 0
        and value("opaque_contracts", "all", BROKEN) > value("opaque_contracts", "a share", BROKEN) > 0
    ),
    "in the end a petaflop is expected to lack more than a third": lambda: (
        1 / 3 < Found("opaque_contracts", "defaults", "expected").low < 0.4
    ),
    "without learning 164 thousand more GPUs are broken off, more than twice what such contracts add": lambda: (
        round(value("opaque_contracts", "without", BROKEN)) == 164
        and 2 < value("opaque_contracts", "without", BROKEN) / value("opaque_contracts", "a share", BROKEN) < 2.5
    ),
    "rents fall by 32 thousand CNY, use of 2025 rises by 16 points, and more sites are wound up": lambda: (
        round(value("option_value", "all", RENT)) == -32
        and round(value("option_value", "all", USE)) == 16
        and rises("option_value", "all", FAILED)
    ),
    "two owners in three do: rents fall by 23 thousand CNY, below fact C11, and use rises by ten points.": lambda: (
        0.63 < 1 - Parameters().debt_pricing < 0.7
        and round(value("option_value", "66.8 %", RENT)) == -23
        and round(value("option_value", "66.8 %", USE)) == 10
        and fact("C11") < 65_000
    ),
    "rents of 2025 are higher by nearly a half, over the ensemble by two fifths": lambda: (
        0.45 < value("own_fleets", "without capital spending less as planned", RENT) / 100 < 0.5
        and 0.37 < value("own_fleets", "without capital spending less as planned, over", RENT) / 100 < 0.43
    ),
    "platforms are short in four of ten seeds at the defaults, and in as many of the economies": lambda: (
        all(35 < value("own_fleets", one, "short") < 45 for one in ("as planned", "as planned, over"))
        and rises("own_fleets", "as planned", "most")
    ),
    "while 600 thousand GPUs, over the ensemble half a million, stand free": lambda: (
        575 < value("own_fleets", "as planned", "free") < 625
        and 450 < value("own_fleets", "as planned, over", "free") < 550
    ),
    "new sites are used a point less, rents are a thousand CNY higher and more sites are wound up": lambda: (
        round(value("own_fleets", "as planned less", "use of new")) == -1
        and falls("own_fleets", "as planned less", "use of new")
        and round(value("own_fleets", "as planned less", RENT)) == 1
        and rises("own_fleets", "as planned less", RENT)
        and rises("own_fleets", "as planned less", FAILED)
    ),
    "rents would be 158 thousand CNY higher in March 2025, and 141 more projects announced. That fewer": lambda: (
        round(value("own_tenants", "from", RENT)) == 158
        and round(value("own_tenants", "from", ANNOUNCED)) == 141
        and stays("own_tenants", "from", FAILED)
    ),
    "A register keeps sites from being announced and started; the others are used more, and fewer fail.": lambda: (
        falls("public_register", "with", ANNOUNCED)
        and falls("public_register", "with", STARTS)
        and rises("public_register", "with", USE)
        and falls("public_register", "with", FAILED)
    ),
    "three points, and rents fall by 18 %. More sites are switched off; that more are wound up cannot": lambda: (
        round(value("resale_network", "80 %", USE + ", ")) == 3
        and round(value("resale_network", "80 %", RENT)) == -18
        and rises("resale_network", "80 %", "sites switched off")
        and stays("resale_network", "80 %", FAILED)
    ),
    "peaks lower, but is higher at the end of 2024, further above fact C10, and in March 2025. Fewer sites": lambda: (
        falls("search", "two months", "highest")
        and falls("search", "two months", "peak")
        and rises("search", "two months", "rent of a server, 2024-10")
        and fact("C10") > 85_000
        and rises("search", "two months", "rent of a server, 2025-03")
        and stays("search", "two months", STARTS)
        and falls("search", "two months", FAILED)
    ),
    "lowers the highest use by 0.4 points and raises the rent at the end of 2024 by two thousand CNY": lambda: (
        0.5 < Parameters().search_time < 0.6
        and value("search", "0.", "highest") == -0.4
        and falls("search", "0.", "highest")
        and round(value("search", "0.", RENT)) == 2
        and rises("search", "0.", RENT)
    ),
    "It saves 27 bn CNY of subsidies.": lambda: (
        round(value("subsidy_on_use", "paid", "subsidies")) == -27
        and falls("subsidy_on_use", "paid", ANNOUNCED)
        and rises("subsidy_on_use", "paid", USE)
        and falls("subsidy_on_use", "paid", RENT)
        and rises("subsidy_on_use", "paid", FAILED)
    ),
    "in nearly every economy of the ensemble; at the defaults half of those that are off then would not": lambda: (
        value("switching_off", "defaults", "a site") == 100
        and 95 < value("switching_off", "over", "a site") < 100
        and 0.45
        < value("switching_off", "by fill 0", "sites off, 2025") / value("switching_off", "defaults", "sites")
        < 0.55
    ),
    "Halls that are off keep rents up, and fewer sites are in arrears.": lambda: all(
        rises("switching_off", one, RENT) and falls("switching_off", one, "sites in arrears")
        for one in ("by fill 0", "by fill 1")
    ),
    "on average 0.3 of a hall by the end of 2027 at a share of 0.5, one over the ensemble. Neither rents nor": lambda: (
        value("re_equipment", "share 0.5", "halls") == 0.3
        and round(value("re_equipment", "over", "halls")) == 1
        and stays("re_equipment", "share 0.5 less", RENT)
        and stays("re_equipment", "share 0.5 less", FAILED)
    ),
    "a quarter dearer at the end of 2024 than the highest that was seen, and three per cent cheaper in March": lambda: (
        1.22 < fact("C10") / 85_000 < 1.28 and 0.96 < fact("C11") / 65_000 < 0.975
    ),
    "Enterprises make a server 13 thousand CNY dearer in 2024, and two owners in three": lambda: (
        round(value("enterprises", "with enterprises", RENT)) == 13
        and round(value("option_value", "66.8 %", RENT)) == -23
    ),
    "(`domestic_terms` 2.61) than in seven of eight economies": lambda: (
        Parameters().domestic_terms == 2.61 and 0.86 < higher_in_the_ensemble("domestic_terms") < 0.9
    ),
    "(`domestic_training` 0), which at the defaults is a third of what is rented after the shock (C15)": lambda: (
        Parameters().domestic_training == 0 and 0.3 < fact("C15") < 0.35
    ),
    "in one per cent of economies, which cannot be told from none": lambda: (
        value("chip_classes", "over", "more than half") == 1 and stays("chip_classes", "over", "more than half")
    ),
    "loses 56 % of prepaid orders (`ban_loss`), and that of October 2023 was two thirds of a stage": lambda: (
        Parameters().ban_loss == 0.56 and 0.63 < step_of_2023() < 0.68
        and abs(fact("C24") - Parameters().ban_loss * step_of_2023()) < 0.02
    ),
    "a server is 15 % dearer than in March, the least that was asked, and the interval begins below it": lambda: (
        round(value("export_control", "defaults", "server in April")) == 15
        and Found("export_control", "defaults", "server in April").low < 15
    ),
    "the most that was asked, and two of three intervals reach above it": lambda: (
        [Found("users", "700", f"tokens a day, {month}").high > most for month, most in TWICE.items()].count(True) == 2
    ),
    "Of 600 places for application firms 357 are taken by July 2025, while 490 services": lambda: (
        round(firms("600 places", "2025-07")) == 357 < 490
    ),
    "With either of them inference has the share after the shock that was seen.": lambda: (
        Parameters().application_firms == Parameters().potential_users == 0
        and all(
            Found(one, where, "inference in rented compute, 2025").low > 35
            and Found(one, where, "inference in rented compute, 2025").high < 55
            for one, where in (("application_firms", "600 places"), ("users", "700"))
        )
    ),
    "(`inference_elasticity` 1.21) is just above the range": lambda: (
        Parameters().inference_elasticity == 1.21 and round(fact("C44"), 2) == 1.21
    ),
    "The mean over seeds is above a thousand cards at sites of their own, the median is below.": lambda: (
        Found("enterprises", "defaults", "of these").low > 1000 > fact("C45")
    ),
    "no change of use away from the users can be told from luck, but the interval at pots of 50 m CNY": lambda: (
        all(stays("vouchers", f"pots of {pot}", "use away") for pot in ("50 m, less", "600 m"))
        and Found("vouchers", "pots of 50 m, less", "use away").low == -1.5
    ),
    "so that the release takes one per cent off the vendor's value, which rises by a tenth in that month": lambda: (
        0.9 < Parameters().training_elasticity < 1
        and round(value("vendor_value", "with the release less without", "value in January")) == -1
        and 9 < value("vendor_value", "defaults", "January") < 11
    ),
    "enterprises are two in a hundred of listed newcomers": lambda: 0.015 < Parameters().enterprise_share < 0.025,
    "a team makes a site five per cent fitter for inference, too little to be seen": lambda: (
        1.04 < 1 / Parameters().bare_engineering < 1.06
        and all(stays("engineering", "defaults, new sites", f"use, {year}") for year in (2024, 2025))
    ),
    "a power draw of `idle_cost_share` 0.20 (C48 has 0.10-0.25)": lambda: round(Parameters().idle_cost_share, 2) == 0.2,
    "terms of contracts between those that C46 reports": lambda: (
        0 < Parameters().contract_prepayment < 0.6
        and 0 < Parameters().contract_penalty < 0.3
        and 0 < Parameters().lessor_penalty < 0.05
    ),
    "Running cost is covered at a fill of 0.34 (C47)": lambda: (
        value("switching_off", "defaults, running", "fill") == 0.34
    ),
    "By call, one site or two are taken over, and one fewer is wound up.": lambda: (
        1 < value("take_over", "defaults", "taken") < 2
        and round(value("take_over", "taken", FAILED)) == -1
        and falls("take_over", "taken", FAILED)
    ),
    "By mandate it is 38 more and 42 fewer; use rises by less than a point.": lambda: (
        round(value("take_over", "by mandate", "taken")) == 38
        and round(value("take_over", "by mandate", FAILED)) == -42
        and rises("take_over", "by mandate", USE)
        and value("take_over", "by mandate", USE) < 1
    ),
    "above one (`inference_elasticity`) users want more compute than progress saves": lambda: (
        Parameters().inference_elasticity > 1
    ),
    "rents are four per cent higher and leased inference 28 %, and ten fewer sites are wound up": lambda: (
        round(value("tokens", "progress", RENT)) == 4
        and round(value("tokens", "progress", "leased")) == 28
        and round(value("tokens", "progress", FAILED)) == -10
    ),
    "Users come about as they were counted: 257, 447 and 629 million.": lambda: (
        [value("users", "700", f"users, {month}") for month in COUNTED] == [257, 447, 629]
        and all(0.85 < value("users", "700", f"users, {month}") / seen < 1.15 for month, seen in COUNTED.items())
    ),
    "of 1.2, the highest of fact C44 and just below the default, they are much the same": lambda: (
        0.95 < value("users", "the same", "tokens a day") / value("users", "700", "tokens a day, 2025-06") < 1.05
        and 1.2 < Parameters().inference_elasticity < 1.22
    ),
    "By the end of 2027 everybody has begun": lambda: value("users", "700", "users, 2027-12") == 700,
    "twice what was counted, at the beginning of 2024, in June 2025 and at the end of that year": lambda: all(
        1.9 < 2 * value("users", "700", f"tokens a day, {month}") / most < 2.1 for month, most in TWICE.items()
    ),
    "Their growth is as counted, three hundred times until June 2025.": lambda: (
        280 < value("users", "700", "tokens a day, 2025-06") / value("users", "700", "tokens a day, 2024-01") < 320
    ),
    "The shares of inference before and after the shock are those of facts C14 and C15.": lambda: all(
        low < Found("users", "700", f"inference in rented compute, {year}").low
        and Found("users", "700", f"inference in rented compute, {year}").high < high
        for year, low, high in ((2024, 5, 25), (2025, 35, 55))
    ),
    "new sites are used 0.4 points more than on the trend, and about a dozen fewer are wound up": lambda: (
        value("users", "users less", "use of new") == 0.4
        and rises("users", "users less", "use of new")
        and 11 < -value("users", "users less", FAILED) < 13
    ),
    "Both are possible, and the second is the rule.": lambda: (
        rises("second_wave", "400", "second wave") and Found("second_wave", "400", "no recovery").low > 50
    ),
    "there it comes in a sixth of points, and hardly anywhere else": lambda: (
        0.14 < wave("0.6-1", "1.05-1.5") < 0.19
        and max(wave("0.2-0.6", "0.6-1.05"), wave("0.2-0.6", "1.05-1.5"), wave("0.6-1", "0.6-1.05")) < 0.05
    ),
    "Where users are uneven and demand is rigid, nothing ever recovers.": lambda: (
        value("second_wave", "growth of use over users 0.2-0.6, elasticity 0.6-1.05", "no recovery") == 100
    ),
    "just below one, the release makes the vendor worth one per cent less; its value rises by a tenth": lambda: (
        0.9 < Parameters().training_elasticity < 1
        and round(value("vendor_value", "with the release less without", "value in January")) == -1
        and falls("vendor_value", "with the release less without", "value in January")
        and 9 < value("vendor_value", "defaults", "January") < 11
    ),
    "At 0.6 it loses 9 % in the month, half of what was seen.": lambda: (
        round(value("vendor_value", "elasticity", "January")) == -9
        and 0.45 < -value("vendor_value", "elasticity", "January") / 17 < 0.6
    ),
    "More than nine tenths of the pots are spent in 2024, and nearly all in 2025.": lambda: (
        90 < value("vouchers", "pots of 50 m CNY", "paid of the pots of 2024") < 98
        and 98 < value("vouchers", "pots of 50 m CNY", "paid of the pots of 2025") < 100
    ),
    "Vouchers keep startups alive. What halls away from the users fill cannot be told from luck": lambda: all(
        rises("vouchers", f"pots of {pot}", "startups") and stays("vouchers", f"pots of {pot}", "use away")
        for pot in ("50 m, less", "600 m")
    ),
    "Near the users use is a point higher with pots of 50 m CNY, while at the most of C21 no difference": lambda: (
        round(value("vouchers", "pots of 50 m, less", "use near")) == 1
        and rises("vouchers", "pots of 50 m, less", "use near")
        and stays("vouchers", "pots of 600 m", "use near")
    ),
    "makes an H100 seven thousand CNY cheaper until March 2024, and sixteen thousand in the rest of the year": lambda: (
        round(value("chip_classes", "buyers", "price of an H100, 2023")) == -7
        and round(value("chip_classes", "buyers", "price of an H100, 2024")) == -16
    ),
    "8 % of them are in use in late 2024; over the ensemble they fill a little later on": lambda: (
        round(value("chip_classes", "defaults, sites", USE)) == 8
        and 0 < value("chip_classes", "over", "use, December 2027 less") < 10
        and rises("chip_classes", "over", "use, December 2027 less")
    ),
    "Hardly an economy of the ensemble has sites that order them more than half used": lambda: (
        Found("chip_classes", "over", "more than half").high < 5
    ),
    "Fire sales lower the price of a chip": lambda: falls("chip_market", "fire sales", "price"),
    "in three quarters of busts more than half of them": lambda: (
        0.7 < value("chip_market", "over", "more than half") / 100 < 0.8
    ),
    "makes an H100 42 thousand CNY dearer, and the rent of a server 20 thousand": lambda: (
        round(value("export_control", "control", "price")) == 42
        and round(value("export_control", "control", RENT)) == 20
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", SAID)
def test_what_is_said_stands_on_the_page_and_holds(words: str) -> None:
    assert words in PAGE, "not on the page any more: check what stands there now"
    assert SAID[words]()


def test_every_mechanism_was_measured_and_belongs_to_a_known_topic() -> None:
    assert {row["mechanism"] for row in ROWS} == set(topics())
    assert {name for names, _ in SYSTEMS.values() for name in names} <= set(topics())
    assert {name for _, ids in SYSTEMS.values() for name in ids} <= {fact.id for fact in facts()}


def test_of_every_miss_is_said_why() -> None:
    """The list below the table names what is missed, facts by their number and systems by their name, and no other."""
    missed = {
        name if re.fullmatch(r"C\d\d", name) else system
        for system, name, *_, verdict in criteria()
        if verdict == MISSED
    }
    assert set(re.findall(r"\*\*([^*]+)\*\*", MISSES)) == missed


def test_intervals_hold_their_means() -> None:
    for row in ROWS:
        found = Found.__new__(Found)
        found.value, found.low, found.high = (float(row[name].replace(",", "")) for name in ("value", "low", "high"))
        assert found.low <= found.value <= found.high, row
