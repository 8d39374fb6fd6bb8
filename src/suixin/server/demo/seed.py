"""Seed a database with the demonstration."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from suixin.calendar import add_months
from suixin.errors import SuixinError, UsageError
from suixin.features.subjects import event_span
from suixin.lake.store import Lake
from suixin.server import storage, tenancy
from suixin.server.audit.actions.seal import seal as seal_log
from suixin.server.complaints.actions.answer_complaint import Answer, answer_complaint
from suixin.server.complaints.actions.file_complaint import Said, file_complaint
from suixin.server.demo import county, house, market, post_loan
from suixin.server.demo.county import Followed
from suixin.server.demo.delivery import deliver
from suixin.server.demo.life import Life, Tell, moment, wished
from suixin.server.demo.people import STAFF, Person
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.models import Organisation, User
from suixin.server.identity.roles import Role
from suixin.server.ledger.actions.seal import seal
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import peers
from suixin.server.origination.actions.appeal import appeal
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.withdraw_application import withdraw_application
from suixin.server.origination.authority import above_approver
from suixin.server.regions.actions.publish_regions import publish_regions
from suixin.server.regions.documents import digest
from suixin.server.regions.queries import draft
from suixin.underwriting.decision import Outcome

MONTHS = 24
_FIRST_LOANS_AFTER = 4  # a part of the story: nobody has a record on the first day
_LAST_LOANS_BEFORE = 21  # days
_PUBLISHED = 3  # months by township, the last ones
_WATCHED_WEEKS = 4  # before today, in which somebody looks for early warnings every Monday


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in, and what for."""

    username: str
    role: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Seeded:
    """A seeded bank: the business date, everybody's password, who there is, and what has happened."""

    business_on: date
    password: str
    logins: list[Login]
    counts: dict[str, int]


