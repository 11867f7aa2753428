"""What is observed: one declared column per measure, with unit and definition, read at the end of every month."""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.operator import (
    BANKRUPT,
    BUILDING,
    CANCELLED,
    CONVERTED,
    DISTRESSED,
    IDLE,
    NONE,
    OPERATING,
    PAUSED,
    PLANNED,
    TAKEN_OVER,
    UNCONVERTED,
    gpus_leased,
    is_complete,
    is_under_construction,
)
from bubble_abm.economy.agents.startup import APPLICATION, OPEN_WEIGHTS, PRETRAINING, is_active
from bubble_abm.economy.agents.tenant import CRUMB
from bubble_abm.economy.chip_classes import CHIP_CLASSES, H100, all_in_price
from bubble_abm.economy.generate import function
from bubble_abm.economy.markets.counting import has_team, share
from bubble_abm.economy.markets.leasing import STARTUP
from bubble_abm.economy.sponsors import ABLE, NEWCOMER, PUBLIC
from bubble_abm.economy.tables import Row, column

GPUS_PER_SERVER = 8  # a server of the H100 class has eight


class Measures(Row):
    """One month of a run as a statistician sees it."""

    rent_per_server: float = column("CNY/(server month)", "posted rent of eight GPUs, weighted by leases")
    gpu_price: float = column(
        "CNY/GPU", "landed cost and mark-up of smugglers at the end of the month, weighted by stock and usual orders"
    )
    projects_announced: float = column("projects", "announced since January 2023, cumulative")
    projects_planned: float = column("projects", "announced, not yet started")
    projects_building: float = column("projects", "under construction")
    projects_paused: float = column("projects", "under construction, without the next round of money")
    projects_operating: float = column(
        "projects", "completed sites that lease or try to lease, neither distressed nor taken over"
    )
    projects_idle: float = column("projects", "completed sites that are switched off")
    projects_distressed: float = column("projects", "open sites in arrears that the state has not taken over")
    projects_cancelled: float = column("projects", "plans given up, cumulative")
    projects_bankrupt: float = column("projects", "sites wound up, stranded ones included, cumulative")
    projects_taken_over: float = column(
        "projects", "sites that the state has taken over and that have not failed again"
    )
    utilisation: float = column("share", "leased over installed GPUs, all rental sites")
    utilisation_new: float = column("share", "leased over installed GPUs, sites announced since January 2023")
    idle_share_new: float = column(
        "share", "installed GPUs of such sites that are not leased, as a share; 0 before there are any"
    )
    utilisation_hub: float = column("share", "leased over installed GPUs, sites near the users of inference")
    utilisation_interior: float = column("share", "leased over installed GPUs, all other sites")
    training_gpus: float = column("GPU", "leased for pre-training")
    inference_gpus: float = column("GPU", "leased for inference")
    inference_share: float = column("share", "share of inference in leased GPUs")
    startups_active: float = column("startups", "in business, application firms left out")
    startups_pretraining: float = column("startups", "in business, with pre-training of their own")
    subsidies_paid: float = column("CNY", "subsidies paid in the month")
    gpus_imported: float = column("GPU", "smuggled chips that arrived in the month")
    gpus_seized: float = column("GPU", "chips seized in the month")
    lease_cancellations: float = column(
        "GPU", "leases ended before their term in the month, also by the end of a site or a startup"
    )
    ponzi_share: float = column("share", "completed sites in debt whose margin does not cover the interest, as a share")
    write_offs: float = column("CNY", "loans written off in the month")
    projects_completed: float = column("projects", "sites ever completed, cumulative")
    gpus_installed: float = column("GPU", "rental GPUs in completed sites")
    gpus_installed_new: float = column("GPU", "rental GPUs in completed sites announced since January 2023")
    gpus_leased: float = column("GPU", "leased")
    gpus_wanted: float = column("GPU", "wanted by all tenants at the rents posted for the month")
    gpus_on_order: float = column("GPU", "ordered from smugglers, not delivered")
    contract_rent_per_server: float = column("CNY/(server month)", "average rent of eight GPUs in contracts in force")
    prime_rent_per_server: float = column("CNY/(server month)", "posted rent at sites of prime quality")
    secondary_rent_per_server: float = column("CNY/(server month)", "posted rent at sites of secondary quality")
    startups_open_weights: float = column("startups", "in business on open weights")
    adopters: float = column("share", "share of startups in business on the best open model")
    funding_climate: float = column("ratio", "readiness of venture funds; 1 is neutral")
    mean_subsidy: float = column("share", "mean subsidy rate of the provinces")
    central_call: float = column("share", "pressure of the central call after the brake")
    smugglers_active: float = column("smugglers", "in business")
    mean_markup: float = column("ratio", "smugglers' mark-up over landed cost, weighted by their channels")
    smugglers_stock: float = column("GPU", "chips in smugglers' stock and in transit")
    chips_sold_second_hand: float = column("GPU", "chips that operators and ended projects sold in the month")
    chips_stranded: float = column("GPU", "chips of ended projects that have found no buyer")
    prepayments_lost: float = column(
        "CNY", "prepayments lost in the month, at a ban, by buyers who cannot pay the rest, or who end"
    )
    ban_loss_share: float = column(
        "share", "share of prepayments that were lost because export control was tightened in the month; 0 in others"
    )
    operators_cash: float = column("CNY", "deposits of projects and incumbents")
    operators_debt: float = column("CNY", "loans of projects")
    startups_cash: float = column("CNY", "deposits of startups")
    smuggled_share: float = column("share", "share of smuggled chips in all chips imported since January 2023")
    largest_operator_share: float = column("share", "share of the largest operator in leased GPUs")
    concentration: float = column("1", "Herfindahl index: sum of the squared shares of operators in leased GPUs")
    replacement_rent_per_server: float = column("CNY/(server month)", "rent that covers running and capital cost")
    all_in_price: float = column("CNY/GPU", "chip price and other capex, of the H100 class, with tariffs")
    gpus_nationwide: float = column("GPU", "at completed rental sites and in platforms' own fleets")
    mean_project_cost: float = column(
        "CNY", "capex at the price of the day of projects under construction, paused or completed, mean; 0 without any"
    )
    projects_started: float = column("projects", "whose construction began in the month")
    completed_public: float = column("projects", "sites of public sponsors ever completed, cumulative")
    completed_able: float = column("projects", "sites of able sponsors ever completed, cumulative")
    listed_newcomers: float = column(
        "investors", "newcomers that are listed groups and have announced a project, cumulative"
    )
    public_spending: float = column("CNY", "subsidies, rescues and capital that the state paid in the month")
    venture_money: float = column("CNY", "paid into startups by venture funds in the month")
    funding_rounds: float = column("rounds", "closed in the month")
    funding_rounds_makers: float = column("rounds", "of these closed by startups that pre-train")
    funding_rounds_applications: float = column("rounds", "of these closed by application firms")
    pretraining_exits: float = column(
        "startups", "that stopped pre-training in the month, or closed down while they did it"
    )
    largest_maker_rent: float = column("CNY", "paid in the month by the startup that pays most")
    projects_handed_over: float = column(
        "projects", "completed sites that now belong to an able operator who did not announce them"
    )
    projects_of_harvesters: float = column(
        "projects", "announced by who never needs the compute, since January 2023, cumulative"
    )
    leases_broken: float = column("GPU", "leases that their tenants broke off in the month")
    leases_closed: float = column("GPU", "leases ended before their term in the month with a site that closed or idles")
    leases_of_the_dead: float = column("GPU", "leases at open sites that ended in the month with a startup")
    gpus_unused: float = column("GPU", "leased by tenants who have no use for them")
    real_utilisation: float = column("share", "GPUs leased by who uses them, over installed GPUs, all rental sites")
    contracts_signed: float = column("CNY", "rent of contracts signed in the month, over their whole term")
    rent_recognised: float = column("CNY", "rent that operators earned in the month")
    halls_equipped_again: float = column(
        "projects", "purchases of halls of sites that were wound up, to equip them again, cumulative"
    )
    mean_hands: float = column("hands", "through which smugglers' chips pass, weighted by their channels")
    chips_held_back: float = column("GPU", "in smugglers' stock and not for sale, because prices rise")
    gpus_circular: float = column(
        "GPU", "leased by startups from an operator that has put money into them, itself or through a fund"
    )
    independent_utilisation: float = column(
        "share",
        "GPUs leased by who uses them and is not financed by the site, over installed GPUs, all rental sites",
    )
    petaflop_shortfall: float = column(
        "share", "compute that tenants expect a petaflop to lack at sites that let petaflops; 0 before there are any"
    )
    leases_disappointed: float = column(
        "GPU", "leases broken off in the month because a petaflop was worth too little in use"
    )
    application_firms: float = column("startups", "application firms in business")
    services_registered: float = column("startups", "application firms founded since January 2023, cumulative")
    gpus_of_enterprises: float = column("GPU", "leased by enterprises, those at sites of their own included")
    gpus_self_served: float = column("GPU", "of these at sites of their own")
    projects_converted: float = column("projects", "completed sites that have been converted to inference")
    conversions_failed: float = column("projects", "sites of which the conversion to inference has failed, cumulative")
    utilisation_teams: float = column(
        "share", "leased over installed GPUs, new sites with a development team; 0 where all sites are alike"
    )
    utilisation_bare: float = column("share", "leased over installed GPUs, all other new sites")
    vendor_value: float = column("CNY", "present value of the chip vendor's profit on orders from here, if valued")
    users: float = column("million", "users of generative AI, if inference starts from them; else 0")
    tokens_per_day: float = column("tokens/day", "asked for, on rented compute and on platforms' own fleets")
    tokens_per_gpu: float = column("tokens/(GPU day)", "that a GPU of the H100 class serves")
    platforms_rented: float = column("GPU", "compute that platforms lease for inference")
    platforms_short: float = column(
        "GPU", "compute that platforms want to rent and do not find in large lots near the users, if they look for lots"
    )
    gpus_shunned: float = column(
        "GPU", "free at open sites that are no large lots near the users, if platforms look for lots"
    )


