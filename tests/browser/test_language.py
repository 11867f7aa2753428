"""The page in its languages: chosen by switch, address and browser, and nothing of it is left in English."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect

from bubble_abm.page.export import export_page
from bubble_abm.page.words import UNTRANSLATED, label, say, speaking, table
from tests.browser.pages import watched
from tests.page.english import english_in

#: Whatever is read or spoken: texts, names for screen readers, tooltips; but not how a language calls itself.
SAID = """() => {
    const page = document.querySelector('.bubble'), found = [document.title];
    const walker = document.createTreeWalker(page, NodeFilter.SHOW_ALL);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const apart = '.languages, code, style, script, [style*="display: none"]';
        const beside = node.nodeType === 3 && node.parentElement.closest(apart);
        if (node.nodeType === 3 && !beside) found.push(node.textContent);
        if (node.nodeType !== 1) continue;
        const names = ['aria-label', 'title', 'placeholder', 'aria-valuetext'];
        for (const name of names) found.push(node.getAttribute(name) || '');
    }
    return found.map((text) => text.trim()).filter(Boolean);
}"""
MARK = table()["zh"][UNTRANSLATED].replace("{text}", "")


def english_left(page) -> list[str]:
    """Texts of a page that are still English; a parameter that is new may be, if it is marked."""
    return [text for text in page.evaluate(SAID) if english_in(text) and MARK not in text]


def test_the_switch_changes_every_word_and_is_kept(visit):
    page = visit("months=30&month=20")
    page.get_by_role("button", name="Keep this run").click()
    expect(page.locator(".kept tbody tr")).to_have_count(2)
    page.get_by_role("button", name="中文").click()
    with speaking("zh"):
        expect(page.locator("h1")).to_have_text(say("The AI-compute bubble"))
        expect(page.locator(".moment-month")).to_have_text(label(19))
        expect(page).to_have_title(say("Did {shock} pop the AI-compute bubble?", shock="DeepSeek R1"))
    expect(page).to_have_url(re.compile("lang=zh$"))
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator(".kept tbody tr")).to_have_count(2)  # nothing is lost
    page.goto(page.url.partition("?")[0])  # a bare address, in the language of the last visit
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("The AI-compute bubble")
    expect(page).not_to_have_url(re.compile("lang"))


def test_a_browser_gets_the_language_that_it_asks_for(visit):
    page = visit("months=12", locale="zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh")


def choose(page, row):
    """Choose an agent; a scene whose run arrives after the click takes the choice back, so it is clicked again."""
    for patience in (5_000, 10_000, 60_000):
        page.locator(".agents tbody .link").nth(row).click()
        with suppress(NotInTime):
            page.wait_for_selector(f".agents tbody tr:nth-child({row + 1}).chosen", timeout=patience)
            return
    raise AssertionError(f"row {row} cannot be chosen")


@pytest.mark.parametrize(
    "query", ["", "month=30&province=Beijing&public_register=1&from_public_register=18", "month=40&shock=off"]
)
def test_nothing_is_left_in_english(visit, query):
    page = visit(f"{query}&lang=zh".lstrip("&"))
    page.locator(".kept button").first.click()
    page.locator(".scenes button").nth(1).click()
    page.wait_for_selector(".scene")
    page.locator(".kind select").select_option("startups")
    with speaking("zh"):
        expect(page.locator(".agents thead")).to_contain_text(say("Startup"))
    for row in range(10):  # until one rents
        choose(page, row)
        if page.locator(".lease").count():
            page.locator(".lease").first.click()
            page.wait_for_selector(".sides")
            break
    page.locator(".flow").first.focus()
    page.locator(".parameter .link").first.click()
    page.wait_for_selector(".sweeps svg >> nth=3", timeout=120_000)
    assert english_left(page) == []


def test_messages_are_in_the_language(visit):
    page = visit("herding=99&herdng=1&lang=zh")
    seed = page.locator('input[name="seed"]')
    seed.fill("-1")
    seed.press("Enter")
    expect(page.locator(".try .error:visible")).to_contain_text("整数")
    said = [text.replace("herding", "").replace("herdng", "").replace("seed", "") for text in page.evaluate(SAID)]
    assert [text for text in said if english_in(text) and MARK not in text] == []


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_is_wider_than_the_window_in_another_language(visit, width):
    page = visit("month=30&province=Beijing&lang=zh", width=width, height=800)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_exported_folder_has_both_languages(browser, tmp_path):
    index = export_page(tmp_path / "out", names=("baseline",))
    page = browser.new_page()
    trouble = watched(page)
    page.goto(index.as_uri() + "?lang=zh&month=20")
    with speaking("zh"):
        expect(page.locator(".moment-month")).to_have_text(label(19))
    page.locator(".scenes button").nth(1).click()
    page.wait_for_selector(".scene")
    assert english_left(page) == []
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("The AI-compute bubble")
    expect(page).not_to_have_url(re.compile("lang="))
    page.close()
    assert not [line for line in trouble if "outside: file:" not in line]
