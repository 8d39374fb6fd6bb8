"""Enrol a merchant: who they are, under which pseudonym, and how they sign in."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from suixin.errors import ConflictError, UsageError
from suixin.identifiers import check_resident_id
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Holder, Merchant
from suixin.server.verification.actions.verify import verify_in_demo
from suixin.sharing.purposes import civil_date

_KEY = re.compile(r"(?!\.{1,2}$)[!-.0-~]{1,40}")  # as the API's addresses and the pages' have it


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
        UsageError: no key that can stand in an address, no name, county or village, a text that is too long, a number of
            identity that can be nobody's.
        ConflictError: the pseudonym is enrolled already.
    """
    identity = _judged(who, at)
    with tenancy.within(by.organisation_id):
        by.require("lending.merchant.enrol")
        if Merchant.objects.filter(merchant_id=who.merchant_id).exists():
            raise ConflictError(
                f"merchant {who.merchant_id} is enrolled already; look it up instead",
                zh=f"商户 {who.merchant_id} 已登记，请直接查找",
            )
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
        _kept_once(merchant)
        holder = Holder(
            merchant=merchant,
            name=who.name,
            shop_name=who.shop_name,
            identity_number=identity,
            telephone=who.telephone,
        )
        holder.save(force_insert=True)
        if username:
            add_person(NewPerson(username, who.name, Role.OWNER, password, who.merchant_id), at)
        record(by, "lending.merchant.enrol", merchant, after={"merchant": who.merchant_id}, at=at)
        verify_in_demo(merchant, at=at)
        return merchant


def _judged(who: Enrolled, at: datetime) -> str:
    """The number of identity as it is written, '' if none was given; whatever else is wrong is refused."""
    if who.kind not in Merchant.Kind.values:
        raise UsageError(
            f"{who.kind!r} is no kind of merchant; use one of {', '.join(Merchant.Kind.values)}",
            zh="请选择商户类型",
        )
    if _KEY.fullmatch(who.merchant_id) is None:
        raise UsageError(
            f"the merchant's key is {who.merchant_id!r}; give 1 to 40 printable ASCII characters without blanks and '/'",
            zh="商户编号须为 1 至 40 个字母、数字或符号，不含空格和 /",
        )
    if not who.name.strip():
        raise UsageError("the merchant's name is empty; give it", zh="请填写姓名")
    for name, zh, digits in (("county", "县", 6), ("village", "村", 12)):
        given = getattr(who, name)
        if not (given.isascii() and given.isdecimal() and len(given) == digits):
            raise UsageError(
                f"{name} {given!r} is no code of {digits} digits; see GB/T 2260 and GB/T 10114",
                zh=f"“{given}”不是 {digits} 位数字的{zh}代码",
            )
    _short_enough(who)
    return check_resident_id(who.identity_number, civil_date(at)) if who.identity_number.strip() else ""


def _short_enough(who: Enrolled) -> None:
    for field in (*Merchant._meta.concrete_fields, *Holder._meta.concrete_fields):
        given = getattr(who, field.name, "")
        if field.max_length and len(given) > field.max_length:
            raise UsageError(
                f"the merchant's {field.name} has {len(given)} characters; keep it to {field.max_length}",
                zh=f"填写的内容过长：{len(given)} 个字，最多 {field.max_length} 个（{field.name}）",
            )


def _kept_once(merchant: Merchant) -> None:
    """Of two who enrol the same one at once the second is told so."""
    try:
        with transaction.atomic():
            merchant.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(
            f"merchant {merchant.merchant_id} was enrolled a moment ago; look it up",
            zh=f"商户 {merchant.merchant_id} 刚刚已登记，请直接查找",
        ) from error
