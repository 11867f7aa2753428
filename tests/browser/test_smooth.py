"""Playing stays smooth: frames come in time, memory does not grow, ten pages at once each with their own run."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings
from tests.browser.pace import TABS, cursor_steps, frames_while_scrubbing, in_frames, memory_of_tabs
from tests.browser.visits import memory

FRAME = 0.1  # seconds for a step of the cursor on a busy machine
GROWTH = 20e6  # bytes that the server may gain in two rounds of runs; less than 1 MB was measured
CHANGES = 12  # runs in a round
LEFT = 10e6  # bytes that ten closed tabs may leave; less than 1 MB was measured


def test_the_cursor_moves_within_a_frame(visit, record_property):
    """Between an input of the scrubber and the next picture on the screen."""
    page = visit("month=0")
    spans = cursor_steps(page)
    record_property("median", spans[20])
    print("\na step of the cursor:", in_frames(spans))
    assert spans[20] < FRAME


def test_frames_come_in_time_while_the_scrubber_is_dragged(visit, record_property):
    """Between two pictures on the screen while a mouse drags the scrubber through the whole run and back."""
    page = visit("month=0")
    spans = frames_while_scrubbing(page)
    expect(page.locator(".moment-month")).not_to_have_text("Start")
    record_property("median", spans[len(spans) // 2])
    print("\nframes while scrubbing:", in_frames(spans))
    assert spans[len(spans) // 2] < FRAME


def test_memory_does_not_grow_from_run_to_run(visit, site, record_property):
    page = visit("months=60")
    sizes = []
    for _ in range(3):
        for _ in range(CHANGES):
            before = page.locator(".moment p").inner_text()
            page.get_by_role("button", name="other luck").click()
            expect(page.locator(".moment p")).not_to_have_text(before)
        sizes.append(memory(site[1]))
    record_property("memory", sizes)
    said = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
    print(f"\nmemory after each round of {CHANGES} runs {said} MB")
    assert sizes[-1] - sizes[0] < GROWTH


def test_ten_pages_at_once_each_show_their_own_run(visit):
    began = time.monotonic()
    pages = [visit(f"months=12&seed={seed}") for seed in range(1, TABS + 1)]
    for seed, page in enumerate(pages, start=1):
        run = watch(Settings(seed=seed, months=12))
        expect(page.locator(".moment")).to_contain_text(f"{run.series['rent_per_server'][-1]:,.0f} CNY a month")
    print(f"\nten pages opened and drawn in {time.monotonic() - began:.1f} s")


def test_closed_tabs_leave_nothing_behind(browser, site, visit):
    visit()  # whatever the first visit loads stays for all others
    sizes = memory_of_tabs(browser, *site)
    print(f"\nmemory after {TABS} closed tabs {sizes[0] / 1e6:.0f} MB, after {2 * TABS} {sizes[1] / 1e6:.0f} MB")
    assert sizes[1] - sizes[0] < LEFT
