"""The exported folder, opened without any server: cursor, story and comparison work."""

import re

import pytest
from playwright.sync_api import expect

from bubble_abm.economy.outside import label, month_number
from bubble_abm.page.export import export_page
from bubble_abm.page.scenes import SCENES
from tests.browser.pages import watched


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return export_page(tmp_path_factory.mktemp("page") / "out", names=("baseline", "no shock"))


def test_cursor_story_and_comparison_work_from_the_folder(browser, index):
    page = browser.new_page()
    trouble = watched(page)
    page.goto(index.as_uri())
    expect(page.locator(".answer .short").first).to_contain_text("50 seeds")
    page.locator(".kept button").first.click()
    for number, scene in enumerate(SCENES):
        page.locator(".scenes button").nth(number).click()
        expect(page.locator(".moment-month")).to_have_text(label(month_number(scene.month)))
        expect(page.locator(".scene")).to_contain_text(scene.text[:40])
    expect(page.locator(".kept tbody tr")).to_have_count(2)
    paid = page.locator(".kept tbody tr").nth(1).locator("td").nth(2)
    billions = float(paid.inner_text())
    page.locator(".languages button").nth(1).click()  # what is kept changes its language, and its unit to 亿元
    expect(page.locator(".kept tbody th").nth(1)).to_contain_text("基准")
    assert float(paid.inner_text()) == pytest.approx(10 * billions, abs=0.6)
    page.locator(".languages button").first.click()
    page.get_by_role("button", name="no shock").click()
    expect(page.locator(".question")).to_contain_text("without DeepSeek R1")
    page.keyboard.press("Home")
    expect(page.locator(".moment-month")).to_have_text("Start")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".moment-month")).to_have_text(label(59), timeout=60_000)
    page.get_by_role("button", name="idle", exact=True).click()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("month=59"))
    again = browser.new_page()
    again.goto(page.url)
    expect(again.get_by_role("button", name="idle", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(again.locator(".moment-month")).to_have_text(page.locator(".moment-month").inner_text())
    expect(again.locator(".question")).to_contain_text("without DeepSeek R1")
    again.close()
    page.close()
    assert not [line for line in trouble if "outside: file:" not in line]
