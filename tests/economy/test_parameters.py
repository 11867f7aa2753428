"""Parameters: declared once with unit, bounds and source; what is not valid is refused in one line."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

import ast
import calendar
import csv
import dataclasses
import itertools
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bubble_abm
from bubble_abm.economy.declare import ASSUMED, POLICY, InvalidInput
from bubble_abm.economy.mechanisms import MECHANISMS
from bubble_abm.economy.parameters import DECLARED, DTYPE, OUTSIDE, Parameters
from bubble_abm.economy.shocks import CHANNELS, FOUNDING, LEVELS

PACKAGE = Path(bubble_abm.__file__).parent / "economy"
ROOT = Path(__file__).parents[2]
FOUNDING_STEPS = {  # of mechanisms, see found_world
    "startups_have_no_patron", "centre_sets_fund_aside", "harvesters_are_among_newcomers",
    "shells_are_among_listed_newcomers", "application_firms_are_possible", "some_sponsors_bundle_teams",
    "some_newcomers_are_enterprises", "owners_differ_in_pricing",
}  # fmt: skip
ROLES = {"uncertain", "lever", "shock", "fixed", "size"}
#: One group for each mechanism, named like its file, and those of the core.
MECHANISMS_GROUPS = {
    mechanism.__name__.rpartition(".")[2]: {
        DECLARED[item.name].metadata["group"] for item in dataclasses.fields(mechanism.Parameters)
    }
    for mechanism in MECHANISMS
}
CORE_GROUPS = {
    "investors", "state", "projects", "leasing", "distress", "black market", "contracts", "startups", "platforms",
    "rest of the world", "chip classes", "shock", "channels of the shock", "price war", "start",
    "world",
}  # fmt: skip
GROUPS = CORE_GROUPS.union(*MECHANISMS_GROUPS.values())
#: What is counted one by one; projects and payments that are, and months that are compared with whole months.
COUNTED = {"agents", "investors", "provinces", "layers"}
WHOLE_MONTHS = {"shock_month", "months_to_brake", "non_user_term", "enterprise_term", "own_tenants_from"}
WHOLE_COUNTS = {"most_projects", "milestones", "chip_classes"}
SWITCHES = {"own_fleets"}
WHOLE = [name for name, item in DECLARED.items() if item.metadata["whole"]]


@pytest.mark.parametrize("name", list(DECLARED))
def test_every_parameter_is_declared_completely_and_its_default_is_valid(name: str) -> None:
    item = DECLARED[name]
    facts = item.metadata
    assert facts["role"] in ROLES
    assert facts["group"] in GROUPS
    assert facts["unit"] and facts["source"] and facts["meaning"]
    assert facts["low"] < facts["high"]
    assert facts["low"] <= item.default <= facts["high"]
    assert math.isfinite(facts["low"]) and math.isfinite(facts["high"])


@pytest.mark.parametrize("name", list(DECLARED))
def test_every_parameter_accepts_its_bounds_and_refuses_what_lies_beyond(name: str) -> None:
    low, high = DECLARED[name].metadata["low"], DECLARED[name].metadata["high"]
    for value in (low, high):
        if name not in WHOLE or value == int(value):
            assert getattr(Parameters(**{name: value}), name) == value
    for value in (
        low - 1e-6 * max(abs(low), 1.0),
        high * (1 + 1e-6) + 1e-9,
        math.nan,
        math.inf,
        -math.inf,
        "much",
        None,
        True,
        1j,
    ):
        with pytest.raises(InvalidInput, match=rf"^{name} = .*: give a (whole )?number from "):
            Parameters(**{name: value})


@pytest.mark.parametrize("name", list(DECLARED))
def test_designs_draw_within_bounds_around_the_default_and_rates_by_their_order_of_magnitude(name: str) -> None:
    facts = DECLARED[name].metadata
    low, high = facts["sampled"]
    assert facts["low"] <= low <= DECLARED[name].default <= high <= facts["high"]
    assert low < high
    rate = facts["role"] == "uncertain" and facts["unit"].startswith("1/month")
    assert facts["scale"] == ("log" if rate else "linear")
    assert facts["scale"] == "linear" or low > 0.0  # a zero that switches a mechanism off is valid, not drawn
    assert Parameters(**{name: low}) and Parameters(**{name: high})


def test_there_are_no_half_agents_and_no_half_months() -> None:
    counted = {name for name, item in DECLARED.items() if item.metadata["unit"] in COUNTED}
    assert {"investors", "incumbents", "startups", "smugglers", "platforms", "application_firms"} < counted
    assert set(WHOLE) == counted | WHOLE_MONTHS | WHOLE_COUNTS | SWITCHES
    for name in WHOLE:
        with pytest.raises(InvalidInput, match="whole number"):
            Parameters(**{name: 2.5})


def test_every_group_is_one_section_of_the_table() -> None:
    groups = [item.metadata["group"] for item in DECLARED.values()]
    assert set(groups) == GROUPS
    assert sum(one != other for one, other in itertools.pairwise(groups)) == len(GROUPS) - 1
    assert not hasattr(Parameters, "parameter")


@pytest.mark.parametrize("name", list(MECHANISMS_GROUPS))
def test_a_mechanism_has_a_section_of_its_own_that_is_named_like_its_file(name: str) -> None:
    (group,) = MECHANISMS_GROUPS[name]
    assert group.replace("-", " ") == name.replace("_", " ")
    assert group not in CORE_GROUPS


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'herding'"):
        Parameters().with_values({"hearding": 1.0})
    with pytest.raises(InvalidInput, match="valid are "):
        Parameters().with_values({"zzzzzz": 1.0})
    with pytest.raises(TypeError):
        Parameters(hearding=1.0)  # type: ignore[call-arg]


def test_a_copy_leaves_the_original_and_parameters_cannot_be_written() -> None:
    first = Parameters(herding=1.0)
    second = first.with_values({"herding": 2.0, "leverage": 0.5})
    assert (first.herding, second.herding, second.leverage) == (1.0, 2.0, 0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.herding = 3.0  # type: ignore[misc]


@given(st.sampled_from(sorted(DECLARED)), st.floats(0, 1))
def test_rules_read_the_value_that_was_given(name: str, part: float) -> None:
    facts = DECLARED[name].metadata
    value = facts["low"] + part * (facts["high"] - facts["low"])
    value = float(round(value)) if facts["whole"] else min(max(value, facts["low"]), facts["high"])
    assert Parameters(**{name: value}).row()[name] == value


def names_read_from_p(path: Path) -> dict[str, set[str]]:
    """Attributes of ``p`` that each function of a file reads."""
    tree = ast.parse(path.read_text())
    return {
        function.name: {
            node.attr
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("p", "parameters")
        }
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
    }


MONTHLY = [path for folder in ("agents", "markets", "mechanisms") for path in sorted((PACKAGE / folder).glob("*.py"))]
MONTHLY += [
    PACKAGE / name
    for name in ("month.py", "measures.py", "audit.py", "ledger.py", "sponsors.py", "chip_classes.py")
    if (PACKAGE / name).exists()
]


def test_every_parameter_is_read_by_some_rule_or_step_and_every_name_read_is_declared() -> None:
    read: set[str] = set()
    for path in [*MONTHLY, PACKAGE / "world.py", PACKAGE / "founding.py"]:
        for names in names_read_from_p(path).values():
            read |= names
    # They shape the outside world's paths.
    shocks = set(LEVELS.values()) | set(CHANNELS) | {"shock_month"}
    shocks |= {"export_control_strength", "platform_plans", "price_war"}
    sizes = {name for name, item in DECLARED.items() if item.metadata["role"] == "size"}
    assert read <= set(DECLARED) | set(OUTSIDE), read - set(DECLARED) - set(OUTSIDE)
    assert set(DECLARED) - read - shocks - sizes == set()


def test_what_is_read_only_when_the_world_is_founded_cannot_change_later() -> None:
    monthly, founding = set(), names_read_from_p(PACKAGE / "world.py")["empty_world"]
    for path in [*MONTHLY, PACKAGE / "founding.py"]:
        for function, names in names_read_from_p(path).items():
            if path.name == "founding.py" or function in FOUNDING_STEPS:
                founding |= names
            else:
                monthly |= names
    sizes = {name for name, item in DECLARED.items() if item.metadata["role"] == "size"}
    assert founding - monthly - sizes - set(OUTSIDE) == FOUNDING - monthly - set(CHANNELS) - {
        "price_war"
    }  # which shape paths
    # Against the first rent later ones are held, and against the first users later ones; there are rows for so many
    # projects; whether there are shells, enterprises and portfolios at all is asked every month, no chain grows longer than
    # the longest, and channels are closed for good.
    first = {"first_rent", "first_users", "potential_users"}
    asked = {"non_user_share", "enterprise_share", "industry_fund", "most_layers"}
    assert FOUNDING & monthly - set(CHANNELS) == first | {"most_projects"} | asked


# --- Sources --------------------------------------------------------------------------------------------------------

#: Sources that are neither fact, nor literature, nor assumption: policies, and conventions of the model itself.
STATED = {POLICY, "size of the world, for benchmarks", "switch of an experiment"}
CITATION = re.compile(r"([A-Z]\w*(?: and \w+| et al\.)?) (\d{4})\b")


def references() -> set[str]:
    """What can be cited, as in 'Bass 1969', 'Greenwood and Hanson 2015' or 'Demirer et al. 2025'."""
    labels = set()
    for entry in (ROOT / "references.bib").read_text(encoding="utf-8").split("\n@")[1:]:
        author, year = (re.search(rf"^\s*{name}\s*=\s*{{(.*)}},$", entry, re.MULTILINE) for name in ("author", "year"))
        assert author and year, entry
        names = [name.partition(",")[0] for name in author[1].split(" and ")]
        label = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        labels.add(f"{label} {year[1]}")
    return labels


def citations(source: str) -> set[str]:
    """Names with years that a source cites; a month with a year is a date."""
    found = {f"{names} {year}" for names, year in CITATION.findall(source)}
    return {citation for citation in found if citation.partition(" ")[0] not in calendar.month_name}


def facts() -> set[str]:
    """Ids of the facts that the model is held against."""
    with (PACKAGE.parent / "observe" / "facts.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file)}


def faults(source: str) -> set[str]:
    """What a reader of a source could not follow; all of it, where it leads nowhere."""
    named, cited = set(re.findall(r"\bC\d+\b", source)), citations(source)
    followed = named or cited or source.startswith(ASSUMED) or source in STATED
    return (named - facts()) | (cited - references()) | (set() if followed else {source})


@pytest.mark.parametrize("name", list(DECLARED))
def test_a_reader_can_follow_every_source(name: str) -> None:
    assert not faults(DECLARED[name].metadata["source"])


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("fact C01", set()), ("assumption: the programme of 2022", set()), ("facts C06-C08, since October 2023", set()), ("Bass 1969", set()), ("assumption, wide", set()),
        ("Greenwood and Hanson 2015; a switch", set()), ("Demirer et al. 2025", set()), (POLICY, set()), ("fact C99", {"C99"}),
        ("facts C01 and C990", {"C990"}), ("Keynes 1936", {"Keynes 1936"}), ("assumption, after Greenwood 2015", {"Greenwood 2015"}),
        ("Demirer and Fradkin 2025", {"Demirer and Fradkin 2025"}), ("everybody knows", {"everybody knows"}),
    ],
)  # fmt: skip
def test_the_check_of_sources_sees_what_leads_nowhere(source: str, fault: set[str]) -> None:
    assert faults(source) == fault


@pytest.mark.parametrize("name", list(DECLARED))
def test_a_default_lies_where_its_source_reports_or_says_why_not(name: str) -> None:
    facts = DECLARED[name].metadata
    low, high = facts["reported"] or (-math.inf, math.inf)
    assert (low <= DECLARED[name].default <= high) == (not facts["departs"])


def test_parameters_and_outside_paths_share_one_record_without_clashes() -> None:
    assert DTYPE.names == (*DECLARED, *OUTSIDE)
    assert len(set(DTYPE.names)) == len(DTYPE.names)


@pytest.mark.parametrize("name", list(DECLARED))
def test_plausible_ranges_lie_inside_the_wide_ones_and_hold_the_default(name: str) -> None:
    facts = DECLARED[name].metadata
    (low, high), (wide_low, wide_high) = facts["plausible"], facts["sampled"]
    assert wide_low <= low <= DECLARED[name].default <= high <= wide_high
    assert low < high
    if facts["reported"] and not facts["departs"]:  # what a source reports, as far as designs may go
        assert low >= min(facts["reported"][0], DECLARED[name].default)
        assert high <= max(facts["reported"][1], DECLARED[name].default)


def test_ranges_beyond_their_own_source_are_narrower_in_the_plausible_set() -> None:
    plausible = {name: item.metadata["plausible"] for name, item in DECLARED.items()}
    default = DECLARED["extrapolation"].default
    assert plausible["extrapolation"] == (min(0.4, default), max(1.3, default))  # reported 0.4 to 1.3, stretched to it
    assert plausible["leverage"] == (0.5, 0.7)
    assert plausible["risk_premium"][0] > DECLARED["risk_premium"].metadata["sampled"][0]  # by a fact about a run
    assert plausible["herding"] == (0, 8)  # an assumption: nothing to keep to
