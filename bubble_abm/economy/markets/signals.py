"""What everybody can see: prices, utilisation, the pipeline, and what tenants want."""

from __future__ import annotations

from bubble_abm.economy.tables import Row, column


class Market(Row):
    """Public signals of the month, one row for the whole economy."""

    month: int = column("month", "month, counted from January 2023")
    rent: float = column("CNY/(GPU month)", "spot index: posted rents weighted by leased GPUs")
    last_rent: float = column("CNY/(GPU month)", "spot index a month ago, 0 in the first month")
    prime_rent: float = column("CNY/(GPU month)", "the index among sites of prime quality")
    secondary_rent: float = column("CNY/(GPU month)", "the index among sites of secondary quality")
    contract_rent: float = column("CNY/(GPU month)", "average rent of the contracts in force")
    replacement_rent: float = column("CNY/(GPU month)", "rent that covers running cost and the user cost of capital")
    rent_growth: float = column("1/month", "growth signal: smoothed log change of the rent")
    demand: float = column("GPU", "compute wanted by all tenants at the rents posted for the month")
    last_demand: float = column("GPU", "demand a month ago, converted to the first rent")
    demand_growth: float = column("1/month", "smoothed growth of demand, converted to the first rent")
    last_inference: float = column("GPU", "leased for inference a month ago")
    inference_growth: float = column("1/month", "smoothed growth of leased inference")
    installed: float = column("GPU", "rental GPUs in completed sites")
    utilisation: float = column("share", "leased over installed")
    pipeline: float = column(
        "GPU", "GPUs of projects under construction, and of plans times the share expected to start"
    )
    go_ahead: float = column("share", "share of plans that started among those decided lately")
    chip_price: float = column(
        "CNY/GPU", "smugglers' landed cost and mark-up, weighted by their stock and usual orders"
    )
    chip_orders: float = column("GPU", "chips ordered this month")
    panic: float = column("share", "how far export control was tightened lately, fading within months")
    service_price: float = column("1", "rent of effective compute for inference relative to January 2023")
    adopters: float = column("share", "share of startups in business on the best open model")
    usual_adopters: float = column("share", "share that would be on the best open model without the shocks of the run")
    serving: float = column("share", "share of startups in business on the model that makes inference cheapest")
    efficiency: float = column("ratio", "mean efficiency of the models in use, as far as it makes inference cheaper")
    news: float = column("1", "news of the subject so far, which brings new sponsors in")
    starts: float = column("projects", "projects whose construction began this month")
    public_spending: float = column("CNY", "subsidies, rescues and capital that the state paid this month")
    exits: float = column("startups", "that stopped pre-training this month, or closed down while they did it")
    venture_money: float = column("CNY", "paid into startups by venture funds this month")
    rounds: float = column("rounds", "funding rounds closed this month")
    maker_rounds: float = column("rounds", "of these by startups that pre-train")
    application_rounds: float = column("rounds", "of these by application firms")
    funding_climate: float = column("ratio", "readiness of venture funds, 1 being neutral")
    training_gpus: float = column("GPU", "leased for pre-training")
    inference_gpus: float = column("GPU", "leased for inference")
    gpus_unused: float = column("GPU", "leased by tenants who have no use for them")
    lease_cancellations: float = column(
        "GPU", "leases ended before their term this month, also by the end of a site or a startup"
    )
    leases_broken: float = column("GPU", "of these broken off by their tenants")
    leases_closed: float = column("GPU", "of these ended with a site that closed or was switched off")
    leases_of_the_dead: float = column("GPU", "of these ended with a startup that closed down, at an open site")
    contracts_signed: float = column("CNY", "rent of contracts signed this month, over their whole term")
    rent_recognised: float = column("CNY", "rent that operators earned this month")
    write_offs: float = column("CNY", "loans written off this month")
    subsidies: float = column("CNY", "subsidies paid this month")
    imported: float = column("GPU", "smuggled chips that arrived this month")
    seized: float = column("GPU", "chips seized this month")
    second_hand: float = column("GPU", "chips that operators and ended projects sold this month")
    ban_loss_share: float = column(
        "share", "share of prepayments that were lost because export control was tightened this month"
    )
    prepayments_lost: float = column(
        "CNY", "prepayments lost this month, at a ban, by buyers who cannot pay the rest, or who end"
    )
