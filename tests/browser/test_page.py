"""The page in a real Chromium: it plays to the bust, takes settings, shares links, hands out files, stays at home."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bubble_abm.page.session import WatchedModel
from PIL import Image
from playwright.sync_api import expect

from bubble_abm.economy.agents.operator import OperatorRow
from bubble_abm.economy.outside import label
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.page.settings import Settings, with_preset
from tests.browser.pages import REFERENCE, SHOTS, difference, picture

END = 75_000  # milliseconds for a standard run on a busy machine
LAST = label(STANDARD_MONTHS - 1)
GROSS = 9.0  # of 255, in one block: a chart that is missing makes 10 to 35, a row that moves by 8 pixels 5 to 8


def play(page, month=LAST):
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".story-month")).to_have_text(month, timeout=END)


def month(page):
    return page.locator(".story-month").inner_text()


def download(page, name):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    assert waiting.value.suggested_filename.endswith(name if "." in name else ".svg")
    return Path(waiting.value.path()).read_text()


def test_it_opens_with_the_story_the_map_and_the_charts(visit):
    page = visit()
    expect(page).to_have_title(re.compile("bubble"))
    expect(page.locator(".story h2")).to_contain_text("January 2023")
    assert page.locator(".tile").count() == 31
    assert page.locator(".charts svg").count() == 9


def test_it_plays_to_the_bust_and_tells_what_the_shock_did(visit):
    page = visit()
    play(page)
    expect(page.locator(".story h2")).to_contain_text("popped in")
    expect(page.locator(".effect")).to_contain_text("without it")
    assert page.locator(".effect tbody tr").count() == 7
    assert page.locator('.charts svg path[stroke-dasharray="5 3"]').count() >= 9
    expect(page).to_have_url(re.compile(f"month={STANDARD_MONTHS}"))


def test_step_pause_and_reset(visit):
    page = visit()
    for expected in ("Jan 2023", "Feb 2023"):
        page.get_by_role("button", name="Step").click()
        expect(page.locator(".story-month")).to_have_text(expected)
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".story-month")).to_have_text(re.compile("2023"))
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    page.wait_for_timeout(600)
    stopped = month(page)
    page.wait_for_timeout(800)
    assert month(page) == stopped
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".story-month")).to_have_text("Start")


def test_a_slider_that_is_moved_counts_after_reset_which_keeps_it(visit):
    page = visit("month=3")
    slider = page.locator("#slider-maximum_subsidy")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".pending")).to_be_visible()
    field, shown = page.locator('input[name="maximum_subsidy"]'), "0.297"
    expect(field).to_have_value(shown)
    expect(page.locator(".story-month")).to_have_text("Mar 2023")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".story-month")).to_have_text("Start")
    expect(page.locator(".pending")).to_have_count(0)
    expect(field).to_have_value(shown)
    expect(page).to_have_url(re.compile(f"maximum_subsidy={shown}"))


def test_a_preset_begins_again_even_at_the_end(visit):
    page = visit(f"month={STANDARD_MONTHS}")
    page.get_by_role("button", name="public register").click()
    expect(page.locator(".story-month")).to_have_text("Start")
    expect(page).to_have_url(re.compile("public_register=1"))
    page.get_by_role("button", name="Step").click()
    expect(page.locator(".story-month")).to_have_text("Jan 2023")


def test_play_that_is_pressed_before_a_preset_has_arrived_is_not_lost(visit):
    page = visit("months=12")
    page.evaluate(
        """() => {
            const presets = [...document.querySelectorAll('.presets button')];
            presets.find(button => button.textContent.includes('no subsidy')).click();
            document.querySelectorAll('.transport button')[1].click();
        }"""
    )
    expect(page.locator(".story-month")).to_have_text("Dec 2023", timeout=END)
    expect(page).to_have_url(re.compile("maximum_subsidy=0"))


def test_a_preset_while_it_plays_stops_the_run_before(visit):
    page = visit()
    play(page, re.compile("202[34]"))
    page.get_by_role("button", name="no subsidy").click()
    expect(page.locator(".story-month")).to_have_text("Start")
    page.wait_for_timeout(1000)
    assert month(page) == "Start"


def test_a_shared_link_opens_the_same_state(visit):
    first = visit("seed=3&herding=2&month=28&colour=idle&province=Hubei")
    second = visit(first.url.partition("?")[2])
    for part in (".story-words", ".effect", ".inspector", ".map"):
        assert first.locator(part).inner_text() == second.locator(part).inner_text()
    assert second.locator('input[name="herding"]').input_value() == "2"
    expect(second.get_by_role("button", name="idle", exact=True)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("query", ["herding=99", "seed=x", "nonsense=1", "province=Atlantis", "month=9999", "%00=%ff"])
def test_a_bad_address_gets_a_message_and_the_page(visit, query):
    page = visit(query)
    alert = page.locator(".problems")
    expect(alert).to_be_visible()
    assert query.partition("=")[0].replace("%00", "unknown") in alert.inner_text()
    assert "Traceback" not in page.inner_text("body")
    page.get_by_role("button", name="Step").click()
    expect(page.locator(".story-month")).to_have_text("Jan 2023")


def test_a_bad_value_in_a_field_gets_a_message_and_changes_nothing(visit):
    page = visit()
    field = page.locator('input[name="maximum_subsidy"]')
    field.fill("lots")
    field.press("Enter")
    expect(page.locator(".parameter .error")).to_have_text(
        "maximum_subsidy = lots: give a number from 0 to 0.5 [share]"
    )
    seed = page.locator('input[name="seed"]')
    seed.fill("-1")
    seed.press("Enter")
    expect(page.locator(".try .error:visible")).to_contain_text("seed = -1: give a whole number from 1")
    assert "?" not in page.url


def test_a_province_shows_its_projects_and_a_row_all_about_one(visit):
    page = visit("month=30")
    page.get_by_role("button", name=re.compile("^Hubei:")).click()
    expect(page.locator(".inspector h2")).to_contain_text("in Hubei")
    page.locator(".agents tbody .link").first.click()
    expect(page.locator(".detail dl > div")).to_have_count(len(OperatorRow.columns))
    page.locator(".kind select").select_option("startups")
    expect(page.locator(".inspector h2")).to_contain_text("Startups")


def test_colours_of_the_map_can_be_chosen(visit):
    page = visit("month=30")
    for name, unit in (("subsidy", "capital cost"), ("announced", "announced"), ("idle", "not leased")):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(".map-legend")).to_contain_text(unit)


def test_downloads_are_the_run_that_is_shown(visit):
    page = visit("seed=4&months=30&month=30&subsidy_on_use=1")
    settings = Settings(seed=4, months=30, values={"subsidy_on_use": 1.0})
    model = WatchedModel(settings, until=30)
    rows = list(csv.DictReader(download(page, "series.csv").splitlines()))
    assert [float(row["rent_per_server"]) for row in rows] == model.series["rent_per_server"].tolist()
    twin = list(csv.DictReader(download(page, "series_without_shock.csv").splitlines()))
    assert [float(row["gpu_price"]) for row in twin] == model.twin_series["gpu_price"].tolist()
    table = tomllib.loads(download(page, "scenario.toml"))
    assert (table["seed"], table["months"], table["parameters"]) == (4, 30, {"subsidy_on_use": 1.0})
    svg = download(page, "Save the chart as SVG: What became of them")
    assert "What became of them" in "".join(ElementTree.fromstring(svg).itertext())


def test_by_keyboard_alone(visit):
    page = visit()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".story-month")).to_have_text("Jan 2023")
    page.keyboard.press("Space")
    expect(page.locator(".story-month")).not_to_have_text("Jan 2023")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("r")
    expect(page.locator(".story-month")).to_have_text("Start")
    page.locator(".tile").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".inspector h2")).to_contain_text(" in ")


@pytest.mark.parametrize("wait", [0, 70, 140, 210])
def test_reset_while_a_step_is_under_way_begins_at_the_start(visit, wait):
    page = visit()
    page.keyboard.press("Space")
    expect(page.locator(".story-month")).not_to_have_text("Start")
    page.wait_for_timeout(wait)  # a step waits a tenth of a second for its turn, then the page is drawn
    page.evaluate("() => { for (const one of [1, 0]) document.querySelectorAll('.transport button')[one].click(); }")
    page.wait_for_timeout(1000)
    assert month(page) == "Start"
    page.keyboard.press("ArrowRight")
    expect(page.locator(".story-month")).to_have_text("Jan 2023")


def test_everything_has_a_name_for_those_who_do_not_see_it(visit):
    page = visit("month=26")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, svg[role=img], section')].filter(item =>
            !(item.getAttribute('aria-label') || item.textContent.trim() || (item.labels && item.labels.length)))
            .map(item => item.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1440])
def test_nothing_is_wider_than_the_window(visit, width):
    page = visit("month=30&province=Beijing", width=width, height=800)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_theme_is_kept(visit):
    page = visit(theme="dark")
    ground = "getComputedStyle(document.querySelector('.card')).backgroundColor"
    dark = page.evaluate(ground)
    page.locator(".theme").click()
    expect(page.locator(".theme")).to_contain_text("Light")
    assert page.evaluate(ground) == "rgb(255, 255, 255)" != dark
    page.reload()
    expect(page.locator(".theme")).to_contain_text("Light")


@pytest.mark.parametrize("name", SHOTS)
def test_it_looks_as_it_did(visit, name):
    query, width, height, theme = SHOTS[name]
    page = visit(query, width=width, height=height, theme=theme)
    assert difference(picture(page), Image.open(REFERENCE / f"{name}.png")) < GROSS


def test_a_mistake_in_one_session_leaves_the_others_alone(visit):
    broken, well = visit("months=12"), visit("months=12")
    # A value that the page never offers, as somebody with other intentions might send it.
    broken.evaluate(
        """() => {
            const select = document.querySelector('.kind select');
            select.add(new Option('nobody', 'nobody'));
            select.value = 'nobody';
            select.dispatchEvent(new Event('change'));
        }"""
    )
    broken.wait_for_timeout(500)
    for page in (well, broken):
        assert "Traceback" not in page.inner_text("body")
        play(page, "Dec 2023")


def test_a_page_closed_while_it_plays_leaves_the_others_alone(visit):
    gone, well = visit("months=12"), visit("months=12")
    gone.get_by_role("button", name="Play").click()
    gone.close()
    play(well, "Dec 2023")


def test_the_preset_on_the_page_is_the_preset_of_the_package(visit):
    page = visit("months=12")
    preset = page.get_by_role("button", name="experienced investors only")
    preset.click()
    expect(preset).to_have_attribute("aria-pressed", "true")
    play(page, "Dec 2023")
    model = WatchedModel(with_preset(Settings(months=12), "experienced investors only"), until=12)
    assert f"{model.rent_per_server:,.0f} CNY a month" in page.locator(".story").inner_text()
