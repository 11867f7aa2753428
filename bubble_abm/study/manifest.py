"""Checksums of the files of a result, in ``SHA256SUMS``, which ``sha256sum -c SHA256SUMS`` in its folder checks too.

Each file is listed after it is on the disk. So a listed file that is missing or has another checksum was removed, cut
or changed since, and a file that is not listed was never completed, or is not part of the result.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bubble_abm.economy.declare import InvalidInput
from bubble_abm.study.atomic_writing import read_file, reason, write_file

MANIFEST = "SHA256SUMS"
LARGEST = 200_000_000  # bytes of a list: a million files and more
#: A checksum and a file in the folder of the result, or one level below; hidden files are not part of a result.
LINE = re.compile(r"([0-9a-f]{64})  ((?:[^./][^/]*/)?[^./][^/]*)")


def listed(folder: Path) -> dict[str, str]:
    """Return the checksums that are listed, by name of the file; lines that are not complete count as missing.

    Raises
    ------
    InvalidInput
        If the list is there and cannot be read.
    """
    try:
        lines = read_file(folder / MANIFEST, LARGEST).decode(errors="replace").split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise InvalidInput(f"result = {folder}: its {MANIFEST} cannot be read, {reason(error)}") from None
    return {found[2]: found[1] for line in lines if (found := LINE.fullmatch(line))}


def write(folder: Path, sums: Mapping[str, str]) -> None:
    """Write the list anew."""
    write_file(folder / MANIFEST, "".join(f"{line}  {name}\n" for name, line in sums.items()).encode())


def add(folder: Path, *paths: Path) -> None:
    """List files that are complete; the last line of a file counts."""
    lines = (f"{checksum(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)
    with (folder / MANIFEST).open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def renew(folder: Path, part: str, paths: Iterable[Path] = ()) -> None:
    """List files in place of those that were listed in a folder of the result."""
    kept = {name: line for name, line in listed(folder).items() if not name.startswith(f"{part}/")}
    found = {path.relative_to(folder).as_posix(): checksum(path) for path in paths}
    write(folder, kept | found)


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder that are part of a result."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def checksum(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problem(folder: Path, name: str, sums: Mapping[str, str]) -> str:
    """Return what is wrong with a file that must be there, empty if it is as it was written."""
    path = folder / name
    try:
        if not path.is_file():
            return "is missing"
        if name not in sums:
            return "was never completed"
        return "" if checksum(path) == sums[name] else "was changed since it was written"
    except OSError as error:
        return f"cannot be read, {reason(error)}"


def problems(folder: Path) -> dict[str, str]:
    """Return what is wrong with the files that are listed, by name."""
    sums = listed(folder)
    found = {name: problem(folder, name, sums) for name in sums}
    return {name: text for name, text in found.items() if text}