#: What is measured of each class of chips: unit and meaning.
OF_CLASSES = {
    "price": ("CNY/GPU", "price of a new chip in China, {}"),
    "installed": ("GPU", "installed in completed sites that order this class, {}"),
    "utilisation": ("share", "leased over installed GPUs of these sites, {}"),
    "rent": ("CNY/(server month)", "posted rent of eight GPUs at these sites, weighted by leases, {}; 0 without any"),
    "bought": ("GPU", "new chips delivered to operators and platforms in the month, {}"),
}


def columns_of_classes() -> dict[str, Any]:
    """Declare these measures."""
    names = [(what, chip) for what in OF_CLASSES for chip in CHIP_CLASSES]
    body: dict[str, Any] = {"__module__": __name__, "__doc__": "Measures by class of chips."}
    for what, chip in names:
        unit, meaning = OF_CLASSES[what]
        body[f"{what}_{chip.lower()}"] = column(unit, meaning.format(chip))
    return body | {"__annotations__": {f"{what}_{chip.lower()}": "float" for what, chip in names}}


type("ClassMeasures", (Row,), columns_of_classes(), extends=Measures)


def function_for_classes() -> str:
    """Write the function that takes these measures: one pass over the sites, sums in local variables."""
    lines = ["def measure_classes(world, m):"]
    lines += [f"    installed_{k} = leased_{k} = value_{k} = 0.0" for k in range(len(CHIP_CLASSES))]
    lines += ["    for k in range(world.live_count[0]):", "        operator = world.operators[world.live[k]]"]
    lines += ["        if not is_complete(operator):", "            continue", "        leased = gpus_leased(operator)"]
    for k in range(len(CHIP_CLASSES)):
        lines.append(f"        {'el' if k else ''}if operator.chip == {k}:")
        lines.append(f"            installed_{k} += operator.gpus_installed")
        lines.append(f"            leased_{k} += leased")
        lines.append(f"            value_{k} += leased * operator.rent")
    for k, name in enumerate(CHIP_CLASSES):
        lines.append(f"    m.price_{name.lower()} = world.chips[{k}].price")
        lines.append(f"    m.bought_{name.lower()} = world.chips[{k}].bought")
        lines.append(f"    m.installed_{name.lower()} = installed_{k}")
        lines.append(f"    m.utilisation_{name.lower()} = share(leased_{k}, installed_{k})")
        rent = f"{GPUS_PER_SERVER} * value_{k} / leased_{k} if leased_{k} >= CRUMB else 0.0"
        lines.append(f"    m.rent_{name.lower()} = {rent}")
    return "\n".join(lines)


