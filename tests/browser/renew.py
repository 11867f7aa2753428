"""Renew the pictures that screenshots are compared with, and those of README: ``python -m tests.browser.renew``."""

import io

from PIL import Image

from tests.browser.pages import REFERENCE, SHOTS, chromium_path, opened, picture, served, started

PICTURES = REFERENCE.parents[2] / "docs" / "pictures"
COLOURS = 256  # of a picture in README, whose file is then a quarter as large
#: What the three columns of the picture of a phone begin with.
COLUMNS = (".answer", ".moment", ".charts.lead")


def main() -> None:
    path = chromium_path()
    assert path, "no Chromium on this machine"
    REFERENCE.mkdir(exist_ok=True)
    with served() as (address, _), started(path) as browser:
        for name, (query, width, height, theme) in SHOTS.items():
            page = opened(browser, f"{address}?{query}", width=width, height=height, theme=theme)
            picture(page).save(REFERENCE / f"{name}.png", optimize=True)
            page.context.close()
        page = opened(browser, f"{address}?month=30&seed={typical(address, browser)}", width=1440, height=1500)
        saved(page.screenshot(), "watch.png")
        page.context.close()
        page = opened(browser, f"{address}?month=30", width=390, height=844, theme="dark")
        columns = Image.new("RGB", (3 * 390 + 40, 844))
        for place, part in enumerate(COLUMNS):
            page.evaluate("part => window.scrollTo(0, document.querySelector(part).offsetTop - 110)", part)
            page.wait_for_timeout(400)
            columns.paste(Image.open(io.BytesIO(page.screenshot())), (place * 410, 0))
        shrunk(columns).save(PICTURES / "watch_phone.png", optimize=True)
        page.context.close()


def typical(address: str, browser: object) -> str:
    """Seed with which the page opens."""
    page = opened(browser, address)  # type: ignore[arg-type]
    seed = page.locator('input[name="seed"]').input_value()
    page.context.close()
    return str(seed)


def saved(shot: bytes, name: str) -> None:
    """Save a screenshot among the pictures of README."""
    shrunk(Image.open(io.BytesIO(shot))).save(PICTURES / name, optimize=True)


def shrunk(image: Image.Image) -> Image.Image:
    """Return a picture with few colours."""
    return image.convert("RGB").quantize(COLOURS)


if __name__ == "__main__":
    main()
