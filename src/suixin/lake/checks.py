"""Raw rows against a contract: typed, stored columns for the good rows, rule and column for the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from suixin.lake.contract import STORED_TYPE, Column, Kind, Table, day_name

KNOWN_AT = Column("known_at", Kind.INSTANT, "获知时间", "when the row became known", required=False)

LONGEST_ID = 128
LONGEST_TEXT = 2_000
_DECIMAL = r"^[+-]?\d{1,15}(\.\d*)?$"
_TWO_DIGITS = r"^[+-]?\d{1,15}(\.\d{0,2}0*)?$"
_WHOLE = r"^[+-]?\d{1,18}(\.0*)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_CIVIL = r"^\d{4}-\d{1,2}-\d{1,2}([ T]|$)|^\d{8}$"  # a year has four digits
_LOST_DIGITS = r"^[+-]?\d(\.\d+)?[eE]\+\d{1,3}$"  # as a spreadsheet writes a long identifier
_OFFSET = r"([+-]\d{2}:?\d{2}|Z)$"
_FORMULA = r"(?s)^\s*([=@]|[+\-]\s*[A-Za-z(]|[+\-].*[|!]|[+\-][\d.\s+\-*/^&]*[+*/^&]\s*[A-Za-z(])"
_MARKUP = r"<\s*[/!?]?\s*[A-Za-z][^>]*>|<!--|javascript:"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
_TRUE, _FALSE = ("true", "1", "yes", "是", "t", "y"), ("false", "0", "no", "否", "f", "n")

FIRST_FACT, FIRST_BEGINNING, LAST = date(1990, 1, 1), date(1900, 1, 1), date(2100, 12, 31)
"""No fact is older or later; a first day (of a business, a party, a place) may be older than any fact."""
_CALENDAR_DAYS = (-719_162, 2_932_896)  # 0001-01-01 to 9999-12-31, in days since 1970-01-01
_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_EXACT = {"Float32": 2**24, "Float64": 2**53}  # from here on a float loses digits of whole numbers
_MOST_MINOR = 10**15


@dataclass(frozen=True, slots=True)
class Setting:
    """What a source says of its values.

    Attributes:
        zone: the zone in which a naive time is read, and whose civil days are stored.
        currency: code of the lake's currency; a row that names another is refused.
        today: day number (days since 1970-01-01) after which a fact lies in the future.
    """

    zone: str
    currency: str
    today: int


@dataclass(frozen=True, slots=True)
class Checked:
    """`good` has the stored schema (less `route`) and `_row`; `bad` has `_row`, `rule`, `column`."""

    good: pl.DataFrame
    bad: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Check:
    rule: str
    column: str
    fails: pl.Expr


def missing_columns(table: Table, names: list[str]) -> list[str]:
    """The required columns of the contract that a file with these column names lacks."""
    return [c.name for c in table.columns if c.required and c.name not in names]


def unknown_columns(table: Table, names: list[str]) -> list[str]:
    """The columns of a file that the contract does not know: they are not read."""
    known = {c.name for c in table.columns} | {"known_at", "currency", "_row"}
    return [name for name in names if name not in known]


def unreadable_columns(table: Table, schema: pl.Schema) -> list[str]:
    """The columns of the contract whose type in the file (a list, a struct, bytes) holds no single value."""
    names = {c.name for c in (*table.columns, KNOWN_AT)}
    plain = (pl.String, pl.Boolean, pl.Date, pl.Null)
    return [
        f"{name} ({kind})"
        for name, kind in schema.items()
        if name in names and not (kind.is_numeric() or kind in plain or isinstance(kind, pl.Datetime))
    ]


def check(table: Table, raw: pl.DataFrame, known: dict[str, pl.Series], setting: Setting) -> Checked:
    """Type and check a batch of raw rows.

    Args:
        table: the contract.
        raw: the file's columns and `_row`; text, or typed where the format has types.
        known: for each column that refers to another table, the identifiers that exist there.
        setting: zone, currency and today's day number.
    """
    columns = [*table.columns, KNOWN_AT]
    present = [c for c in columns if c.name in raw.columns]
    typed = raw.with_columns(
        *(_as_text_or_typed(c, raw.schema[c.name]) for c in present),
        *(_inexact(c, raw.schema[c.name]).alias(f"x:{c.name}") for c in present if _worded(c)),
    )
    read = typed.with_columns(_typed(c, typed.schema[c.name], setting).alias(f"t:{c.name}") for c in present)
    absent = [c for c in columns if c.name not in raw.columns]
    read = read.with_columns(_absent(c).alias(f"t:{c.name}") for c in absent)
    read = read.with_columns(pl.coalesce("t:known_at", _happened(table, setting.zone)).alias("t:known_at"))
    checks = list(_checks(table, present, typed.schema, known, setting))
    failed = read.select(pl.any_horizontal(c.fails.fill_null(value=False) for c in checks)).to_series()
    bad = read.filter(failed).select("_row", _first(checks, "rule"), _first(checks, "column"))
    good = read.filter(~failed) if failed.any() else read
    return Checked(good.select("_row", *_stored(table, setting)), bad)


def _as_text_or_typed(column: Column, kind: pl.DataType) -> pl.Expr:
    """Text is trimmed and an empty cell is no value; a NaN is no value either."""
    value = pl.col(column.name)
    if kind == pl.String:
        value = value.str.strip_chars()
        return pl.when(value != "").then(value).alias(column.name)
    if kind.is_float():
        if not _worded(column):
            return value.fill_nan(None)
        whole = value.cast(pl.Int64, strict=False).cast(pl.String)  # a spreadsheet's 17.0 is number 17
        text = pl.when(_inexact(column, kind)).then(value.cast(pl.String)).otherwise(whole)
        return pl.when(value.is_not_nan()).then(text).alias(column.name)
    worded = column.kind in (Kind.ID, Kind.CODE, Kind.TEXT)
    dated = column.kind in (Kind.DATE, Kind.INSTANT) and kind.is_integer()  # 20250301
    return value.cast(pl.String) if (worded or dated) and kind != pl.Null else value


def _worded(column: Column) -> bool:
    return column.kind in (Kind.ID, Kind.CODE)


def _inexact(column: Column, kind: pl.DataType) -> pl.Expr:
    """Whether an identifier came as a number that no longer tells it from its neighbours."""
    value = pl.col(column.name)
    if kind == pl.String:
        return value.str.strip_chars().str.contains(_LOST_DIGITS)
    if kind.is_float():
        exact = value.is_not_nan() & (value == value.round()) & (value.abs() < _EXACT.get(str(kind), 2**11))
        return value.is_not_nan() & ~exact
    return pl.lit(value=False)


def _absent(column: Column) -> pl.Expr:
    return pl.lit(None, dtype=STORED_TYPE[column.kind])


def _happened(table: Table, zone: str) -> pl.Expr:
    """When the fact is known if the source is silent: when it happened (a date counts from midnight), or later."""
    value = pl.col(f"t:{table.happened}")
    if table.column(table.happened).kind is Kind.DATE:
        value = _day_start(value.cast(pl.Datetime("us")), zone)
    return value + pl.duration(days=pl.col(f"t:{table.known_after}")) if table.known_after else value


def _typed(column: Column, kind: pl.DataType, setting: Setting) -> pl.Expr:
    """The column's typed value; null where the raw value cannot be read."""
    value = pl.col(column.name)
    text = kind == pl.String
    if column.kind in (Kind.MONEY, Kind.COUNT, Kind.NUMBER) and not (text or kind.is_numeric()):
        return _absent(column)
    readers: dict[Kind, Callable[[], pl.Expr]] = {
        Kind.MONEY: lambda: _money(value, kind),
        Kind.COUNT: lambda: _whole(value, text=text),
        Kind.NUMBER: lambda: _number(value, text=text),
        Kind.FLAG: lambda: _flag(value) if text else _typed_flag(value, kind),
        Kind.DATE: lambda: _date(value, kind, setting.zone),
        Kind.INSTANT: lambda: _instant(value, kind, setting.zone),
    }
    return readers.get(column.kind, lambda: value.cast(pl.String))()


