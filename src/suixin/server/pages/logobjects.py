"""What the audit log is about, as people know it: its kind in words, its number, and its page where the reader may see one."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet
from django.urls import resolve, reverse

from suixin.server.audit.models import Record
from suixin.server.audit.objects import OBJECTS
from suixin.server.audit.registry import Words
from suixin.server.identity.people import Wanted, staff
from suixin.server.identity.roles import Role


class Object(NamedTuple):
    """The object of a line: its kind, the number or name that people know ('' for none), its page ('' for none)."""

    kind: Words
    called: str
    url: str


class _Known(NamedTuple):
    """By which column people know objects of a kind, and their page: its name, with that column or the key in it."""

    column: str = "pk"
    page: str = ""
    by: str = ""
    rows: Callable[[], QuerySet[Any]] | None = None


_KNOWN = {
    "identity.user": _Known("username", "bank-person", "pk", lambda: staff(Wanted(state="all"))),
    "identity.client": _Known("name"),
    "ledger.book": _Known("code"),
    "merchants.merchant": _Known("merchant_id", "bank-assisted-merchant", "merchant_id"),
    "origination.application": _Known("number", "bank-application", "number"),
    "origination.applicationbatch": _Known("name", "bank-import", "pk"),
    "origination.policyrelease": _Known(page="bank-policy"),
    "origination.policyproposal": _Known(page="bank-policy"),
    "servicing.facility": _Known("number"),
    "servicing.loan": _Known("number", "bank-loan", "number"),
    "servicing.dayend": _Known(page="platform-jobs"),
    "watching.look": _Known(page="platform-jobs"),
    "watching.alert": _Known(page="bank-alert", by="pk"),
    "complaints.complaint": _Known("number", "bank-complaint", "number"),
    "regions.publication": _Known(page="bank-regions"),
    "regions.ground": _Known(page="bank-regions"),
    "intake.mendedfile": _Known("name", "platform-mended", "pk"),
    "webhooks.endpoint": _Known("name", "bank-webhook", "pk"),
    "webhooks.delivery": _Known(page="bank-delivery", by="pk"),
}


def objects_of(records: Iterable[Record], roles: Collection[Role]) -> dict[tuple[str, str], Object]:
    """(kind, id) -> the object of these records, in a query a kind that people know by more than its key."""
    asked: dict[str, set[str]] = {}
    for one in records:
        asked.setdefault(one.object_kind, set()).add(one.object_id)
    found: dict[tuple[str, str], Object] = {}
    for kind, ids in asked.items():
        said, known = OBJECTS.get(kind, Words(kind, kind)), _KNOWN.get(kind)
        found |= {(kind, pk): Object(said, "", "") for pk in ids}
        if known is not None:
            for pk, called in _rows(kind, known, ids):
                shown = "" if known.column == "pk" else str(called)
                found[kind, pk] = Object(said, shown, _page(known, pk, called, roles))
    return found


def _rows(kind: str, known: _Known, ids: Collection[str]) -> Iterable[tuple[str, Any]]:
    rows = apps.get_model(kind).objects.all() if known.rows is None else known.rows()
    held = rows.filter(pk__in=[pk for pk in ids if pk.isdecimal()])
    return [(str(pk), called) for pk, called in held.values_list("pk", known.column)]


def _page(known: _Known, pk: str, called: Any, roles: Collection[Role]) -> str:
    """The page, if whoever has these roles may see it: the page's own door says who may."""
    if not known.page:
        return ""
    part = {"": [], "pk": [pk]}.get(known.by, [called])
    url = reverse(known.page, args=part)
    door: Any = resolve(url).func
    return url if door.allows & frozenset(roles) else ""
