"""What the boom was worth: the net present value of the investment, the surplus of everybody, and who lost what.

All of it is read off the flow matrix, the balance sheets and the measures of one run. Present values are those of the
beginning of January 2023, of payments at month ends.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import Any

import numpy as np

from bubble_abm.economy.accounts import STOCKS
from bubble_abm.economy.ledger import (
    BANK,
    CHIP_PURCHASES,
    COLOCATION,
    CONSTRUCTION,
    EQUITY,
    GOVERNMENTS,
    HOUSEHOLDS,
    IMPORTS,
    NEW_LOANS,
    OPERATORS,
    PENALTIES,
    POWER,
    PREPAYMENTS,
    REEXPORTS,
    RENT,
    RESCUES,
    SECOND_HAND_SALES,
    SMUGGLERS,
    STARTUPS,
    SUBSIDIES,
    VENTURE_FUNDING,
    WAGES,
)
from bubble_abm.economy.measures import GPUS_PER_SERVER
from bubble_abm.economy.mechanisms.circular_finance import CIRCULAR_INVESTMENT
from bubble_abm.economy.mechanisms.industry_fund import FUND_INVESTMENT
from bubble_abm.economy.mechanisms.take_over import TAKE_OVERS
from bubble_abm.economy.mechanisms.vouchers import VOUCHERS
from bubble_abm.observe.verdict import FAILURE, LIFE, QUARTER, TAIL, mean, scrap_value

PUBLIC = (SUBSIDIES, RESCUES, TAKE_OVERS, VOUCHERS)
RUNNING = (POWER, WAGES, COLOCATION)
CAPEX = (CHIP_PURCHASES, PREPAYMENTS, CONSTRUCTION)
RESALE = (SECOND_HAND_SALES, REEXPORTS)
INCOME = (RENT, PENALTIES)
REMAINING = LIFE // 2  # months that the chips of a run's end still earn: assumption, half a life on average
DEADWEIGHT = 0.25  # cost of raising a yuan of taxes, beyond the yuan; Ballard, Shoven and Whalley 1985: 0.17-0.56
CHIPS = STOCKS.index("chips")


def private_rate(parameters: Any) -> float:
    """Monthly rate at which investors in the model discount: the loan rate and their margin [1/month]."""
    return float(parameters.loan_rate / 12.0 + parameters.discount_spread)


def discounted(payments: np.ndarray, rate: float) -> float:
    """Present value of payments at month ends, the first of them a month from now."""
    return float(payments @ discount_factors(len(payments), rate))


@lru_cache(maxsize=64)
def discount_factors(months: int, rate: float) -> np.ndarray:
    """Present values of a yuan at the end of each month, cached for the next run."""
    return (1.0 + rate) ** -np.arange(1.0, months + 1.0)


def received(run: Any, names: tuple[int, ...], *sectors: int) -> np.ndarray:
    """What sectors received in some flows, net of what they paid [CNY/month]."""
    return reduce(np.add, [run.flows[:, name, sector] for name in names for sector in sectors])


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part over whole month by month, zero where there is nothing."""
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0.0)


# --- Net present value ------------------------------------------------------------------------------------------------


def investment(run: Any) -> np.ndarray:
    """What operators pay for chips, in advance and on delivery, and for construction [CNY/month].

    Not below zero, which rounding makes of a delivery that was paid in advance.
    """
    return np.maximum(-received(run, CAPEX, OPERATORS), 0.0)


def earnings_of_new_sites(run: Any) -> np.ndarray:
    """What sites announced since January 2023 earn, before interest, repayment, grants and dividends [CNY/month].

    Books are kept for all operators together. Income, and what operators put into their tenants to get it, is divided
    between new and old sites by leased GPUs; running costs by leased GPUs and, at standby cost, free ones.
    """
    installed, new = run["gpus_installed"], run["gpus_installed_new"]
    leased, leased_new = run["gpus_leased"], run["utilisation_new"] * new
    standby = run.parameters.standby_cost_share
    load, load_new = leased + standby * (installed - leased), leased_new + standby * (new - leased_new)
    income = received(run, (*INCOME, CIRCULAR_INVESTMENT, FUND_INVESTMENT), OPERATORS)
    return share_of(leased_new, leased) * income + share_of(load_new, load) * received(run, RUNNING, OPERATORS)


