"""Orders that a seller may have bought from himself (刷单): signs, how they add up, and what is left as genuine.

Each sign is something a lender can show: whose order, which parcel, which account. Some are enough alone; weak ones
happen to honest merchants too and only count together. All of it as known before the as-of date. Thresholds are
published on purpose, with the simulator that tries to beat them (docs/explanation/genuine-sales.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from suixin.features.expressions import count
from suixin.features.feature import Frames, Rows
from suixin.features.relations import SHARED

ENOUGH = 3  # points at which an order counts as self-dealing
SHARING_BUYERS = 3  # buyers of one merchant on one device: a family at most,
FARM_BUYERS = 6  # and more than that
KIN_ORDERS = 5  # a family buys at its own shop;
KIN_SHARE = 0.05  # more of its orders than both are no family's shopping
CROWD_BUYERS = 6  # buyers at one address of one merchant; a workplace may have as many, so this is weak
LIGHT_G, LIGHT_SHARE = 100.0, 0.25  # a parcel under both is as good as empty
RING_DAYS = 45  # money that goes back to the payer so soon after the payment,
RING_EXCESS = 1.1  # and is not much more than was paid: wages and the owner's own draws are
RING_RETURNS = 2  # times that an account got money back before all that it pays is doubted
SCANNED = 0.5  # a merchant whose carrier scans fewer parcels than this is not judged by scans
UNSCANNED = 0.02  # and one with fewer unscanned deliveries than this need not be looked at
PRAISE_DAYS = 2  # five stars so soon after delivery, or before it
KIN = ("self", "household", "spouse", "legal_rep", "shareholder", *SHARED)


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of self-dealing: its points, and what it says (English; the catalogue translates)."""

    points: int
    sentence: str


SIGNS: dict[str, Sign] = {
    "tied_buyer": Sign(1, "the buyer is tied to the seller by person, telephone, address or account"),
    "tied_often": Sign(2, "buyers tied to the seller order more than a family's own shopping"),
    "payment_ring": Sign(3, "the money went back from the seller's account to the account that paid"),
    "ring_account": Sign(3, "the account that paid has had its money back for other orders"),
    "shared_device": Sign(1, "several buyers of this seller ordered from one device"),
    "device_farm": Sign(2, "six or more buyers of this seller ordered from one device"),
    "empty_parcel": Sign(2, "the parcel weighed next to nothing"),
    "unscanned": Sign(2, "delivered, and no station on the way has seen the parcel"),
    "crowded_address": Sign(1, "many buyers of this seller have this address"),
    "praise_at_once": Sign(1, "five stars within two days of delivery"),
}
"""Every sign by its code."""

HANG_ON = ("order_items", "shipments", "reviews", "refunds")
"""Tables whose rows belong to an order: those of an order that counts as self-dealing count nowhere."""

READS: dict[str, tuple[str, ...]] = {
    "orders": ("order_id", "buyer_id", "device_id", "address_id", "delivered_day"),
    "order_items": ("order_id",),
    "payments": ("order_id", "payer_id", "amount_fen"),
    "shipments": ("order_id", "weight_g", "township_day", "county_day"),
    "reviews": ("order_id", "reviewed_day", "score"),
    "refunds": ("order_id",),
    "cashflows": ("cashflow_id", "counterparty_id", "amount_fen"),
}
"""The columns that the signs are read from."""

_KEY = ["subject", "order_id"]


def evidence(frames: Frames, cut: Callable[[Rows], Rows], keep: Callable[[Rows], Rows]) -> Rows:
    """The signs on every order that counts as self-dealing: subject, order_id, sign.

    Reads `orders`, and `contacts`, `payments` with `cashflows`, `shipments` and `reviews` where they are there.
    `cut` and `keep` are the engine's: the signs are read several times, and finding them is most of the work.
    """
    orders = frames["orders"]
    found = _of_shared(orders, "device_id", {"shared_device": SHARING_BUYERS, "device_farm": FARM_BUYERS})
    found += _of_shared(orders, "address_id", {"crowded_address": CROWD_BUYERS})
    if "contacts" in frames:
        found += _tied(orders, frames["contacts"])
    if "payments" in frames and "cashflows" in frames:
        paid = frames["payments"]
        if "refunds" in frames:  # what was refunded openly is no sale in the first place
            paid = paid.join(frames["refunds"].select(*_KEY).unique(), on=_KEY, how="anti")
        found += _rings(paid, frames["cashflows"])
    if "shipments" in frames:
        found.append(_light(frames["shipments"]))
        found.append(_unscanned(orders, frames["shipments"]))
    signs = keep(nw.concat([cut(rows.select(*_KEY, "sign", "points")) for rows in found]))
    if "reviews" in frames:
        signs = keep(nw.concat([signs, _praised(orders, frames["reviews"], signs)]))
    sums = signs.group_by(*_KEY).agg(points=nw.col("points").sum())
    return signs.select(*_KEY, "sign").join(
        sums.filter(nw.col("points") >= ENOUGH).select(*_KEY), on=_KEY, how="semi"
    )


