"""A measure by township as a map of squares and the table beside it: the same rows for both, hidden figures in neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from suixin.regions.table import WHOLE, Figure, Table
from suixin.regions.tiles import tiles
from suixin.server.regions.documents import DEMAND, LENDING, SALES
from suixin.server.regions.models import Ground

SIDE, GAP, SHADES = 108, 6, 5
_WIDE = 4  # squares for which there is room at least, so that the words of a small county do not grow out of theirs


class Measure(NamedTuple):
    """What is shown: its key in the address, the table and column it comes from, and its words."""

    key: str
    table: str
    zh: str
    en: str
    people_zh: str = "借款户"
    people_en: str = "Borrowers"

    @property
    def is_sales(self) -> bool:
        """Whether it tells of merchants who agreed to it, and not of all."""
        return self.table == SALES


_APPLY = ("申请户", "Applicants")
_AGREED = ("同意统计且有销售的商户", "Merchants who agreed and sold")
MEASURES = (
    Measure("borrowers", LENDING, "贷款余额", "Principal lent"),
    Measure("new", LENDING, "本期新发放", "Newly paid out"),
    Measure("late", LENDING, "逾期贷款余额", "In arrears"),
    Measure("late90", LENDING, "逾期90天以上余额", "Over 90 days in arrears"),
    Measure("decided", DEMAND, "已办结申请金额", "Asked for in decided cases", *_APPLY),
    Measure("granted", DEMAND, "批准金额", "Granted", *_APPLY),
    Measure("refused", DEMAND, "拒绝金额", "Refused", *_APPLY),
    Measure("unmet", DEMAND, "未满足需求", "Unmet demand", *_APPLY),
    Measure(
        "sales", SALES, "当月销售额（同意统计的商户）", "The month's sales (merchants who agreed)", *_AGREED
    ),
)
"""Every measure; its key is the column's name."""

BY_KEY = {one.key: one for one in MEASURES}


@dataclass(frozen=True, slots=True)
class Row:
    """A township, or the whole: its figure and how it has changed, None where one of the two months hides it."""

    area: str
    name: str
    figure: Figure | None
    change: Figure | None

    @property
    def is_whole(self) -> bool:
        """Whether this is the county."""
        return self.area == WHOLE


class Square(NamedTuple):
    """A township on the map; `shade` is 0 to 4, None where it is hidden."""

    row: Row
    x: int
    y: int
    shade: int | None


class Place(NamedTuple):
    """A township on the county's own map: its outline, and where its name stands."""

    row: Row
    path: str
    x: int
    y: int
    shade: int | None


@dataclass(frozen=True, slots=True)
class Map:
    """A measure of a month: squares, or places where the county has brought a map of its own.

    Attributes:
        approval: of the county's own map, shown below it.
        off: how many townships that have figures the county's own map lacks.
        absent: why there is nothing to draw: a reason of `regions.sales.Absent`, 'draft' before the month is published,
            'never' in a month that was published without being asked; '' if the figures are there.
    """

    measure: Measure
    rows: tuple[Row, ...]
    squares: tuple[Square, ...]
    width: int
    height: int
    side: int = SIDE
    places: tuple[Place, ...] = ()
    approval: str = ""
    off: int = 0
    absent: str = ""

    @property
    def hidden(self) -> int:
        """How many rows are hidden."""
        return sum(row.figure is None for row in self.rows)


def drawn(
    measure: Measure,
    tables: Mapping[str, Table],
    names: Mapping[str, str],
    before: Mapping[str, Table],
    ground: Ground | None = None,
    absent: str = "never",
) -> Map:
    """The map of a measure; `before` are the tables of the month published before, empty if there is none.

    Where the measure's table is not among the tables the map is empty and says `absent`.
    """
    table, past = tables.get(measure.table), before.get(measure.table)
    if table is None:
        return Map(measure, (), (), 0, 0, absent=absent)
    held = table.columns[measure.key]
    then = past.columns[measure.key] if past is not None else {}
    rows = {
        area: Row(area, names.get(area, area), held[area], _change(held[area], then.get(area)))
        for area in table.areas
    }
    most = max((one.minor for area, one in held.items() if one is not None and area != WHOLE), default=0)
    if ground is not None:
        return _on(ground, measure, rows, most)
    laid = tiles(table.parents)
    step = SIDE + GAP
    squares = tuple(
        Square(rows[one.area], one.column * step, one.row * step, _shade(held[one.area], most))
        for one in laid
    )
    wide = max(_WIDE, 1 + max((one.column for one in laid), default=0))
    high = max((one.row for one in laid), default=0) + 1
    return Map(measure, tuple(rows.values()), squares, wide * step - GAP, high * step - GAP)


def _on(ground: Ground, measure: Measure, rows: Mapping[str, Row], most: int) -> Map:
    """Every township of the county's own map; one without a figure is blank, as one that is hidden."""
    blank = {area: Row(area, "", None, None) for area in ground.shapes}
    places = tuple(
        Place(
            row,
            (shape := ground.shapes[area])["path"],
            shape["x"],
            shape["y"],
            _shade(row.figure, most),
        )
        for area, row in sorted((blank | {area: rows[area] for area in rows if area in blank}).items())
    )
    size = ground.outline["width"], ground.outline["height"]
    off = sum(area not in blank and not row.is_whole for area, row in rows.items())
    return Map(measure, tuple(rows.values()), (), *size, places=places, approval=ground.approval, off=off)


def _change(now: Figure | None, then: Figure | None) -> Figure | None:
    if now is None or then is None:
        return None
    return Figure(now.people - then.people, now.minor - then.minor)


def _shade(figure: Figure | None, most: int) -> int | None:
    return None if figure is None else min(SHADES - 1, SHADES * figure.minor // (most + 1))
