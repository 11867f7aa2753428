"""Whether closed pages leave anything behind: ``python -m tests.browser.visits --visits 1000``, or ``make visits``.

Each visit opens the page in a browser, moves the cursor, changes the seed, changes the language and closes the page.
The memory of the server is read after every tenth of the visits, when what is left of them has been discarded. Ends
with 1 if in the second half it grows by more than a megabyte for every hundred visits, besides what it wanders by.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.pages import chromium_path, served, started

WARM = 10  # visits after which everything that stays for all visitors is there
ROUND = 50  # visits in one profile of the browser, which keeps things of its own
LEAST, WANDER = 1e4, 5e6  # bytes that a visit may leave, and by which the memory of a process wanders by itself
LATER = 5.0  # seconds after the last page until the server has noticed that it is closed


def memory(process: int) -> int:
    """Resident memory of a process [bytes]."""
    status = Path(f"/proc/{process}/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


def threads(process: int) -> int:
    """Number of threads of a process."""
    return int(Path(f"/proc/{process}/status").read_text().partition("Threads:")[2].split()[0])


def visit(browser: Browser, address: str, count: int) -> None:
    """Visit the page some times in one profile."""
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    context.set_default_timeout(120_000)
    for number in range(count):
        page = context.new_page()
        page.goto(f"{address}?seed={1 + number % 7}")
        page.wait_for_selector(".answer .over.ready")
        page.evaluate("window.dispatchEvent(new CustomEvent('bubble:seek', { detail: 20 }))")
        page.locator(".few button").click()
        page.locator(".languages button").nth(1).click()
        page.wait_for_selector("html[lang=zh]")
        page.close(run_before_unload=True)
    context.close()


def main() -> None:
    """Visit, and tell what the server has kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1000, metavar="N", help="visits to measure (default: 1000)")
    visits = max(parser.parse_args().visits, 2)
    path = chromium_path()
    if path is None:
        sys.exit("no Chromium: install one or name it in the variable CHROMIUM")
    with served() as (address, process), started(path) as browser:
        visit(browser, address, WARM)
        time.sleep(LATER)
        sizes, done, began = [memory(process)], [0], time.monotonic()
        print(f"after {WARM} visits: {sizes[0] / 1e6:.0f} MB, {threads(process)} threads", flush=True)
        while done[-1] < visits:
            part = min(max(visits // 10, 1), visits - done[-1])
            for first in range(0, part, ROUND):
                visit(browser, address, min(ROUND, part - first))
            time.sleep(LATER)
            sizes.append(memory(process))
            done.append(done[-1] + part)
            print(f"{done[-1]} more: {sizes[-1] / 1e6:.0f} MB, {threads(process)} threads", flush=True)
    half = len(sizes) // 2
    late, after = sizes[-1] - sizes[half], done[-1] - done[half]
    took = time.monotonic() - began
    print(f"{visits} visits in {took:.0f} s: {(sizes[-1] - sizes[0]) / visits / 1e3:+.1f} kB a visit, ", end="")
    print(f"{late / after / 1e3:+.1f} kB in the second half")
    sys.exit(late > WANDER + LEAST * after)


if __name__ == "__main__":
    main()
