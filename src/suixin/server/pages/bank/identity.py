"""Identities: the list for a licensed provider, its answers, what was found; and a paper seen at the counter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of, names_of
from suixin.server.origination.sheet import MOST_BYTES, MOST_ROWS
from suixin.server.pages import asking, forms, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.bank.imported import Kind, answer
from suixin.server.pages.casewords import Said
from suixin.server.pages.door import Visit, act, act_each, for_roles, now
from suixin.server.pages.identitywords import PAPERS, STANDINGS, VERDICTS, WAYS
from suixin.server.pages.templatetags.words import ZONE, pair, worded
from suixin.server.verification.actions.ask_provider import Line, ask_provider, to_ask, without_number
from suixin.server.verification.actions.import_answers import import_answers
from suixin.server.verification.actions.take_back_check import take_back_check
from suixin.server.verification.actions.verify import verify_at_counter
from suixin.server.verification.checks import Wanted, found
from suixin.server.verification.imported import Imported
from suixin.server.verification.models import REASON, WORDS, IdentityCheck, TakenBack
from suixin.server.verification.queries import held_of
from suixin.server.verification.sheet import COLUMNS
from suixin.sharing.purposes import civil_date

SIZE = 50
READERS = (Role.CUSTOMER_MANAGER, Role.AUDITOR)


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """How many wait to be verified, and the answers that are asked for, the latest first."""
    return _listed(visit)


def _listed(visit: Visit, of_file: Mapping[str, object] | None = None) -> HttpResponse:
    wanted = _wanted(visit)
    page = asking.page(found(wanted, civil_date(now())), visit.GET, SIZE)
    rows = _rows(list(page))
    context = {
        "wanted": wanted,
        "narrowed": wanted != Wanted(),
        "page": page,
        "rows": rows,
        "may_take_back": any(row.may_be_taken_back for row in rows),
        "verdicts": VERDICTS.items(),
        "ways": WAYS.items(),
        "papers": PAPERS.items(),
        "waiting": len(to_ask(now())),
        "without_number": without_number(),
        "may": Role.CUSTOMER_MANAGER in visit.roles,
        "most": MOST_ROWS,
        "longest": REASON,
        **(of_file or {}),
    }
    return render(visit, "bank/identities.html", context)


def _wanted(visit: Visit) -> Wanted:
    sent = visit.GET
    return Wanted(
        text=asking.words(sent, "text"),
        verdict=asking.one_of(sent, "verdict", VERDICTS),
        how=asking.one_of(sent, "how", WAYS),
        paper=asking.one_of(sent, "paper", PAPERS),
        from_on=asking.day(sent, "from_on"),
        to_on=asking.day(sent, "to_on"),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A check in a list: what was found and how, in words, of whom, and by whom."""

    one: IdentityCheck
    name: str
    verdict: Said
    way: Said
    who: str
    taken_back: TakenBack | None

    @property
    def may_be_taken_back(self) -> bool:
        """Whether it is a provider's answer that counts."""
        return self.taken_back is None and self.one.how == IdentityCheck.How.PROVIDER


def _rows(checks: list[IdentityCheck]) -> list[Row]:
    names, people = names_of(one.merchant_id for one in checks), house.called(one.by for one in checks)
    return [
        Row(
            one,
            names.get(one.merchant_id, ""),
            VERDICTS[one.verdict],
            WAYS[one.how],
            people[one.by],
            getattr(one, "taken_back", None),
        )
        for one in checks
    ]


@require_GET
@for_roles(*READERS)
def workbook(visit: Visit) -> HttpResponse:
    """The checks that are asked for, as a workbook."""
    rows = _rows(list(found(_wanted(visit), civil_date(now()))[: sheets.MOST_ROWS]))
    fields: list[Field[Row]] = [
        Field(pair("商户编号", "merchant"), "text", 16, lambda row: row.one.merchant_id),
        Field(pair("尾号", "ending"), "text", 8, lambda row: row.one.ending),
        Field(pair("结果", "answer"), "text", 22, lambda row: worded(row.verdict)),
        Field(pair("方式", "how"), "text", 20, lambda row: worded(row.way)),
        Field(pair("机构", "by whom"), "text", 22, lambda row: row.one.provider),
        Field(pair("编号", "number"), "text", 24, lambda row: row.one.reference),
        Field(pair("有效期至", "good until"), "date", 12, lambda row: row.one.expires_on),
        Field(pair("核验日", "verified on"), "date", 12, lambda row: row.one.at.astimezone(ZONE).date()),
        Field(pair("经办", "who asked"), "text", 16, lambda row: row.who),
        Field(pair("撤销日", "taken back on"), "date", 12, _taken_back_on),
        Field(
            pair("撤销原因", "why taken back"), "text", 30, lambda row: getattr(row.taken_back, "reason", "")
        ),
    ]
    return sheets.workbook("identity-checks", fields, rows)


