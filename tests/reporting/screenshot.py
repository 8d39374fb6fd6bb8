"""Makes docs/images/book.png: `python tests/reporting/screenshot.py [BOOK.html] [OUT.png]`; without a page, a seeded one.

The picture is 1280 px wide: the first figures of the summary, the list, and a merchant's season and reasons.
"""

import struct
import sys
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import sync_playwright

from suixin.reporting.page import write_page

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from chromium import FLAGS  # noqa: E402  once the path is set

CHROMIUM = "/usr/bin/chromium"
HEIGHT = 1930
SHORTEN = """() => {
    for (const node of document.querySelectorAll('.stack > figure:nth-child(n + 2), .plates > .wide, .twin')) {
        node.style.display = 'none';
    }
    for (const node of document.querySelectorAll('.register')) node.style.maxHeight = '720px';
}"""


def shoot(page_file: Path, out: Path, *, lang: str = "zh", width: int = 1280, whole: bool = False) -> None:
    """Take a picture of the page: the whole of it, or shortened to the first pictures and a merchant's head."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": 1000})
        page.goto(f"{page_file.resolve().as_uri()}#lang={lang}")
        page.wait_for_selector("#merchant .picture svg")
        if whole:
            page.screenshot(path=out, full_page=True)
        else:
            page.evaluate(SHORTEN)
            page.screenshot(path=out, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": HEIGHT})
        browser.close()
    out.write_bytes(smaller(out.read_bytes()))


def smaller(png: bytes) -> bytes:
    """The same picture, its data compressed as well as zlib can: a browser compresses in haste."""
    chunks, at = [], 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + size]))
        at += 12 + size
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    kept = [chunk for chunk in chunks if chunk[0] in {b"IHDR", b"sRGB"}]
    kept += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in kept]
    return png[:8] + b"".join(parts)


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    target = given[1] if len(given) > 1 else ROOT / "docs" / "images" / "book.png"
    with tempfile.TemporaryDirectory() as folder:
        source = given[0] if given else Path(folder) / "book.html"
        if not given:
            from reporting.conftest import make_book

            write_page(make_book(2_000), source)
        shoot(source, target)
