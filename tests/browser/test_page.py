"""The page in a real Chromium: it plays to the bust, takes settings, shares links, hands out files, stays at home."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import expect

from bubble_abm.economy.outside import label
from bubble_abm.economy.parameters import DECLARED
from bubble_abm.engine.horizon import STANDARD_MONTHS
from bubble_abm.page.many_seeds import SEEDS
from bubble_abm.page.run import watch
from bubble_abm.page.scorecard import SCORES
from bubble_abm.page.settings import Settings, with_preset
from bubble_abm.page.typical import typical_seed
from tests.browser.pages import REFERENCE, SHOTS, difference, picture

END = 75_000  # milliseconds for a standard run on a busy machine
LAST = label(STANDARD_MONTHS - 1)
GROSS = 9.0  # of 255, in one block: a chart that is missing makes 10 to 35, a row that moves by 8 pixels 5 to 8


def play(page, month=LAST):
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".moment-month")).to_have_text(month, timeout=END)


def month(page):
    return page.locator(".moment-month").inner_text()


def go(page, months):
    page.evaluate("months => window.dispatchEvent(new CustomEvent('bubble:seek', { detail: months }))", months)


def download(page, name):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    assert waiting.value.suggested_filename.endswith(name if "." in name else ".svg")
    return Path(waiting.value.path()).read_text()


def test_it_opens_with_the_question_its_answer_the_map_and_the_whole_run(visit):
    page = visit()
    expect(page).to_have_title("Did DeepSeek R1 pop the AI-compute bubble?")
    expect(page.locator(".question")).to_contain_text("DeepSeek R1")
    expect(page.locator(".answer .over .short").first).to_contain_text(f"of {SEEDS} seeds")
    expect(page.locator(".answer .one")).to_contain_text(f"seed {typical_seed()}")
    expect(page.locator(".moment-month")).to_have_text(LAST)
    assert page.locator(".tile").count() == 31
    assert page.locator(".charts svg").count() == 9
    assert page.locator('.charts svg path[stroke-dasharray="5 3"]').count() >= 9
    assert page.locator('.charts svg path[fill-opacity="0.16"]').count() >= 9
    assert page.url.endswith("/")


def test_play_is_a_cursor_that_rewinds_steps_and_stops_at_the_end(visit):
    page = visit("months=24")
    page.get_by_role("button", name="Rewind").click()
    expect(page.locator(".moment-month")).to_have_text("Start")
    for expected in ("Jan 2023", "Feb 2023"):
        page.get_by_role("button", name="Step", exact=True).click()
        expect(page.locator(".moment-month")).to_have_text(expected)
    page.get_by_role("button", name="Step back").click()
    expect(page.locator(".moment-month")).to_have_text("Jan 2023")
    play(page, "Dec 2024")
    page.get_by_role("button", name="Play").wait_for()
    expect(page.locator(".moment-date")).to_contain_text("end of the run")


def test_play_goes_on_without_a_server_and_says_that_it_is_gone(visit):
    page = visit("months=8&month=1")
    page.context.set_offline(True)
    page.wait_for_selector(".lost", timeout=15_000)
    play(page, "Aug 2023")
    page.context.set_offline(False)
    page.wait_for_selector("text=Server is back", timeout=15_000)
    page.trouble.clear()  # the browser complains of every question that stays without an answer


def test_a_click_into_a_chart_goes_there(visit):
    page = visit()
    plot = page.locator(".plot").first
    room = plot.bounding_box()
    plot.click(position={"x": room["width"] * 0.5, "y": room["height"] * 0.7})
    expect(page.locator(".moment-month")).to_have_text(re.compile("2025"))
    number = [label(month) for month in range(STANDARD_MONTHS)].index(month(page)) + 1
    expect(page).to_have_url(re.compile(f"month={number}$"))


def test_a_fact_tells_its_source_by_keyboard(visit):
    page = visit()
    page.get_by_role("button", name="C09", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chart [role=status]")).to_contain_text("MIT Technology Review")


def test_keys_work_after_a_click_on_anything(visit):
    page = visit("month=10")
    for place in (".tile >> nth=3", ".presets button >> nth=0", ".group summary >> nth=1", ".agents tbody td >> nth=2"):
        page.locator(place).click()
        before = month(page)
        page.keyboard.press("ArrowRight")
        expect(page.locator(".moment-month")).not_to_have_text(before)


def test_axes_do_not_move_while_it_plays(visit):
    page = visit("month=5")
    drawn = page.locator(".charts svg").first.inner_html()
    go(page, 40)
    expect(page.locator(".moment-month")).to_have_text(label(39))
    assert page.locator(".charts svg").first.inner_html() == drawn


PLACES = """() => ['.map', '.charts.lead', '.effect', '.flows', '.policies', '.bubble-rest', '.sources'].map(
    part => Math.round(document.querySelector(part).getBoundingClientRect().top + window.scrollY))"""


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_up_or_down_while_it_plays(visit, width):
    page = visit("seed=1&month=0", width=width)
    expect(page.locator(".policies table")).to_be_visible()
    page.wait_for_selector(".answer .over.ready >> nth=1")
    places = set()
    for months in (0, 1, 2, 10, 20, 24, 25, 30, 40, 59, 60):
        go(page, months)
        expect(page.locator(".moment-month")).to_have_text(label(months - 1) if months else "Start")
        places.add(tuple(page.evaluate(PLACES)))
    assert len(places) == 1


def test_the_top_is_as_wide_as_the_page_whatever_it_says(visit):
    page = visit()
    wide = "part => Math.round(document.querySelector(part).getBoundingClientRect().width)"
    page.evaluate("document.querySelectorAll('.bubble-top p, .bubble-top ul, .strip').forEach(text => text.remove())")
    assert page.evaluate(wide, ".bubble-top") == page.evaluate(wide, ".bubble-body")


def test_all_policies_are_compared_under_headings_that_are_there_at_once(visit):
    page = visit("months=14&herding=2.5")
    page.get_by_role("button", name="compare all policies").click()
    expect(page.locator(".league tbody tr").first).to_be_visible(timeout=END)
    assert page.locator(".league thead th").count() == 1 + len(SCORES)


def test_a_slider_that_is_moved_runs_at_once(visit):
    page = visit("month=3")
    page.get_by_label("Find a parameter").fill("maximum subsidy")
    slider = page.locator("#slider-maximum_subsidy")
    slider.focus()
    for _ in range(12):  # faster than the page answers, which must move it back nowhere
        page.keyboard.press("ArrowLeft")
    usual = DECLARED["maximum_subsidy"].default
    field, shown = page.locator('input[name="maximum_subsidy"]'), f"{usual - 0.012:.3g}"
    expect(field).to_have_value(shown)
    expect(page.locator(".moment-month")).to_have_text("Mar 2023")
    expect(page).to_have_url(re.compile(f"maximum_subsidy={shown}"))


def test_another_seed_keeps_the_month_and_the_seeds(visit):
    page = visit("month=30")
    before = page.locator(".moment p").inner_text()
    page.get_by_role("button", name="other luck").click()
    expect(page.locator(".moment p")).not_to_have_text(before)
    expect(page.locator(".moment-month")).to_have_text(label(29))
    assert page.locator(".bar").count() == 2  # of seeds, and of economies


def test_a_preset_computes_its_own_seeds(visit):
    page = visit()
    page.get_by_role("button", name="public register", exact=True).click()
    expect(page).to_have_url(re.compile("public_register=1"))
    expect(page.locator(".answer .over .short").first).to_contain_text(f"of {SEEDS} seeds", timeout=END)


def test_a_shared_link_opens_the_same_state(visit):
    first = visit("seed=3&herding=2&month=28&colour=idle&province=Hubei")
    second = visit(first.url.partition("?")[2])
    for page in (first, second):  # the answer over economies comes after that over seeds
        expect(page.locator(".answer [role=status]")).to_have_count(0, timeout=END)
    for part in (".answer", ".moment", ".effect", ".inspector", ".map"):
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
    expect(page.locator(".moment-month")).to_have_text(LAST)


def test_a_bad_value_in_a_field_gets_a_message_and_stays_there(visit):
    page = visit()
    page.get_by_label("Find a parameter").fill("maximum subsidy")
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
    assert (field.input_value(), seed.input_value()) == ("lots", "-1")


def test_a_province_shows_its_data_centres_and_a_row_the_life_of_one(visit):
    page = visit("month=30")
    page.get_by_role("button", name=re.compile("^Hubei ")).click()
    expect(page.locator(".inspector h2")).to_contain_text("in Hubei")
    page.locator(".agents tbody .link").first.click()
    expect(page.locator(".detail")).to_contain_text("Announced in")
    assert page.locator(".life svg").count() == 1
    page.locator(".kind select").select_option("startups")
    expect(page.locator(".inspector h2")).to_contain_text("Startups")
    page.locator(".agents tbody .link").first.click()
    page.locator(".leases .link").first.click()  # to the other side of the lease
    expect(page.locator(".inspector h2")).to_contain_text("Data centres")


def test_colours_of_the_map_can_be_chosen(visit):
    page = visit("month=30")
    for name, unit in (("subsidy", "capital cost"), ("announced", "announced"), ("idle", "not leased")):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(".map-legend")).to_contain_text(unit)


def test_downloads_are_the_run_that_is_shown(visit):
    page = visit("seed=4&months=30&month=30&subsidy_on_use=1")
    settings = Settings(seed=4, months=30, values={"subsidy_on_use": 1.0})
    run = watch(settings)
    rows = list(csv.DictReader(download(page, "series.csv").splitlines()))
    assert [float(row["rent_per_server"]) for row in rows] == run.series["rent_per_server"].tolist()
    twin = list(csv.DictReader(download(page, "series_without_shock.csv").splitlines()))
    assert [float(row["gpu_price"]) for row in twin] == run.twin_series["gpu_price"].tolist()
    table = tomllib.loads(download(page, "scenario.toml"))
    assert (table["seed"], table["months"], table["parameters"]) == (4, 30, {"subsidy_on_use": 1.0})
    svg = download(page, "SVG: save the chart What became of them")
    assert "What became of them" in "".join(ElementTree.fromstring(svg).itertext())


def test_by_keyboard_alone(visit):
    page = visit()
    page.keyboard.press("Home")
    expect(page.locator(".moment-month")).to_have_text("Start")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".moment-month")).to_have_text("Jan 2023")
    page.keyboard.press("Space")
    expect(page.locator(".moment-month")).not_to_have_text("Jan 2023")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("End")
    expect(page.locator(".moment-month")).to_have_text(LAST)
    page.locator(".tile").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".inspector h2")).to_contain_text(" in ")


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
    page.wait_for_selector(".charts svg >> nth=8")
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
        page.get_by_role("button", name="no subsidy").click()
        expect(page).to_have_url(re.compile("maximum_subsidy=0"))


def test_the_preset_on_the_page_is_the_preset_of_the_package(visit):
    page = visit("months=12")
    preset = page.get_by_role("button", name="experienced investors only")
    preset.click()
    expect(preset).to_have_attribute("aria-pressed", "true")
    run = watch(with_preset(Settings(months=12), "experienced investors only"))
    expect(page.locator(".moment")).to_contain_text(f"{run.series['rent_per_server'][-1]:,.0f} CNY a month")


def test_one_click_prevents_the_pop_and_the_card_says_what_it_costs(visit):
    page = visit("seed=1")
    remedy = page.locator(".remedies button").first
    remedy.click()
    expect(remedy).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".policies table td.better").first).to_be_visible(timeout=END)
    row = page.locator(".policies tbody tr").first
    was, now = (float(cell.split()[0]) for cell in row.locator("td").all_inner_texts()[:2])
    assert now <= 10 < was


def test_documents_open_from_the_page(visit):
    page = visit("months=12")
    links = page.locator(".sources details li a")
    assert links.count() == 4
    for number, (part, text) in enumerate(
        [
            ("ODD.html", "1 Purpose and patterns"),
            ("code.html", "def "),
            ("citation.html", "@software"),
            ("licence.txt", "MIT"),
        ]
    ):
        with page.context.expect_page() as waiting:
            links.nth(number).click()
        opened = waiting.value
        expect(opened).to_have_url(re.compile(f"/documents/{part}$"))
        expect(opened.locator("body")).to_contain_text(text)
        opened.close()


def test_a_socket_from_elsewhere_is_refused(visit, site):
    page = visit("months=12")
    page.goto("data:text/html,<title>elsewhere</title>")
    opened = page.evaluate(
        """address => new Promise(done => {
            const socket = new WebSocket(address);
            socket.onopen = () => done(true);
            socket.onerror = () => done(false);
        })""",
        site[0].replace("http", "ws") + "jupyter/api/kernels/solara-1/channels",
    )
    page.trouble.clear()  # the browser complains of the socket
    assert opened is False
