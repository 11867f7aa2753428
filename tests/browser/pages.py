"""A real Chromium, the page's own server, and screenshots small enough to be kept and compared."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, expect, sync_playwright

REFERENCE = Path(__file__).parent / "reference"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
NOWHERE = "http://127.0.0.1:9"  # nobody listens: whatever the server fetches from the internet fails
PATIENCE = 180.0  # seconds for the first compilation on a busy machine
OF_SOLARA = "Failed to evaluate Vue script"  # its navigator.vue says modules instead of module, without effect
BLUR = 3  # pixels of the small picture
SMALL = (240, 160)

#: Pages whose looks are compared: query, width, height, theme.
SHOTS = {
    "desktop_light": ("month=30&province=Beijing", 1440, 960, "light"),
    "desktop_dark": ("month=30&province=Beijing", 1440, 960, "dark"),
    "desktop_start": ("", 1440, 960, "light"),
    "phone_light": ("month=30", 390, 844, "light"),
    "phone_dark": ("month=30", 390, 844, "dark"),
}  # fmt: skip


def chromium_path() -> str | None:
    """Where a Chromium is: the variable CHROMIUM, the PATH, or Playwright's own."""
    found = os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The page as ``bubble-abm view`` serves it, cut off from the internet: its address and the process."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    proxies = {name: NOWHERE for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")}
    command = [sys.executable, "-m", "bubble_abm", "view", "--no-open", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **proxies, "NO_PROXY": "", "no_proxy": ""})
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_for(address, process)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the page answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        try:
            with opener.open(f"{address}readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"no page within {PATIENCE:.0f} s")


@contextmanager
def started(path: str) -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


def opened(
    browser: Browser,
    address: str,
    *,
    width: int = 1440,
    height: int = 960,
    theme: str = "light",
    locale: str = "en-GB",
    patience: float = 30.0,
) -> Page:
    """A page in a profile of its own, drawn to the last chart; ``patience`` is that of each step [seconds]."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce", accept_downloads=True,
        locale=locale,
    )  # type: ignore[arg-type]  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(1000 * patience)
    expect.set_options(timeout=1000 * patience)
    page.trouble = watched(page)  # type: ignore[attr-defined]
    page.goto(address)
    page.wait_for_selector(".charts svg >> nth=8")
    page.wait_for_selector(".transport .play")
    page.wait_for_selector(".answer .over.ready")
    return page


def watched(page: Page) -> list[str]:
    """Whatever a page complains of from now on: errors, failed requests, requests that leave the machine."""
    trouble: list[str] = []
    page.on(
        "console",
        lambda line: (
            trouble.append(line.text)
            if line.type in ("error", "warning") and not line.text.startswith(OF_SOLARA)
            else None
        ),
    )
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "requestfailed",
        lambda request: (  # one that is given up by a reload has not failed
            trouble.append(f"failed: {request.url}")
            if is_asked(request.url) and request.failure != "net::ERR_ABORTED"
            else None
        ),
    )
    page.on(
        "response", lambda answer: trouble.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
    )
    page.on("request", lambda request: trouble.append(f"outside: {request.url}") if is_outside(request.url) else None)
    return trouble


def is_outside(url: str) -> bool:
    """Whether a request leaves this machine."""
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def is_asked(url: str) -> bool:
    """Whether a failed request is a mistake: a page that is closed tells so in a request nobody waits for."""
    return "/_solara/api/close/" not in url and not url.startswith("blob:")


def picture(page: Page) -> Image.Image:
    """What the window shows, small and grey: enough to see that a part is missing, not how a letter is drawn.

    Names of languages are left out, because not every machine has a font for each.
    """
    page.wait_for_selector(".answer .over.ready >> nth=1")  # the second answer, over economies, follows the first
    page.evaluate("document.querySelector('.languages').style.visibility = 'hidden'")
    page.wait_for_timeout(400)
    shot = Image.open(io.BytesIO(page.screenshot()))
    return shot.convert("L").resize(SMALL, Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures in blocks of ten by ten [0, 255], largest block.

    They are blurred first: a row of text that moves by some pixels counts little, a part that is missing counts much.
    """
    first, second = (np.asarray(each.filter(ImageFilter.GaussianBlur(BLUR)), float) for each in (one, other))
    grey = np.abs(first - second)
    blocks = grey.reshape(SMALL[1] // 10, 10, SMALL[0] // 10, 10).mean(axis=(1, 3))
    return float(blocks.max())
