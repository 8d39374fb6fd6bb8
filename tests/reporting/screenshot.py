"""Makes docs/images/book.png: `python tests/reporting/screenshot.py [BOOK.html] [OUT.png]`; without a page, a seeded one.

The picture shows the summary and a merchant side by side at 1280 px.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from suixin.reporting.page import write_page

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def shoot(
    page_file: Path, out: Path, *, width: int = 1280, height: int = 0, lang: str = "zh", scheme: str = "light"
) -> None:
    """Take a picture of the page, of so many pixels' height; 0 for all of it."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height or 1000}, color_scheme=scheme)
        page.on("console", lambda message: sys.stderr.write(f"{message.text}\n"))
        page.on("pageerror", lambda error: sys.stderr.write(f"{error}\n"))
        page.goto(f"{page_file.resolve().as_uri()}#lang={lang}")
        page.wait_for_selector("#merchant h3")
        page.wait_for_timeout(300)
        page.screenshot(path=out, full_page=not height)
        browser.close()


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    target = given[1] if len(given) > 1 else ROOT / "docs" / "images" / "book.png"
    with tempfile.TemporaryDirectory() as folder:
        source = given[0] if given else Path(folder) / "book.html"
        if not given:
            from conftest import make_book

            write_page(make_book(2_000), source)
        shoot(source, target)
