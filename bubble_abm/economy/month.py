"""THE ORDER OF EVENTS: one month of the economy, on one page. Read this file first.

A *step* is a sentence about the economy and loops over agents; the decisions it takes are *rules* in ``agents/``; money
moves in ``ledger.py`` only. The same page runs compiled over rows and interpreted over ordinary Mesa agents.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.central_government import next_call
from bubble_abm.economy.agents.investor import (
    announcement_hazard,
    expected_rent,
    expected_utilisation,
    grant_expected,
    pipeline_neglected,
    present_value,
    profitability,
)
from bubble_abm.economy.agents.local_government import approves_site, approves_start, grant_paid, visible_score
from bubble_abm.economy.agents.operator import (
    avoidable_cost,
    debt_allowed,
    engineering,
    idles,
    lease_pull,
    lends_on,
    nearness,
    next_rent,
    reservation_rent,
    restarts,
)
from bubble_abm.economy.agents.platform import overflow
from bubble_abm.economy.agents.smuggler import gpus_to_import, landed_cost, next_markup, seized_share, stock_withheld
from bubble_abm.economy.agents.startup import inference_wanted, inference_weight, round_hazard, sales
from bubble_abm.economy.agents.tenant import breaks_lease, leases_cut, penalty_due
from bubble_abm.economy.audit import audit, fill_balance_sheet
from bubble_abm.economy.chip_classes import chip_classes_are_told
from bubble_abm.economy.luck import draw_month, projects_draw_luck
from bubble_abm.economy.markets.beliefs import a_new_month_begins, beliefs_are_formed
from bubble_abm.economy.markets.capital import (
    failed_sites_are_wound_up,
    operators_in_distress,
    operators_pay_costs,
    operators_pay_dividends,
    owners_spend,
    sites_idle_and_restart,
)
from bubble_abm.economy.markets.chips import (
    ban_cuts_channels,
    chips_are_valued,
    operators_order_chips,
    operators_sell_chips,
    orders_of_the_ended_are_struck,
    smugglers_adjust,
    smugglers_deliver,
    smugglers_import,
    smugglers_quote,
)
from bubble_abm.economy.markets.construction import sites_are_built, sites_open, sites_raise_rounds
from bubble_abm.economy.markets.counting import gpus_are_counted
from bubble_abm.economy.markets.leasing import (
    leases_end,
    leases_of_the_ended_end,
    operators_post_rents,
    rents_are_quoted,
    tenants_and_operators_match,
    tenants_pay_rent,
    tenants_want_compute,
)
from bubble_abm.economy.markets.platforms import platforms_invest, suppliers_pay_out
from bubble_abm.economy.markets.projects import (
    investors_announce_projects,
    investors_take_stock,
    live_projects_are_listed,
    projects_start,
)
from bubble_abm.economy.markets.state import centre_calls, centre_levies_taxes, provinces_set_subsidies
from bubble_abm.economy.markets.trade import abroad_buys_exports
from bubble_abm.economy.markets.ventures import startups_adopt, startups_are_founded_and_funded, startups_pay_wages
from bubble_abm.economy.measures import take_measures
from bubble_abm.economy.mechanisms.adverse_selection import (
    earned_with_sham_use,
    harvesters_announce_shams,
    index_of_harvest,
    pull_of_sham,
    use_as_checked,
)
from bubble_abm.economy.mechanisms.application_firms import (
    application_firms_are_founded,
    hazard_if_it_earns,
    sales_of_application,
    wanted_with_applications,
    weight_of_application,
)
from bubble_abm.economy.mechanisms.approval import approves_site_near_users, approves_start_by_use
from bubble_abm.economy.mechanisms.attention import (
    hazard_with_attention,
    rent_with_attention,
    signs_are_seen,
    strain_with_attention,
    use_with_attention,
)
from bubble_abm.economy.mechanisms.circular_finance import operators_invest_in_tenants, patrons_serve_first
from bubble_abm.economy.mechanisms.contract_terms import (
    breaks_despite_terms,
    cut_despite_terms,
    lessors_compensate,
    penalty_with_share,
    tenants_pay_in_advance,
)
from bubble_abm.economy.mechanisms.conversion import sites_are_converted
from bubble_abm.economy.mechanisms.dealer_chains import cost_in_chain, dealers_form_chains, seized_in_chain
from bubble_abm.economy.mechanisms.engineering import (
    engineering_of_team,
    nearness_by_latency,
    users_see_how_they_are_served,
    wanted_as_served,
)
from bubble_abm.economy.mechanisms.enterprises import enterprises_serve_themselves, use_with_own_need
from bubble_abm.economy.mechanisms.hand_over import state_hands_sites_over
from bubble_abm.economy.mechanisms.hoarding import (
    dealers_watch_prices,
    imports_in_hope,
    markup_in_dump,
    withheld_in_hope,
)
from bubble_abm.economy.mechanisms.industry_fund import funds_invest, portfolio_firms_rent
from bubble_abm.economy.mechanisms.later_answer import (
    approves_site_ungated,
    approves_start_ungated,
    call_when_answered,
    centre_sees_use,
    hazard_when_answered,
)
from bubble_abm.economy.mechanisms.lending_standards import (
    debt_by_standards,
    lenders_set_standards,
    lenders_strain,
    lends_by_standards,
)
from bubble_abm.economy.mechanisms.leverage_cap import debt_under_cap
from bubble_abm.economy.mechanisms.non_users import shells_leave, shells_sign
from bubble_abm.economy.mechanisms.opaque_contracts import (
    disappointed_tenants_leave,
    petaflops_are_promised,
    petaflops_have_one_rent,
    pull_in_disguise,
    sites_choose_contracts,
    wary_tenants_match,
)
from bubble_abm.economy.mechanisms.option_value import (
    asked_with_option,
    idles_with_option,
    owners_value_waiting,
    rent_with_concession,
    restarts_with_option,
)
from bubble_abm.economy.mechanisms.own_fleets import (
    overflow_of_fleet,
    platforms_rent_lots,
    shunned_sites_are_counted,
)
from bubble_abm.economy.mechanisms.own_tenants import sites_bring_tenants
from bubble_abm.economy.mechanisms.public_register import neglect_despite_register
from bubble_abm.economy.mechanisms.re_equipment import investors_buy_halls
from bubble_abm.economy.mechanisms.resale_network import (
    asked_in_network,
    idles_despite_network,
    pull_in_network,
    restarts_for_network,
    state_pools_idle_compute,
)
from bubble_abm.economy.mechanisms.search import tenants_search
from bubble_abm.economy.mechanisms.subsidy_on_use import (
    cost_less_subsidy,
    granted_at_once,
    promises_to_the_ended_lapse,
    provinces_pay_for_use,
    provinces_promise_for_use,
    score_by_use,
    subsidy_earned,
    value_with_promise,
)
from bubble_abm.economy.mechanisms.switching_off import idles_by_fill, owners_see_fill, restarts_by_fill
from bubble_abm.economy.mechanisms.take_over import state_takes_over_sites
from bubble_abm.economy.mechanisms.tokens import gpus_serve_more_tokens
from bubble_abm.economy.mechanisms.users import inference_of_users, users_adopt
from bubble_abm.economy.mechanisms.vendor_value import vendor_is_valued
from bubble_abm.economy.mechanisms.vouchers import provinces_offer_vouchers, provinces_pay_vouchers, pull_with_voucher

#: Decisions of the core, and what a mechanism makes of each: it takes the value so far before the decision's arguments.
AMENDMENTS = (
    (pipeline_neglected, neglect_despite_register),  #   a register reveals it
    (present_value, value_with_promise),  #              with the subsidy that use is expected to earn
    (grant_expected, granted_at_once),  #                the rest is promised for use
    (grant_paid, granted_at_once),
    (visible_score, score_by_use),  #                    superiors see use where it is paid for
    (avoidable_cost, cost_less_subsidy),  #              tenants bring it
    (approves_site, approves_site_near_users),
    (approves_start, approves_start_by_use),
    (approves_site, approves_site_ungated),
    (approves_start, approves_start_ungated),
    (next_call, call_when_answered),
    (announcement_hazard, hazard_when_answered),  #      public sponsors are told to stop
    (debt_allowed, debt_by_standards),
    (debt_allowed, debt_under_cap),
    (lends_on, lends_by_standards),
    (expected_rent, rent_with_attention),  #             tenants who leave, and who come
    (expected_utilisation, use_as_checked),  #           by who has something to lose
    (expected_utilisation, use_with_attention),  #       halls that stand empty
    (expected_utilisation, use_with_own_need),  #        by who needs compute itself
    (lenders_strain, strain_with_attention),
    (round_hazard, hazard_with_attention),
    (lease_pull, pull_in_disguise),  #                   where petaflops are let
    (reservation_rent, asked_with_option),  #            by who knows that debt is sunk
    (next_rent, rent_with_concession),
    (idles, idles_with_option),
    (restarts, restarts_with_option),
    (inference_wanted, inference_of_users),  #           who adopt by imitation
    (overflow, overflow_of_fleet),  #                    what does not fit on it
    (round_hazard, hazard_if_it_earns),  #               by its applications
    (inference_weight, weight_of_application),
    (inference_wanted, wanted_with_applications),  #     the more firms find uses for it
    (inference_wanted, wanted_as_served),
    (sales, sales_of_application),
    (reservation_rent, asked_in_network),
    (nearness, nearness_by_latency),
    (engineering, engineering_of_team),
    (lease_pull, pull_in_network),
    (idles, idles_despite_network),
    (restarts, restarts_for_network),
    (idles, idles_by_fill),  #                           if too little is let for too long
    (restarts, restarts_by_fill),
    (profitability, index_of_harvest),  #                for who never needs the compute
    (subsidy_earned, earned_with_sham_use),
    (lease_pull, pull_with_voucher),
    (lease_pull, pull_of_sham),
    (penalty_due, penalty_with_share),
    (breaks_lease, breaks_despite_terms),
    (leases_cut, cut_despite_terms),
    (landed_cost, cost_in_chain),  #                     less risk, through many hands
    (seized_share, seized_in_chain),
    (stock_withheld, withheld_in_hope),  #               while prices rise
    (gpus_to_import, imports_in_hope),
    (next_markup, markup_in_dump),  #                    when they turn
)


def advance_month(world: Any, p: Any, luck: Any) -> None:
    """One month, in order. The schedule in docs/ODD.md is generated from these lines."""
    # The world outside, beliefs and the state
    a_new_month_begins(world, p)  #                      monthly counts start at zero
    chip_classes_are_told(world, p)  #                   and which of them are on sale
    beliefs_are_formed(world, p)  #                      from last month's rents and forecasts
    centre_sees_use(world, p)  #                         late, and answers if it is too low
    state_pools_idle_compute(world, p)  #                as long as it answers
    centre_calls(world, p)  #                            or brakes, when too much stands idle
    provinces_set_subsidies(world, p)  #                 to keep up with the leaders

    # Projects
    investors_take_stock(world, p)  #                    who has a site, who has failed; news spreads
    investors_announce_projects(world, p, luck)  #       on profit, neighbours and the call
    live_projects_are_listed(world)  #                   those under way
    harvesters_announce_shams(world, p)  #               for land, power and loans
    investors_buy_halls(world, p, luck)  #               of sites that were wound up, to equip them again
    projects_draw_luck(world, luck)  #                   theirs, whatever happens to others
    projects_start(world, p, luck)  #                    are financed, or given up
    provinces_promise_for_use(world, p)  #               the part not granted at the start
    sites_raise_rounds(world, p, luck)  #                from owner and lender, or pause
    sites_are_built(world, p)  #                         as far as they are paid for

    # Chips
    dealers_watch_prices(world, p)  #                    and hope while they rise
    ban_cuts_channels(world, p, luck)  #                 and with them prepaid orders
    smugglers_quote(world, p)  #                         landed cost plus mark-up
    operators_order_chips(world, p, luck)  #             from the cheapest of three contacts
    smugglers_deliver(world, p)  #                       first come, first served
    smugglers_import(world, p, luck)  #                  towards orders and stock
    dealers_form_chains(world, p, luck)  #               after losses, where a hand costs less than the risk
    operators_sell_chips(world, p, luck)  #              fire sales, mostly for the bank
    smugglers_adjust(world, p, luck)  #                  mark-ups, channels, entry and exit
    chips_are_valued(world)  #                           at today's prices and uses
    sites_open(world, p)  #                              once enough chips are in
    sites_choose_contracts(world, p, luck)  #            by name, or in petaflops

    # Compute
    platforms_invest(world, p)  #                        as planned, through boom and bust
    startups_are_founded_and_funded(world, p, luck)  #   while demand grows, funds are ready to invest
    application_firms_are_founded(world, p, luck)  #     the more, the cheaper a token is
    startups_adopt(world, p, luck)  #                    the best open model
    users_adopt(world, p)  #                             by imitation, sooner if a model is cheap and open
    gpus_serve_more_tokens(world, p)  #                  as software gets better
    tenants_want_compute(world, p, luck)  #              for training and inference
    shells_leave(world, p)  #                            when the news is stale
    disappointed_tenants_leave(world, p)  #              who have rented petaflops
    leases_end(world, p)  #                              expire, are cut back or broken off
    tenants_search(world, p)  #                          and do not find all at once
    sites_bring_tenants(world, p)  #                     if they open late, where demand comes with capacity
    shells_sign(world, p)  #                             large leases, for the news
    platforms_rent_lots(world, p)  #                     near the users, if their fleets are too small
    enterprises_serve_themselves(world, p)  #            on sites of their own, and rent the rest
    provinces_offer_vouchers(world, p)  #                from this year's pots
    patrons_serve_first(world, p)  #                     the startups in which they have a stake
    portfolio_firms_rent(world, p)  #                    from the partner of their fund, at a low price
    wary_tenants_match(world, p)  #                      where they are told what they rent
    tenants_and_operators_match(world, p)  #             by rent and fitness
    petaflops_are_promised(world)  #                     by contracts that name nothing else

    # Money
    tenants_pay_in_advance(world, p)  #                  part of what they have just signed
    tenants_pay_rent(world, p)  #                        as far as their cash allows
    provinces_pay_vouchers(world, p)  #                  first come, first served
    provinces_pay_for_use(world, p)  #                   where they have promised to
    startups_pay_wages(world, p)  #                      and close down when out of money
    operators_pay_costs(world, p)  #                     power, staff, interest, repayment
    sites_are_converted(world, p, luck)  #               to inference, or fail to be
    operators_invest_in_tenants(world, p, luck)  #       circular finance
    funds_invest(world, p, luck)  #                      in firms that rent from a partner
    operators_pay_dividends(world, p)  #                 out of cash beyond a reserve
    owners_spend(world)  #                               what exceeds their purse
    suppliers_pay_out(world, p)  #                       wages and profits
    abroad_buys_exports(world, p)  #                     from households, with what imports have brought it
    centre_levies_taxes(world, p)  #                     for what it has spent
    operators_in_distress(world, p, luck)  #             are rescued, or face proceedings
    state_takes_over_sites(world, p, luck)  #            as far as its fund allows
    state_hands_sites_over(world, p, luck)  #            to able operators
    failed_sites_are_wound_up(world)  #                  all those not taken or handed over
    orders_of_the_ended_are_struck(world)  #             and their prepayments are lost
    promises_to_the_ended_lapse(world)  #                and the money goes back to the centre
    owners_see_fill(world, p)  #                         and whether it pays the running cost
    sites_idle_and_restart(world, p, luck)  #            with a band of inaction between
    lessors_compensate(world, p)  #                      tenants whom they have put out
    leases_of_the_ended_end(world)  #                    of closed sites and closed startups

    # Prices
    owners_value_waiting(world, p)  #                    for a better tenant
    operators_post_rents(world, p)  #                    for next month
    petaflops_have_one_rent(world, p)  #                 because nobody can tell them apart
    rents_are_quoted(world, p)  #                        spot and contracts
    users_see_how_they_are_served(world, p)  #           by the sites where inference runs
    gpus_are_counted(world)  #                           in use and under way, for next month's decisions
    shunned_sites_are_counted(world, p)  #               by platforms, who lack compute or not
    signs_are_seen(world, p)  #                          of what tenants do, with a delay
    lenders_set_standards(world, p)  #                   by distress, rents and those signs
    vendor_is_valued(world, p)  #                        by the stock market, which reads a release at once


def run_months(world: Any, paths: Any, luck: Any, first: int, last: int, records: Any) -> None:
    """Run the months from ``first`` up to, not including, ``last``, and record each of them."""
    for month in range(first, last):
        p = paths[month]
        draw_month(world, luck, month)
        advance_month(world, p, luck)
        take_measures(world, p, records.measures[month])
        record_books(world, month, records)


def record_books(world: Any, month: int, records: Any) -> None:
    """Record the month's flows and balance sheet, and audit one against the other."""
    before = records.balances[month]
    after = records.balances[month + 1]
    fill_balance_sheet(world, after)
    audit(world, before, after, records.residuals[month])
    for flow in range(world.flows.shape[0]):
        for sector in range(world.flows.shape[1]):
            records.flows[month, flow, sector] = world.flows[flow, sector]
