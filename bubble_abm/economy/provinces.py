"""The 31 provinces: where they are, how far from the users of inference, what power costs, how large their budgets are.

Notes
-----
Power prices: fact C18 (mean 0.63, the west 30 % lower). Hubs are the clusters near the users of inference: Beijing, the
Yangtze delta, the Pearl delta and Chengdu-Chongqing. Latencies and budgets are rough ranks: distance to the large
cities, and provincial revenue.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

REGIONS = ("east", "central", "west")


class Province(NamedTuple):
    """What is fixed about a province."""

    name: str
    region: int  # number in REGIONS
    hub: int  # 1 near the users of inference
    latency: float  # delay to the large cities [ms]
    power_price: float  # CNY/kWh
    budget: float  # relative size


def read_provinces() -> tuple[Province, ...]:
    """Read ``provinces.csv``."""
    with Path(__file__).with_name("provinces.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Province(
                row["name"],
                REGIONS.index(row["region"]),
                int(row["hub"]),
                float(row["latency"]),
                float(row["power_price"]),
                float(row["budget"]),
            )
            for row in csv.DictReader(file)
        )


PROVINCES = read_provinces()
#: Their names, in the order of their rows.
PROVINCE_NAMES = tuple(province.name for province in PROVINCES)
