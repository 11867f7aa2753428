"""Contract terms: part of a lease is paid in advance, and who breaks it off owes a share of what is left of it.

What was paid in advance the operator owes until it is earned. A tenant who breaks off forfeits it; so tenants who need
less, or could rent for less, weigh what they would save against what they would lose. An operator whose site closes
pays it back and owes a penalty of its own, as far as its cash goes.
Without it, rent is due month by month, and a break-off costs some months of it.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import is_open
from bubble_abm.economy.agents.startup import is_active
from bubble_abm.economy.declare import decision, parameters, section
from bubble_abm.economy.ledger import PENALTIES, refund_rent, transfer
from bubble_abm.economy.markets.leasing import PLATFORM, SHELL, STARTUP, owe_rent, pay_rent


@parameters
class Parameters:
    """What is paid in advance, and what it costs tenants and lessors to end a lease."""

    # fmt: off
    parameter = section("contract terms")
    contract_prepayment: float = parameter(
        0.309, unit="share", low=0, high=1, role="fixed", neutral=0, source="fact C46: none, or 0.6",
        reported=(0, 0.6),
        meaning="share of a contract's rent that is paid at the signing")
    contract_penalty: float = parameter(
        0.13, unit="share", low=0, high=1, role="fixed", neutral=0, source="fact C46: 0.2-0.3", reported=(0.2, 0.3),
        departs="break_penalty stands for the penalty; at the terms of the fact hardly anybody would break off",
        meaning="share of the rent of its remaining months due when a tenant breaks a lease, besides break_penalty")
    lessor_penalty: float = parameter(
        0.0449, unit="share", low=0, high=1, role="fixed", neutral=0, source="fact C46: up to 0.05", reported=(0, 0.05),
        meaning="share of the rent of its remaining months that an operator owes if its site closes before")
    del parameter
    # fmt: on


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def paid_in_advance(rent: float, cash: float, p: Any) -> float:
    """What a tenant pays at the signing: a share of the rent of the whole contract, as far as its cash goes [CNY]."""
    return max(min(p.contract_prepayment * rent, cash), 0.0)


@decision
def compensation_due(lease: Any, cash: float, p: Any) -> float:
    """What an operator whose site closes owes a tenant besides a refund, as far as its cash goes [CNY]."""
    rent_lost = lease.gpus * lease.rent * (lease.months_left - 1)  # this month's has been paid
    return max(min(p.lessor_penalty * rent_lost, cash), 0.0)


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
        lease.paid_ahead, lease.advance = amount / rent, amount
        owe_rent(world, lease, operator, amount)


def lessors_compensate(world: Any, p: Any) -> None:
    """Sites that have closed or been switched off pay back what they have not earned, and their penalty."""
    if p.lessor_penalty <= 0.0 and world.books.unearned_rent <= 0.0:
        return
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        operator = world.operators[lease.operator]
        if is_open(operator):
            continue
        if lease.tenant_kind >= SHELL:
            put_out(world, lease, world.households, operator, p)
        elif lease.tenant_kind == PLATFORM:
            put_out(world, lease, world.platforms[lease.tenant], operator, p)
        elif is_active(world.startups[lease.tenant]):
            put_out(world, lease, world.startups[lease.tenant], operator, p)


def put_out(world: Any, lease: Any, tenant: Any, operator: Any, p: Any) -> None:
    """Pay a tenant back what it has paid in advance, and the penalty of its lessor."""
    refund = max(min(lease.advance, operator.cash), 0.0)
    lease.advance -= refund
    refund_rent(world, tenant, operator, refund)
    transfer(world.flows, PENALTIES, operator, tenant, compensation_due(lease, operator.cash, p))