measure_classes = function(
    function_for_classes(), __name__, is_complete=is_complete, gpus_leased=gpus_leased, share=share, CRUMB=CRUMB
)
measure_classes.__doc__ = "Prices, rents and use of each class of chips."

STAGE_COLUMNS = (
    "projects_planned", "projects_building", "projects_operating", "projects_idle", "projects_distressed",
    "projects_cancelled", "projects_bankrupt", "projects_taken_over", "projects_paused",
)  # fmt: skip


def take_measures(world: Any, p: Any, measures: Any) -> None:
    """Take all measures of the month."""
    measure_projects(world, p, measures)
    measure_investors(world, measures)
    measure_startups(world, measures)
    measure_smugglers(world, measures)
    measure_market(world, p, measures)
    measure_classes(world, measures)


def measure_projects(world: Any, p: Any, m: Any) -> None:
    """Count projects by stage, and GPUs by place."""
    installed_new = leased_new = installed_hub = leased_hub = installed_all = leased_all = 0.0
    installed_teams = leased_teams = 0.0
    largest = squares = 0.0
    in_debt = ponzi = under_way = 0
    capex_under_way = 0.0
    for row in range(world.operator_count[0]):
        count_stage(world.operators[row], m)
    for k in range(world.live_count[0]):  # all others hold nothing
        operator = world.operators[world.live[k]]
        m.operators_cash += operator.cash
        m.operators_debt += operator.debt
        m.gpus_on_order += operator.gpus_on_order
        if operator.stage == BANKRUPT or operator.stage == CANCELLED:
            m.chips_stranded += operator.gpus_installed
        if not operator.incumbent and (is_under_construction(operator) or is_complete(operator)):
            under_way += 1
            capex_under_way += all_in_price(world.chips[operator.chip], p) * operator.gpus_planned
        if not is_complete(operator):
            continue
        m.projects_handed_over += operator.owner >= 0 and operator.owner != operator.announcer
        leased = gpus_leased(operator)
        installed_all += operator.gpus_installed
        leased_all += leased
        if not operator.incumbent:
            installed_new += operator.gpus_installed
            leased_new += leased
            if p.bare_engineering < 1.0 and has_team(world, operator):  # where all are alike, nobody looks
                installed_teams += operator.gpus_installed
                leased_teams += leased
        m.projects_converted += operator.conversion == CONVERTED
        if world.provinces[operator.province].hub:
            installed_hub += operator.gpus_installed
            leased_hub += leased
        if operator.debt > 1.0:
            in_debt += 1
            ponzi += operator.ponzi
        largest = max(largest, leased)
        squares += leased * leased
    m.mean_project_cost = capex_under_way / max(under_way, 1)
    m.utilisation = share(leased_all, installed_all)
    m.utilisation_new = share(leased_new, installed_new)
    m.idle_share_new = 1.0 - m.utilisation_new if installed_new >= CRUMB else 0.0
    m.utilisation_teams = share(leased_teams, installed_teams)
    m.utilisation_bare = share(leased_new - leased_teams, installed_new - installed_teams)
    m.utilisation_hub = share(leased_hub, installed_hub)
    m.utilisation_interior = share(leased_all - leased_hub, installed_all - installed_hub)
    m.gpus_installed = installed_all
    m.gpus_installed_new = installed_new
    m.gpus_leased = leased_all
    m.ponzi_share = share(ponzi, in_debt)
    m.largest_operator_share = share(largest, leased_all)
    m.concentration = share(squares / max(leased_all, CRUMB), leased_all)


