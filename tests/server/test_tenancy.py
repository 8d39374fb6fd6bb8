"""No query of one organisation sees or writes another's row: by Django on both databases, by any SQL on PostgreSQL."""

from datetime import date

import psycopg
import pytest
from customer import Customer
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from house import AT, CASH, LOANS, OVERPAID, in_threads, moved, posted
from lender import Lender

from suixin.errors import LedgerError, ServerError, TenancyError
from suixin.server import guards, storage, tenancy
from suixin.server.audit.actions.seal import seal as seal_log
from suixin.server.complaints.models import Complaint
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.actions.add_client import NewClient, add_client
from suixin.server.identity.actions.issue_token import issue_token
from suixin.server.identity.clients import client_of
from suixin.server.identity.models import Membership, Organisation, RecoveryCode, SecondFactor, Tries, User
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.intake.models import MendedFile, RowOutcome
from suixin.server.ledger import queries
from suixin.server.ledger.actions.place_hold import place_hold
from suixin.server.ledger.actions.seal import seal
from suixin.server.ledger.models import Book, Entry
from suixin.server.merchants.models import Holder, Merchant
from suixin.server.origination.models import (
    Application,
    ApplicationBatch,
    DecisionRecord,
    Desk,
    Dossier,
    Opinion,
    PolicyProposal,
    PolicyRelease,
    SiteVisit,
)
from suixin.server.outbox.actions.write import News
from suixin.server.regions.models import Ground, Publication
from suixin.server.savedviews.models import SavedView
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.actions.offer import Share
from suixin.server.servicing.actions.open_facility import open_facility
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.models import Loan, MonthEnd
from suixin.server.tasks.models import Task
from suixin.server.verification.models import (
    BureauQuery,
    BureauReport,
    GivenUp,
    IdentityCheck,
    IdentityRequest,
    ReportCorrection,
    TakenBack,
)
from suixin.server.watching.models import Alert, Look
from suixin.server.webhooks.models import Attempt, Delivery, Endpoint

TENANTS = guards.tenant_models()


def lived_in(code):
    """A bank with at least one row in every table."""
    lender = Lender(code)
    made, book, program = lender.organisation, lender.book, lender.program
    lend(lender)
    with tenancy.within(made.pk):
        apply(lender)
        watch(lender)
    customer = Customer(code, made)
    customer.granted()
    customer.use()
    posted(
        book,
        program,
        moved("a", 100, CASH, OVERPAID, day=lender.day),
        moved("b", 7, day=lender.day),
        news=[News("moved", "a", {})],
    )
    place_hold(book, OVERPAID, "", "h", 5, by=program, at=AT)
    seal(book, by=program, at=AT)
    seal_log(program)
    speak(lender)
    hear(lender)
    with tenancy.within(made.pk):
        user = User.objects.first()
        SecondFactor(user=user, secret=b"sealed", made_at=AT).save()
        RecoveryCode(user=user, digest="0" * 64).save()
        SavedView(user=user, page="bank-loans", name="n", saved_at=AT).save()
        Task(kind="applications", subject=1, asked_by="user:1", asked_at=AT).save()
        once("ledger.book.read", "k", {}, lambda: "done", at=AT)
    return made, book, program


