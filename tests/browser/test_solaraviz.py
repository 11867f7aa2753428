"""The ten lines of docs/how-to/mesa.md draw the economy in Mesa's own interface."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pages import NOWHERE, wait_for, watched

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def own_interface(tmp_path_factory):
    """Address of the example, served as its reader would serve it, cut off from the internet."""
    text = (ROOT / "docs" / "how-to" / "mesa.md").read_text(encoding="utf-8")
    code = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "SolaraViz" in block)
    folder = tmp_path_factory.mktemp("example")
    (folder / "app.py").write_text(code)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = str(trial.getsockname()[1])
    proxies = {name: NOWHERE for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")}
    command = [sys.executable, "-m", "solara", "run", "app.py", "--production", "--no-open", "--port", port]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **proxies, "NO_PROXY": "", "no_proxy": ""})
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_it_draws_the_provinces_and_steps(browser, own_interface):
    page = browser.new_page()
    trouble = watched(page)
    page.goto(own_interface)
    step = page.get_by_role("button", name="Step")
    step.wait_for(timeout=60_000)
    expect(page.locator("img, canvas, .jupyter-widgets").first).to_be_visible(timeout=60_000)
    expect(page.locator("body")).to_contain_text("Time: 0.0")
    step.click()
    expect(page.locator("body")).to_contain_text("Time: 1.0", timeout=60_000)
    page.close()
    assert not trouble
