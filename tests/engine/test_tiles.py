"""The provinces as a grid that Mesa can draw."""

from bubble_abm import BubbleModel
from bubble_abm.engine.tiles import ROWS, TILES


def test_every_province_is_a_cell_of_the_grid_north_up():
    model = BubbleModel(rng=1, months=2)
    places = {agent.name: agent.cell.coordinate for agent in model.grid.agents}
    assert places == {name: (tile.column, ROWS - 1 - tile.row) for name, tile in TILES.items()}
    assert places["Heilongjiang"][1] > places["Beijing"][1] > places["Hainan"][1]
    assert model.grid is model.grid


def test_the_grid_changes_no_run():
    with_grid, without = BubbleModel(rng=1, months=3), BubbleModel(rng=1, months=3)
    assert len(with_grid.grid.agents) == 31
    for model in (with_grid, without):
        model.run_for(3)
    assert with_grid.rent_per_server == without.rent_per_server
