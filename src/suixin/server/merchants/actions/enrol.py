"""Enrol a merchant: who they are, under which pseudonym, and how they sign in."""

from dataclasses import dataclass
from datetime import datetime

from suixin.errors import ConflictError, UsageError
from suixin.identifiers import check_resident_id
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Holder, Merchant
from suixin.sharing.purposes import civil_date


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What is known of a merchant when they come; see `suixin.server.merchants.models`."""

    merchant_id: str
    kind: str
    county: str
    village: str
    name: str
    shop_name: str = ""
    identity_number: str = ""
    telephone: str = ""
    industry: str = "5292"  # GB/T 4754-2017: retail over the internet
    crop: str = ""
    platform: str = ""
    shop: str = ""
    relatives: tuple[str, ...] = ()


def enrol(
    who: Enrolled, *, by: Actor, at: datetime, username: str = "", password: str | None = None
) -> Merchant:
    """Enrol a merchant, once for the pseudonym; with a username they sign in themselves.

    Raises:
        UsageError: no key, name, county or village; a number of identity that can be nobody's.
        ConflictError: the pseudonym is enrolled already.
    """
    identity = _judged(who, at)
    with tenancy.within(by.organisation_id):
        by.require("lending.merchant.enrol")
        if Merchant.objects.filter(merchant_id=who.merchant_id).exists():
            raise ConflictError(f"merchant {who.merchant_id} is enrolled already; look it up instead")
        merchant = Merchant(
            merchant_id=who.merchant_id,
            kind=who.kind,
            county=who.county,
            village=who.village,
            industry=who.industry,
            crop=who.crop,
            platform=who.platform,
            shop=who.shop,
            relatives=list(who.relatives),
            enrolled_at=at,
        )
        merchant.save(force_insert=True)
        Holder(
            merchant=merchant,
            name=who.name,
            shop_name=who.shop_name,
            identity_number=identity,
            telephone=who.telephone,
        ).save(force_insert=True)
        if username:
            add_person(NewPerson(username, who.name, Role.OWNER, password, who.merchant_id), at)
        record(by, "lending.merchant.enrol", merchant, after={"merchant": who.merchant_id}, at=at)
        return merchant


def _judged(who: Enrolled, at: datetime) -> str:
    """The number of identity as it is written, '' if none was given; whatever else is wrong is refused."""
    if who.kind not in Merchant.Kind.values:
        raise UsageError(f"{who.kind!r} is no kind of merchant; use one of {', '.join(Merchant.Kind.values)}")
    for name in ("merchant_id", "name"):
        if not getattr(who, name).strip():
            raise UsageError(f"the merchant's {name} is empty; give it")
    for name, digits in (("county", 6), ("village", 12)):
        if not (getattr(who, name).isdecimal() and len(getattr(who, name)) == digits):
            raise UsageError(
                f"{name} {getattr(who, name)!r} is no code of {digits} digits; see GB/T 2260 and GB/T 10114"
            )
    return check_resident_id(who.identity_number, civil_date(at)) if who.identity_number.strip() else ""
