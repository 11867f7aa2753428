"""Documents that the page serves: they are there, their links lead somewhere, and they are of this version."""

import asyncio
import io
import re
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import bubble_abm
from bubble_abm.page import documents
from bubble_abm.page.server import with_documents
from bubble_abm.page.sources import sources

ROOT = Path(bubble_abm.__file__).parents[1]
PAGES = [name for name in documents.documents() if name.endswith(".html")]
REFERENCE = re.compile(r'href="([^"]+)"')


def text_of(name):
    return documents.document(name).decode()


def test_the_page_leads_to_model_code_citation_and_licence():
    linked = [one["link"] for one in sources()["documents"]]
    assert linked == [f"documents/{name}" for name in ("ODD.html", "code.html", "citation.html", "licence.txt")]
    assert all(link.removeprefix("documents/") in documents.documents() for link in linked)


def test_the_description_is_whole():
    assert {f"odd/{path.stem}.html" for path in (ROOT / "docs" / "odd").glob("*.md")} < set(PAGES)
    text = text_of("ODD.html")
    for heading in re.findall(r"^## (.+)$", (ROOT / "docs" / "ODD.md").read_text(), re.MULTILINE):
        assert f'<h2 id="{documents.anchor(heading)}">' in text
    assert "<table>" in text_of("odd/parameters.html") and "generated:" not in text


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_documents_and_headings_that_are_there(name):
    for link in REFERENCE.findall(text_of(name)):
        if link.startswith(("https:", "data:")) or set(link) <= set("./"):  # elsewhere, or back to the page
            continue
        other, place = urldefrag(urljoin(name, link))
        assert other in documents.documents(), link
        assert not place or f'id="{place}"' in text_of(other), link


def test_the_citation_is_that_of_the_file():
    cited = (ROOT / "CITATION.cff").read_text()
    for said in (documents.title(), bubble_abm.__version__, documents.about()["Author"]):
        assert said in cited and said in text_of("citation.bib")
    assert documents.licence() == (ROOT / "LICENSE").read_text()


def test_an_address_of_the_project_is_cited_as_soon_as_it_has_one(monkeypatch):
    assert "url" not in documents.bibtex()
    monkeypatch.setattr(documents, "addresses", lambda: {"Homepage": "https://bubble.example"})
    assert "  url = {https://bubble.example}," in documents.bibtex()
    assert "<https://bubble.example>" in documents.code()


def test_the_archive_has_the_code_that_runs_and_works_by_itself(tmp_path):
    with zipfile.ZipFile(io.BytesIO(documents.document(documents.ARCHIVE))) as file:
        file.extractall(tmp_path)
    own = Path(bubble_abm.__file__).parent
    for path in (own / "economy" / "month.py", own / "page" / "words.csv"):
        assert (tmp_path / "bubble_abm" / path.relative_to(own)).read_bytes() == path.read_bytes()
    asked = "from bubble_abm.page import documents as found; print(found.PACKAGE, len(found.documents()))"
    said = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert said.stdout.split() == [str(tmp_path / "bubble_abm"), str(len(documents.documents()))], said.stderr
    assert documents.archive() == documents.document(documents.ARCHIVE)


def asked(app, path):
    """Status, type and content of what an application sends for a path."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
    with ThreadPoolExecutor(1) as pool:  # a browser that another test keeps open runs a loop in this one
        pool.submit(asyncio.run, app(scope, None, send)).result()
    return sent[0]["status"], dict(sent[0]["headers"])[b"content-type"].decode(), sent[1]["body"]


def test_documents_are_served_and_others_refused_in_one_line():
    everything = Starlette(routes=[Route("/{rest:path}", lambda request: PlainTextResponse("the page"))])
    app = with_documents(with_documents(everything))
    found = asked(app, "/documents/odd/rules.html")
    assert found == (200, "text/html; charset=utf-8", documents.document("odd/rules.html"))
    assert asked(app, "/documents/citation.bib")[2].startswith(b"@software{bubble_abm,")
    for name in ("secret.html", "../pyproject.toml", "odd/../../../LICENSE", "%2e%2e/LICENSE"):
        status, _, said = asked(app, f"/documents/{name}")
        assert status == 404 and b"there are ODD.html" in said and b"\n" not in said
    assert asked(app, "/")[2] == b"the page"
    assert len(everything.router.routes) == 2


def test_the_wheel_takes_the_description_along():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {"docs/ODD.md", "docs/odd"} < set(built["only-include"])
    assert built["sources"]["docs"] == "bubble_abm/docs"
