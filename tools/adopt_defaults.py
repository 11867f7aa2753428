"""Make the most central member of the shipped ensemble the defaults: ``python tools/adopt_defaults.py``.

Values are rounded to three digits. In the declarations of ``bubble_abm/economy`` the first value changes, and for
uncertain parameters that declare what is plausible this, too: where nine of ten members lie, stretched to the default.
What follows from it (golden numbers, measured tables, generated pages, pictures) is renewed by commands of their own,
which docs/how-to/defaults.md lists.
"""

import re
from pathlib import Path

import numpy as np

from bubble_abm.economy.declare import checked
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.study.ensemble import Ensemble, rounded

ECONOMY = Path(__file__).parents[1] / "bubble_abm" / "economy"
DECLARATION = re.compile(r"^    (\w+): float = parameter\(\n\s+([-+.\w]+),.*?\n(?=    \S|\n)", re.MULTILINE | re.DOTALL)
PLAUSIBLE = re.compile(r"plausible=\([^)]*\)")
NINE_TENTHS = (0.05, 0.95)


def written(value: float) -> str:
    """Write a number as the declarations do.

    Examples
    --------
    >>> written(12300.0), written(6.17e9), written(0.0457), written(1e-05)
    ('12_300.0', '6.17e9', '0.0457', '1e-05')
    """
    return f"{value:_}" if value == 0.0 or 1e-4 <= abs(value) < 1e6 else f"{value:g}".replace("e+0", "e")


def main() -> None:
    """Rewrite the declarations."""
    ensemble = Ensemble.load()
    wanted = rounded(ensemble.values_of(ensemble.central))
    ends = zip(*np.quantile(ensemble.values, NINE_TENTHS, axis=0).tolist(), strict=True)
    ranges = {name: rounded({"low": low, "high": high}) for name, (low, high) in zip(ensemble.names, ends, strict=True)}
    for name, value in wanted.items():
        checked(DECLARED[name], value)
    left = dict(wanted)

    def replaced(match: re.Match[str]) -> str:
        name, old, text = match[1], match[2], match[0]
        if name not in left:
            return text
        value, item = left.pop(name), DECLARED[name]
        if value != item.default:
            print(f"{name}: {old} -> {written(value)}")
            text = text.replace(f"{old},", f"{written(value)},", 1)
        if item.metadata["role"] == "uncertain":
            low, high = min(ranges[name]["low"], value), max(ranges[name]["high"], value)
            text = PLAUSIBLE.sub(f"plausible=({written(low)}, {written(high)})", text)
        return text

    for path in sorted(ECONOMY.rglob("*.py")):
        path.write_text(DECLARATION.sub(replaced, path.read_text(encoding="utf-8")), encoding="utf-8")
    if left:
        raise SystemExit(f"not found in the declarations: {', '.join(left)}")


if __name__ == "__main__":
    main()