def seed(
    lake_folder: Path, *, loans: int = 60, months: int = MONTHS, progress: Tell | None = None, number: int = 7
) -> Seeded:
    """Make a bank that has lent to a lake's merchants, up to the day after the lake's last event.

    Args:
        lake_folder: of a simulated county.
        loans: how many merchants are followed.
        months: for how long the bank has been open.
        progress: told how far it has come.
        number: of the random stream.

    Raises:
        UsageError: the database has an organisation already.
    """
    tell = progress or (lambda *_: None)
    storage.migrate()
    _hurry()
    with tenancy.directory("suixin.operator", "on"):
        if Organisation.objects.exists():
            raise UsageError("the database has an organisation already; name an empty one in SUIXIN_DATABASE")
    _, last = event_span(Lake.open(lake_folder))
    today = last + timedelta(days=1)
    opened = add_months(today, -months)
    made = house.found(lake_folder, opened, moment(opened))
    first, until = (
        add_months(opened, months // _FIRST_LOANS_AFTER),
        today - timedelta(days=_LAST_LOANS_BEFORE),
    )
    people = county.followed(made.lake, made.policy, loans, first, until, number, tell)
    comes = defaultdict[date, list[Followed]](list)
    for who in people:
        comes[who.comes_on].append(who)
    paid = county.paid_out(made.lake, [who.merchant_id for who in people])
    life = Life(made, paid, add_months(today, -5), today - timedelta(weeks=_WATCHED_WEEKS))
    days, known = (today - opened).days, [who.merchant_id for who in people]
    for at in range(days):
        day = opened + timedelta(days=at)
        life.live(day, comes[day])
        if day == add_months(today, -_PUBLISHED):
            known += market.hold(made, known, moment(day))
        after = day + timedelta(days=1)
        if after.day == 1 and after > add_months(today, -_PUBLISHED):
            _publish(made, moment(after))
        if at % 10 == 9 or at == days - 1:
            tell("living", at + 1, days)
    post_loan.look(made, moment(today), life.counts)
    logins, stranger = _present(life, made, today, known, tell)
    deliver(made, [who.merchant_id for who in people], moment(today), at=max(timezone.now(), moment(today)))
    seal(made.book, by=made.program, at=moment(today))
    seal_log(made.program)
    staff = [Login(one.username, str(one.role.label), _note(one, stranger)) for one in STAFF]
    return Seeded(today, made.password, staff + logins, dict(life.counts))


def _hurry() -> None:
    """Until this process ends SQLite waits for no disk: a demonstration that was cut off is made anew."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


def _present(
    life: Life, made: house.House, today: date, known: list[str], tell: Tell
) -> tuple[list[Login], str]:
    """Applications of today in every state, merchants who can sign in to see theirs, and one whom nobody has enrolled."""
    at, people = moment(today), made.people
    peers.prepare(made.lake, made.policy, today, processes=0, progress=tell)
    fresh = county.others(made.lake, made.policy, today, known)
    yes, refer, decline = (fresh.get(one, []) for one in (Outcome.APPROVE, Outcome.REFER, Outcome.DECLINE))
    yes = sorted(yes, key=lambda one: -one.limit_minor)
    small = [one for one in yes if one.limit_minor <= 2_000_000]
    large = [one for one in yes if one.limit_minor > 2_000_000]
    logins: list[Login] = []

    def open_(pool: list[Followed], note: str, *, consents: bool = True, assessed: bool = True) -> str | None:
        while pool:
            who = pool.pop(0)
            try:
                case, _ = life.applies(who, at, consents=consents)
                if assessed:
                    assess(case.number, by=made.machine, at=at)
            except SuixinError:
                continue
            logins.append(Login(f"m{who.merchant_id}", "商户本人", note))
            return case.number
        return None

    open_(small, "待签约 an offer to sign")
    open_(small, "缺授权 consents missing", consents=False, assessed=False)
    open_(refer, "待审查 under review")
    for pool, note in ((large, "待审批 to be approved"), (refer, "待审批 to be approved")):
        number = open_(pool, note)
        if number and life.case(number).state == "review":
            try:
                review(number, "approve", reason="交易真实，季节性强，建议同意", by=people["reviewer"], at=at)
            except SuixinError:
                continue
    open_(large, "待审查，金额较大 a large one under review")
    _bring(life, open_(_for_committee(large, made), "贷审会表决中 before the committee"), at)
    open_(decline, "已拒绝 declined")
    if number := open_(decline, "已拒绝并申诉 declined, with an appeal"):
        appeal(number, "我还有一个线下批发档口，没有算进去", by=_owner(life, number), at=at)
    if number := open_(small, "已撤回 withdrawn"):
        withdraw_application(number, by=_owner(life, number), at=at, reason="自有资金够用")
    alive = [one for one in life.borrowers.values() if life.look(one)]
    logins += [Login(f"m{one.who.merchant_id}", "商户本人", "有贷款 with a loan") for one in alive[-2:]]
    _complain([one.who.merchant_id for one in alive[-2:]], made, at)
    over = [one for one in life.borrowers.values() if not life.look(one)]
    logins += [Login(f"m{one.who.merchant_id}", "商户本人", "已还清 repaid") for one in over[-1:]]
    return logins, next((one.merchant_id for one in (*small, *large, *refer)), "")


def _for_committee(found: list[Followed], made: house.House) -> list[Followed]:
    """Whose wish an approver may only pass on."""
    policy = made.policy.policy
    return [one for one in found if above_approver(min(wished(one)[0], one.limit_minor), policy)]


def _bring(life: Life, number: str | None, at: datetime) -> None:
    """A case, if there is one, comes before the committee; the last member has yet to vote."""
    if number is None:
        return
    people = life.house.people
    review(number, "approve", reason="额度较大，材料齐全，建议同意", by=people["reviewer"], at=at)
    approve(number, reason="超过审批权限，提交贷审会", by=people["approver"], at=at)
    life.votes(number, at, absent=1)


def _note(who: Person, stranger: str) -> str:
    is_helper = stranger and who.role == Role.VILLAGE_AGENT
    return f"{who.name}，待登记商户 {stranger} a merchant to enrol" if is_helper else who.name


def _complain(merchants: list[str], made: house.House, at: datetime) -> None:
    """One complaint that is answered, and one that waits."""
    said = [
        Said("price", "短信里的年利率和合同上的不一样"),
        Said("data", "有一笔网贷早就还清了，查到的负债不对", feature="household_debt"),
    ]
    with tenancy.within(made.organisation.pk):
        found = [merchant_of(one) for one in merchants]
    for number, (merchant, words) in enumerate(zip(found, said, strict=False)):
        held = file_complaint(merchant, words, by=_bound(made, merchant.merchant_id), at=at)
        if not number:
            answer = Answer(
                "partly",
                "terms",
                "短信写的是名义利率，合同写的是综合成本，两者口径不同；短信已改为同时写明。",
            )
            answer_complaint(held.number, answer, by=made.people["reviewer2"], at=at)


def _publish(made: house.House, at: datetime) -> None:
    """The month that has just ended, for government and fund."""
    with tenancy.within(made.organisation.pk):
        shown = digest(draft(made.book).document)
    publish_regions(made.book, shown=shown, by=made.people["approver"], at=at)


def _bound(made: house.House, merchant_id: str) -> Actor:
    """The merchant as they sign in."""
    with tenancy.within(made.organisation.pk):
        return actor_of(User.objects.get(username=f"m{merchant_id}"))


def _owner(life: Life, number: str) -> Actor:
    """The merchant of an application."""
    return _bound(life.house, life.case(number).merchant_id)
