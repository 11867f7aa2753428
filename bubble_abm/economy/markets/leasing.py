"""The leasing market: leases end or are broken off, tenants and operators match, rent is paid, rents are posted.

How much every site wins is settled by competition in rent and fitness. Who signs with whom follows from laying the
tenants' new demand and the operators' new supply side by side, which makes at most one lease more than there are
parties and needs no luck.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.investor import money_at_hand
from bubble_abm.economy.agents.operator import (
    PRIME,
    going_rent,
    gpus_leased,
    gpus_on_show,
    is_complete,
    is_open,
    lease_pull,
    next_rent,
    reservation_rent,
)
from bubble_abm.economy.agents.platform import overflow
from bubble_abm.economy.agents.startup import (
    PRETRAINING,
    inference_wanted,
    inference_weight,
    is_active,
    sales,
    training_wanted,
)
from bubble_abm.economy.agents.tenant import CRUMB, breaks_lease, lease_term, leases_cut, penalty_due
from bubble_abm.economy.ledger import PENALTIES, RENT, SALES, change_unearned_rent, record_write_off, transfer
from bubble_abm.economy.tables import Row, column

TRAINING, INFERENCE = 0, 1
STARTUP, PLATFORM, SHELL, ENTERPRISE, BROUGHT = range(5)  # from shells on investors, for whom households pay
PASSES = 4  # not behaviour: rounds in which full sites pass demand on; hardly anything is left afterwards


class Lease(Row):
    """A contract: GPUs of one operator for one tenant and one use, at a fixed rent, for a number of months."""

    operator: int = column("", "row of the operator")
    tenant: int = column("", "row of the tenant, among startups, platforms or investors")
    tenant_kind: int = column(
        "", "0 startup, 1 platform, 2 investor without a use for it, 3 one with a use, 4 came with site"
    )
    use: int = column("", "0 pre-training, 1 inference")
    gpus: float = column("GPU", "leased; 0 if its site or tenant has ended, until leases end in the next month")
    compute: float = column("ratio", "effective compute of a GPU for this use, relative to the H100 class")
    rent: float = column("CNY/(GPU month)", "agreed rent")
    term: int = column("months", "for which it was signed")
    months_left: int = column("months", "until the lease ends")
    paid_ahead: float = column("share", "share of its rent that was paid in advance")
    advance: float = column("CNY", "of this not used yet")
    promised: float = column("share", "compute that the tenant expects of a petaflop; 0 if it knows what it rents")


# --- What tenants want ----------------------------------------------------------------------------------------------


def tenants_want_compute(world: Any, p: Any, luck: Any) -> None:
    """Startups and platforms work out how much compute they want at today's rents."""
    market = world.market
    market.service_price = market.rent / (p.first_rent * market.efficiency)
    market.inference_wanted = inference = inference_wanted(market, p)
    weights = 0.0
    for startup in world.startups:
        weights += inference_weight(startup, p)
    pool = (1.0 - p.platform_share) * inference
    kept = 1.0 - 1.0 / p.contract_length  # share of leases left, on average, after those that expire this month
    total = 0.0
    for i in range(len(world.startups)):
        startup = world.startups[i]
        startup.gpus_wanted_training = training_wanted(startup, market, p)
        startup.gpus_wanted_inference = pool * inference_weight(startup, p) / weights if weights > 0.0 else 0.0
        startup.lease_term = lease_term(p, luck.startups[i].term)
        startup.training_cut = leases_cut(startup.gpus_wanted_training, kept * startup.training_leased, p)
        startup.inference_cut = leases_cut(startup.gpus_wanted_inference, kept * startup.inference_leased, p)
        total += startup.gpus_wanted_training + startup.gpus_wanted_inference
    for platform in world.platforms:
        platform.gpus_wanted = overflow(platform, inference, p)
        platform.lease_term = int(p.contract_length)
        platform.inference_cut = leases_cut(platform.gpus_wanted, kept * platform.inference_leased, p)
        total += platform.gpus_wanted
    market.demand = total


# --- Leases end -----------------------------------------------------------------------------------------------------


