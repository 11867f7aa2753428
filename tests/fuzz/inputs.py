"""Inputs that a user, or a stranger, may hand over: nearly valid ones, and anything at all."""

import copy
import json
import math

from hypothesis import strategies as st

from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.scenario import KEYS

WORDS = (
    *KEYS,
    "month",
    "until",
    "value",
    "parameter",
    "efficiency",
    "openness",
    "imitation",
    "shock",
    "colour",
    "province",
)
NAMES = st.sampled_from((*WORDS, *DECLARED)) | st.text(max_size=8)
HUGE = (2**31, 2**63 - 1, 2**63, 10**30, -(10**30), 10**400)
NUMBERS = st.integers(-3, 200) | st.sampled_from(HUGE) | st.floats()
TEXTS = (
    st.sampled_from(("", "nan", "inf", "on", "off", "latin", "sobol", "a:b", "1e400", "\0", "\x1b[31m", "x" * 300))
    | st.text()
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS | NAMES
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


# --- TOML -----------------------------------------------------------------------------------------------------------


def written(value):
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else str(value).replace("infinity", "inf")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(str(name))} = {written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps("" if value is None else value, ensure_ascii=True)


@st.composite
def scenario_files(draw):
    """A scenario file: mostly tables and keys as they should be, with values that may be anything."""
    lines = [f"{name} = {written(draw(VALUES))}" for name in draw(st.lists(st.sampled_from(KEYS[:4]), unique=True))]
    if draw(st.booleans()):
        values = draw(st.dictionaries(st.sampled_from(tuple(DECLARED)), NUMBERS | VALUES, max_size=3))
        lines += ["[parameters]", *(f"{name} = {written(value)}" for name, value in values.items())]
    for table in draw(st.lists(st.sampled_from(("shocks", "changes")), max_size=2)):
        entry = draw(st.dictionaries(st.sampled_from(WORDS), NUMBERS | VALUES, max_size=5))
        lines += [f"[[{table}]]", *(f"{name} = {written(value)}" for name, value in entry.items())]
    content = "\n".join(lines).encode(errors="replace")
    if draw(st.booleans()):
        return content
    place = draw(st.integers(0, len(content)))
    return content[:place] + draw(st.binary(max_size=4)) + content[place + draw(st.integers(0, 4)) :]


# --- Addresses of the page --------------------------------------------------------------------------------------------

PIECES = st.tuples(NAMES, st.sampled_from(("=", "", "==", "%3D")), NUMBERS.map(repr) | TEXTS).map("".join)
LINKS = st.lists(PIECES, max_size=5).map("&".join) | st.text()


# --- Descriptions of experiments --------------------------------------------------------------------------------------


def places(value, before=()):
    """The way to every entry of nested lists and tables."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*before, key)
        yield from places(inner, (*before, key))


@st.composite
def edited(draw, description):
    """A description some of whose entries are replaced, left out or joined by others."""
    found = copy.deepcopy(description)
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(found))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        inner = found
        for key in way:
            inner = inner[key]
        action = draw(st.sampled_from(("replace", "replace", "leave out", "add")))
        if action == "leave out":
            del inner[last]
        elif action == "add" and isinstance(inner, dict):
            inner[draw(NAMES)] = draw(VALUES)
        else:
            inner[last] = draw(VALUES)
    return found
