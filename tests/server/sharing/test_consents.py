"""Consents on the server: nobody reads without one, each reading leaves a receipt, and a no holds at once."""

import dataclasses
from datetime import date
from itertools import product

import pytest
from customer import AT, DAY, MALL, MINUTE, Customer
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from house import in_threads

from suixin.errors import AccessError, ConflictError, ConsentError, TenancyError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.access import actor_of
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role
from suixin.server.sharing import keeping, queries
from suixin.server.sharing.actions.grant import grant
from suixin.server.sharing.actions.pause import pause
from suixin.server.sharing.actions.reject import reject
from suixin.server.sharing.actions.resume import resume
from suixin.server.sharing.actions.use import use
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.drafting import Less
from suixin.server.sharing.models import Consent, ConsentEvent
from suixin.sharing.artefact import Event, Kind, State
from suixin.sharing.check import Verdict, Why
from suixin.sharing.purposes import PURPOSES, Frequency, Unit, purpose_on
from suixin.sharing.receipt import Receipt

CODES = [one.code for one in PURPOSES]
CAPS = {one.code: one.cap.most for one in PURPOSES}
READERS = {Role.CUSTOMER_MANAGER, Role.REVIEWER, Role.APPROVER, Role.COMMITTEE, Role.POST_LOAN}


def brought_to(customer, state, code):
    """A merchant of her own in a state, by the verbs alone: (her key, an instant at which the consent is there)."""
    merchant, at = f"M-{state}", AT
    her = {"by": customer.owner(f"her-{state}", merchant), "at": AT}
    number = customer.asked(code, f"h-{state}", merchant).consent_id
    if state in (State.REQUESTED, State.LAPSED):
        return merchant, AT + 60 * MINUTE * (state is State.LAPSED)
    if state is State.REJECTED:
        reject(number, **her)
        return merchant, at
    grant(number, **her)
    if state is State.PAUSED:
        pause(number, **her)
    if state is State.REVOKED:
        withdraw(number, **her)
    if state is State.EXPIRED:
        at += 1_826 * DAY
    if state in (State.CONSUMED, State.SUPERSEDED):
        by_hand(customer, number, Kind(str(state)))
    return merchant, at


def by_hand(customer, number, kind):
    """What comes of thirty uses, or of a later consent that is gone again by now."""
    with tenancy.within(customer.organisation.pk):
        row = Consent.objects.get(consent_id=number)
        keeping.on(row, keeping.read(row), Event(kind, AT, "system:test"))


def refused(actor, merchant, code, at):
    """Why a use within this transaction is refused; '' if it is not."""
    scopes = sorted(purpose_on(code, at.date()).scopes)
    try:
        use(actor, merchant_id=merchant, purpose=code, scopes=scopes, at=at, what="the matrix")
    except ConsentError as error:
        return error.why
    return ""


@pytest.mark.parametrize("code", CODES)
def test_purposes_times_states_times_actions(database, code):
    """Item 3 of what the issue must show: one state reads, for its purpose alone; receipts are readings."""
    customer, read, asked = Customer(), 0, 0
    actors = [customer.program, customer.as_(Role.APPROVER)]
    for state in State:
        merchant, at = brought_to(customer, state, code)
        before = read
        with tenancy.within(customer.organisation.pk):  # a no leaves it whole
            for purpose, actor, whose in product(CODES, actors, (merchant, "M-nobody")):
                why = refused(actor, whose, purpose, at)
                expected = str(state) if (purpose, whose) == (code, merchant) else "none"
                if expected == "active":
                    expected = "" if read < CAPS[code] else "consumed"
                assert why == expected
                read, asked = read + (why == ""), asked + 1
            assert len(queries.receipts_of(merchant)) == read - before
    assert (read, asked) == (min(CAPS[code], 2), 9 * 5 * 2 * 2)


@pytest.mark.parametrize("role", list(Role))
def test_who_reads_with_a_consent(sqlite, role):
    """Five roles of a bank and the program, under the consent; nobody else, with or without one."""
    customer = Customer()
    customer.granted("P103")
    if role in READERS:
        assert customer.use("P103", actor=customer.as_(role)).number == 1
        return
    with pytest.raises(AccessError, match="may not do this: read a merchant's data under a consent"):
        customer.use("P103", actor=customer.as_(role))
    assert customer.receipts() == []


