"""Questions about merchants."""

from collections.abc import Iterable

from django.db import models

from suixin.errors import LendingError
from suixin.server.merchants.models import Holder, Merchant


def merchant_of(merchant_id: str) -> Merchant:
    """The merchant of a pseudonym.

    Raises:
        LendingError: nobody of that pseudonym is enrolled.
    """
    found = Merchant.objects.filter(merchant_id=merchant_id).select_related("holder").first()
    if found is None:
        raise LendingError(
            f"no merchant {merchant_id!r} is enrolled", zh=f"没有登记过编号为 {merchant_id} 的商户"
        )
    return found


def names_of(merchant_ids: Iterable[str]) -> dict[str, str]:
    """Pseudonym -> the shop's name, else the holder's."""
    found = Holder.objects.filter(merchant__merchant_id__in=set(merchant_ids)).values_list(
        "merchant__merchant_id", "shop_name", "name"
    )
    return {merchant: shop or name for merchant, shop, name in found}


def whose(text: str) -> models.Q:
    """Rows whose `merchant_id` is this key, or that of somebody of whose own or shop's name it is a part."""
    named = Holder.objects.filter(models.Q(name__contains=text) | models.Q(shop_name__contains=text))
    return models.Q(merchant_id=text) | models.Q(merchant_id__in=named.values("merchant__merchant_id"))


def found(text: str, most: int = 20) -> list[Merchant]:
    """Merchants by their key, or by a part of the holder's or the shop's name; the latest first."""
    named = models.Q(holder__name__contains=text) | models.Q(holder__shop_name__contains=text)
    rows = Merchant.objects.filter(models.Q(merchant_id=text) | named).select_related("holder")
    return list(rows.order_by("-id")[:most]) if text else []
