"""Values of a wrong type are refused in one line wherever the package takes them, and never repeated at length."""

from fractions import Fraction

import numpy as np
import pytest

from bubble_abm import BubbleModel, Change, InvalidInput, Parameters, Shock, simulate, twin
from bubble_abm.economy.declare import MESSAGE, SHOWN, printable, shown
from bubble_abm.engine.scenario import Scenario, assignments
from bubble_abm.engine.simulation import Simulation

HUGE = 10**5000  # a whole number that Python refuses to print


class Nameless:
    """An object that cannot be shown."""

    def __repr__(self):
        raise RuntimeError("no name")


def kind(value):
    """Name of a case: pytest cannot show every value either."""
    return type(value).__name__


WRONG = [0, 1, "", {}, {"herding": 2}, [1], "4", HUGE, Nameless(), np.zeros(3), float("nan")]


def refused(call):
    """Return the message with which a call refuses its input."""
    with pytest.raises(InvalidInput) as error:
        call()
    message = str(error.value)
    assert message.isprintable() and len(message) <= MESSAGE
    return message


@pytest.mark.parametrize("given", WRONG, ids=kind)
@pytest.mark.parametrize("run", [simulate, twin, Simulation, BubbleModel], ids=lambda run: run.__name__)
def test_what_is_no_parameters_no_rules_or_no_events_is_refused(run, given):
    assert refused(lambda: run(given)).endswith("give Parameters(...), as in Parameters(herding=2)")
    assert "give Rules(...)" in refused(lambda: run(rules=given))
    assert "Shock(...) or Change(...)" in refused(lambda: run(shocks=given))
    assert refused(lambda: run(shocks=[given])).endswith("give Shock(...) or Change(...)")
    if not (isinstance(given, int) and given == 1):  # a number of months
        assert refused(lambda: run(months=given)).startswith("months = ")


def test_a_number_is_named_as_a_number_and_a_text_in_quotes():
    assert refused(lambda: simulate(0)) == "parameters = 0: give Parameters(...), as in Parameters(herding=2)"
    assert refused(lambda: simulate("")).startswith("parameters = '': give")
    assert refused(lambda: simulate(shocks=["1"])).startswith("shocks: entry = '1': give")


@pytest.mark.parametrize(
    "value", ["4", 10**400, HUGE, True, np.True_, None, [4], np.array([4.0]), 4j, Nameless(), b"4"], ids=kind
)
def test_shocks_changes_and_parameters_take_real_numbers_only(value):
    assert refused(lambda: Shock(efficiency=value)).startswith("shock_efficiency = ")
    assert refused(lambda: Shock(month=value)).startswith("shock_month = ")
    assert refused(lambda: Change(parameter="herding", value=value, month=3)).startswith("herding = ")
    if value != "4":  # the command line gives texts
        assert refused(lambda: Parameters(herding=value)).startswith("herding = ")


def test_any_kind_of_number_is_taken_and_becomes_a_plain_one():
    for three in (3, 3.0, np.int64(3), np.float32(3), np.array(3), Fraction(3)):
        assert Parameters(herding=three) == Parameters(herding=3)
        assert Shock(efficiency=three) == Shock(efficiency=3.0)
        assert type(Shock(efficiency=three).efficiency) is float
    assert Change(parameter="herding", value=2, month=np.int64(3)).month == 3
    assert type(Change(parameter="herding", value=2, month=np.int64(3)).month) is int


@pytest.mark.parametrize("month", [True, "3", 3.5, -1, 1201, HUGE, Nameless(), [3]], ids=kind)
def test_a_change_begins_and_ends_in_a_whole_month(month):
    assert "month = " in refused(lambda: Change(parameter="herding", value=2, month=month))
    if month is not True:
        assert "until = " in refused(lambda: Change(parameter="herding", value=2, month=3, until=month))


@pytest.mark.parametrize("name", [5, None, ["herding"], HUGE, "x" * 20_000], ids=kind)
def test_a_name_that_is_none_is_refused(name):
    assert refused(lambda: Change(parameter=name, value=2, month=3)).startswith("unknown parameter ")


@pytest.mark.parametrize("given", WRONG, ids=kind)
def test_a_scenario_takes_what_it_says(given):
    valid = {"title": str, "values": dict}
    for field in ("title", "values", "shocks", "changes", "seed", "seeds", "months"):
        if not isinstance(given, valid.get(field, ())) and not (type(given) is int and given == 1):
            assert field.rstrip("s") in refused(lambda field=field: Scenario(**{field: given}))
    assert refused(lambda: Scenario(values={5: 1})).startswith("unknown parameter '5'")


# --- What messages repeat --------------------------------------------------------------------------------------------


def test_a_message_repeats_little_of_a_value_and_no_control_character():
    long, rude = "9" * 20_000, "\x1b[31m\x07red\r\nline\u202e\udcff\x00"
    for text in (long, rude):
        for message in (
            refused(lambda text=text: Parameters(herding=text)),
            refused(lambda text=text: Parameters().with_values({text: 1})),
            refused(lambda text=text: assignments([text])),
            refused(lambda text=text: assignments([f"{text}=1", f"{text}=2"])),
            refused(lambda text=text: simulate(text)),
        ):
            assert len(message) < 12 * SHOWN
            assert "9" * (SHOWN + 1) not in message
    assert printable(rude) == r"\x1b[31m\x07red line\u202e\udcff\x00"
    assert len(shown(long)) == SHOWN


def test_however_a_message_came_about_it_is_one_short_printable_line():
    message = str(InvalidInput(f"name = {'x' * 20_000}\n\x1b: give a shorter one"))
    assert len(message) <= MESSAGE
    assert message.startswith("name = xxx") and message.endswith(r"xxx \x1b: give a shorter one")
