"""Figures of the paper: each on a tiny result, made again only when something changed, and refused in one line."""

import json
import re
import shutil
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.paper.captions import FalseClaim, Needs, Sentence, checked_caption, first_true
from bubble_abm.paper.figures import build, chosen, declared, files
from bubble_abm.study import declared_experiments
from bubble_abm.study.declared_experiments import find
from bubble_abm.study.experiment_result import ExperimentResult, shortcomings
from bubble_abm.style.figure import save
from tests.command.test_main import command as command
from tests.paper.figures.renew import REFERENCE, small
from tests.study.folders import resealed

NAMES = sorted(files())
GROSS = 6.0  # of 255, on average over the picture
TOY = """
from bubble_abm import Experiment
EXPERIMENT = Experiment(
    name="e01_toy", question="What is it?", levers={"x": (1, 2, 3)}, seeds=8, outcomes=("level", "luck"), twins=False,
    model="tests.models:line", quick={"seeds": 2},
)
"""
DRAWN = """
from bubble_abm.paper.captions import Needs, Sentence
from bubble_abm.paper.figures import PaperFigure
from bubble_abm.paper.plots.paper import paper


def tables(toy):
    return {"points": toy.runs.groupby("x", as_index=False)["level"].mean()}


def draw(tables, toy):
    with paper("A line", "n = 8 seeds", 1.5) as figure:
        figure.subplots().plot(tables["points"]["x"], tables["points"]["level"])
    return figure


def caption(tables, toy):
    rise = tables["points"]["level"].iloc[-1] - tables["points"]["level"].iloc[0]
    return [Sentence(f"It rises by {rise:g}.", [Needs("rise of the line", rise, least=LEAST)])]


FIGURE = PaperFigure(title="A line", experiments=("e01_toy",), tables=tables, draw=draw, caption=caption)
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder with one experiment and one figure, as the package would find them."""
    for name, text in (("experiments/e01_toy.py", TOY), ("figures/fig01_line.py", DRAWN.replace("LEAST", "0.5"))):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    monkeypatch.setattr(declared_experiments, "CHECKOUT", tmp_path)
    # Python takes a file that is saved twice in a second, at the same length, for unchanged if it may keep bytecode.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


# --- The figures of the paper ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Tiny results of all experiments, each run once for all figures."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def built(results):
    """All figures from small designs, and what was said meanwhile."""
    said = []
    made = build(out=results / "figures", results=results, quick=True, tell=said.append, workers=2)
    return results / "figures", made, said


def test_figures_are_numbered_without_a_gap():
    assert [name[:5] for name in NAMES] == [f"fig{number:02d}" for number in range(1, 18)]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_stands_with_its_tables_and_where_it_comes_from(built, name):
    folder, made, _ = built
    assert name in made
    about = json.loads((folder / f"{name}.json").read_text())
    assert {f"{name}.pdf", f"{name}.svg", f"{name}.png"} < set(about["files"])
    assert any(file.endswith(".csv") for file in about["files"])
    assert about["form"] == "quick" and about["caption"] and about["parameters"]["herding"] > 0
    for result in about["results"]:
        assert result["code"] and result["versions"]["numpy"] and result["seeds"] and "commit" in result
    for file in about["files"]:
        assert (folder / file).stat().st_size > 0
        if file.endswith(".csv"):
            no_box = file.endswith("_boxes.csv") and "There is no box" in about["caption"]  # as small designs may say
            assert len(pd.read_csv(folder / file)) > 0 or no_box
    with Image.open(folder / f"{name}.png") as image:
        assert round(image.info["dpi"][0]) == 300
        assert round(image.width / 300, 1) == 7.2
        assert json.loads(image.info["Description"])["figure"] == name
    assert b"<dc:title>" in (folder / f"{name}.svg").read_bytes()
    pdf = (folder / f"{name}.pdf").read_bytes()
    assert b"/Title" in pdf and b"/FontFile2" in pdf and b"/Type3" not in pdf


