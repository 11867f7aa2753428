"""The page as a folder: what is in it is what the page shows, and nothing in it needs a server of ours."""

import json
import re

import pytest

from bubble_abm.command import view as cli_view
from bubble_abm.command.main import main
from bubble_abm.page import export
from bubble_abm.page.answer import answer_over
from bubble_abm.page.documents import document, documents
from bubble_abm.page.links import opening_settings
from bubble_abm.page.many_seeds import pairs_of
from bubble_abm.page.moment import moments
from bubble_abm.page.run import watch
from bubble_abm.page.templates import words_of
from bubble_abm.page.words import languages, say, speaking


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return export.export_page(tmp_path_factory.mktemp("page") / "out", names=("baseline",)).parent


def state(folder, number, language="en"):
    text = (folder / "runs" / f"{number}.{language}.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix(f'window.bubbleRuns["{number}.{language}"] = ').removesuffix(";\n"))


def stories(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    return json.loads(re.search(r"window.bubbleStories = (.*?);</script>", text)[1].replace("<\\/", "</"))


def test_a_state_is_what_the_page_shows(folder):
    settings = opening_settings()
    run, found = watch(settings), state(folder, 0)
    assert found["moments"] == json.loads(json.dumps(moments(run)))
    assert found["answer"]["over"]["head"] == answer_over(pairs_of(settings))["head"]
    assert len(found["pictures"]) == 9 and all(picture["svg"].startswith("<svg") for picture in found["pictures"])


def test_every_scene_leads_to_a_state_that_is_there(folder):
    story = stories(folder)["en"]
    assert len(story["leads"]) == 6
    assert {lead["run"] for lead in story["leads"]} == {0, 1}
    assert all(
        (folder / "runs" / f"{lead['run']}.{code}.js").exists() for lead in story["leads"] for code in languages()
    )


def test_every_language_has_its_own_words_and_the_same_runs(folder):
    assert set(stories(folder)) == set(languages())
    for code, story in stories(folder).items():
        with speaking(code):
            assert story["words"]["kept"] == words_of("kept") and story["title"] == say("The AI-compute bubble")
        assert set(story["words"]) == set(export.USED)
        shown = state(folder, 0, code)
        with speaking(code):
            assert shown["answer"]["over"] == json.loads(json.dumps(answer_over(pairs_of(opening_settings()))))
    assert state(folder, 0, "zh")["flows"]["months"] == state(folder, 0)["flows"]["months"]


def test_files_of_a_run_are_those_of_the_page_to_the_bit(folder):
    run = watch(opening_settings())
    text = (folder / "runs" / "0" / "series.csv").read_text()
    assert text == run.result.series.to_csv()


def test_nothing_is_fetched_from_elsewhere(folder):
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".css") or path.name == "parts.js":
            text = re.sub(r'<a href="https:', "", path.read_text())  # what a reader may follow is not fetched
            assert not re.findall(r"""(?:src|href)=["']https?:|url\(|@import""", text), path


def test_documents_are_in_the_folder(folder):
    for name in documents():
        assert (folder / "documents" / name).read_bytes() == document(name)
    assert all((folder / one["link"]).exists() for one in stories(folder)["en"]["sources"]["documents"])


def test_every_part_is_there_with_its_template(folder):
    text = (folder / "parts.js").read_text()
    for name in export.USED:
        assert f"window.bubbleParts.{name} = " in text
    assert text.count("module.exports.template = ") == len(export.USED)


def test_a_folder_with_something_in_it_is_left_alone(folder, capsys):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(SystemExit) as end:
        main(["view", "--export", str(folder)])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "give a new folder" in said and said.count("\n") == 1
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_command_exports_and_ends(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "write_state", lambda *arguments: None)
    monkeypatch.setattr(cli_view, "check_free", lambda host, port: pytest.fail("served"))
    with pytest.raises(SystemExit) as end:
        main(["view", "--export", str(tmp_path / "out")])
    assert end.value.code == 0 and (tmp_path / "out" / "index.html").exists()
    assert "Written to" in capsys.readouterr().err
