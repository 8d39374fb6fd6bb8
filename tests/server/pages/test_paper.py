"""The agreement on paper, beside what the bank's pages say of it: many at once, and sums in the agreement's own currency."""

import io
from concurrent.futures import ThreadPoolExecutor

import orjson
from pypdf import PdfReader

from suixin.server.pages import agreements, paper

COST = {"code": "interest", "rate_ppm": 43_500, "amount_fen": 1_234, "payee": "lender", "on_default": False}
HELD = {
    "number": "A0",
    "signed_on": "2026-01-05",
    "draw_until": "2027-01-05",
    "currency": "CZK",
    "limit_minor": 500_000,
    "limit_in_words": "",
    "annual_rate_ppm": 43_500,
    "all_in_rate_ppm": 43_500,
    "costs": [COST],
    "purpose": "p",
    "method": "equal_instalments",
    "interest_minor": 1_234,
    "even_interest_minor": 1_000,
    "next_rung": {"cap_fen": 700_000, "loans_repaid": 2},
    "schedule": [["2026-02-05", 500_000, 1_234, 0]] * 40,
}


def test_who_take_a_paper_at_once_each_get_their_own():
    """The compiler is one and refuses a second thread; sums say what they are of, each of the 125 on two pages."""
    read = agreements.read(orjson.dumps(HELD).decode())

    def printed(number):
        made = paper.pdf(read, lender="L", borrower=f"Borrower{number}", text="{}", digest="d", signed=[])
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
        return (
            f"Borrower{number}" in pages[0],
            len(pages),
            "".join(pages).count("克朗"),
            "元" in "".join(pages),
        )

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(printed, range(4))) == [(True, 2, 125, False)] * 4


def test_the_way_of_repaying_is_that_of_the_whole_line():
    """A smaller drawdown may be repaid in equal instalments under a line that is fitted to the season: the agreement says so."""
    _, terms, *_ = agreements.read(orjson.dumps(HELD | {"method": "harvest"}).decode()).sections
    small = "全额用款时；每笔用款按金额另定还款方式和计划，确认用款前列明"
    assert ("还款方式", "按农时还款", small) in terms.facts
