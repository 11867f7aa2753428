"""Everybody can use the page: axe-core finds nothing, text is large enough, and a phone has its controls in a drawer.

axe-core comes with the package ``axe-playwright-python``, of which only the script is used.
"""

import re
from importlib.resources import files

import pytest
from playwright.sync_api import expect

SMALLEST = 10.5  # pixels of text: eleven, less what the width of a column rounds away
MOMENTS = ("", "month=0", "month=40&province=Beijing&public_register=1", "herding=99")

#: Size of every text on the screen, those in pictures as they are scaled.
SIZES = """() => [...document.querySelectorAll('.bubble *')]
    .filter(item => [...item.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    .filter(item => item.getBoundingClientRect().width > 0)
    .map(item => {
        const picture = item.closest('svg');
        const size = parseFloat(getComputedStyle(item).fontSize);
        return [picture ? size * picture.getBoundingClientRect().width / picture.viewBox.baseVal.width : size,
            item.textContent.trim().slice(0, 40)];
    })"""


@pytest.fixture(scope="session")
def axe():
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("query", MOMENTS)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_axe_core_finds_nothing(visit, axe, query, width, theme):
    page = visit(query, width=width, theme=theme)
    page.evaluate("document.querySelector('.kept button').click()")
    page.evaluate("document.querySelector('.scenes button').click()")
    page.wait_for_selector(".scene")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize("width", [390, 768, 1024, 1280, 1440, 1920])
def test_text_is_large_enough_to_read(visit, width):
    page = visit("month=30", width=width)
    small = [text for size, text in page.evaluate(SIZES) if size < SMALLEST]
    assert small == []


def test_a_phone_has_its_controls_in_a_drawer(visit):
    page = visit("month=30", width=390, height=844)
    preset = page.get_by_role("button", name="no subsidy")
    expect(preset).to_be_hidden()
    page.get_by_role("button", name="Settings", exact=True).click()
    preset.click()
    page.get_by_role("button", name="Close settings").click()
    expect(preset).to_be_hidden()
    expect(page).to_have_url(re.compile("maximum_subsidy=0"))


def test_on_a_phone_the_answer_of_a_province_is_where_the_thumb_is(visit):
    page = visit("month=30", width=390, height=844)
    tile = page.locator(".tile >> nth=8")
    tile.click()
    answer = page.locator(".tapped")
    expect(answer).to_be_in_viewport()
    assert answer.bounding_box()["y"] > 844 / 2


def test_paper_is_light_and_keeps_its_colours_whatever_the_theme(visit):
    page = visit("month=30", theme="dark")
    looks = "(name) => getComputedStyle(document.querySelector(name))"
    dark = page.evaluate(f"({looks})('.answer').backgroundColor")
    page.emulate_media(media="print")
    assert page.evaluate(f"({looks})('.answer').backgroundColor") == "rgb(255, 255, 255)" != dark
    for name in (".bar > *", ".tile-square", ".ramp > *"):
        assert page.evaluate(f"({looks})('{name}').printColorAdjust") == "exact"
    assert page.evaluate(f"({looks})('.bubble-head').display") == "none"
