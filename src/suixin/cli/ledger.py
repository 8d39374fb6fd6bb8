"""suixin ledger: whether a book is what was posted, and what an auditor is given."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from suixin.cli import loan_options as options
from suixin.cli.output import Json, Lang, print_json, print_table, say
from suixin.cli.served import By, console, word_of
from suixin.errors import UsageError
from suixin.ledger.chart import account_of
from suixin.money import currency_of, to_major
from suixin.reporting.report_files import drafted

Organisation = Annotated[str, typer.Option("--organisation", "-o", help="The organisation's code.")]
Book = Annotated[str, typer.Option(help="The book's code.")]
FAULTY = 2
_TITLES = {
    "zh": ("科目", "名称", "币种", "借方", "贷方"),
    "en": ("account", "name", "currency", "debit", "credit"),
}


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="A lender's books on the server: opened, verified, exported, summed up.")
    group.command("open")(_open)
    group.command("verify")(_verify)
    group.command("export")(_export)
    group.command("trial-balance")(_trial_balance)
    group.command("outcomes")(_outcomes)
    program.add_typer(group, name="ledger", no_args_is_help=True)


def _open(
    organisation: Organisation,
    opened_on: Annotated[str, typer.Option(help="The first business date, YYYY-MM-DD.")],
    by: By,
    book: Book = "main",
    currency: Annotated[str, typer.Option(help="The book's currency.")] = "CNY",
    *,
    json: Json = False,
) -> None:
    """Open a book on its first business date; done again with the same date and currency, nothing happens.

    For example:

        suixin ledger open --organisation rural-bank --opened-on 2026-01-05 --by wang
    """
    day = options.day(opened_on, "--opened-on")
    made = console("founding").open_book(organisation, book, currency, day, word_of(by))
    if json:
        print_json(made)
    else:
        say(f"book {made['book']} is open in {made['currency']}; its business date is {made['business_on']}")


def _verify(
    organisation: Organisation,
    book: Book = "main",
    key: Annotated[
        Path | None, typer.Option(help="Public key (PEM) that must have signed the chain's heads.")
    ] = None,
    head: Annotated[
        list[Path] | None, typer.Option(help="A head that was kept outside; may be repeated.")
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Write the last head here, to be kept outside.")] = None,
    *,
    json: Json = False,
) -> None:
    """Look at all that a book holds: chain, sums, balances, holds, and the guards around them; exit 2 on a finding.

    For example:

        suixin ledger verify --organisation rural-bank --keep head.json
    """
    report, last = console().verify(organisation, book, key=key, heads=head or [])
    if keep is not None and not report.findings:
        keep.write_bytes(orjson.dumps(last, option=orjson.OPT_INDENT_2))
    if json:
        found = [{"what": one.what, "sequence": one.sequence, "words": one.words} for one in report.findings]
        print_json(
            {"transactions": report.transactions, "sealed": report.sealed, "head": last, "findings": found}
        )
    else:
        for one in report.findings:
            say(f"{one.what} at {one.sequence}: {one.words}" if one.sequence else f"{one.what}: {one.words}")
        faults = len(report.findings) or "no"
        say(
            f"{last['book']}: {report.transactions:,} transactions, {report.sealed:,} sealed, {faults} faults"
        )
    if report.findings:
        raise typer.Exit(FAULTY)


def _export(
    organisation: Organisation,
    out: Annotated[Path, typer.Option(help="The file to write.")],
    book: Book = "main",
    layout: Annotated[str, typer.Option("--format", help="beancount.")] = "beancount",
) -> None:
    """Write the journal for an independent auditor, with the balance of every account on every day it moved.

    For example:

        suixin ledger export --organisation rural-bank --format beancount --out journal.beancount
    """
    if layout != "beancount":
        raise UsageError(f"format {layout!r} is unknown; give beancount")
    with drafted(out) as draft, draft.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in console().export(organisation, book))
    say(f"{out}: check it with bean-check")


def _trial_balance(
    organisation: Organisation, book: Book = "main", lang: Lang = "en", *, json: Json = False
) -> None:
    """Print what each account comes to; debits equal credits.

    For example:

        suixin ledger trial-balance --organisation rural-bank --lang zh
    """
    if lang not in _TITLES:
        raise UsageError(f"language {lang!r} is unknown; give zh or en")
    found = console().trial_balance(organisation, book)
    rows = [_row(row, lang) for row in found["accounts"]]
    if json:
        names = ("account", "name", "currency", "debit", "credit")
        accounts = [dict(zip(names, map(str, row), strict=True)) for row in rows]
        print_json({"book": found["book"], "business_on": found["business_on"], "accounts": accounts})
        return
    totals = {
        side: sum((row[place] for row in rows), Decimal(0)) for side, place in (("debit", 3), ("credit", 4))
    }
    total = {"zh": "合计", "en": "total"}[lang]
    shown = [[*row[:3], f"{row[3]:,}", f"{row[4]:,}"] for row in rows]
    shown.append([total, "", "", f"{totals['debit']:,}", f"{totals['credit']:,}"])
    print_table(f"{found['book']} {found['business_on']}", _TITLES[lang], shown)


def _outcomes(
    organisation: Organisation,
    out: Annotated[Path, typer.Option(help="The folder to write; it must not exist yet.")],
    book: Book = "main",
    before: Annotated[
        Path | None,
        typer.Option(
            help="The folder that was written last: what turned out otherwise is then a correction."
        ),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Write what became of a book's loans, for the lake: the next model learns from them.

    One row a loan, and one a merchant and day of lending: whether a loan was over 90 days past due, substandard or worse,
    paid by a guarantor, restructured in difficulty or written off within 12 months, 18 for bullet and harvest. Borrowers
    stand in it by the pseudonym that the lake knows.

    For example:

        suixin ledger outcomes --organisation rural-bank --out own-2026-02
        suixin ingest own-2026-02 --lake county.lake
    """
    done = console().outcomes(organisation, book, out, before)
    if json:
        print_json(done)
        return
    waiting = sum(done["indeterminate"].values())
    say(
        f"{out}: {done['loans']:,} loans and {done['outcomes']:,} outcomes as of {done['as_of']}, "
        f"{done['defaults']:,} of them defaults, {waiting:,} not told yet, {done['restated']:,} told otherwise than before"
    )


def _row(row: dict[str, Any], lang: str) -> tuple[str, str, str, Decimal, Decimal]:
    account, currency = account_of(row["account"]), currency_of(row["currency"])
    name = account.zh if lang == "zh" else account.en
    debit, credit = (to_major(row[side], currency) for side in ("debit_minor", "credit_minor"))
    return account.code, name, currency.code, debit, credit
