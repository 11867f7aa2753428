"""Renew the pictures that screenshots are compared with: ``python -m tests.browser.renew``."""

from tests.browser.pages import REFERENCE, SHOTS, chromium_path, opened, picture, served, started


def main() -> None:
    path = chromium_path()
    assert path, "no Chromium on this machine"
    REFERENCE.mkdir(exist_ok=True)
    with served() as (address, _), started(path) as browser:
        for name, (query, width, height, theme) in SHOTS.items():
            page = opened(browser, f"{address}?{query}", width=width, height=height, theme=theme)
            picture(page).save(REFERENCE / f"{name}.png", optimize=True)
            page.context.close()


if __name__ == "__main__":
    main()
