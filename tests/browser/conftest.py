"""One server and one Chromium for all tests of the page."""

import os

import pytest


@pytest.fixture(scope="session")
def site():
    """Address of the page and number of its process."""
    from tests.browser.pages import served

    with served() as found:
        yield found


@pytest.fixture(scope="session")
def browser():
    """A Chromium; without one the tests are skipped, unless the environment says that there must be one."""
    from tests.browser.pages import chromium_path, started

    path = chromium_path()
    if path is None:
        reason = "no Chromium: install one (apt-get install chromium) or name it in the variable CHROMIUM"
        if os.environ.get("BUBBLE_ABM_NEEDS_CHROMIUM"):
            pytest.fail(reason)
        pytest.skip(reason)
    with started(path) as found:
        yield found


@pytest.fixture
def visit(browser, site):
    """Open pages by query; at the end none of them may have complained."""
    from tests.browser.pages import opened

    pages = []

    def open_page(query="", **looks):
        page = opened(browser, site[0] + (f"?{query}" if query else ""), **looks)
        pages.append(page)
        return page

    yield open_page
    trouble = [line for page in pages for line in page.trouble]
    for page in pages:
        if not page.is_closed():
            page.context.close()
    assert not trouble