def test_a_receipt_is_what_was_read(database):
    """By whom, when, for what, which tables, how far back, under which version; the audit log names it too."""
    customer = Customer()
    row = customer.granted()
    reviewer = customer.as_(Role.POST_LOAN)
    made = customer.use(actor=reviewer, at=AT + DAY, scopes=["orders", "loans"], what="the board was opened")
    assert customer.receipts() == [made]
    assert made == Receipt(
        receipt_id=made.receipt_id,
        consent_id=row.consent_id,
        version=2,
        merchant_id="M1",
        recipient="rural",
        purpose="P104",
        scopes=("loans", "orders"),
        what="the board was opened",
        since=date(2024, 3, 3),
        by=reviewer.name,
        at=AT + DAY,
        number=1,
    )
    with tenancy.within(customer.organisation.pk):
        last = Record.objects.order_by("-pk").first()
    assert (last.actor, last.action, last.object_kind) == (
        reviewer.name,
        "sharing.data.use",
        "sharing.receipt",
    )


def test_a_withdrawal_binds_the_very_next_request(database):
    """Also one that is dated before it; what was read before keeps its receipt."""
    customer = Customer()
    row = customer.granted()
    customer.use(at=AT + MINUTE)
    withdraw(row.consent_id, by=customer.her, at=AT + DAY, reason="enough")
    assert [customer.why(at=at) for at in (AT + DAY, AT + 2 * MINUTE, AT)] == ["revoked"] * 3
    assert len(customer.receipts()) == 1
    again = withdraw(row.consent_id, by=customer.her, at=AT + 2 * DAY)
    assert (again.version, customer.consents()) == (3, [("revoked", 3)])
    with pytest.raises(ConsentError, match="is revoked and cannot be resumed"):
        resume(row.consent_id, by=customer.her, at=AT + 3 * DAY)


def test_her_withdrawal_is_never_too_early_for_our_clocks(database):
    """One server's clock runs behind another's: her no counts from the last event, and is not refused."""
    customer = Customer()
    row = customer.granted(at=AT + MINUTE)
    assert withdraw(row.consent_id, by=customer.her, at=AT).status == "revoked"
    assert customer.why(at=AT + MINUTE) == "revoked"


def test_a_pause_stops_and_resumes(database):
    """Twice the same changes nothing; the cap and the term run on."""
    customer = Customer()
    row = customer.granted()
    for _ in range(2):
        assert pause(row.consent_id, by=customer.her, at=AT + DAY).version == 3
    assert customer.why(at=AT + DAY) == "paused"
    for _ in range(2):
        assert resume(row.consent_id, by=customer.her, at=AT + 2 * DAY).version == 4
    assert customer.use(at=AT + 2 * DAY).version == 4
    assert customer.why(at=AT + 1_826 * DAY) == "expired"
    with pytest.raises(ConsentError, match="is expired and cannot be paused"):
        pause(row.consent_id, by=customer.her, at=AT + 1_826 * DAY)
    assert customer.first_break(row) is None


def test_refusing_the_warning_stops_no_application(database):
    """Each consent stands alone: P103 is read whatever became of P104."""
    customer = Customer()
    customer.granted("P103", "apply")
    reject(customer.asked("P104", "watch").consent_id, by=customer.her, at=AT)
    assert (customer.why(code="P103"), customer.why(code="P104")) == ("", "rejected")


def test_the_last_use_consumes_a_consent_for_once(database):
    """An identity check is made once; the next one asks anew, and nothing is in its way."""
    customer = Customer()
    customer.granted("P105", "once")
    assert customer.use("P105").number == 1
    assert (customer.why(code="P105"), customer.consents()) == ("consumed", [("consumed", 3)])
    customer.granted("P105", "twice", at=AT + MINUTE)
    assert customer.use("P105", at=AT + MINUTE).number == 1
    assert customer.consents() == [("consumed", 3), ("consumed", 3)]


def test_a_later_consent_takes_the_place_of_the_first(database):
    """One live consent a merchant and purpose; a pause is no way round it, and what is over is over."""
    customer = Customer()
    first = customer.granted(handle="first")
    customer.use()
    pause(first.consent_id, by=customer.her, at=AT)
    customer.granted(handle="second", at=AT + DAY, less=Less(life_days=10))
    assert customer.consents() == [("active", 2), ("superseded", 4)]
    assert customer.use(at=AT + DAY).number == 1
    customer.granted(handle="third", at=AT + 20 * DAY)
    assert customer.consents(AT + 20 * DAY) == [("active", 2), ("expired", 3), ("superseded", 4)]


