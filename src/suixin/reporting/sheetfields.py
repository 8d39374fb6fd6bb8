"""The columns of the sheets 'decisions', 'reasons' and 'costs'."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import TypeVar

from suixin.features.registry import FEATURES
from suixin.money import currency_of, to_major
from suixin.reporting import phrases
from suixin.reporting.book import Book
from suixin.reporting.columns import COLUMNS
from suixin.reporting.sheet import Field, Value
from suixin.reporting.wording import both, words
from suixin.underwriting.decision import CostItem, Decision, Reason, Terms

T = TypeVar("T")
ReasonRow = tuple[Decision, Reason]
CostRow = tuple[Decision, CostItem]
Names = Mapping[str, str]
Fen = Callable[[Decision], int | None]

_MILLION = 1_000_000


def _header(name: str) -> str:
    return both(COLUMNS[name].label, "\n")


def _coded(names: Names, code: str) -> str | None:
    """A code in both languages; one that has no words as it is."""
    return both(names[code]) if code in names else code or None


def _major(currency: str, fen: int | None) -> Decimal | None:
    return None if fen is None else to_major(fen, currency_of(currency))


def _fraction(ppm: int | None) -> Decimal | None:
    return None if ppm is None else Decimal(ppm) / _MILLION


def _offered(of: Callable[[Terms], T]) -> Callable[[Decision], T | None]:
    """A figure of the terms, None where nothing is offered."""
    return lambda decision: of(decision.terms) if decision.terms else None


def _basis(code: str) -> str:
    """What a forecast rests on, in both languages."""
    return f"{words('zh').basis(code)} {words('en').basis(code)}"


def decision_fields(book: Book) -> list[Field[Decision]]:
    """One row a decision; what a committee reads comes first and is what is printed."""
    return [*_printed(), *_terms(), *_components(book), *_rest()]


def _text(name: str, width: float, of: Callable[[Decision], Value], style: str = "text") -> Field[Decision]:
    return Field(_header(name), style, width, of)


def _word(name: str, width: float, names: Names, of: Callable[[Decision], str]) -> Field[Decision]:
    return Field(_header(name), "text", width, lambda d: _coded(names, of(d)))


def _money(name: str, of: Fen) -> Field[Decision]:
    return Field(_header(name), "money", 15, lambda d: _major(d.currency, of(d)))


def _rate(name: str, of: Fen) -> Field[Decision]:
    return Field(_header(name), "rate", 11, lambda d: _fraction(of(d)))


def _printed() -> list[Field[Decision]]:
    return [
        _text("merchant_id", 18, lambda d: d.merchant_id),
        _text("as_of", 12, lambda d: d.as_of, "date"),
        _word("decision", 15, phrases.OUTCOMES, lambda d: d.outcome.value),
        _text("score", 9, lambda d: d.score, "points"),
        _text("grade", 8, lambda d: d.grade),
        _text("pd", 11, lambda d: d.pd, "rate"),
        _money("limit", lambda d: d.limit_fen),
        _rate("annual_rate", _offered(lambda t: t.annual_rate_ppm)),
        _rate("all_in_rate", _offered(lambda t: t.all_in_rate_ppm)),
        _word("method", 24, phrases.METHODS, lambda d: d.terms.schedule.method.value if d.terms else ""),
        _money("season_extra", _offered(_extra)),
        _text("confidence", 11, lambda d: d.confidence, "share"),
        _text("main_reason", 56, _main_reason, "wrapped"),
    ]


def _terms() -> list[Field[Decision]]:
    return [
        _word("pd_basis", 16, phrases.PD_BASES, lambda d: d.pd_basis),
        _text("currency", 9, lambda d: d.currency),
        _text("term_months", 8, _offered(lambda t: t.term_months), "count"),
        _money("total_interest", _offered(lambda t: t.schedule.total_interest_fen)),
        _money("fee", _offered(lambda t: t.fee_fen)),
        _word(
            "binding",
            32,
            phrases.LIMIT_NAMES,
            lambda d: next((c.name for c in d.limit_components if c.binding), ""),
        ),
    ]


def _components(book: Book) -> Iterator[Field[Decision]]:
    """A column for every component of limit and price that occurs in the book."""
    limits = dict.fromkeys(
        part.name for d in book.decisions for part in d.limit_components if part.name != "limit"
    )
    prices = dict.fromkeys(part.name for d in book.decisions for part in d.price_components)
    for name in limits:
        header = both(phrases.LIMIT_NAMES.get(name, name), "\n")
        yield Field(header, "money", 17, partial(_limit_part, name))
    for name in prices:
        header = both(phrases.PRICE_NAMES.get(name, name), "\n")
        yield Field(header, "rate", 11, partial(_price_part, name))


def _limit_part(name: str, decision: Decision) -> Decimal | None:
    found = next((part.amount_fen for part in decision.limit_components if part.name == name), None)
    return _major(decision.currency, found)


def _price_part(name: str, decision: Decision) -> Decimal | None:
    return _fraction(next((part.rate_ppm for part in decision.price_components if part.name == name), None))


def _rest() -> list[Field[Decision]]:
    return [
        _money("sales_p10", lambda d: sum(d.forecast.p10)),
        _money("sales_p50", lambda d: sum(d.forecast.p50)),
        _money("sales_p90", lambda d: sum(d.forecast.p90)),
        _text("forecast_basis", 60, lambda d: _basis(d.forecast.basis)),
        _word("sales_source", 14, phrases.SALES_SOURCES, lambda d: d.sales_source),
        _text("raise_hints", 56, _hints, "wrapped"),
        _text("decision_id", 20, lambda d: d.decision_id),
        _text("model_version", 16, lambda d: d.model_version),
        _text("policy_hash", 20, lambda d: d.policy_hash),
        _text("lake_snapshot", 20, lambda d: d.lake_snapshot),
    ]


def _extra(terms: Terms) -> int:
    return terms.schedule.total_interest_fen - terms.comparator.total_interest_fen


def _main_reason(decision: Decision) -> str | None:
    """What stands against the merchant first: a check or rule, else the card's worst item."""
    against = [reason for reason in decision.reasons if reason.outcome or reason.points < 0]
    if not against:
        return None
    return "\n".join(words(lang).reason(against[0], decision.currency) for lang in ("zh", "en"))


