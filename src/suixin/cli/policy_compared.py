"""Two policies side by side, as tables for people."""

from collections.abc import Callable, Sequence

from suixin.cli.output import print_table, say
from suixin.reporting.wording import words
from suixin.underwriting.comparison import Comparison
from suixin.underwriting.decision import Outcome, Reason
from suixin.underwriting.groups import FOUR_FIFTHS, SMALLEST, Effects, Group
from suixin.underwriting.portfolio import Pair

EXAMPLES = 10  # merchants who swap
SHOWN = 30  # figures that differ
MILLION = 1_000_000


def show_comparison(told: Comparison, alone: int, currency: str) -> None:
    """Print everything; `alone` merchants are known to one policy only."""
    dates = ", ".join(map(str, told.days))
    say(f"{told.merchants:,} merchants as of {dates}: {told.decisions:,} decisions by each")
    if alone:
        say(f"{alone:,} left out: only one of the policies allows the route of their data")
    _show_figures(told)
    _show_offers(told, currency)
    rows = [(f"A: {a.value}", *(told.migration[a, b] for b in Outcome)) for a in Outcome]
    print_table("Decisions", ("", *(f"B: {b.value}" for b in Outcome)), rows)
    _show_swapped(told.swapped_in, "approved by B, not by A", "A", currency)
    _show_swapped(told.swapped_out, "approved by A, not by B", "B", currency)
    _show_groups(told.effects)


def in_words(reason: Reason | None, currency: str) -> str:
    """A reason as a sentence, '' for none."""
    return "" if reason is None else words("en").reason(reason, currency)


def _show_figures(told: Comparison) -> None:
    if not told.changes:
        say("no figure differs: only names, versions, sources or dates do")
        return
    rows = [
        (change.path, *("-" if figure is None else str(figure) for figure in (change.a, change.b)))
        for change in told.changes[:SHOWN]
    ]
    print_table(f"{len(told.changes):,} figures differ", ("figure", "A", "B"), rows)
    if len(told.changes) > SHOWN:
        say(f"{len(told.changes) - SHOWN:,} more; --json lists all")


def _show_offers(told: Comparison, currency: str) -> None:
    english, (a, b) = words("en"), told.sides

    def money(fen: int) -> str:
        return english.money(fen, currency)

    rows = []
    for outcome in Outcome:
        counts = [f"{side.outcomes[outcome]:,} ({english.percent(side.share(outcome))})" for side in (a, b)]
        rows.append((outcome.value, *counts, f"{_points(b.share(outcome) - a.share(outcome))} points"))
    rows += [
        ("limits offered", *_beside(a.limit_fen, b.limit_fen, money)),
        ("median limit offered", *_beside(a.median_fen, b.median_fen, money)),
        ("limits of the referred", *_beside(a.referred_fen, b.referred_fen, money)),
        ("mean rate, by limit", *_beside(a.rate_ppm, b.rate_ppm, english.rate)),
        ("expected loss", *_beside(a.expected_loss_fen, b.expected_loss_fen, money)),
        ("  of limits", *_beside(_ppm(a.loss_rate), _ppm(b.loss_rate), english.rate)),
        ("  with A's PD and LGD", *_beside(a.expected_loss_fen, told.loss_of_b_by_a_fen, money)),
    ]
    title = "Offers" if len(told.days) == 1 else "Offers; sums of money are the mean of the dates"
    print_table(title, ("", "A", "B", "B - A"), rows)


def _show_swapped(pairs: Sequence[Pair], title: str, under: str, currency: str) -> None:
    if not pairs:
        say(f"nobody is {title}")
        return
    rows = [
        (
            pair.merchant_id,
            str(pair.as_of),
            f"{pair.a.outcome.value} -> {pair.b.outcome.value}",
            words("en").money(pair.a.offered_fen + pair.b.offered_fen, currency),
            in_words(pair.a.reason if under == "A" else pair.b.reason, currency),
        )
        for pair in pairs[:EXAMPLES]
    ]
    some = f"; the {EXAMPLES} largest" if len(pairs) > EXAMPLES else ""
    header = ("merchant", "as of", "A -> B", "limit", f"against it under {under}")
    print_table(f"{title[0].upper()}{title[1:]}: {len(pairs):,}{some}", header, rows)


def _show_groups(found: Effects) -> None:
    header = ("", "merchants", "A", "B", "points", "ratio", "")
    for dimension, suppressed in found.suppressed.items():
        rows = [_group_row(group) for group in found.groups if group.dimension == dimension]
        few = f"; groups of fewer than {SMALLEST} merchants, not shown: {suppressed}" if suppressed else ""
        print_table(f"Approvals by {dimension.replace('_', ' ')}{few}", header, rows)
    if any(group.adverse for group in found.groups):
        say(
            "ratio: how often B approves a group, against the best-served group of the table (adverse impact ratio)"
        )
        say(f"!: below {FOUR_FIFTHS:g}")


def _group_row(group: Group) -> tuple[object, ...]:
    english = words("en")
    return (
        group.name,
        group.merchants,
        english.percent(group.rate_a),
        english.percent(group.rate_b),
        _points(group.rate_b - group.rate_a),
        "-" if group.impact_b is None else f"{group.impact_b:.3f}",
        "!" if group.adverse else "",
    )


def _points(share: float) -> str:
    """A difference of two shares, in percentage points."""
    return words("en").percent(share, signed=True).removesuffix("%")


def _beside(a: int | None, b: int | None, shown: Callable[[int], str]) -> tuple[str, str, str]:
    moved = "-" if a is None or b is None else ("+" if b > a else "") + shown(b - a)
    return "-" if a is None else shown(a), "-" if b is None else shown(b), moved


def _ppm(share: float | None) -> int | None:
    return None if share is None else round(share * MILLION)