def count_stage(operator: Any, m: Any) -> None:
    """Count one project in its stage."""
    if operator.incumbent or operator.stage == NONE:
        return
    m.projects_announced += operator.month_announced >= 0
    m.projects_of_harvesters += operator.sham
    m.halls_equipped_again += operator.re_equipped
    m.conversions_failed += operator.conversion == UNCONVERTED
    if operator.month_opened >= 0:
        m.projects_completed += 1
        m.completed_public += operator.sponsor == PUBLIC
        m.completed_able += operator.sponsor == ABLE
    if operator.stage == PLANNED:
        m.projects_planned += 1
    elif operator.stage == BUILDING:
        m.projects_building += 1
    elif operator.stage == OPERATING:
        m.projects_operating += 1
    elif operator.stage == IDLE:
        m.projects_idle += 1
    elif operator.stage == DISTRESSED:
        m.projects_distressed += 1
    elif operator.stage == CANCELLED:
        m.projects_cancelled += 1
    elif operator.stage == BANKRUPT:
        m.projects_bankrupt += 1
    elif operator.stage == TAKEN_OVER:
        m.projects_taken_over += 1
    elif operator.stage == PAUSED:
        m.projects_paused += 1


def measure_investors(world: Any, m: Any) -> None:
    """Count the newcomers to the subject."""
    for investor in world.investors:
        m.listed_newcomers += investor.sponsor == NEWCOMER and investor.deep_pocket == 1 and investor.projects > 0


def measure_startups(world: Any, m: Any) -> None:
    """Count startups by what they do."""
    for startup in world.startups:
        if is_active(startup):
            m.startups_cash += startup.cash
        if startup.state == APPLICATION:
            m.application_firms += 1
        elif is_active(startup):
            m.startups_active += 1
            m.startups_pretraining += startup.state == PRETRAINING
            m.startups_open_weights += startup.state == OPEN_WEIGHTS
            m.largest_maker_rent = max(m.largest_maker_rent, startup.rent_paid)


