"""Who the merchants are: their hidden traits, their households, and the tables that show some of it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from suixin.simulation import brushing, crops, frames
from suixin.simulation.brushing import FAMILY
from suixin.simulation.county import TOWNSHIPS, VILLAGES_EACH, County
from suixin.simulation.crops import CROPS
from suixin.simulation.horizon import NEVER_DAY
from suixin.simulation.places import COOPS, SUPPLIERS
from suixin.simulation.streams import Bools, Floats, Ints, normal_quantile

FORMS = ("person", "household", "sole_trader", "coop", "enterprise")
PARTIES_EACH = 100  # party ids a merchant: id × 100 + role
ORDERS_EACH = 10_000_000  # order ids a merchant: id × this + running number
RING = 6  # relatives behind the buyers of a merchant that brushes by its family
OWNER, SPOUSE, BUSINESS, KIN, RING_FIRST = 2, 3, 4, 5, 11
_DAILY_ORDERS = 0.36  # of the median merchant in an ordinary year
_SIZE_SPREAD = (
    1.50  # of log orders; with ticket and season the spread of log revenue is near 1.75 (Gini 0.79)
)
_AREA_RECORDED = 0.85  # of those who grow
_GOLDEN, _PLASTIC = 0.6180339887498949, 0.7548776662466927


@dataclass(frozen=True, slots=True)
class Merchants:
    """A run of merchants with consecutive ids; every attribute is an array with one value a merchant.

    Attributes:
        ids: merchant ids.
        size: standard normal rank of size; level: orders a day in an ordinary year.
        crop, township, village, form: indexes into CROPS, TOWNSHIPS, village codes and FORMS.
        opened, closed: day numbers (closed is NEVER_DAY while the shop lives).
        season: strength of the crop's season in its sales, 0.4 to 1.1.
        growth: log growth a year; slump_from and slump: first day and log slope a year of a lasting decline.
        quality: standard normal; drives hand-over, reviews, refunds and margin.
        loyalty: share of orders by regular buyers; ticket: log price level against the crop's usual piece.
        skus: articles on offer; loss: share of the harvest lost before sale.
        brush: brushed orders against genuine ones, 0 for none; brush_kind: 1 + index into brushing.KINDS, or 0.
        area: cultivated, mu; NaN for what needs no field, and for fields that nobody recorded.
        members: of the household; married: whether there is a spouse.
    """

    ids: Ints
    size: Floats
    level: Floats
    crop: Ints
    township: Ints
    village: Ints
    form: Ints
    opened: Ints
    closed: Ints
    season: Floats
    growth: Floats
    slump_from: Ints
    slump: Floats
    quality: Floats
    loyalty: Floats
    ticket: Floats
    skus: Ints
    loss: Floats
    brush: Floats
    brush_kind: Ints
    area: Floats
    members: Ints
    married: Bools

    @property
    def kin(self) -> Bools:
        """Whether a relative at the owner's address is on record."""
        return np.asarray(self.ids % 17 == 0, dtype=np.bool_)

    @property
    def party_id(self) -> Ints:
        """The party that runs each merchant: the household, its owner, or a registered business."""
        role = np.select([self.form == 0, self.form == 1], [OWNER, 1], BUSINESS)
        return np.asarray(self.ids * PARTIES_EACH + role, dtype=np.int64)


