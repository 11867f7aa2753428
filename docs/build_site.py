"""Build the documentation site into ``out/site``; a warning is an error. `make site` installs what it needs first.

Pages are taken as they stand in a checkout, so that links between them hold on the site as well: README, all of
``docs``, captions and changes. The glossary and the reference are made from declarations and docstrings. A folder of
``docs`` is part of the site, whatever its name.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

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
ROLE = re.compile(r":[a-z:]+:(?=`)")  # Sphinx's in docstrings, which these pages do not know
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
    """Write the pages of the reference: the public names, and the modules of each room, from their docstrings."""
    folder.mkdir()
    for room, what in ROOMS.items():
        title = f"{room}: {what}"
        text = [title, "=" * len(title), ""]
        for name in modules(f"bubble_abm.{room}"):
            text += [name, "-" * len(name), "", f".. automodule:: {name}", ""]
        (folder / f"{room}.rst").write_text("\n".join(text), encoding="utf-8")
    rows = []
    for name in bubble_abm.__all__:
        found = getattr(bubble_abm, name)
        rows.append((f"{{py:obj}}`{name} <{found.__module__}.{found.__qualname__}>`", ROLE.sub("", summary(found))))
    rooms = "\n".join(ROOMS)
    text = [
        "# Reference", "What `from bubble_abm import ...` offers, and below it every module by room.",
        table(("name", "what it is"), rows), f"```{{toctree}}\n:maxdepth: 1\n\n{rooms}\n```",
    ]  # fmt: skip
    (folder / "index.md").write_text("\n\n".join(text) + "\n", encoding="utf-8")


def modules(package: str) -> list[str]:
    """Return the names of a package and of all modules in it that have something to show."""
    inside = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    names = [package, *(one.name for one in inside)]
    return [name for name in names if inspect.getdoc(import_module(name))]


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
