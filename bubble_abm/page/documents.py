"""Documents that the page serves: the description of the model, how to cite it, its licence, and its code.

They are in the package, so that every copy of the page has those of its own version. The description is the Markdown of
``docs/``, which stands beside the package in a checkout and in it where it is installed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache, partial
from html import escape
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bubble_abm

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PACKAGE = Path(bubble_abm.__file__).parent
DOCS = next((path for path in (PACKAGE / "docs", PACKAGE.parent / "docs") if path.is_dir()), PACKAGE / "docs")
FOLDER = "documents"
ARCHIVE = f"bubble_abm-{bubble_abm.__version__}.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)  # date of files in the archive, so that the same code gives the same bytes
MEDIA = {
    ".html": "text/html; charset=utf-8", ".bib": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8",
    ".zip": "application/zip",
}  # fmt: skip
LINK = re.compile(r"(?<!!)\[([^]]+)\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)")
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="icon" href="data:,">'
)
STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1d2733, #e4e9ee); --ground: light-dark(#fff, #14191f);
  --rule: light-dark(#d5dbe1, #3a444e); --accent: light-dark(#0b5c94, #7cc0ee); }
body { margin: 0; color: var(--ink); background: var(--ground); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 90rem; margin: 0 auto; padding: 1rem 1.2rem 4rem; overflow-wrap: anywhere; }
p, ul, ol { max-width: 62rem; }
a { color: var(--accent); }
code, pre { font-size: 0.88em; } pre { overflow-x: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.88em; }
th, td { text-align: left; vertical-align: top; overflow-wrap: normal; }
th, td { padding: 0.25rem 0.7rem 0.25rem 0; border-top: 1px solid var(--rule); }
td:last-child { min-width: 14rem; }
"""


# --- What there is ---------------------------------------------------------------------------------------------------


@cache
def described() -> dict[str, Path]:
    """Return the pages of the description by their names: its main text and its appendices."""
    pages = [DOCS / "ODD.md", *sorted((DOCS / "odd").glob("*.md"))]
    return {path.relative_to(DOCS).with_suffix(".html").as_posix(): path for path in pages if path.is_file()}


@cache
def documents() -> dict[str, Callable[[], bytes]]:
    """Return all documents by their names, each as what makes it."""
    return {
        **{name: partial(description, name) for name in described()},
        "citation.html": lambda: page("How to cite", citation(), "citation.html"),
        "citation.bib": lambda: bibtex().encode(),
        "licence.txt": lambda: licence().encode(),
        "code.html": lambda: page("The code", code(), "code.html"),
        ARCHIVE: archive,
    }


@cache
def document(name: str) -> bytes | None:
    """Return a document, or None if there is none of this name."""
    made = documents().get(name)
    return None if made is None else made()


# --- Markdown as a page ----------------------------------------------------------------------------------------------


def description(name: str) -> bytes:
    """Return a page of the description."""
    text = COMMENT.sub("", described()[name].read_text(encoding="utf-8"))
    return page(text.partition("\n")[0].removeprefix("# "), text, name)


def page(title: str, text: str, name: str) -> bytes:
    """Return Markdown as a page of its own, whose headings can be linked to as on GitHub."""
    up = "../" * (name.count("/") + 1)
    body = html_of(LINK.sub(partial(relinked, name), text))
    head = f"{HEAD}<title>{escape(title)}</title><style>{STYLE}</style>"
    back = f'<p><a href="{up}">bubble_abm {bubble_abm.__version__}</a></p>'
    whole = f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body><main>{back}\n{body}</main></body></html>\n'
    return whole.encode()


def relinked(name: str, found: re.Match[str]) -> str:
    """Return a link to another document; what the page does not serve keeps its words only."""
    words, target, place = found[1], found[2], found[3] or ""
    path = (described()[name].parent if name in described() else DOCS) / target
    if path.suffix != ".md":
        return found[0] if target in documents() else words
    other = next((known for known, home in described().items() if home == path.resolve()), None)
    return f"[{words}]({'../' * name.count('/')}{other}{place})" if other else words


