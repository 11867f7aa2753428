"""Contract terms: part of a lease is paid in advance, and who breaks it off owes a share of what is left of it.

What was paid in advance is lost with the lease. So tenants who need less, or could rent for less, weigh what they would
save against what they would lose.
Without it, rent is due month by month, and a break-off costs some months of it.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import decision, parameters, section
from bubble_abm.economy.markets.leasing import STARTUP, pay_rent


@parameters
class Parameters:
    """What is paid in advance, and what a break-off costs."""

    # fmt: off
    parameter = section("contract terms")
    contract_prepayment: float = parameter(
        0, unit="share", low=0, high=1, role="fixed", neutral=0, source="fact C46: none, or 0.6", reported=(0, 0.6),
        meaning="share of a contract's rent that is paid at the signing")
    contract_penalty: float = parameter(
        0, unit="share", low=0, high=1, role="fixed", neutral=0, source="fact C46: 0.2-0.3", reported=(0.2, 0.3),
        departs="break_penalty stands for the penalty; at the terms of the fact hardly anybody would break off",
        meaning="share of the rent of its remaining months due when a tenant breaks a lease, besides break_penalty")
    del parameter
    # fmt: on


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def paid_in_advance(rent: float, cash: float, p: Any) -> float:
    """What a tenant pays at the signing: a share of the rent of the whole contract, as far as its cash goes [CNY]."""
    return max(min(p.contract_prepayment * rent, cash), 0.0)


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def penalty_with_share(months: float, lease: Any, p: Any) -> float:
    """Penalty of breaking a lease off, no more than what is left of it [months of rent]."""
    return min(months + p.contract_penalty * lease.months_left, lease.months_left)


def breaks_despite_terms(breaks: bool, lease: Any, going_rent: float, p: Any) -> bool:
    """Whether a tenant walks away from a dear lease: what was paid in advance is lost, and the penalty grows."""
    saving = lease.months_left * ((1.0 - lease.paid_ahead) * lease.rent - going_rent)
    return (
        breaks and saving > p.break_threshold * (p.break_penalty + p.contract_penalty * lease.months_left) * lease.rent
    )


def cut_despite_terms(cut: float, wanted: float, leased: float, p: Any) -> float:
    """Share of its leases that a tenant gives up: less, the less of their rent it saves [share]."""
    return cut * max(1.0 - p.contract_prepayment - p.contract_penalty, 0.0)


# --- Steps ----------------------------------------------------------------------------------------------------------


def tenants_pay_in_advance(world: Any, p: Any) -> None:
    """Tenants pay part of the contracts signed this month; users pay for platforms, shareholders for shells."""
    if p.contract_prepayment <= 0.0:
        return
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.months_left < lease.term:
            continue
        operator = world.operators[lease.operator]
        rent = lease.gpus * lease.rent * lease.term
        startup = lease.tenant_kind == STARTUP
        amount = paid_in_advance(rent, world.startups[lease.tenant].cash if startup else world.households.cash, p)
        pay_rent(world, lease, operator, amount)
        lease.paid_ahead = amount / rent
