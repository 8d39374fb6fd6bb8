"""Questions about identities: is it verified today, of one merchant or of many; what was asked and answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from suixin.errors import LendingError
from suixin.server.merchants.models import Holder, Merchant
from suixin.server.verification.models import IdentityCheck
from suixin.server.verification.people import is_of


class Standing(StrEnum):
    """How an identity stands."""

    VERIFIED = "verified"
    NONE = "none"  # nobody has checked it
    FAILED = "failed"
    CHANGED = "changed"  # name or number are others than were checked
    EXPIRED = "expired"


_MENDS = {
    Standing.NONE: ("is not verified yet", "尚未核验"),
    Standing.FAILED: ("was not confirmed", "核验未通过"),
    Standing.CHANGED: ("was verified under another name or number", "核验时的姓名或号码与现在不同"),
    Standing.EXPIRED: ("was verified by a paper that is no longer good", "核验所用证件已过期"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """How it stands, and the check that it rests on."""

    standing: Standing
    check: IdentityCheck | None

    @property
    def is_verified(self) -> bool:
        """Whether one may rely on it."""
        return self.standing is Standing.VERIFIED


def counting() -> QuerySet[IdentityCheck]:
    """The checks that count: those that nobody took back."""
    return IdentityCheck.objects.filter(taken_back=None)


def held_of(merchant: Merchant, on: date) -> Held:
    """How a merchant's identity stands on a day: the latest check holds, whatever earlier ones said."""
    last = counting().filter(merchant_id=merchant.merchant_id).order_by("-id").first()
    return Held(_standing(merchant.holder, last, on), last)


def require(merchant: Merchant, on: date) -> None:
    """Go on only with a verified identity.

    Raises:
        LendingError: it is none today.
    """
    standing = held_of(merchant, on).standing
    if standing is not Standing.VERIFIED:
        en, zh = _MENDS[standing]
        raise LendingError(
            f"the identity of merchant {merchant.merchant_id} {en}; verify it first, at the counter or by a provider",
            zh=f"商户 {merchant.merchant_id} 的身份{zh}；请先在柜台或通过核验机构核验",
        )


def verified(merchant_ids: Iterable[str], on: date) -> set[str]:
    """Of these merchants those whose identity is verified on a day; two queries however many they are."""
    wanted = set(merchant_ids)
    last = {one.merchant_id: one for one in counting().filter(merchant_id__in=wanted).order_by("id")}
    holders = Holder.objects.filter(merchant__merchant_id__in=list(last)).select_related("merchant")
    found = {one.merchant.merchant_id: one for one in holders}
    return {key for key, held in found.items() if _standing(held, last[key], on) is Standing.VERIFIED}


def _standing(holder: Holder, last: IdentityCheck | None, on: date) -> Standing:
    if last is None:
        return Standing.NONE
    if last.verdict != IdentityCheck.Verdict.MATCHED:
        return Standing.FAILED
    if not is_of(holder, last.fingerprint):
        return Standing.CHANGED
    if last.expires_on is not None and last.expires_on < on:
        return Standing.EXPIRED
    return Standing.VERIFIED
