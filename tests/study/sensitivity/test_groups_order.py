"""Groups keep their names, in whatever order they are declared."""

import pytest

from bubble_abm.study.sensitivity import analyse
from bubble_abm.study.sensitivity.sampling import Factor, Sampling, design, units

FACTORS = [Factor(name, 0, 1) for name in ("idle", "strong", "weak", "quiet")]
GROUPS = {"still": ("quiet", "idle"), "mild": ("weak",), "loud": ("strong",)}


@pytest.mark.parametrize("groups", [GROUPS, dict(reversed(GROUPS.items()))])
@pytest.mark.parametrize(("method", "samples", "index"), [("sobol", 256, "ST"), ("morris", 20, "mu_star")])
def test_an_index_belongs_to_the_group_that_it_is_named_after(groups, method, samples, index):
    recipe = Sampling(method, samples, groups=groups)
    points = design(recipe, FACTORS)
    runs = {"row": range(len(points)), "seed": 1, "height": 10 * points[:, 1] + points[:, 2]}
    found = analyse(recipe, FACTORS, runs, ["height"]).indices
    values = found[found["index"] == index].set_index("factor")["value"]
    assert values["loud"] > 5 * values["mild"] > 0
    assert values["still"] == pytest.approx(0.0, abs=1e-9)


def test_units_stand_in_the_order_of_the_design():
    assert units(Sampling("sobol", 16, groups=GROUPS), FACTORS) == ["still", "loud", "mild", "dummy"]
