"""Two policies side by side, as tables for people."""

import re
from collections.abc import Callable, Sequence

from suixin.cli.output import print_table
from suixin.cli.output import say as tell
from suixin.reporting import phrases
from suixin.reporting.wording import Words, words
from suixin.underwriting.comparison import Comparison
from suixin.underwriting.decision import Outcome, Reason
from suixin.underwriting.groups import FOUR_FIFTHS, SMALLEST, Effects, Group
from suixin.underwriting.portfolio import Pair

EXAMPLES = 10  # merchants who swap
SHOWN = 30  # figures that differ
MILLION = 1_000_000
_SIZED = re.compile(r"(?:(below|from) )?([0-9,-]+)(?: to ([0-9,-]+))? ([A-Z]{3})")


def show_comparison(told: Comparison, alone: int, currency: str, lang: str) -> None:
    """Print everything in a language; `alone` merchants are known to one policy only."""
    say = words(lang)
    tell(
        say.text(
            "{merchants} merchants as of {dates}: {decisions} decisions by each",
            merchants=f"{told.merchants:,}",
            dates=", ".join(map(str, told.days)),
            decisions=f"{told.decisions:,}",
        )
    )
    if alone:
        tell(
            say.text("{n} left out: only one of the policies allows the route of their data", n=f"{alone:,}")
        )
    _show_figures(told, say)
    _show_offers(told, currency, say)
    rows = [(f"A: {say.outcome(a.value)}", *(told.migration[a, b] for b in Outcome)) for a in Outcome]
    print_table(say.text("Decisions"), ("", *(f"B: {say.outcome(b.value)}" for b in Outcome)), rows)
    _show_swapped(told.swapped_in, "B", "A", currency, say)
    _show_swapped(told.swapped_out, "A", "B", currency, say)
    _show_groups(told.effects, say)


def in_words(reason: Reason | None, currency: str, say: Words) -> str:
    """A reason as a sentence, '' for none."""
    return "" if reason is None else say.reason(reason, currency)


def _show_figures(told: Comparison, say: Words) -> None:
    if not told.changes:
        tell(say.text("no figure differs: only names, versions, sources or dates do"))
        return
    rows = [
        (change.path, *("-" if figure is None else str(figure) for figure in (change.a, change.b)))
        for change in told.changes[:SHOWN]
    ]
    title = say.text("{n} figures differ", n=f"{len(told.changes):,}")
    print_table(title, (say.text("figure"), "A", "B"), rows)
    if len(told.changes) > SHOWN:
        tell(say.text("{n} more; --json lists all", n=f"{len(told.changes) - SHOWN:,}"))


def _show_offers(told: Comparison, currency: str, say: Words) -> None:
    a, b = told.sides

    def money(fen: int) -> str:
        return say.money(fen, currency)

    rows = []
    for outcome in Outcome:
        counts = [f"{side.outcomes[outcome]:,} ({say.percent(side.share(outcome))})" for side in (a, b)]
        moved = say.text("{n} percentage points", n=_points(b.share(outcome) - a.share(outcome), say))
        rows.append((say.outcome(outcome.value), *counts, moved))
    rows += [
        (say.text("limits offered"), *_beside(a.limit_fen, b.limit_fen, money)),
        (say.text("median limit offered"), *_beside(a.median_fen, b.median_fen, money)),
        (say.text("limits of the referred"), *_beside(a.referred_fen, b.referred_fen, money)),
        (say.text("mean rate, by limit"), *_beside(a.rate_ppm, b.rate_ppm, say.rate)),
        (say.text("expected loss"), *_beside(a.expected_loss_fen, b.expected_loss_fen, money)),
        (say.text("of the limits"), *_beside(_ppm(a.loss_rate), _ppm(b.loss_rate), say.rate)),
        (
            say.text("expected loss with A's PD and LGD"),
            *_beside(a.expected_loss_fen, told.loss_of_b_by_a_fen, money),
        ),
    ]
    one = say.text("Offers")
    title = one if len(told.days) == 1 else say.text("Offers; sums of money are the mean of the dates")
    print_table(title, ("", "A", "B", "B - A"), rows)


def _show_swapped(pairs: Sequence[Pair], by: str, under: str, currency: str, say: Words) -> None:
    """Whom only policy `by` approves, with what stands against them under the other."""
    if not pairs:
        tell(say.text("nobody is approved by {one} and not by {other}", one=by, other=under))
        return
    rows = [
        (
            pair.merchant_id,
            str(pair.as_of),
            f"{say.outcome(pair.a.outcome.value)} -> {say.outcome(pair.b.outcome.value)}",
            say.money(pair.a.offered_fen + pair.b.offered_fen, currency),
            in_words(pair.a.reason if under == "A" else pair.b.reason, currency, say),
        )
        for pair in pairs[:EXAMPLES]
    ]
    title = say.text("Approved by {one}, not by {other}: {n}", one=by, other=under, n=f"{len(pairs):,}")
    if len(pairs) > EXAMPLES:
        title += say.text("; the {n} largest", n=str(EXAMPLES))
    against = say.text("against it under {policy}", policy=under)
    header = (say.text("merchant"), say.text("as of"), "A -> B", say.text("limit"), against)
    print_table(title, header, rows)


def _show_groups(found: Effects, say: Words) -> None:
    header = (
        "",
        say.text("merchants"),
        "A",
        "B",
        say.text("percentage points"),
        say.text("impact ratio"),
        "",
    )
    for dimension, suppressed in found.suppressed.items():
        rows = [_group_row(group, say) for group in found.groups if group.dimension == dimension]
        title = say.text("Approvals by {dimension}", dimension=say.named(phrases.DIMENSIONS, dimension))
        if suppressed:
            title += say.text(
                "; groups of fewer than {least} merchants, and what would give them away, not shown: {n}",
                least=str(SMALLEST),
                n=str(suppressed),
            )
        print_table(title, header, rows)
    if any(group.adverse for group in found.groups):
        tell(
            say.text(
                "impact ratio: how often B approves a group, against the best-served group of the table (adverse impact)"
            )
        )
        tell(say.text("!: below {bound}", bound=f"{FOUR_FIFTHS:g}"))


def _group_row(group: Group, say: Words) -> tuple[object, ...]:
    return (
        _name(group, say),
        group.merchants,
        say.percent(group.rate_a),
        say.percent(group.rate_b),
        _points(group.rate_b - group.rate_a, say),
        "-" if group.impact_b is None else f"{group.impact_b:.3f}",
        "!" if group.adverse else "",
    )


def _name(group: Group, say: Words) -> str:
    """A group's name: of a township as it is coded, of a size with its edges."""
    if group.name in phrases.GROUPS:
        return say.named(phrases.GROUPS, group.name)
    if not (found := _SIZED.fullmatch(group.name)):
        return group.name
    side, low, high, code = found.groups()
    if side == "below":
        return say.text("below {edge} {currency}", edge=low, currency=code)
    if side == "from":
        return say.text("from {edge} {currency}", edge=low, currency=code)
    return say.text("{low} to {high} {currency}", low=low, high=high, currency=code)


def _points(share: float, say: Words) -> str:
    """A difference of two shares, in percentage points."""
    return say.percent(share, signed=True).removesuffix("%")


def _beside(a: int | None, b: int | None, shown: Callable[[int], str]) -> tuple[str, str, str]:
    moved = "-" if a is None or b is None else ("+" if b > a else "") + shown(b - a)
    return "-" if a is None else shown(a), "-" if b is None else shown(b), moved


def _ppm(share: float | None) -> int | None:
    return None if share is None else round(share * MILLION)
