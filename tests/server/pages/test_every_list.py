"""Every list is a full list: questions, columns, views, a workbook of what was asked for, pages, and as many queries for one row as for all."""

import importlib
import io
import re
import shutil
from types import SimpleNamespace

import orjson
import pytest
from counter import OFFERED, SEASON, counter_of
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hearing import added, happens
from house import AT
from journeys import APPROVED, SEASONAL, county
from programs import Program
from python_calamine import CalamineWorkbook

from suixin.server.complaints.actions.file_complaint import Said, file_complaint
from suixin.server.identity import access
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.read_batch import read_batch
from suixin.server.origination.models import Desk
from suixin.server.pages.bank.views import LISTS
from suixin.server.servicing.models import DayEnd, Loan
from suixin.server.watching.models import Alert
from suixin.server.webhooks.actions.spread import spread
from suixin.underwriting.policy import Policy

NOBODY = "text=nobody-is-called-so"
EVERY = {
    "bank-home": (Role.AUDITOR, "bank.queue", NOBODY),
    "bank-identities": (Role.CUSTOMER_MANAGER, "bank.identity", NOBODY),
    "bank-bureau": (Role.CUSTOMER_MANAGER, "bank.bureau", NOBODY),
    "bank-imports": (Role.CUSTOMER_MANAGER, "bank.imports", NOBODY),
    "bank-payouts": (Role.DISBURSEMENT, "bank.payout", NOBODY),
    "bank-loans": (Role.AUDITOR, "bank.loans", NOBODY),
    "bank-alerts": (Role.POST_LOAN, "bank.alerts", NOBODY),
    "bank-complaints": (Role.REVIEWER, "bank.complaints", NOBODY),
    "bank-people": (Role.ADMINISTRATOR, "bank.people", NOBODY),
    "bank-deliveries": (Role.ADMINISTRATOR, "bank.webhook_log", "event=none"),
    "bank-log": (Role.AUDITOR, "bank.log", "object_id=nothing"),
    "platform-ingests": (Role.AUDITOR, "platform.deliveries", NOBODY),
    "platform-rows": (Role.OPERATOR, "platform.rows", "column=nothing"),
    "platform-jobs": (Role.ADMINISTRATOR, "platform.jobs", "book=nothing"),
}
"""List -> a role that sees it, the module that says how many rows a page has, a question that nothing answers."""


@pytest.fixture(scope="module")
def house(lasting, templates, tmp_path_factory):
    """A bank with at least two rows in every list."""
    made = counter_of(lasting, templates.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Policy, "authority_minor", lambda *_: 0)
        for number, merchant in ((OFFERED, APPROVED), (SEASON, SEASONAL)):
            made.sign(number)
            draw(number, 300_000, key="k", by=made.owner(merchant), at=AT)
    for text in (b"4,300,a\n", b"4,400,b\n"):
        manager = made.actor(Role.CUSTOMER_MANAGER)
        read_batch("f.csv", b"merchant_id,amount,purpose\n" + text, by=manager, at=AT)
    with made.within():
        loans = list(Loan.objects.order_by("pk"))
        for loan in loans:
            _alert(made.book, loan)
        for day in (4, 5):
            DayEnd(book=made.book, day=AT.date().replace(day=day), step="close", began_at=AT).save()
        for merchant in (APPROVED, SEASONAL):
            file_complaint(merchant_of(merchant), Said("price", "看不懂"), by=made.owner(merchant), at=AT)
    added(made, "https://core.example.com/suixin", ("relief.granted",))
    for key in "ab":
        happens(made, key=key)
    spread(by=access.system(made.organisation.pk, "webhooks"), at=AT)
    _push(made, tmp_path_factory.mktemp("deliveries") / "lake")
    return made


def _alert(book, loan):
    Alert(
        book=book, loan=loan, borrower=loan.borrower, code="late", severity=1, raised=[], opened_on=AT, seen_on=AT,
        points=1, chance=0.1, horizon_days=90, proposed="call", evidence=[], orders=[], months=[],
    ).save()  # fmt: skip