def draw(county: County, ids: Ints) -> Merchants:
    """The merchants with these ids."""
    s = county.streams
    size = normal_quantile(s.even("size", ids, _GOLDEN))
    crop = np.searchsorted(np.cumsum(crops.column("share"))[:-1], s.even("crop", ids, _PLASTIC)).astype(
        np.int64
    )
    township = _pick(s.uniform("township", ids) ** 1.2, len(TOWNSHIPS))
    quality = s.normal("quality", ids)
    opened, closed = _life(county, ids)
    brush, brush_kind = brushing.choose(s, county.brushing, ids)
    slump_from, slump = _slump(county, ids, quality)
    form_score = normal_quantile(np.clip(s.uniform("form", ids), 1e-9, 1 - 1e-9)) + 0.9 * size
    remote = county.remoteness[township]
    usual_loss = (
        1.12
        * crops.column("loss")[crop]
        * (0.85 + 0.3 * remote)
        * np.exp(0.22 * s.normal("loss", ids) - 0.08 * quality)
    )
    level = _DAILY_ORDERS * np.exp(_SIZE_SPREAD * size)
    ticket = 0.38 * s.normal("ticket", ids) + 0.16 * size
    return Merchants(
        ids=ids,
        size=size,
        level=level,
        crop=crop,
        township=township,
        village=township * VILLAGES_EACH + _pick(s.uniform("village", ids), VILLAGES_EACH),
        form=np.digitize(form_score, [-0.3, 0.5, 1.9, 2.4]).astype(np.int64),
        opened=opened,
        closed=closed,
        season=0.4 + 0.7 * s.uniform("season", ids),
        growth=0.22 * s.normal("growth", ids) + 0.03,
        slump_from=slump_from,
        slump=slump,
        quality=quality,
        loyalty=0.04 + 0.42 * s.uniform("loyalty", ids) ** 2,
        ticket=ticket,
        skus=2 + _pick(s.uniform("skus", ids) ** 1.5, 10),
        loss=np.minimum(usual_loss, 0.6),
        brush=brush,
        brush_kind=brush_kind,
        area=_area(county, ids, crop, level * np.exp(ticket)),
        members=1 + _pick(s.uniform("members", ids) ** 1.1, 6),
        married=s.uniform("married", ids) < 0.78,
    )


def _pick(uniform: Floats, n: int) -> Ints:
    return (uniform * n).astype(np.int64)


def _life(county: County, ids: Ints) -> tuple[Ints, Ints]:
    """Three in four opened up to six years before the start; some close."""
    s, first, end = county.streams, county.horizon.first, county.horizon.end
    u, v = s.uniform("opened", ids), s.uniform("opened when", ids)
    before = first - 30 - (2200 * v * v).astype(np.int64)
    opened = np.where(u < 0.75, before, first + (0.8 * (end - first) * v).astype(np.int64))
    lives = (-np.log(s.uniform("closed", ids)) * 365 / 0.045).astype(np.int64)  # 4.5 % close a year
    closed = np.maximum(opened, first) + 90 + lives
    return opened, np.where(closed < end, closed, NEVER_DAY)


def _slump(county: County, ids: Ints, quality: Floats) -> tuple[Ints, Floats]:
    """A lasting decline strikes one merchant in seven, the careless more often."""
    s, horizon = county.streams, county.horizon
    struck = s.normal("slump", ids) - 0.9 * quality > 1.5
    span = horizon.end - horizon.first + 120
    begins = horizon.first - 120 + (span * s.uniform("slump from", ids)).astype(np.int64)
    return np.where(struck, begins, NEVER_DAY), -(1.4 + 2.2 * s.uniform("slump slope", ids))


def _area(county: County, ids: Ints, crop: Ints, pieces: Floats) -> Floats:
    """Cultivated area, mu to a tenth: what an ordinary year's sales (usual pieces a day) ask for, more or less."""
    s = county.streams
    a_mu, piece = crops.column("mu_yuan")[crop], crops.column("piece_yuan")[crop]
    grows = a_mu > 0
    asked = 365.0 * pieces * piece / np.where(grows, a_mu, 1.0) * np.exp(0.45 * s.normal("area", ids))
    recorded = s.uniform("area recorded", ids) < _AREA_RECORDED
    return np.where(grows & recorded, np.round(np.clip(asked, 0.1, 5000.0), 1), np.nan)


def tables(county: County, who: Merchants) -> dict[str, pl.DataFrame]:
    """The tables merchants, parties and relations."""
    return {
        "merchants": _merchants(county, who),
        "parties": _parties(county, who),
        "relations": _relations(county, who),
    }


def _merchants(county: County, who: Merchants) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "merchant_id": who.ids,
            "party_id": who.party_id,
            "region_code": frames.codes(county.village_codes, who.village),
            "legal_form": frames.codes(FORMS, who.form),
            "crop": frames.codes([crop.code for crop in CROPS], who.crop),
            "area_mu": who.area,
            "opened_on": frames.dates(who.opened),
        },
        nan_to_null=True,
    )


