"""Propose a policy: it is checked and kept word for word, and changes nothing until another person releases it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from suixin.errors import ConflictError, PolicyError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination import policies
from suixin.server.origination.desk import desk, release_in_force
from suixin.server.origination.models import PolicyProposal
from suixin.underwriting.policy import LoadedPolicy, parse_policy


def checked(text: str) -> LoadedPolicy:
    """The policy of a text that may be proposed here.

    Raises:
        PolicyError: the text is no policy, is in another currency than the desk's book, or has the version of another.
    """
    loaded = parse_policy(text, "the proposed policy")
    if loaded.policy.currency != (currency := desk().book.currency):
        raise PolicyError(
            f"the proposed policy is in {loaded.policy.currency}; this desk lends in {currency}",
            zh=f"提出的政策币种是 {loaded.policy.currency}，本行放款币种是 {currency}",
        )
    policies.require_new_version(loaded)
    return loaded


def propose_policy(text: str, *, reason: str, by: Actor, at: datetime) -> PolicyProposal:
    """Propose a text; the same text proposed again returns the proposal that is open.

    A former text is proposed like any other: that is how one goes back.

    Raises:
        PolicyError: the text is no policy, no reason, or it is in force already.
        ConflictError: another proposal is open.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require("lending.policy.propose")
        loaded = checked(text)
        if not reason.strip():
            raise PolicyError("say why the policy is to change; give a reason", zh="请写明为什么改政策")
        if release_in_force().hash == loaded.hash:
            raise PolicyError("this text is in force already; change it first", zh="这就是现行政策，请先修改")
        held = policies.proposal()
        if held is not None:
            if held.hash != loaded.hash:
                raise ConflictError(
                    "another policy is proposed; release or withdraw it first",
                    zh="已有一份政策待发布，请先发布或撤回",
                )
            return held
        made = PolicyProposal(
            hash=loaded.hash, text=text, reason=reason.strip(), proposed_by=by.name, proposed_at=at
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:  # another person came first
            raise ConflictError(
                "another policy is proposed; release or withdraw it first",
                zh="已有一份政策待发布，请先发布或撤回",
            ) from error
        record(by, "lending.policy.propose", made, after={"hash": made.hash}, reason=made.reason, at=at)
        return made
