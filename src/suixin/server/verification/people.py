"""Who is to be checked: a holder as a provider is asked about them, and the fingerprint that is kept instead."""

from dataclasses import dataclass

from suixin.errors import UsageError
from suixin.server.identity import keys
from suixin.server.merchants.models import Holder, Merchant

_LABEL = "verification.identity"


@dataclass(frozen=True, slots=True)
class Person:
    """Name, number of identity and telephone, the last one '' if none is known."""

    merchant_id: str
    name: str
    identity_number: str
    telephone: str

    @property
    def told(self) -> tuple[str, ...]:
        """What a provider can be asked about."""
        return ("name", "identity_number", *(("telephone",) if self.telephone else ()))


def person_of(merchant: Merchant) -> Person:
    """The holder of a merchant.

    Raises:
        UsageError: no number of identity is on file.
    """
    held = merchant.holder
    if not held.identity_number:
        raise UsageError(
            f"merchant {merchant.merchant_id} has no number of identity on file; see the paper at the counter",
            zh=f"商户 {merchant.merchant_id} 没有登记证件号码；请在柜台核验证件",
        )
    return Person(merchant.merchant_id, held.name, held.identity_number, held.telephone)


def fingerprint(holder: Holder) -> str:
    """A keyed digest (HMAC-SHA256, hex) of name and number: without the key nobody can try out all numbers."""
    return keys.fingerprint(_text(holder), _LABEL)


def is_of(holder: Holder, held: str) -> bool:
    """Whether a fingerprint is this holder's, under any of the keys."""
    return bool(holder.identity_number) and keys.has_fingerprint(_text(holder), _LABEL, held)


def _text(holder: Holder) -> str:
    return f"{holder.name}\0{holder.identity_number}"
