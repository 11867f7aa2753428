"""The settings of a run on the page: parameters, shock, seed and length; presets; and the check of all input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bubble_abm.economy.declare import InvalidInput, checked, checked_count, shown, unknown_name
from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED, MAX_MONTHS, MAX_SEED
from bubble_abm.economy.shocks import Change
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.engine.scenario import Scenario, read_scenario, whole_number

#: Parameters that a visitor may set. The size of the world is not among them, because one link could use up the memory
#: of a shared server.
OFFERED = tuple(name for name, item in DECLARED.items() if item.metadata["role"] != "size")
OTHERS = ("seed", "months", "shock")
SHOCK_WORDS = {"on": True, "off": False}
FROM = "from_"  # before the name of a policy: the month in which it begins
#: Parameters that are policies: they can begin in any month.
POLICY_PARAMETERS = (
    "maximum_subsidy", "subsidy_on_use", "public_register", "leverage_cap", "approval_utilisation", "hub_only",
    "take_over_mandate", "rank_weight", "export_control_strength",
)  # fmt: skip


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
    since : mapping of str to int
        Policies among these parameters that begin later than in January 2023, and when.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    shock: bool = True
    seed: int = 1
    months: int = STANDARD_MONTHS
    since: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that these settings describe."""
        return Scenario(
            title=self.title,
            values={name: value for name, value in self.values.items() if name not in self.since},
            shocks=None if self.shock else (),
            changes=tuple(
                Change(parameter=name, value=self.values[name], month=month) for name, month in self.since.items()
            ),
            seed=self.seed,
            months=self.months,
        )

    @property
    def title(self) -> str:
        """Name of the preset, or the list of changes."""
        name = preset_of(self)
        if name:
            return name
        changes = [
            f"{name} = {value:g}{f' from {label(self.since[name])}' if name in self.since else ''}"
            for name, value in self.values.items()
        ]
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
        if name.startswith(FROM):
            return self.begun(name.removeprefix(FROM), text)
        check_offered(name)
        number = checked(DECLARED[name], text)
        values = {key: value for key, value in self.values.items() if key != name}
        if number == DECLARED[name].default:
            return replace(self, values=values, since={key: at for key, at in self.since.items() if key != name})
        return replace(self, values=values | {name: number})

    def begun(self, name: str, text: str | float) -> Settings:
        """Return the settings with another month in which a policy begins."""
        if name not in POLICY_PARAMETERS:
            raise InvalidInput(unknown_name("policy", name, POLICY_PARAMETERS))
        month = checked_count(f"{FROM}{name}", whole_number(str(text)), 0, MAX_MONTHS - 1)
        since = {key: at for key, at in self.since.items() if key != name}
        if name not in self.values:
            raise InvalidInput(f"{FROM}{name} = {shown(text)}: the policy is not in force, give {name} too, before it")
        return replace(self, since=since | {name: month} if month else since)


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
    changes = scenario.get("changes", ())
    odd = [change for change in changes if change.parameter not in POLICY_PARAMETERS or change.until is not None]
    if scenario.get("shocks") or odd:
        raise InvalidInput(
            f"scenario {path}: the page allows only the shock of the parameters shock_..., and changes only of "
            "policies that stay: use bubble-abm run --scenario"
        )
    if scenario.get("rules"):
        raise InvalidInput(f"scenario {path}: the page has the standard rules only: use bubble-abm run --scenario")
    settings = Settings(shock="shocks" not in scenario)
    counts = {name: scenario[name] for name in ("seed", "months") if name in scenario}
    for name, value in {**counts, **scenario.get("values", {}), **(values or {})}.items():
        settings = settings.changed(name, str(value))
    for change in changes:
        settings = settings.changed(change.parameter, str(change.value)).begun(change.parameter, change.month)
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
            return replace(settings, values=dict(preset.values), shock=preset.shock, since={})
    raise InvalidInput(unknown_name("preset", name, [preset.name for preset in PRESETS]))


def preset_of(settings: Settings) -> str:
    """Name of the preset that the settings equal, empty if there is none."""
    for preset in PRESETS:
        if dict(preset.values) == dict(settings.values) and preset.shock == settings.shock and not settings.since:
            return preset.name
    return ""