def html_of(text: str) -> str:
    """Return Markdown as HTML, with an anchor at each heading, and tables that scroll for themselves."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for opening, heading in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(heading.content))
    found = str(reader.renderer.render(tokens, reader.options, {}))
    return found.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")


def anchor(heading: str) -> str:
    """Return the name by which a heading is linked to.

    Examples
    --------
    >>> anchor("5 Initialization, in `founding.py`")
    '5-initialization-in-foundingpy'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- Who made it, under which terms, and its code --------------------------------------------------------------------


def about() -> Any:
    """Return what the installed package says of itself: authors, licence, addresses."""
    return distribution("bubble-abm").metadata


def addresses() -> dict[str, str]:
    """Return public addresses of the project by their names, as far as it has any."""
    return dict(line.split(", ", 1) for line in about().get_all("Project-URL") or ())


def title() -> str:
    """Return the title under which the model is cited."""
    summary = about()["Summary"]
    return f"bubble_abm: {summary[:1].lower()}{summary[1:]}"


def bibtex() -> str:
    """Return the entry of this version for a list of references."""
    fields = {"title": f"{{{title()}}}", "author": f"{{{about()['Author']}}}", "version": bubble_abm.__version__}
    address = next(iter(addresses().values()), "")
    lines = [f"  {name} = {{{value}}}," for name, value in ({**fields, "url": address} if address else fields).items()]
    return "\n".join(("@software{bubble_abm,", *lines, "}\n"))


def citation() -> str:
    """Say how to cite this version."""
    said = f"{about()['Author']}. *{title()}*. Version {bubble_abm.__version__}. {' '.join(addresses().values())}"
    return f"# How to cite\n\n{said.strip()}\n\n```bibtex\n{bibtex()}```\n\n[The same as a file](citation.bib)\n"


def licence() -> str:
    """Return the licence, as it was installed with the package."""
    return distribution("bubble-abm").read_text("licenses/LICENSE") or str(about()["License-Expression"])


def code() -> str:
    """Say how to get and read the code that runs here."""
    elsewhere = "".join(f"- {name}: <{address}>\n" for name, address in addresses().items())
    needed = ", ".join(f"`{one}`" for one in about().get_all("Requires-Dist") or ())
    month = (PACKAGE / "economy" / "month.py").read_text(encoding="utf-8")
    return f"""# The code

This is bubble_abm {bubble_abm.__version__}, under the licence [{about()["License-Expression"]}](licence.txt).

- [{ARCHIVE}]({ARCHIVE}) has the {len(sources())} files of the package from which this page was computed. Unpacked, and
  with what it needs, `python -m bubble_abm view` shows the same page.
- It needs Python {about()["Requires-Python"]}, and {needed}.
- Where it is installed, `python -c "import bubble_abm; print(bubble_abm.__file__)"` says where its files are.
{elsewhere}
A file in `bubble_abm/economy/agents` says what an agent is and decides. `bubble_abm/economy/month.py` is the order of
events:

```python
{month}```
"""


@cache
def sources() -> dict[str, Path]:
    """Return the files of the package by their names in the archive, those of the description in it as if installed."""
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    found = {f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}": path for path in files}
    found |= {f"{PACKAGE.name}/docs/{path.relative_to(DOCS).as_posix()}": path for path in described().values()}
    return dict(sorted(found.items()))


def archive() -> bytes:
    """Return the files of the package, and what is known of it, as a zip file."""
    known = f"bubble_abm-{bubble_abm.__version__}.dist-info"
    texts = {"METADATA": str(distribution("bubble-abm").read_text("METADATA")), "licenses/LICENSE": licence()}
    contents = {f"{known}/{name}": text.encode() for name, text in texts.items()}
    contents |= {name: path.read_bytes() for name, path in sources().items()}
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as file:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    return found.getvalue()


# --- Served and written ----------------------------------------------------------------------------------------------


def media_of(name: str) -> str:
    """Return the type of a document."""
    return MEDIA[Path(name).suffix]


def answer(request: Request) -> Response:
    """Answer a request for a document."""
    from starlette.responses import PlainTextResponse, Response

    name = request.path_params["name"]
    content = document(name)
    if content is None:
        return PlainTextResponse(f"{FOLDER}: there is none of this name, there are {', '.join(documents())}", 404)
    return Response(content, media_type=media_of(name))


def write_documents(root: Path) -> None:
    """Write all documents into a folder of an exported page."""
    for name in documents():
        path = root / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document(name) or b"")
