"""What everybody can see: prices, utilisation, the pipeline, and the forecasting rules' records."""

from __future__ import annotations

from bubble_abm.economy.tables import Row, column


class Market(Row):
    """Public signals of the month, one row for the whole economy."""

    month: int = column("month", "month, counted from January 2023")
    rent: float = column("CNY/(GPU month)", "spot index: posted rents weighted by leases")
    last_rent: float = column("CNY/(GPU month)", "spot index a month ago, 0 in the first month")
    prime_rent: float = column("CNY/(GPU month)", "the index among sites of prime quality")
    secondary_rent: float = column("CNY/(GPU month)", "the index among sites of secondary quality")
    contract_rent: float = column("CNY/(GPU month)", "average rent of the contracts in force")
    replacement_rent: float = column("CNY/(GPU month)", "rent that covers running cost and cost of capital")
    rent_growth: float = column("1/month", "growth signal: smoothed log change of the rent")
    trend_error: float = column("1", "smoothed squared error of the trend rule, one month ahead")
    reversion_error: float = column("1", "smoothed squared error of the mean-reverting rule")
    trend_weight: float = column("share", "weight of the trend rule")
    demand: float = column("GPU", "compute wanted by all tenants at the present rent")
    last_demand: float = column("GPU", "demand a month ago at the first rent")
    demand_growth: float = column("1/month", "smoothed growth of demand at constant rent")
    installed: float = column("GPU", "rental GPUs in completed sites")
    utilisation: float = column("share", "leased over installed")
    pipeline: float = column("GPU", "GPUs of projects under construction, and of the plans that are expected to start")
    go_ahead: float = column("share", "plans that started among those decided lately")
    chip_price: float = column("CNY/GPU", "quotes of smugglers weighted by their stock and usual orders")
    chip_orders: float = column("GPU", "chips ordered this month")
    panic: float = column("share", "how tight export control was drawn lately, fading in a few months")
    service_price: float = column("1", "rent of effective compute for inference relative to January 2023")
    adopters: float = column("share", "startups on the newest efficient model")
    efficiency: float = column("ratio", "mean efficiency of the models in use")
    funding_climate: float = column("ratio", "readiness of venture funds, 1 being neutral")
    training_gpus: float = column("GPU", "leased for pre-training")
    inference_gpus: float = column("GPU", "leased for inference")
    lease_cancellations: float = column("GPU", "leases broken off before their end this month")
    write_offs: float = column("CNY", "loans written off this month")
    subsidies: float = column("CNY", "subsidies paid this month")
    imported: float = column("GPU", "chips that arrived this month")
    seized: float = column("GPU", "chips seized this month")
    second_hand: float = column("GPU", "chips that operators sold this month")
    prepayments_lost: float = column("CNY", "prepayments lost at a ban this month")
