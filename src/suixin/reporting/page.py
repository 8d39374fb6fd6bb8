"""book.html: the decision book as one file that needs nothing else."""

import base64
from hashlib import sha256
from importlib import resources
from pathlib import Path

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from suixin.errors import BookError
from suixin.reporting.book import Book
from suixin.reporting.pagedata import page_data
from suixin.reporting.wording import words

SCRIPTS = ("words.js", "draw.js", "summary.js", "merchant.js", "page.js")


def write_page(book: Book, path: Path) -> None:
    """Write book.html, UTF-8, in both languages; BookError if it cannot be written."""
    text = render_page(book)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BookError(f"{path}: cannot be written: {error.strerror}") from error


def render_page(book: Book) -> str:
    """The page's text: style, script and data are inside, and nothing else may run or be loaded."""
    style = _asset("page.css")
    script = "(() => {\n'use strict';\n" + "\n".join(_asset(name) for name in SCRIPTS) + "\n})();"
    environment = Environment(
        loader=PackageLoader("suixin.reporting", "assets"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )
    return environment.get_template("book.html").render(
        t=words("zh").text,
        policy=_policy(book),
        policy_csp=_content_security_policy(style, script),
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own files
        data=Markup(embedded(page_data(book))),  # noqa: S704  escaped by `embedded`
    )


def embedded(value: object) -> str:
    """JSON that can stand in a script element: no text of the data can close it or open a comment."""
    text = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _policy(book: Book) -> str:
    return f"{book.policy.name} {book.policy.version}"


def _asset(name: str) -> str:
    return (resources.files("suixin.reporting") / "assets" / name).read_text(encoding="utf-8")


def _content_security_policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_source(style)}'; script-src '{_source(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()
