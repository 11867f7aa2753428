"""Figures of the paper, declared in ``figures/``: built from finished experiments, and again when either changes.

A file ``figures/figNN_name.py`` declares ``FIGURE = PaperFigure(...)``: the experiments that it reads, the tables that
it shows, how they are drawn, and a caption whose sentences are checked. It simulates nothing. Each figure is written
together with its tables as CSV and its provenance as ``figNN_name.json``, which shows whether it is up to date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bubble_abm.economy.declare import InvalidInput, unknown_name
from bubble_abm.economy.parameters import Parameters
from bubble_abm.engine.sources import FIGURES, source_hash
from bubble_abm.paper.captions import Sentence, captions_page, checked_caption, pictures_page
from bubble_abm.study.atomic_writing import CannotWrite, check_writable, plain, reason, write_file, write_json
from bubble_abm.study.batch import checked_workers
from bubble_abm.study.declared_experiments import declared_files, declared_in
from bubble_abm.study.experiment import ECONOMY
from bubble_abm.study.experiment_result import ExperimentResult, result_of
from bubble_abm.study.provenance import MODEL, code_of, versions
from bubble_abm.study.workers import THREADS
from bubble_abm.style.figure import FORMATS, PRINT, save, stamp

if TYPE_CHECKING:
    import pandas as pd

CAPTIONS = "captions.md"
PICTURES = "figures.html"
QUICK = "QUICK"  # stamped on figures from small designs
PICTURE = 1200  # width of pictures in the documentation [pixels]


@dataclass(frozen=True, kw_only=True)
class PaperFigure:
    """The declaration of one figure of the paper.

    Parameters
    ----------
    title : str
        Topic of the figure, for lists.
    experiments : tuple of str
        Names of the experiments whose results it reads.
    tables : callable
        Function of the results that returns the tables by name; each is written as CSV.
    draw : callable
        Function of the tables and the results that returns a Matplotlib figure.
    caption : callable
        Function of the tables and the results that returns the sentences of the caption.
    message : callable, optional
        Function of the tables that returns what the figure says, which is also its title; the topic by default.
    seen : str
        What kind of picture it is, for those who cannot see it.
    supplement : bool
        Whether it belongs into the supplement.
    """

    title: str
    experiments: tuple[str, ...]
    tables: Callable[..., dict[str, pd.DataFrame]]
    draw: Callable[..., Any]
    caption: Callable[..., Sequence[Sentence]]
    message: Callable[[Mapping[str, pd.DataFrame]], str] | None = None
    seen: str = ""
    supplement: bool = False

    def says(self, tables: Mapping[str, pd.DataFrame]) -> str:
        """Return the message of the figure, given its tables."""
        return self.title if self.message is None else self.message(tables)


# --- Finding --------------------------------------------------------------------------------------------------------


def files() -> dict[str, Path]:
    """Return the files of the declared figures by name, in order."""
    return declared_files("figures", "fig[0-9][0-9]_*.py")


def chosen(names: Sequence[str]) -> dict[str, Path]:
    """Return the figures with these names or numbers, or in these files; all declared figures if none are given.

    Raises
    ------
    InvalidInput
        If there is no such figure, or two have the same name.
    """
    known = files()
    found: dict[str, Path] = {}
    for name in names or known:
        if name.endswith(".py"):
            path = Path(name)
            if found.setdefault(path.stem, path).resolve() != path.resolve() or path.resolve() != (
                known.get(path.stem, path).resolve()
            ):
                raise InvalidInput(f"figure {name}: another figure is called {path.stem!r}: rename the file")
            continue
        matches = [stem for stem in known if name in (stem, stem.partition("_")[0], stem[3:5], stem[3:5].lstrip("0"))]
        if not matches:
            raise InvalidInput(unknown_name("figure", name, known))
        found[matches[0]] = known[matches[0]]
    return dict(sorted(found.items()))


def declared(path: Path) -> PaperFigure:
    """Return the figure that a file declares under the name ``FIGURE``."""
    return declared_in(path, "FIGURE", PaperFigure)


# --- Building -------------------------------------------------------------------------------------------------------


def build(
    names: Sequence[str] = (),
    *,
    out: Path = Path("out/figures"),
    results: Path = Path("out"),
    quick: bool = False,
    may_run: bool = True,
    tell: Callable[[str], None] = print,
    workers: int | None = None,
    executor: str = THREADS,
    scheduler: str | None = None,
) -> list[str]:
    """Build figures from the results of their experiments, running experiments that are missing or stale.

    Parameters
    ----------
    names : sequence of str
        Names of the figures; all figures by default.
    out, results : Path
        Folder of the figures, and folder of the results of experiments.
    quick : bool
        Use the quick forms of experiments.
    may_run : bool
        Whether experiments may be run.
    tell : callable
        Called with each message.
    workers, executor, scheduler
        See :func:`bubble_abm.study.batch.execute`.

    Returns
    -------
    list of str
        The figures that were built; the others were up to date.

    Raises
    ------
    InvalidInput
        If a name is unknown, a result cannot be used, or a caption is not true.
    """
    checked_workers(workers, executor)  # even if no experiment has to be run
    options: dict[str, Any] = {"workers": workers, "executor": executor, "scheduler": scheduler}
    asked = chosen(names)
    check_writable(out)
    made = []
    known: dict[str, ExperimentResult] = {}
    try:
        for name, path in asked.items():
            figure = declared(path)
            for one in figure.experiments:
                if one not in known:
                    known[one] = result_of(one, results, quick=quick, may_run=may_run, tell=tell, **options)
            sources = [known[one] for one in figure.experiments]
            key = key_of(path, sources)
            out.mkdir(parents=True, exist_ok=True)
            if not up_to_date(out, name, key):
                make(figure, name, key, sources, out)
                made.append(name)
            tell(f"{name}: {'built' if name in made else 'up to date'}")
        about = list(sidecars(out))
        write_file(out / CAPTIONS, captions_page(about).encode())
        write_file(out / PICTURES, pictures_page(about).encode())
    except OSError as error:
        raise CannotWrite(f"out = {out}: cannot be written, {reason(error)}") from error
    return made


def key_of(path: Path, sources: Sequence[ExperimentResult]) -> str:
    """Return a hash of everything that a figure depends on: its file, the code, the versions and the results."""
    parts = [hashlib.sha256(path.read_bytes()).hexdigest(), source_hash(*FIGURES), json.dumps(versions())]
    return hashlib.sha256("\n".join([*parts, *(one.fingerprint for one in sources)]).encode()).hexdigest()[:16]


def up_to_date(out: Path, name: str, key: str) -> bool:
    """Whether a figure was built from the same inputs, and its files have not been changed."""
    try:
        about = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
        return about["key"] == key and all(
            hashlib.sha256((out / file).read_bytes()).hexdigest() == digest for file, digest in about["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def make(figure: PaperFigure, name: str, key: str, sources: Sequence[ExperimentResult], out: Path) -> None:
    """Build one figure: check its caption, write its tables and pictures, and finally its provenance."""
    (out / f"{name}.json").unlink(missing_ok=True)
    tables = figure.tables(*sources)
    quick = any(one.quick for one in sources)
    text, left_out = checked_caption(name, figure.caption(tables, *sources), quick=quick)
    for table, content in tables.items():
        content.to_csv(out / f"{name}_{table}.csv", index=False, lineterminator="\n")
    origin = [origin_of(one) for one in sources]
    short = [{key: value for key, value in one.items() if key != "experiment"} for one in origin]
    message = figure.says(tables)
    alternative = " ".join([f"{message}.", *([figure.seen] if figure.seen else []), text])
    about = (message, json.dumps({"model": MODEL, "figure": name, "results": short}, default=plain))
    drawn = figure.draw(tables, *sources)
    if quick:
        stamp(drawn, QUICK)
    for ending in FORMATS:
        save(drawn, out / f"{name}.{ending}", dots=PRINT, about=about, alternative=alternative)
    written = [*(f"{name}_{table}.csv" for table in tables), *(f"{name}.{ending}" for ending in FORMATS)]
    sidecar = {
        "figure": name, "title": figure.title, "message": message, "alternative": alternative,
        "supplement": figure.supplement, "key": key, "form": "quick" if quick else "full", "caption": text,
        "left_out": left_out, "parameters": asdict(Parameters()), "code": code_of(ECONOMY),
        "versions": versions(),
        "results": origin, "files": {file: hashlib.sha256((out / file).read_bytes()).hexdigest() for file in written},
    }  # fmt: skip
    write_json(out / f"{name}.json", sidecar)


def origin_of(source: ExperimentResult) -> dict[str, Any]:
    """Return the provenance of a result, for the metadata of a figure."""
    kept = ("experiment", "design", "runs", "code", "versions", "processor", "commit")
    about = {name: source.identity.get(name) for name in kept}
    plan = source.experiment
    seeds = [plan.first_seed, plan.first_seed + plan.seeds - 1]
    return {"name": plan.name} | about | {"seeds": seeds, "months": plan.months, "data": source.fingerprint}


def sidecars(out: Path) -> Iterator[Mapping[str, Any]]:
    """Return the metadata of each figure that has been built in a folder, those of the paper first."""
    declared_ones = list(files())
    own = sorted({path.stem for path in out.glob("*.json")} - set(declared_ones))
    for name in (*declared_ones, *own):
        if (path := out / f"{name}.json").exists():
            about = json.loads(path.read_text(encoding="utf-8"))
            if about.get("figure") == name:
                yield about


def publish(out: Path, home: Path, pictures: Mapping[str, Path]) -> None:
    """Copy the captions to the folder of declared figures, and small pictures of some figures to the documentation.

    Parameters
    ----------
    out : Path
        Folder of the built figures.
    home : Path
        Folder of the declared figures.
    pictures : mapping of str to Path
        Names of figures, and files for their pictures.
    """
    from PIL import Image

    write_file(home / CAPTIONS, (out / CAPTIONS).read_bytes())
    for name, target in pictures.items():
        with Image.open(out / f"{name}.png") as image:
            size = (PICTURE, round(image.height * PICTURE / image.width))
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            target.parent.mkdir(parents=True, exist_ok=True)
            small.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
