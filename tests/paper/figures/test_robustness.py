"""Figure 17: rows are what runs of each structure and definition say, and an answer that changes is marked."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from bubble_abm.engine.structure import STANDARD
from bubble_abm.observe.verdict import CAUSED, DEFINITIONS, ENDOGENOUS, MAIN, SURVIVED
from bubble_abm.paper.captions import FalseClaim, checked_caption
from bubble_abm.study.robustness import FIRST_SEED, KINDS
from tests.paper.figures.readings import drawn, figure, panel

STRICT = "4 of 4, stricter"
RUNS = 10


def result_of(popped=1.0, changed=CAUSED):
    """Ten runs in five economies of each structure; in one structure another verdict is most frequent."""
    rows = []
    for structure in (STANDARD, "ring", "hubs", "compute first", "prices first"):
        for place in range(RUNS):
            kind = changed if structure == "hubs" and place < 6 else ENDOGENOUS
            line = {"scenario": structure, "seed": FIRST_SEED + place, "error": None}
            for name in DEFINITIONS:
                line |= {f"popped_without@{name}": popped, f"kind@{name}": float(KINDS.index(kind))}
            line |= {f"popped_without@{STRICT}": 0.0, f"kind@{STRICT}": float(KINDS.index(SURVIVED))}
            for window, whole in (("", 100.0), ("_after", 20.0)):
                line |= {f"fall{window}": whole + place, f"fall{window}_without_shock": 0.9 * (whole + place)}
            rows.append(line)
    economies = {f"member_{number}": {} for number in range(5)}
    return SimpleNamespace(
        runs=pd.DataFrame(rows), experiment=SimpleNamespace(economies=economies, first_seed=FIRST_SEED)
    )


def test_rows_are_shares_of_runs_and_bars_have_their_widths():
    tables, picture = drawn(17, result_of())
    rows = tables["answers"].set_index(["part", "name"])
    assert rows.loc[("structure", "hubs"), [CAUSED, ENDOGENOUS]].tolist() == [0.6, 0.4]
    assert rows.loc[("structure", "ring"), ENDOGENOUS] == rows.loc[("pop", MAIN), ENDOGENOUS] == 1.0
    assert rows.loc[("structure", "ring"), ["peak", "eve"]].tolist() == pytest.approx([0.1, 0.1])
    assert (rows["members"] == 5).all() and (rows["runs"] == RUNS).all()
    bars = panel(picture, "verdict on the shock").patches
    widths = np.array([bar.get_width() for bar in bars]).reshape(len(KINDS), len(rows))
    assert widths.sum(axis=0) == pytest.approx(1.0)
    assert widths[:, 2].tolist() == pytest.approx([0.6, 0, 0, 0.4, 0, 0, 0])  # hubs, caused and endogenous


def test_an_answer_that_changes_is_marked():
    _, picture = drawn(17, result_of())
    names = [text.get_text() for text in panel(picture, "verdict on the shock").get_yticklabels()]
    assert [name for name in names if name.endswith("*")] == ["hubs *", f"{STRICT} *"]
    _, picture = drawn(17, result_of(changed=ENDOGENOUS))
    names = [text.get_text() for text in panel(picture, "verdict on the shock").get_yticklabels()]
    assert [name for name in names if name.endswith("*")] == [f"{STRICT} *"]


def test_the_caption_is_refused_if_most_survive_without_the_shock():
    for popped, refused in ((1.0, False), (0.4, True)):
        result = result_of(popped)
        sentences = figure(17).caption(figure(17).tables(result), result)
        if refused:
            with pytest.raises(FalseClaim):
                checked_caption("fig17", sentences, quick=False)
        else:
            assert "not in hubs" in checked_caption("fig17", sentences, quick=False)[0]
