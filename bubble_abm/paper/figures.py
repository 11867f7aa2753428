"""Figures of the paper: found in ``figures/``, made from finished experiments, and made again when either changes.

A file ``figures/figNN_name.py`` declares ``FIGURE = PaperFigure(...)``: the experiments it reads, the tables it shows,
how they are drawn, and a caption whose sentences are checked. It simulates nothing. Beside each figure stand its
tables as CSV and ``figNN_name.json``, which says where it comes from; by that it is known whether it is up to date.
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
from bubble_abm.paper.captions import Sentence, captions_page, checked_caption
from bubble_abm.study.atomic_writing import CannotWrite, plain, reason, write_file, write_json
from bubble_abm.study.batch import checked_workers
from bubble_abm.study.declared_experiments import declared_files, declared_in
from bubble_abm.study.experiment import ECONOMY
from bubble_abm.study.experiment_result import ExperimentResult, result_of
from bubble_abm.study.provenance import MODEL, code_of, versions
from bubble_abm.study.workers import THREADS
from bubble_abm.style.figure import FORMATS, PRINT, save

if TYPE_CHECKING:
    import pandas as pd

CAPTIONS = "captions.md"
PICTURE = 1200  # pixels: width of a picture for a page on a screen


@dataclass(frozen=True, kw_only=True)
class PaperFigure:
    """One figure of the paper, as data.

    Parameters
    ----------
    title : str
        What it shows, in a few words.
    experiments : tuple of str
        The experiments whose results it reads.
    tables : callable
        From the results to the tables it shows, by name; each is written as CSV.
    draw : callable
        From the tables and the results to a Matplotlib figure.
    caption : callable
        From the tables and the results to the sentences of the caption.
    """

    title: str
    experiments: tuple[str, ...]
    tables: Callable[..., dict[str, pd.DataFrame]]
    draw: Callable[..., Any]
    caption: Callable[..., Sequence[Sentence]]


# --- Finding --------------------------------------------------------------------------------------------------------


def files() -> dict[str, Path]:
    """Return the files of the declared figures by name, in order."""
    return declared_files("figures", "fig[0-9][0-9]_*.py")


def chosen(names: Sequence[str]) -> dict[str, Path]:
    """Return the figures of these names or of the numbers they begin with, all of them for none.

    Raises
    ------
    InvalidInput
        If there is no such figure.
    """
    known = files()
    found: dict[str, Path] = {}
    for name in names or known:
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
    """Build figures from the results of their experiments, running those that are missing or stale.

    Parameters
    ----------
    names : sequence of str
        Which figures; all of them for none.
    out, results : Path
        Where the figures go, and where the results of experiments are.
    quick : bool
        Small designs.
    may_run : bool
        Whether experiments may be run.
    tell : callable
        Called with what is to be said.
    workers, executor, scheduler
        Who computes, see :func:`bubble_abm.study.batch.execute`.

    Returns
    -------
    list of str
        The figures that were made; the others were up to date.

    Raises
    ------
    InvalidInput
        If something is unknown, a result cannot be used, or a caption is not true.
    """
    checked_workers(workers, executor)  # even where nothing is left for them to do
    options: dict[str, Any] = {"workers": workers, "executor": executor, "scheduler": scheduler}
    made = []
    known: dict[str, ExperimentResult] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, path in chosen(names).items():
            figure = declared(path)
            for one in figure.experiments:
                if one not in known:
                    known[one] = result_of(one, results, quick=quick, may_run=may_run, tell=tell, **options)
            sources = [known[one] for one in figure.experiments]
            key = key_of(path, sources)
            if not up_to_date(out, name, key):
                make(figure, name, key, sources, out)
                made.append(name)
            tell(f"{name}: {'made' if name in made else 'up to date'}")
        write_file(out / CAPTIONS, captions_page(sidecars(out)).encode())
    except OSError as error:
        raise CannotWrite(f"out = {out}: not written, {reason(error)}") from error
    return made


def key_of(path: Path, sources: Sequence[ExperimentResult]) -> str:
    """Return a fingerprint of everything that a figure depends on: its file, the code, the versions, the results."""
    parts = [hashlib.sha256(path.read_bytes()).hexdigest(), source_hash(*FIGURES), json.dumps(versions())]
    return hashlib.sha256("\n".join([*parts, *(one.fingerprint for one in sources)]).encode()).hexdigest()[:16]


def up_to_date(out: Path, name: str, key: str) -> bool:
    """Whether a figure was made from these very inputs, and all its files are as they were written."""
    try:
        about = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
        return about["key"] == key and all(
            hashlib.sha256((out / file).read_bytes()).hexdigest() == digest for file, digest in about["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def make(figure: PaperFigure, name: str, key: str, sources: Sequence[ExperimentResult], out: Path) -> None:
    """Make one figure: check its caption, then write tables, pictures, and at last where they come from."""
    (out / f"{name}.json").unlink(missing_ok=True)
    tables = figure.tables(*sources)
    quick = any(one.quick for one in sources)
    text, left_out = checked_caption(name, figure.caption(tables, *sources), quick=quick)
    for table, content in tables.items():
        content.to_csv(out / f"{name}_{table}.csv", index=False, lineterminator="\n")
    origin = [origin_of(one) for one in sources]
    short = [{key: value for key, value in one.items() if key != "experiment"} for one in origin]
    about = (figure.title, json.dumps({"model": MODEL, "figure": name, "results": short}, default=plain))
    drawn = figure.draw(tables, *sources)
    for ending in FORMATS:
        save(drawn, out / f"{name}.{ending}", dots=PRINT, about=about)
    written = [*(f"{name}_{table}.csv" for table in tables), *(f"{name}.{ending}" for ending in FORMATS)]
    sidecar = {
        "figure": name, "title": figure.title, "key": key, "form": "quick" if quick else "full", "caption": text,
        "left_out": left_out, "parameters": asdict(Parameters()), "code": code_of(ECONOMY),
        "versions": versions(),
        "results": origin, "files": {file: hashlib.sha256((out / file).read_bytes()).hexdigest() for file in written},
    }  # fmt: skip
    write_json(out / f"{name}.json", sidecar)


def origin_of(source: ExperimentResult) -> dict[str, Any]:
    """Return where a result comes from, for the metadata of a figure."""
    kept = ("experiment", "design", "runs", "code", "versions", "processor", "commit")
    about = {name: source.identity.get(name) for name in kept}
    plan = source.experiment
    seeds = [plan.first_seed, plan.first_seed + plan.seeds - 1]
    return {"name": plan.name} | about | {"seeds": seeds, "months": plan.months, "data": source.fingerprint}


def sidecars(out: Path) -> Iterator[Mapping[str, Any]]:
    """Return what stands beside each declared figure that has been made."""
    for name in files():
        if (path := out / f"{name}.json").exists():
            yield json.loads(path.read_text(encoding="utf-8"))


def publish(out: Path, home: Path, pictures: Mapping[str, Path]) -> None:
    """Copy the captions into the folder of figures, and small pictures of some of them into the documentation.

    Parameters
    ----------
    out : Path
        Where the figures are.
    home : Path
        Folder of the figures' files.
    pictures : mapping of str to Path
        Figures, and where their pictures go.
    """
    from PIL import Image

    write_file(home / CAPTIONS, (out / CAPTIONS).read_bytes())
    for name, target in pictures.items():
        with Image.open(out / f"{name}.png") as image:
            size = (PICTURE, round(image.height * PICTURE / image.width))
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            target.parent.mkdir(parents=True, exist_ok=True)
            small.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
