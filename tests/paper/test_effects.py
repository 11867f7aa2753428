"""What docs/odd/mechanisms.md says of its tables holds in them; a new sentence needs a new check."""

import re
from pathlib import Path

import pytest

from bubble_abm.economy.parameters import Parameters
from bubble_abm.observe.facts import facts
from bubble_abm.paper.effects import MISSED, SYSTEMS, criteria, rows_of, topics

DOCS = Path(__file__).parents[2] / "docs"
PAGE = " ".join((DOCS / "odd" / "mechanisms.md").read_text(encoding="utf-8").split())
MISSES = PAGE.partition("Missed are")[2].partition(" ## ")[0]
ROWS = rows_of("mechanisms")
USE, RENT, FAILED, BROKEN, STARTS, ANNOUNCED = (
    "use", "rent of a server", "sites wound up", "broken off", "starts", "sites announced",
)  # fmt: skip


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


SAID = {
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
    "rents fall by 32 thousand CNY, far below fact C11, use of 2025 rises by 21 points": lambda: (
        round(value("option_value", "all", RENT)) == -32
        and round(value("option_value", "all", USE)) == 21
        and rises("option_value", "all", FAILED)
    ),
    "At the defaults one owner in twenty does.": lambda: 0.04 < 1 - Parameters().debt_pricing < 0.06,
    "rents of 2025 are a quarter higher, over the ensemble a third": lambda: (
        0.2 < value("own_fleets", "without capital spending less as planned", RENT) / 100 < 0.3
        and 0.3 < value("own_fleets", "without capital spending less as planned, over", RENT) / 100 < 0.4
    ),
    "in a third of the economies of the ensemble they are short, while half a million GPUs": lambda: (
        value("own_fleets", "as planned", "most") == 0
        and 30 < value("own_fleets", "as planned, over", "short") < 36
        and 450 < value("own_fleets", "as planned, over", "free") < 550
    ),
    "new sites are used less, rents are lower and more sites are wound up": lambda: (
        falls("own_fleets", "as planned less", "use of new")
        and falls("own_fleets", "as planned less", RENT)
        and rises("own_fleets", "as planned less", FAILED)
    ),
    "rents would be 96 thousand CNY higher in March 2025, 197 more": lambda: (
        round(value("own_tenants", "from", RENT)) == 96
        and round(value("own_tenants", "from", ANNOUNCED)) == 197
        and round(value("own_tenants", "from", FAILED)) == -21
    ),
    "A register keeps sites from being announced and started; the others are used more, and fewer fail.": lambda: (
        falls("public_register", "with", ANNOUNCED)
        and falls("public_register", "with", STARTS)
        and rises("public_register", "with", USE)
        and falls("public_register", "with", FAILED)
    ),
    "use rises by nine points, rents fall by a third, fewer sites are switched off": lambda: (
        round(value("resale_network", "80 %", USE + ", ")) == 9
        and 0.3 < -value("resale_network", "80 %", RENT) / 100 < 0.4
        and falls("resale_network", "80 %", "sites switched off")
        and rises("resale_network", "80 %", FAILED)
    ),
    "Where search takes two months the rent peaks higher and is higher at the end of 2024": lambda: (
        falls("search", "two months", "highest")
        and rises("search", "two months", "peak")
        and rises("search", "two months", "rent of a server, 2024-10")
        and stays("search", "two months", "rent of a server, 2025-03")
        and rises("search", "two months", STARTS)
        and rises("search", "two months", FAILED)
    ),
    "A week, as at the defaults, moves neither the highest use nor that rent.": lambda: (
        stays("search", "0.", "highest") and stays("search", "0.", RENT) and 0.2 < Parameters().search_time < 0.25
    ),
    "It saves 26 bn CNY of subsidies.": lambda: (
        round(value("subsidy_on_use", "paid", "subsidies")) == -26
        and falls("subsidy_on_use", "paid", ANNOUNCED)
        and rises("subsidy_on_use", "paid", USE)
        and falls("subsidy_on_use", "paid", RENT)
        and rises("subsidy_on_use", "paid", FAILED)
    ),
    "In every seed a site is off in December 2025, and in nine of ten economies": lambda: (
        value("switching_off", "defaults", "a site") == 100
        and 88 < value("switching_off", "over", "a site") < 95
        and value("switching_off", "by fill 0", "sites off, 2025") / value("switching_off", "defaults", "sites") > 0.9
    ),
    "Halls that are off keep rents up, and fewer sites are in arrears.": lambda: all(
        rises("switching_off", one, RENT) and falls("switching_off", one, "sites in arrears")
        for one in ("by fill 0", "by fill 1")
    ),
    "Hardly any hall finds a buyer: half a hall by the end of 2027 at a share of 0.5, one over the ensemble": lambda: (
        value("re_equipment", "share 0.5", "halls") == 0.5
        and round(value("re_equipment", "over", "halls")) == 1
        and stays("re_equipment", "share 0.5 less", RENT)
        and falls("re_equipment", "share 0.5 less", FAILED)
    ),
    "are two per cent dearer before the ban than the highest that was seen, and rents seven per cent": lambda: (
        1.01 < fact("C07") / 165_000 < 1.025 and 1.06 < fact("C10") / 85_000 < 1.075
    ),
    "(`domestic_training` 0), which is little more than a third of what is rented": lambda: (
        Parameters().domestic_training == 0 and 0.33 < fact("C15") < 0.4
    ),
    "enterprises are two in a hundred of listed newcomers": lambda: 0.015 < Parameters().enterprise_share < 0.025,
    "a team makes a site a third fitter for inference": lambda: 1.3 < 1 / Parameters().bare_engineering < 1.36,
    "a power draw of `idle_cost_share` 0.12 (C48 has 0.10-0.25)": lambda: Parameters().idle_cost_share == 0.12,
    "terms of contracts between those that C46 reports": lambda: (
        0 < Parameters().contract_prepayment < 0.6
        and 0 < Parameters().contract_penalty < 0.3
        and 0 < Parameters().lessor_penalty < 0.05
    ),
    "Running cost is covered at a fill of 0.28 (C47)": lambda: (
        value("switching_off", "defaults, running", "fill") == 0.28
    ),
    "By call, one site or two are taken over, and one fewer is wound up.": lambda: (
        1 < value("take_over", "defaults", "taken") < 2 and value("take_over", "taken", FAILED) == -1
    ),
    "By mandate it is 46 more and 48 fewer; use rises by less than a point.": lambda: (
        round(value("take_over", "by mandate", "taken") + 0.01) == 46
        and value("take_over", "by mandate", FAILED) == -48
        and rises("take_over", "by mandate", USE)
        and value("take_over", "by mandate", USE) < 1
    ),
    "At an elasticity of inference just below one": lambda: (
        0.9 < Parameters().inference_elasticity < 1
        and falls("tokens", "progress", RENT)
        and falls("tokens", "progress", "leased")
        and round(value("tokens", "progress", FAILED)) == 7
    ),
    "Users come as they were counted: 265, 462 and 645 million.": lambda: (
        [value("users", "700", f"users, {month}") for month in ("2024-12", "2025-06", "2025-12")] == [265, 462, 645]
    ),
    "at 1.2, the highest of fact C44, they would be four fifths in June": lambda: (
        0.78 < value("users", "the same", "tokens a day") / 30 < 0.83 and Parameters().inference_elasticity < 1
    ),
    "By the end of 2027 everybody has begun": lambda: value("users", "700", "users, 2027-12") == 700,
    "a third of what was counted in June and at the end of 2025": lambda: (
        0.3 < value("users", "700", "tokens a day, 2025-06") / 30 < 0.4
        and 0.3 < value("users", "700", "tokens a day, 2025-12") / 100 < 0.4
    ),
    "The share of inference before the shock is that of fact C14; after it, it is below that of C15.": lambda: (
        Found("users", "700", "inference in rented compute, 2024").high < 25
        and Found("users", "700", "inference in rented compute, 2025").high < 35
    ),
    "new sites are used 17 points less than on the trend, and 11 more are wound up": lambda: (
        round(value("users", "users less", "use of new")) == -17 and round(value("users", "users less", FAILED)) == 11
    ),
    "Both are possible, and the second is the rule.": lambda: (
        rises("second_wave", "400", "second wave") and Found("second_wave", "400", "no recovery").low > 50
    ),
    "there it comes in a fifth of points, and hardly anywhere else": lambda: (
        0.18 < wave("0.6-1", "1.05-1.5") < 0.23
        and max(wave("0.2-0.6", "0.6-1.05"), wave("0.2-0.6", "1.05-1.5"), wave("0.6-1", "0.6-1.05")) < 0.05
    ),
    "Where users are uneven and demand is rigid, nothing ever recovers.": lambda: (
        value("second_wave", "growth of use over users 0.2-0.6, elasticity 0.6-1.05", "no recovery") == 100
    ),
    "At the default of `training_elasticity`, above one, the release makes the vendor worth more": lambda: (
        Parameters().training_elasticity > 1
        and rises("vendor_value", "with the release less without", "value in January")
        and value("vendor_value", "elasticity", "January") == -16.3
    ),
    "Four fifths of the pots are spent in 2024 and seven tenths in 2025.": lambda: (
        78 < value("vouchers", "pots of 50 m CNY", "paid of the pots of 2024") < 83
        and 68 < value("vouchers", "pots of 50 m CNY", "paid of the pots of 2025") < 73
    ),
    "They keep startups alive; what halls fill cannot be told from luck": lambda: all(
        rises("vouchers", f"pots of {pot}", "startups")
        and stays("vouchers", f"pots of {pot}", "use away")
        and stays("vouchers", f"pots of {pot}", "use near")
        for pot in ("50 m, less", "600 m")
    ),
    "makes an H100 five to seven thousand CNY cheaper": lambda: (
        4.5 < -value("chip_classes", "buyers", "price of an H100, 2023") < 5.5
        and 6.5 < -value("chip_classes", "buyers", "price of an H100, 2024") < 7.5
    ),
    "8 % of them are in use in late 2024; they fill a little later on": lambda: (
        round(value("chip_classes", "defaults, sites", USE)) == 8
        and 0 < value("chip_classes", "over", "use, December 2027 less") < 10
        and 1 <= Found("chip_classes", "over", "more than half").low < 5
    ),
    "Fire sales lower the price of a chip": lambda: falls("chip_market", "fire sales", "price"),
    "in two thirds of busts more than half of them": lambda: (
        0.6 < value("chip_market", "over", "more than half") / 100 < 0.73
    ),
    "makes an H100 27 thousand CNY dearer, and the rent of a server 13 thousand": lambda: (
        26.5 <= value("export_control", "control", "price") < 27.5
        and round(value("export_control", "control", RENT)) == 13
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