def residual_value(run: Any, earnings: np.ndarray, installed: np.ndarray, gpus: float, rate: float) -> float:
    """Value of chips at the end of a run: their earnings go on for half a life, then they are scrap [CNY].

    Parameters
    ----------
    run : ObservedRun
        The run.
    earnings, installed : ndarray of shape (months,)
        What sites earn [CNY/month], and their GPUs.
    gpus : float
        Chips to be valued, those at unfinished sites included.
    rate : float
        Discount rate [1/month].

    Notes
    -----
    As in the ex-post value of a GPU: earnings stay at the average of the last six months, but not below zero, because
    sites that earn nothing are switched off; chips fail at a constant rate.
    """
    standing = mean(installed[-TAIL:])
    margin = max(mean(earnings[-TAIL:]) / standing, 0.0) if standing > 0.0 else 0.0
    left = (1.0 - FAILURE) / (1.0 + rate)
    annuity = left * (1.0 - left**REMAINING) / (1.0 - left)
    return gpus * (margin * annuity + left**REMAINING * scrap_value(run.parameters))


def chips_of_operators(run: Any) -> float:
    """Chips that operators hold at the end, at finished and unfinished sites [GPU]."""
    return float(run.balances[-1, CHIPS, OPERATORS] / run["gpu_price"][-1]) if run["gpu_price"][-1] > 0.0 else 0.0


def net_present_value(run: Any, rate: float | None = None) -> float:
    """Net present value of the investment in data centres since January 2023 [CNY].

    Earnings of new sites and proceeds of used chips, less chips and construction, plus the value of what stands at the
    end. Grants, loans, interest and write-offs are left out: they share the value, they do not make it.

    Parameters
    ----------
    run : ObservedRun
        The run.
    rate : float, optional
        Discount rate [1/month], by default that of investors in the model.
    """
    rate = private_rate(run.parameters) if rate is None else rate
    earnings = earnings_of_new_sites(run)
    paid = discounted(earnings + received(run, RESALE, OPERATORS) - investment(run), rate)
    old = run["gpus_installed"][-1] - run["gpus_installed_new"][-1]
    gpus = max(chips_of_operators(run) - old, 0.0)
    left = residual_value(run, earnings, run["gpus_installed_new"], gpus, rate)
    return paid + left / (1.0 + rate) ** run.months


# --- Welfare ----------------------------------------------------------------------------------------------------------


def tenants_surplus(run: Any) -> np.ndarray:
    """What tenants gain from rents below that of January 2023, or lose from rents above it [CNY/month].

    The area under the demand curve between the two rents, by the rule of a half: the difference of the rents times the
    mean of the compute leased and of the compute that would be leased at the first rent.
    """
    first, rent = run.parameters.first_rent, run["contract_rent_per_server"] / GPUS_PER_SERVER
    inference = run["inference_share"]
    elasticity = (
        inference * run.parameters.inference_elasticity + (1.0 - inference) * run.parameters.training_elasticity
    )
    leased = run["gpus_leased"]
    return (first - rent) * leased * (1.0 + (rent / first) ** elasticity) / 2.0


