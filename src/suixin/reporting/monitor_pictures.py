"""The pictures of the watch, drawn as SVG without script."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from suixin.calendar import day_to_date
from suixin.scoring.drift import BAD, WATCH
from suixin.scoring.watch.found import MonthDrift, Outcomes, PeriodGini, Week

WIDTH, HEIGHT = 560, 120  # px


def _svg(label: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup("").join(parts)
    )


def _bar(n: int, step: float, share: float, kind: str, title: str) -> Markup:
    high = HEIGHT * min(max(share, 0.0), 1.0)
    return Markup(
        '<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"><title>{}</title></rect>'
    ).format(kind, n * step, HEIGHT - high, step * 0.8, high, title)


def _level(share: float, kind: str) -> Markup:
    y = HEIGHT * (1.0 - min(share, 1.0))
    return Markup('<path class="{}" d="M0 {:.2f}H{}"/>').format(kind, y, WIDTH)


def psi_picture(months: Sequence[MonthDrift]) -> Markup:
    """The score's PSI by month as bars, the usual lines, and a mark at what chance alone would give."""
    known = [m.score for m in months if not math.isnan(m.score.psi)]
    top = max([BAD * 1.2, *(s.psi for s in known), *(s.chance for s in known)])
    step = WIDTH / max(len(months), 1)
    parts = [_level(WATCH / top, "line"), _level(BAD / top, "line far")]
    for n, month in enumerate(months):
        if math.isnan(month.score.psi):
            continue
        title = f"{month.month:%Y-%m}: {month.score.psi:.3f}"
        parts.append(_bar(n, step, month.score.psi / top, f"bar {month.score.grade}", title))
        y = HEIGHT * (1.0 - month.score.chance / top)
        parts.append(
            Markup('<path class="chance" d="M{:.2f} {:.2f}h{:.2f}"/>').format(n * step, y, step * 0.8)
        )
    return _svg(f"{months[0].month} – {months[-1].month}" if months else "", parts)


def gini_picture(periods: Sequence[PeriodGini]) -> Markup:
    """Gini by period of the grant as points on a scale from -1 to 1, zero as a line."""
    step = WIDTH / max(len(periods), 1)
    parts = [_level(0.5, "line")]
    for n, period in enumerate(periods):
        if not math.isnan(period.gini):
            parts.append(
                Markup(
                    '<circle class="point" cx="{:.2f}" cy="{:.2f}" r="4"><title>{}: {}</title></circle>'
                ).format(
                    (n + 0.5) * step, HEIGHT * (0.5 - period.gini / 2.0), period.start, f"{period.gini:.3f}"
                )
            )
    return _svg(f"{periods[0].start} – {periods[-1].start}" if periods else "", parts)


def calibration_picture(outcomes: Outcomes) -> Markup:
    """By quarter of the grant: the interval of the observed rate as a span, the prediction as a point."""
    rows = outcomes.quarters
    top = max([0.01, *(max(c.high, c.predicted) for _, c in rows)])
    step = WIDTH / max(len(rows), 1)
    parts = []
    for n, (start, c) in enumerate(rows):
        x, at = (n + 0.5) * step, [HEIGHT * (1.0 - v / top) for v in (c.low, c.high, c.observed, c.predicted)]
        parts.append(Markup('<path class="span" d="M{:.2f} {:.2f}V{:.2f}"/>').format(x, at[0], at[1]))
        parts.append(Markup('<circle class="middle" cx="{:.2f}" cy="{:.2f}" r="3"/>').format(x, at[2]))
        parts.append(
            Markup('<path class="predicted" d="M{:.2f} {:.2f}h24"><title>{}: {} / {}</title></path>').format(
                x - 12, at[3], start, f"{c.predicted:.2%}", f"{c.observed:.2%}"
            )
        )
    return _svg(f"{rows[0][0]} – {rows[-1][0]}" if rows else "", parts)


def load_picture(weeks: Sequence[Week]) -> Markup:
    """Share of the live loans with an open alert, week by week, with a line at 5 %."""
    top = max([0.06, *(week.load for week in weeks)])
    step = WIDTH / max(len(weeks), 1)
    parts = [
        _bar(n, step, week.load / top, "bar", f"{day_to_date(week.day)}: {week.alerted} / {week.live}")
        for n, week in enumerate(weeks)
    ]
    return _svg(
        f"{day_to_date(weeks[0].day)} – {day_to_date(weeks[-1].day)}", [*parts, _level(0.05 / top, "line")]
    )
