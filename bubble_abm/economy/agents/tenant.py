"""Tenants: what startups and platforms decide about their leases."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import ASSUMED, decision, parameters, section

CRUMB = 0.01  # not behaviour: GPUs below which a lease is not worth a contract


@parameters
class Parameters:
    """Terms of leases, as tenants sign and leave them."""

    # fmt: off
    parameter = section("contracts")
    contract_length: float = parameter(
        6.64, unit="months", low=3, high=18, role="uncertain", source="fact C25",
        meaning="mean term of a lease")
    contract_spread: float = parameter(
        0.5, unit="share", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="spread of lease terms in either direction, relative to the mean")
    break_penalty: float = parameter(
        2, unit="months", low=0, high=12, role="fixed", source=ASSUMED,
        meaning="months of rent due when a tenant breaks a lease")
    break_threshold: float = parameter(
        2.0, unit="ratio", low=0, high=20, role="fixed", source=ASSUMED,
        meaning="saving over penalty above which a tenant breaks a dear lease")
    cut_speed: float = parameter(
        0.5, unit="1/month", low=0, high=1, role="fixed", source=ASSUMED,
        meaning="share of its excess leases that a tenant gives up in a month")
    del parameter
    # fmt: on


@decision
def lease_term(p: Any, draw: float) -> int:
    """Term of a lease: around the mean, in whole months [months]."""
    months = p.contract_length * (1.0 - p.contract_spread + 2.0 * p.contract_spread * draw)
    return max(int(months + 0.5), 1)  # to the nearest month


@decision
def leases_cut(wanted: float, leased: float, p: Any) -> float:
    """Share of its leases that a tenant gives up: part of what exceeds its needs [share]."""
    return p.cut_speed * (1.0 - wanted / leased) if leased > max(wanted, CRUMB) else 0.0


@decision
def penalty_due(lease: Any, p: Any) -> float:
    """Penalty of breaking a lease off, no more than what is left of it [months of rent]."""
    return min(p.break_penalty, lease.months_left)


def rent_to_come(lease: Any) -> float:
    """Rent that a tenant still has to pay until its lease ends [months of rent]."""
    return lease.months_left * (1.0 - lease.paid_ahead)


@decision
def breaks_lease(lease: Any, going_rent: float, p: Any) -> bool:
    """Whether a tenant walks away from a dear lease: the saving until its end exceeds the penalty by enough."""
    return lease.months_left * (lease.rent - going_rent) > p.break_threshold * p.break_penalty * lease.rent
