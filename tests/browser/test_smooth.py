"""Playing stays smooth: frames no slower at the end, memory no larger, ten pages at once each with its own run."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from bubble_abm.page.session import WatchedModel
from playwright.sync_api import expect

from bubble_abm.economy.outside import label
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.page.settings import Settings

SLOWER = 2.0  # how much longer than in its first year the last year of a run may take to draw
GROWTH = 80e6  # bytes that the server may gain in two standard runs; 36 MB were measured, most of it given back late
TABS = 10


def memory(process):
    """Resident memory of a process [bytes]."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        pytest.skip("memory of another process is read from /proc, which this system does not have")
    return 1024 * int(status.read_text().partition("VmRSS:")[2].split()[0])


def played(page):
    """Play to the end: the moments at which new months were drawn [seconds]."""
    page.evaluate(
        """() => {
            if (window.frames_watch) window.frames_watch.disconnect();
            window.frames_seen = [];
            window.frames_watch = new MutationObserver(() => window.frames_seen.push(performance.now() / 1000));
            const month = document.querySelector('.story-month');
            window.frames_watch.observe(month, { childList: true, characterData: true, subtree: true });
        }"""
    )
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".story-month")).to_have_text(label(STANDARD_MONTHS - 1), timeout=110_000)
    return page.evaluate("window.frames_seen")


def test_months_are_drawn_as_fast_at_the_end_and_nothing_grows(visit, site, record_property):
    page = visit()
    sizes, frames = [], []
    for _ in range(3):
        seen = played(page)
        frames.append([later - earlier for earlier, later in itertools.pairwise(seen)])
        sizes.append(memory(site[1]))
        page.get_by_role("button", name="Reset").click()
        expect(page.locator(".story-month")).to_have_text("Start")
    first, last = (sorted(frames[-1][part])[6] for part in (slice(0, 12), slice(-12, None)))  # medians of a year
    for name, value in (("first", first), ("last", last), ("memory", sizes)):
        record_property(name, value)
    said = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
    print(f"\nmedian frame {first:.3f} s at first, {last:.3f} s at last; memory after each run {said} MB")
    assert last < SLOWER * first
    assert sizes[-1] - sizes[0] < GROWTH


def test_ten_pages_at_once_each_play_their_own_run(visit):
    pages = [visit(f"months=12&seed={seed}") for seed in range(1, TABS + 1)]
    began = time.monotonic()
    for page in pages:
        page.get_by_role("button", name="Play").click()
    for seed, page in enumerate(pages, start=1):
        expect(page.locator(".story-month")).to_have_text("Dec 2023", timeout=120_000)
        model = WatchedModel(Settings(seed=seed, months=12), until=12)
        assert f"{model.rent_per_server:,.0f} CNY a month" in page.locator(".story").inner_text()
    print(f"\nten pages played twelve months each in {time.monotonic() - began:.1f} s")
