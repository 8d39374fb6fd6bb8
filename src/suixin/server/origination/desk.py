"""The desk of the current organisation: its book, its lake, and the policy in force."""

from functools import lru_cache
from pathlib import Path

from suixin.errors import PolicyError, UsageError
from suixin.lake.store import Lake
from suixin.server.origination.models import Desk, PolicyProposal, PolicyRelease
from suixin.underwriting.policy import LoadedPolicy, parse_policy


def desk() -> Desk:
    """The desk.

    Raises:
        UsageError: the organisation lends to nobody yet.
    """
    found = Desk.objects.select_related("book").first()
    if found is None:
        raise UsageError(
            "this organisation has no lending desk yet; an administrator sets it up",
            zh="本机构还没有设立信贷柜台，请管理员设立",
        )
    return found


def lake_of(held: Desk) -> Lake:
    """The newest snapshot of the desk's lake."""
    return Lake.open(Path(held.lake))


def release_in_force() -> PolicyRelease:
    """The policy that was released last.

    Raises:
        PolicyError: none was.
    """
    found = PolicyRelease.objects.order_by("-id").first()
    if found is None:
        raise PolicyError(
            "no policy is released yet; two people release one", zh="还没有发布政策，须由两人发布"
        )
    return found


def policy_of(release: PolicyRelease | PolicyProposal) -> LoadedPolicy:
    """The policy of a release, or of a proposal, parsed."""
    return _parsed(release.text)


@lru_cache(maxsize=16)
def _parsed(text: str) -> LoadedPolicy:
    return parse_policy(text, "the policy that was kept")
