"""What a visitor chooses: values, presets, and the refusal of what is not valid."""

import pytest

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.page.settings import OFFERED, PRESETS, Settings, preset_of, with_preset


def test_a_value_is_kept_until_it_is_the_standard_one_again():
    settings = Settings().changed("herding", "2").changed("hold_out", 1.1)
    assert settings.values == {"herding": 2.0, "hold_out": 1.1}
    assert settings.changed("herding", str(DECLARED["herding"].default)).values == {"hold_out": 1.1}


@pytest.mark.parametrize(
    ("name", "text", "valid"),
    [
        ("herding", "99", "from 0 to 8"),
        ("herding", "much", "from 0 to 8"),
        ("herding", "nan", "from 0 to 8"),
        ("shock_month", "18.5", "whole number"),
        ("seed", "0", "whole number from 1"),
        ("months", "1000", "whole number from 1 to 168"),
        ("shock", "perhaps", "on or off"),
        ("herdin", "1", "herding"),
        ("scale", "2000", "bubble-abm run"),
    ],
)
def test_what_is_not_valid_is_refused_with_name_value_and_what_would_be(name, text, valid):
    with pytest.raises(InvalidInput) as refused:
        Settings().changed(name, text)
    assert name in str(refused.value) and valid in str(refused.value) and "\n" not in str(refused.value)


def test_the_page_offers_every_parameter_but_those_of_size():
    assert set(DECLARED) - set(OFFERED) == {
        "application_firms",
        "investors",
        "incumbents",
        "startups",
        "smugglers",
        "platforms",
        "scale",
    }


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_a_valid_scenario_that_knows_its_name_and_keeps_the_seed(preset):
    settings = with_preset(Settings(seed=7, months=36).changed("herding", 1), preset.name)
    assert (settings.seed, settings.months, preset_of(settings)) == (7, 36, preset.name)
    assert settings.scenario.title == preset.name
    assert (settings.scenario.shock_month is not None) == preset.shock


def test_presets_are_those_that_were_promised():
    assert [preset.name for preset in PRESETS] == [
        "baseline", "no shock", "no subsidy", "experienced investors only", "subsidy on measured use",
        "public register", "early shock",
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="did you mean 'no shock'"):
        with_preset(Settings(), "no shok")
