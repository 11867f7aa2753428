"""Tutorials run as they are printed, are stored without outputs, and check what they say."""

import json
import re

import pytest

from bubble_abm.paper.tutorials import executed, tutorials

each = pytest.mark.parametrize("notebook", tutorials(), ids=lambda path: path.stem)


def cells(notebook, kind):
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell | {"text": "".join(cell["source"])} for cell in found if cell["cell_type"] == kind]


@each
def test_a_tutorial_runs_and_what_it_says_holds(notebook):
    """Asserts in its cells check its sentences; `make site` keeps what it has executed, which is not run again."""
    book = json.loads(executed(notebook).read_text(encoding="utf-8"))
    outputs = [output for cell in book["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"], "a cell warns"
    assert any("image/png" in output.get("data", ()) for output in outputs), "it shows no picture"


@each
def test_a_tutorial_is_stored_without_outputs_and_checks_itself(notebook):
    code = cells(notebook, "code")
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert any(re.search(r"^\s*assert ", cell["text"], re.MULTILINE) for cell in code)


@each
def test_links_of_a_tutorial_resolve(notebook):
    for cell in cells(notebook, "markdown"):
        for link in re.findall(r"\]\(([^)\s#]+)", cell["text"]):
            assert link.startswith("https://") or (notebook.parent / link).exists(), link


def test_an_edited_tutorial_is_executed_again_and_a_failing_one_raises(tmp_path):
    from nbclient.exceptions import CellExecutionError

    notebook = tmp_path / "short.ipynb"

    def written(text):
        cell = {
            "cell_type": "code",
            "id": "one",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": text,
        }
        notebook.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return notebook

    kept = executed(written("print(1 + 1)"), tmp_path / "out")
    first = kept.read_text()
    assert '"2\\n"' in first
    assert executed(notebook, tmp_path / "out").read_text() == first
    with pytest.raises(CellExecutionError):
        executed(written("assert 1 + 1 == 3"), tmp_path / "out")
