"""Look at a book's live loans: read who consents to it, and keep the book of alerts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from suixin.calendar import add_months
from suixin.errors import ConsentError
from suixin.monitor.own import Look as Found
from suixin.monitor.own import look
from suixin.scoring.watch.rules import LoadedRules, shipped_rules
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book
from suixin.server.origination.assessing import as_of_day
from suixin.server.origination.desk import desk, lake_of, policy_of, release_in_force
from suixin.server.origination.models import Desk
from suixin.server.outbox.actions.write import News, write
from suixin.server.servicing.models import Loan
from suixin.server.sharing.actions.use import use
from suixin.server.sharing.acts import WATCH
from suixin.server.watching import borrowers, keeping
from suixin.server.watching.models import Alert, Look
from suixin.server.webhooks.topics import news
from suixin.sharing.purposes import civil_date

ACTION = "lending.book.watch"
PURPOSE = "P104"
READS = (
    "merchants", "orders", "order_items", "payments", "settlements", "shipments", "reviews", "refunds", "invoices",
    "cashflows", "exposures", "relations",
)  # fmt: skip
"""The tables that a look reads about a merchant: what P104 allows, but for loans, which the house knows itself."""
MONTHS = 24
"""So far back P104 lets one read."""


@dataclass(slots=True)
class _Changes:
    """What a look does to the alerts."""

    new: list[Alert] = field(default_factory=list)
    old: list[Alert] = field(default_factory=list)
    raised: list[Alert] = field(default_factory=list)  # of both, those that are new or rose
    rose: int = 0
    closed: int = 0


def watch(book: Book, *, by: Actor, at: datetime, rules: LoadedRules | None = None) -> Look:
    """Look at the live loans as of the book's business date; a date that was looked at returns what that look did.

    Who has no live consent to post-loan warning is not read, and is named with the reason; such a loan's alerts stay as
    they are. New alerts open, those that last go on and may rise, those whose condition is gone for the weeks of the rules
    are closed, as are those of loans that are watched no longer.

    Args:
        book: the lender's.
        by: the program.
        at: when.
        rules: of early warning; those shipped if None.

    Raises:
        AccessError: only the program looks.
        UsageError: the house has no desk, so no lake.
    """
    with tenancy.within(book.organisation_id):
        by.require(ACTION, book)
        locks.rows(Desk.objects.filter(pk=desk().pk))  # two looks at once come one after the other
        day = queries.day_of(book).business_on
        earlier = Look.objects.filter(book_id=book.pk, day=day).first()
        return earlier or _look(book, day, rules or shipped_rules(), by, at)


def _look(book: Book, day: date, rules: LoadedRules, by: Actor, at: datetime) -> Look:
    loans = borrowers.live(book, day)
    since = add_months(civil_date(at), -MONTHS)
    unread = _unread(loans, since, by, at)
    chosen = [row for row in loans if row.borrower not in unread]
    lasting = locks.rows(Alert.objects.filter(book_id=book.pk, gone_on=None).select_related("loan"))
    changes = _left(lasting, {row.pk for row in loans}, day, by)
    lake = lake_of(desk()) if chosen else None
    until = None
    if lake is not None:
        until = as_of_day(lake, day)
        read = borrowers.frames(chosen, day, until)
        mine = {row.pk for row in chosen}
        rows = [row for row in lasting if row.loan_id in mine and row.gone_on is None]
        found = look(
            lake.narrowed(READS, since),
            read.loans,
            read.dues,
            rules.rules,
            day,
            held=[keeping.read(row) for row in rows],
            since=since,
            routes=policy_of(release_in_force()).policy.data.routes.value,
        )
        _settle(found, rows, {row.number: row for row in chosen}, rules, day, by, changes)
    Alert.objects.bulk_update(changes.old, keeping.KEPT)
    Alert.objects.bulk_create(changes.new)
    write([_news(book, row, day) for row in changes.raised], at=at)
    made = Look(
        book=book,
        day=day,
        snapshot=lake.snapshot if lake else "",
        known_until=until,
        rules=rules.hash,
        counts=_counts(loans, chosen, changes),
        unread=[list(one) for one in sorted(unread.items())],
        made_by=by.name,
        made_at=at,
    )
    made.save(force_insert=True)
    record(by, ACTION, made, after=_state(made, changes), at=at)
    return made


def _news(book: Book, row: Alert, day: date) -> News:
    key = f"{book.code}/{row.loan.number}/{row.code}/{day.isoformat()}"
    told = {"loan": row.loan.number, "merchant_id": row.borrower, "on": day.isoformat()}
    return news("alert.raised", key, alert=row.code, severity=row.severity, **told)


def _unread(loans: list[Loan], since: date, by: Actor, at: datetime) -> dict[str, str]:
    """Borrower -> why not, of those whose consent says no; each of the others has a receipt from here on."""
    refused = {}
    for borrower in sorted({row.borrower for row in loans}):
        try:
            use(
                by,
                merchant_id=borrower,
                purpose=PURPOSE,
                scopes=READS,
                at=at,
                what=WATCH.written(),
                since=since,
            )
        except ConsentError as error:
            refused[borrower] = error.why
    return refused


def _left(lasting: list[Alert], live: set[int], day: date, by: Actor) -> _Changes:
    """End the alerts of loans that are repaid, in default, or off the book."""
    changes = _Changes()
    for row in lasting:
        if row.loan_id not in live:
            changes.closed += row.state != Alert.State.CLOSED
            changes.old.append(keeping.end(row, day, keeping.gone_with(row.loan, day), by.name))
    return changes


def _settle(
    found: Found,
    rows: list[Alert],
    loans: dict[str, Loan],
    rules: LoadedRules,
    day: date,
    by: Actor,
    changes: _Changes,
) -> None:
    """Put what was found into the rows that were there, and make those that were not."""
    held = {(row.loan.number, row.code): row for row in rows}
    for number, alert in enumerate(found.alerts):
        row = held.get((alert.loan_id, alert.signal))
        rose = number in found.proofs
        if row is not None and row.state == Alert.State.CLOSED and rose:
            changes.old.append(keeping.end(row, day, "", by.name))
            row = None  # graver than when somebody closed it: a new one
            alert.opened_day, alert.raised = alert.raised[-1][0], alert.raised[-1:]
        if row is None:
            row = keeping.opened(alert, loans[alert.loan_id])
            changes.new.append(row)
        else:
            changes.old.append(row)
            changes.rose += rose
        keeping.write(row, alert, rules.rules, keeping.chance_of(found, alert))
        if rose:
            changes.raised.append(row)
            keeping.prove(row, found.proofs[number], found.months.get(alert.merchant_id, ()))
        if alert.closed_day is not None:
            changes.closed += row.state != Alert.State.CLOSED
            keeping.end(row, day, alert.closed_because, by.name)


def _counts(loans: list[Loan], chosen: list[Loan], changes: _Changes) -> dict[str, Any]:
    return {
        "loans": len(loans),
        "read": len(chosen),
        "opened": len(changes.new),
        "rose": changes.rose,
        "closed": changes.closed,
    }


def _state(made: Look, changes: _Changes) -> dict[str, Any]:
    """What the audit log digests of a look: its counts, and which alerts it touched."""
    return {
        "day": made.day.isoformat(),
        "counts": made.counts,
        "unread": made.unread,
        "opened": [[row.loan.number, row.code] for row in changes.new],
        "kept": [row.pk for row in changes.old],
    }
