"""A small lender with a lake: a simulated county of thirty merchants, a desk, a policy, and the steps of a case.

Of this county merchant 4 is approved within the policy's own authority, 30 with a season-fitted schedule, 10 is referred,
1 is declined.
"""

import atexit
import functools
import os
import shutil
import tempfile
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

from house import AT
from lender import Lender

from suixin.adapters import open_source
from suixin.identifiers import resident_id_check
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.identity import access
from suixin.server.identity.access import actor_of
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Merchant
from suixin.server.origination import agreement, peers
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.release_policy import release_policy
from suixin.server.origination.actions.set_up_desk import set_up_desk
from suixin.server.origination.actions.sign import sign, to_sign
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.models import Application
from suixin.server.origination.signing import TypedName, one_time_code
from suixin.simulation.simulate import simulate
from suixin.underwriting.policy import parse_policy, shipped_policy

DAY = date(2026, 1, 1)
APPROVED, SEASONAL, REFERRED, DECLINED = "4", "30", "10", "1"
PASSWORD = "correct horse battery"  # noqa: S105  of the people of the tests
POLICY = (
    shipped_policy("CNY").text
    + """
authority:
  automatic: {value: 50000, source: board, since: 2026-11-01}
  approver: {value: 300000, source: board, since: 2026-11-01}
"""
)

NEXT_POLICY = POLICY.replace('version: "2026.11"', 'version: "2026.12"')
"""The same under the next version, which another text needs."""

STRICTER = NEXT_POLICY.replace("approve_from: 620", "approve_from: 680").replace(
    "approver: {value: 300000", "approver: {value: 200000"
)
"""With a higher line, and less authority for one person."""


@functools.cache
def county() -> Path:
    """The lake of the county, with what peers say; made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="suixin-county-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["SUIXIN_HOME"] = str(folder / "home")
    simulate(folder / "source", merchants=30, months=24, seed=7, processes=1)
    ingest(open_source("standard", folder / "source"), folder / "lake", now=datetime(2026, 1, 1, tzinfo=UTC))
    peers.prepare(Lake.open(folder / "lake"), parse_policy(POLICY, "tests"), DAY, processes=0)
    return folder / "lake"


def card(merchant_id):
    """A number of identity that nobody has, one a merchant."""
    first = f"99130219800101{zlib.crc32(merchant_id.encode()) % 1000:03d}"
    return first + resident_id_check(first)


class Desk(Lender):
    """A lender who takes applications; every step as the people of the house and the merchants do it."""

    def __init__(self, code="rural"):
        super().__init__(code, opened_on=DAY)
        with tenancy.within(self.organisation.pk):
            admin = actor_of(User.objects.order_by("pk").first())
        set_up_desk(self.book, county(), by=admin, at=AT, demo=True)
        owner, second = self.as_(Role.MODEL_OWNER), self.as_(Role.APPROVER, 9)
        self.release = release_policy(POLICY, reason="first", by=owner, second=second, at=AT)
        self.machine = access.policy(self.organisation.pk)

    def enrolled(self, merchant_id, **more):
        """Enrolled, and, as anybody in the demonstration who has a number of identity, verified."""
        more = {"identity_number": card(merchant_id)} | more
        who = Enrolled(
            merchant_id,
            "farmer",
            "371302",
            "371302001201",
            f"张{merchant_id}",
            platform="mall",
            shop="s",
            **more,
        )
        username = f"{self.organisation.code}-m{merchant_id}"
        return enrol(who, by=self.program, at=AT, username=username, password=PASSWORD)

    def owner(self, merchant_id):
        with tenancy.within(self.organisation.pk):
            return actor_of(User.objects.get(username=f"{self.organisation.code}-m{merchant_id}"))

    def filed(self, merchant_id, amount=3_000_000, **more):
        with tenancy.within(self.organisation.pk):
            merchant = Merchant.objects.filter(merchant_id=merchant_id).first()
        merchant = merchant or self.enrolled(merchant_id)
        return file_application(merchant, amount, "种苗", by=self.owner(merchant_id), at=AT, **more)

    def consented(self, case, **answers):
        with tenancy.within(self.organisation.pk):
            merchant = Merchant.objects.get(merchant_id=case.merchant_id)
        given = dict.fromkeys(ASKED, True) | answers
        return take_consents(case, merchant, given, by=self.owner(case.merchant_id), at=AT)

    def assessed(self, merchant_id, **more):
        case = self.filed(merchant_id, **more)
        self.consented(case)
        assess(case.number, by=self.machine, at=AT)
        return self.case(case.number)

    def case(self, number):
        with tenancy.within(self.organisation.pk):
            return Application.objects.get(number=number)

    def signed(self, merchant_id, **more):
        case = self.assessed(merchant_id, **more)
        return self.sign(case.number)

    def sign(self, number):
        with tenancy.within(self.organisation.pk):
            case, text = to_sign(number)
        digest, holder = agreement.digest_of(text), f"张{case.merchant_id}"
        by = self.owner(case.merchant_id)
        signer = TypedName(demo=True, holder=holder, name=holder, code=one_time_code(digest), signer=by.name)
        return sign(number, signer, shown=digest, by=by, at=AT)
