"""The pictures of the pages in the README, taken from the demonstration's own pages.

    ./dev demo                                        # in one shell, left running
    .venv/bin/python tests/server/pages/screenshot.py   # in another; writes docs/images/{merchant,bank}.png

Chromium is Debian's, or what SUIXIN_CHROMIUM names.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from chromium import FLAGS  # noqa: E402  once the path is set

IMAGES = ROOT / "docs" / "images"
ADDRESS = os.environ.get("SUIXIN_ADDRESS", "http://127.0.0.1:8000")
LOGINS = Path(os.environ.get("SUIXIN_LOGINS", ROOT / ".demo" / "logins.txt"))
CHROMIUM = os.environ.get("SUIXIN_CHROMIUM", "/usr/bin/chromium")


def logins() -> list[list[str]]:
    """User name, role, note and password of everybody."""
    return [line.split("\t") for line in LOGINS.read_text(encoding="utf-8").splitlines()]


def signed_in(browser: Browser, username: str, password: str, width: int, height: int) -> Page:
    """A tab in which somebody has signed in, in Chinese."""
    size = {"width": width, "height": height}
    context = browser.new_context(locale="zh-CN", viewport=size, base_url=ADDRESS)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("main form button")
    page.wait_for_load_state()
    return page


def main() -> None:
    """Take both pictures."""
    everybody = logins()
    merchant = next(one for one in everybody if "with a loan" in one[2])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = signed_in(browser, merchant[0], merchant[3], 390, 780)
        page.screenshot(path=IMAGES / "merchant.png")
        page = signed_in(browser, "reviewer", everybody[0][3], 1280, 980)
        page.goto("/bank/?state=review")
        page.click("tbody th a >> nth=-1")
        page.wait_for_load_state()
        page.screenshot(path=IMAGES / "bank.png")
        browser.close()


if __name__ == "__main__":
    main()
