"""Pictures to look at: ``python -m tests.browser.pictures --out out/pictures``, or ``make pictures``.

Five moments at the widths of a desk, a tablet and a phone, light and dark: the page as it opens, the ban, the empty
halls, R1, and a policy with its score card; with ``--language zh`` in Chinese. They are looked at, and not kept.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.browser.pages import PATIENCE, chromium_path, opened, served, started

WIDTHS = {1440: 1000, 768: 1024, 390: 844}
THEMES = ("light", "dark")
#: Moments: query of the page, and the part that stands on top of the window; none for the whole page.
MOMENTS = {
    "opening": ("", ""),
    "ban": ("seed=1&month=11&colour=announced", ".moment"),
    "empty_halls": ("seed=1&month=24&colour=idle&province=Gansu", ".moment"),
    "r1": ("seed=1&month=26", ".answer"),
    "policy": ("seed=1&public_register=1&from_public_register=12", ".policies"),
}


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("moments", nargs="*", default=list(MOMENTS), help="moments (default: all five)")
    parser.add_argument("--out", type=Path, default=Path("out/pictures"), help="folder (default: out/pictures)")
    parser.add_argument("--language", default="en", help="language of the words (default: en)")
    chosen = parser.parse_args()
    path = chromium_path()
    if path is None:
        sys.exit("no Chromium: install one or name it in the variable CHROMIUM")
    chosen.out.mkdir(parents=True, exist_ok=True)
    with served() as (address, _), started(path) as browser:
        for moment, (query, part) in ((name, MOMENTS[name]) for name in chosen.moments):
            for width, height in WIDTHS.items():
                for theme in THEMES:
                    link = f"{address}?lang={chosen.language}&{query}"
                    page = opened(browser, link, width=width, height=height, theme=theme, patience=PATIENCE)
                    page.wait_for_selector(".policies table")
                    if part:
                        page.evaluate("part => window.scrollTo(0, document.querySelector(part).offsetTop - 90)", part)
                    page.wait_for_timeout(400)
                    name = f"{moment}_{width}_{theme}.png"
                    page.screenshot(path=chosen.out / name, full_page=not part)
                    page.context.close()
                    print(name, flush=True)


if __name__ == "__main__":
    main()