def leases_end(world: Any, p: Any) -> None:
    """Leases expire, are cut back by tenants who need less, or are broken off by tenants who pay too much."""
    for k in range(world.live_count[0]):
        world.operators[world.live[k]].gpus_expired = 0.0
    kept = 0
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        operator = world.operators[lease.operator]
        lease.months_left -= 1
        if lease.months_left > 0:
            share = share_broken_off(world, lease, going_rent(operator, world.market), p)
            if share > 0.0:
                break_off(world, lease, operator, share, p)
        if lease.months_left <= 0 or lease.gpus < CRUMB:
            operator.gpus_expired += lease.gpus
            release(world, lease, operator, lease.gpus)
        else:
            if kept < place:
                keep(world, lease, kept)
            kept += 1
    world.lease_count[0] = kept


def share_broken_off(world: Any, lease: Any, going: float, p: Any) -> float:
    """Share of a lease that its tenant gives up this month [share]."""
    if lease.tenant_kind >= SHELL:
        return 0.0
    if breaks_lease(lease, going, p):
        return 1.0
    if lease.tenant_kind == PLATFORM:
        return world.platforms[lease.tenant].inference_cut
    startup = world.startups[lease.tenant]
    return startup.training_cut if lease.use == TRAINING else startup.inference_cut


def break_off(world: Any, lease: Any, operator: Any, share: float, p: Any) -> None:
    """Give up part of a lease before its end and pay the penalty, as far as cash allows."""
    gpus = share * lease.gpus
    penalty = gpus * lease.rent * penalty_due(lease, p)
    if lease.tenant_kind >= SHELL:
        shareholders = world.households
        transfer(world.flows, PENALTIES, shareholders, operator, max(min(penalty, shareholders.cash), 0.0))
    elif lease.tenant_kind == PLATFORM:
        platform = world.platforms[lease.tenant]
        transfer(world.flows, PENALTIES, platform, operator, min(penalty, platform.cash))
    else:
        startup = world.startups[lease.tenant]
        transfer(world.flows, PENALTIES, startup, operator, min(penalty, startup.cash))
    world.market.lease_cancellations += gpus
    world.market.leases_broken += gpus
    release(world, lease, operator, gpus)


def release(world: Any, lease: Any, operator: Any, gpus: float) -> None:
    """Take GPUs out of a lease, on the tenant's side and on the operator's; what was paid in advance is forfeited."""
    if lease.advance != 0.0:
        forfeited = lease.advance if gpus >= lease.gpus else lease.advance * gpus / lease.gpus
        lease.advance -= forfeited
        record_write_off(world, forfeited)
        owe_rent(world, lease, operator, -forfeited)
    lease.gpus -= gpus
    change_leased(world, lease, operator, -gpus)


def owe_rent(world: Any, lease: Any, operator: Any, amount: float) -> None:
    """Change what an operator owes its tenant of rent paid in advance; an investor's is owed to its shareholders."""
    if lease.tenant_kind >= SHELL:
        change_unearned_rent(world, world.households, operator, amount)
    elif lease.tenant_kind == PLATFORM:
        change_unearned_rent(world, world.platforms[lease.tenant], operator, amount)
    else:
        change_unearned_rent(world, world.startups[lease.tenant], operator, amount)


def change_leased(world: Any, lease: Any, operator: Any, gpus: float) -> None:
    """Record a change of leased GPUs with both parties: the operator counts GPUs, the tenant their compute."""
    compute = gpus * lease.compute
    if lease.use == TRAINING:
        operator.training_leased += gpus
    else:
        operator.inference_leased += gpus
    if lease.tenant_kind >= SHELL:
        world.investors[lease.tenant].compute_leased += compute
    elif lease.tenant_kind == PLATFORM:
        world.platforms[lease.tenant].inference_leased += compute
    elif lease.use == TRAINING:
        world.startups[lease.tenant].training_leased += compute
    else:
        world.startups[lease.tenant].inference_leased += compute


def keep(world: Any, lease: Any, place: int) -> None:
    """Move a lease that goes on to its new place in the table."""
    kept = world.leases[place]
    kept.operator = lease.operator
    kept.tenant = lease.tenant
    kept.tenant_kind = lease.tenant_kind
    kept.use = lease.use
    kept.gpus = lease.gpus
    kept.compute = lease.compute
    kept.rent = lease.rent
    kept.term = lease.term
    kept.months_left = lease.months_left
    kept.paid_ahead = lease.paid_ahead
    kept.advance = lease.advance
    kept.promised = lease.promised