def _roles(who: Merchants) -> list[tuple[int, Bools, str | None]]:
    """Role number, which merchants have it, and the party's kind (None: as the legal form)."""
    everyone = np.ones(who.ids.size, dtype=np.bool_)
    brushes = who.brush_kind == FAMILY
    ring: list[tuple[int, Bools, str | None]] = [(RING_FIRST + n, brushes, "person") for n in range(RING)]
    return [(1, everyone, "household"), (OWNER, everyone, "person"), (SPOUSE, who.married, "person"),
            (BUSINESS, who.form >= 2, None), (KIN, who.kin, "person"), *ring]  # fmt: skip


def _parties(county: County, who: Merchants) -> pl.DataFrame:
    parts = []
    registered = np.minimum(who.opened, county.horizon.end - 1)
    villages = county.village_codes
    for role, has, kind in _roles(who):
        n = int(has.sum())
        kinds = frames.codes(FORMS, who.form[has]) if kind is None else pl.repeat(kind, n, eager=True)
        counted = pl.Series(who.members[has]) if role == 1 else pl.repeat(None, n, dtype=pl.Int64, eager=True)
        since = registered[has] - (0 if role == BUSINESS else 400)
        parts.append(
            pl.DataFrame(
                {
                    "party_id": who.ids[has] * PARTIES_EACH + role,
                    "kind": kinds,
                    "region_code": frames.codes(villages, who.village[has]),
                    "members": counted,
                    "registered_on": frames.dates(since),
                }
            )
        )
    return pl.concat(parts)


def _relations(county: County, who: Merchants) -> pl.DataFrame:
    s, base = county.streams, who.ids * PARTIES_EACH
    everyone, owner = np.ones(who.ids.size, dtype=np.bool_), base + OWNER
    member = s.uniform("member", who.ids) < 0.3
    coop = 1 + _pick(s.uniform("coop", who.ids), COOPS)
    buys = s.uniform("buys", who.ids) < 0.25
    supplier = COOPS + 1 + _pick(s.uniform("supplier", who.ids), SUPPLIERS)
    # A tie to another merchant only ever points to a lower id, so a smaller county holds both ends.
    lower = 1 + (s.uniform("shares with", who.ids) * np.maximum(who.ids - 1, 1)).astype(np.int64)
    shares = (s.uniform("shares", who.ids) < 0.02) & (who.ids > 1)
    vouches = (s.uniform("vouches", who.ids) < 0.04) & (who.ids > 1)
    ties: list[tuple[str, Bools, Ints, Ints]] = [
        ("household", everyone, owner, base + 1),
        ("household", who.married, base + SPOUSE, base + 1),
        ("spouse", who.married, owner, base + SPOUSE),
        ("legal_rep", who.form >= 2, owner, base + BUSINESS),
        ("shareholder", who.form == 4, owner, base + BUSINESS),
        ("member_of", member, owner, coop),
        ("supplier", buys, supplier, who.party_id),
        ("shared_phone", shares, owner, lower * PARTIES_EACH + OWNER),
        ("guarantor_of", vouches, owner, lower * PARTIES_EACH + OWNER),
        ("shared_address", who.kin, base + KIN, owner),
    ]
    brushes = who.brush_kind == FAMILY
    ties += [("shared_phone", brushes, base + RING_FIRST + n, owner) for n in range(RING // 2)]
    ties += [("shared_address", brushes, base + RING_FIRST + n, owner) for n in range(RING // 2, RING)]
    return pl.concat([_tie(kind, has, one, other, who) for kind, has, one, other in ties])


def _tie(kind: str, has: Bools, one: Ints, other: Ints, who: Merchants) -> pl.DataFrame:
    n = int(has.sum())
    return pl.DataFrame(
        {
            "party_id": one[has],
            "other_party_id": other[has],
            "kind": pl.repeat(kind, n, eager=True),
            "since_on": frames.dates(who.opened[has]),
            "ended_on": pl.repeat(None, n, dtype=pl.Date, eager=True),
        }
    )
