"""The documentation site: ``python -m bubble_abm.paper.site`` collects its pages and builds them into ``out/site``.

Pages are taken as they stand in a checkout, so that links between them hold on the site as well: the README, all of
``docs``, captions and changes. The glossary and the reference are made from declarations and docstrings. A folder of
``docs`` is a section of the site, whatever its name.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import bubble_abm
from bubble_abm.economy.measures import Measures
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.observe.outcomes import DECLARED_OUTCOMES
from bubble_abm.paper.docs import ROOT
from bubble_abm.paper.tutorials import NOTEBOOKS, executed, tutorials

BUILT = ROOT / "out" / "site"
#: Pages that stand outside docs, and what they are on the site.
OUTSIDE = {"README.md": "index.md", "CHANGELOG.md": "CHANGELOG.md", "figures/captions.md": "figures/captions.md"}
PAGES = (".md", ".ipynb")
PICTURES = (".png", ".svg")
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s#]+)([^)]*\))")
#: Sections whose pages are listed by name; the pages of every other folder of docs follow under its own name.
SECTIONS = {"Tutorials": "docs/tutorials", "How to": "docs/how-to"}
DESCRIPTION = "docs/ODD"
#: Rooms whose modules are in the reference, from the ground up, and what they do.
ROOMS = {
    "economy": "what is modelled", "engine": "how a month is run", "observe": "what is read off a run",
    "study": "from a question to a table", "paper": "what readers get",
}  # fmt: skip


# --- Pages that are collected ----------------------------------------------------------------------------------------


def collect(source: Path) -> None:
    """Copy the pages, the pictures and whatever else the pages link to, and write the pages that are made."""
    shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
    for notebook in tutorials():
        goal = source / notebook.relative_to(ROOT)
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(executed(notebook), goal)
    for page, goal in OUTSIDE.items():
        (source / goal).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / page, source / goal)
    (source / "glossary.md").write_text(glossary(), encoding="utf-8")
    write_reference(source / "api")
    for page in [path for path in source.rglob("*") if path.suffix in PAGES]:
        text = page.read_text(encoding="utf-8")
        page.write_text(LINK.sub(lambda found: moved(found, page, source), text), encoding="utf-8")
    index = source / "index.md"
    index.write_text(index.read_text(encoding="utf-8") + contents(source), encoding="utf-8")


def moved(link: re.Match[str], page: Path, source: Path) -> str:
    """Return a link with the address that its goal has on the site, where a file of code is a download."""
    address = link[2]
    if "://" in address:
        return link[0]
    goal = (page.parent / address).resolve()
    if not goal.is_relative_to(source):
        return link[0]
    inside = goal.relative_to(source).as_posix()
    if inside in OUTSIDE:
        renamed = address.removesuffix(inside) + OUTSIDE[inside]
        return f"{link[1]}{renamed}{link[3]}"
    if not goal.exists() and (ROOT / inside).is_file():
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / inside, goal)
    return link[0]


def contents(source: Path) -> str:
    """Return the tables of contents of the first page, which are shown beside every page."""
    listed = {OUTSIDE["README.md"]}
    made = []

    def section(title: str, pages: Iterable[str]) -> None:
        found = [page for page in pages if page not in listed]
        listed.update(found)
        if found:
            names = "\n".join(page.rpartition(".")[0] for page in found)
            made.append(f"```{{toctree}}\n:hidden:\n:caption: {title}\n:maxdepth: 1\n\n{names}\n```")

    def inside(folder: str) -> list[str]:
        paths = sorted((source / folder).glob("*"))
        return [path.relative_to(source).as_posix() for path in paths if path.suffix in PAGES]

    for title, folder in SECTIONS.items():
        section(title, inside(folder))
    others = sorted({path.parent.relative_to(source).as_posix() for path in (source / "docs").glob("*/*.md")})
    section("The model", [f"{DESCRIPTION}.md", *(page for folder in others for page in inside(folder))])
    section("Results", [*inside("docs"), *inside("figures")])
    section("Reference", ["glossary.md", "api/index.md", "CHANGELOG.md"])
    return "\n\n" + "\n\n".join(made) + "\n"


# --- Pages that are made ---------------------------------------------------------------------------------------------


def glossary() -> str:
    """Return the glossary: what every parameter, measure and outcome means, and its unit."""
    parameters = [(name, item.metadata["unit"], item.metadata["meaning"]) for name, item in DECLARED.items()]
    measures = [(column.name, column.unit, column.meaning) for column in Measures.columns.values()]
    outcomes = [(name, one.unit, one.meaning) for name, one in DECLARED_OUTCOMES.items()]
    parts = ["# Glossary", "What the names in results and settings mean, in alphabetical order."]
    for title, entries in (("Parameters", parameters), ("Measures", measures), ("Outcomes", outcomes)):
        parts.append(f"## {title}")
        parts += [f"`{name}`\n: {meaning}{f' [{unit}]' if unit else ''}" for name, unit, meaning in sorted(entries)]
    return "\n\n".join(parts) + "\n"


def modules(room: str) -> list[str]:
    """Return the names of all modules of a room that have a docstring to show, in order."""
    package = importlib.import_module(f"bubble_abm.{room}")
    found = [package.__name__, *(one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))]
    return [name for name in found if not name.endswith("__main__")]


def write_reference(folder: Path) -> None:
    """Write the pages of the reference: the public names, and the modules of each room."""
    folder.mkdir()
    public = "\n".join(f"   .. autoclass:: {name}" if name[0].isupper() else f"   .. autofunction:: {name}"
                       for name in bubble_abm.__all__)
    (folder / "public.rst").write_text(f"What ``bubble_abm`` offers\n==========================\n\n.. module:: bubble_abm\n\n")
    pages = []
    for room, what in ROOMS.items():
        title = f"``{room}``: {what}"
        text = [title, "=" * len(title), ""]
        for name in modules(room):
            text += [name, "-" * len(name), "", f".. automodule:: {name}", "   :members:", ""]
        (folder / f"{room}.rst").write_text("\n".join(text), encoding="utf-8")
        pages.append(room)
    listed = "\n".join(pages)
    (folder / "index.md").write_text(
        f"# Reference\n\nFrom the docstrings.\n\n```{{toctree}}\n:maxdepth: 2\n\n{listed}\n```\n", encoding="utf-8"
    )


# --- Building --------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Build the site into ``out/site``, or into a folder that is given; a warning is an error."""
    built = Path(arguments[0]) if arguments else BUILT
    with TemporaryDirectory() as folder:
        source = Path(folder).resolve() / "source"
        collect(source)
        sphinx = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-W", "--keep-going"]
        done = subprocess.run([*sphinx, "-c", str(source / "docs"), "-d", f"{folder}/doctrees", str(source), str(built)])
    if done.returncode == 0:
        print(f"written: {built}/index.html")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
