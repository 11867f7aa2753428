"""Tokens: software lets a GPU serve more of them from month to month, and so they become cheaper.

Progress in serving (batching, caching, fewer bits) comes on top of more efficient models, and fades as use does.
Without it, a GPU serves more tokens only with a more efficient model.
"""

from __future__ import annotations

from typing import Any

from bubble_abm.economy.agents.startup import months_of_growth
from bubble_abm.economy.arithmetic import exp
from bubble_abm.economy.declare import ASSUMED, parameters, section


@parameters
class Parameters:
    """What a GPU serves, how fast that grows, and where tokens are served."""

    # fmt: off
    parameter = section("tokens")
    serving_progress: float = parameter(
        0, unit="1/month", low=0, high=0.2, role="fixed", neutral=0, source="assumption, with fact C43",
        meaning="growth of the tokens that a GPU serves with a given model, in January 2023")
    tokens_per_gpu: float = parameter(
        9e5, unit="tokens/(GPU day)", low=1e3, high=1e10, role="fixed", source="assumption, with fact C43",
        meaning="tokens that a GPU of the H100 class serves in January 2023, on average over the day")
    rented_share: float = parameter(
        0.4, unit="share", low=0.05, high=1, role="fixed", source=ASSUMED,
        meaning="share of all inference that is rented if platforms rent a fixed share; the rest is on their fleets")
    del parameter
    # fmt: on


# --- Steps ----------------------------------------------------------------------------------------------------------


def gpus_serve_more_tokens(world: Any, p: Any) -> None:
    """A GPU serves more tokens, whatever the model."""
    if p.serving_progress > 0.0:
        world.market.efficiency *= exp(p.serving_progress * months_of_growth(p))
