"""The bubble's money: who pays whom, and what became of what was paid in, read off flows and balance sheets.

Every function takes the monthly series of runs that keep the tables ``flows`` and ``balances``, and keeps seeds apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.observe.monthly import unpack_table

BILLION = 1e9
KEYS = ["seed", "month"]
PAID_IN, PAID_BACK, LEFT, LOST = PARTS = ("paid in", "paid back", "claim left", "lost")
OWNERS = {"dividends": "households"}  # sector that is the payer or the payee in every transfer of the flow


class Holder(NamedTuple):
    """Who pays money into the bubble: what is paid, what comes back, and the claim, each as (row, sector)."""

    paid: Sequence[tuple[str, str]]
    back: Sequence[tuple[str, str]] = ()
    back_to_others: Sequence[tuple[str, str]] = ()  # the part of it that others get
    claim: tuple[str, str] | None = None


#: Holders of claims on data centres, startups and dealers. What owners and venture funds take out as profit, and the
#: bank as interest, is income and pays nothing back.
HOLDERS: Mapping[str, Holder] = {
    "owners": Holder(
        [("equity", "operators")], [("liquidation", "operators")], [("liquidation", "bank")], ("equity", "households")
    ),
    "bank": Holder(
        [("new_loans", "operators")], [("repayment", "operators"), ("liquidation", "bank")], claim=("loans", "bank")
    ),
    "venture funds": Holder(
        [("venture_funding", "startups")], [("liquidation", "startups")], claim=("venture_claims", "households")
    ),
    "state": Holder(
        [("subsidies", "operators"), ("rescues", "operators"), ("take_overs", "operators"), ("vouchers", "startups")]
    ),
}
BUYERS, PREPAID = "prepaid orders", ("prepayments", "operators")  # what they get back is chips
INCOME = {"owners": ("dividends", "operators"), "bank": ("interest", "operators"),
          "venture funds": ("dividends", "startups")}  # fmt: skip


def outcome_of_claims(series: pd.DataFrame) -> pd.DataFrame:
    """What each holder paid in until the last month, what was paid back, what is left at book value, and what is lost.

    Parameters
    ----------
    series : DataFrame
        Months of runs, with ``prepayments_lost`` and the tables ``flows`` and ``balances``.

    Returns
    -------
    DataFrame
        ``seed``, ``holder``, the parts and ``income`` [CNY]. What is paid in contains the claim at the end of the first
        month, from which books are compared.
    """
    flows, balances = (
        unpack_table(series, name, KEYS).pivot_table(index=KEYS, columns=["row", "column"], values="value")
        for name in ("flows", "balances")
    )
    months = flows.index.get_level_values("month")
    sums = flows.abs()[months > months.min()].groupby("seed").sum()
    first, last = (balances.xs(month, level="month") for month in (months.min(), months.max()))
    found = []
    for name, holder in HOLDERS.items():
        paid = sums[list(holder.paid)].sum(axis=1) + (first[holder.claim] if holder.claim else 0.0)
        back = sums[list(holder.back)].sum(axis=1) - sums[list(holder.back_to_others)].sum(axis=1)
        left = last[holder.claim] if holder.claim else 0.0 * paid
        parts = dict(zip(PARTS, (paid, back, left, paid - back - left)))
        income = sums[INCOME[name]] if name in INCOME else 0.0 * paid
        found.append(pd.DataFrame({"holder": name, **parts, "income": income}).reset_index())
    paid = sums[PREPAID] + first[PREPAID]
    lost = series[series["month"] > series["month"].min()].groupby("seed")["prepayments_lost"].sum()
    parts = dict(zip(PARTS, (paid, paid - last[PREPAID] - lost, last[PREPAID], lost)))
    found.append(pd.DataFrame({"holder": BUYERS, **parts, "income": 0.0}).reset_index())
    return pd.concat(found, ignore_index=True)


def who_pays_whom(series: pd.DataFrame) -> pd.DataFrame:
    """Payments between sectors over the run.

    Exact where one side is a single sector; else the payers of a month pay its payees in proportion.

    Parameters
    ----------
    series : DataFrame
        Months of runs, with the table ``flows``.

    Returns
    -------
    DataFrame
        ``seed``, ``payer``, ``payee``, ``flow``, ``amount`` [CNY].
    """
    flows = unpack_table(series, "flows", KEYS)
    return pd.concat([pairs(flows[flows["row"] == flow], flow) for flow in FLOWS], ignore_index=True)


def pairs(table: pd.DataFrame, flow: str) -> pd.DataFrame:
    """Who pays whom of one flow."""
    wide = table.pivot_table(index=KEYS, columns="column", values="value")
    paid, received = (-wide).clip(lower=0), wide.clip(lower=0)
    found: dict[tuple[str, str], Any] = {}
    if flow in OWNERS:
        hub = OWNERS[flow]
        for sector in SECTORS:
            if sector != hub:
                found[sector, hub], found[hub, sector] = paid[sector], received[sector]
    else:
        total = received.sum(axis=1)
        shares = received.div(total.where(total > 0), axis=0).fillna(0.0)
        found = {(payer, payee): paid[payer] * shares[payee]
                 for payer in SECTORS for payee in SECTORS if payer != payee}  # fmt: skip
    parts = [amount.groupby("seed").sum().rename("amount").reset_index().assign(payer=payer, payee=payee)
             for (payer, payee), amount in found.items()]  # fmt: skip
    return pd.concat(parts).assign(flow=flow)[["seed", "payer", "payee", "flow", "amount"]]


def cash_kept(series: pd.DataFrame, sectors: Sequence[str]) -> pd.DataFrame:
    """Deposits that sectors gained over the run, from their flows: ``seed``, ``sector``, ``amount`` [CNY]."""
    flows = unpack_table(series, "flows", KEYS)
    sums = flows[flows["column"].isin(sectors)].groupby(["seed", "column"])["value"].sum()
    return sums.rename("amount").reset_index().rename(columns={"column": "sector"})