def marked(orders: Rows, flagged: Rows) -> Rows:
    """The orders with `genuine`: whether they do not count as self-dealing. Only merchants with a flag are searched."""
    keys = flagged.select(*_KEY).unique()
    touched = keys.select("subject").unique()
    clean = orders.join(touched, on="subject", how="anti").with_columns(genuine=nw.lit(value=True))
    bad = keys.with_columns(bad=nw.lit(value=True))
    doubtful = orders.join(touched, on="subject", how="semi").join(bad, on=_KEY, how="left")
    doubtful = doubtful.with_columns(genuine=nw.col("bad").is_null()).drop("bad")
    return nw.concat([clean, doubtful.select(*clean.columns)])


def without(rows: Rows, flagged: Rows) -> Rows:
    """Rows that hang on an order, without those of flagged orders."""
    keys = flagged.select(*_KEY).unique()
    touched = keys.select("subject").unique()
    clean = rows.join(touched, on="subject", how="anti")
    doubtful = rows.join(touched, on="subject", how="semi").join(keys, on=_KEY, how="anti")
    return nw.concat([clean, doubtful])


def _signed(rows: Rows, sign: str) -> Rows:
    points = nw.lit(SIGNS[sign].points).cast(nw.Int64)
    return rows.select(*_KEY).unique().with_columns(sign=nw.lit(sign), points=points)


def _tied(orders: Rows, contacts: Rows) -> list[Rows]:
    kin = contacts.filter(nw.col("kind").is_in(KIN)).select("subject", buyer_id=nw.col("party_id")).unique()
    theirs = orders.join(kin, on=["subject", "buyer_id"], how="semi")
    each = theirs.group_by("subject").agg(theirs=nw.len())
    busy = orders.join(each, on="subject", how="semi").group_by("subject").agg(orders=nw.len())
    share = nw.col("theirs").cast(nw.Float64) / nw.col("orders").cast(nw.Float64)
    often = each.join(busy, on="subject", how="inner").filter(
        nw.col("theirs") >= KIN_ORDERS, share > KIN_SHARE
    )
    beyond = theirs.join(often.select("subject"), on="subject", how="semi")
    return [_signed(theirs, "tied_buyer"), _signed(beyond, "tied_often")]


def _of_shared(orders: Rows, what: str, signs: Mapping[str, int]) -> list[Rows]:
    """Orders whose device or address serves at least so many buyers of the merchant, sign by sign."""
    known = orders.filter(~nw.col(what).is_null(), ~nw.col("buyer_id").is_null())
    buyer, least = nw.col("buyer_id"), min(signs.values())
    used = known.group_by("subject", what).agg(times=nw.len(), one=buyer.min(), other=buyer.max())
    often = used.filter(nw.col("times") >= least, nw.col("one") != nw.col("other")).select("subject", what)
    suspects = known.join(often, on=["subject", what], how="semi").select(*_KEY, what, "buyer_id")
    people = (
        suspects.select("subject", what, "buyer_id").unique().group_by("subject", what).agg(people=nw.len())
    )
    found = []
    for sign, buyers in signs.items():
        crowds = people.filter(nw.col("people") >= buyers).select("subject", what)
        found.append(_signed(suspects.join(crowds, on=["subject", what], how="semi"), sign))
    return found


