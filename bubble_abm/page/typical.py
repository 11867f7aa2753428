"""The seed that the page opens with: a typical one, so that luck does not answer the question."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np

from bubble_abm.page.many_seeds import pairs_of
from bubble_abm.page.settings import Settings


@cache
def typical_seed() -> int:
    """Return the seed whose run is nearest to what the standard parameters usually give.

    Notes
    -----
    Of the seeds that have the most frequent verdict on the shock, the one whose pops, with and without the shock, are
    nearest to the medians over all seeds; of equals the smallest. All seeds are run once when the server starts, so
    that the choice follows every change of the economy.
    """
    line = pairs_of(Settings()).headline
    kinds = [one.kind for one in line.attributions]
    usual = Counter(kinds).most_common(1)[0][0]
    dates = np.array(
        [
            [line.months if pop.composite is None else pop.composite for pop in pops]
            for pops in (line.pops, line.pops_without_shock)
        ]
    )
    far = np.abs(dates - np.median(dates, axis=1, keepdims=True)).sum(axis=0)
    return min((float(far[place]), seed) for place, seed in enumerate(line.seeds) if kinds[place] == usual)[1]
