"""Writing so that a reader finds a file, or a folder, complete or as it was before, whatever interrupts the writer."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np


class CannotWrite(OSError):
    """The disk refused; whatever was there before is still there."""


def reason(error: OSError) -> str:
    """Say in a few words why the system refused."""
    return (error.strerror or str(error)).lower()


# --- A file ---------------------------------------------------------------------------------------------------------


def write_file(path: Path, content: bytes) -> None:
    """Write a file under another name, have the disk sync it, and rename it."""
    staging = path.with_name(f".{path.name}.tmp")
    try:
        with open(staging, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staging.replace(path)
    except BaseException:
        with suppress(OSError):
            staging.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as JSON, those of NumPy included."""
    text = json.dumps(values, indent=2, allow_nan=False, ensure_ascii=False, default=plain)
    write_file(path, f"{text}\n".encode())


def plain(value: Any) -> Any:
    """Return what JSON can hold of a value of NumPy or of a mapping that cannot be changed."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} cannot be written as JSON")


def write_table(path: Path, columns: Mapping[str, Any]) -> None:
    """Write a table as Parquet, lists of texts and arrays by column: the same values give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    table = pa.Table.from_arrays([arrow(values) for values in columns.values()], names=list(columns))
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    write_file(path, sink.getvalue().to_pybytes())


def arrow(values: Any) -> Any:
    """Return a column as Arrow keeps it: numbers from their bytes, because given an array it would import pandas."""
    import pyarrow as pa

    if isinstance(values, list):
        return pa.array(values, pa.string())
    if values.dtype.kind == "b":
        return pa.array(values)
    kind = pa.timestamp("ms") if values.dtype.kind == "M" else pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values).tobytes())])


# --- A folder -------------------------------------------------------------------------------------------------------


@contextmanager
def complete_folder(folder: Path, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write into that takes its place only when everything is on the disk.

    Notes
    -----
    At any interruption there is the old result or none under the folder's name, never half of one: files go into a
    hidden sibling, are flushed to the disk, and the sibling is renamed. Between the two renames of an overwrite the old
    result is a hidden sibling whose name ends in ``.old``.
    """
    folder = Path(os.path.realpath(folder))
    missing = [parent for parent in folder.parents if not parent.exists()]
    staging: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        yield staging
        staging.chmod(0o777 & ~current_umask())
        flush(staging)
        take_place(staging, folder, overwrite)
    except BaseException as error:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for parent in missing:
            with suppress(OSError):  # somebody else's by now, or never made
                parent.rmdir()
        if isinstance(error, OSError):
            raise CannotWrite(f"out = {folder}: not written, {reason(error)}") from error
        raise


def flush(folder: Path) -> None:
    """Have the disk sync every file of a folder, then the folder."""
    for path in (*folder.iterdir(), folder):
        sync(path)


def sync(path: Path) -> None:
    """Have the disk sync that a file or a folder is as it was written."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take_place(staging: Path, folder: Path, overwrite: bool) -> None:
    """Rename the written folder to its name; an old result steps aside first and comes back if that fails."""
    if not overwrite or not folder.exists():
        staging.rename(folder)  # fails on a folder that has been filled meanwhile
        return
    aside = staging.with_name(f"{staging.name}.old")
    folder.rename(aside)
    try:
        staging.rename(folder)
    except BaseException:
        if not folder.exists():
            aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def current_umask() -> int:
    """Return the mask of permissions for new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
