"""quality.html: the quality report as one file that needs nothing else, in Chinese and English, without script."""

import base64
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from suixin.lake.manifest import IngestRecord
from suixin.lake.quality import Quality
from suixin.lake.quality_drift import Month, month_text
from suixin.lake.quality_measure import DIMENSIONS, Measure
from suixin.lake.quality_table import Filled, TableQuality
from suixin.lake.quarantine import RULES
from suixin.lake.tables import TABLES
from suixin.reporting.quality_phrases import DIMENSIONS as DIMENSION_NAMES
from suixin.reporting.quality_phrases import GRADES, MEASURES, UNITS
from suixin.reporting.wording import words

_HEIGHT, _WIDTH = 44, 300  # of a picture, px
_SEVERITY = {"bad": 0, "watch": 1, "ok": 2, "info": 3, "absent": 4}


def render_page(quality: Quality, ingests: tuple[IngestRecord, ...]) -> str:
    """The page's text; nothing in it may run or be loaded."""
    style = asset("page.css") + asset("quality.css")
    environment = Environment(
        loader=PackageLoader("suixin.reporting", "assets"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )
    held = [table for table in quality.tables if table.grade != "absent"]
    hashed = base64.b64encode(sha256(style.encode()).digest()).decode()
    return environment.get_template("quality.html").render(
        t=both,
        grade=lambda code: both(GRADES[code]),
        named=table_name,
        worst=worst_of,
        sections=sections,
        label=label,
        value=value,
        limits=limits,
        fill=fill_bar,
        months=month_bars,
        quality=quality,
        ingests=ingests,
        held=held,
        absent=[table for table in quality.tables if table.grade == "absent"],
        counts={code: sum(t.grade == code for t in held) for code in ("bad", "watch", "ok")},
        policy=f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704  our own files
    )


def both(msgid: str, **fields: object) -> Markup:
    """Chinese and English words, of which the page shows one."""
    given = {name: str(text) for name, text in fields.items()}
    return pair(words("zh").text(msgid, **given), words("en").text(msgid, **given))


def pair(zh: str, en: str) -> Markup:
    """A text in both languages, of which the page shows one."""
    return Markup('<span class="z">{}</span><span class="e" lang="en">{}</span>').format(zh, en)


def table_name(name: str) -> Markup:
    """What a row of the table is, in both languages."""
    table = TABLES[name]
    return pair(table.zh, table.en)


def worst_of(table: TableQuality) -> Measure | None:
    """The measure that made the table's grade, the furthest above its threshold first; None if all is good."""
    poor = [m for m in table.measures if m.grade in ("bad", "watch")]
    return min(poor, key=lambda m: (_SEVERITY[m.grade], -(m.value or 0) / (m.bad or 1)), default=None)


def sections(table: TableQuality) -> list[tuple[Markup, list[Measure]]]:
    """The measures of a table by dimension, those with something to tell first."""
    found = []
    for dimension in DIMENSIONS:
        own = [m for m in table.measures if m.dimension == dimension]
        if own:
            found.append((both(DIMENSION_NAMES[dimension]), sorted(own, key=lambda m: _SEVERITY[m.grade])))
    return found


def label(measure: Measure) -> Markup:
    """What is measured, with the column or rule that it is about."""
    said = both(MEASURES[measure.code])
    if not measure.subject:
        return said
    named = Markup("{} <code>{}</code>").format(said, measure.subject)
    meaning = RULES.get(measure.subject) if measure.code == "set_aside" else None
    return named + Markup(" <small>{}</small>").format(both(meaning)) if meaning else named


def value(measure: Measure) -> Markup:
    """The value that is graded, as a person reads it."""
    if measure.value is None:
        return Markup("–")
    if measure.unit == "share":
        return escape(percent(measure.value))
    text = f"{measure.value:,.2f}" if measure.unit == "index" else f"{measure.value:,.0f}"
    return both(UNITS[measure.unit], value=text)


def limits(measure: Measure) -> Markup:
    """The thresholds above which it is to be watched and not good."""
    if measure.watch is None or measure.bad is None:
        return Markup("")
    shown = [percent(x) if measure.unit == "share" else f"{x:g}" for x in (measure.watch, measure.bad)]
    return Markup("&gt; {} · {}").format(*shown)


def percent(share: float) -> str:
    """A share in percent, never rounded to nothing or to all."""
    if share in (0, 1):
        return f"{share:.0%}"
    if 0 < share < 0.0001:
        return "< 0.01%"
    if 0.9999 < share < 1:
        return "> 99.99%"
    return f"{share:.2%}" if share < 0.1 else f"{share:.1%}"


def fill_bar(column: Filled) -> Markup:
    """A bar of how full a column is, with the span from P10 to P90 of the merchants below it."""
    share = column.filled / column.rows if column.rows else 0.0
    bar = Markup(
        '<rect class="ground" width="{}" height="10"/><rect class="full" width="{:.1f}" height="10"/>'
    ).format(_WIDTH, share * _WIDTH)
    if column.by_merchant:
        low, middle, high = (x * _WIDTH for x in column.by_merchant)
        bar += Markup(
            '<path class="span" d="M{:.1f} 14H{:.1f}"/><circle class="middle" cx="{:.1f}" cy="14" r="2.5"/>'
        ).format(low, max(high, low + 0.5), middle)
    return Markup('<svg viewBox="-3 0 {} 18" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH + 6, percent(share), bar
    )


def month_bars(months: tuple[Month, ...]) -> Markup:
    """Rows a month as bars, and the median amount as a line over them."""
    most = max((m.rows for m in months), default=0) or 1
    step = _WIDTH / max(len(months), 1)
    bars = Markup("").join(
        Markup(
            '<rect class="bar" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"><title>{}: {}</title></rect>'
        ).format(
            n * step,
            _HEIGHT * (1 - m.rows / most),
            step * 0.8,
            _HEIGHT * m.rows / most,
            month_text(m.month),
            f"{m.rows:,}",
        )
        for n, m in enumerate(months)
    )
    line = _line([(n, m.median) for n, m in enumerate(months) if m.median is not None], step)
    ends = f"{month_text(months[0].month)} – {month_text(months[-1].month)}" if months else ""
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>').format(
        _WIDTH, _HEIGHT, ends, bars, line
    )


def _line(points: list[tuple[int, float]], step: float) -> Markup:
    top = max((abs(y) for _, y in points), default=0.0)
    if not top:
        return Markup("")
    path = " ".join(f"{(n + 0.4) * step:.2f},{_HEIGHT * (1 - 0.9 * abs(y) / top):.2f}" for n, y in points)
    return Markup('<polyline class="median" points="{}"/>').format(path)


def asset(name: str) -> str:
    """One of the files that pages are made of."""
    return (resources.files("suixin.reporting") / "assets" / name).read_text(encoding="utf-8")