def _hints(decision: Decision) -> str | None:
    if not decision.raise_hints:
        return None
    return "\n".join(words(lang).hint(decision.raise_hints[0], decision.currency) for lang in ("zh", "en"))


def reason_fields(book: Book) -> list[Field[ReasonRow]]:
    """One row a reason, with its figures exact and its words."""
    currency = book.policy.currency
    english = f"{COLUMNS['reason'].label} (English)"
    return [
        Field(_header("merchant_id"), "text", 18, lambda row: row[0].merchant_id),
        Field(_header("decision"), "text", 15, lambda row: _coded(phrases.OUTCOMES, row[0].outcome.value)),
        Field(_header("code"), "text", 32, lambda row: row[1].code),
        Field(_header("demands"), "text", 15, lambda row: _coded(phrases.OUTCOMES, row[1].outcome)),
        Field(_header("points"), "points", 9, lambda row: None if row[1].outcome else row[1].points),
        Field(_header("value"), "number", 14, lambda row: row[1].value),
        Field(_header("threshold"), "number", 14, lambda row: row[1].threshold),
        Field(_header("reason"), "text", 48, lambda row: words("zh").reason(row[1], currency)),
        Field(english, "text", 66, lambda row: words("en").reason(row[1], currency)),
        Field(_header("feature"), "text", 44, _feature),
    ]


def cost_fields() -> list[Field[CostRow]]:
    """One row a line of a cost table: what is paid as agreed, then what a default costs."""
    return [
        Field(_header("merchant_id"), "text", 18, lambda row: row[0].merchant_id),
        Field(_header("decision"), "text", 15, lambda row: _coded(phrases.OUTCOMES, row[0].outcome.value)),
        Field(_header("cost"), "text", 44, lambda row: _coded(phrases.COST_NAMES, row[1].code)),
        Field(_header("due_when"), "text", 24, lambda row: both(phrases.COST_TIMES[row[1].on_default])),
        Field(_header("cost_amount"), "money", 15, lambda row: _major(row[0].currency, row[1].amount_fen)),
        Field(_header("cost_rate"), "rate", 11, lambda row: _fraction(row[1].rate_ppm)),
        Field(_header("payee"), "text", 20, lambda row: row[1].payee or None),
    ]


def _feature(row: ReasonRow) -> str | None:
    name = row[1].feature
    return both(FEATURES[name].label) if name in FEATURES else name or None