def test_a_cap_is_exact_when_eight_ask_at_once(database):
    """Requirement 4: as many receipts as the cap, no more and no less; the others hear why."""
    customer = Customer()
    customer.granted("P104", less=Less(frequency=Frequency(Unit.MONTH, 5)))
    results = in_threads(8, lambda _: customer.use())
    refused = [one for one in results if isinstance(one, ConsentError)]
    assert [one.why for one in refused] == ["cap_reached"] * 3
    numbers = sorted(one.number for one in results if isinstance(one, Receipt))
    assert numbers == sorted(one.number for one in customer.receipts()) == [1, 2, 3, 4, 5]
    assert customer.why(at=AT + 29 * DAY) == "cap_reached"
    assert customer.use(at=AT + 30 * DAY).number == 6


@pytest.mark.full
def test_a_cap_is_exact_when_fifty_ask_at_once(database):
    """Requirement 4 in full, of a consent that is then used up."""
    customer = Customer()
    customer.granted("P103")
    results = in_threads(50, lambda _: customer.use("P103"))
    assert sorted(one.why for one in results if isinstance(one, ConsentError)) == ["consumed"] * 20
    assert sorted(one.number for one in customer.receipts()) == list(range(1, 31))


def test_a_withdrawal_among_eight_readers(database):
    """Whoever reads has a receipt from before it, whoever comes after has none."""
    customer = Customer()
    row = customer.granted("P103")

    def work(number):
        if number == 3:
            return withdraw(row.consent_id, by=customer.her, at=AT)
        return customer.use("P103")

    results = in_threads(8, work)
    read = [one for one in results if isinstance(one, Receipt)]
    assert {one.version for one in read} <= {2}
    assert [one.why for one in results if isinstance(one, ConsentError)] == ["revoked"] * (7 - len(read))
    assert len(customer.receipts()) == len(read)
    assert customer.why(code="P103") == "revoked"


def test_what_is_undone_leaves_no_receipt_and_a_no_leaves_the_transaction_whole(database):
    """The receipt stands in the caller's transaction; a caller who is refused goes on without the data."""
    customer = Customer()
    customer.granted()

    def failing():
        with tenancy.within(customer.organisation.pk):
            use(customer.program, merchant_id="M1", purpose="P104", scopes=["orders"], at=AT, what="x")
            raise UsageError("the lake is not there")

    with pytest.raises(UsageError):
        failing()
    assert customer.receipts() == []
    with tenancy.within(customer.organisation.pk):
        with pytest.raises(ConsentError) as error:
            use(customer.program, merchant_id="M1", purpose="P103", scopes=["orders"], at=AT, what="x")
        use(customer.program, merchant_id="M1", purpose="P104", scopes=["orders"], at=AT, what="x")
    assert (error.value.why, len(customer.receipts())) == ("none", 1)


def test_only_she_says_yes_or_her_paper_with_a_witness(database):
    """A customer manager asks and records; he neither says yes for her nor is his own witness."""
    customer = Customer()
    number = customer.asked().consent_id
    manager, agent = customer.as_(Role.CUSTOMER_MANAGER), customer.as_(Role.VILLAGE_AGENT)
    stranger = customer.owner("stranger", "M2")
    with pytest.raises(ConsentError, match="name her signed paper") as error:
        grant(number, by=manager, at=AT)
    assert error.value.why == "no_paper"
    paper = {"signed_paper": "box 12, sheet 3", "at": AT}
    refusals = [
        (manager, None, "another person as witness"),
        (manager, manager, "another person as witness"),
        (manager, customer.program, "another person as witness"),
        (manager, customer.as_(Role.APPROVER), "may not do this: witness a paper signature"),
        (manager, customer.her, "may not do this: witness a paper signature"),
        (manager, Customer("theirs").as_(Role.VILLAGE_AGENT), "of the same organisation"),
        (stranger, agent, "may not do this: give a consent"),
        (customer.program, agent, "may not do this: give a consent"),
        (customer.as_(Role.APPROVER), agent, "may not do this: give a consent"),
        (customer.as_(Role.ADMINISTRATOR), agent, "may not do this: give a consent"),
    ]
    for by, witness, words in refusals:
        with pytest.raises(AccessError, match=words):
            grant(number, by=by, witness=witness, **paper)
    assert customer.consents() == [("requested", 1)]
    grant(number, by=agent, witness=manager, **paper)
    with tenancy.within(customer.organisation.pk):
        (held,) = queries.consents_of("M1", AT)
    assert (held.consent.state, held.consent.last.by) == (State.ACTIVE, agent.name)
    assert held.consent.auth == ("signed_paper", "box 12, sheet 3", manager.name)