def _number(value: pl.Expr, *, text: bool) -> pl.Expr:
    clean = pl.when(value.str.contains(_NUMBER)).then(value) if text else value
    number = clean.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _whole(value: pl.Expr, *, text: bool) -> pl.Expr:
    if text:
        digits = pl.when(value.str.contains(_WHOLE)).then(value.str.replace(r"\.0*$", ""))
        return digits.str.strip_prefix("+").cast(pl.Int64, strict=False)
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number == number.round()).then(value.cast(pl.Int64, strict=False))


def _money(value: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Minor units; null where the text is no decimal or has more than two digits after the point."""
    if kind == pl.String:
        plain = pl.when(value.str.contains(_TWO_DIGITS)).then(value.str.strip_prefix("+"))
        return (plain.str.to_decimal(scale=2) * 100).cast(pl.Int64, strict=False)
    if kind.is_float():
        minor = (value * 100).round()
        exact = (value * 100 - minor).abs() < 1e-4
        return pl.when(exact & (minor.abs() < 2**53)).then(minor).cast(pl.Int64, strict=False)
    if isinstance(kind, pl.Decimal):
        exact = pl.when(value == value.round(2)).then(value.round(2)) if kind.scale > 2 else value
        minor = exact.cast(pl.Decimal(38, 2), strict=False).to_physical()
        return minor.clip(-_MOST_MINOR, _MOST_MINOR).cast(pl.Int64)
    # Bounded first, because a product beyond 64 bits would come out as some small amount.
    return value.cast(pl.Int128, strict=False).clip(-_MOST_MINOR, _MOST_MINOR).cast(pl.Int64) * 100


def _flag(value: pl.Expr) -> pl.Expr:
    word = value.str.to_lowercase()
    return pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)


def _typed_flag(value: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if kind == pl.Boolean:
        return value
    one_or_none = pl.when(value.is_in([0, 1])).then(value == 1)
    return one_or_none if kind.is_numeric() else pl.lit(None, dtype=pl.Boolean)


def in_calendar(value: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Whether a date or time lies in the years 1 to 9999; beyond, neither Polars nor Python can show it."""
    first, last = _CALENDAR_DAYS
    unit = _A_DAY[kind.time_unit] if isinstance(kind, pl.Datetime) else 1
    low, high = max(first * unit, -(2**63)), min(last * unit, 2**63 - 1)
    return value.to_physical().cast(pl.Int64).is_between(low, high)


def _date(value: pl.Expr, kind: pl.DataType, zone: str) -> pl.Expr:
    if kind == pl.Date:
        return pl.when(in_calendar(value, kind)).then(value)
    if kind == pl.String:
        day = _plain_day(value).str.replace(r"[ T]00:00(:00(\.0+)?)?$", "")
        return pl.coalesce(day.str.to_date("%Y-%m-%d", strict=False), day.str.to_date("%Y%m%d", strict=False))
    if isinstance(kind, pl.Datetime):
        value = pl.when(in_calendar(value, kind)).then(value)
        civil = value.dt.convert_time_zone(zone) if kind.time_zone else value
        return civil.dt.date()
    return pl.lit(None, dtype=pl.Date)


def _plain_day(value: pl.Expr) -> pl.Expr:
    """2025/3/1 and 2025年3月1日 as 2025-3-1; null where the year has not four digits."""
    plain = value.str.replace_all("[/年月]", "-").str.replace("日", "")
    return pl.when(plain.str.contains(_CIVIL)).then(plain)


def _instant(value: pl.Expr, kind: pl.DataType, zone: str) -> pl.Expr:
    if kind == pl.String:
        text = _plain_day(value).str.replace("T", " ", literal=True)
        aware = pl.when(text.str.contains(_OFFSET)).then(text.str.replace("Z$", "+00:00"))
        naive = pl.when(~text.str.contains(_OFFSET)).then(text)
        shapes = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
        local = pl.coalesce(naive.str.to_datetime(f, time_unit="us", strict=False) for f in shapes)
        day = naive.str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
        zoned = [
            aware.str.to_datetime(f"{f}%z", time_unit="us", time_zone="UTC", strict=False) for f in shapes
        ]
        return pl.coalesce(_localised(local, zone), _day_start(day, zone), *zoned)
    if kind == pl.Date:
        return _day_start(pl.when(in_calendar(value, kind)).then(value).cast(pl.Datetime("us")), zone)
    if isinstance(kind, pl.Datetime):
        value = pl.when(in_calendar(value, kind)).then(value)
        exact = value.dt.cast_time_unit("us")
        return exact.dt.convert_time_zone("UTC") if kind.time_zone else _localised(exact, zone)
    return pl.lit(None, dtype=pl.Datetime("us", "UTC"))


def _localised(naive: pl.Expr, zone: str) -> pl.Expr:
    """A naive time in its zone: the first of two in an autumn change, none where the clock jumped."""
    return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone(
        "UTC"
    )


def _day_start(midnight: pl.Expr, zone: str) -> pl.Expr:
    """The first instant of a day: one o'clock where summer time begins at midnight (São Paulo, Beirut)."""
    later = midnight + pl.duration(hours=1)
    return pl.coalesce(_localised(midnight, zone), _localised(later, zone))


def _checks(
    table: Table, present: list[Column], schema: pl.Schema, known: dict[str, pl.Series], setting: Setting
) -> Iterator[_Check]:
    """Every check of the table, in the order in which a broken row names its fault."""
    for column in present:
        yield from _value_checks(column, schema[column.name])
    for column in present:
        yield from _bound_checks(column)
    days = {c.name: _day(c, setting.zone) for c in present if c.kind in (Kind.DATE, Kind.INSTANT)}
    yield from _calendar_checks(table, days, setting.zone)
    facts = [c.name for c in present if c.name in (table.happened, "known_at") or c.known_at == c.name]
    for name in facts:
        yield _Check("future_date", name, days[name] > setting.today)
    if "known_at" in days:
        yield _Check("wrong_order", "known_at", days["known_at"] < days[table.happened])
    for column_name, identifiers in known.items():
        unknown = ~pl.col(f"t:{column_name}").is_in(identifiers.implode())
        yield _Check(f"unknown_{column_name.removesuffix('_id')}", column_name, unknown)
    if "currency" in schema:
        yield _Check("wrong_currency", "currency", pl.col("currency").cast(pl.String) != setting.currency)


def _calendar_checks(table: Table, days: dict[str, pl.Expr], zone: str) -> Iterator[_Check]:
    """No day outside the years that a record can be of, no event before the one it must follow."""
    for name, day in days.items():
        begins = name in (table.happened, "known_at") and table.column(table.happened).kind is Kind.DATE
        first = FIRST_BEGINNING if begins else FIRST_FACT
        low, high = ((limit - date(1970, 1, 1)).days for limit in (first, LAST))
        yield _Check("absurd_date", name, ~day.is_between(low, high))
    for earlier, later in table.in_order:
        if earlier in days and later in days:
            before = pl.col(f"t:{later}") < pl.col(f"t:{earlier}")
            if table.column(later).kind is Kind.INSTANT:  # a time of midnight is a day without a time
                civil = pl.col(f"t:{later}").dt.convert_time_zone(zone)
                whole_day = civil == civil.dt.truncate("1d")
                before &= ~(whole_day & (days[later] == days[earlier]))
            yield _Check("wrong_order", later, before)


def _value_checks(column: Column, kind: pl.DataType) -> Iterator[_Check]:
    value = pl.col(column.name)
    if column.required:
        yield _Check("missing_value", column.name, value.is_null())
    if _worded(column):
        yield _Check("inexact_identifier", column.name, pl.col(f"x:{column.name}"))
    if column.kind in (Kind.ID, Kind.CODE, Kind.TEXT):
        if kind == pl.String:
            yield from _text_checks(column, value)
        return
    if kind == pl.String:
        yield _Check("formula_text", column.name, value.str.contains(_FORMULA))
        yield _Check("markup_text", column.name, value.str.contains(_MARKUP))
    if column.kind is Kind.MONEY and kind == pl.String:
        fine = value.str.contains(_DECIMAL) & ~value.str.contains(_TWO_DIGITS)
        yield _Check("too_many_decimals", column.name, fine)
        yield _Check("absurd_amount", column.name, value.str.contains(r"^[+-]?\d{16,}(\.\d*)?$"))
    yield _Check("wrong_type", column.name, value.is_not_null() & pl.col(f"t:{column.name}").is_null())


def _text_checks(column: Column, value: pl.Expr) -> Iterator[_Check]:
    yield _Check("formula_text", column.name, value.str.contains(_FORMULA))
    yield _Check("markup_text", column.name, value.str.contains(_MARKUP))
    yield _Check("control_character", column.name, value.str.contains(_CONTROL))
    longest = LONGEST_TEXT if column.kind is Kind.TEXT else LONGEST_ID
    yield _Check("too_long", column.name, value.str.len_chars() > longest)
    if column.choices:
        yield _Check("unknown_code", column.name, ~value.is_in(column.choices))


def _bound_checks(column: Column) -> Iterator[_Check]:
    scale = 100 if column.kind is Kind.MONEY else 1
    value = pl.col(f"t:{column.name}")
    money = column.kind is Kind.MONEY
    if column.low is not None:
        rule = (
            "negative_amount" if money and column.low == 0 else "absurd_amount" if money else "out_of_range"
        )
        yield _Check(rule, column.name, value < column.low * scale)
    if column.high is not None:
        yield _Check("absurd_amount" if money else "out_of_range", column.name, value > column.high * scale)


def _day(column: Column, zone: str) -> pl.Expr:
    value = pl.col(f"t:{column.name}")
    if column.kind is Kind.DATE:
        return value.cast(pl.Int32)
    return value.dt.convert_time_zone(zone).dt.date().cast(pl.Int32)


def _first(checks: list[_Check], what: str) -> pl.Expr:
    """The rule or the column of the first check that a row fails."""
    return pl.coalesce(pl.when(c.fails).then(pl.lit(getattr(c, what))) for c in checks).alias(what)


def _stored(table: Table, setting: Setting) -> Iterator[pl.Expr]:
    for column in [*table.columns, KNOWN_AT]:
        value = pl.col(f"t:{column.name}")
        if column.kind is Kind.MONEY:
            yield value.alias(f"{column.name}_fen")
            continue
        yield value.alias(column.name)
        if column.kind in (Kind.DATE, Kind.INSTANT):
            yield _day(column, setting.zone).alias(day_name(column.name))
