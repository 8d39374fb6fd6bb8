"""A seeded life of a book on the server, calm or in a storm.

The *plan* is what the world did: loans, payments, sales that a platform settled, sales that were returned; one seed, one
plan. The *storm* is how the server heard of it: calls repeated and out of order, days late where that may be, and a
database that fails at any statement. A caller whose call failed, or who heard nothing, calls again with the same key.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import Error, OperationalError, connection
from house import AT
from lender import Lender

from suixin.ledger import chain
from suixin.ledger.servicing import journal_order
from suixin.lending.contract import Contract
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.ledger import queries
from suixin.server.ledger.verify import verify
from suixin.server.outbox.models import Message
from suixin.server.servicing import tie
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.return_sale import return_sale
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.models import DayEnd, Loan, LoanEvent, Settlement, SweepAuthorisation

WINDOW = 2  # days within which a sale can be returned
DAY = timedelta(days=1)
METHODS = (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST)


class NotYetError(Exception):
    """The call is about something that the server has not heard of; it will be made again."""


class Call(NamedTuple):
    """What somebody asks of the server: heard on a day (counted from the first) at the earliest and at the latest."""

    name: str
    first: int
    last: int
    do: Callable[[Lender], object]


class Plan:
    """What the world did to some loans in some days."""

    def __init__(self, seed: int, loans: int, days: int) -> None:
        self.days, self.begins, self.calls = days, [], []
        for number in range(loans):
            rng = random.Random(f"{seed} {number}")
            self._lent(rng, f"L{number}")
            busy: set[int] = set()
            self._sold(rng, f"L{number}", busy)
            self._paid(rng, f"L{number}", busy)

    def _add(self, name, first, last, do):
        if first < self.days:
            self.calls.append(Call(name, first, min(last, self.days - 1), do))

    def _lent(self, rng, loan):
        method, every = rng.choice(METHODS), rng.choice(["week", "month"])
        principal, rate = rng.randint(10_000_000, 30_000_000), Decimal(rng.randint(300, 900)) / 10_000
        share, keep = rng.randint(50_000, 300_000), rng.randint(0, 20_000)

        def accepted(lender):
            start = lender.opened_on
            lender.accepted(Contract(loan, Terms(principal, rate, start, method, regular(start, 6, every))))

        def authorised(lender):
            authorise_sweep(
                lender.book,
                loan,
                platform="mall",
                shop="S1",
                share_ppm=share,
                keep_minor=keep,
                return_days=WINDOW,
                signed_on=lender.opened_on,
                signature="a" * 64,
                by=lender.as_(Role.CUSTOMER_MANAGER),
                at=AT,
            )

        self.begins += [accepted, lambda lender: lender.disburse(loan, principal), authorised]

    def _sold(self, rng, loan, busy):
        """Settlements come while their window is open; one day may see several. Some sales are returned later."""
        for number in range(self.days):
            if rng.random() < 0.5:
                continue
            day, key, sales = rng.randint(0, self.days), f"s{number}", rng.randint(50_000, 400_000)
            back = rng.randint(day, day + WINDOW + 4) if rng.random() < 0.3 else None
            if back in busy:
                back = None
            last = day + WINDOW if back is None else min(day + WINDOW, back)
            self._add(f"{loan} {key}", day, last, self._settled(loan, key, day, sales))
            if back is not None:
                busy.add(back)
                self._add(f"{loan} {key} back", back, back, self._returned(loan, key))

    @staticmethod
    def _settled(loan, key, day, sales):
        def do(lender):
            with tenancy.within(lender.organisation.pk):
                held = SweepAuthorisation.objects.select_related("loan").get(loan__number=loan)
            on = lender.opened_on + day * DAY
            settle(held, sales, settled_on=on, key=key, by=lender.program, at=AT)

        return do

    @staticmethod
    def _returned(loan, key):
        def do(lender):
            with tenancy.within(lender.organisation.pk):
                held = Settlement.objects.filter(authorisation__loan__number=loan, key=key).first()
            if held is None:
                raise NotYetError
            return_sale(lender.book, held, key=f"{key} back", reason="returned", by=lender.program, at=AT)

        return do

    def _paid(self, rng, loan, busy):
        """At most one call a day whose order within it would count; some payments count from days ago."""
        for day in range(1, self.days):
            if rng.random() < 0.3 and day not in busy:
                on, amount = max(0, day - rng.choice([0, 0, 1, 3])), rng.randint(1_000, 400_000)
                self._add(f"{loan} p{day}", day, day, self._received(loan, f"p{day}", on, amount))

    @staticmethod
    def _received(loan, key, on, amount):
        def do(lender):
            by, day = lender.program, lender.opened_on + on * DAY
            receive(lender.book, loan, amount, on=day, key=key, currency="CNY", by=by, at=AT)

        return do


class Calm:
    """Every call once, on its first day, in order; nothing fails."""

    failures = repeats = 0

    def heard_on(self, call):
        return call.first

    def shuffled(self, calls):
        return calls

    def attempt(self, do):
        do()

    def batch(self):
        return 2_000


class Storm:
    """Calls late, repeated and out of order; of a hundred statements some fail.

    Args:
        seed: of the storm.
        rate: the share of statements that fail.
    """

    def __init__(self, seed: int, rate: float) -> None:
        self.rng, self.rate = random.Random(seed), rate
        self.failures = self.repeats = 0
        self._failed = False

    def heard_on(self, call):
        return self.rng.randint(call.first, call.last)

    def shuffled(self, calls):
        again = [call for call in calls if self.rng.random() < 0.3]
        self.repeats += len(again)
        mixed = [*calls, *again]
        self.rng.shuffle(mixed)
        return mixed

    def batch(self):
        return self.rng.randint(1, 3)

    def attempt(self, do):
        """Until it is done, and now and then once more: nobody heard that it was."""
        for _ in range(500):
            self._failed = False
            try:
                with connection.execute_wrapper(self._statement):
                    do()
            except Error:
                if not self._failed:
                    raise
                connection.close()
                continue
            if self.rng.random() > 0.1:
                return
            self.repeats += 1
        raise AssertionError("the storm never let this through")

    def _statement(self, execute, sql, params, many, context):
        if self.rng.random() >= self.rate:
            return execute(sql, params, many, context)
        self._failed = True
        self.failures += 1
        # SQLite has no line that could be cut; a file closed under an open cursor keeps its lock.
        kind = self.rng.choice(["before", "after", "cut" if connection.vendor == "postgresql" else "after"])
        if kind == "before":
            raise OperationalError("the server closed the connection")
        done = execute(sql, params, many, context)
        if kind == "after":
            raise OperationalError("the answer was lost")
        connection.connection.close()  # what comes next fails, were it the commit
        return done


def live(lender, plan, weather):
    """Live the plan; every day is ended."""
    for begin in plan.begins:
        weather.attempt(lambda begin=begin: begin(lender))
    heard = {call: weather.heard_on(call) for call in plan.calls}
    past: list[Call] = []
    for number in range(plan.days):
        today = [call for call, on in heard.items() if on == number]
        late = [call for call in past if weather.failures and weather.rng.random() < 0.05]
        _hear([*today, *late], lender, weather)
        past += today
        day, batch = lender.day, weather.batch()
        weather.attempt(
            lambda day=day, batch=batch: end_day(lender.book, day, by=lender.program, at=AT, batch=batch)
        )
        lender.day += DAY


def _hear(calls, lender, weather):
    waiting = weather.shuffled(calls)
    while waiting:
        call = waiting.pop(0)
        try:
            weather.attempt(lambda call=call: call.do(lender))
        except NotYetError:
            waiting.append(call)


def journal(lender):
    """The journal as bytes, in the order that does not depend on who posted first."""
    with tenancy.within(lender.organisation.pk):
        made = journal_order(made for _, made in queries.journal(lender.book))
    return b"\n".join(chain.content(one) for one in made)


def outcome(lender):
    """All that must not depend on the weather: the journal, and beside it loans, events, settlements and messages."""
    with tenancy.within(lender.organisation.pk):
        assert verify(lender.book).findings == []
        assert tie.breaks(lender.book) == []
        assert not DayEnd.objects.filter(finished_at=None).exists()
        events = LoanEvent.objects.values_list("loan__number", "key", "kind", "on", "document", "booked_on")
        loans = Loan.objects.values_list("number", "state", "account", "begins", "allowance_minor")
        sales = Settlement.objects.values_list(
            "authorisation__loan__number", "key", "state", "withheld_minor"
        )
        told = Message.objects.values_list("topic", "key", "payload")
        rest = [sorted(map(repr, rows)) for rows in (events, loans, sales, told)]
    return journal(lender), *rest