def test_without_a_smartphone_she_withdraws_as_easily(database):
    """Her paper alone is enough to stop; to open again it takes a witness (PIPL art. 15)."""
    customer = Customer()
    row = customer.granted()
    agent = customer.as_(Role.VILLAGE_AGENT)
    paper = {"by": agent, "at": AT, "signed_paper": "sheet 4"}
    assert pause(row.consent_id, **paper).status == "paused"
    with pytest.raises(AccessError, match="as witness"):
        resume(row.consent_id, **paper)
    assert resume(row.consent_id, witness=customer.as_(Role.REVIEWER), **paper).status == "active"
    with pytest.raises(ConsentError, match="name her signed paper"):
        withdraw(row.consent_id, by=agent, at=AT)
    assert withdraw(row.consent_id, **paper).status == "revoked"


def test_who_speaks_for_a_merchant(database):
    """An owner who is bound to her; staff with a shop of their own answer on paper, and a withdrawn role speaks no more."""
    customer = Customer()
    by = customer.as_(Role.CUSTOMER_MANAGER)
    both = dataclasses.replace(customer.her, granted=customer.her.granted | by.granted)
    with pytest.raises(ConsentError, match="name her signed paper"):
        grant(customer.asked().consent_id, by=both, at=AT)
    with tenancy.within(customer.organisation.pk):
        Membership.objects.filter(user=customer.user).update(withdrawn_at=AT)
        gone = actor_of(customer.user)
    with pytest.raises(AccessError):
        grant(customer.asked().consent_id, by=gone, at=AT)


def test_a_request_is_made_once_for_its_handle(database):
    """The same again is the same; another merchant cannot ask in her name; nothing beyond the purpose."""
    customer = Customer()
    assert customer.asked().pk == customer.asked(at=AT + MINUTE).pk
    with pytest.raises(ConflictError, match="used before for other terms"):
        customer.asked("P103")
    with pytest.raises(AccessError, match="may not do this"):
        customer.asked(handle="i", by=customer.owner("stranger", "M2"))
    with pytest.raises(ConsentError, match="allows 1 to 24 months of history; not 25"):
        customer.asked(handle="i", less=Less(history_months=25))
    with pytest.raises(UsageError, match="with its contact"):
        customer.asked(handle="i", contact="")
    with pytest.raises(UsageError, match="purpose 'P999' is not known"):
        customer.asked("P999", handle="i")
    assert customer.consents() == [("requested", 1)]
    assert len({one.pk for one in in_threads(4, lambda _: customer.asked(handle="i"))}) == 1


def test_the_notice_is_kept_as_it_was_shown(database):
    """Its hash stands in the artefact; who asks and where to reach him stands in its text."""
    customer = Customer()
    customer.asked(lang="en", less=Less(scopes=["orders"], life_days=30))
    with tenancy.within(customer.organisation.pk):
        ((held, notice),) = queries.consents_of("M1", AT)
    assert held.terms.notice.lang == "en"
    assert "What is read: orders." in notice
    assert "holds for 30 days" in notice
    assert (held.terms.provider, held.terms.recipient.id) == (MALL, "rural")


def test_use_is_refused_where_it_does_not_belong(database):
    """Another bank's transaction is not ours, another bank's consent is none."""
    customer, theirs = Customer(), Customer("theirs")
    ours = customer.granted()
    with pytest.raises(TenancyError, match="reads inside the transaction of"):
        theirs.use(actor=customer.program)
    with pytest.raises(TenancyError, match="no organisation is chosen"):
        use(customer.program, merchant_id="M1", purpose="P104", scopes=["orders"], at=AT, what="x")
    assert theirs.why() == "none"
    with pytest.raises(ConsentError, match="there is no consent"), tenancy.within(theirs.organisation.pk):
        queries.first_break(ours.consent_id)


def test_a_page_asks_without_using(database):
    """The verdict is the use's, and leaves no receipt."""
    customer = Customer()
    customer.granted("P103")
    with tenancy.within(customer.organisation.pk):
        assert queries.verdict("M1", "P103", ["orders"], AT) == Verdict(None)
        assert queries.verdict("M1", "P103", ["bureau"], AT) == Verdict(Why.OUT_OF_SCOPE)
        assert queries.verdict("M1", "P104", ["orders"], AT) == Verdict(Why.NONE)
    assert customer.receipts() == []


