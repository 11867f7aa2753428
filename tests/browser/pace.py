"""How fast the page is: ``python -m tests.browser.pace``, or ``make pace``.

Times from opening the page to its charts and its seeds, and from a click to the new run and its bands; how long a step
of the cursor takes to be drawn, and frames while the scrubber is dragged; memory of the server over ten tabs that are
opened and closed, twice.
"""

from __future__ import annotations

import os
import sys
import time

from playwright.sync_api import Browser, Page

from tests.browser.pages import PATIENCE, chromium_path, opened, served, started
from tests.browser.visits import memory

CLICKS = ("no subsidy", "early shock", "public register")  # presets of which the page has no seeds yet
TABS = 10
LATER = 2.0  # seconds until the server has noticed that tabs are closed


def cursor_steps(page: Page) -> list[float]:
    """Seconds between an input of the scrubber and the next picture on the screen, for forty months, sorted."""
    return page.evaluate(
        """async () => {
            const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            const spans = [];
            for (let month = 1; month <= 40; month += 1) {
                const began = performance.now();
                window.dispatchEvent(new CustomEvent('bubble:seek', { detail: month }));
                await frame();
                spans.push((performance.now() - began) / 1000);
            }
            return spans.sort((one, other) => one - other);
        }"""
    )


def frames_while_scrubbing(page: Page) -> list[float]:
    """Seconds between two pictures on the screen while a mouse drags the scrubber through the run and back, sorted."""
    page.evaluate(
        """() => {
            window.frames_seen = [];
            let last = performance.now();
            const frame = (now) => {
                window.frames_seen.push((now - last) / 1000);
                last = now;
                requestAnimationFrame(frame);
            };
            requestAnimationFrame(frame);
        }"""
    )
    room = page.locator(".transport input[type=range]").bounding_box()
    assert room is not None
    x, y, wide = room["x"], room["y"] + room["height"] / 2, room["width"]
    page.mouse.move(x + 8, y)
    page.mouse.down()
    page.mouse.move(x + wide - 8, y, steps=60)
    page.mouse.move(x + wide / 2, y, steps=30)
    page.mouse.up()
    return sorted(page.evaluate("window.frames_seen"))


def in_frames(spans: list[float]) -> str:
    """Describe sorted spans: their median, and what 19 of 20 and all keep to."""
    middle, late = spans[len(spans) // 2], spans[int(0.95 * len(spans))]
    return f"median {middle:.3f} s, 19 of 20 within {late:.3f} s, all {len(spans)} within {spans[-1]:.3f} s"


def memory_of_tabs(browser: Browser, address: str, process: int) -> list[int]:
    """Memory of the server after ten tabs were opened and closed in one window, and after ten more [bytes]."""
    context, sizes = browser.new_context(), []
    context.set_default_timeout(1000 * PATIENCE)
    for _ in range(2):
        for _ in range(TABS):
            page = context.new_page()
            page.goto(address)
            page.wait_for_selector(".answer .over.ready")
            page.close(run_before_unload=True)
            time.sleep(0.3)
        time.sleep(LATER)
        sizes.append(memory(process))
    context.close()
    return sizes


def time_of_opening(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds from opening the page to its charts, and to the answer of its seeds."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(1000 * PATIENCE)
    page, began = context.new_page(), time.monotonic()
    page.goto(address)
    page.wait_for_selector(".charts svg >> nth=0")
    charts = time.monotonic() - began
    page.wait_for_selector(".answer .over.ready")
    context.close()
    return charts, time.monotonic() - began


def time_of_click(page: Page, preset: str) -> tuple[float, float]:
    """Seconds from a click on a preset to its first chart, and to the bands of its fifty seeds."""
    chart = page.locator(".charts.lead svg").first.inner_html()
    began = time.monotonic()
    page.get_by_role("button", name=preset).first.click()
    changed = "before => document.querySelector('.charts.lead svg').innerHTML !== before"
    page.wait_for_function(changed, arg=chart)
    first = time.monotonic() - began
    page.wait_for_selector(".answer progress")
    page.wait_for_selector(".charts.lead .key .band")
    return first, time.monotonic() - began


def main() -> None:
    """Measure, and print a line for each measure."""
    path = chromium_path()
    if path is None:
        sys.exit("no Chromium: install one or name it in the variable CHROMIUM")
    with served() as (address, process), started(path) as browser:
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for _ in range(3):
            print(
                "opened to first chart {:.2f} s, to the answer of fifty seeds {:.2f} s".format(
                    *time_of_opening(browser, address)
                )
            )
        page = opened(browser, address, patience=PATIENCE)
        for preset in CLICKS:
            print(
                "clicked to first chart {:.2f} s, to bands of fifty seeds {:.2f} s".format(*time_of_click(page, preset))
            )
        print("a step of the cursor:", in_frames(cursor_steps(page)))
        print("frames while scrubbing:", in_frames(frames_while_scrubbing(page)))
        page.context.close()
        sizes = ", ".join(f"{size / 1e6:.0f} MB" for size in memory_of_tabs(browser, address, process))
        print(f"memory after {TABS} closed tabs and {TABS} more: {sizes}")
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
