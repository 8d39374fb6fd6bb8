"""Who may do what. Whatever is not granted here is refused: an unknown action, a strange object, a withdrawn role.

The auditor reads all and changes nothing; the administrator looks after people and cannot lend; who investigates a
case, who approves it and who pays it out are three people; staff and their relatives stay away from their own cases. The
operator looks after what is delivered to the house's lake: mends rows that were set aside, and sees no case.
"""

from dataclasses import dataclass, field
from typing import Protocol

from suixin.errors import AccessError
from suixin.server import tenancy
from suixin.server.audit.registry import ACTIONS, Words
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Role

_READ = frozenset({"ledger.book.read", "sharing.consent.read"})
_FILES = frozenset({"lending.case.file", "lending.case.withdraw"})
_USE = frozenset({"sharing.data.use"})
_COMPLAINS = frozenset({"service.complaint.file"})
_ANSWERS = frozenset({"service.complaint.take", "service.complaint.answer"})
_SEALS = frozenset({"lending.case.seal"})
_VERIFIES = frozenset(
    {f"verification.identity.{verb}" for verb in ("check", "ask", "import", "take_back")}
    | {f"verification.bureau.{verb}" for verb in ("query", "ask", "import", "correct", "give_up")}
)
_VISITS = frozenset({"lending.case.visit"})
_ANSWER = frozenset(
    f"sharing.consent.{verb}"
    for verb in ("request", "grant", "reject", "pause", "resume", "withdraw", "read")
)
_ASSIST = _ANSWER | {"sharing.consent.assist", "sharing.consent.witness"}
"""Staff ask, and record what a customer signed on paper; they never answer for her (`suixin.server.sharing.word`)."""
_APPROVES = frozenset(
    {
        "lending.case.approve",
        "lending.case.decline",
        "lending.facility.open",
        "lending.facility.freeze",
        "lending.loan.offer",
        "lending.loan.relieve",
        "lending.loan.renew",
        "lending.loan.write_off",
    }
)
GRANTS: dict[Role, frozenset[str]] = {
    Role.CUSTOMER_MANAGER: _READ
    | _COMPLAINS
    | _FILES
    | _ASSIST
    | _USE
    | _VERIFIES
    | _VISITS
    | _SEALS
    | {
        "lending.case.appeal_on_paper",
        "lending.case.have_assessed",
        "lending.case.import",
        "lending.case.investigate",
        "lending.case.take_back",
        "lending.loan.accept",
        "lending.loan.draw_on_paper",
        "lending.loan.withdraw",
        "lending.merchant.enrol",
        "lending.sweep.authorise",
    },
    Role.REVIEWER: _READ
    | _ANSWERS
    | _USE
    | _VISITS
    | _SEALS
    | {"lending.case.have_assessed", "lending.case.review", "sharing.consent.witness"},
    Role.APPROVER: _READ
    | _USE
    | _APPROVES
    | _SEALS
    | {"lending.policy.propose", "lending.policy.release", "regions.month.publish", "regions.ground.set"},
    Role.COMMITTEE: _READ
    | _USE
    | (_APPROVES - {"lending.case.approve", "lending.case.decline"})
    | {"lending.case.vote"},
    Role.DISBURSEMENT: _READ
    | {
        "lending.loan.disburse",
        "lending.loan.withdraw",
        "ledger.transaction.post",
        "ledger.hold.place",
        "ledger.hold.void",
    },
    Role.POST_LOAN: _READ
    | _COMPLAINS
    | _ANSWERS
    | _USE
    | _VISITS
    | _SEALS
    | {
        "lending.loan.watch",
        "lending.alert.take",
        "lending.alert.close",
        "lending.facility.freeze",
        "lending.fee.charge",
        "lending.payment.receive",
        "lending.payment.refund",
        "lending.payment.take_back",
        "lending.sweep.authorise",
    },
    Role.COLLECTION: _READ | {"lending.loan.collect", "lending.payment.receive"},
    Role.AUDITOR: _READ | {"audit.log.read"},
    Role.MODEL_OWNER: _READ | {"lending.policy.propose", "lending.policy.release"},
    Role.VILLAGE_AGENT: _FILES
    | _COMPLAINS
    | _ASSIST
    | {
        "lending.case.appeal_on_paper",
        "lending.case.have_assessed",
        "lending.case.investigate",
        "lending.merchant.enrol",
    },
    Role.OWNER: _FILES
    | _COMPLAINS
    | _ANSWER
    | {
        "lending.case.appeal",
        "lending.loan.accept",
        "lending.loan.draw",
        "lending.loan.pay",
        "lending.loan.withdraw",
        "lending.sweep.authorise",
    },
    Role.OPERATOR: frozenset({"data.quarantine.take", "data.quarantine.mend", "data.quarantine.dismiss"}),
    Role.ADMINISTRATOR: frozenset(
        {
            "audit.log.read",
            "identity.client.add",
            "identity.client.revoke",
            "identity.factor.reset",
            "identity.password.reset",
            "identity.session.end",
            "identity.sign_in.unlock",
            "identity.user.add",
            "identity.user.deactivate",
            "identity.role.grant",
            "identity.role.withdraw",
            "ledger.book.open",
            "ledger.book.advance",
            "origination.desk.set_up",
            "webhooks.endpoint.add",
            "webhooks.endpoint.rotate",
            "webhooks.endpoint.switch_off",
            "webhooks.endpoint.switch_on",
            "webhooks.delivery.send_again",
        }
    ),
}
"""What each role may do; a role that is not named may do nothing yet."""

