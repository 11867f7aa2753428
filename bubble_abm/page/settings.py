"""The settings of a run on the page: parameters, shock, seed and length; presets; and the check of all input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bubble_abm.economy.declare import InvalidInput, checked, checked_count, shown, unknown_name
from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS, MAX_SEED
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.scenario import Scenario, read_scenario, whole_number

#: Parameters that a visitor may set. The size of the world is not among them, because one link could use up the memory
#: of a shared server.
OFFERED = tuple(name for name, item in DECLARED.items() if item.metadata["role"] != "size")
OTHERS = ("seed", "months", "shock")
SHOCK_WORDS = {"on": True, "off": False}


@dataclass(frozen=True)
class Settings:
    """Settings of a run, as chosen on the page.

    Attributes
    ----------
    values : mapping of str to float
        Parameters that differ from the standard ones.
    shock : bool
        Whether the efficient model is released.
    seed : int
        Random seed.
    months : int
        Length of the run [months].
    """

    values: Mapping[str, float] = field(default_factory=dict)
    shock: bool = True
    seed: int = 1
    months: int = STANDARD_MONTHS

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that these settings describe."""
        shocks = None if self.shock else ()
        return Scenario(title=self.title, values=self.values, shocks=shocks, seed=self.seed, months=self.months)

    @property
    def title(self) -> str:
        """Name of the preset, or the list of changes."""
        name = preset_of(self)
        if name:
            return name
        changes = [f"{name} = {value:g}" for name, value in self.values.items()]
        return ", ".join(changes if self.shock else ["no shock", *changes])

    def value(self, name: str) -> float:
        """Value of a parameter."""
        return float(self.values.get(name, DECLARED[name].default))

    def changed(self, name: str, text: str | float) -> Settings:
        """Return the settings with one of them changed.

        Parameters
        ----------
        name : str
            A parameter that the page offers, or ``seed``, ``months``, ``shock``.
        text : str or float
            Its value, from a field or an address.

        Raises
        ------
        InvalidInput
            If the name is unknown or the value is not valid.

        Examples
        --------
        >>> Settings().changed("herding", "2").values
        {'herding': 2.0}
        >>> Settings().changed("seed", "none")
        Traceback (most recent call last):
        ...
        bubble_abm.InvalidInput: seed = none: give a whole number from 1 to 9223372036854775807
        """
        if name == "shock":
            if str(text) not in SHOCK_WORDS:
                raise InvalidInput(f"shock = {shown(text)}: give on or off")
            return replace(self, shock=SHOCK_WORDS[str(text)])
        if name == "seed":
            return replace(self, seed=checked_count(name, whole_number(str(text)), 1, MAX_SEED))
        if name == "months":
            return replace(self, months=checked_count(name, whole_number(str(text)), 1, MAX_MONTHS))
        check_offered(name)
        number = checked(DECLARED[name], text)
        values = {key: value for key, value in self.values.items() if key != name}
        return replace(self, values=values if number == DECLARED[name].default else values | {name: number})


def check_offered(name: str) -> None:
    """Refuse a name that is not a setting of the page."""
    if name in DECLARED and name not in OFFERED:
        raise InvalidInput(f"{name}: cannot be set on the page, use bubble-abm run --set {name}=...")
    if name not in OFFERED:
        raise InvalidInput(unknown_name("setting", name, (*OTHERS, *OFFERED)))


def settings_from(path: str | Path | None = None, values: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in a scenario file, with some of them changed.

    Parameters
    ----------
    path : str or Path, optional
        A file for ``bubble-abm run --scenario``, for instance one downloaded from the page.
    values : mapping of str to str, optional
        Values of parameters that differ from the file.

    Raises
    ------
    InvalidInput
        If the file is not valid, or has shocks or changes that the page cannot represent.
    """
    scenario = {} if path is None else read_scenario(path)
    if scenario.get("shocks") or scenario.get("changes"):
        raise InvalidInput(
            f"scenario {path}: the page allows only the shock of the parameters shock_..., and no changes: "
            "use bubble-abm run --scenario"
        )
    settings = Settings(shock="shocks" not in scenario)
    counts = {name: scenario[name] for name in ("seed", "months") if name in scenario}
    for name, value in {**counts, **scenario.get("values", {}), **(values or {})}.items():
        settings = settings.changed(name, str(value))
    return settings


@dataclass(frozen=True)
class Preset:
    """Settings with a name."""

    name: str
    about: str
    values: Mapping[str, float] = field(default_factory=dict)
    shock: bool = True


PRESETS = (
    Preset("baseline", "the standard parameters; R1 comes in January 2025"),
    Preset("no shock", "no efficient model is ever released", shock=False),
    Preset("no subsidy", "provinces pay nothing", {"maximum_subsidy": 0.0}),
    Preset(
        "experienced investors only",
        "only investors who have run a data centre announce one",
        {"able_share": 1, "public_share": 0},
    ),
    Preset(
        "subsidy on measured use", "paid month by month for GPUs in use, nothing at the start", {"subsidy_on_use": 1}
    ),
    Preset("public register", "all investors see the projects of all others", {"public_register": 1.0}),
    Preset("early shock", "the efficient model comes in July 2024", {"shock_month": 18.0}),
)


def with_preset(settings: Settings, name: str) -> Settings:
    """Return the settings of a preset, keeping seed and length."""
    for preset in PRESETS:
        if preset.name == name:
            return replace(settings, values=dict(preset.values), shock=preset.shock)
    raise InvalidInput(unknown_name("preset", name, [preset.name for preset in PRESETS]))


def preset_of(settings: Settings) -> str:
    """Name of the preset that the settings equal, empty if there is none."""
    for preset in PRESETS:
        if dict(preset.values) == dict(settings.values) and preset.shock == settings.shock:
            return preset.name
    return ""
