"""Classes of chips: what they compute, what they cost, and since when they are to be had in China.

Three classes are restricted and come through smugglers: the H100, its successors H200 and B200. The H20, made for the
Chinese market, and domestic chips are sold openly. The H100 class is the measure of all others.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.declare import ASSUMED, parameters, section
from bubble_abm.economy.tables import Row, column

# In this order they come on sale if only the first few classes exist.
H100, H20, DOMESTIC, H200, B200 = range(5)
CHIP_CLASSES = ("H100", "H20", "domestic", "H200", "B200")


@parameters
class Parameters:
    """What each class computes, draws and costs, relative to the H100 class."""

    # fmt: off
    parameter = section("chip classes")
    chip_classes: float = parameter(
        5, unit="classes", low=1, high=5, role="fixed", whole=True, neutral=1,
        source="switch of an experiment",
        meaning="classes of chips that exist, in the order H100, H20, domestic, H200, B200; with one, chips are alike")
    h20_price: float = parameter(
        86_000, unit="CNY/GPU", low=20_000, high=400_000, role="fixed", source="facts C39, C41: 12,000 USD a card",
        meaning="price of an H20, which is imported legally while it is licensed")
    h20_training: float = parameter(
        0.15, unit="ratio", low=0, high=4, role="fixed", source="assumption: data sheets, 148 against 989 TFLOPS",
        meaning="effective compute of an H20 in pre-training")
    h20_inference: float = parameter(
        0.9, unit="ratio", low=0.05, high=4, role="fixed", source="assumption: memory as fast as an H100's",
        meaning="effective compute of an H20 in inference")
    h20_power: float = parameter(
        0.6, unit="ratio", low=0, high=3, role="fixed", source="assumption: data sheets, 400 against 700 W",
        meaning="power that an H20 draws")
    h20_server: float = parameter(
        0.5, unit="ratio", low=0, high=2, role="fixed", source="fact C41, less the chips",
        meaning="capex of an H20 besides the chip: building, power, cooling and the rest of the server")
    domestic_price: float = parameter(
        100_000, unit="CNY/GPU", low=20_000, high=400_000, role="fixed", source="assumption, with fact C40",
        meaning="price of a domestic chip")
    domestic_training: float = parameter(
        0.0, unit="ratio", low=0, high=4, role="fixed", source="fact C40: no pre-training in practice",
        meaning="effective compute of a domestic chip in pre-training")
    domestic_inference: float = parameter(
        0.6, unit="ratio", low=0.05, high=4, role="fixed", source="fact C40",
        meaning="effective compute of a domestic chip in inference")
    domestic_power: float = parameter(
        0.84, unit="ratio", low=0, high=3, role="fixed", source="fact C40: 40 % more power a token",
        meaning="power that a domestic chip draws")
    domestic_server: float = parameter(
        0.6, unit="ratio", low=0, high=2, role="fixed", source=ASSUMED,
        meaning="capex of a domestic chip besides the chip")
    h200_price: float = parameter(
        150_000, unit="CNY/GPU", low=20_000, high=600_000, role="fixed", source="fact C30",
        meaning="price of an H200 abroad, delivered to a reseller")
    h200_compute: float = parameter(
        1.3, unit="ratio", low=0.05, high=10, role="fixed", source="fact C30",
        meaning="effective compute of an H200")
    b200_price: float = parameter(
        245_000, unit="CNY/GPU", low=20_000, high=1_000_000, role="fixed", source="fact C31",
        meaning="price of a B200 abroad, delivered to a reseller")
    b200_compute: float = parameter(
        2.2, unit="ratio", low=0.05, high=10, role="fixed", source="assumption: data sheets, 2,250 against 989 TFLOPS",
        meaning="effective compute of a B200")
    b200_power: float = parameter(
        1.43, unit="ratio", low=0, high=3, role="fixed", source="assumption: data sheets, 1,000 against 700 W",
        meaning="power that a B200 draws")
    class_choice: float = parameter(
        1.46, unit="1", low=0, high=10, role="uncertain", sampled=(1, 4), source=ASSUMED,
        meaning="sensitivity of the choice of a class to effective compute per yuan, in logarithms")
    domestic_terms: float = parameter(
        2.61, unit="1", low=-5, high=12, role="uncertain", sampled=(0, 10),
        source="assumption: subsidies to public centres ask for domestic chips, with fact C40",
        meaning="utility of domestic chips to a public sponsor")
    successor_fear: float = parameter(
        0.5, unit="1", low=0, high=5, role="fixed", source=ASSUMED,
        meaning="excess of supply, in logarithms, that dealers see in an old class once its successor is announced")
    fear_time: float = parameter(
        6.0, unit="months", low=0, high=60, role="fixed", source=ASSUMED,
        meaning="time for which they do")
    del parameter
    # fmt: on


class ChipClassRow(Row):
    """A class of chips: its worth in use, its price and whether it is to be had."""

    id: int = column("", "number of the class")
    on_sale: int = column("", "1 if it is to be had in China this month")
    restricted: int = column("", "1 if only smugglers bring it in")
    training: float = column("ratio", "effective compute in pre-training, relative to the H100 class")
    inference: float = column("ratio", "effective compute in inference, relative to the H100 class")
    running: float = column("ratio", "running cost, relative to the H100 class")
    server: float = column("ratio", "capex besides the chip, relative to the H100 class")
    abroad: float = column("CNY/GPU", "price abroad; 0 for domestic chips")
    price: float = column("CNY/GPU", "price in China")
    fear: float = column("1", "excess of supply that dealers see because a successor has been announced")
    worth: float = column("ratio", "effective compute at the market's mix of uses, relative to the H100 class")
    unsold: float = column("GPU", "second-hand chips that found no buyer last month")
    bought: float = column("GPU", "new chips delivered this month to operators and platforms")


def chip_classes_are_told(world: Any, p: Any) -> None:
    """What each class computes, costs and draws, and whether it is on sale; open prices are those of the list."""
    tell(world.chips[H100], p.foreign_chip_price, 1.0, 1.0, 1.0, 1.0, True, p)
    tell(world.chips[H20], p.h20_price, p.h20_training, p.h20_inference, p.h20_power, p.h20_server, p.sale_h20, p)
    tell(
        world.chips[DOMESTIC], 0.0, p.domestic_training, p.domestic_inference, p.domestic_power, p.domestic_server,
        p.sale_domestic, p,
    )  # fmt: skip
    tell(world.chips[H200], p.h200_price, p.h200_compute, p.h200_compute, 1.0, 1.0, p.sale_h200, p)
    tell(world.chips[B200], p.b200_price, p.b200_compute, p.b200_compute, p.b200_power, 1.0, p.sale_b200, p)
    world.chips[H20].price = p.h20_price * (1.0 + p.tariff)
    world.chips[DOMESTIC].price = p.domestic_price
    world.chips[H100].fear = p.successor_fear * (is_news(p.since_h200, p) or is_news(p.since_b200, p))
    world.chips[H200].fear = p.successor_fear * is_news(p.since_b200, p)
    market = world.market
    leased = market.training_gpus + market.inference_gpus
    inference = market.inference_gpus / leased if leased > 0.0 else 0.0
    for chip in world.chips:
        chip.worth = chip.training + inference * (chip.inference - chip.training)
        chip.bought = 0.0


def is_news(months: float, p: Any) -> bool:
    """Whether a successor was announced lately, given the months since then."""
    return 0.0 <= months < p.fear_time


def tell(
    chip: Any, abroad: float, training: float, inference: float, power: float, server: float, sale: float, p: Any
) -> None:
    """Write what is known of a class."""
    chip.abroad = abroad
    chip.training = training
    chip.inference = inference
    chip.running = 1.0 + p.power_share * (power - 1.0)
    chip.server = server
    chip.on_sale = 1 if sale > 0.0 and chip.id < p.chip_classes else 0


def found_chip_classes(world: Any, p: Any) -> None:
    """At the founding, only the H100 class has a price in the street."""
    for number in range(len(world.chips)):
        world.chips[number].id = number
        world.chips[number].restricted = 0 if number in (H20, DOMESTIC) else 1
    chip_classes_are_told(world, p)
    for chip in world.chips:
        if chip.restricted:
            control = p.control_h200 if chip.id == H200 else p.export_control
            chip.price = chip.abroad * (1.0 + p.risk_premium * control) * (1.0 + p.normal_markup)


def server_price(chip: Any, p: Any) -> float:
    """Capex of a GPU of a class besides the chip: building, power, cooling and the rest of the server [CNY/GPU].

    A tariff is paid on foreign servers as on the chips that they hold.
    """
    return chip.server * p.other_capex * (1.0 + tariff_on(chip, p))


def tariff_on(chip: Any, p: Any) -> float:
    """Tariff on a class of chips and its servers: none on domestic ones [share]."""
    return p.tariff if chip.abroad > 0.0 else 0.0


def all_in_price(chip: Any, p: Any) -> float:
    """Capex of a GPU of a class: the chip, building, power, cooling and the rest of the server [CNY/GPU]."""
    return chip.price + server_price(chip, p)
