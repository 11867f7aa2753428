"""Build the documentation site into ``out/site``; a warning is an error.

Pages are taken as they stand in a checkout, so that links between them hold on the site as well: README, all of
``docs``, captions and changes. The glossary and the reference are made from declarations and docstrings. A folder of
``docs`` is part of the site, whatever its name.

The reference has the names that ``from bubble_abm import ...`` offers, those that the pages import, and those to which
the docstrings of these refer.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bubble_abm
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.outcomes import DECLARED_OUTCOMES
from bubble_abm.observe.verdict import CRITERIA
from bubble_abm.page.sources import TERMS
from bubble_abm.paper.docs import ROOT
from bubble_abm.paper.markdown import summary, table
from bubble_abm.paper.tutorials import executed, tutorials

BUILT = ROOT / "out" / "site"
INDEX = "index.md"
#: Pages that stand outside docs, and where they are on the site.
MOVED = {"README.md": INDEX, "CHANGELOG.md": "CHANGELOG.md", "figures/captions.md": "figures/captions.md"}
PAGES = (".md", ".ipynb")
LINK = re.compile(r"(\]\()([^)\s#:]+)([^)]*\))")
ROLE = re.compile(r":[a-z:]+:`~?([^`]+)`")  # a reference in a docstring
#: An import on a page, as in ``>>> from bubble_abm import simulate, twin``.
IMPORT = re.compile(r"^(?:>>> )?from (bubble_abm[\w.]*) import ([\w, ]+)$", re.MULTILINE)
#: Rooms of the package in the reference, from the ground up.
ROOMS = {
    "economy": "what is modelled", "engine": "how a month is run", "observe": "what is read off a run",
    "study": "from a question to a table", "style": "how figures look", "paper": "what readers get",
}  # fmt: skip


# --- Pages that are collected ----------------------------------------------------------------------------------------


def collect(source: Path) -> None:
    """Copy the pages, the pictures and whatever else the pages link to, and write the pages that are made."""
    shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("*.ipynb", "*.py", "__pycache__"))
    for notebook in tutorials():
        goal = source / notebook.relative_to(ROOT)
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(executed(notebook), goal)
    for page, goal in MOVED.items():
        (source / goal).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / page, source / goal)
    (source / "glossary.md").write_text(glossary(), encoding="utf-8")
    write_reference(source / "api")
    for page in [path for path in source.rglob("*") if path.suffix in PAGES]:
        move_links(page, source)
    with (source / INDEX).open("a", encoding="utf-8") as index:
        index.write(contents(source))


def move_links(page: Path, source: Path) -> None:
    """Give the links of a page their addresses on the site."""
    text = page.read_text(encoding="utf-8")
    page.write_text(LINK.sub(lambda found: on_the_site(found, page.parent, source), text), encoding="utf-8")


def on_the_site(link: re.Match[str], home: Path, source: Path) -> str:
    """Return a link with its address on the site; a file that is no page, such as one of code, is a download."""
    goal = (home / link[2]).resolve()
    if not goal.is_relative_to(source):
        return link[0]
    inside = goal.relative_to(source).as_posix()
    if inside in MOVED:
        return link[1] + link[2].removesuffix(inside) + MOVED[inside] + link[3]
    if not goal.exists() and (ROOT / inside).is_file():
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / inside, goal)
    return link[0]


def contents(source: Path) -> str:
    """Return the tables of contents, which are shown beside every page; each page is in one of them."""
    listed = {INDEX}
    made = []

    def section(title: str, pages: Iterable[str]) -> None:
        new = [page for page in dict.fromkeys(pages) if page not in listed]
        listed.update(new)
        names = "\n".join(page.rpartition(".")[0] for page in new)
        made.append(f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n:maxdepth: 1\n\n{names}\n```\n")

    def inside(folder: str) -> list[str]:
        paths = sorted((source / folder).glob("*"))
        return [path.relative_to(source).as_posix() for path in paths if path.suffix in PAGES]

    section("Tutorials", inside("docs/tutorials"))
    section("How to", inside("docs/how-to"))
    folders = sorted({path.parent.relative_to(source).as_posix() for path in (source / "docs").glob("*/*.md")})
    section("The model", ["docs/ODD.md", *(page for folder in folders for page in inside(folder))])
    section("Results", [*inside("docs"), *inside("figures")])
    section("Reference", ["glossary.md", "api/index.md", *inside(".")])
    return "".join(made)


# --- Pages that are made ---------------------------------------------------------------------------------------------


def glossary() -> str:
    """Return the glossary: terms, and what every parameter, measure and outcome means, with its unit."""
    terms = [(term, "", meaning.format(wanted=CRITERIA)) for term, meaning in TERMS.items()]
    parameters = [(f"`{name}`", item.metadata["unit"], item.metadata["meaning"]) for name, item in DECLARED.items()]
    measures = [(f"`{column.name}`", column.unit, column.meaning) for column in Measures.columns.values()]
    outcomes = [(f"`{name}`", one.unit, one.meaning) for name, one in DECLARED_OUTCOMES.items()]
    lists = {"Terms": terms, "Parameters": parameters, "Measures": measures, "Outcomes": outcomes}
    parts = ["# Glossary", "What words on the page and names in settings and results mean, in alphabetical order."]
    for title, entries in lists.items():
        parts.append(f"## {title}")
        parts += [f"{name}\n: {meaning}{f' [{unit}]' if unit else ''}" for name, unit, meaning in sorted(entries)]
    return "\n\n".join(parts) + "\n"


def write_reference(folder: Path) -> None:
    """Write the pages of the reference, one for each room of the package, and the page that lists the names."""
    folder.mkdir()
    known = public_names()
    about = "What `from bubble_abm import ...` offers, what the pages of this site import, and what these refer to."
    parts = ["# Reference", about]
    for room, what in ROOMS.items():
        names = {name: found for name, found in known.items() if home_of(name, found).startswith(f"bubble_abm.{room}")}
        if not names:
            continue
        title = f"{room}: {what}"
        text = [title, "=" * len(title), ""]
        for name, found in names.items():
            text += entry(name, found)
        (folder / f"{room}.rst").write_text("\n".join(text), encoding="utf-8")
        rows = [(f"{{py:obj}}`{short(name, found)} <{name}>`", first_line(found)) for name, found in names.items()]
        parts += [f"## {title}", table(("name", "what it is"), rows), f"```{{toctree}}\n:hidden:\n\n{room}\n```"]
    (folder / "index.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def public_names() -> dict[str, Any]:
    """Return what the reference has, by name, modules last: what is offered or imported, and what it refers to."""
    found = {f"bubble_abm.{name}": getattr(bubble_abm, name) for name in bubble_abm.__all__}
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*")):
        if page.suffix in PAGES:
            for module, names in IMPORT.findall(text_of(page)):
                for name in names.split(","):
                    take(f"{module}.{name.strip()}", found)
    new = list(found.values())
    while new:
        known = len(found)
        for thing in new:
            for name in references(thing):
                take(name, found)
        new = list(found.values())[known:]
    return dict(sorted(found.items(), key=lambda item: (inspect.ismodule(item[1]), short(*item).lower())))


def take(name: str, found: dict[str, Any]) -> None:
    """Add a module, class or function by the name under which it is defined, unless it is there; not other things."""
    home, _, last = name.rpartition(".")
    with suppress(ImportError, AttributeError):  # pages also import what a reader is to write
        thing = import_module(name) if is_module(name) else getattr(import_module(home), last)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            if not any(thing is one for one in found.values()):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
        elif inspect.ismodule(thing) and thing is not bubble_abm:
            found[name] = thing


def is_module(name: str) -> bool:
    """Whether a module of this package has this name."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def references(thing: Any) -> list[str]:
    """Return the names to which the docstrings of a thing and of its public members refer, with their modules."""
    members = [member for name, member in vars(thing).items() if name[0] != "_"] if inspect.isclass(thing) else []
    told = [one for one in members if inspect.isroutine(one) or isinstance(one, property | cached_property)]
    texts = [inspect.getdoc(one) or "" for one in (thing, *told)]
    names = [name for text in texts for name in ROLE.findall(text)]
    home = thing.__name__ if inspect.ismodule(thing) else thing.__module__
    return [name if name.startswith("bubble_abm.") else f"{home}.{name}" for name in names]


