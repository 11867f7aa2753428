"""Atomic writing: after any interruption, a file or folder is either complete or as it was before."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from bubble_abm.economy.declare import InvalidInput

LONGEST = 40  # characters of a folder's name in that of its temporary folder, which may have 255 bytes


class CannotWrite(OSError):
    """A file could not be written; what was there before is unchanged."""


def reason(error: OSError) -> str:
    """Return the reason of a system error in a few words."""
    return (error.strerror or str(error)).lower()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn an error of the system while a folder is written to into :class:`CannotWrite`."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(f"out = {folder}: cannot be written, {reason(error)}") from error


# --- A file ---------------------------------------------------------------------------------------------------------


def write_file(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, flush it to the disk, and rename it."""
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


def save_text(path: Path, text: str) -> None:
    """Write a text, with the folders above it; an error of the system is told as :class:`CannotWrite`."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text.encode())


def read_file(path: Path, largest: int) -> bytes:
    """Read a file that somebody may have replaced: a pipe or a device, which may have no end, is refused."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a file")
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, "too large")
    return content


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values, including those of NumPy, as JSON."""
    text = json.dumps(values, indent=2, allow_nan=False, ensure_ascii=False, default=plain)
    write_file(path, f"{text}\n".encode())


def plain(value: Any) -> Any:
    """Convert a value of NumPy, or a read-only mapping, to one that JSON can represent."""
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} cannot be written as JSON")


def write_table(path: Path, columns: Mapping[str, Any], about: Mapping[str, str] | None = None) -> None:
    """Write columns, which are lists of strings or arrays, as Parquet; the same values give the same bytes.

    Parameters
    ----------
    path : Path
        The file.
    columns : mapping of str to list of str or ndarray
        The columns.
    about : mapping of str to str, optional
        What the file says of itself.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    table = pa.Table.from_arrays([arrow(values) for values in columns.values()], names=list(columns))
    table = table.replace_schema_metadata(about) if about else table
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    write_file(path, sink.getvalue().to_pybytes())


def arrow(values: Any) -> Any:
    """Return a column as an Arrow array, made from bytes because Arrow imports pandas to convert a NumPy array."""
    import pyarrow as pa

    if isinstance(values, list):
        return pa.array(values, pa.string())
    if values.dtype.kind == "b":
        return pa.array(values)
    kind = pa.timestamp("ms") if values.dtype.kind == "M" else pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values).tobytes())])


# --- A folder -------------------------------------------------------------------------------------------------------


def check_writable(folder: Path) -> None:
    """Refuse, before anything is computed, a folder that cannot be made or written to; nothing is left behind.

    Raises
    ------
    InvalidInput
        If its name is not UTF-8 or too long, or it cannot be written to.
    """
    home = Path(os.path.realpath(folder))
    try:
        str(home).encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"out = {folder}: its whole path is not UTF-8, give another folder") from None
    missing = [path for path in (home, *home.parents) if not os.path.lexists(path)]
    try:
        home.mkdir(parents=True, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(prefix=".bubble_abm.", dir=home))
    except OSError as error:
        raise InvalidInput(f"out = {folder}: cannot be written, {reason(error)}; give another folder") from None
    finally:
        for path in missing:
            with suppress(OSError):  # it was never made, or another process uses it by now
                path.rmdir()


@contextmanager
def complete_folder(folder: Path, overwrite: bool) -> Iterator[Path]:
    """Provide a temporary folder to write to, which is renamed to ``folder`` when all files are on the disk.

    Notes
    -----
    After any interruption, ``folder`` is the complete old result or does not exist. Files are written to a hidden
    folder beside it and flushed to the disk; then that folder is renamed. Between the two renames of an overwrite, the
    old result is a hidden folder whose name ends in ``.old``.
    """
    folder = Path(os.path.realpath(folder))
    missing = [parent for parent in folder.parents if not parent.exists()]
    staging: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name[:LONGEST]}.", dir=folder.parent))
        yield staging
        staging.chmod(0o777 & ~current_umask())
        flush(staging)
        take_place(staging, folder, overwrite)
    except BaseException as error:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for parent in missing:
            with suppress(OSError):  # another process uses it by now, or it was never made
                parent.rmdir()
        if isinstance(error, OSError):
            raise CannotWrite(f"out = {folder}: cannot be written, {reason(error)}") from error
        raise


def flush(folder: Path) -> None:
    """Flush every file of a folder to the disk, then the folder."""
    for path in (*folder.iterdir(), folder):
        sync(path)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take_place(staging: Path, folder: Path, overwrite: bool) -> None:
    """Rename the written folder; an old result is renamed first, and renamed back if that fails."""
    if not overwrite or not folder.exists():
        staging.rename(folder)  # fails if the folder is no longer empty
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
    """Return the umask of this process, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