SIZES = re.compile(r"font-size: ([0-9.]+)px")
SMALLEST = 6.0  # points in print


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_can_be_read_by_everybody(built, name):
    """Its text is text, large enough, in fonts that it brings; it says what can be seen, and that it is quick."""
    text = (built[0] / f"{name}.svg").read_text()
    svg = ElementTree.fromstring(text)
    about = json.loads((built[0] / f"{name}.json").read_text())
    wide = float(svg.get("width").removesuffix("pt")), float(svg.get("viewBox").split()[2])
    assert wide[0] == wide[1] == pytest.approx(7.2 * 72), "one pixel of a letter is one point in print"
    assert min(map(float, SIZES.findall(text))) >= SMALLEST
    words = "".join(svg.itertext())
    assert "QUICK" in words and ("n = " in words or "no box" in words)  # as small designs may say
    assert any(spread in words for spread in ("95 % interval", "nine of ten", "no box", "Coverage"))
    faces = set(re.findall(r"@font-face{font-family:'DejaVu Sans';font-weight:(\w+)", text))
    assert {"400", "700"} <= faces and "data:font/woff;base64," in text
    assert svg.get("role") == "img"
    told = {child.tag.rpartition("}")[2]: child.text for child in svg[:2]}
    assert told == {"title": about["message"], "desc": about["alternative"]}
    assert about["message"] in about["alternative"] and about["caption"] in about["alternative"]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_has_ink_to_its_edges_and_nothing_beyond(built, name):
    with Image.open(built[0] / f"{name}.png") as image:
        grey = np.asarray(image.convert("L"))
    dark = grey < 200
    assert 0.01 < dark.mean() < 0.6
    assert not dark[[0, -1], :].any() and not dark[:, [0, -1]].any(), "something is cut off at an edge"


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_looks_as_it_did(built, name):
    """A gross comparison, on a small grey picture: a panel that is missing or turned over is noticed."""
    with Image.open(built[0] / f"{name}.png") as image, Image.open(REFERENCE / f"{name}.png") as wanted:
        assert image.width / image.height == pytest.approx(wanted.width / wanted.height, rel=0.03)
        now, then = (np.asarray(each, dtype=float) for each in (small(image).resize(wanted.size), wanted))
    assert np.abs(now - then).mean() < GROSS


def test_captions_are_written_with_every_figure(built):
    folder, made, _ = built
    text = (folder / "captions.md").read_text()
    for name in made:
        figure = declared(files()[name])
        assert f"## Figure {'S' if figure.supplement else ''}{int(name[3:5])}. {figure.title}\n" in text
    assert text.index("## Figure S5.") > text.index("## Figure 11.")
    page = (folder / "figures.html").read_text()
    assert page.count('<img src="fig') == page.count('alt="') == len(NAMES) and 'alt=""' not in page


def test_a_design_too_small_for_shares_is_said_to_be_so(built):
    """In a tiny design, luck may be all that tells points apart; the caption then claims no shares."""
    folder, _, _ = built
    figure = declared(files()["fig06_groups"])
    tables = {
        name: pd.read_csv(folder / f"fig06_groups_{name}.csv")
        for name in ("groups", "shapley", "groups_quality", "shapley_quality")
    }
    for name in ("groups", "shapley"):
        tables[name]["value"] = np.nan
    text, _ = checked_caption("fig06_groups", figure.caption(tables, None, None), quick=True)
    assert "differ by no more than luck" in text and "sum to one" not in text


def test_equal_inputs_give_equal_bytes_and_nothing_is_made_twice(built, results, tmp_path):
    folder, _, _ = built
    assert build(out=folder, results=results, quick=True, may_run=False, tell=lambda text: None) == []
    some = ["fig02_boom_and_bust", "fig11_who_lost"]
    build(some, out=tmp_path, results=results, quick=True, may_run=False, tell=lambda text: None)
    again = content(tmp_path)
    del again["captions.md"], again["figures.html"]  # which have those that were asked for
    assert len(again) > 8 and all((folder / name).read_bytes() == data for name, data in again.items())


def test_a_figure_simulates_nothing():
    for path in files().values():
        text = path.read_text()
        for word in ("simulate", "twin(", "execute(", "Simulation", "BubbleModel", ".pyplot"):
            assert word not in text, f"{path.name}: {word}"


# --- Rebuilding -----------------------------------------------------------------------------------------------------


def test_only_what_changed_is_made_again(toy):
    said = []
    assert build(tell=said.append) == ["fig01_line"]
    assert said[0] == "out/e01_toy is not there: 24 runs"
    before = content("out/figures")
    assert build(tell=said.append) == [] and content("out/figures") == before
    Path("out/figures/fig01_line.png").write_bytes(b"scribbled over")
    assert build(may_run=False) == ["fig01_line"] and content("out/figures") == before
    path = Path("figures/fig01_line.py")
    path.write_text(path.read_text().replace("A line", "A straight line"))
    assert build(may_run=False) == ["fig01_line"]
    assert "A straight line" in Path("out/figures/captions.md").read_text()


