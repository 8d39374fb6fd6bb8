"""suixin policy diff: what another policy would have decided in the last quarter."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.assess import refuse_misfit
from suixin.cli.output import Json, Lang, Processes, print_json, progress_bar, read_date
from suixin.cli.output import say as tell
from suixin.cli.policy_compared import EXAMPLES, in_words, show_comparison
from suixin.lake.store import Lake
from suixin.money import currency_of, to_major
from suixin.policy_diff import compare, last_quarter
from suixin.reporting.wording import words
from suixin.underwriting.comparison import Comparison, Sides, comparison
from suixin.underwriting.decision import Outcome, Reason
from suixin.underwriting.policy import LoadedPolicy, load_policy, shipped_policy
from suixin.underwriting.portfolio import Pair, Portfolio, Verdict

SHIPPED = "shipped"
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
    lang: Lang = "en",
    *,
    json: Json = False,
) -> None:
    """Decide every merchant by two policies: approvals, limits, expected loss, who moves, and which groups it touches.

    Counts and shares are of decisions, a merchant on a date each; sums of money are the mean of the dates. Only what is
    approved counts as offered; what is referred stands beside it.

    For example:

        suixin policy diff shipped ours.yaml --lake lake

        suixin policy diff old.yaml new.yaml --lake lake --as-of 2026-01-01 --json

        suixin policy diff shipped ours.yaml --lake lake --lang zh
    """
    say = words(lang)
    asked = {day for text in as_of or () if (day := read_date(text))}
    opened = Lake.open(lake)
    one, two = (_load(name, opened) for name in (a, b))
    for loaded in (one, two):
        refuse_misfit(opened, loaded)
    about = {"a": _about(a, one), "b": _about(b, two)}
    if one.policy == two.policy:
        if json:
            print_json({**about, "same": True})
        else:
            tell(say.text("no difference: {a} and {b} are the same policy, so they decide alike", a=a, b=b))
        return
    days = sorted(asked) or last_quarter(opened)
    with progress_bar() as progress:
        found = compare(opened, one, two, days, processes=processes, progress=progress)
    told = comparison(found.pairs, days, one.policy, two.policy)
    if json:
        where = {"lake_snapshot": opened.snapshot, "known_to_one_only": found.alone}
        print_json({**about, "same": False, **where, **_document(told, opened.manifest.currency)})
    else:
        for letter, name, loaded in (("A", a, one), ("B", b, two)):
            tell(f"{letter}: {name} ({loaded.policy.name} {loaded.policy.version})")
        show_comparison(told, found.alone, opened.manifest.currency, lang)


def _load(name: str, lake: Lake) -> LoadedPolicy:
    return shipped_policy(lake.manifest.currency) if name == SHIPPED else load_policy(Path(name))


def _about(name: str, loaded: LoadedPolicy) -> dict[str, str]:
    policy = loaded.policy
    return {"file": name, "name": policy.name, "version": policy.version, "hash": loaded.hash}


def _document(told: Comparison, currency: str) -> dict[str, Any]:
    """Everything for machines: money in decimals of major units, rates as fractions."""
    return {
        "currency": currency,
        "as_of": list(told.days),
        "merchants": told.merchants,
        "decisions": told.decisions,
        "figures": [asdict(change) for change in told.changes],
        "portfolio": _side_by_side(told.sides, currency),
        "expected_loss_of_b_by_a": to_major(told.loss_of_b_by_a_fen, currency_of(currency)),
        "by_date": [{"as_of": day, **_side_by_side(sides, currency)} for day, sides in told.by_date.items()],
        "migration": [
            {"a": a.value, "b": b.value, "decisions": count} for (a, b), count in told.migration.items()
        ],
        "swapped_in": _swapped(told.swapped_in, lambda pair: pair.a.reason, currency),
        "swapped_out": _swapped(told.swapped_out, lambda pair: pair.b.reason, currency),
        "groups": [asdict(group) | {"adverse": group.adverse} for group in told.effects.groups],
        "suppressed": told.effects.suppressed,
    }


def _side_by_side(sides: Sides, currency: str) -> dict[str, Any]:
    a, b = (_plain(side, currency) for side in sides)
    moved = {name: None if a[name] is None or b[name] is None else b[name] - a[name] for name in a}
    return {"a": a, "b": b, "difference": moved}


def _plain(side: Portfolio, code: str) -> dict[str, Any]:
    currency = currency_of(code)
    return {
        **{outcome.value: side.outcomes[outcome] for outcome in Outcome},
        **{f"{outcome.value}_share": side.share(outcome) for outcome in Outcome},
        "limits": to_major(side.limit_fen, currency),
        "median_limit": None if side.median_fen is None else to_major(side.median_fen, currency),
        "limits_referred": to_major(side.referred_fen, currency),
        "mean_rate": None if side.rate_ppm is None else Decimal(side.rate_ppm) / MILLION,
        "expected_loss": to_major(side.expected_loss_fen, currency),
        "expected_loss_share": side.loss_rate,
    }


def _swapped(pairs: Sequence[Pair], why: Callable[[Pair], Reason | None], currency: str) -> dict[str, Any]:
    examples = [
        {
            "merchant_id": pair.merchant_id,
            "as_of": pair.as_of,
            "a": _verdict(pair.a, currency),
            "b": _verdict(pair.b, currency),
            "reason": reason.code if (reason := why(pair)) else None,
            "reason_in_words": in_words(reason, currency, words("en")),
        }
        for pair in pairs[:EXAMPLES]
    ]
    return {"merchants": len(pairs), "examples": examples}


def _verdict(each: Verdict, currency: str) -> dict[str, Any]:
    limit = to_major(each.limit_fen, currency_of(currency))
    return {"decision": each.outcome.value, "limit": limit, "pd": each.pd}
