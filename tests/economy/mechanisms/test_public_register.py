"""Public register: neutral is absent; who sees the pipeline builds less."""

# ruff: noqa: E501 - a case is a line, a sentence is a name

from __future__ import annotations

from bubble_abm.economy.mechanisms import public_register
from tests.economy.agents.cases import Case, check_with_mechanisms, given, table
from tests.economy.agents.test_investor import TEN_MONTHS, market, novice
from tests.economy.mechanisms.battery import Battery

BLIND = {"sponsor_attention": 0.0, "inference_trend": 0.06}  # sponsors do not look at what tenants do
NONE, HALF, ALL = (given(**vars(TEN_MONTHS), **BLIND, public_register=share) for share in (0.0, 0.5, 1.0))
CASES = [
    Case("pipeline_neglected", "all of it without a register", (novice(neglect=0.8), NONE), 0.8),
    Case("pipeline_neglected", "half of what was neglected still is", (novice(neglect=0.8), HALF), 0.4),
    Case("pipeline_neglected", "nothing once all is in the register", (novice(neglect=0.8), ALL), 0.0),
    Case("expected_rent", "who neglects all sees the half that stands in the register", (novice(neglect=1.0), market(pipeline=200), HALF), 5_000.0),
    Case("expected_rent", "the register tells nothing new to who neglects nothing", (novice(neglect=0.0), market(pipeline=100), HALF), 5_000.0),
]  # fmt: skip


@table(CASES)
def test_an_investor_reads_the_register_as_worked_out_by_hand(case: Case) -> None:
    check_with_mechanisms(case)


class TestPublicRegister(Battery):
    mechanism = public_register
    active = {"public_register": 1.0}
    sign = ("projects_completed", 24, -1.0)  # who sees the pipeline builds less