def leases_of_the_ended_end(world: Any) -> None:
    """Leases with a site that has closed or been switched off, or with a closed startup, come to an end."""
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        operator = world.operators[lease.operator]
        alive = lease.tenant_kind != STARTUP or is_active(world.startups[lease.tenant])
        if is_open(operator) and alive:
            continue
        world.market.lease_cancellations += lease.gpus
        if is_open(operator):
            world.market.leases_of_the_dead += lease.gpus
        else:
            world.market.leases_closed += lease.gpus
        release(world, lease, operator, lease.gpus)


# --- Matching -------------------------------------------------------------------------------------------------------


def tenants_and_operators_match(world: Any, p: Any) -> None:
    """New demand goes to open sites according to rent and fitness."""
    sites = list_open_sites(world, p)
    training, inference = unmet_demand(world)
    no_training, no_inference = world.market.training_waiting, world.market.inference_waiting
    training_left, inference_left = share_out(
        world, sites, max(training - no_training, 0.0), max(inference - no_inference, 0.0)
    )
    sign_leases(world, sites, TRAINING, 1.0 - (training_left + no_training) / max(training, CRUMB))
    sign_leases(world, sites, INFERENCE, 1.0 - (inference_left + no_inference) / max(inference, CRUMB))


def sign(world: Any, operator: Any, tenant: int, tenant_kind: int, use: int, gpus: float, term: int) -> None:
    """Sign a lease at the posted rent."""
    if gpus < CRUMB:
        return
    lease = world.leases[world.lease_count[0]]
    world.lease_count[0] += 1
    lease.operator = operator.row
    lease.tenant = tenant
    lease.tenant_kind = tenant_kind
    lease.use = use
    lease.gpus = gpus
    lease.compute = compute_for(operator, use)
    lease.rent = operator.rent
    lease.term = lease.months_left = term
    lease.paid_ahead = lease.advance = lease.promised = 0.0
    world.market.contracts_signed += gpus * lease.rent * term
    change_leased(world, lease, operator, gpus)


def compute_for(operator: Any, use: int) -> float:
    """Compute of a site's GPUs for a use that a contract counts, relative to the H100 class.

    A contract that names petaflops alone counts what the chips are best at.
    """
    if operator.opaque:
        return operator.best_chips
    return operator.training_chips if use == TRAINING else operator.inference_chips


def list_open_sites(world: Any, p: Any) -> int:
    """List the sites with free GPUs and their pull on tenants; returns their number."""
    sites = 0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.training_offered = 0.0
        operator.inference_offered = 0.0
        if gpus_on_show(operator) > CRUMB:
            market = world.market
            training = lease_pull(operator.training_suitability, operator.training_chips, operator, market, p)
            inference = lease_pull(operator.inference_suitability, operator.inference_chips, operator, market, p)
            operator.training_weight, operator.inference_weight = training, inference
            world.open_sites[sites] = operator.row
            sites += 1
    return sites


def unmet_demand(world: Any) -> tuple:
    """Compute that tenants want and have not leased, for training and for inference [GPU]."""
    training = 0.0
    inference = 0.0
    for startup in world.startups:
        training += unmet(startup.gpus_wanted_training, startup.training_leased)
        inference += unmet(startup.gpus_wanted_inference, startup.inference_leased)
    for platform in world.platforms:
        inference += unmet(platform.gpus_wanted, platform.inference_leased)
    return training, inference


def gpus_sought(startup: Any, operator: Any, use: int) -> float:
    """GPUs of one site that a startup looks for first, as far as they are on show; none that cannot do it [GPU]."""
    if use == TRAINING:
        if startup.state != PRETRAINING or operator.training_chips <= 0.0:
            return 0.0
        lacking = startup.gpus_wanted_training - startup.training_leased
    else:
        lacking = startup.gpus_wanted_inference - startup.inference_leased
    return min(lacking / compute_for(operator, use), gpus_on_show(operator))


def unmet(wanted: float, leased: float) -> float:
    """Compute that a tenant still looks for [GPU]."""
    return wanted - leased if wanted - leased > CRUMB else 0.0


