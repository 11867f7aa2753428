"""Folders of results that somebody has edited."""

import json

from bubble_abm.study.manifest import checksum, listed, write


def resealed(folder):
    """List the files of a result as they are now, as somebody would who edits a result and its checksums."""
    there = {name: checksum(folder / name) for name in listed(folder) if (folder / name).is_file()}
    write(folder, there)
    return folder


def changed_provenance(folder, name="experiment.json", **values):
    """Change entries of the provenance, and its checksum."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    resealed(folder)
