"""Early warning on live loans: read inside consent alone, one alert a signal, worked on by people, once a day."""

import pytest
from house import AT, in_threads
from journeys import APPROVED, Desk
from lender import Lender

from suixin.errors import AccessError, ConflictError, LendingError
from suixin.lending.prepay import Way
from suixin.scoring.watch.rules import parse_rules, shipped_rules
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.draw import draw
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.queries import payoff
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent, Receipt
from suixin.server.watching import queries
from suixin.server.watching.actions.close_alert import close_alert
from suixin.server.watching.actions.take_alert import take_alert
from suixin.server.watching.actions.watch import PURPOSE, READS, watch
from suixin.server.watching.models import Alert, Look

LOAN = "F2026-000001-01"


def rules(watch_from, act_from=900):
    """The shipped rules with other levels: one weak signal is enough, or none."""
    text = shipped_rules().text
    for was, now in (
        ("from_points: 36", watch_from),
        ("from_points: 52", act_from),
        ("from_points: 76", 999),
    ):
        assert text.count(was) == 1
        text = text.replace(was, f"from_points: {now}")
    return parse_rules(text, "tests")


SENSITIVE, GRAVER, DEAF = rules(3), rules(2, 3), rules(800)


def lent(code="rural", merchants=(APPROVED,)):
    """A desk that has lent 3,000 yuan to each of these merchants today."""
    desk = Desk(code)
    for merchant in merchants:
        case = desk.signed(merchant, amount=500_000)
        draw(case.number, 300_000, key="k", by=desk.owner(merchant), at=AT)
    return desk


def look(desk, held=SENSITIVE):
    return watch(desk.book, by=desk.program, at=AT, rules=held)


def alerts(desk, **asked):
    with tenancy.within(desk.organisation.pk):
        return list(Alert.objects.filter(**asked).select_related("loan").order_by("id"))


def uses(desk):
    """(merchant, scopes) of the receipts of early warning."""
    with tenancy.within(desk.organisation.pk):
        rows = Receipt.objects.filter(purpose=PURPOSE).order_by("id")
        return [(row.merchant_id, row.scopes, row.since.isoformat()) for row in rows]


def stop(desk, merchant):
    """The merchant withdraws the consent to early warning."""
    with tenancy.within(desk.organisation.pk):
        held = Consent.objects.get(merchant_id=merchant, purpose=PURPOSE).consent_id
    withdraw(held, by=desk.owner(merchant), at=AT)


def test_an_alerts_life(database):
    """Two looks at once are one; people work on what was found; a withdrawal binds the next look; repaid is over."""
    desk, stranger = lent(), Lender("other")
    two_at_once_are_one_look(desk)
    nobody_else_sees_it(desk, stranger)
    one_person_takes_it_and_closes_it(desk)
    it_comes_back_only_if_graver(desk)
    without_consent_nobody_reads(desk)
    a_repaid_loan_has_no_alert(desk)


def two_at_once_are_one_look(desk):
    """Sales of 42 % of what the season lets one expect are five points, watch: one alert, one receipt, no second look."""
    made = in_threads(2, lambda _: look(desk))
    assert [one.counts for one in made] == [{"loans": 1, "read": 1, "opened": 1, "rose": 0, "closed": 0}] * 2
    assert look(desk, DEAF).pk == made[0].pk == made[1].pk
    (row,) = alerts(desk)
    assert (row.loan.number, row.code, row.severity, row.points, row.state) == (
        LOAN,
        "sales_collapse",
        1,
        5,
        "open",
    )
    assert row.raised == [["2026-01-01", 1]]
    assert (row.opened_on, row.seen_on, row.proposed) == (desk.day, desk.day, "call")
    assert row.value == pytest.approx(0.4222638)
    assert row.evidence[0] == ["settlements", "4020451", "2025-12-29", "net_fen", 319010.0]
    assert row.orders[0] == ["orders", "40001533", "2025-12-31", "amount_fen", 12680.0]
    assert (len(row.evidence), len(row.orders), len(row.months)) == (5, 20, 12)
    assert uses(desk) == [(APPROVED, sorted(READS), "2024-01-05")]