def measure_smugglers(world: Any, m: Any) -> None:
    """Count dealers, their stock and their mark-up."""
    weight = markup = hands = 0.0
    for smuggler in world.smugglers:
        m.smugglers_stock += smuggler.inventory + smuggler.in_transit
        m.chips_held_back += smuggler.withheld
        if smuggler.active:
            m.smugglers_active += 1
            weight += smuggler.capacity
            markup += smuggler.capacity * smuggler.markup
            hands += smuggler.capacity * smuggler.layers
    m.mean_hands = hands / weight if weight > 0.0 else 0.0
    m.mean_markup = markup / weight if weight > 0.0 else 0.0


def gpus_circular(world: Any) -> float:
    """GPUs leased by startups from an operator that has put money into them [GPU]."""
    gpus = 0.0
    for place in range(world.lease_count[0]):
        lease = world.leases[place]
        if lease.tenant_kind == STARTUP:
            tenant = world.startups[lease.tenant]
            by_patron = tenant.patron == lease.operator and tenant.patron_stake > 0.0
            by_partner = tenant.partner == lease.operator and tenant.partner_stake > 0.0
            if by_patron or by_partner:
                gpus += lease.gpus
    return gpus


def measure_market(world: Any, p: Any, m: Any) -> None:
    """Read off prices, the month's flows and policy."""
    market = world.market
    m.rent_per_server = GPUS_PER_SERVER * market.rent
    m.contract_rent_per_server = GPUS_PER_SERVER * market.contract_rent
    m.prime_rent_per_server = GPUS_PER_SERVER * market.prime_rent
    m.secondary_rent_per_server = GPUS_PER_SERVER * market.secondary_rent
    m.replacement_rent_per_server = GPUS_PER_SERVER * market.replacement_rent
    m.gpu_price = market.chip_price
    m.all_in_price = all_in_price(world.chips[H100], p)
    m.training_gpus = market.training_gpus
    m.inference_gpus = market.inference_gpus
    m.inference_share = share(market.inference_gpus, market.training_gpus + market.inference_gpus)
    m.gpus_wanted = market.demand
    m.gpus_nationwide = m.gpus_installed
    for platform in world.platforms:
        m.gpus_nationwide += platform.gpus
        m.platforms_rented += platform.inference_leased
        m.platforms_short += platform.unserved
    m.users = market.users
    m.tokens_per_gpu = p.tokens_per_gpu * market.efficiency
    m.tokens_per_day = m.tokens_per_gpu * market.inference_wanted / p.rented_share
    m.gpus_shunned = market.gpus_shunned
    m.subsidies_paid = market.subsidies
    m.gpus_imported = market.imported
    m.gpus_seized = market.seized
    m.chips_sold_second_hand = market.second_hand
    m.lease_cancellations = market.lease_cancellations
    m.leases_broken = market.leases_broken
    m.leases_closed = market.leases_closed
    m.leases_of_the_dead = market.leases_of_the_dead
    m.gpus_unused = market.gpus_unused
    m.gpus_of_enterprises = market.gpus_of_enterprises
    m.gpus_self_served = market.gpus_self_served
    m.real_utilisation = share(m.gpus_leased - market.gpus_unused, m.gpus_installed)
    m.gpus_circular = gpus_circular(world)
    m.independent_utilisation = share(m.gpus_leased - market.gpus_unused - m.gpus_circular, m.gpus_installed)
    m.contracts_signed = market.contracts_signed
    m.rent_recognised = market.rent_recognised
    m.write_offs = market.write_offs
    m.projects_started = market.starts
    m.public_spending = market.public_spending
    m.venture_money = market.venture_money
    m.funding_rounds = market.rounds
    m.funding_rounds_makers = market.maker_rounds
    m.funding_rounds_applications = market.application_rounds
    m.services_registered = market.services
    m.pretraining_exits = market.exits
    m.prepayments_lost = market.prepayments_lost
    m.ban_loss_share = market.ban_loss_share
    m.adopters = market.adopters
    m.funding_climate = market.funding_climate
    m.central_call = world.centre.call
    m.vendor_value = market.vendor_value
    m.petaflop_shortfall = market.shortfall
    m.leases_disappointed = market.leases_disappointed
    books = world.books
    m.smuggled_share = share(books.chips_smuggled, books.chips_smuggled + books.chips_legal)
    for province in world.provinces:
        m.mean_subsidy += province.subsidy / len(world.provinces)