def home_of(name: str, found: Any) -> str:
    """Return the module in which a thing is defined; of an exception that is shown as one of the package, its room."""
    home = name if inspect.ismodule(found) else found.__module__
    return f"{home}.{bubble_abm.PUBLIC[short(name, found)]}" if home == bubble_abm.__name__ else home


def entry(name: str, found: Any) -> list[str]:
    """Return the lines from which an entry is made; that of a module is what it says of itself, under its name."""
    if inspect.ismodule(found):
        return [name, "-" * len(name), "", f".. automodule:: {name}", "   :no-members:", ""]
    if inspect.isclass(found):
        return [f".. auto{'exception' if issubclass(found, BaseException) else 'class'}:: {name}", ""]
    return [f".. autofunction:: {name}", ""]


def short(name: str, found: Any) -> str:
    """Return the name under which a thing is listed; of a module, with that of its folders."""
    return name.removeprefix("bubble_abm.") if inspect.ismodule(found) else name.rpartition(".")[2]


def text_of(page: Path) -> str:
    """Return the text of a page; of a notebook, that of its cells."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


def first_line(thing: Any) -> str:
    """Return the first line of a docstring, in which a reference is the name that it refers to."""
    return ROLE.sub(lambda found: f"`{found[1].rpartition('.')[2]}`", summary(thing))


# --- Building --------------------------------------------------------------------------------------------------------


def main() -> int:
    """Build the site, and return the exit code of Sphinx."""
    with TemporaryDirectory() as folder:
        source = Path(folder).resolve() / "source"
        collect(source)
        sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(ROOT / "docs")]
        done = subprocess.run([*sphinx, "-d", f"{folder}/doctrees", str(source), str(BUILT)])
    if done.returncode == 0:
        print(f"written: {BUILT.relative_to(ROOT)}/index.html")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
