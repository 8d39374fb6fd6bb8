"""A customer of a small bank for the tests of sharing: she signs in, and staff who may assist her are at hand."""

from datetime import UTC, datetime, timedelta

from house import bank

from suixin.errors import ConsentError
from suixin.server import tenancy
from suixin.server.identity.access import GRANTS, Actor, actor_of, system
from suixin.server.identity.actions.add_user import add_user
from suixin.server.identity.actions.found_organisation import NewPerson
from suixin.server.identity.roles import Role
from suixin.server.sharing import queries
from suixin.server.sharing.actions.grant import grant
from suixin.server.sharing.actions.request_consent import request_consent
from suixin.server.sharing.actions.use import use
from suixin.sharing.artefact import Party
from suixin.sharing.purposes import purpose_on

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MALL = Party("mall", "The Mall", "mall@example.com")


class Customer:
    """A bank, and a merchant M1 who is `her`; `as_(role)` is a person of the bank who has that role."""

    def __init__(self, code="rural", organisation=None):
        self.organisation = organisation or bank(code)[0]
        self.program = system(self.organisation.pk, "test")
        self.her = self.owner(f"{code}-her", "M1")

    def owner(self, username, merchant_id):
        person = NewPerson(username, username, Role.OWNER, bound_to=merchant_id)
        first, second = (self.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
        self.user = add_user(person, by=first, second=second, at=AT)
        with tenancy.within(self.organisation.pk):
            return actor_of(self.user)

    def as_(self, role, number=0):
        name = f"user:{1000 + list(Role).index(role) * 10 + number}"
        return Actor(self.organisation.pk, name, GRANTS.get(role, frozenset()))

    def asked(self, code="P104", handle="h", merchant_id="M1", **more):
        more = {"by": self.program, "at": AT, "provider": MALL, "contact": "12345"} | more
        return request_consent(merchant_id, code, handle=handle, **more)

    def granted(self, code="P104", handle="h", **more):
        row = self.asked(code, handle, **more)
        return grant(row.consent_id, by=self.her, at=more.get("at", AT))

    def use(self, code="P104", at=AT, **more):
        more = {"merchant_id": "M1", "scopes": sorted(purpose_on(code, at.date()).scopes)[:1]} | more
        actor = more.pop("actor", self.program)
        with tenancy.within(self.organisation.pk):
            return use(actor, purpose=code, at=at, what=more.pop("what", "a test"), **more)

    def why(self, **more):
        """Why a use is refused; '' if it is not."""
        try:
            self.use(**more)
        except ConsentError as error:
            return error.why
        return ""

    def receipts(self, merchant_id="M1"):
        with tenancy.within(self.organisation.pk):
            return queries.receipts_of(merchant_id)

    def consents(self, at=AT, merchant_id="M1"):
        """(state, version) of each, the latest first."""
        with tenancy.within(self.organisation.pk):
            return [
                (str(one.consent.state), one.consent.version) for one in queries.consents_of(merchant_id, at)
            ]

    def first_break(self, row):
        with tenancy.within(self.organisation.pk):
            return queries.first_break(row.consent_id)
