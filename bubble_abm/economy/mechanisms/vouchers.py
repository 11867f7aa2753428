"""Vouchers: provinces pay part of the rent of startups that lease on their territory, out of pots that run out.

First come, first served, up to a cap a firm; who rents from its own patron gets nothing. They are paid at the signing
for the whole contract, or month by month for measured use.
Without it, tenants pay all of the rent.
"""

from __future__ import annotations

import math
from typing import Any

from bubble_abm.economy.accounts import flow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorRow
from bubble_abm.economy.agents.startup import StartupRow
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import POLICY, decision, parameters, section
from bubble_abm.economy.ledger import transfer
from bubble_abm.economy.markets.counting import share
from bubble_abm.economy.markets.leasing import STARTUP, unmet
from bubble_abm.economy.markets.signals import Market
from bubble_abm.economy.tables import Row, column


@parameters
class Parameters:
    """How much there is, for whom, and when it is paid."""

    # fmt: off
    parameter = section("vouchers")
    voucher_pot: float = parameter(
        0, unit="CNY/year", low=0, high=2e9, role="lever", neutral=0, source=f"{POLICY}; fact C21: 50-600 m",
        meaning="vouchers that a province of average size gives out in a year")
    voucher_share: float = parameter(
        0.3, unit="share", low=0, high=0.9, role="fixed", source="fact C21: 0.2-0.6", reported=(0.2, 0.6),
        meaning="share of a contract that a voucher pays")
    voucher_cap: float = parameter(
        10e6, unit="CNY/year", low=0, high=1e9, role="fixed", source="fact C21: 2-10 m a firm", reported=(2e6, 1e7),
        meaning="most that a firm draws in a year")
    voucher_on_use: float = parameter(
        0, unit="share", low=0, high=1, role="fixed", source="fact C21: paid at the signing at first",
        meaning="share of a voucher that is paid month by month for measured use, the rest at the signing")
    del parameter
    # fmt: on


class ProvinceColumns(Row, extends=LocalGovernmentRow):
    """What is left to give out."""

    pot: float = column("CNY", "vouchers left for this year")


class OperatorColumns(Row, extends=OperatorRow):
    """What a voucher does for a site."""

    voucher: float = column("share", "share of its rent that vouchers pay, on average over who looks for compute")


class StartupColumns(Row, extends=StartupRow):
    """What a startup has drawn."""

    vouchers: float = column("CNY", "vouchers drawn this year")


class MarketColumns(Row, extends=Market):
    """What the scheme has to remember."""

    leases_before: int = column("leases", "in force when this month's contracts begin to be signed")
    voucher_scheme: int = column("", "1 while there are vouchers")


VOUCHERS = flow("vouchers")


# --- Decisions ------------------------------------------------------------------------------------------------------


@decision
def voucher_due(rent: float, months_left: int, is_new: bool, p: Any) -> float:
    """Voucher due on a contract this month: for its whole term at the signing, and for this month's use [CNY]."""
    at_signing = (1.0 - p.voucher_on_use) * months_left if is_new else 0.0
    return p.voucher_share * rent * (at_signing + p.voucher_on_use)


# --- What it changes in decisions of the core (wired in month.py) ---------------------------------------------------


def pull_with_voucher(pull: float, suitability: float, compute: float, operator: Any, market: Any, p: Any) -> float:
    """Pull of a free GPU on new tenants, for whom a voucher is as good as a lower rent [1]."""
    return pull * exp(-p.rent_sensitivity * math.log(1.0 - operator.voucher)) if operator.voucher > 0.0 else pull


# --- Steps ----------------------------------------------------------------------------------------------------------


def provinces_offer_vouchers(world: Any, p: Any) -> None:
    """Pots are filled once a year; tenants learn where there is something left."""
    market = world.market
    offers = p.voucher_pot > 0.0
    if not offers and not market.voucher_scheme:
        return
    if not market.voucher_scheme or market.month % 12 == 0 or not offers:
        for province in world.provinces:
            province.pot = p.voucher_pot * province.weight * p.scale
        for startup in world.startups:
            startup.vouchers = 0.0
    market.voucher_scheme = 1 if offers else 0
    market.leases_before = world.lease_count[0]
    reach = demand_with_vouchers(world, p)
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.voucher = p.voucher_share * reach if world.provinces[operator.province].pot > 0.0 else 0.0


def demand_with_vouchers(world: Any, p: Any) -> float:
    """Share of new demand that comes from firms below the cap; platforms get no vouchers [share]."""
    entitled = total = 0.0
    for startup in world.startups:
        wanted = unmet(startup.gpus_wanted_training, startup.training_leased)
        wanted += unmet(startup.gpus_wanted_inference, startup.inference_leased)
        total += wanted
        if startup.vouchers < p.voucher_cap:
            entitled += wanted
    for platform in world.platforms:
        total += unmet(platform.gpus_wanted, platform.inference_leased)
    return share(entitled, total)


def provinces_pay_vouchers(world: Any, p: Any) -> None:
    """Provinces pay vouchers in the order of the contracts, while there is something left."""
    if not world.market.voucher_scheme:
        return
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.tenant_kind != STARTUP:
            continue
        operator = world.operators[lease.operator]
        startup = world.startups[lease.tenant]
        if are_related(world, startup, operator):
            continue
        due = voucher_due(lease.gpus * lease.rent, lease.months_left, place >= world.market.leases_before, p)
        pay_voucher(world, world.provinces[operator.province], startup, due, p)


def are_related(world: Any, startup: Any, operator: Any) -> bool:
    """Whether a startup rents from its patron, or from another site of its patron's owner."""
    if startup.patron < 0:
        return False
    owner = world.operators[startup.patron].owner
    return startup.patron == operator.row or (owner >= 0 and owner == operator.owner)


def pay_voucher(world: Any, province: Any, startup: Any, due: float, p: Any) -> None:
    """Pay what is due, within the firm's cap, the pot and the province's cash."""
    amount = max(min(due, p.voucher_cap - startup.vouchers, province.pot, province.cash), 0.0)
    transfer(world.flows, VOUCHERS, province, startup, amount)
    startup.vouchers += amount
    province.pot -= amount
    province.outlay += amount
    world.market.subsidies += amount
    world.market.public_spending += amount
