"""Two years of a bank, day by day: who comes, what they draw, how they pay, a hailstorm, and those who stop."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import numpy as np

from suixin.calendar import add_months
from suixin.errors import SuixinError
from suixin.lending.disaster import Disaster
from suixin.lending.prepay import Way
from suixin.server import tenancy
from suixin.server.demo import post_loan
from suixin.server.demo.county import Followed, Paid
from suixin.server.demo.house import House
from suixin.server.demo.people import card, named
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.models import User
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Merchant
from suixin.server.origination import agreement, policies, signing
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.record_visit import Seen, record_visit
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.sign import sign, to_sign
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.actions.vote import vote
from suixin.server.origination.models import Application
from suixin.server.regions.actions.answer_sales import answer_sales
from suixin.server.servicing import looks
from suixin.server.servicing.actions.declare_disaster import declare_disaster
from suixin.server.servicing.actions.disburse import disburse
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.actions.write_off import write_off
from suixin.server.servicing.models import Loan, SweepAuthorisation

_DAY = timedelta(days=1)
_STUMBLES_BEFORE, _STUMBLES_FOR = timedelta(weeks=6), timedelta(weeks=8)
_LOST_AFTER = 240  # days past due, after which two people write a loan off
_CHECKED = 0.8  # of the first loans are looked at twenty days after
_USED = Seen(date.min, "户籍所在村", "查看票据与现场，款项用于约定用途", used_as_agreed=True)
_YES, _NO = "approve", "decline"
_VOTES = (
    ("committee1", _YES, "经营连续两季稳定，还款来源清楚，同意"),
    ("committee2", _NO, "销售集中在一个平台，建议先从较小额度做起"),
    ("committee3", _YES, "回款可按笔划扣，风险可控，同意"),
)
"""Who votes what in the committee, in this order; the one who dissents stands in the minutes."""
_PURPOSES = ("种苗农资", "包装物流", "收购备货", "设备冷库")


class Habit(StrEnum):
    """How a borrower of the story pays."""

    PUNCTUAL = "punctual"
    SWEPT = "swept"  # a share of the sales, and what is missing on the date
    LATE = "late"
    EARLY = "early"
    STOPS = "stops"


_SHARES = {Habit.PUNCTUAL: 0.44, Habit.SWEPT: 0.32, Habit.LATE: 0.12, Habit.EARLY: 0.08, Habit.STOPS: 0.04}


@dataclass(slots=True)
class Borrower:
    """Somebody with a loan."""

    who: Followed
    actor: Actor
    loan: str
    habit: Habit
    rng: np.random.Generator
    stops_on: date = date.max
    pays_again_on: date = date.max
    sweep: SweepAuthorisation | None = None
    sales: list[Paid] = field(default_factory=list)


@dataclass(slots=True)
class Life:
    """The bank's days. `borrowers` are by loan; `counts` say what happened."""

    house: House
    paid: dict[str, list[Paid]]
    hail_on: date
    watched_from: date = date.max
    borrowers: dict[str, Borrower] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _wakes: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))
    _checks: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))

    def live(self, day: date, comes: list[Followed]) -> None:
        """One day: those who come, those who pay, the sales, and the end of the day."""
        at = moment(day)
        for who in comes:
            self.arrives(who, at)
        if day == self.hail_on:
            self._hail(day, at)
        for number in self._checks.pop(day, []):
            record_visit(number, replace(_USED, on=day), by=self.house.people["postloan"], at=at)
        if day == self.watched_from - _STUMBLES_BEFORE:
            self._stumble(day)
        for loan in sorted(set(self._wakes.pop(day, []))):
            self._pays(self.borrowers[loan], day, at)
        for one in self.borrowers.values():
            self._sells(one, day, at)
        end_day(self.house.book, day, by=self.house.program, at=at + timedelta(hours=14))
        tomorrow = day + _DAY
        if tomorrow >= self.watched_from and tomorrow.weekday() == 0:
            post_loan.monday(self.house, moment(tomorrow), self.counts)

    # ---- coming ------------------------------------------------------------------------------------------------

    def arrives(self, who: Followed, at: datetime) -> None:
        """A merchant comes, is decided, signs and draws."""
        case, actor = self.applies(who, at)
        case = self.decided(case, at)
        if case.state != Application.State.OFFERED:
            self.counts["not_offered"] += 1
            return
        self.signs(case, actor, at)
        rng = np.random.default_rng([int(who.merchant_id), 2])
        amount = max(100_00, int(case.granted_minor * rng.choice([0.5, 0.7, 0.9, 1.0])) // 100_00 * 100_00)
        habit = Habit(rng.choice(list(_SHARES), p=list(_SHARES.values())))
        self._draws(who, actor, case, min(amount, case.granted_minor), habit, rng, at)
        if np.random.default_rng([int(who.merchant_id), 5]).random() < _CHECKED:
            self._checks[at.date() + timedelta(days=20)].append(case.number)

    def applies(self, who: Followed, at: datetime, *, consents: bool = True) -> tuple[Application, Actor]:
        """Enrol a merchant, file an application, and take the consents."""
        house = self.house
        name, shop, telephone = named(who.merchant_id, who.crop)
        merchant = enrol(
            Enrolled(
                who.merchant_id,
                Merchant.Kind.FARMER if int(who.merchant_id) % 3 else Merchant.Kind.SOLE_TRADER,
                who.region[:6],
                who.region[:12],
                name,
                shop,
                identity_number=card(who.merchant_id, who.region),
                telephone=telephone,
                crop=who.crop,
                platform=who.platform,
                shop=f"S{who.merchant_id}" if who.platform else "",
            ),
            by=house.program,
            at=at,
            username=f"m{who.merchant_id}",
            password=house.password,
        )
        with tenancy.within(house.organisation.pk):
            actor = actor_of(User.objects.get(username=f"m{who.merchant_id}"))
            most_minor = policies.most_minor()
        wish, purpose = wished(who)
        if most_minor is not None:
            wish = min(wish, most_minor)  # the form says so
        case = file_application(merchant, wish, purpose, by=actor, at=at)
        if consents:
            take_consents(case, merchant, dict.fromkeys(ASKED, True), by=actor, at=at)
            if int(who.merchant_id) % 2:  # of themselves, whatever becomes of the loan
                answer_sales(merchant, agrees=True, by=actor, at=at)
        return case, actor

    def decided(self, case: Application, at: datetime) -> Application:
        """Assess a case, and let people decide what is theirs."""
        people = self.house.people
        assess(case.number, by=self.house.machine, at=at)
        held = self.case(case.number)
        if held.state == Application.State.REVIEW and self._may_be_granted(held):
            seen = Seen(at.date(), "户籍所在村", "现场与经营情况相符，存货与订单一致", "村协办员")
            record_visit(case.number, seen, by=people["reviewer"], at=at + timedelta(minutes=30))
            said = "已实地查看，交易真实，同意"
            review(case.number, "approve", reason=said, by=people["reviewer"], at=at + timedelta(hours=1))
            said = "同意审查意见"
            approve(case.number, reason=said, by=people["approver"], at=at + timedelta(hours=2))
            self.votes(case.number, at + timedelta(hours=3))
        return self.case(case.number)

    def votes(self, number: str, at: datetime, *, absent: int = 0) -> None:
        """Before the committee its members vote, the last ones not yet if they are absent; elsewhere nothing is to be voted on."""
        if self.case(number).state != Application.State.COMMITTEE:
            return
        for who, verdict, reason in _VOTES[: len(_VOTES) - absent]:
            vote(number, verdict, reason=reason, by=self.house.people[who], at=at)
        self.counts["committee"] += 1

    def case(self, number: str) -> Application:
        """An application as it stands."""
        with tenancy.within(self.house.organisation.pk):
            return Application.objects.get(number=number)

    def _may_be_granted(self, case: Application) -> bool:
        with tenancy.within(self.house.organisation.pk):
            return bool(case.decisions.filter(limit_minor__gt=0).exists())

    def signs(self, case: Application, actor: Actor, at: datetime) -> None:
        """The holder signs what is shown."""
        with tenancy.within(self.house.organisation.pk):
            _, text = to_sign(case.number)
            holder = Merchant.objects.get(merchant_id=case.merchant_id).holder.name
        digest = agreement.digest_of(text)
        signer = signing.TypedName(True, holder, holder, signing.one_time_code(digest), actor.name)
        sign(case.number, signer, shown=digest, by=actor, at=at)

    def _draws(
        self,
        who: Followed,
        actor: Actor,
        case: Application,
        amount: int,
        habit: Habit,
        rng: np.random.Generator,
        at: datetime,
    ) -> None:
        house = self.house
        swept = habit is Habit.SWEPT and bool(who.platform)
        try:
            number = draw(case.number, amount, key="first", by=actor, at=at, from_sales=swept)
        except SuixinError:  # no sales to be swept from: as anybody else
            swept, habit = False, Habit.PUNCTUAL
            number = draw(case.number, amount, key="first", by=actor, at=at)
        with tenancy.within(house.organisation.pk):
            row = Loan.objects.get(number=number)
        if row.state == Loan.State.ACCEPTED:
            disburse(house.book, number, amount, key="drawn", by=house.people["payout"], at=at)
        one = Borrower(who, actor, number, habit, rng)
        if habit is Habit.STOPS:
            one.stops_on = at.date() + timedelta(days=int(rng.integers(70, 200)))
        with tenancy.within(house.organisation.pk):
            one.sweep = SweepAuthorisation.objects.filter(loan__number=number).first()
            following = looks.look(Loan.objects.select_related("book").get(number=number)).next
        if one.sweep:
            one.sales = [paid for paid in self.paid.get(who.merchant_id, []) if paid.on >= at.date()]
        self.borrowers[number] = one
        self.counts["loans"] += 1
        if following:
            self._wakes[following.due_on].append(number)

    # ---- paying ------------------------------------------------------------------------------------------------

    def _pays(self, one: Borrower, day: date, at: datetime) -> None:
        look = self.look(one)
        if look is None:
            return
        if one.stops_on <= day < one.pays_again_on:
            self._has_stopped(one, look, day, at)
            return
        if (
            look.due_minor
            and one.habit is Habit.LATE
            and look.days_past_due < (late := int(one.rng.integers(2, 24)))
        ):
            self._wakes[day + timedelta(days=late)].append(one.loan)
            return
        amount = look.due_minor
        if one.habit is Habit.EARLY and look.principal_minor and one.rng.random() < 0.4:
            amount += look.principal_minor // 4
        if amount:
            amount = min(amount, look.payoff_minor)
            receive(
                self.house.book,
                one.loan,
                amount,
                on=day,
                key=f"paid {day}",
                currency="CNY",
                by=self.house.people["postloan"],
                at=at,
                ahead=Way.LOWER if one.habit is Habit.EARLY else None,
            )
            self.counts["payments"] += 1
        after = self.look(one)
        if after is None or after.next is None:
            return
        following = [row.due_on for row in after.ahead if row.due_on > day]
        if following:
            self._wakes[following[0]].append(one.loan)

    def _stumble(self, day: date) -> None:
        """Two middling loans that run on cannot be served: one is late for good, one pays two months later."""
        beyond = self.watched_from + _STUMBLES_BEFORE
        running = [
            (look.principal_minor, one.loan)
            for one in self.borrowers.values()
            if one.sweep is None and (look := self.look(one)) and look.last_on and look.last_on > beyond
        ]
        middle = max(0, len(running) // 2 - 1)
        for at, (_, loan) in enumerate(sorted(running)[middle : middle + 2]):
            one = self.borrowers[loan]
            one.stops_on = day
            if at:
                one.pays_again_on = day + _STUMBLES_FOR
                self._wakes[one.pays_again_on].append(loan)

    def _has_stopped(self, one: Borrower, look: looks.Look, day: date, at: datetime) -> None:
        self._wakes[day + timedelta(days=30)].append(one.loan)
        if look.days_past_due > _LOST_AFTER:
            people = self.house.people
            try:
                write_off(
                    self.house.book,
                    one.loan,
                    key="written off",
                    reason="失联，无可执行财产",
                    by=people["approver"],
                    second=people["approver2"],
                    at=at,
                )
                self.counts["written_off"] += 1
            except SuixinError:
                return

    def look(self, one: Borrower) -> looks.Look | None:
        """The loan as it stands; None once it is over."""
        with tenancy.within(self.house.organisation.pk):
            row = Loan.objects.select_related("book").get(number=one.loan)
            return looks.look(row) if row.is_live else None

    def _sells(self, one: Borrower, day: date, at: datetime) -> None:
        while one.sweep and one.sales and one.sales[0].on <= day:
            paid = one.sales.pop(0)
            settle(one.sweep, paid.net_minor, settled_on=paid.on, key=paid.key, by=self.house.program, at=at)
            self.counts["settlements"] += 1

    # ---- the hailstorm -----------------------------------------------------------------------------------------

    def _hail(self, day: date, at: datetime) -> None:
        """Where most borrowers live, for what most of them grow there: three months in which nothing falls due."""
        places = Counter(
            (one.who.region[:9], one.who.crop) for one in self.borrowers.values() if self.look(one)
        )
        if not places:
            return
        (township, crop), _ = max(places.items(), key=lambda item: (item[1], item[0]))
        people = self.house.people
        disaster = Disaster(
            event=f"{day:%Y}年{day.month}月冰雹",
            source="县气象局灾情证明（演示）",
            townships=frozenset({township}),
            crops=frozenset({crop}),
            first_on=day,
            last_on=add_months(day, 3),
            made_by=people["approver"].name,
            checked_by=people["approver2"].name,
        )
        done = declare_disaster(
            self.house.book, disaster, key="hail", by=people["approver"], second=people["approver2"], at=at
        )
        self.counts["relieved"] += len(done["relieved"])


def wished(who: Followed) -> tuple[int, str]:
    """How much a merchant asks for, minor units, and what for; always the same."""
    rng = np.random.default_rng([int(who.merchant_id), 3])
    wish = int(max(who.limit_minor, 500_000) * rng.choice([0.8, 1.0, 1.2])) // 100_000 * 100_000
    return max(wish, 100_000), str(rng.choice(_PURPOSES))


def moment(day: date) -> datetime:
    """Nine in the morning in China, of a day."""
    return datetime.combine(day, time(1, 0), tzinfo=UTC)


Tell = Callable[[str, int, int], None]