def test_a_row_that_was_turned_to_active_by_hand_opens_nothing(database):
    """The events say what a consent is; whoever edits its row, or an event, is found out."""
    customer = Customer()
    row = customer.granted()
    withdraw(row.consent_id, by=customer.her, at=AT)
    assert customer.first_break(row) is None
    with database.behind() as door:
        door.execute("UPDATE sharing_consent SET status = 'active'")
        assert customer.why() == "damaged"
        assert customer.first_break(row) == 4
        door.execute("UPDATE sharing_consent SET status = 'revoked'")
        door.execute("UPDATE sharing_consent SET notice = 'sign here'")
        assert customer.first_break(row) == 1
        with tenancy.within(customer.organisation.pk):
            Consent.objects.filter(pk=row.pk).update(notice=row.notice)
        assert customer.first_break(row) is None
        on_table = " ON sharing_consentevent" if database.vendor == "postgresql" else ""
        suffix = "" if database.vendor == "postgresql" else "_sharing_consentevent"
        with pytest.raises(Exception, match="stay as they are"):
            door.execute("UPDATE sharing_consentevent SET reason = 'x'")
        door.execute(f"DROP TRIGGER suixin_no_update{suffix}{on_table}")
        door.execute("UPDATE sharing_consentevent SET reason = 'x' WHERE version = 2")
    assert customer.first_break(row) == 2
    assert customer.why() == "damaged"
    with tenancy.within(customer.organisation.pk):
        assert ConsentEvent.objects.count() == 3


def test_texts_fit_their_columns(database):
    """A text that one database would cut or refuse is refused on both, by its name."""
    customer = Customer()
    row = customer.granted()
    with pytest.raises(UsageError, match="handle has 101 characters; give 1 to 100"):
        customer.asked(handle="x" * 101)
    with pytest.raises(UsageError, match="merchant_id has 0 characters"):
        customer.asked(handle="i", merchant_id="")
    with pytest.raises(UsageError, match="reason has 201 characters"):
        pause(row.consent_id, by=customer.her, at=AT, reason="x" * 201)
    with pytest.raises(UsageError, match="what has 1 characters"):
        customer.use(what=" ")
    assert customer.use(what="x" * 200).number == 1


def failing_at(number):
    """Of the statements that follow, that one is carried out and its answer is lost."""
    count = 0

    def statement(execute, sql, params, many, context):
        nonlocal count
        count += 1
        done = execute(sql, params, many, context)
        if count == number:
            raise OperationalError("the answer was lost")
        return done

    return connection.execute_wrapper(statement)


def broken_off(act, is_as_before):
    """How many statements an act has, each of which failed once and left all as it was before the act is done."""
    number = 0
    while True:
        number += 1
        try:
            with failing_at(number):
                act()
        except OperationalError:
            connection.close()
            assert is_as_before()
        else:
            return number - 1


def test_a_crash_at_any_step_leaves_no_reading_without_a_receipt_and_no_half_withdrawal(database):
    """Requirement 3: each statement of a last use, then of a withdrawal, fails once; all of it is there or nothing."""
    customer = Customer()
    once, watch = customer.granted("P105", "once"), customer.granted("P104", "watch")
    both = [("active", 2), ("active", 2)]
    used = broken_off(
        lambda: customer.use("P105"), lambda: customer.consents() == both and customer.receipts() == []
    )
    assert (len(customer.receipts()), customer.consents()) == (1, [("active", 2), ("consumed", 3)])
    stopped = broken_off(
        lambda: withdraw(watch.consent_id, by=customer.her, at=AT),
        lambda: customer.consents() == [("active", 2), ("consumed", 3)],
    )
    assert (customer.consents(), customer.why()) == ([("revoked", 3), ("consumed", 3)], "revoked")
    assert (used, stopped) == (9, 8)  # the last one tells whoever hears webhooks
    assert (customer.first_break(once), customer.first_break(watch)) == (None, None)


def test_the_queries_of_a_use_and_of_a_page_do_not_grow(database):
    """Six statements a use; the consents of a merchant and their events in two, her receipts in two."""
    customer = Customer()
    for number in range(3):
        customer.granted(handle=f"{number}", at=AT + number * MINUTE)
        customer.use(at=AT + number * MINUTE)
    with tenancy.within(customer.organisation.pk):
        for act, most in (
            (
                lambda: use(
                    customer.program, merchant_id="M1", purpose="P104", scopes=["orders"], at=AT, what="x"
                ),
                6,
            ),
            (lambda: queries.consents_of("M1", AT), 2),
            (lambda: queries.receipts_of("M1"), 2),
        ):
            with CaptureQueriesContext(connection) as captured:
                act()
            assert len(captured) == most
