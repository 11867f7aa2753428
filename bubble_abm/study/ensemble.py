"""An ensemble: sets of parameters that the facts do not rule out, in one small file that says where it is from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput, checked_count
from bubble_abm.economy.parameters import DECLARED, Parameters
from bubble_abm.engine.simulation import Result, simulate
from bubble_abm.observe.targets import Target
from bubble_abm.study.atomic_writing import write_table
from bubble_abm.study.experiment import Experiment
from bubble_abm.study.provenance import shorten
from bubble_abm.study.sensitivity.emulator import positions
from bubble_abm.study.sensitivity.factors import Factor

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = "ensemble.parquet"  # in the package, if it ships one
NAME_OF_SHIPPED = "shipped"
ABOUT = "bubble_abm"  # key of the provenance in the file
INTERVAL = (0.05, 0.5, 0.95)
LARGEST = 100_000_000  # bytes of a file


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Economies that the facts do not rule out; all count the same.

    Parameters
    ----------
    factors : tuple of Factor
        Parameters in which members differ, with the ranges that were searched.
    values : ndarray, shape (members, parameters)
        Their values.
    implausibility : ndarray, shape (members,)
        Largest implausibility over the facts that were matched.
    targets : tuple of str
        Facts read off the runs of members, those that were matched first.
    simulated : ndarray, shape (members, targets)
        What members give for them: means over seeds, of logarithms where the range is positive.
    origin : mapping
        Provenance: facts, variances, parameters, waves, seeds, code, versions, command; and under ``spread`` what
        runs of all members give, 5, 50 and 95 % of them, by fact.

    Notes
    -----
    Members are a sample of the region that is not ruled out, evenly distributed with regard to the ranges that were
    searched (logarithms of monthly rates), as far as the waves have mixed. They are no posterior: a member that meets
    every fact counts as much as one at the edge.
    """

    factors: tuple[Factor, ...]
    values: np.ndarray
    implausibility: np.ndarray
    targets: tuple[str, ...]
    simulated: np.ndarray
    origin: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def of(
        cls,
        factors: Sequence[Factor],
        values: np.ndarray,
        implausibility: np.ndarray,
        targets: Sequence[Target],
        runs: np.ndarray,
        origin: Mapping[str, Any],
    ) -> Ensemble:
        """Return the ensemble of members whose runs gave ``runs``, of shape (members, seeds, targets)."""
        columns, spread = [], {}
        for place, target in enumerate(targets):
            one = runs[..., place]
            if target.logarithmic:
                columns.append(np.exp(np.log(np.maximum(one, 1e-9)).mean(axis=1)))
            else:
                columns.append(one.mean(axis=1))
            spread[target.name] = [float(value) for value in np.quantile(one, INTERVAL)]
        names = tuple(target.name for target in targets)
        return cls(
            tuple(factors), values, implausibility, names, np.column_stack(columns), dict(origin) | {"spread": spread}
        )

    # --- Members ----------------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters in which members differ."""
        return tuple(one.name for one in self.factors)

    @property
    def matched(self) -> tuple[str, ...]:
        """Facts that were matched."""
        return tuple(one["name"] for one in self.origin.get("facts", ()))

    def values_of(self, member: int) -> dict[str, float]:
        """Return the parameters of a member that differ from member to member."""
        number = checked_count("member", member, 0, len(self) - 1)
        return dict(zip(self.names, self.values[number].tolist()))

    def parameters(self, member: int) -> Parameters:
        """Return the parameters of a member."""
        return Parameters().with_values(self.values_of(member))

    def without(self, member: int) -> Ensemble:
        """Return the others."""
        number = checked_count("member", member, 0, len(self) - 1)
        values, implausibility, simulated = (
            np.delete(one, number, axis=0) for one in (self.values, self.implausibility, self.simulated)
        )
        return replace(self, values=values, implausibility=implausibility, simulated=simulated)

    @cached_property
    def places(self) -> np.ndarray:
        """Places of the members in the unit cube of the ranges, of shape (members, parameters)."""
        return positions(self.factors, self.values)

    @cached_property
    def central(self) -> int:
        """The most central member: of those that meet the most facts, the nearest to all in what it assumes and gives.

        Members may miss facts, by as much as luck and what the model leaves out allow; :attr:`met` counts those that
        each meets. Distances are the root mean square over parameters, in standard deviations of the members, and over
        the facts that were matched, likewise; both count the same.
        """
        if len(self) == 1:
            return 0
        known = [self.simulated[:, self.targets.index(name)] for name in self.matched if name in self.targets]
        given = np.column_stack(known) if known else np.zeros((len(self), 0))
        parts = [standardised(self.places), standardised(given)]
        square = sum(squared_distances(part) for part in parts if part.shape[1])
        away = np.where(self.met == self.met.max(), np.sqrt(square).mean(axis=1), np.inf)
        return int(away.argmin())

    @cached_property
    def met(self) -> np.ndarray:
        """Facts that were matched in whose range the mean over its runs lies, for each member."""
        met = np.zeros(len(self), dtype=int)
        for fact in self.origin.get("facts", ()):
            given = self.simulated[:, self.targets.index(fact["name"])]
            met += (fact["low"] <= given) & (given <= fact["high"])
        return met

    def hull(self) -> dict[str, Any]:
        """Return the smallest ranges that hold all members: the box around them, of which they fill only a part."""
        low, high = self.values.min(axis=0), self.values.max(axis=0)
        return {
            one.name: {"low": float(a), "high": float(b), "scale": one.scale}
            for one, a, b in zip(self.factors, low, high)
            if a < b
        }

    # --- Runs -------------------------------------------------------------------------------------------------------

    def scenarios(self) -> dict[str, dict[str, float]]:
        """Return the members as named scenarios of an :class:`Experiment`."""
        return {self.name_of(number): self.values_of(number) for number in range(len(self))}

    @staticmethod
    def name_of(member: int) -> str:
        """Return the name of a member."""
        return f"member_{member:04d}"

    def experiment(self, name: str, question: str, **fields: Any) -> Experiment:
        """Return an experiment that runs every member; ``fields`` are those of :class:`Experiment`.

        One seed for each member by default, and luck of its own.
        """
        usual: dict[str, Any] = {"seeds": 1, "own_luck": True}
        return Experiment(name=name, question=question, scenarios=self.scenarios(), **(usual | fields))

    def simulate(self, *, seed: int = 1, **options: Any) -> list[Result]:
        """Run every member once, each with the next seed; ``options`` are those of :func:`bubble_abm.simulate`."""
        return [simulate(self.parameters(member), seed=seed + member, **options) for member in range(len(self))]

    # --- The file ---------------------------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """Return the members as a table: ``implausibility``, parameters, and what they give as ``fact@name``."""
        import pandas as pd

        given = {f"fact@{name}": column for name, column in zip(self.targets, self.simulated.T)}
        columns = {"implausibility": self.implausibility} | dict(zip(self.names, self.values.T)) | given
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self), name="member"))

    def save(self, path: str | Path) -> None:
        """Write the ensemble as a Parquet file with its provenance; the same ensemble gives the same bytes."""
        given = {f"fact@{name}": column for name, column in zip(self.targets, self.simulated.T)}
        columns = {"implausibility": self.implausibility} | dict(zip(self.names, self.values.T)) | given
        about = json.dumps(dict(self.origin), sort_keys=True, allow_nan=False)
        write_table(
            Path(path), {name: np.asarray(column, dtype=float) for name, column in columns.items()}, {ABOUT: about}
        )

    @classmethod
    def load(cls, path: str | Path | None = None) -> Ensemble:
        """Read an ensemble, by default the one that the package ships.

        Raises
        ------
        InvalidInput
            If there is none, the file is not that of an ensemble, or a member is no valid set of parameters.
        """
        home = home_of_shipped() if path is None else Path(path)
        if path is None and not home.exists():
            raise InvalidInput("ensemble: this version ships none, give the file that bubble-abm calibrate wrote")
        return read(home)

    @classmethod
    def named(cls, text: str) -> Ensemble:
        """Read the ensemble of a file, or the one that the package ships, which is called ``shipped``."""
        return cls.load(None if text == NAME_OF_SHIPPED else text)

    @property
    def mark(self) -> dict[str, Any]:
        """What identifies the ensemble where another one begins from it."""
        digest = sha256(np.ascontiguousarray(self.values).tobytes()).hexdigest()
        return {"members": len(self), "values": digest[:16], "command": list(self.origin.get("command", ()))}