def welfare(run: Any, rate: float | None = None, deadweight: float = DEADWEIGHT) -> float:
    """Surplus of tenants, owners, dealers, lenders and the public from rented compute, in present value [CNY].

    Tenants' surplus over that of January 2023, and what they pay, less the resources used: chips bought abroad,
    construction, power, staff and halls, and the cost of raising taxes for what governments pay; plus chips sold to
    buyers abroad and to platforms, and the value of what stands at the end. What one of them pays another cancels out.

    Parameters
    ----------
    run : ObservedRun
        The run.
    rate : float, optional
        Discount rate [1/month], by default that of investors in the model.
    deadweight : float
        Cost of raising a yuan of taxes, beyond the yuan [ratio].

    Notes
    -----
    The sum of surpluses after Harberger 1971, "Three basic postulates for applied welfare economics". Profits and wages
    elsewhere, what is learnt from models, and dealers' stock at the end are left out.
    """
    rate = private_rate(run.parameters) if rate is None else rate
    earnings = received(run, INCOME, OPERATORS) + received(run, RUNNING, OPERATORS)
    used = received(run, (IMPORTS,), SMUGGLERS) + received(run, (CONSTRUCTION,), OPERATORS)
    sold = received(run, RESALE, OPERATORS, SMUGGLERS)
    taxes = deadweight * received(run, PUBLIC, GOVERNMENTS)
    left = residual_value(run, earnings, run["gpus_installed"], chips_of_operators(run), rate)
    return discounted(tenants_surplus(run) + earnings + used + sold + taxes, rate) + left / (1.0 + rate) ** run.months


# --- Losses -----------------------------------------------------------------------------------------------------------


def written_off(run: Any, claim: str, flow: int, debtor: int, creditor: int) -> float:
    """Claims of a kind that creditors have written off: what was paid in, less the growth of what they hold [CNY]."""
    held = run.balances[[0, -1], STOCKS.index(claim), creditor]
    return float(run.flows[:, flow, debtor].sum() - (held[1] - held[0]))


def loss_of_owners(run: Any) -> float:
    """Equity that owners paid into projects and wrote off [CNY]."""
    return written_off(run, "equity", EQUITY, OPERATORS, HOUSEHOLDS)


def loss_of_funds(run: Any) -> float:
    """Capital that venture funds paid into startups and wrote off [CNY]."""
    return written_off(run, "venture_claims", VENTURE_FUNDING, STARTUPS, HOUSEHOLDS)


def loss_of_patrons(run: Any) -> float:
    """Stakes in startups that operators took, themselves or through industry funds, and wrote off [CNY]."""
    own = written_off(run, "circular_stakes", CIRCULAR_INVESTMENT, STARTUPS, OPERATORS)
    return own + written_off(run, "fund_stakes", FUND_INVESTMENT, STARTUPS, OPERATORS)


def loss_rate_of_bank(run: Any) -> float:
    """Loans that the bank wrote off, over the loans that it gave, up to January 2023 or later [share]."""
    lent = run.balances[0, STOCKS.index("loans"), BANK] + run.flows[:, NEW_LOANS, OPERATORS].sum()
    return float(min(run["write_offs"].sum() / lent, 1.0)) if lent > 0.0 else 0.0


# --- Duration, depth and recovery -------------------------------------------------------------------------------------

BACK = 0.5  # of the peak of investment: where a slump begins, and where it is over


def quarterly(monthly: np.ndarray) -> np.ndarray:
    """Sums over the last three months."""
    return np.convolve(monthly, np.ones(QUARTER))[: len(monthly)]


def largest_fall(values: np.ndarray) -> float:
    """Largest fall of a series from its highest value so far [share]."""
    highest = np.maximum.accumulate(values)
    return float(share_of(highest - values, highest).max())


def slump(values: np.ndarray) -> tuple[int, bool]:
    """Months that a series spends below half its highest value before it is back there, and whether it comes back.

    The first such spell; a spell that goes on at the end of the run is counted up to there. A series that never falls
    so far spends no month there, and is counted as one that is back.

    Examples
    --------
    >>> slump(np.array([2.0, 8.0, 3.0, 1.0, 4.0, 2.0]))
    (2, True)
    >>> slump(np.array([2.0, 8.0, 3.0, 1.0]))
    (2, False)
    """
    below = values < BACK * np.maximum.accumulate(values)
    if not below.any():
        return 0, True
    first = int(below.argmax())
    over = np.flatnonzero(values[first:] >= BACK * values[: first + 1].max())
    return (int(over[0]), True) if len(over) else (len(values) - first, False)


def months_under_water(run: Any) -> int:
    """Months after the peak of the rent in which it does not cover running and capital cost [months]."""
    rent = run["rent_per_server"]
    peak = int(rent.argmax())
    return int((rent < run["replacement_rent_per_server"])[peak:].sum())