SYSTEM = frozenset(
    {
        "audit.log.seal",
        "data.quarantine.let_go",
        "identity.organisation.found",
        "identity.sign_in.lock",
        "ledger.book.advance",
        "ledger.book.read",
        "ledger.book.seal",
        "ledger.hold.place",
        "ledger.hold.void",
        "ledger.transaction.post",
        "lending.case.forget",
        "lending.book.watch",
        "lending.day.end",
        "lending.facility.freeze",
        "lending.loan.disburse",
        "lending.loan.reprice",
        "lending.payment.receive",
        "lending.payment.take_back",
        "lending.sweep.settle",
        "lending.merchant.enrol",
        "service.task.carry_out",
        "sharing.consent.request",
        "sharing.data.use",
        "verification.identity.check",
        "webhooks.delivery.send",
        "webhooks.endpoint.switch_off",
    }
)
"""What the program does by itself, at the end of the day or on an event; it decides about nobody."""

OWN = frozenset(
    {
        "identity.factor.enrol",
        "identity.factor.recover",
        "identity.password.change",
        "identity.session.end",
        "identity.view.save",
        "identity.view.drop",
    }
)
"""What a person does about their own way in and their own views of lists, whatever their role."""

POLICY = frozenset(
    {
        "lending.case.assess",
        "lending.facility.open",
        "lending.loan.offer",
        "sharing.data.use",
        "verification.bureau.query",
    }
)
"""What the policy does by itself, within the authority that two people gave it."""

TWO_PEOPLE = frozenset(
    {
        "identity.client.add",
        "identity.password.reset",
        "identity.role.grant",
        "identity.role.withdraw",
        "identity.user.deactivate",
        "ledger.book.advance",
        "lending.loan.relieve",
        "lending.loan.write_off",
        "lending.policy.release",
        "webhooks.endpoint.add",
        "webhooks.endpoint.switch_on",
    }
)
"""What a person does only with another one's word."""

_HANDS = {
    "lending.case.investigate": "investigated_by",
    "lending.case.visit": "investigated_by",
    "lending.case.review": "investigated_by",
    "lending.case.approve": "approved_by",
    "lending.case.decline": "approved_by",
    "lending.case.vote": "approved_by",
    "lending.loan.disburse": "disbursed_by",
}


def called(action: str) -> Words:
    """What a refusal calls an action; one that is not registered by its own name."""
    return ACTIONS.get(action, Words(action, action))