def home_of_shipped() -> Path:
    """Return where the ensemble that the package ships would be."""
    return Path(str(files("bubble_abm.study").joinpath(SHIPPED)))


def read(path: Path) -> Ensemble:
    """Read an ensemble from a file."""
    import pyarrow.parquet as parquet

    try:
        if path.stat().st_size > LARGEST or not path.is_file():
            raise ValueError("is no file of an ensemble")
        table = parquet.read_table(path)
        origin = json.loads(table.schema.metadata[ABOUT.encode()])
        factors = tuple(Factor(**one) for one in origin["parameters"])
        targets = tuple(name.removeprefix("fact@") for name in table.column_names if name.startswith("fact@"))
        values = np.column_stack([table[one.name].to_numpy() for one in factors])
        simulated = np.column_stack([table[f"fact@{name}"].to_numpy() for name in targets])
        found = Ensemble(factors, values, table["implausibility"].to_numpy(), targets, simulated, origin)
    except OSError as error:
        raise InvalidInput(f"ensemble {path}: cannot be read, {(error.strerror or shorten(error)).lower()}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(f"ensemble {path}: is not the file of an ensemble, {shorten(error)}") from None
    check(found, path)
    return found


def check(ensemble: Ensemble, path: Path) -> None:
    """Refuse an ensemble without members, or whose members this version of the model cannot take."""
    if not len(ensemble) or not ensemble.factors:
        raise InvalidInput(f"ensemble {path}: has no members, give another file")
    if unknown := [name for name in ensemble.names if name not in DECLARED]:
        raise InvalidInput(f"ensemble {path}: is of another version, it has a parameter {shorten(unknown[0])!r}")
    if not np.isfinite(ensemble.values).all():
        raise InvalidInput(f"ensemble {path}: is damaged, a value is not a number")
    try:
        for values in (ensemble.values.min(axis=0), ensemble.values.max(axis=0)):
            Parameters().with_values(dict(zip(ensemble.names, values.tolist())))
    except InvalidInput as error:
        raise InvalidInput(f"ensemble {path}: {error}") from None


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Round values of parameters to three digits, as the defaults are.

    Examples
    --------
    >>> rounded({"foreign_chip_price": 126_614.2, "industry_fund": 0.00112708})
    {'foreign_chip_price': 127000.0, 'industry_fund': 0.00113}
    """
    return {name: float(f"{value:.3g}") for name, value in values.items()}


def standardised(columns: np.ndarray) -> np.ndarray:
    """Return columns in standard deviations, each divided by the root of their number; constant ones are left out."""
    varied = columns[:, columns.std(axis=0) > 0.0]
    return np.asarray((varied - varied.mean(axis=0)) / varied.std(axis=0) / max(varied.shape[1], 1) ** 0.5)


def squared_distances(points: np.ndarray) -> np.ndarray:
    """Return the squared distances between all points.

    Examples
    --------
    >>> squared_distances(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist()
    [[0.0, 25.0], [25.0, 0.0]]
    """
    square = (points**2).sum(axis=1)
    return np.maximum(square[:, None] + square[None, :] - 2.0 * points @ points.T, 0.0)


def given_or_shipped(path: Path | None = None) -> Ensemble | None:
    """Return the ensemble of a file, by default the one that is shipped; None if there is none.

    Raises
    ------
    InvalidInput
        If the file is not that of an ensemble.
    """
    return Ensemble.load(path) if path is not None or home_of_shipped().exists() else None


def economies(ensemble: Ensemble | None) -> dict[str, dict[str, float]]:
    """Return the economies of an experiment about the world, as named scenarios: members, else the standard one."""
    return {"standard": {}} if ensemble is None else ensemble.scenarios()
