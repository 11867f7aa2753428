"""What happens when a payer is short, for every payment of the month: by the function that pays, and the flow.

The list of payments itself is read off the source, see :func:`bubble_abm.paper.description.payments`; a payment of
which nothing is said here, or one that nobody makes any more, is an error.
"""

from __future__ import annotations

AS_CASH = "bought are only as many as cash pays for"
LENT = "the owner with deep pockets pays in what is short; what costs and interest still lack is lent and in arrears"
IN_FULL = "paid in full: households' deposits are kept up by exports, on credit if need be"
BANK_LENDS = "the bank is never short: the loan creates the deposit"
WHAT_IS_THERE = "it is all that is there"
NOTHING_OWED = "it is a part of what is left over, else zero"
BEFOREHAND = "platforms never are: users have brought what is spent"

IF_SHORT: dict[tuple[str, str], str] = {
    ("buy_openly", "chip_purchases"): AS_CASH,
    ("buy_openly", "imports"): AS_CASH,
    ("buy_openly", "tariffs"): "part of the price: " + AS_CASH,
    ("deliver", "chip_purchases"): "what cash does not cover is struck from the order and stays with the dealer, as"
    " does the prepayment for it",
    ("platforms_invest", "chip_purchases"): BEFOREHAND,
    ("platforms_invest", "construction"): BEFOREHAND,
    ("platforms_invest", "imports"): BEFOREHAND,
    ("platforms_invest", "tariffs"): BEFOREHAND,
    ("platforms_invest", "sales"): IN_FULL,
    ("operators_invest_in_tenants", "circular_investment"): "nothing is paid unless cash exceeds the whole stake",
    ("pay_costs", "power"): LENT,
    ("pay_costs", "wages"): LENT,
    ("pay_costs", "colocation"): LENT,
    ("pay_costs", "interest"): LENT,
    ("pay_costs", "new_loans"): BANK_LENDS,
    ("sites_are_built", "construction"): "construction gets on only as far as cash pays for",
    ("sites_are_built", "tariffs"): "a part of what is paid for construction",
    ("owners_spend", "consumption"): NOTHING_OWED,
    ("proceed", "conversions"): "the owner with deep pockets pays in what is short; else the month is lost",
    ("dealers_adjust", "dividends"): NOTHING_OWED,
    ("open_channel", "dividends"): IN_FULL,
    ("operators_pay_dividends", "dividends"): NOTHING_OWED,
    ("startups_pay_wages", "dividends"): NOTHING_OWED,
    ("startups_pay_wages", "wages"): "as far as cash goes; what is missing is not owed",
    ("consider_hall", "equity"): "who cannot pay does not buy",
    ("consider_hall", "liquidation"): "the buyer has just paid it in",
    ("hand_over", "equity"): "who cannot pay is not named",
    ("owner_steps_in", "equity"): "as far as the purse goes, less what is promised elsewhere",
    ("pay_round", "equity"): "an owner who has not got the round pauses the site instead",
    ("pay_round", "new_loans"): BANK_LENDS,
    ("place_order", "equity"): "at most `panic_equity` of the purse",
    ("place_order", "prepayments"): "ordered are only as many as cash pays for in full",
    ("abroad_buys_exports", "exports"): "on credit from the bank",
    ("provinces_set_subsidies", "fiscal_transfers"): "as far as the centre's cash goes; the outlay stays committed",
    ("subsidy_lapses", "fiscal_transfers"): "as far as the province's cash goes",
    ("pay_in", "fund_investment"): "nothing if the partner is in arrears or its cash does not exceed its share;"
    " other partners pay all",
    ("pay_in", "venture_funding"): IN_FULL,
    ("smugglers_import", "imports"): "shipped are only as many as cash pays for",
    ("smugglers_import", "tariffs"): "a part of the landed cost",
    ("operators_pay_costs", "interest"): "during construction the bank adds to the loan what cash does not cover",
    ("operators_pay_costs", "new_loans"): BANK_LENDS,
    ("cancel", "liquidation"): WHAT_IS_THERE,
    ("close_down", "liquidation"): WHAT_IS_THERE,
    ("liquidate", "liquidation"): WHAT_IS_THERE + " after the bank",
    ("settle_estate", "liquidation"): "it is what the chips have fetched",
    ("break_off", "penalties"): "as far as the tenant's cash goes; what is missing is not owed",
    ("put_out", "penalties"): "as far as cash goes after the refund; what is missing is not owed",
    ("put_out", "rent"): "as far as cash goes; the rest of the advance is written off",
    ("reexport", "reexports"): "the rest of the world is never short",
    ("sell_to_dealers", "reexports"): "the rest of the world is never short",
    ("pay_rent", "rent"): "as far as the cash of startups, or of households for their firms, goes; what is missing is"
    " not owed, and the lease goes on",
    ("pay_rent", "sales"): "users bring all of a platform's rent",
    ("bank_settles_for", "repayment"): "the price, at most the cash and the debt; the rest of the loan is written off",
    ("liquidate", "repayment"): "all cash, at most the debt; the rest of the loan is written off",
    ("operators_sell_chips", "repayment"): "a share of the proceeds, at most the cash and the debt",
    ("repay_loan", "repayment"): "as far as cash goes; what is missing is in arrears, paid from cash beyond a reserve"
    " and by an owner with deep pockets",
    ("rescue", "repayment"): "the province has just paid it",
    ("rescue", "rescues"): "no rescue unless envelope and cash have room for all arrears",
    ("tenants_pay_rent", "sales"): IN_FULL,
    ("sell_class", "second_hand_sales"): "bought are only as many as the platform's budget and cash pay for",
    ("sell_to_dealers", "second_hand_sales"): "bought are only as many as the dealer's cash less prepayments pays for",
    ("centre_provides_capital", "state_capital"): "as far as the centre's cash beyond the take-over fund goes",
    ("pay_grant", "subsidies"): "as far as the province's cash goes; the rest is due in the next month",
    ("provinces_pay_for_use", "subsidies"): "as far as the province's cash goes; the rest can still be earned in time",
    ("take_over", "take_overs"): "no take-over unless fund and cash cover the price",
    ("centre_levies_taxes", "taxes"): "as far as households' deposits go",
    ("raise_round", "venture_funding"): IN_FULL,
    ("pay_voucher", "vouchers"): "as far as cap, pot and the province's cash go; what is missing is not owed",
    ("suppliers_pay_out", "wages"): "suppliers pay out what they have",
}  # fmt: skip
