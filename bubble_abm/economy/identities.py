"""When the books balance: how far an identity may be off by rounding, and what is said when it is off by more."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from bubble_abm.economy.accounts import STOCKS, Residuals
from bubble_abm.economy.parameters import Parameters
from bubble_abm.economy.provinces import PROVINCES
from bubble_abm.economy.world import Records, counts

PAYMENTS = 1_000.0  # in a month, however few agents there are
ROUNDED = float(np.finfo(float).eps) / 2.0  # largest relative error of a floating-point number
A_FEN = 0.01  # CNY: the smallest coin; what is less is nothing, however small the economy
NO_GPU = (
    1e-6  # GPU: what is less than this is none, in a world where there are no GPUs whose rounding could be measured
)
NO_PROJECT = 0.5  # half of what is counted
CHIPS = STOCKS.index("chips")
MONEY = np.array([number for number, stock in enumerate(STOCKS) if number != CHIPS])
#: Claims and equipment: stocks compared with all changes recorded since January 2023, each in an identity of its name.
RECORDED = np.array([number for number in MONEY if STOCKS[number] != "deposits"])
IN_RECORDED = np.array([list(Residuals.columns).index(STOCKS[number]) for number in RECORDED])
IN_MONEY, IN_CHIPS = (
    np.array([column.unit == unit for column in Residuals.columns.values()]) for unit in ("CNY", "GPU")
)
MOST_NAMED = 6  # inputs in a message


class BrokenIdentity(AssertionError):
    """An accounting identity does not hold: money, chips, leases or projects appeared or vanished."""


def tolerances(records: Records, months: int, parameters: Parameters) -> np.ndarray:
    """How far each identity may be off at the end of each month, because sums of floating-point numbers are rounded.

    Parameters
    ----------
    records : Records
        Records of a run.
    months : int
        Months that have been run.
    parameters : Parameters
        Their numbers of agents tell how many payments are made in a month.

    Returns
    -------
    ndarray of shape (months, identities)
        In the unit of each identity.

    Notes
    -----
    A payment rounds the account that it changes by at most half the spacing of numbers of the account's size: one part
    in 9e15. Accounts are taken to be as large as ``A``, the largest amount so far in the balance sheets or in a month's
    flows, and equal payments are rounded alike, so that the errors of ``n`` payments add up to ``n`` times as much,
    where ``n`` grows with the number of agents. In a world of China's size these are some yuan, or 1e-10 of what flows
    in a month. Claims and equipment are compared with all changes since January 2023, so their errors also add up from
    month to month, but ``A`` is then the largest amount of that stock or of a month's flows: a yuan is noticed for two
    years. GPUs are treated alike, ``A`` being all that are held, on order or have come in. docs/torture.md says how
    much of what is tolerated was ever needed.
    """
    found = np.full((months, len(Residuals.columns)), NO_PROJECT)
    rounded, sizes = rounding(parameters), amounts(records, months)
    found[:, IN_MONEY] = np.maximum(rounded * sizes[:, MONEY].max(axis=1), A_FEN)[:, np.newaxis]
    found[:, IN_RECORDED] = np.maximum(rounded * np.cumsum(sizes[:, RECORDED], axis=0), A_FEN)
    added_up = rounded * np.cumsum(gpus(records, months))
    found[:, IN_CHIPS] = np.maximum(added_up, NO_GPU)[:, np.newaxis]
    return found


def tolerated_at_first(records: Records, parameters: Parameters) -> np.ndarray:
    """How far each identity may be off in view of the first balance sheet alone; later months tolerate no less."""
    money = max(rounding(parameters) * np.abs(records.balances[0, MONEY]).max(), A_FEN)
    found = np.where(IN_MONEY, money, np.where(IN_CHIPS, NO_GPU, NO_PROJECT))
    found[IN_RECORDED] = A_FEN
    return found


def rounding(parameters: Parameters) -> float:
    """Error of a sum over a month's payments, if all of them are rounded alike, relative to the largest amount."""
    return ROUNDED * (PAYMENTS + sum(counts(parameters)) + len(PROVINCES))


def amounts(records: Records, months: int) -> np.ndarray:
    """Largest amount so far of each stock in balance sheets, and of a month's flows [CNY]; a row for each month."""
    held = np.abs(records.balances[: months + 1]).max(axis=2)
    paid = np.abs(records.flows[:months]).sum(axis=(1, 2)) / 2.0
    return np.maximum.accumulate(np.maximum(np.maximum(held[1:], held[:-1]), paid[:, np.newaxis]))


def gpus(records: Records, months: int) -> np.ndarray:
    """Largest number of GPUs so far that were held or on order, and all that have come in [GPU]; one for each month."""
    seen = records.measures[:months]
    owned = records.balances[: months + 1, CHIPS].sum(axis=1)
    held = np.maximum(owned[1:], owned[:-1]) / seen["gpu_price"] + seen["gpus_on_order"]
    return np.maximum.accumulate(held) + np.cumsum(seen["gpus_imported"] + seen["gpus_seized"])


def check_identities(records: Records, first: int, months: int, parameters: Parameters) -> None:
    """Raise if an accounting identity of money, chips, leases or projects is broken in one of the months.

    Parameters
    ----------
    records : Records
        Records of the run.
    first, months : int
        First month to check, and the month before which the run stands.
    parameters : Parameters
        Parameters of the run.

    Raises
    ------
    BrokenIdentity
        The message names the earliest month, the identity, and what in the input may be the cause.
    """
    if first >= months:
        return
    values = records.residuals[:months].view("f8").reshape(months, len(Residuals.columns))
    if (np.abs(values[first:]) <= tolerated_at_first(records, parameters)).all():
        return  # as nearly always, so that a month is looked at once
    broken = ~(np.abs(values) <= tolerances(records, months, parameters))  # not-a-number is broken, too
    broken[:first] = False
    if broken.any():
        month = int(broken.any(axis=1).argmax())
        column = tuple(Residuals.columns.values())[int(broken[month].argmax())]
        amount = records.residuals[column.name][month]
        raise BrokenIdentity(
            f"month {month}: {column.name} = {amount:g} {column.unit} ({column.meaning}); "
            f"no input may do that: it is an error in the rules; {unusual(parameters)}"
        )


def unusual(parameters: Parameters) -> str:
    """Name the inputs that are farthest from their defaults, in parts of their bounds."""
    moved = {}
    for item in fields(parameters):
        value, about = getattr(parameters, item.name), item.metadata
        if value != item.default and about["high"] > about["low"]:
            moved[f"{item.name} = {value:.6g}"] = abs(value - item.default) / (about["high"] - about["low"])
    if not moved:
        return "all parameters are at their defaults"
    named = sorted(moved, key=moved.__getitem__, reverse=True)
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"farthest from their defaults: {', '.join(named[:MOST_NAMED])}{more}"


__all__ = ["BrokenIdentity", "check_identities", "tolerances"]