class Owned(Protocol):
    """Whatever belongs to an organisation."""

    organisation_id: int


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose hands a case went through, as actors' names, and who is barred from it as a party or a relative."""

    investigated_by: frozenset[str] = frozenset()
    approved_by: frozenset[str] = frozenset()
    disbursed_by: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody within an organisation, or the program itself; made by `actor_of` or `system`.

    `name` goes into the audit log: 'user:17', 'client:3' for a program that came by the API, or 'system:end-of-day', and
    never a person's own name. `bound_to` are the merchants for whom alone an owner acts, None for everybody else: an owner
    may do nothing to what is no merchant's.
    """

    organisation_id: int
    name: str
    granted: frozenset[str] = field(repr=False)
    roles: frozenset[Role] = frozenset()
    bound_to: frozenset[str] | None = None

    @property
    def is_person(self) -> bool:
        """Whether this is a person, whose word another one's may have to join."""
        return self.name.startswith("user:")

    @property
    def is_program(self) -> bool:
        """Whether this is a part of the server itself, which needs nobody's second word."""
        return self.name.startswith("system:")

    def may(self, action: str, of: Owned | None = None, hands: Hands | None = None) -> bool:
        """Whether the actor may do this, to that object, in a case that went through these hands."""
        if action not in ACTIONS or action not in self.granted:
            return False
        if of is not None and of.organisation_id != self.organisation_id:
            return False
        if self.bound_to is not None and getattr(of, "merchant_id", None) not in self.bound_to:
            return False
        return hands is None or self._keeps_apart(action, hands)

    @property
    def _spoken(self) -> str:
        """How a refusal calls it: a person reads it, of whom a number says nothing."""
        return "you" if self.is_person else self.name

    def require(self, action: str, of: Owned | None = None, hands: Hands | None = None) -> None:
        """Go on only if the actor may.

        Raises:
            AccessError: it may not.
        """
        if not self.may(action, of, hands):
            raise AccessError(
                f"{self._spoken} may not do this: {called(action).en}"
                " (by role, for another part of this case went through the same hands, or for kinship with the customer)",
                zh=f"您没有办理此事的权限，或因经手过本案的其他环节、与客户有关系而须回避（{called(action).zh}）",
            )

    def require_own(self, action: str, user: User) -> None:
        """Go on only if it is the actor's own way in.

        Raises:
            AccessError: it is another person's.
        """
        own = user.organisation_id == self.organisation_id and self.name == f"user:{user.pk}"
        if action not in OWN or not own:
            raise AccessError(
                f"{self._spoken} may not do this for another person: {called(action).en}",
                zh="这件事只能由本人办理",
            )

    def require_second(self, action: str, second: "Actor | None", hands: Hands | None = None) -> None:
        """Go on only if another person, who may do the same, gives the word; the server itself needs none.

        Raises:
            AccessError: nobody does, or the same person, one of another organisation, or whom these hands keep out.
        """
        if action not in TWO_PEOPLE or self.is_program:
            return
        if second is None or second.name == self.name or not second.is_person:
            raise AccessError(
                f"this needs the word of a second person: {called(action).en}", zh="须由另一位有权人员复核"
            )
        if second.organisation_id != self.organisation_id:
            raise AccessError(
                f"this needs the word of a second person of the same organisation: {called(action).en}",
                zh="复核人须是本机构的人员",
            )
        if not second.may(action, hands=hands):
            raise AccessError(
                f"the second person may not do this: {called(action).en}",
                zh=f"复核人没有办理此事的权限，或因经手过本案的其他环节而须回避（{called(action).zh}）",
            )

    def with_second(self, reason: str, second: "Actor | None") -> str:
        """A reason as the audit log keeps it: with the name of who gave the second word."""
        return reason if second is None else f"{reason} ({second.name})".strip()

    def _keeps_apart(self, action: str, hands: Hands) -> bool:
        if self.name in hands.barred:
            return False
        own = _HANDS.get(action)
        others = [getattr(hands, hand) for hand in _HANDS.values() if hand != own]
        return own is None or not any(self.name in other for other in others)


def policy(organisation_id: int) -> Actor:
    """The policy that is in force, deciding by itself within the authority that it states."""
    return Actor(organisation_id, "system:policy", POLICY)


def system(organisation_id: int, what: str) -> Actor:
    """The program itself, doing `what`."""
    return Actor(organisation_id, f"system:{what}", SYSTEM)


def actor_of(user: User) -> Actor:
    """A person with the roles that are live in the current organisation; an inactive user has none."""
    live = Membership.objects.filter(user_id=user.pk, withdrawn_at=None).values_list("role", "bound_to")
    found = [(Role(role), bound) for role, bound in live] if user.is_active else []
    roles = frozenset(role for role, _ in found)
    granted = frozenset[str]().union(*(GRANTS.get(role, frozenset()) for role in roles))
    bound = frozenset(merchant for _, merchant in found if merchant) if Role.OWNER in roles else None
    return Actor(tenancy.current(), f"user:{user.pk}", granted, roles, bound)
