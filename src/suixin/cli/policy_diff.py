"""suixin policy diff: what another policy would have decided in the last quarter."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.assess import refuse_misfit
from suixin.cli.output import Json, Processes, print_json, print_table, progress_bar, read_date, say
from suixin.lake.store import Lake
from suixin.money import currency_of, to_major
from suixin.policy_diff import Compared, compare, last_quarter
from suixin.reporting.wording import Words, words
from suixin.underwriting.decision import Outcome, Reason
from suixin.underwriting.figures import Change, changes
from suixin.underwriting.groups import SMALLEST, Effects, Group, effects
from suixin.underwriting.policy import LoadedPolicy, load_policy, shipped_policy
from suixin.underwriting.portfolio import (
    Pair,
    Portfolio,
    Verdict,
    expected_loss,
    migration,
    portfolio,
    swapped_in,
    swapped_out,
)

SHIPPED = "shipped"
EXAMPLES = 10
SHOWN = 30
MILLION = 1_000_000

_File = Annotated[
    str, typer.Argument(help=f"Policy file, or `{SHIPPED}` for the one of the lake's currency.")
]


def diff(
    a: _File,
    b: _File,
    lake: Annotated[Path, typer.Option(help="The lake's folder.")],
    as_of: Annotated[
        list[str] | None,
        typer.Option(
            help="A date; may be given more than once. Else the first of each of the last three months."
        ),
    ] = None,
    processes: Processes = None,
    *,
    json: Json = False,
) -> None:
    """Decide every merchant by two policies: approvals, limits, expected loss, who moves, and which groups it touches.

    Counts and shares are of decisions, a merchant on a date each; sums of money are those of one date, the mean of the
    dates. Only what is approved counts as offered; what is referred stands beside it.

    For example:

        suixin policy diff shipped ours.yaml --lake lake

        suixin policy diff old.yaml new.yaml --lake lake --as-of 2026-01-01 --json
    """
    opened = Lake.open(lake)
    one, two = (_load(name, opened) for name in (a, b))
    for loaded in (one, two):
        refuse_misfit(opened, loaded)
    if one.policy == two.policy:
        _say_same((a, one), (b, two), json=json)
        return
    days = sorted({day for text in as_of or () if (day := read_date(text))}) or last_quarter(opened)
    with progress_bar() as tell:
        found = compare(opened, one, two, days, processes=processes, progress=tell)
    report = _Report(opened, one, two, found)
    if json:
        print_json({"a": _about(a, one), "b": _about(b, two), "same": False, **report.document()})
    else:
        report.show(a, b)


def _load(name: str, lake: Lake) -> LoadedPolicy:
    return shipped_policy(lake.manifest.currency) if name == SHIPPED else load_policy(Path(name))


def _about(name: str, loaded: LoadedPolicy) -> dict[str, str]:
    return {
        "file": name,
        "name": loaded.policy.name,
        "version": loaded.policy.version,
        "hash": loaded.hash,
    }


def _say_same(a: tuple[str, LoadedPolicy], b: tuple[str, LoadedPolicy], *, json: bool) -> None:
    if json:
        print_json({"a": _about(*a), "b": _about(*b), "same": True})
    else:
        say(f"no difference: {a[0]} and {b[0]} are the same policy, so they decide alike")


class _Report:
    """What two policies decided, for machines and for people."""

    def __init__(self, lake: Lake, one: LoadedPolicy, two: LoadedPolicy, found: Compared) -> None:
        self._lake, self._one, self._two, self._found = lake, one, two, found
        self._currency = lake.manifest.currency
        self._changes: list[Change] = changes(one.policy, two.policy)
        self._a, self._b = self._portfolios(found.pairs, len(found.days))
        self._effects: Effects = effects(found.pairs)
        self._swaps = {"in": swapped_in(found.pairs), "out": swapped_out(found.pairs)}

    def document(self) -> dict[str, Any]:
        """Everything, money in decimals of major units, rates as fractions."""
        found = self._found
        return {
            "currency": self._currency,
            "lake_snapshot": self._lake.snapshot,
            "as_of": list(found.days),
            "merchants": len({pair.merchant_id for pair in found.pairs}),
            "decisions": len(found.pairs),
            "known_to_one_only": found.alone,
            "figures": [asdict(change) for change in self._changes],
            "portfolio": self._side_by_side(self._a, self._b),
            "expected_loss_of_b_by_a": to_major(self._by_a(), currency_of(self._currency)),
            "by_date": [self._of_date(day) for day in found.days],
            "migration": [
                {"a": a.value, "b": b.value, "decisions": n} for (a, b), n in migration(found.pairs).items()
            ],
            "swapped_in": self._examples("in", lambda pair: pair.a.reason),
            "swapped_out": self._examples("out", lambda pair: pair.b.reason),
            "groups": [asdict(group) | {"adverse": group.adverse} for group in self._effects.groups],
            "suppressed": self._effects.suppressed,
        }

    def show(self, a: str, b: str) -> None:
        """Everything as tables."""
        found = self._found
        merchants = len({pair.merchant_id for pair in found.pairs})
        say(f"A: {a} ({self._one.policy.name} {self._one.policy.version})")
        say(f"B: {b} ({self._two.policy.name} {self._two.policy.version})")
        dates = ", ".join(map(str, found.days))
        say(f"{merchants:,} merchants as of {dates}: {len(found.pairs):,} decisions by each")
        if found.alone:
            say(f"{found.alone:,} left out: the other policy does not allow the route of their data")
        self._show_figures()
        self._show_portfolio()
        self._show_migration()
        self._show_swaps("in", "approved by B, not by A", lambda pair: pair.a.reason)
        self._show_swaps("out", "approved by A, not by B", lambda pair: pair.b.reason)
        self._show_groups()

    def _portfolios(self, pairs: Sequence[Pair], dates: int) -> tuple[Portfolio, Portfolio]:
        return (
            portfolio([pair.a for pair in pairs], self._one.policy.price.lgd.value, dates),
            portfolio([pair.b for pair in pairs], self._two.policy.price.lgd.value, dates),
        )

    def _by_a(self) -> int:
        """Expected loss of what B offers, with A's PD and LGD: the change without the change of yardstick."""
        offers = ((pair.b.offered_fen, pair.a.pd) for pair in self._found.pairs)
        return expected_loss(offers, self._one.policy.price.lgd.value, len(self._found.days))

    def _side_by_side(self, a: Portfolio, b: Portfolio) -> dict[str, Any]:
        one, two = self._plain(a), self._plain(b)
        difference = {
            name: None if one[name] is None or two[name] is None else two[name] - one[name] for name in one
        }
        return {"a": one, "b": two, "difference": difference}

    def _of_date(self, day: date) -> dict[str, Any]:
        held = [pair for pair in self._found.pairs if pair.as_of == day]
        return {"as_of": day, **self._side_by_side(*self._portfolios(held, 1))}

    def _plain(self, side: Portfolio) -> dict[str, Any]:
        currency = currency_of(self._currency)
        counts = {outcome.value: side.outcomes[outcome] for outcome in Outcome}
        shares = {f"{outcome.value}_share": side.share(outcome) for outcome in Outcome}
        return {
            **counts,
            **shares,
            "limits": to_major(side.limit_fen, currency),
            "median_limit": None if side.median_fen is None else to_major(side.median_fen, currency),
            "limits_referred": to_major(side.referred_fen, currency),
            "mean_rate": None if side.rate_ppm is None else side.rate_ppm / MILLION,
            "expected_loss": to_major(side.expected_loss_fen, currency),
            "expected_loss_share": side.loss_rate,
        }

    def _examples(self, way: str, why: Callable[[Pair], Reason | None]) -> dict[str, Any]:
        pairs = self._swaps[way]
        return {
            "merchants": len(pairs),
            "examples": [
                {
                    "merchant_id": pair.merchant_id,
                    "as_of": pair.as_of,
                    "a": self._verdict(pair.a),
                    "b": self._verdict(pair.b),
                    "reason": None if (reason := why(pair)) is None else reason.code,
                    "reason_in_words": _in_words(words("en"), why(pair), self._currency),
                }
                for pair in pairs[:EXAMPLES]
            ],
        }

    def _verdict(self, each: Verdict) -> dict[str, Any]:
        limit = to_major(each.limit_fen, currency_of(self._currency))
        return {"decision": each.outcome.value, "limit": limit, "pd": each.pd}

    def _show_figures(self) -> None:
        rows = [(c.path, _figure(c.a), _figure(c.b)) for c in self._changes[:SHOWN]]
        print_table(f"{len(self._changes):,} figures differ", ("figure", "A", "B"), rows)
        if len(self._changes) > SHOWN:
            say(f"{len(self._changes) - SHOWN:,} more; --json lists all")

    def _show_portfolio(self) -> None:
        english, a, b = words("en"), self._a, self._b

        def money(fen: int) -> str:
            return english.money(fen, self._currency)

        rows = []
        for outcome in Outcome:
            shown = [f"{s.outcomes[outcome]:,} ({english.percent(s.share(outcome))})" for s in (a, b)]
            moved = english.percent(b.share(outcome) - a.share(outcome), signed=True)
            rows.append((outcome.value, *shown, f"{moved[:-1]} points"))
        rows += [
            ("limits offered", *_compared(a.limit_fen, b.limit_fen, money)),
            ("median limit offered", *_compared(a.median_fen, b.median_fen, money)),
            ("limits of the referred", *_compared(a.referred_fen, b.referred_fen, money)),
            ("mean rate, by limit", *_compared(a.rate_ppm, b.rate_ppm, english.rate)),
            ("expected loss", *_compared(a.expected_loss_fen, b.expected_loss_fen, money)),
            ("  of limits", *_compared(_ppm(a.loss_rate), _ppm(b.loss_rate), english.rate)),
            ("  with A's PD and LGD", *_compared(a.expected_loss_fen, self._by_a(), money)),
        ]
        print_table("Offers; sums are those of one date", ("", "A", "B", "B - A"), rows)

    def _show_migration(self) -> None:
        moved = migration(self._found.pairs)
        rows = [(f"A: {a.value}", *(moved[a, b] for b in Outcome)) for a in Outcome]
        print_table("Decisions", ("", *(f"B: {b.value}" for b in Outcome)), rows)

    def _show_swaps(self, way: str, title: str, why: Callable[[Pair], Reason | None]) -> None:
        pairs, english = self._swaps[way], words("en")
        if not pairs:
            say(f"nobody is {title}")
            return
        rows = [
            (
                pair.merchant_id,
                str(pair.as_of),
                f"{pair.a.outcome.value} -> {pair.b.outcome.value}",
                english.money(pair.a.offered_fen + pair.b.offered_fen, self._currency),
                _in_words(english, why(pair), self._currency),
            )
            for pair in pairs[:EXAMPLES]
        ]
        some = f", {EXAMPLES} of them" if len(pairs) > EXAMPLES else ""
        against = "A" if way == "in" else "B"
        header = ("merchant", "as of", "A -> B", "limit", f"stands against it under {against}")
        print_table(f"{len(pairs):,} merchants {title}{some}", header, rows)

    def _show_groups(self) -> None:
        rows = [_group_row(group, words("en")) for group in self._effects.groups]
        header = ("", "group", "merchants", "A approves", "B approves", "B - A", "B to best group", "")
        print_table("Approvals by group", header, rows)
        for dimension, count in self._effects.suppressed.items():
            if count:
                say(f"{dimension}: {count:,} groups of fewer than {SMALLEST} merchants are not shown")
        if any(group.adverse for group in self._effects.groups):
            say("below 0.8: B approves the group less than four fifths as often as the best-served group")


def _group_row(group: Group, english: Words) -> tuple[object, ...]:
    return (
        group.dimension,
        group.name,
        group.merchants,
        english.percent(group.rate_a),
        english.percent(group.rate_b),
        english.percent(group.rate_b - group.rate_a, signed=True)[:-1] + " points",
        "-" if group.impact_b is None else f"{group.impact_b:.2f}",
        "below 0.8" if group.adverse else "",
    )


def _compared(a: int | None, b: int | None, shown: Callable[[int], str]) -> tuple[str, str, str]:
    difference = "-" if a is None or b is None else ("+" if b > a else "") + shown(b - a)
    return "-" if a is None else shown(a), "-" if b is None else shown(b), difference


def _ppm(share: float | None) -> int | None:
    return None if share is None else round(share * MILLION)


def _figure(figure: Any) -> str:
    return "-" if figure is None else str(figure)


def _in_words(english: Words, reason: Reason | None, currency: str) -> str:
    return "" if reason is None else english.reason(reason, currency)
