"""The agreement on paper: a PDF that carries within it, as a file, the very text that was signed."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

import typst

from suixin.errors import UsageError
from suixin.server.pages.agreements import Agreement
from suixin.server.pages.templatetags.words import lang, pair, spoken

HERE = Path(__file__).parent
_ONE_AT_A_TIME = Lock()


def pdf(
    agreement: Agreement, *, lender: str, borrower: str, text: str, digest: str, signed: list[tuple[str, str]]
) -> bytes:
    """An agreement as PDF/A-3 and PDF/UA-1, the same bytes each time.

    The font that comes with the product knows the signs of GB 2312; a rarer one is taken from the system's fonts.

    Args:
        agreement: in the reader's words.
        lender: its name.
        borrower: the holder's name.
        text: the canonical text, which goes along as `agreement.json`.
        digest: its SHA-256, printed at the end.
        signed: how it was signed, in the reader's words; empty leaves lines to sign on.

    Raises:
        UsageError: a name has a sign that no font here can print.
    """
    document = {"sections": [asdict(one) for one in agreement.sections]} | {
        "lang": lang(),
        "title": pair("最高额借款合同", "Credit agreement"),
        "parties": [
            (pair("合同编号", "Number"), agreement.held["number"]),
            (pair("贷款人", "Lender"), lender),
            (pair("借款人", "Borrower"), borrower),
            (pair("签订日期", "Date"), spoken().date(agreement.signed_on)),
        ],
        "signed": signed,
        "lines": [pair("借款人", "Borrower"), pair("经办人", "Officer"), pair("见证人", "Witness")],
        "digest": [pair("文本的 SHA-256", "SHA-256 of the text"), digest],
        "signatures": pair("签署", "Signatures"),
        "text": text,
        "attached": pair("所签文本", "the text that is signed"),
    }
    return _compiled(document, datetime.combine(agreement.signed_on, time(), UTC))


def _compiled(document: dict[str, Any], moment: datetime) -> bytes:
    given = {"document": json.dumps(document, ensure_ascii=False, sort_keys=True)}
    # Kept for decades with its file inside (PDF/A-3), and read aloud by a machine (PDF/UA).
    try:
        with _ONE_AT_A_TIME:  # the compiler refuses a second thread
            made = _compiler().compile(
                format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=moment, sys_inputs=given
            )
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        raise UsageError(
            f"no font here prints one of its signs ({error.message}); install fonts-noto-cjk on the server",
            zh=f"没有能印出其中某个字的字体（{error.message}）；请在服务器上安装 fonts-noto-cjk",
        ) from error
    return cast("bytes", made)


@cache
def _compiler() -> typst.Compiler:
    """The compiler of the agreement; it looks for fonts once."""
    return typst.Compiler(HERE / "agreement.typ", root=HERE, font_paths=[HERE / "fonts"])