def _taken_back_on(row: Row) -> date | None:
    return row.taken_back.at.astimezone(ZONE).date() if row.taken_back else None


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def ask_now(visit: Visit) -> HttpResponse:
    """The list as a workbook; that it was taken stands in the audit log."""
    return sheets.workbook("identities", _fields(), ask_provider(by=visit.actor, at=now()))


def _fields() -> list[Field[Line]]:
    return [
        Field(pair("核验编号", "reference"), "text", 20, lambda one: one.reference),
        Field(pair("姓名", "name"), "text", 16, lambda one: one.person.name),
        Field(pair("证件号", "identity_number"), "text", 22, lambda one: one.person.identity_number),
        Field(pair("电话", "telephone"), "text", 16, lambda one: one.person.telephone),
        Field(pair("结果", "verdict"), "text", 14, lambda _: ""),
        Field(pair("流水号", "number"), "text", 22, lambda _: ""),
        Field(pair("有效期至", "expires"), "text", 14, lambda _: ""),
    ]


_ANSWERS = Kind(
    "bank-identities",
    COLUMNS,
    lambda kept, there, faults: pair(
        f"导入 {kept} 条结果，{there} 条此前已有，{faults} 处错误",
        f"Answers kept: {kept}; there already: {there}; faults: {faults}",
    ),
    lambda kept, there, faults: pair(
        f"试读：可导入 {kept} 条结果，{there} 条此前已有，{faults} 处错误",
        f"Read only. Answers that would be kept: {kept}; there already: {there}; faults: {faults}",
    ),
)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def import_now(visit: Visit) -> HttpResponse:
    """Keep the answers of a file, or only read it; what is wrong with its rows stands on the page that comes back."""

    def act(dry_run: bool) -> Imported:
        name, content = forms.upload_of(visit.FILES, MOST_BYTES)
        provider = forms.words_of(visit.POST, "provider", WORDS)
        return import_answers(name, content, provider, by=visit.actor, at=now(), dry_run=dry_run)

    def shown(told: dict[str, object]) -> HttpResponse:
        return _listed(visit, told | {"provider": forms.words_of(visit.POST, "provider", WORDS)})

    return answer(visit, _ANSWERS, act, shown)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def take_back_chosen(visit: Visit) -> HttpResponse:
    """Let the answers that were ticked count no more, for one reason."""
    reason = visit.POST.get("reason", "")
    return act_each(
        visit,
        visit.POST.getlist("check"),
        lambda key: take_back_check(forms.key_of(key), reason, by=visit.actor, at=now()),
        back=forms.back_to("bank-identities", visit.POST),
        said=lambda n: pair(
            f"已撤销 {n} 条结果；此前的核验重新有效，没有的须重新核验",
            f"{n} taken back; the check before holds again, else the customer is to be verified anew",
        ),
    )


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def counter_now(visit: Visit, merchant_id: str) -> HttpResponse:
    """Write down that the paper was seen."""

    def do() -> None:
        without_end = forms.ticked(visit.POST, "without_end")
        verify_at_counter(
            merchant_of(merchant_id),
            forms.words_of(visit.POST, "number", 30),
            kept_at=forms.words_of(visit.POST, "kept_at", 100),
            expires_on=None if without_end else forms.day_of(visit.POST, "expires_on"),
            by=visit.actor,
            at=now(),
        )

    where = reverse("bank-assisted-merchant", args=[merchant_id])
    said = pair("身份已核验", "The identity is verified")
    return act(visit, do, done=where, back=where, said=said)


def told(merchant: Merchant, on: date | None = None) -> dict[str, object]:
    """How a merchant's identity stands, for a page to show."""
    held = held_of(merchant, on or civil_date(now()))
    check = held.check
    return {
        "identity": STANDINGS[held.standing],
        "identity_check": check,
        "identity_way": WAYS[check.how] if check else None,
        "identity_by": house.called([check.by])[check.by] if check else "",
        "identified": held.is_verified,
    }
