"""Release a policy: from then on every decision is made by it."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination import policies
from suixin.server.origination.models import PolicyRelease
from suixin.underwriting.policy import parse_policy


def release_policy(text: str, *, reason: str, by: Actor, second: Actor | None, at: datetime) -> PolicyRelease:
    """Release a policy, with a second person's word; the text that is in force already stays as it is.

    Raises:
        PolicyError: the text is no policy, or has the version of another.
        AccessError: nobody else gave their word.
    """
    loaded = parse_policy(text, "the policy to be released")
    with tenancy.within(by.organisation_id):
        by.require("lending.policy.release")
        by.require_second("lending.policy.release", second)
        held = PolicyRelease.objects.order_by("-id").first()
        if held is not None and held.hash == loaded.hash:
            return held
        policies.require_new_version(loaded)
        made = PolicyRelease(
            hash=loaded.hash,
            name=loaded.policy.name,
            version=loaded.policy.version,
            text=text,
            released_by=by.name,
            seconded_by=second.name if second else "",
            released_at=at,
            reason=reason,
        )
        made.save(force_insert=True)
        before = None if held is None else {"hash": held.hash}
        record(
            by, "lending.policy.release", made, before=before, after={"hash": made.hash}, reason=reason, at=at
        )
        return made
