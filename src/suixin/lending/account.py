"""The life of a loan: its contract and the events of its days, folded into what is owed and what the books hold.

A day is open until it is closed. What falls due on a day is billed when the day opens; what is paid on it counts from
that day; closing it charges the night that follows, interest on what the schedule leaves unpaid and lateness on what
is overdue. So interest runs from the first day to the last without it, and a payment on the due date is on time.

Nothing is ever corrected in place. A payment that comes late in the mail, or is taken back, changes the list of events,
and the loan is folded again: the books differ by exactly what the change is worth.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import singledispatchmethod

from suixin.errors import LendingError, UsageError
from suixin.lending.allocation import Allocation, Bucket, Kind, Owed, allocate, bucket_of
from suixin.lending.amortise import Course, course
from suixin.lending.arrears import Arrears, Bill
from suixin.lending.contract import Contract, rate_ppm
from suixin.lending.events import (
    Charged,
    Drawn,
    Event,
    Received,
    Refunded,
    Replanned,
    Repriced,
    WrittenOff,
)
from suixin.lending.prepay import Way, payoff_of, prepay_of
from suixin.lending.recognition import Books, State, accrue, must_suspend, receive, resume, suspend, write_off
from suixin.lending.running import Running
from suixin.lending.schedule import Drawdown
from suixin.lending.terms import RateStep, Terms
from suixin.money import amount_text, check_minor

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """An account as data; see `Account`. `progress` is what the course needs to go on: booked, next, billed, ahead."""

    today: date
    terms: Terms | None
    current: int
    overpaid: int
    cash: int
    drawn: int
    bills: tuple[Bill, ...]
    late: int
    frozen: tuple[tuple[date, date], ...]
    fees: tuple[tuple[date, int], ...]
    charged: dict[str, int]
    books: Books
    late_paid: int
    progress: tuple[int, int, int, int]
    carried: date | None = None


class Account:
    """A loan on an open day; `fold` makes one from its events.

    Attributes, fen: `drawn` is all that was paid out, `current` the principal not due yet, `arrears` holds what is due
    and unpaid, `overpaid` is held for the borrower, `cash` is what came in less what was paid out, `books` is the
    lender's view of principal and interest. `today` is the open day, `running` how far the loan has come on its course.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.today = contract.terms.start_on
        self.running = Running()
        self.current = self.overpaid = self.cash = self.drawn = 0
        self.arrears = Arrears(contract)
        self.fees: list[tuple[date, int]] = []
        self.charged: dict[str, int] = {}
        self.books = Books(0)
        self.late_paid = 0
        self._booked = 0  # unpaid interest that the books know of

    def copy(self) -> "Account":
        """Return the same account, to go on with while this one stays."""
        other = copy(self)
        other.arrears, other.running = self.arrears.copy(), self.running.copy()
        other.fees, other.charged = [*self.fees], dict(self.charged)
        return other

    def kept(self) -> "Kept":
        """Return it as data, to be read again by `of` with the same contract."""
        running = self.running
        return Kept(
            today=self.today,
            terms=None if self.course is None else self.course.terms,
            current=self.current,
            overpaid=self.overpaid,
            cash=self.cash,
            drawn=self.drawn,
            bills=tuple(replace(bill) for bill in self.arrears.bills),
            late=self.arrears.late,
            frozen=tuple(self.arrears.frozen),
            fees=tuple(self.fees),
            charged=dict(self.charged),
            books=self.books,
            late_paid=self.late_paid,
            progress=(self._booked, running.next, running.billed, running.ahead),
            carried=self.arrears.carried,
        )

    @classmethod
    def of(cls, contract: Contract, kept: "Kept") -> "Account":
        """Return an account as it was kept."""
        account = cls(contract)
        account.today, account.current, account.overpaid = kept.today, kept.current, kept.overpaid
        account.cash, account.drawn, account.late_paid = kept.cash, kept.drawn, kept.late_paid
        account.arrears = Arrears(
            contract, [replace(bill) for bill in kept.bills], kept.late, list(kept.frozen), kept.carried
        )
        account.fees, account.charged, account.books = list(kept.fees), dict(kept.charged), kept.books
        account.running.begin(None if kept.terms is None else course(kept.terms))
        account._booked, account.running.next, account.running.billed, account.running.ahead = kept.progress
        return account

    # ---- what is owed ---------------------------------------------------------------------------------------

    @property
    def course(self) -> Course | None:
        """How the loan runs on: None before the first drawdown and once nothing is left ahead."""
        return self.running.course

    @property
    def bills_on(self) -> date | None:
        """The next day on which something falls due, if there is one."""
        return self.running.bills_on

    @property
    def is_closed(self) -> bool:
        """Whether it was paid out and nothing is owed any more."""
        return self.drawn > 0 and not (self.principal_fen or self.interest_fen or self.fees_fen)

    @property
    def accrued_fen(self) -> int:
        """Interest to the open day that is not due yet, deferred interest included."""
        return self.running.accrued(self.today)

    @property
    def late_fen(self) -> int:
        """Interest on lateness that is not paid; never below 0, since what was paid was rounded before."""
        return max(0, self.arrears.late_fen() - self.late_paid)

    @property
    def due_principal_fen(self) -> int:
        """Principal due and unpaid."""
        return sum([bill.principal_fen for bill in self.arrears.bills])

    @property
    def due_interest_fen(self) -> int:
        """Interest due and unpaid."""
        return sum([bill.interest_fen for bill in self.arrears.bills])

    @property
    def fees_fen(self) -> int:
        """Fees charged and unpaid."""
        return sum([amount for _, amount in self.fees])

    @property
    def interest_fen(self) -> int:
        """All interest that is owed to the open day."""
        return self.accrued_fen + self.due_interest_fen + self.late_fen

    @property
    def principal_fen(self) -> int:
        """All principal that is owed."""
        return self.current + self.due_principal_fen

    @property
    def payoff_fen(self) -> int:
        """What closes the loan on the open day."""
        return self.principal_fen + self.interest_fen + self.fees_fen - self.overpaid

    @property
    def days_past_due(self) -> int:
        """As of the open day."""
        return self.arrears.days_past_due(self.today)

    # ---- time -----------------------------------------------------------------------------------------------

    def close(self, through: date) -> None:
        """Close every open day up to this one, included, and open the next; earlier ones are closed already."""
        while self.today <= through:
            self._charge(min([*self.breaks(), through + _DAY]))
            self.open()
        self._suspend()

    def charge(self) -> None:
        """Close the open day without opening the next: its night's interest, and whether interest is still income."""
        self._charge(self.today + _DAY)
        self._suspend()

    @property
    def is_opened(self) -> bool:
        """Whether all that falls due on the open day is billed."""
        return self.bills_on is None or self.bills_on > self.today

    def open(self) -> None:
        """Bill what falls due on the open day; money that is held pays it."""
        if self.course is None:
            return
        for due_on, principal, interest, paid in self.running.bill(self.today):
            if principal or interest > paid:
                rate = rate_ppm(self.course.terms.rate_on(due_on))
                self.arrears.add(due_on, principal, interest - paid, rate)
            self.current -= principal
        self._recognise()
        self._keep()
        self._cure()
        if self.overpaid and self.arrears.bills:
            held, self.overpaid = self.overpaid, 0
            self._settle(held, None)

    def _charge(self, stop: date) -> None:
        self.arrears.charge(self.today, (stop - self.today).days)
        self.today = stop
        self._recognise()

    def _suspend(self) -> None:
        if must_suspend(self.arrears.days_past_due(self.today - _DAY), self.contract.suspend_after_days):
            self.books = suspend(self.books)

    def breaks(self) -> list[date]:
        """Days after the open one from which something else than interest happens by itself."""
        days = self.arrears.breaks(self.today)
        if self.bills_on is not None:
            days.append(self.bills_on)
        return [day for day in days if day > self.today]

    def _recognise(self) -> None:
        """Bring the books up to the interest that the contract has accrued."""
        owed = self.interest_fen
        self.books = accrue(self.books, owed - self._booked)
        self._booked = owed

    def _said(self, fen: int, lang: str = "en") -> str:
        """An amount of the loan's as a refusal names it."""
        return amount_text(fen, self.contract.currency, lang)

    # ---- events ---------------------------------------------------------------------------------------------

    @singledispatchmethod
    def apply(self, event: Event) -> Allocation | None:
        """Let an event of the open day happen; a payment returns how it was allocated.

        Raises:
            LendingError: the loan's state or contract refuses it. Fold the loan again before going on.
            UsageError: an amount that is none.
        """
        raise TypeError(f"{event!r} is no event of a loan")

    @apply.register
    def _(self, event: Drawn) -> None:
        amount = _positive(event.amount_fen, "drawdown")
        if self.books.state is not State.ACCRUING:
            raise LendingError(
                "nothing is drawn on a loan in this state; make a new one",
                zh="这笔贷款的状态下不能再放款，请另办一笔",
            )
        terms = self.contract.terms
        if not self.drawn:
            if event.on != terms.start_on or amount != terms.principal_fen:
                raise LendingError(
                    f"a drawdown of {self._said(amount)} on {event.on}: the contract begins with {self._said(terms.principal_fen)} on {terms.start_on}",
                    zh=f"合同约定 {terms.start_on} 首次放款 {self._said(terms.principal_fen, 'zh')}，与 {event.on} 放款 {self._said(amount, 'zh')} 不符",
                )
            self.running.begin(course(terms))
            self.arrears.carried = self.contract.first_overdue_on
        else:
            self.running.go_on(course(self._drawn_more(event)))
        self.drawn += amount
        self.current += amount
        self.cash -= amount
        self.books = self.books._replace(principal_fen=self.books.principal_fen + amount)

    def _drawn_more(self, event: Drawn) -> Terms:
        if self.course is None:
            raise LendingError(
                "the loan has no date ahead to repay a drawdown; make a new one",
                zh="这笔贷款已没有未到的还款日，不能再放款，请另办一笔",
            )
        terms = self.course.terms
        if terms.parts_fen is not None or terms.instalment_fen is not None:
            raise LendingError(
                "the loan's parts are fixed by a prepayment, so that no more is drawn; make a new one",
                zh="提前还款后各期本金已固定，不能再放款，请另办一笔",
            )
        grown = terms.principal_fen + event.amount_fen
        if event.on == terms.start_on:
            return replace(terms, principal_fen=grown)
        return replace(
            terms, principal_fen=grown, drawdowns=(*terms.drawdowns, Drawdown(event.on, event.amount_fen))
        )

    @apply.register
    def _(self, event: Received) -> Allocation:
        amount = _positive(event.amount_fen, "payment")
        if not self.drawn:
            raise LendingError(
                f"a payment on {event.on} comes before the loan is paid out",
                zh=f"贷款还没有放款，不能登记 {event.on} 的还款",
            )
        if self.is_closed:
            raise LendingError(
                f"a payment on {event.on}: the loan is closed; nothing is owed", zh="这笔贷款已结清，没有欠款"
            )
        self.cash += amount
        held, self.overpaid = amount + self.overpaid, 0
        return self._settle(held, event.ahead)

    def recount(self, event: Event) -> Allocation | None:
        """Let an event of the record happen again, as `apply` does.

        An earlier event may have closed the loan meanwhile: then a payment is held for the borrower, since the money is
        there, and another rate changes nothing.
        """
        if self.is_closed and isinstance(event, Repriced):
            return None
        if not (self.is_closed and isinstance(event, Received)):
            return self.apply(event)
        self.cash += event.amount_fen
        self.overpaid += event.amount_fen
        return Allocation((), event.amount_fen)

    def _settle(self, amount: int, ahead: Way | None) -> Allocation:
        """Pay what is owed in the contract's order; the rest is held."""
        ahead_too = ahead is not None and self._can_prepay(amount)
        found = allocate(amount, self._owed(ahead_too=ahead_too), self.contract.allocation)
        self.overpaid += found.overpaid_fen
        if not found.parts:
            return found
        self._pay_off(found)
        self._keep()
        self._prepay(found, ahead)
        interest = found.of(Kind.INTEREST) + found.of(Kind.PENALTY)
        principal = found.of(Kind.PRINCIPAL)
        self.books = receive(self.books, interest, principal, self.contract.cash_to)
        if self.books.state is State.WRITTEN_OFF:
            recovered = self.books.recovered_fen + found.of(Kind.FEE)
            self.books = self.books._replace(recovered_fen=recovered)
        self._booked -= interest
        self._recognise()
        self._cure()
        return found

    def _keep(self) -> None:
        """The first date of the present terms that is paid in time ends what other terms carried on."""
        if self.arrears.bills or self.course is None or not self.running.next:
            return
        row = self.course.schedule.rows[self.running.next - 1]
        if row.total_fen and self.today <= row.due_on + self.contract.late.grace_days * _DAY:
            self.arrears.carried = None

    def _cure(self) -> None:
        """Interest is income again once nothing is overdue, and no older arrears are carried on."""
        if self.is_closed:
            self.arrears.carried = None
        if self.arrears.bills or self.arrears.carried is not None:
            return
        if self.books.state is State.SUSPENDED:
            self.books = resume(self.books)

    def _owed(self, *, ahead_too: bool) -> list[Owed]:
        day = self.today
        owed = [Owed(bucket_of(Kind.FEE, on, day), on, amount) for on, amount in self.fees]
        late = self.late_fen
        if late:
            since = self.arrears.bills[0].due_on if self.arrears.bills else day - _DAY
            owed.append(Owed(bucket_of(Kind.PENALTY, since, day), since, late))
        for bill in self.arrears.bills:
            for kind, amount in ((Kind.INTEREST, bill.interest_fen), (Kind.PRINCIPAL, bill.principal_fen)):
                owed.append(Owed(bucket_of(kind, bill.due_on, day, bill.free_on), bill.due_on, amount))
        if ahead_too and self.course is not None:
            next_on = self.course.schedule.rows[self.running.next].due_on
            owed.append(Owed(Bucket.IN_ADVANCE_INTEREST, next_on, self.accrued_fen))
            owed.append(Owed(Bucket.IN_ADVANCE_PRINCIPAL, next_on, self.current))
        return owed

    def _can_prepay(self, amount: int) -> bool:
        """Whether money ahead of its date settles what lies ahead: on a day of the course, or on any if it covers all."""
        if self.course is None or self.bills_on is None:
            return False
        if amount >= self.principal_fen + self.interest_fen + self.fees_fen:
            return True
        try:
            payoff_of(self.course, self.today)
        except UsageError:  # between a date and the day that a holiday moved it to, or drawn on today
            return False
        return True

    def _pay_off(self, found: Allocation) -> None:
        """Take the parts of what is due off the bills, fees and lateness."""
        bills = {bill.due_on: bill for bill in self.arrears.bills}
        fees = dict[date, int]()
        for bucket, due_on, amount in found.parts:
            if bucket in {Bucket.IN_ADVANCE_INTEREST, Bucket.IN_ADVANCE_PRINCIPAL}:
                continue
            if bucket.kind is Kind.PRINCIPAL:
                bills[due_on].principal_fen -= amount
            elif bucket.kind is Kind.INTEREST:
                bills[due_on].interest_fen -= amount
            elif bucket.kind is Kind.PENALTY:
                self.late_paid += amount
            else:
                fees[due_on] = fees.get(due_on, 0) + amount
        self.arrears.bills = [bill for bill in self.arrears.bills if bill.open_fen]
        self.fees = _less(self.fees, fees)

    def _prepay(self, found: Allocation, ahead: Way | None) -> None:
        interest = sum(part.amount_fen for part in found.parts if part.bucket is Bucket.IN_ADVANCE_INTEREST)
        principal = found.prepaid_fen
        if not principal or self.course is None or ahead is None:
            self.running.ahead += interest
            return
        going = None
        if principal < self.current:
            settled = payoff_of(self.course, self.today).interest_fen
            going = prepay_of(self.course, self.today, settled + principal, ahead).course
        self.current -= principal
        self.running.begin(going)

    @apply.register
    def _(self, event: Charged) -> None:
        amount = _positive(event.amount_fen, "fee")
        most = self.contract.charges.get(event.fee)
        if most is None:
            listed = ", ".join(self.contract.charges) or "none"
            raise LendingError(
                f"fee {event.fee!r} is not on the loan's cost table ({listed}); nothing else is charged",
                zh=f"费用“{event.fee}”不在这笔贷款的费用表上（{'、'.join(self.contract.charges) or '没有费用'}），不能收取",
            )
        if self.charged.get(event.fee, 0) + amount > most:
            raise LendingError(
                f"fee {event.fee!r} would come to more than the {self._said(most)} of the cost table",
                zh=f"费用“{event.fee}”合计会超过费用表上的 {self._said(most, 'zh')}",
            )
        self.charged[event.fee] = self.charged.get(event.fee, 0) + amount
        self.fees.append((event.on, amount))
        if self.books.state is State.WRITTEN_OFF:
            self.books = self.books._replace(fees_fen=self.books.fees_fen + amount)

    @apply.register
    def _(self, event: Repriced) -> None:
        rate_ppm(event.annual_rate)
        if self.course is None:
            raise LendingError("nothing is left to reprice", zh="这笔贷款没有未到期的部分，不用重定价")
        terms = self.course.terms
        if event.on == terms.start_on:
            changed = replace(terms, annual_rate=event.annual_rate)
        else:
            changed = replace(terms, rate_steps=(*terms.rate_steps, RateStep(event.on, event.annual_rate)))
        self.running.go_on(course(changed))

    @apply.register
    def _(self, event: Replanned) -> None:
        if self.course is None or self.books.state is State.WRITTEN_OFF:
            raise LendingError(
                "other terms: the loan has nothing ahead; make a new contract",
                zh="这笔贷款没有未到期的部分，请另签合同",
            )
        if event.terms.start_on == self.course.terms.start_on != event.on:
            self._go_on(event)
        elif event.terms.start_on == event.on:
            self._begin_anew(event)
        else:
            raise LendingError(
                f"other terms begin on {event.terms.start_on}; let them begin on {event.on}, or on {self.course.terms.start_on} to go on",
                zh=f"新的还款条件应从 {event.on} 起，或从 {self.course.terms.start_on} 延续",
            )
        if event.frozen_to is not None:
            self.arrears.frozen.append((event.on, event.frozen_to))
        if event.first_overdue_on is not None:
            self.arrears.carried = event.first_overdue_on

    def _go_on(self, event: Replanned) -> None:
        """A moratorium: the same loan, its rows ahead moved; what lies behind must be the same."""
        before, owed = self.course, self.running.interest_to(self.today)
        self.running.go_on(course(event.terms))
        if before is None or self.course is None:
            return
        passed = slice(self.running.next)
        if (
            self.course.terms.principal_fen != before.terms.principal_fen
            or self.course.schedule.rows[passed] != before.schedule.rows[passed]
            or self.running.interest_to(self.today) != owed
        ):
            raise LendingError(
                f"other terms change what was drawn, due or accrued before {event.on}; change what lies ahead alone",
                zh=f"新的还款条件改动了 {event.on} 以前已放款、已到期或已计息的部分；只能改以后的",
            )

    def _begin_anew(self, event: Replanned) -> None:
        principal = event.terms.principal_fen
        if self.accrued_fen:
            raise LendingError(
                f"other terms: {self._said(self.accrued_fen)} of interest to {event.on} are not paid; begin on a due date, or settle them first",
                zh=f"到 {event.on} 还有 {self._said(self.accrued_fen, 'zh')} 利息没有还；请从还款日开始，或先还清利息",
            )
        if principal == self.principal_fen:
            for bill in self.arrears.bills:
                bill.principal_fen = 0
            self.arrears.bills = [bill for bill in self.arrears.bills if bill.open_fen]
        elif principal != self.current:
            raise LendingError(
                f"other terms are for {self._said(principal)}; {self._said(self.current)} are not due yet and {self._said(self.due_principal_fen)} are overdue",
                zh=f"新的还款条件对应本金 {self._said(principal, 'zh')}，而未到期本金为 {self._said(self.current, 'zh')}、逾期本金为 {self._said(self.due_principal_fen, 'zh')}",
            )
        self.current = principal
        self.running.begin(course(event.terms))

    @apply.register
    def _(self, event: Refunded) -> None:
        amount = _positive(event.amount_fen, "refund")
        if amount > self.overpaid:
            raise LendingError(
                f"a refund of {self._said(amount)}: only {self._said(self.overpaid)} are held",
                zh=f"多收款只有 {self._said(self.overpaid, 'zh')}，不能退还 {self._said(amount, 'zh')}",
            )
        self.overpaid -= amount
        self.cash -= amount

    @apply.register
    def _(self, event: WrittenOff) -> None:
        if self.books.state is State.WRITTEN_OFF or self.is_closed:
            raise LendingError(
                f"write-off {event.key}: there is nothing on the balance sheet",
                zh="这笔贷款账面上已没有余额，不用核销",
            )
        self.books = write_off(suspend(self.books), self.fees_fen)