def test_a_stale_result_is_noticed_and_made_again_or_refused(toy):
    build(tell=lambda text: None)
    path = Path("experiments/e01_toy.py")
    path.write_text(path.read_text().replace("(1, 2, 3)", "(1, 2, 4)"))
    with pytest.raises(InvalidInput, match=r"e01_toy: is of another design .*: run the experiment, or omit --no-run"):
        build(may_run=False)
    said = []
    assert build(tell=said.append) == ["fig01_line"] and "is of another design" in said[0]


def test_a_result_of_other_code_is_stale(toy, monkeypatch):
    build(tell=lambda text: None)
    monkeypatch.setattr("bubble_abm.study.provenance.source_hash", lambda *rooms: "other")
    with pytest.raises(InvalidInput, match="runs of other code"):
        build(may_run=False)


def test_quick_and_full_results_are_kept_apart(toy):
    build(tell=lambda text: None)
    build(quick=True, out=Path("out/small"), tell=lambda text: None)
    assert (
        len(ExperimentResult(Path("out/e01_toy")).runs) == 24
        and len(ExperimentResult(Path("out/e01_toy_quick")).runs) == 6
    )


# --- Bad results ----------------------------------------------------------------------------------------------------


def break_part(folder):
    path = folder / "runs" / "part-00001.parquet"
    path.write_bytes(path.read_bytes()[:100])


def break_identity(folder):
    (folder / "experiment.json").write_text("{")


def foreign_folder(folder):
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")


def foreign_experiment(folder):
    path = folder / "experiment.json"
    path.write_text(path.read_text().replace('"name": "e01_toy"', '"name": "e77_else"'))
    resealed(folder)


def remove(folder):
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove, "result = out/e01_toy: is not there: run the experiment, or omit --no-run"),
        (break_part, "result = out/e01_toy: lacks 1 of 3 parts, or they are damaged"),
        (break_identity, "result = out/e01_toy: its experiment.json is damaged"),
        (foreign_folder, "result = out/e01_toy: is not the folder of an experiment"),
        (foreign_experiment, "result = out/e01_toy: holds e77_else, not e01_toy; move it away"),
    ],
)
def test_a_bad_result_is_one_line_and_exit_code_2(toy, command, damage, message):
    build(tell=lambda text: None)
    damage(Path("out/e01_toy"))
    code, _, error = command("figures", "--no-run")
    assert code == 2 and message in error
    assert error.startswith("bubble-abm: ") and error.count("\n") == 1


def test_a_truncated_part_is_run_again(toy):
    build(tell=lambda text: None)
    before = content("out/figures")
    break_part(Path("out/e01_toy"))
    assert build(tell=lambda text: None) == [] and content("out/figures") == before


def test_parts_of_another_experiment_are_noticed(toy):
    build(tell=lambda text: None)
    parts = Path("out/e01_toy/runs")
    shutil.copy(parts / "part-00000.parquet", parts / "part-00001.parquet")
    resealed(parts.parent)
    with pytest.raises(InvalidInput, match="some of its runs are missing or belong to another experiment"):
        build(may_run=False)


def test_lost_months_are_found_missing(tmp_path, built, results):
    folder = tmp_path / "e08_anatomy_quick"
    shutil.copytree(results / "e08_anatomy_quick", folder)
    (folder / "series" / "part-00000.parquet").unlink()
    assert shortcomings(folder, find("e08").quick_form()) == ["lacks 1 of 1 parts, or they are damaged"]


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_builds_and_says_so(toy, command):
    code, out, _ = command("figures", "fig01", "--quiet")
    assert (code, out) == (0, "1 figures built in out/figures\n")
    assert command("figures", "1", "--quiet") == (0, "All figures in out/figures are up to date\n", "")
    assert command("figures", "--quick", "--quiet", "--out", "small")[0] == 0 and Path("small/fig01_line.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fig99"], "unknown figure 'fig99'"),
        (["fig01_lin"], "did you mean 'fig01_line'?"),
        (["--workers", "none"], "workers = none: give a whole number"),
        (["--workers", "0"], "workers = 0: give a whole number from 1"),
        (["--executor", "bees"], "executor = bees: give one of threads, processes"),
    ],
)
def test_bad_arguments_are_one_line(toy, command, arguments, message):
    code, _, error = command("figures", *arguments, "--quiet")
    assert code == 2 and message in error and error.count("\n") == 1


def test_a_file_that_declares_no_figure_is_refused(toy, command):
    Path("figures/fig02_none.py").write_text("FIGURE = 3")
    code, _, error = command("figures", "fig02")
    assert code == 2 and "FIGURE = 3: give a PaperFigure(...)" in error


# --- Captions -------------------------------------------------------------------------------------------------------


