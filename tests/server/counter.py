"""A bank's counter for the tests of its pages: people who sign in, and a desk with cases in many states, made once.

Of its cases FILED has no consents, REVIEW waits for a reviewer, OFFERED and SEASON were granted by the policy alone,
REFUSED was declined by it, GONE was withdrawn.
"""

import re
import shutil
import warnings
from html import unescape
from pathlib import Path

from django.db import connection
from django.test import Client
from house import AT
from journeys import APPROVED, DECLINED, REFERRED, SEASONAL, Desk

from suixin.server import tenancy
from suixin.server.identity.access import actor_of
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.origination.actions.withdraw_application import withdraw_application

OFFERED, SEASON, REVIEW, REFUSED, FILED, GONE = (f"A2026-{number:06d}" for number in range(1, 7))
NEW = {
    "merchant_id": APPROVED, "name": "王桂兰", "identity_number": "37130219531107002X", "telephone": "13812345678",
    "kind": "farmer", "county": "371302", "village": "371302001201", "shop_name": "桂兰果园", "platform": "mall",
    "shop": "s",
}  # fmt: skip
"""A woman of seventy-two, as she is enrolled at the counter."""
PAPER = {"paper": "协助办理档案 2026-17 第 3 页"}
_KEPT = {}


class Counter(Desk):
    """A desk whose people sign in: `client(role)` is a browser of the first of them, `actor(role)` that person."""

    def prepared(self):
        """The cases."""
        self.assessed(APPROVED, amount=500_000)
        self.assessed(SEASONAL, amount=2_000_000)
        self.assessed(REFERRED, amount=200_000)
        self.assessed(DECLINED)
        self.filed("5", amount=700_000)
        gone = self.filed("6", amount=800_000)
        withdraw_application(gone.number, by=self.owner("6"), at=AT, reason="家里不同意")
        return self.staffed(*Role)

    def staffed(self, *roles):
        """People of these roles, three of each."""
        for role in roles:
            for number in range(1 if role is Role.OWNER else 3):
                self.person(role, number)
        return self

    def person(self, role, number=0):
        """A user of that role."""
        bound = APPROVED if role is Role.OWNER else ""
        name = f"{role.label}{number}"
        with tenancy.within(self.organisation.pk):
            return add_person(NewPerson(self.username(role, number), name, role, None, bound), AT)

    def username(self, role, number=0):
        return f"{self.organisation.code}-{role}-{number}"

    def user(self, role, number=0):
        with tenancy.within(self.organisation.pk):
            return User.objects.get(username=self.username(role, number))

    def actor(self, role, number=0):
        user = self.user(role, number)
        with tenancy.within(self.organisation.pk):
            return actor_of(user)

    def client(self, role, number=0, language="zh-hans"):
        return browser(self.user(role, number), language)

    def within(self):
        return tenancy.within(self.organisation.pk)


def browser(user, language="zh-hans"):
    """A browser in which a user has signed in."""
    made = Client(SERVER_NAME="127.0.0.1")
    with warnings.catch_warnings():  # no static files were collected, and none are asked for
        warnings.filterwarnings("ignore", "No directory at")
        made.handler.load_middleware()
    made.force_login(user)
    made.cookies["django_language"] = language
    return made


def enrolled(counter, *merchants):
    for merchant in merchants:
        who = Enrolled(merchant, "farmer", "371302", "371302001201", f"李{merchant}")
        with counter.within():
            enrol(who, by=counter.program, at=AT)


def counter_of(database, folder):
    """The prepared counter in this test's database, copied from the first one made."""
    path, kept = Path(database.url.removeprefix("sqlite:///")), folder / "counter.sqlite3"
    connection.close()
    if kept.exists():
        shutil.copy(kept, path)
    else:
        _KEPT[kept] = Counter().prepared()
        connection.close()
        shutil.copy(path, kept)
    return _KEPT[kept]


def light(*roles):
    """A counter with one case, which waits for a reviewer: for tests that run on both databases."""
    made = Counter().staffed(*roles)
    return made, made.assessed(REFERRED, amount=200_000).number


def said(answer):
    """What the next page says."""
    page = answer.client.get(answer.url) if answer.status_code == 302 else answer
    return [str(message) for message in page.context["messages"]] if page.context else []


def text_of(answer):
    """A page's text without its tags, blanks run together."""

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())