def _push(made, lake):
    """Two rows that are set aside, one that comes in."""
    shutil.copytree(county(), lake)
    with made.within():
        Desk.objects.update(lake=str(lake))
    row = {"order_id": "x", "merchant_id": APPROVED, "ordered_at": "2025-12-30T10:00:00+08:00"}
    sent = [row | {"order_id": f"x{place}", "amount": one} for place, one in enumerate(("1", "-1", "-2"))]
    body = b"".join(orjson.dumps(one) + b"\n" for one in sent)
    assert Program(made, Scope.DATA_WRITE).post("/data/orders", body)[0] == 200


@pytest.fixture(params=LISTS)
def one(request, house):
    """A list as somebody sees it: `page(question)` is its text."""
    role, module, nothing = EVERY[request.param]
    client = house.client(role, language="en")
    parts = {"number": 2, "table": "orders"} if request.param == "platform-rows" else {}
    path = reverse(request.param, kwargs=parts)

    def page(question=""):
        answer = client.get(f"{path}?{question}")
        assert answer.status_code == 200
        return answer.content.decode()

    module = importlib.import_module(f"suixin.server.pages.{module}")
    return SimpleNamespace(client=client, path=path, page=page, nothing=nothing, module=module)


def body_of(html):
    """The rows of the list's own table, which stands below the choice of its columns."""
    table = html.partition('<details class="columns')[2].partition("</table>")[0]
    return re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], re.DOTALL)


def test_a_list_has_all_that_a_list_has(one):
    """Its form with a way back, views, columns, and the workbook with as many rows as were found."""
    html = one.page()
    form = html.partition('role="search">')[2].partition("</form>")[0]
    assert f'href="{one.path}">Reset</a>' in form
    assert f'name="path" value="{one.path}"' in html
    columns = re.findall(r'name="col" value="(\w+)"', html)
    assert len(columns) >= 3
    narrow = one.page(f"col={columns[-1]}")
    assert {row.count("</td>") + row.count("</th>") for row in body_of(narrow)} == {2}
    rows = body_of(html)
    assert len(rows) >= 2
    (sheet,) = re.findall(r'href="([^"]*)" download>Export xlsx', html)
    answer = one.client.get(sheet)
    table = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(table) - 1 == len(rows) or 'rel="next"' in html


def test_what_nothing_answers_says_so_and_leads_back(one):
    """The workbook of it is asked by the same words, and holds nothing but its heading."""
    html = one.page(one.nothing)
    assert re.search(rf'<p class="empty">[^<]+<a href="{one.path}">Reset the question</a></p>', html)
    assert " download>Export" not in html
    (sheet,) = re.findall(r'href="([^"?]*)[^"]*" download>Export xlsx', one.page())
    answer = one.client.get(f"{sheet}?{one.nothing}")
    table = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(table) == 1


def test_the_number_of_queries_does_not_hang_on_the_rows(one, monkeypatch):
    """A page of one row fewer: the same queries, and the page is turned."""
    fewer, counts = len(body_of(one.page())) - 1, []
    for size in (fewer + 1, fewer):
        monkeypatch.setattr(one.module, "SIZE", size)
        with CaptureQueriesContext(connection) as seen:
            html = one.page()
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert len(body_of(html)) == fewer
    assert 'rel="next"' in html


def test_a_view_of_a_list_leads_back_to_it(one):
    """Whatever stands in its address; what was typed is not kept."""
    sent = {"path": one.path, "name": "mine", "question": f"{one.nothing}&col=x"}
    answer = one.client.post("/bank/views", sent)
    assert answer.url == f"{one.path}?{one.nothing}&col=x"
    kept = "col=x" if one.nothing.partition("=")[0] in {"text", "event", "object_id"} else sent["question"]
    assert f'<a href="?{kept.replace("&", "&amp;")}">mine</a>' in one.page()
