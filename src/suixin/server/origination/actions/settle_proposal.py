"""Settle a proposed policy: another person releases it, or it is withdrawn."""

from datetime import datetime

from suixin.errors import ConflictError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.queries import person_of
from suixin.server.origination.actions.release_policy import release_policy
from suixin.server.origination.models import PolicyProposal, PolicyRelease

State = PolicyProposal.State


def release_proposal(proposal_id: int, *, shown: str, by: Actor, at: datetime) -> PolicyRelease:
    """Release a proposal; its proposer is the other of the two people, and must still be one who may.

    Args:
        proposal_id: of the proposal.
        shown: the hash of the text that was on the page.
        by: who releases it.
        at: when.

    Raises:
        ConflictError: it was settled before, or another text was shown.
        AccessError: the actor may not or proposed it, or the proposer may no longer.
    """
    with tenancy.within(by.organisation_id):
        held = _open(proposal_id)
        if held.hash != shown:
            raise ConflictError(
                "another policy is proposed by now; read it first", zh="待发布的政策已换成另一份，请先阅读"
            )
        second = person_of(held.proposed_by)
        made = release_policy(held.text, reason=held.reason, by=by, second=second, at=at)
        _settle(held, State.RELEASED, by, at)
        return made


def withdraw_proposal(proposal_id: int, *, by: Actor, at: datetime) -> PolicyProposal:
    """Withdraw a proposal, one's own or another's.

    Raises:
        ConflictError: it was settled before.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require("lending.policy.propose")
        held = _open(proposal_id)
        _settle(held, State.WITHDRAWN, by, at)
        before, after = {"state": State.OPEN.value}, {"state": held.state}
        record(by, "lending.policy.propose", held, before=before, after=after, at=at)
        return held


def _open(proposal_id: int) -> PolicyProposal:
    found = locks.rows(PolicyProposal.objects.filter(pk=proposal_id, state=State.OPEN))
    if not found:
        raise ConflictError(
            "this proposal is settled already; somebody else was faster", zh="这份提案已由别人处理"
        )
    return found[0]


def _settle(held: PolicyProposal, state: str, by: Actor, at: datetime) -> None:
    held.state, held.settled_by, held.settled_at = state, by.name, at
    held.save()