def test_a_claim_that_no_longer_holds_fails_the_build(toy, command):
    path = Path("figures/fig01_line.py")
    path.write_text(DRAWN.replace("LEAST", "1000"))
    code, _, error = command("figures", "--quiet")
    assert code == 2 and "caption of fig01_line: 'It rises by" in error
    assert "rise of the line is" in error and "the sentence needs at least 1,000" in error
    assert not Path("out/figures/fig01_line.png").exists()


def test_claims_about_the_full_design_are_left_out_of_the_quick_form():
    sentences = [Sentence("A."), Sentence("B.", [Needs("b", 1.0, most=0.0)], full=True)]
    assert checked_caption("f", sentences, quick=True) == ("A.", 1)
    with pytest.raises(FalseClaim, match=r"caption of f: 'B.': b is 1, and the sentence needs at most 0"):
        checked_caption("f", sentences, quick=False)


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (Sentence("Owners lose most."), r"says 'most': give it a condition \(Needs\)"),
        (Sentence("Owners lose 3."), r"no sentence has a condition: give one of them Needs\(...\)"),
    ],
)
def test_a_caption_that_cannot_fail_is_refused(sentence, message):
    with pytest.raises(InvalidInput, match=message):
        checked_caption("f", [sentence], quick=True)


def test_a_title_is_the_first_message_that_is_true():
    false, true = Sentence("Gold", [Needs("x", 1.0, least=2.0)]), Sentence("Silver", [Needs("x", 1.0, most=2.0)])
    assert first_true([false, true], "Metal") == "Silver"
    assert first_true([false, Sentence("No condition")], "Metal") == "Metal"


def test_a_figure_of_ones_own_is_a_file_anywhere(built, results, tmp_path):
    """The code in the documentation, as it stands there."""
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "figures.md").read_text()
    path = tmp_path / "mine.py"
    path.write_text(page.partition("```python\n")[2].partition("```")[0])
    out = tmp_path / "out"
    assert build([str(path)], out=out, results=results, quick=True, may_run=False, tell=lambda text: None) == ["mine"]
    assert (out / "mine.svg").exists() and "## The price of a GPU\n" in (out / "captions.md").read_text()


def test_a_file_with_the_name_of_another_figure_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="another figure is called 'fig03_twin': rename the file"):
        chosen([str(tmp_path / "fig03_twin.py")])


def test_published_figures_are_not_overwritten_unasked(toy, command):
    code, _, error = command("figures", "--publish", "--quiet")
    assert code == 2 and error.count("\n") == 1 and "add --yes" in error


# --- Colours --------------------------------------------------------------------------------------------------------

SIGHT = {  # how colour-blind readers see linear red, green and blue (Machado, Oliveira and Fernandes 2009, severity 1)
    "red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "all": [[0.2126, 0.7152, 0.0722]] * 3,
}
APART = 0.04  # in linear light, of a range of one: neighbouring fields of about this difference are told apart


@pytest.mark.parametrize("blind", SIGHT)
@pytest.mark.parametrize("number", ["fig01", "fig06", "fig11"])
def test_fields_that_mean_different_things_look_different(number, blind):
    """Neighbours in a legend differ in colour as everybody sees it, or in pattern."""
    (path,) = chosen([number]).values()
    fills = fields_of(path)
    for (one, pattern), (other, another) in combinations(fills, 2):
        seen = [np.asarray(SIGHT[blind]) @ linear(colour) for colour in (one, other)]
        assert pattern != another or np.abs(seen[0] - seen[1]).max() > APART, (one, other)


def linear(colour):
    """Light of a colour of the screen (IEC 61966-2-1)."""
    values = np.asarray(to_rgb(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def fields_of(path):
    """Colours and patterns of the fields of a figure."""
    names = declared(path).draw.__globals__
    if "FILLS" in names:
        return names["FILLS"]
    fields = names.get("FATES") or names["LOOKS"]
    return [(colour, "////" if part == "lost" and "FATES" in names else "") for part, colour in fields.items()]


def test_what_is_no_number_supports_no_claim():
    assert not Needs("x", float("nan")).holds


def test_names_of_figures_can_be_short():
    assert list(chosen(["2", "fig03", "fig11_who_lost"])) == ["fig02_boom_and_bust", "fig03_twin", "fig11_who_lost"]


def test_metadata_names_the_figure(tmp_path):
    from matplotlib.figure import Figure

    for ending in ("png", "svg", "pdf"):
        data = save(Figure(), tmp_path / f"a.{ending}", about=("A title", "made of this")).read_bytes()
        assert b"A title" in data and b"made of this" in data
