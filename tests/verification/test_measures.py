"""Measures of a run, held against the tables of its agents, its contracts, its flows and its balance sheets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bubble_abm import Parameters, Result, simulate
from bubble_abm.economy.accounts import SECTORS, STOCKS
from bubble_abm.economy.agents.operator import PRIME, SECONDARY
from bubble_abm.economy.markets.leasing import SHELL
from bubble_abm.paper.plain import plain
from tests.economy.test_measures import of_agents

MONTH = 22


@pytest.fixture(scope="module")
def run() -> SimpleNamespace:
    """A run in its bust, and the tables of its agents at the end of one month."""
    result = simulate(plain(scale=0.5, bare_engineering=0.5, application_firms=200), months=MONTH + 1, seed=3)
    return SimpleNamespace(result=result, tables=result.agents(MONTH), month=result.series.iloc[MONTH])


def of_contracts(tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Rents and uses, from posted rents and from contracts in force."""
    operators, leases = tables["operators"], tables["leases"]
    leased = operators["training_leased"] + operators["inference_leased"]

    def posted(some: Any) -> float:
        rents = operators["rent"] / operators["best_chips"]  # of compute
        return 8 * float(np.average(rents[some], weights=leased[some]))

    leases["computes"] = leases["gpus"] * leases["compute"]
    uses = leases[leases["tenant_kind"] != SHELL].groupby("use")["computes"].sum()
    startups, platforms = tables["startups"], tables["platforms"]
    wanted = startups["gpus_wanted_training"].sum() + startups["gpus_wanted_inference"].sum()
    return {
        "rent_per_server": posted(leased > 0),
        "prime_rent_per_server": posted((leased > 0) & (operators["quality"] == PRIME)),
        "secondary_rent_per_server": posted((leased > 0) & (operators["quality"] == SECONDARY)),
        "contract_rent_per_server": 8 * (leases["gpus"] * leases["rent"]).sum() / leases["computes"].sum(),
        "training_gpus": uses[0],
        "inference_gpus": uses[1],
        "inference_share": uses[1] / uses.sum(),
        "gpus_leased": leases["gpus"].sum(),
        "gpus_wanted": wanted + platforms["gpus_wanted"].sum(),
    }


def of_flows(result: Result) -> dict[str, float]:
    """Money that is paid in the month, and what the books say at its end."""
    flows = result.flows.xs(result.series.index[MONTH])
    books = result.balances.xs(result.series.index[MONTH])
    return {
        "subsidies_paid": flows.loc["subsidies", "operators"],
        "operators_cash": books.loc["deposits", "operators"],
        "operators_debt": books.loc["loans", "bank"],
        "startups_cash": books.loc["deposits", "startups"],
    }


def test_measures_of_a_run_are_what_its_agents_contracts_and_flows_say(run: SimpleNamespace) -> None:
    found = of_agents(run.tables) | of_contracts(run.tables) | of_flows(run.result)
    del found["mean_project_cost"]  # at prices of the hand
    assert {name: run.month[name] for name in found} == pytest.approx(found, rel=1e-9)
    assert run.month["projects_distressed"] > 0


def test_quotes_loans_and_subsidies_of_a_run_are_in_its_measures() -> None:
    result = simulate(Parameters(scale=0.5), months=36, seed=3)
    dealers = result.agents(35)["smugglers"].query("active == 1 and chip == 0")
    asked = dealers["landed_cost"] * (1 + dealers["markup"])
    assert asked.min() <= result.series["gpu_price"].iloc[-1] <= asked.max()
    paid = result.flows.xs("subsidies", level="flow")["operators"]
    assert result.series["subsidies_paid"].to_numpy() == pytest.approx(paid.to_numpy(), rel=1e-9)
    assert paid.sum() > 0
    first = result.records.balances[0, STOCKS.index("loans"), SECTORS.index("bank")]  # to sites of 2022
    assert first > 0
    lent = first + result.flows.xs("new_loans", level="flow")["operators"].sum()
    repaid = -result.flows.xs("repayment", level="flow")["operators"].sum()
    left = result.balances.xs("loans", level="stock")["bank"].iloc[-1]
    assert result.series["write_offs"].sum() == pytest.approx(lent - repaid - left, rel=1e-9)
    assert result.series["write_offs"].sum() > 0
