"""The people of a small lender at their screens: `page(role, address)` and `send(role, address, form)` as that role sees it."""

import html
import re
from dataclasses import replace

from django.test import Client
from house import AT
from lender import CARRIED, Lender

from suixin.server import tenancy
from suixin.server.identity.access import actor_of
from suixin.server.identity.actions.add_user import add_user
from suixin.server.identity.actions.found_organisation import NewPerson
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.servicing.actions.accept import accept
from suixin.server.servicing.actions.offer import offer
from suixin.server.servicing.models import Loan

APPLE, PEAR = (replace(CARRIED, crop=crop) for crop in ("apple", "pear"))
HAIL = {
    "event": "雹灾 2026-3",
    "source": "县公告 7 号",
    "townships": "371302001",
    "crops": "apple",
    "first_on": "2026-01-07",
    "last_on": "2026-04-30",
    "deferred": "next",
    "extend": "yes",
}
"""The form of a disaster that strikes the apples of one township."""
PASSWORD = "correct horse battery"  # noqa: S105  of the people of the tests


def _messages(text):
    """What a page says first."""
    found = re.search(r'<ul class="messages">(.*?)</ul>', text)
    return [html.unescape(one) for one in re.findall(r"<li[^>]*>(.*?)</li>", found[1])] if found else []


class Screens(Lender):
    """A lender whose people sign in; the second person of a role is `role.1`."""

    def __init__(self, code="rural", **more):
        super().__init__(code, **more)
        with tenancy.within(self.organisation.pk):
            self.first, self.other = (actor_of(user) for user in User.objects.order_by("pk"))
        self.clients = {}

    def person(self, role, number=0, password=None):
        """The user of a role, who is added when first asked for."""
        username = f"{self.organisation.code}-{role}-{number}"
        with tenancy.within(self.organisation.pk):
            held = User.objects.filter(username=username).first()
        if held is None:
            new = NewPerson(username, f"{Role(role).label}{number}", Role(role), password)
            held = add_user(new, by=self.first, second=self.other, at=AT)
        return held

    def actor(self, role, number=0):
        user = self.person(role, number)
        with tenancy.within(self.organisation.pk):
            return actor_of(user)

    def client(self, role, number=0, lang="zh-hans"):
        key = (role, number, lang)
        if key not in self.clients:
            made = Client(SERVER_NAME="localhost")
            made.force_login(self.person(role, number), "suixin.server.identity.backend.Backend")
            made.cookies["django_language"] = lang
            self.clients[key] = made
        return self.clients[key]

    def page(self, role, address, status=200, **more):
        """The text of a page."""
        answer = self.client(role, **more).get(address)
        assert answer.status_code == status, (answer.status_code, answer.get("Location"))
        return answer.content.decode()

    def send(self, role, address, form, **more):
        """Where a form leads, and what the next page says: (address, messages); the status where it leads nowhere."""
        client = self.client(role, **more)
        answer = client.post(address, form)
        if answer.status_code != 302:
            return answer.status_code, _messages(answer.content.decode(errors="ignore"))
        onward = client.get(answer["Location"])
        assert onward.status_code == 200
        return answer["Location"], _messages(onward.content.decode())

    def loan(self, number="L1"):
        with tenancy.within(self.organisation.pk):
            return Loan.objects.select_related("profile").get(number=number)

    def lend(self, number, borrower="P1", carried=CARRIED, **terms):
        """A loan that is paid out."""
        contract = self.contract(number, **terms)
        offer(self.book, contract, borrower, carried, by=self.as_(Role.APPROVER), at=AT)
        self.sign(number)
        self.disburse(number, contract.terms.principal_fen)
        return contract

    def sign(self, number):
        accept(self.book, number, signature="0" * 64, by=self.as_(Role.CUSTOMER_MANAGER), at=AT)


def house_of(*loans, code="rural"):
    """A lender three days on, with these loans: number, borrower, what each carries."""
    house = Screens(code)
    for number, borrower, carried in loans:
        house.lend(number, borrower, carried)
    house.end(3)
    return house