def _rings(payments: Rows, cashflows: Rows) -> list[Rows]:
    """Payments whose payer got about as much back from the merchant's account soon after, and whatever else it paid."""
    out = cashflows.filter(nw.col("amount_fen") < 0, ~nw.col("counterparty_id").is_null())
    back = out.select(
        "subject",
        "cashflow_id",
        payer_id=nw.col("counterparty_id"),
        back_age=nw.col("age"),
        back=nw.col("amount_fen") * -1,
    )
    paid = payments.filter(~nw.col("payer_id").is_null()).join(back, on=["subject", "payer_id"], how="inner")
    after = nw.col("age") - nw.col("back_age")
    pairs = paid.filter(after >= 0, after <= RING_DAYS)
    sums = pairs.group_by("subject", "cashflow_id").agg(
        paid=nw.col("amount_fen").sum(), back=nw.col("back").max()
    )
    even = sums.filter(nw.col("back").cast(nw.Float64) <= nw.col("paid").cast(nw.Float64) * RING_EXCESS)
    returned = pairs.join(even.select("subject", "cashflow_id"), on=["subject", "cashflow_id"], how="semi")
    payer = ["subject", "payer_id"]
    times = returned.select(*payer, "cashflow_id").unique().group_by(*payer).agg(times=nw.len())
    known = times.filter(nw.col("times") >= RING_RETURNS).select(*payer)
    theirs = payments.join(known, on=payer, how="semi")
    return [_signed(returned, "payment_ring"), _signed(theirs, "ring_account")]


def _light(shipments: Rows) -> Rows:
    usual = shipments.group_by("subject").agg(usual=nw.col("weight_g").mean())
    weighed = shipments.filter(nw.col("weight_g") < LIGHT_G).join(usual, on="subject", how="inner")
    light = weighed.filter(nw.col("weight_g") < nw.col("usual") * LIGHT_SHARE).select(*_KEY).unique()
    heavy = shipments.filter(nw.col("weight_g") >= LIGHT_G).join(light, on=_KEY, how="semi")
    return _signed(light.join(heavy.select(*_KEY).unique(), on=_KEY, how="anti"), "empty_parcel")


def _unscanned(orders: Rows, shipments: Rows) -> Rows:
    """Delivered orders without a scan on the way, of merchants whose parcels are scanned as a rule."""
    delivered = orders.filter(~nw.col("delivered_day").is_null())
    scanned = shipments.filter(~nw.col("township_day").is_null() | ~nw.col("county_day").is_null())
    sent = delivered.group_by("subject").agg(sent=nw.len())
    scanned = scanned.select(*_KEY).unique()  # an order may travel in several parcels
    seen = scanned.join(delivered, on=_KEY, how="semi").group_by("subject").agg(seen=nw.len())
    share = nw.col("seen").cast(nw.Float64) / nw.col("sent").cast(nw.Float64)
    judged = sent.join(seen, on="subject", how="inner").filter(share >= SCANNED, share < 1.0 - UNSCANNED)
    judged = judged.select("subject")
    tracked = scanned.join(judged, on="subject", how="semi")
    missing = delivered.join(judged, on="subject", how="semi").join(tracked, on=_KEY, how="anti")
    return _signed(missing, "unscanned")


def _praised(orders: Rows, reviews: Rows, suspects: Rows) -> Rows:
    """Five stars at once, on orders that carry another sign already: most honest praise is never looked at."""
    mine = suspects.select(*_KEY).unique()
    stars = reviews.filter(nw.col("score") == 5).join(mine, on=_KEY, how="semi")
    arrived = orders.join(mine, on=_KEY, how="semi").select(*_KEY, arrived=nw.col("delivered_day"))
    both = stars.join(arrived, on=_KEY, how="inner")
    soon = both.filter(nw.col("reviewed_day") - nw.col("arrived") <= PRAISE_DAYS)
    return _signed(soon, "praise_at_once")


def checkable(frames: Frames) -> Rows:
    """subject, signs_checked: by how many kinds of evidence its orders could be looked at."""
    sums = (
        frames["orders"]
        .group_by("subject")
        .agg(device=count(~nw.col("device_id").is_null()), address=count(~nw.col("address_id").is_null()))
    )
    kinds = [nw.col(name).clip(0, 1) for name in ("device", "address")]
    for name, column in (
        ("contacts", "party_id"),
        ("cashflows", "counterparty_id"),
        ("shipments", "weight_g"),
    ):
        if name in frames:
            there = frames[name].group_by("subject").agg(count(~nw.col(column).is_null()).alias(name))
            sums = sums.join(there, on="subject", how="left")
            kinds.append(nw.col(name).fill_null(0).clip(0, 1))
    checked = kinds[0]
    for kind in kinds[1:]:
        checked = checked + kind
    return sums.select("subject", signs_checked=checked.cast(nw.Int64))
