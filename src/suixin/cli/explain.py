"""suixin explain: one decision in words."""

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from suixin.cli.output import Json, print_json, print_table, say, show
from suixin.errors import BookError, UsageError
from suixin.replay import read_run
from suixin.reporting.card import render_card
from suixin.reporting.cases import read_case
from suixin.reporting.evidence import SCHEMA
from suixin.reporting.folder import RUN_FILE
from suixin.reporting.letter import letter, to_merchant, to_officer
from suixin.reporting.tables import decisions_table, read_decision
from suixin.reporting.why import render_why
from suixin.reporting.wording import words
from suixin.underwriting.decision import Decision, Reason
from suixin.underwriting.why import why_limit

LANGUAGES = ("zh", "en")
READERS = ("officer", "merchant")


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("explain")(_explain)


def _explain(
    book: Annotated[Path, typer.Argument(help="The book's folder.")],
    merchant: Annotated[str, typer.Argument(help="The merchant.")],
    lang: Annotated[str, typer.Option(help="zh or en.")] = "en",
    why: Annotated[
        str | None,
        typer.Option(metavar="limit", help="How the limit came about, down to what it was read from."),
    ] = None,
    to: Annotated[
        str, typer.Option(help="officer: everything; merchant: a few plain sentences to send.")
    ] = "officer",
    *,
    json: Json = False,
) -> None:
    """Print one decision: limit, price, schedule, reasons and what would raise it.

    For example:

        suixin explain book 17

        suixin explain book E38 --lang zh

        suixin explain book 17 --why limit

        suixin explain book 17 --to merchant --lang zh
    """
    if to not in READERS:
        raise UsageError(f"--to {to}: it is written for {' or '.join(READERS)}")
    if lang not in LANGUAGES:
        raise UsageError(f"the language {lang!r} is not one of {', '.join(LANGUAGES)}")
    if why not in (None, "limit"):
        raise UsageError(f"--why {why}: only the limit can be asked for; give --why limit")
    decision = read_decision(book, merchant)
    if why:
        _why(book, decision, lang, json=json)
    elif json:
        table: pl.DataFrame = decisions_table([decision])
        found = _evidence(book, merchant).drop("merchant_id").to_dicts()
        print_json(
            {
                **table.row(0, named=True),
                "features": dict(decision.features),
                "self_dealing": found,
                "sentences": [_sentences(reason, decision) for reason in decision.reasons],
            }
        )
    elif to == "merchant":
        say(letter(decision, lang))
    else:
        show(render_card(decision, lang))
        _show_evidence(_evidence(book, merchant), lang)


def _sentences(reason: Reason, decision: Decision) -> dict[str, Any]:
    """A reason in one sentence for each reader and language."""
    return {
        "code": reason.code,
        "officer": {lang: to_officer(reason, decision, words(lang)) for lang in LANGUAGES},
        "merchant": {lang: to_merchant(reason, decision, words(lang)) for lang in LANGUAGES},
    }


def _why(book: Path, decision: Decision, lang: str, *, json: bool) -> None:
    case, loaded = read_case(book, decision.merchant_id), read_run(book / RUN_FILE).loaded
    tree = why_limit(decision, case, loaded.policy)
    found = _evidence(book, decision.merchant_id)
    if json:
        left_out = found.select("order_id", "sign", "points").to_dicts()
        print_json({"merchant_id": decision.merchant_id, "why": tree.document(), "orders_left_out": left_out})
    else:
        show(render_why(tree, decision.currency, lang))
        _show_evidence(found, lang)


def _evidence(book: Path, merchant: str) -> pl.DataFrame:
    """The merchant's orders that were left out of genuine sales; none in a book of an older release."""
    file = book / "evidence.parquet"
    if not file.is_file():
        return pl.DataFrame(schema=SCHEMA)
    try:
        return pl.read_parquet(file).filter(pl.col("merchant_id") == merchant)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error


def _show_evidence(found: pl.DataFrame, lang: str) -> None:
    if found.is_empty():
        return
    orders = found["order_id"].n_unique()
    title = {
        "zh": f"{orders:,} 笔订单疑似刷单，未计入真实销售",
        "en": "1 order looks like self-dealing and was left out"
        if orders == 1
        else f"{orders:,} orders look like self-dealing and were left out",
    }
    signs = found.group_by("sign", lang).agg(
        pl.col("order_id").n_unique().alias("n"), pl.col("order_id").min()
    )
    rows = [
        (row[lang], f"{row['n']:,}", row["order_id"])
        for row in signs.sort("n", descending=True).iter_rows(named=True)
    ]
    header = {"zh": ("证据", "订单数", "例如"), "en": ("sign", "orders", "for example")}
    print_table(title[lang], header[lang], rows)
