"""Who trades with whom: flows on the page are those of the books, and a lease shows both its sides."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from bubble_abm.economy.accounts import FLOWS, SECTORS
from bubble_abm.page.run import watch
from bubble_abm.page.settings import Settings

MONTH = 30


def recorded(flow, sector, months=1):
    """What a sector received of a flow, as the books have it [bn CNY]."""
    table = watch(Settings()).result.records.flows[MONTH - months : MONTH]
    return table[:, FLOWS.index(flow), SECTORS.index(sector)].sum() / 1e9


def amount(page, words):
    """The amount of a flow [bn CNY]."""
    said = page.locator(f'.flow[aria-label*="{words}"]').first.get_attribute("aria-label")
    return float(re.search(r"[\d,.]*\d", said)[0].replace(",", ""))


def test_flows_are_those_of_the_books_by_month_and_by_year(visit):
    page = visit(f"seed=1&month={MONTH}")
    for months, button in ((1, "month"), (12, "year")):
        page.locator(".flows .card-head").get_by_role("button", name=button, exact=True).click()
        for words, flow, sign in (("new loans", "new_loans", 1), ("interest", "interest", -1)):
            known = sign * recorded(flow, "operators", months)
            digit = 1.0 if known >= 100 else 0.1 if known >= 10 else 0.01  # the last one that is shown
            assert abs(amount(page, words) - known) < 0.51 * digit + 0.0001 * months  # sent in tenths of millions
    page.evaluate("window.dispatchEvent(new CustomEvent('bubble:seek', { detail: 0 }))")
    expect(page.locator(".flow")).to_have_count(0)


def test_a_flow_leads_to_the_other_side_by_keyboard(visit):
    page = visit(f"seed=1&month={MONTH}")
    flow = page.locator('.flow[aria-label*="new loans"]')
    flow.focus()
    expect(page.locator(".flows .said")).to_contain_text("Banks pay Data centres")
    page.keyboard.press("Enter")
    expect(page.locator('.flows [aria-pressed="true"] >> nth=1')).to_have_text("Banks")
    expect(page.locator('.flow[aria-label*="new loans"]')).to_have_attribute(
        "aria-label", re.compile("to Data centres")
    )


def test_a_finger_reads_a_flow_before_it_follows_it(visit):
    page = visit(f"seed=1&month={MONTH}")
    flow, chosen = page.locator('.flow[aria-label*="new loans"]'), page.locator('.flows [aria-pressed="true"] >> nth=1')
    for words in ("Data centres", "Banks"):
        flow.dispatch_event("pointerdown", {"pointerType": "touch"})
        flow.dispatch_event("mouseenter")
        expect(page.locator(".flows .said")).to_contain_text("Banks pay Data centres")
        flow.dispatch_event("click")
        expect(chosen).to_have_text(words)


def test_a_lease_shows_both_sides(visit):
    page = visit(f"seed=1&month={MONTH}")
    page.locator(".kind select").select_option("startups")
    expect(page.locator(".inspector h2")).to_contain_text("Startups")
    page.locator(".agents tbody .link").first.click()
    lease = page.locator(".lease").first
    lease.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sides")).to_contain_text("Lessor:")
    expect(page.locator(".sides")).to_contain_text("Tenant: Startup")
    expect(lease).to_have_attribute("aria-expanded", "true")


def test_whose_payments_and_over_which_span_stand_in_the_address(visit):
    page = visit(f"seed=1&month={MONTH}")
    page.locator(".flows").get_by_role("button", name="Banks", exact=True).click()
    page.locator(".flows .card-head").get_by_role("button", name="year", exact=True).click()
    expect(page).to_have_url(re.compile("sector=bank&span=year"))
    again = visit(page.url.partition("?")[2])
    assert again.locator(".flows h2").inner_text() == page.locator(".flows h2").inner_text()
    expect(again.locator('.flows [aria-pressed="true"] >> nth=1')).to_have_text("Banks")


def test_on_a_phone_all_flows_are_seen_without_scrolling_sideways(visit):
    wide, phone = visit(f"seed=1&month={MONTH}&span=year"), visit(f"seed=1&month={MONTH}&span=year", width=390)
    picture = phone.locator(".flows .picture")
    frame = picture.bounding_box()
    for sector in wide.locator('.flows [role="group"] >> nth=1').get_by_role("button").all_inner_texts():
        for page in (wide, phone):
            page.locator(".flows").get_by_role("button", name=sector, exact=True).click()
        told = [
            page.locator(".flow").evaluate_all("found => found.map(one => one.ariaLabel)") for page in (wide, phone)
        ]
        assert [sorted(one.split()) for one in told[0]] == [sorted(one.split()) for one in told[1]] != []
        for part in picture.locator("path, text").all():
            box = part.bounding_box()
            assert box["x"] >= frame["x"] - 1 and box["x"] + box["width"] <= frame["x"] + frame["width"] + 1, sector
