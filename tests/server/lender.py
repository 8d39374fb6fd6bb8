"""A small lender for the tests of servicing: its book, its people by role, loans that are offered and paid out."""

from datetime import date, timedelta
from decimal import Decimal

from house import AT, bank

from suixin.lending.contract import Contract
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms
from suixin.server.identity.access import GRANTS, Actor
from suixin.server.identity.roles import Role
from suixin.server.ledger.actions.open_book import open_book
from suixin.server.servicing.actions.accept import accept
from suixin.server.servicing.actions.disburse import disburse
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.actions.offer import Carried, offer

DAY = date(2026, 1, 5)
NEXT = timedelta(days=1)
CARRIED = Carried(
    borrower_class="farmer",
    client_credit_minor=10_000_000,
    purpose="seedlings",
    industry="0141",
    security="credit",
    channel="village",
    payment_mode="borrower",
    county="371302",
    village="371302001201",
)


class Lender:
    """A bank with an open book; `as_(role)` is a person who has that role, `program` the program."""

    def __init__(self, code="rural", opened_on=DAY):
        self.organisation, first, _, self.program = bank(code)
        self.book = open_book("main", "CNY", opened_on, by=first, at=AT)
        self.day = self.opened_on = opened_on

    def as_(self, role, number=0):
        name = f"user:{1000 + list(Role).index(role) * 10 + number}"
        return Actor(self.organisation.pk, name, GRANTS[role])

    def contract(
        self, number="L1", principal=10_000_000, method=Method.EQUAL_INSTALMENT, start=None, months=12, **more
    ):
        start = start or self.day
        terms = Terms(principal, Decimal("0.0435"), start, method, regular(start, months))
        return Contract(number, terms, **more)

    def offered(self, contract, **more):
        return offer(self.book, contract, "P1", CARRIED, by=self.as_(Role.APPROVER), at=AT, **more)

    def accepted(self, contract, **more):
        self.offered(contract, **more)
        by = self.as_(Role.CUSTOMER_MANAGER)
        return accept(self.book, contract.loan, signature="0" * 64, by=by, at=AT)

    def lent(self, number="L1", **more):
        contract = self.contract(number, **more)
        self.accepted(contract)
        self.disburse(number, contract.terms.principal_fen)
        return contract

    def disburse(self, number, amount, key="drawn"):
        by = self.as_(Role.DISBURSEMENT)
        return disburse(self.book, number, amount, key=key, by=by, at=AT)

    def end(self, days=1, **more):
        for _ in range(days):
            counts = end_day(self.book, self.day, by=self.program, at=AT, **more)
            assert counts["broken"] == 0, counts["breaks"]
            self.day += NEXT
        return counts
