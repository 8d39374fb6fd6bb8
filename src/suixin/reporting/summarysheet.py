"""The workbook's first sheet: the book's totals, what they rest on, and two charts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xlsxwriter.workbook import Workbook

from suixin.money import currency_of, to_major
from suixin.reporting import phrases
from suixin.reporting.book import ASSUMED_CAVEAT, TRAINED_CAVEAT, Book, is_trained, run_facts, source_notes
from suixin.reporting.sheet import Styles, Value, set_print, write_cell
from suixin.reporting.summary import Against, Summary, summarise
from suixin.reporting.wording import both, words
from suixin.underwriting.decision import Outcome

_WIDTHS = (44, 16, 16, 16, 16, 18, 18)
_CHART_COLUMN = 7
_MILLION = 1_000_000

Cell = tuple[Value, str]
Cells = Sequence[Cell]
Money = Callable[[int], Cell]


class _Writer:
    """Writes the sheet from top to bottom, as constant memory demands."""

    def __init__(self, workbook: Workbook, styles: Styles) -> None:
        self.sheet = workbook.add_worksheet("summary")
        self.styles = styles
        self.row = 0
        for index, width in enumerate(_WIDTHS):
            self.sheet.set_column(index, index, width)

    def line(self, *cells: Cell) -> int:
        """One row of (value, format); its number."""
        for index, (value, style) in enumerate(cells):
            write_cell(self.sheet, self.row, index, value, self.styles[style])
        self.row += 1
        return self.row - 1

    def section(self, msgid: str) -> None:
        """A heading after a gap."""
        self.row += 1
        self.line((both(msgid), "section"), *[("", "section")] * (len(_WIDTHS) - 1))

    def table(self, msgid: str, head: Iterable[str], rows: Iterable[Cells]) -> tuple[int, int]:
        """A heading, a header and rows; numbers of the first and the last row."""
        self.section(msgid)
        self.line(*[(both(name, "\n"), "header") for name in head])
        first = self.row
        for row in rows:
            self.line(*row)
        return first, self.row - 1


def write_summary(workbook: Workbook, styles: Styles, book: Book, notes: Sequence[str]) -> None:
    """Write the sheet; `notes` are msgids of what the other sheets leave out."""
    summary, writer = summarise(book), _Writer(workbook, styles)
    currency = currency_of(book.policy.currency)

    def money(fen: int) -> Cell:
        return to_major(fen, currency), "money"

    writer.line((f"穗信 Suixin · {both('Decision book')}", "title"))
    _key_figures(writer, summary, money)
    outcomes: list[Cells] = [
        [(both(outcome.value), "text"), (tally.merchants, "count"), money(tally.limit_fen)]
        for outcome, tally in summary.outcomes.items()
    ]
    outcomes.append([(both("in all"), "text"), (summary.merchants, "count"), money(_all_limits(summary))])
    writer.table("Decisions", ("decision", "merchants", "limit"), outcomes)
    grades = _grades(writer, summary, money)
    _binding(writer, summary, money)
    writer.table(
        "What stands against them", ("reason", "merchants", "refer", "decline"), _counts(summary.against)
    )
    writer.table(
        "Where the points are lost", ("item", "merchants", "refer", "decline"), _counts(summary.costly)
    )
    season = _season(writer, summary, money)
    _origin(writer, book, notes)
    _charts(workbook, writer, grades, season if summary.months else None)
    set_print(writer.sheet, "summary")
    writer.sheet.freeze_panes(1, 0)


def _all_limits(summary: Summary) -> int:
    return sum(tally.limit_fen for tally in summary.outcomes.values())


def _name(names: dict[str, str], code: str) -> str:
    return both(names[code]) if code in names else code


def _key_figures(writer: _Writer, summary: Summary, money: Money) -> None:
    rate = summary.rate_ppm and summary.rate_ppm / _MILLION
    all_in = summary.all_in_ppm and summary.all_in_ppm / _MILLION
    writer.section("At a glance")
    rows: list[tuple[str, Cell]] = [
        ("merchants", (summary.merchants, "count")),
        ("limits approved", money(summary.outcomes[Outcome.APPROVE].limit_fen)),
        ("principal on offer, approved and referred", money(summary.lent_fen)),
        ("interest on offer", money(summary.interest_fen)),
        ("cost of the season", money(summary.extra_interest_fen)),
        ("offers fitted to the season", (summary.seasonal, "count")),
        ("annual rate, mean weighed by limit", (rate, "rate")),
        ("all-in rate, mean weighed by limit", (all_in, "rate")),
        ("probability of default of the approved, weighed by limit", (summary.pd, "rate")),
    ]
    for msgid, cell in rows:
        writer.line((both(msgid), "text"), cell)


def _grades(writer: _Writer, summary: Summary, money: Money) -> tuple[int, int]:
    rows: list[Cells] = [
        [
            (grade, "text"),
            *((row[outcome].merchants, "count") for outcome in Outcome),
            money(row[Outcome.APPROVE].limit_fen),
            money(row[Outcome.REFER].limit_fen),
        ]
        for grade, row in summary.grades.items()
    ]
    head = ("grade", "approve", "refer", "decline", "limits approved", "limits referred")
    return writer.table("Limits by grade", head, rows)


def _binding(writer: _Writer, summary: Summary, money: Money) -> None:
    rows: list[Cells] = [
        [(_name(phrases.LIMIT_NAMES, name), "text"), (tally.merchants, "count"), money(tally.limit_fen)]
        for name, tally in summary.binding.items()
    ]
    writer.table("What holds the limits", ("binding ceiling", "merchants", "limit"), rows)


def _season(writer: _Writer, summary: Summary, money: Money) -> tuple[int, int]:
    rows: list[Cells] = [
        [
            (month.label or str(number), "text"),
            money(month.sales_fen),
            money(month.due_fen),
            money(month.even_due_fen),
        ]
        for number, month in enumerate(summary.months, start=1)
    ]
    return writer.table(
        "The season ahead", ("month", "sales, P50", "falls due", "in equal instalments"), rows
    )


def _counts(found: Iterable[Against]) -> list[Cells]:
    return [
        [
            (" ".join(words(lang).reason_label(each.code, each.feature) for lang in ("zh", "en")), "text"),
            (each.merchants, "count"),
            (each.outcomes[Outcome.REFER], "count"),
            (each.outcomes[Outcome.DECLINE], "count"),
        ]
        for each in found
    ]


def _origin(writer: _Writer, book: Book, notes: Sequence[str]) -> None:
    writer.section("What the book rests on")
    for key, value in run_facts(book).items():
        writer.line((both(phrases.RUN_FACTS[key]), "text"), (value, "text"))
    absent = [_name(phrases.FAMILIES, str(name)) for name in book.run.get("absent_families") or ()]
    if absent:
        writer.line((both("no data, neither for nor against"), "text"), ("; ".join(absent), "text"))
    sources: list[Cells] = []
    for note in source_notes(book.run):
        fields = (
            note.adapter,
            note.source,
            _name(phrases.ROUTES, note.route),
            both(note.authorisation),
            both(note.purpose),
        )
        sources.append([(text, "text") for text in fields])
        sources += [[("", "text"), (both(text, " / "), "text")] for text in note.assumptions]
    writer.table(
        "Sources and what was assumed", ("adapter", "source", "route", "authorisation", "purpose"), sources
    )
    writer.row += 1
    caveats = [TRAINED_CAVEAT if is_trained(book) else ASSUMED_CAVEAT]
    if book.policy.illustrative:
        caveats.append("The policy is illustrative: no lender has set it.")
    for msgid in (*caveats, *notes):
        writer.line((both(msgid), "note"))


def _charts(
    workbook: Workbook, writer: _Writer, grades: tuple[int, int], season: tuple[int, int] | None
) -> None:
    def series(rows: tuple[int, int], column: int, msgid: str, colour: str) -> dict[str, Any]:
        return {
            "name": both(msgid),
            "categories": ["summary", rows[0], 0, rows[1], 0],
            "values": ["summary", rows[0], column, rows[1], column],
            "fill": {"color": colour},
            "line": {"color": colour},
            "gap": 60,
        }

    limits = workbook.add_chart({"type": "column", "subtype": "stacked"})
    limits.add_series(series(grades, 4, "approve", "#3F7D5F"))
    limits.add_series(series(grades, 5, "refer", "#B98323"))
    limits.set_title({"name": both("Limits by grade"), "name_font": {"size": 12}})
    limits.set_legend({"position": "bottom"})
    writer.sheet.insert_chart(1, _CHART_COLUMN, limits)
    if season:
        months = workbook.add_chart({"type": "column"})
        months.add_series(series(season, 2, "falls due", "#3F7D5F"))
        lines = workbook.add_chart({"type": "line"})
        lines.add_series(series(season, 3, "in equal instalments", "#1D2822"))
        months.combine(lines)
        months.set_title({"name": both("The season ahead"), "name_font": {"size": 12}})
        months.set_legend({"position": "bottom"})
        writer.sheet.insert_chart(18, _CHART_COLUMN, months)
