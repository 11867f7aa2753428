"""Tutorials: notebooks that are stored without outputs, and executed for readers and by a test."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bubble_abm.engine.sources import FIGURES, source_hash

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "docs" / "tutorials"
EXECUTED = ROOT / "out" / "tutorials"
MADE_OF = "made_of"  # in the metadata of an executed notebook: what it was made of
LONGEST = 300  # seconds for a cell; the slowest compiles the month
#: Pictures are outputs of cells, also where no screen is expected.
PICTURES = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def tutorials() -> list[Path]:
    """Return the notebooks, in the order in which they are to be read."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def executed(notebook: Path, folder: Path = EXECUTED) -> Path:
    """Return a notebook with the outputs of its cells, which are run unless that was done before.

    Parameters
    ----------
    notebook : Path
        A notebook without outputs.
    folder : Path
        Where executed notebooks are kept. One is executed again when its text, the package or Numba has changed.

    Returns
    -------
    Path
        The executed notebook, in ``folder``.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails, for instance because an ``assert`` in it does not hold.
    """
    import nbformat

    text = notebook.read_bytes()
    made_of = hashlib.sha256(text + source_hash(*FIGURES).encode()).hexdigest()[:16]
    kept = folder / notebook.name
    if kept.exists() and nbformat.read(kept, as_version=4).metadata.get(MADE_OF) == made_of:
        return kept
    book: Any = nbformat.reads(text.decode(), as_version=4)
    run_cells(book, notebook.parent)
    book.metadata[MADE_OF] = made_of
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, kept)
    return kept


def run_cells(book: Any, home: Path) -> None:
    """Run the cells of a notebook in a process of their own, in the folder where it stands."""
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # The kernel is reached through a folder, not through ports, which other users of the machine could reach as well.
    with TemporaryDirectory() as sockets, patch.dict(os.environ, PICTURES):
        kernel = AsyncKernelManager(transport="ipc", ip=f"{sockets}/kernel")
        client = NotebookClient(book, km=kernel, timeout=LONGEST, resources={"metadata": {"path": str(home)}})
        client.execute(cleanup_kc=True)


__all__ = ["executed", "tutorials"]