def fold(contract: Contract, events: Iterable[Event], open_on: date) -> Account:
    """Return the loan as of the opening of a day.

    Args:
        contract: as signed.
        events: in the order in which they count: by day, those of one day as they came; later ones are left out. See
            `Account.recount` for those on a loan that is closed.
        open_on: every day before it is closed.

    Raises:
        LendingError: an event that the loan refuses, or one that comes before an earlier one.
    """
    account = Account(contract)
    for event in events:
        if event.on > open_on:
            break
        if event.on < account.today:
            raise LendingError(
                f"what happens on {event.on} comes behind what is booked on {account.today}; order events by day",
                zh=f"{event.on} 的业务早于已入账的 {account.today}，请按日期顺序办理",
            )
        account.close(event.on - _DAY)
        account.recount(event)
    account.close(open_on - _DAY)
    return account


def _positive(amount: int, name: str) -> int:
    if check_minor(amount, name) <= 0:
        raise UsageError(
            f"{name} of {amount / 100:.2f} is not above 0; give more, or take the other one back",
            zh="金额须大于 0",
        )
    return amount


def _less(fees: list[tuple[date, int]], paid: dict[date, int]) -> list[tuple[date, int]]:
    left = []
    for on, amount in fees:
        gone = min(amount, paid.get(on, 0))
        if gone:
            paid[on] -= gone
        if amount > gone:
            left.append((on, amount - gone))
    return left