def share_out(world: Any, sites: int, training: float, inference: float) -> tuple:
    """Share new demand among open sites by free capacity, fitness and rent, without overfilling any of them.

    Water-filling in a few passes: demand that a full site cannot take is offered to the others in the next pass.
    Demand is counted in compute of the H100 class, capacity in GPUs. Returns the demand that nobody could take, for
    training and for inference [GPU].
    """
    for _ in range(PASSES):
        training_pull = 0.0
        inference_pull = 0.0
        for k in range(sites):
            operator = world.operators[world.open_sites[k]]
            free = gpus_still_free(operator)
            training_pull += free * operator.training_weight
            inference_pull += free * operator.inference_weight
        training_taken = 0.0
        inference_taken = 0.0
        for k in range(sites):
            operator = world.operators[world.open_sites[k]]
            free = gpus_still_free(operator)
            if free <= CRUMB:
                continue
            training_won = inference_won = 0.0
            for_training, for_inference = compute_for(operator, TRAINING), compute_for(operator, INFERENCE)
            if training_pull > 0.0 and for_training > 0.0:
                training_won = training * free * operator.training_weight / training_pull / for_training
            if inference_pull > 0.0:
                inference_won = inference * free * operator.inference_weight / inference_pull / for_inference
            fits = min(free / max(training_won + inference_won, free), 1.0)
            operator.training_offered += fits * training_won
            operator.inference_offered += fits * inference_won
            training_taken += fits * training_won * for_training
            inference_taken += fits * inference_won * for_inference
        training = max(training - training_taken, 0.0)
        inference = max(inference - inference_taken, 0.0)
        if training + inference < CRUMB:
            break
    return training, inference


def gpus_still_free(operator: Any) -> float:
    """GPUs that this month's new leases have not taken yet."""
    return max(gpus_on_show(operator) - operator.training_offered - operator.inference_offered, 0.0)


def sign_leases(world: Any, sites: int, use: int, served: float) -> None:
    """Lay the tenants' new demand and the sites' new supply side by side and sign a lease for every overlap.

    ``served`` is the share of new demand that has found a site. Where matching starts, measured in GPUs, changes from
    month to month, so that the same tenants do not always meet the same operators.
    """
    if sites == 0:
        return
    place = first_site(world, sites, use)
    room = offered(world, place, use)
    turned = 0
    tenants = len(world.startups) + (len(world.platforms) if use == INFERENCE else 0)
    for t in range(tenants):
        need = served * new_demand(world, t, use)
        while need >= CRUMB and turned < sites:
            compute = compute_for(world.operators[world.open_sites[place]], use)
            gpus = min(need / compute, room) if room > 0.0 else 0.0
            sign_with(world, world.open_sites[place], t, use, gpus)
            need -= gpus * compute
            room -= gpus
            if room < CRUMB:
                place = place + 1 if place + 1 < sites else 0
                room = offered(world, place, use)
                turned += 1


def first_site(world: Any, sites: int, use: int) -> int:
    """Place in the list of open sites at which this month's matching starts."""
    total = 0.0
    for place in range(sites):
        total += offered(world, place, use)
    start = (world.market.month * 0.6180339887498949) % 1.0 * total  # golden section: no two months start alike
    for place in range(sites):
        start -= offered(world, place, use)
        if start < 0.0:
            return place
    return 0


def offered(world: Any, place: int, use: int) -> float:
    """New leases that a site has won for a use [GPU]."""
    operator = world.operators[world.open_sites[place]]
    return operator.training_offered if use == TRAINING else operator.inference_offered


def new_demand(world: Any, tenant: int, use: int) -> float:
    """Compute that one tenant still looks for [GPU]; platforms are counted after the startups."""
    if tenant >= len(world.startups):
        platform = world.platforms[tenant - len(world.startups)]
        return unmet(platform.gpus_wanted, platform.inference_leased)
    startup = world.startups[tenant]
    if use == TRAINING:
        return unmet(startup.gpus_wanted_training, startup.training_leased)
    return unmet(startup.gpus_wanted_inference, startup.inference_leased)


def sign_with(world: Any, row: int, tenant: int, use: int, gpus: float) -> None:
    """Sign a lease between one site and one tenant; platforms are counted after the startups."""
    operator = world.operators[row]
    if tenant >= len(world.startups):
        tenant -= len(world.startups)
        sign(world, operator, tenant, PLATFORM, use, gpus, world.platforms[tenant].lease_term)
    else:
        sign(world, operator, tenant, STARTUP, use, gpus, world.startups[tenant].lease_term)