def nobody_else_sees_it(desk, stranger):
    """Another house's post-loan manager finds no such alert, and its program may not look at this book."""
    number = alerts(desk)[0].pk
    with tenancy.within(stranger.organisation.pk):
        assert queries.found(stranger.book, queries.Wanted()).count() == 0
    with pytest.raises(LendingError, match=f"there is no alert {number}"):
        take_alert(number, by=stranger.as_(Role.POST_LOAN), at=AT)
    with pytest.raises(AccessError):
        watch(desk.book, by=stranger.program, at=AT)
    for role in (Role.REVIEWER, Role.AUDITOR, Role.COLLECTION):
        with pytest.raises(AccessError):
            take_alert(number, by=desk.as_(role), at=AT)
        with pytest.raises(AccessError):
            watch(desk.book, by=desk.as_(role), at=AT)


def one_person_takes_it_and_closes_it(desk):
    """A relative may not; two at once is one who has it; closing needs a reason, and is done once."""
    number = alerts(desk)[0].pk
    first, second = desk.as_(Role.POST_LOAN), desk.as_(Role.POST_LOAN, 1)
    kin = desk.as_(Role.POST_LOAN, 2)
    with tenancy.within(desk.organisation.pk):
        Merchant.objects.update(relatives=[kin.name])
    with pytest.raises(AccessError):
        take_alert(number, by=kin, at=AT)
    tried = in_threads(2, lambda at: take_alert(number, by=(first, second)[at], at=AT))
    assert sorted(type(one).__name__ for one in tried) == ["Alert", "ConflictError"]
    holder = first if isinstance(tried[0], Alert) else second
    assert take_alert(number, by=holder, at=AT).taken_by == holder.name
    with pytest.raises(LendingError, match="the reason has 0 characters"):
        close_alert(number, reason="  ", by=holder, at=AT)
    for _ in range(2):
        row = close_alert(number, reason="已电话了解，旺季推迟", by=holder, at=AT)
    assert (row.state, row.closed_by, row.closed_on, row.gone_on) == ("closed", holder.name, desk.day, None)
    with pytest.raises(ConflictError, match="was closed on 2026-01-01 already"):
        close_alert(number, reason="另一原因", by=holder, at=AT)
    with pytest.raises(LendingError, match="this alert is closed"):
        take_alert(number, by=first, at=AT)
    with tenancy.within(desk.organisation.pk):
        written = Record.objects.filter(action__startswith="lending.alert").order_by("id")
        assert list(written.values_list("action", "actor", "reason")) == [
            ("lending.alert.take", holder.name, ""),
            ("lending.alert.close", holder.name, "已电话了解，旺季推迟"),
        ]
        assert Record.objects.filter(action="lending.book.watch").count() == 1


def it_comes_back_only_if_graver(desk):
    """The next day the condition lasts: what was closed stays closed; when the loan is graver, a new alert opens."""
    desk.end()
    assert look(desk, GRAVER).counts == {"loans": 1, "read": 1, "opened": 1, "rose": 0, "closed": 0}
    old, new = alerts(desk)
    assert (old.state, old.gone_on, old.severity) == ("closed", desk.day, 1)
    assert (new.state, new.severity, new.raised, new.opened_on) == (
        "open",
        2,
        [["2026-01-02", 2]],
        desk.day,
    )
    assert new.proposed == "visit"


def without_consent_nobody_reads(desk):
    """No receipt and so no reading, the borrower is named with the reason, and what is open stays as it is."""
    stop(desk, APPROVED)
    desk.end()
    made = look(desk, DEAF)
    assert made.counts == {"loans": 1, "read": 0, "opened": 0, "rose": 0, "closed": 0}
    assert (made.unread, made.snapshot, made.known_until) == ([[APPROVED, "revoked"]], "", None)
    assert len(uses(desk)) == 2
    assert [(row.state, row.seen_on.day) for row in alerts(desk)] == [("closed", 1), ("open", 2)]


def a_repaid_loan_has_no_alert(desk):
    """The program closes it, and says why."""
    with tenancy.within(desk.organisation.pk):
        due = payoff(desk.book, LOAN).total_minor
    by = desk.as_(Role.POST_LOAN)
    more = {"on": desk.day, "key": "all", "currency": "CNY", "by": by, "at": AT, "ahead": Way.KEEP}
    receive(desk.book, LOAN, due, **more)
    desk.end()
    assert look(desk).counts == {"loans": 0, "read": 0, "opened": 0, "rose": 0, "closed": 1}
    row = alerts(desk)[1]
    assert (row.state, row.closed_because, row.closed_by) == ("closed", "loan_closed", desk.program.name)
    assert len(uses(desk)) == 2
    with tenancy.within(desk.organisation.pk):
        assert Look.objects.count() == 4
