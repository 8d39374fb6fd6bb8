"""suixin redteam: how well self-dealing is found, and what it would have bought."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, print_table, progress_bar, say
from suixin.errors import UsageError
from suixin.redteam import Detection, Gain, detect, gains, no_higher
from suixin.underwriting.policy import load_policy, shipped_policy

CURRENCY = "CNY"  # of the simulated county


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("redteam")(_redteam)


def _redteam(
    seeds: Annotated[int, typer.Option(help="How many counties.", min=1, max=1000)] = 3,
    merchants: Annotated[int, typer.Option(help="Merchants a county.", min=10, max=100_000)] = 300,
    first_seed: Annotated[int, typer.Option(help="The first county's seed.")] = 101,
    brushed_sales: Annotated[
        float, typer.Option(help="Brushed orders that every merchant adds, against its genuine ones.")
    ] = 0.3,
    policy: Annotated[Path | None, typer.Option(help="Policy file; else the one shipped.")] = None,
    *,
    json: Json = False,
) -> None:
    """Simulate brushers and print recall, precision, and the limit that brushing buys with and without the check.

    For example:

        suixin redteam --seeds 20 --merchants 300

        suixin redteam --seeds 1 --brushed-sales 1 --json
    """
    if not 0.0 < brushed_sales <= 5.0:
        raise UsageError(f"--brushed-sales {brushed_sales:g}: give a number above 0, at most 5")
    loaded = load_policy(policy) if policy else shipped_policy(CURRENCY)
    now = datetime.now(UTC)
    found: list[Detection] = []
    bought: list[Gain] = []
    with progress_bar() as tell:
        for done in range(seeds):
            tell("counties", done, seeds)
            found.append(detect(first_seed + done, merchants, now))
            bought += gains(first_seed + done, merchants, brushed_sales, loaded, now)
        tell("counties", seeds, seeds)
    if json:
        print_json(
            {
                "counties": [asdict(d) | {"recall": d.recall, "precision": d.precision} for d in found],
                "limits": _limits(bought),
                "merchants": [asdict(gain) for gain in bought],
            }
        )
        return
    _show(found, bought, brushed_sales)


def _limits(bought: Sequence[Gain]) -> dict[str, float]:
    """Sums of limits in yuan, and the share of merchants whom brushing does not help."""
    lent = [gain for gain in bought if gain.honest_fen or gain.checked_fen or gain.unchecked_fen]
    return {
        "merchants": len(lent),
        "honest": sum(gain.honest_fen for gain in lent) / 100,
        "brushed_checked": sum(gain.checked_fen for gain in lent) / 100,
        "brushed_unchecked": sum(gain.unchecked_fen for gain in lent) / 100,
        "no_higher_checked": no_higher(bought),
        "no_higher_unchecked": sum(g.unchecked_fen <= g.honest_fen for g in lent) / max(len(lent), 1),
    }


def _show(found: Sequence[Detection], bought: Sequence[Gain], added: float) -> None:
    measures = {
        "recall": [d.recall for d in found],
        "precision": [d.precision for d in found],
        "genuine sales taken for brushed": [d.honest_sales_lost for d in found],
    }
    for kind in sorted({kind for d in found for kind in d.recall_by_kind}):
        measures[f"recall of {kind}"] = [d.recall_by_kind[kind] for d in found if kind in d.recall_by_kind]
    rows = [
        (name, f"{min(values):.2%}", f"{median(values):.2%}", f"{max(values):.2%}")
        for name, values in measures.items()
    ]
    print_table(f"Self-dealing in {len(found)} counties", ("measure", "lowest", "median", "highest"), rows)
    limits = _limits(bought)
    honest = limits["honest"] or 1.0
    print_table(
        f"Limits of {limits['merchants']:,.0f} merchants who add {added:.0%} of brushed orders",
        ("", "sum", "against honest", "merchants with no higher limit"),
        [
            ("honest", f"{limits['honest']:,.0f}", "", ""),
            (
                "brushed, checked",
                f"{limits['brushed_checked']:,.0f}",
                f"{limits['brushed_checked'] / honest - 1:+.1%}",
                f"{limits['no_higher_checked']:.1%}",
            ),
            (
                "brushed, not checked",
                f"{limits['brushed_unchecked']:,.0f}",
                f"{limits['brushed_unchecked'] / honest - 1:+.1%}",
                f"{limits['no_higher_unchecked']:.1%}",
            ),
        ],
    )
    say("the signs and their points: docs/explanation/genuine-sales.md")