# --- Rent -----------------------------------------------------------------------------------------------------------


def tenants_pay_rent(world: Any, p: Any) -> None:
    """Users pay for inference; tenants, or their shareholders, pay rent as far as their cash allows."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        operator.revenue = 0.0
    for startup in world.startups:
        startup.rent_paid = 0.0
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        operator = world.operators[lease.operator]
        rent = lease.gpus * lease.rent
        due = (1.0 - lease.paid_ahead) * rent
        if lease.tenant_kind >= SHELL:
            due = max(min(due, world.households.cash), 0.0)
        elif lease.tenant_kind == STARTUP:
            startup = world.startups[lease.tenant]
            if lease.use == INFERENCE:
                transfer(world.flows, SALES, world.households, startup, sales(startup, rent, world.market, p))
            due = min(due, startup.cash)
            startup.rent_paid += due
        pay_rent(world, lease, operator, due)
        earned = due + lease.paid_ahead * rent
        if lease.advance > 0.0:
            used = min(lease.paid_ahead * rent, lease.advance)
            lease.advance -= used
            owe_rent(world, lease, operator, -used)  # it is earned
        operator.revenue += earned
        world.market.rent_recognised += earned


def pay_rent(world: Any, lease: Any, operator: Any, amount: float) -> None:
    """Pay rent for a lease: users bring it for platforms, and households for the investors whose shares they hold."""
    if lease.tenant_kind >= SHELL:
        transfer(world.flows, RENT, world.households, operator, amount)
    elif lease.tenant_kind == PLATFORM:
        transfer(world.flows, SALES, world.households, world.platforms[lease.tenant], amount)
        transfer(world.flows, RENT, world.platforms[lease.tenant], operator, amount)
    else:
        transfer(world.flows, RENT, world.startups[lease.tenant], operator, amount)


def operators_post_rents(world: Any, p: Any) -> None:
    """Operators revise the rents they post."""
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        if is_complete(operator):
            purse = money_at_hand(world.investors[operator.owner]) if operator.patient and operator.owner >= 0 else 0.0
            operator.reservation_rent = reservation_rent(operator, purse, world.market, p)
            operator.rent = next_rent(operator, world.market, p)


def rents_are_quoted(world: Any, p: Any) -> None:
    """The spot index, overall and by quality, and the average rent of contracts in force are published.

    While nobody leases at home the index stays where it was, but not above what compute costs abroad.
    """
    market = world.market
    prime = prime_weight = secondary = secondary_weight = 0.0
    for k in range(world.live_count[0]):
        operator = world.operators[world.live[k]]
        leased = gpus_leased(operator) - operator.gpus_brought
        if leased <= 0.0:
            continue
        if operator.quality == PRIME:
            prime += leased * (operator.rent / operator.best_chips)
            prime_weight += leased
        else:
            secondary += leased * (operator.rent / operator.best_chips)
            secondary_weight += leased
    if prime_weight > 0.0:
        market.prime_rent = prime / prime_weight
    if prime_weight + secondary_weight > 0.0:
        market.rent = (prime + secondary) / (prime_weight + secondary_weight)
    else:
        abroad = p.rent_abroad * market.replacement_rent
        market.rent, market.prime_rent = min(market.rent, abroad), min(market.prime_rent, abroad)
    market.secondary_rent = secondary / secondary_weight if secondary_weight > 0.0 else market.prime_rent
    contracts_are_averaged(world)


def contracts_are_averaged(world: Any) -> None:
    """Average the rent of compute in contracts in force, and count what it is used for."""
    market = world.market
    value = training = inference = unused = unused_compute = 0.0
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.tenant_kind == BROUGHT:
            continue
        value += lease.gpus * lease.rent
        if lease.tenant_kind == SHELL:
            unused += lease.gpus
            unused_compute += lease.gpus * lease.compute
        elif lease.use == TRAINING:
            training += lease.gpus * lease.compute
        else:
            inference += lease.gpus * lease.compute
    market.training_gpus = training
    market.inference_gpus = inference
    market.gpus_unused = unused
    if training + inference + unused_compute > 0.0:
        market.contract_rent = value / (training + inference + unused_compute)
