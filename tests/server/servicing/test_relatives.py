"""A borrower's relatives on the staff stay away from the loan after its signature too, as the first word and as the second."""

from decimal import Decimal

import pytest
from house import AT
from lender import DAY, NEXT, Lender

from suixin.errors import AccessError
from suixin.lending.class_facts import Flag
from suixin.lending.disaster import Disaster
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Merchant
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep, end_sweep
from suixin.server.servicing.actions.charge import charge
from suixin.server.servicing.actions.declare_disaster import declare_disaster
from suixin.server.servicing.actions.ease import ease
from suixin.server.servicing.actions.flag import flag
from suixin.server.servicing.actions.freeze_facility import freeze_facility
from suixin.server.servicing.actions.open_facility import open_facility
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.renew import renew
from suixin.server.servicing.actions.return_sale import return_sale
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.actions.take_back import take_back
from suixin.server.servicing.actions.write_off import write_off
from suixin.server.servicing.easing import Ease
from suixin.server.servicing.models import Facility, Loan, LoanEvent
from suixin.simulation.lives import APPLICANT

BY_TWO = ("ease", "write off", "declare")


@pytest.fixture
def lender(sqlite):
    """A lender of one loan under a facility; its second approver and post-loan manager are relatives of the borrower."""
    made = Lender()
    kin = tuple(made.as_(role, 1).name for role in (Role.POST_LOAN, Role.APPROVER))
    who = Enrolled("P1", "farmer", "371302", "371302001201", "张三", relatives=kin)
    enrol(who, by=made.as_(Role.CUSTOMER_MANAGER), at=AT)
    by = made.as_(Role.APPROVER)
    open_facility(made.book, "F1", "P1", 20_000_000, DAY, DAY + 365 * NEXT, by=by, at=AT)
    made.accepted(made.contract(), facility="F1")
    made.disburse("L1", 10_000_000)
    return made


def state(lender):
    with tenancy.within(lender.organisation.pk):
        loan = Loan.objects.get(number="L1")
        return (
            loan.state,
            loan.rate_ppm,
            loan.flags,
            Facility.objects.get().frozen,
            LoanEvent.objects.count(),
        )


def disaster(first, second):
    places = {"townships": frozenset({"371302001"}), "crops": frozenset[str]()}
    return Disaster("hail", "notice 7", **places, first_on=DAY, last_on=DAY + 30 * NEXT,
                    made_by=first.name, checked_by=second.name)  # fmt: skip


def swept(lender):
    """The loan's authorisation, and a settlement under it."""
    held = authorise_sweep(
        lender.book, "L1", platform="mall", shop="s", share_ppm=200_000, keep_minor=0, return_days=7, signed_on=DAY,
        signature="0" * 64, by=lender.as_(Role.POST_LOAN), at=AT,
    )  # fmt: skip
    return held, settle(held, 100_000, settled_on=DAY, key="s1", by=lender.program, at=AT)


def doings(lender, settled):
    """Verb -> (role, what somebody of it does with the loan, with another one's word)."""
    held, sale = settled
    book, one = lender.book, {"reason": "r", "at": AT}
    eased = Ease(annual_rate=Decimal("0.01"), more_months=12, grace_periods=0, take_in=False)
    sweep = {"platform": "mall", "shop": "t", "share_ppm": 1, "keep_minor": 0, "return_days": 0}
    return {
        "receive": (Role.POST_LOAN, lambda by, _: receive(
            book, "L1", 100, on=DAY, key="p1", currency="CNY", by=by, at=AT)),
        "charge": (Role.POST_LOAN, lambda by, _: charge(book, "L1", "fee", 100, key="c1", by=by, at=AT)),
        "take back": (Role.POST_LOAN, lambda by, _: take_back(book, "L1", "p0", key="b1", by=by, **one)),
        "freeze": (Role.POST_LOAN, lambda by, _: freeze_facility(book, "F1", frozen=True, by=by, **one)),
        "flag": (Role.POST_LOAN, lambda by, _: flag(book, "L1", [Flag.MISUSE], by=by, **one)),
        "return": (Role.POST_LOAN, lambda by, _: return_sale(book, sale, key="r1", by=by, **one)),
        "authorise": (Role.POST_LOAN, lambda by, _: authorise_sweep(
            book, "L1", signed_on=DAY, signature="1" * 64, by=by, at=AT, **sweep)),
        "end": (Role.POST_LOAN, lambda by, _: end_sweep(held, DAY, by=by, **one)),
        "renew": (Role.APPROVER, lambda by, _: renew(book, "L1", "L2", APPLICANT, key="n1", by=by, **one)),
        "ease": (Role.APPROVER, lambda by, second: ease(
            book, "L1", eased, difficulty=False, key="e1", by=by, second=second, **one)),
        "write off": (Role.APPROVER, lambda by, second: write_off(
            book, "L1", key="w1", by=by, second=second, **one)),
        "declare": (Role.APPROVER, lambda by, second: declare_disaster(
            book, disaster(by, second), key="d1", by=by, second=second, at=AT)),
    }  # fmt: skip


def test_no_relative_does_anything_with_a_loan_that_is_paid_out(lender):
    """Each of them alone, and each as the second word beside a stranger's; nothing is written, and strangers may."""
    settled = swept(lender)
    before, doing = state(lender), doings(lender, settled)
    for verb, (role, do) in doing.items():
        kin, stranger, other = (lender.as_(role, number) for number in (1, 0, 2))
        with pytest.raises(AccessError, match=r"^you may not do this"):
            do(kin, other)
        if verb in BY_TWO:
            with pytest.raises(AccessError, match="the second person may not do this"):
                do(stranger, kin)
    assert state(lender) == before
    for verb in ("receive", "freeze", "flag", "return", "declare", "write off"):
        role, do = doing[verb]
        do(lender.as_(role), lender.as_(role, 2))
    assert state(lender)[0] == Loan.State.WRITTEN_OFF


def test_what_is_anothers_and_what_the_program_does_is_not_kept_from_anybody(lender):
    """A loan of a borrower who was never enrolled; and the program, whatever stands in the list."""
    lender.lent("L3")
    with tenancy.within(lender.organisation.pk):
        Loan.objects.filter(number="L3").update(borrower="P2")
        Merchant.objects.update(relatives=[lender.program.name, lender.as_(Role.POST_LOAN, 1).name])
    paid = {"on": DAY, "key": "p1", "currency": "CNY", "at": AT}
    receive(lender.book, "L3", 100, by=lender.as_(Role.POST_LOAN, 1), **paid)
    receive(lender.book, "L1", 100, by=lender.program, **paid)
    assert state(lender)[-1] == 4
