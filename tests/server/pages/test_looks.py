"""Every page that can be opened, looked at by axe: both languages, a phone and a desk; and nothing wider than the screen."""

import pytest
from browsing import browser, faults, page, served, sign_in
from counter import OFFERED, REVIEW, Counter
from doors import addresses
from house import AT
from journeys import APPROVED, PASSWORD

from suixin.server import tenancy
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.draw import draw
from suixin.server.regions import queries
from suixin.server.regions.actions.publish_regions import publish_regions
from suixin.server.regions.documents import digest

SKIPPED = {"healthz", "language", "", "sign-out"}
"""No pages: a word of JSON, and what only forms call."""
EVERY = (
    Role.CUSTOMER_MANAGER,
    Role.APPROVER,
    Role.DISBURSEMENT,
    Role.AUDITOR,
    Role.REVIEWER,
    Role.MODEL_OWNER,
    Role.POST_LOAN,
    Role.OFFICIAL,
)


def openable(staff):
    """The addresses of pages of one wing, with something that is there in each place."""
    told = {"merchant_id": APPROVED, "consent_id": "none"}
    for path, view in addresses():
        if path in SKIPPED or not view.allows or (Role.OWNER in view.allows) == staff:
            continue
        if "xlsx" in path or "csv" in path or "json" in path or "<int:" in path or "<str:key>" in path:
            continue
        number = "F2026-000001-01" if "loans/" in path else REVIEW if staff else OFFERED
        yield "/" + path.replace("<str:number>", number).replace("<str:merchant_id>", told["merchant_id"])


def publish_month(made):
    with tenancy.within(made.organisation.pk):
        shown = digest(queries.draft(made.book).document)
    publish_regions(made.book, shown=shown, by=made.actor(Role.APPROVER), at=AT)


@pytest.fixture(scope="module")
def house(lasting):
    """A bank with cases in many states and a loan; one person has every role, for the looks alone."""
    made = Counter().prepared()
    made.sign(OFFERED)
    draw(OFFERED, 300_000, key="k", by=made.owner(APPROVED), at=AT)
    publish_month(made)
    with tenancy.within(made.organisation.pk):
        add_person(NewPerson("everybody", "周晓岚", EVERY[0], PASSWORD), AT)
        everybody = User.objects.get(username="everybody")
        for role in EVERY[1:]:
            everybody.memberships.model(user=everybody, role=role, granted_at=AT).save()
    with served(lasting.url) as address:
        yield address


@pytest.mark.full
@pytest.mark.parametrize("staff", [True, False])
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_no_page_keeps_anybody_out(house, chromium, monkeypatch, lang, staff):
    """0 faults of WCAG 2.2 A and AA; a reader with large letters and a reader by ear come through."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    found, seen = [], 0
    with browser(chromium) as program, page(program, house, lang=lang, width=1280) as tab:
        found += [f"sign-in: {fault}" for fault in faults(tab)] if tab.goto("/sign-in") else []
        sign_in(tab, "everybody" if staff else f"rural-m{APPROVED}", PASSWORD)
        for where in openable(staff=staff):
            if tab.request.get(where).status in {404, 405}:
                continue
            assert tab.goto(where).status == 200, where
            seen += 1
            for width in (1280, 390):
                tab.set_viewport_size({"width": width, "height": 844})
                found += [f"{where} at {width}: {fault}" for fault in faults(tab)]
                wide = tab.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                found += [f"{where}: {wide} px wider than {width}"] if wide > 0 else []
    assert found == []
    assert seen >= (16 if staff else 7)