def speak(lender):
    """A program that has asked by the API."""
    first, second = (lender.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
    new = NewClient("core", [Scope.LOANS_READ])
    client, secret = add_client(new, by=first, second=second, at=AT)
    issue_token(client_of(client.client_id, secret, AT), None, at=AT)


def hear(lender):
    """A system that was told of something once."""
    with tenancy.within(lender.organisation.pk):
        known = {
            "name": "n",
            "url": "https://example.com",
            "topics": [],
            "secret": b"s",
            "added_by": "user:1",
        }
        endpoint = Endpoint(code="core", added_at=AT, **known)
        endpoint.save()
        told = Delivery(endpoint=endpoint, event_id="e", topic="t", body="{}", happened_at=AT, next_at=AT)
        told.save()
        Attempt(delivery=told, at=AT, milliseconds=1, status=200).save()


def lend(lender):
    """A loan under a facility, its risk shared, swept, and a day ended."""
    ends = date(2027, 1, 1)
    open_facility(lender.book, "F1", "P1", 10**8, lender.day, ends, by=lender.as_(Role.APPROVER), at=AT)
    shares = [Share("bank", 1_000_000, None, lender.day, ends, ends)]
    contract = lender.contract()
    lender.accepted(contract, facility="F1", shares=shares)
    lender.disburse("L1", contract.terms.principal_fen)
    by = lender.as_(Role.CUSTOMER_MANAGER)
    days = {"return_days": 7, "signed_on": lender.day, "signature": "a" * 64}
    sales = {"platform": "mall", "shop": "S1", "share_ppm": 1, "keep_minor": 0}
    held = authorise_sweep(lender.book, "L1", **sales, **days, by=by, at=AT)
    settle(held, 5, settled_on=lender.day, key="s", by=lender.program, at=AT)
    lender.end()


def apply(lender):
    """A merchant who asks, and what was decided and said about it; the lake is not looked at."""
    at = {"made_at": AT, "made_by": "system:policy"}
    desk = Desk(book=lender.book, lake="/nowhere")
    desk.save()
    place = {"desk": desk, "ingest": 1, "table": "orders"}
    read = {"digest": "d", "name": "n", "good": 0, "there": 0, "faults": [], "read_by": "user:1"}
    MendedFile(**place, **read, read_at=AT).save()
    RowOutcome(**place, place="p", kind="dismissed", reason="r", by="user:1", at=AT).save()
    release = PolicyRelease(hash="h", name="p", version="1", text="", released_by="user:1", released_at=AT)
    release.save()
    proposed = {"proposed_by": "user:1", "proposed_at": AT}
    PolicyProposal(hash="h", text="", reason="r", **proposed).save()
    ApplicationBatch(digest="d", name="n", rows=[], faults=[], read_by="user:1", read_at=AT).save()
    village = {"county": "371302", "village": "371302001201"}
    merchant = Merchant(merchant_id="P1", kind="farmer", enrolled_at=AT, **village)
    merchant.save()
    Holder(merchant=merchant, name="n").save()
    asked = {"merchant_id": "P1", "fingerprint": "f", "by": "user:1", "at": AT}
    request = IdentityRequest(reference="V1", **asked)
    request.save()
    said = {"how": "provider", "provider": "p", "reference": "N1", "verdict": "matched", "checked": ["name"]}
    queried = {"merchant_id": "P1", "application": "A1", "purpose": "P103B", "provider": "p", "by_file": True}
    query = BureauQuery(reference="B1", receipt_id="r", by="user:1", at=AT, **queried)
    query.save()
    report = BureauReport(query=query, rows=0, digest="d", snapshot="s", by="user:1", at=AT)
    report.save()
    corrected = {"reported_on": lender.day, "rows": 0, "digest": "e", "earlier": "d", "snapshot": "s"}
    ReportCorrection(report=report, reason="r", by="user:1", at=AT, **corrected).save()
    GivenUp(query=query, reason="r", by="user:1", at=AT).save()
    check = IdentityCheck(request=request, **asked, **said)
    check.save()
    TakenBack(check_of=check, reason="r", by="user:1", at=AT).save()
    filed = {"filed_by": "user:1", "filed_at": AT, "filed_on": lender.day}
    case = Application(book=lender.book, number="A1", merchant_id="P1", amount_minor=1, **filed)
    case.save()
    made = {"outcome": "approve", "score": 1.0, "pd": 0.1, "limit_minor": 1}
    DecisionRecord(application=case, decision_id="d", policy=release, **made, **at).save()
    Opinion(application=case, stage="file", verdict="noted", by="user:1", on=lender.day, at=AT).save()
    went = {"kind": "before", "on": lender.day, "place": "p", "findings": "f", "by": "user:1", "at": AT}
    SiteVisit(application=case, **went).save()
    Complaint(number="C1", merchant_id="P1", kind="other", channel="self", words="w", **filed).save()
    Dossier(application=case, digest="d", gaps=[], content=b"z", **at).save()
    days = {"month": date(2025, 12, 1), "from_on": date(2025, 12, 1), "as_of": lender.day}
    Publication(book=lender.book, tables={}, digest="d", **days, **at).save()
    Ground(book=lender.book, approval="a", outline={}, digest="d", **at).save()


def watch(lender):
    """A look, and an alert of the loan, which the end of a month has seen."""
    loan, day = Loan.objects.get(), lender.day
    MonthEnd(loan=loan, day=day, five_class=1, principal_minor=1).save()
    Look(
        book=lender.book, day=day, rules="r", counts={}, unread=[], made_by="system:watch", made_at=AT
    ).save()
    what = {
        "borrower": "P1",
        "code": "cash_low",
        "severity": 1,
        "proposed": "call",
        "chance": 0.1,
        "points": 1,
    }
    proof = {"raised": [], "evidence": [], "orders": [], "months": [], "horizon_days": 182}
    Alert(book=lender.book, loan=loan, opened_on=day, seen_on=day, **what, **proof).save()


def test_every_table_has_an_owner():
    """A model that forgot its organisation would be everybody's."""
    strangers = [model for model in apps.get_models() if model not in TENANTS]
    # a session is found by its random key, tries by a digest of what was typed, and both by nothing else
    assert set(strangers) == {Organisation, Session, Tries}
    assert all(isinstance(model._meta.get_field("organisation"), models.ForeignKey) for model in TENANTS)


def test_one_organisation_sees_its_own_rows_and_no_other(database):
    """Every model, with rows of two banks in every table."""
    ours, theirs = lived_in("ours")[0], lived_in("theirs")[0]
    for owner in (ours, theirs):
        with tenancy.within(owner.pk):
            for model in TENANTS:
                assert {row.organisation_id for row in model.objects.all()} == {owner.pk}, model
                assert model._meta.base_manager.count() == model.objects.count(), model


def test_without_an_organisation_there_is_no_query(database):
    """Forgetting to say whose fails, and never answers with everybody's."""
    lived_in("ours")
    for model in TENANTS:
        with pytest.raises(TenancyError, match="no organisation is chosen"):
            model.objects.all()


def test_postgresql_holds_the_line_below_django(postgresql):
    """Raw SQL without a filter sees the rows of the organisation that was named; none if none was."""
    ours, theirs = lived_in("ours")[0], lived_in("theirs")[0]
    for named, seen in ((ours.pk, {ours.pk}), (theirs.pk, {theirs.pk}), ("", set()), (999, set())):
        with psycopg.connect(info(postgresql)) as door:
            door.execute("SELECT set_config('suixin.organisation', %s, false)", [str(named)])
            for model in TENANTS:
                rows = door.execute(f"SELECT organisation_id FROM {model._meta.db_table}").fetchall()
                assert {owner for (owner,) in rows} == seen, model
            rows = door.execute("SELECT id FROM identity_organisation").fetchall()
            assert {owner for (owner,) in rows} == seen


def test_postgresql_writes_no_row_for_another(postgresql):
    """Neither does an insertion for a stranger pass, nor does an update find his rows."""
    ours, theirs = lived_in("ours")[0], lived_in("theirs")[0]
    with psycopg.connect(info(postgresql), autocommit=True) as door:
        door.execute("SELECT set_config('suixin.organisation', %s, false)", [str(ours.pk)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            door.execute(
                "INSERT INTO outbox_message (organisation_id, topic, key, payload, written_at)"
                f" VALUES ({theirs.pk}, 'x', 'x', '{{}}', now())"
            )
        found = door.execute(f"UPDATE outbox_message SET topic = 'x' WHERE organisation_id = {theirs.pk}")
        assert found.rowcount == 0
        assert door.execute(f"DELETE FROM outbox_message WHERE organisation_id = {theirs.pk}").rowcount == 0


def test_postgresql_without_its_policies_would_show_all(postgresql):
    """A planted bug, the policy of one table taken away: raw SQL sees both banks, and the guards are reported gone."""
    ours, theirs = lived_in("ours")[0], lived_in("theirs")[0]
    with postgresql.behind() as door:
        door.execute("ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY")
    with tenancy.within(ours.pk), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT organisation_id FROM ledger_entry")
        assert {owner for (owner,) in cursor.fetchall()} == {ours.pk, theirs.pk}
    assert set(guards.missing()) == {
        f"suixin_{what}_ledger_entry" for what in ("see", "add", "change", "remove")
    }
    with pytest.raises(ServerError, match="run: suixin db migrate"):
        storage.require_ready()
    storage.migrate()
    assert guards.missing() == []


def test_a_role_that_reads_past_the_walls_is_refused(postgresql):
    """A superuser is bound by no policy, so the server does not work as one."""
    from conftest import use

    use(postgresql.url.replace("user=suixin", "user=owner"))
    with pytest.raises(ServerError, match="NOBYPASSRLS"):
        storage.migrate()


def test_another_organisations_book_is_not_there(database):
    """A number or a code that was guessed opens nothing."""
    _, book, _ = lived_in("ours")
    theirs = lived_in("theirs")[0]
    with tenancy.within(theirs.pk):
        assert queries.book_of("main").pk != book.pk
        assert not Book.objects.filter(pk=book.pk).exists()
        with pytest.raises(LedgerError, match="is not there"):
            queries.day_of(book)
        assert list(queries.journal(book)) == []
        assert queries.stored_balances(book) == {}
        assert queries.balance_of(book, LOANS) is None
        assert queries.by_key(book, ["a"]) == {}


def test_a_row_is_neither_written_for_another_nor_handed_over(database):
    """By save, by bulk_create, by update."""
    ours, book, _ = lived_in("ours")
    theirs = lived_in("theirs")[0]
    with pytest.raises(TenancyError, match="not ours to write"), tenancy.within(theirs.pk):
        book.save()
    with pytest.raises(TenancyError, match="not ours to write"), tenancy.within(theirs.pk):
        Entry.objects.bulk_create(
            [Entry(organisation_id=ours.pk, transaction_id=1, balance_id=1, amount_minor=1)]
        )
    with pytest.raises(TenancyError, match="never moves"), tenancy.within(ours.pk):
        Book.objects.update(organisation=theirs)


def test_one_transaction_is_of_one_organisation(database):
    """Inside one organisation's transaction another's cannot be opened; its own is joined."""
    ours, theirs = lived_in("ours")[0], lived_in("theirs")[0]
    with tenancy.within(ours.pk):
        with tenancy.within(ours.pk):
            assert tenancy.current() == ours.pk
        with (
            pytest.raises(TenancyError, match="inside the transaction of organisation"),
            tenancy.within(theirs.pk),
        ):
            pass


def test_the_choice_ends_with_its_transaction(database):
    """A pooled connection carries nobody's organisation to the next request, nor to another thread."""
    ours = lived_in("ours")[0]
    with tenancy.within(ours.pk):
        assert [type(found) for found in in_threads(1, lambda _: tenancy.current())] == [TenancyError]
    if database.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('suixin.organisation', true)")
            assert cursor.fetchone() == ("",)


def test_signing_in_sees_one_person_and_no_more(postgresql):
    """Before the organisation is known, a name finds its own row; nobody lists the users."""
    lived_in("ours")
    with tenancy.directory("suixin.signing_in", "ours-wang"), connection.cursor() as cursor:
        cursor.execute("SELECT username FROM identity_user")
        assert cursor.fetchall() == [("ours-wang",)]
    assert list(User.directory.all()) == []
    with pytest.raises(TenancyError):
        Membership.objects.count()


def info(postgresql):
    """psycopg's words for the test's database, as the server's role."""
    name, _, options = postgresql.url.removeprefix("postgresql:///").partition("?")
    return f"dbname={name} {options.replace('&', ' ')}"
