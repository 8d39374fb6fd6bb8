"""The main job: a lake, a date and a policy become a decision book."""

import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from xlsxwriter.exceptions import XlsxWriterException

import suixin
from suixin.calendar import date_to_day, day_to_date
from suixin.errors import BookError, PolicyError, UsageError
from suixin.features.build import Built, build
from suixin.features.registry import FEATURES
from suixin.lake.checks import Setting, check
from suixin.lake.contract import Column, Kind, Table
from suixin.lake.readers import read
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.reporting.book import Book
from suixin.reporting.page import write_page
from suixin.reporting.tables import decisions_table, features_table
from suixin.reporting.workbook import write_workbook
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Decision, Outcome
from suixin.underwriting.policy import LoadedPolicy

Progress = Callable[[str, int, int], None]

RUN_VERSION = 1
RUN_FILE = "run.json"
NOT_EVENTS = ("merchants", "outcomes")
MONTHS_OF_HISTORY = 36


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment made: the book's folder, the decisions, and the content of run.json."""

    book: Path
    decisions: Sequence[Decision]
    run: dict[str, Any]


def assess(
    lake: Lake,
    loaded: LoadedPolicy,
    out: Path,
    *,
    now: datetime,
    as_of: date | None = None,
    chosen: pl.DataFrame | None = None,
    processes: int | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Assessed:
    """Decide every merchant of the lake, or the chosen ones, and write the book to the folder `out`.

    Args:
        lake: a snapshot.
        loaded: the policy.
        out: the book's folder; it appears complete or not at all.
        now: when this runs, for the record only: no decision depends on it.
        as_of: one date for all; None for each merchant's own (see `subjects`).
        chosen: merchant_id and optionally as_of; None for all merchants.
        processes: how many; None for one a core.
        replace: whether an older book at `out` may be replaced.
        progress: told what is being done.

    Raises:
        PolicyError: the policy is for another currency, or allows none of the lake's routes.
        UsageError: the date lies before the first event, or a chosen merchant is unknown.
        BookError: `out` is taken or cannot be written.
    """
    tell = progress or (lambda *_: None)
    clock = _Clock()
    _refuse_misfit(lake, loaded)
    with _folder(out, replace=replace) as draft:
        people = subjects(lake, as_of, chosen, loaded.policy.data.routes.value)
        built = build(
            lake, people, routes=loaded.policy.data.routes.value, processes=processes, progress=tell
        )
        clock.lap("features")
        cases = list(_cases(lake, built, loaded))
        decisions = []
        for done, case in enumerate(cases, start=1):
            decisions.append(decide(case, loaded))
            if done % 100 == 0 or done == len(cases):
                tell("deciding", done, len(cases))
        clock.lap("decisions")
        run = _run(lake, loaded, built, decisions, now=now, as_of=as_of, chosen=chosen)
        with _told(out):
            _write(draft, Book(decisions, loaded.policy, run), built, tell)
            clock.lap("book")
            run["seconds"] = clock.laps
            (draft / RUN_FILE).write_bytes(orjson.dumps(run, option=orjson.OPT_INDENT_2))
    return Assessed(out, decisions, run)


def subjects(
    lake: Lake, as_of: date | None, chosen: pl.DataFrame | None, routes: Sequence[str]
) -> pl.DataFrame:
    """Who is assessed and when: subject, merchant_id, as_of_day, ordered by merchant.

    Without a date it is the merchant's latest date in `outcomes`, else the day after the lake's last event.
    """
    parts = [
        lake.scan("merchants", bucket, routes).select("merchant_id") for bucket in lake.buckets("merchants")
    ]
    if not parts:
        raise UsageError(
            f"{lake.root}: the lake has no merchants; ingest a source with a merchants table first"
        )
    merchants = pl.concat(parts).unique().sort("merchant_id").collect()
    first, last = event_span(lake)
    if as_of is not None and as_of <= first:
        raise UsageError(
            f"as-of date {as_of} lies before the first event of the lake; name a date after {first}"
        )
    people = _choose(merchants, chosen)
    if as_of is not None:
        dated = people.with_columns(as_of_day=pl.lit(date_to_day(as_of), pl.Int32))
    else:
        own = (
            lake.whole("outcomes")
            .group_by("merchant_id")
            .agg(pl.col("as_of_day").max().alias("_own"))
            .collect()
        )
        day_after = pl.lit(date_to_day(last) + 1, pl.Int32)
        dated = people.join(own, on="merchant_id", how="left", maintain_order="left").with_columns(
            as_of_day=pl.coalesce("_given", "_own", day_after)
        )
    return dated.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64), "merchant_id", "as_of_day"
    )


def event_span(lake: Lake) -> tuple[date, date]:
    """The days of the first and last event of any merchant."""
    states = [
        state
        for name, state in lake.manifest.tables.items()
        if TABLES[name].per_merchant and name not in NOT_EVENTS and state.rows
    ]
    if not states:
        raise UsageError(
            f"{lake.root}: the lake holds no event of any merchant; ingest orders or invoices first"
        )
    first = min(date.fromisoformat(state.first_on) for state in states)
    return first, max(date.fromisoformat(state.last_on) for state in states)


def _choose(merchants: pl.DataFrame, chosen: pl.DataFrame | None) -> pl.DataFrame:
    if chosen is None:
        return merchants.with_columns(_given=pl.lit(None, pl.Int32))
    unknown = chosen.join(merchants, on="merchant_id", how="anti")["merchant_id"].to_list()
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise UsageError(f"the lake does not know merchant {', '.join(map(repr, unknown[:3]))}{more}")
    return chosen.unique("merchant_id", keep="first").sort("merchant_id")


CHOSEN = Table(
    "chosen",
    zh="待评估商户",
    en="merchants to assess",
    columns=(
        Column("merchant_id", Kind.ID, "商户编号", "merchant"),
        Column("as_of_on", Kind.DATE, "观察日", "as-of date", required=False),
    ),
    key=("merchant_id",),
    happened="as_of_on",
)


def read_chosen(path: Path, lake: Lake) -> pl.DataFrame:
    """Merchants to assess from a file with the columns merchant_id and, optionally, as_of."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file of merchants")
    setting = Setting(lake.manifest.zone, lake.manifest.currency, date_to_day(date.max))
    parts = []
    for batch in read(path):
        if "merchant_id" not in batch.frame.columns:
            raise UsageError(
                f"{path}: lacks the column merchant_id; it has {', '.join(batch.frame.columns[:-1])}"
            )
        if batch.rejects:
            raise UsageError(f"{path}: row {batch.rejects[0].row}: {batch.rejects[0].rule}")
        checked = check(CHOSEN, batch.frame.rename({"as_of": "as_of_on"}, strict=False), {}, setting)
        if checked.bad.height:
            row, rule, column = checked.bad.row(0)
            raise UsageError(f"{path}: row {row}: {rule} in {column.replace('as_of_on', 'as_of')}")
        parts.append(checked.good.select("merchant_id", pl.col("as_of_day").alias("_given")))
    if not parts:
        raise UsageError(f"{path}: names no merchant")
    return pl.concat(parts)


def _refuse_misfit(lake: Lake, loaded: LoadedPolicy) -> None:
    policy = loaded.policy
    if policy.currency != lake.manifest.currency:
        raise PolicyError(
            f"policy {policy.name} is in {policy.currency}, the lake in {lake.manifest.currency}; "
            f"use a policy in {lake.manifest.currency}"
        )
    routes = {record.route for record in lake.manifest.ingests}
    if not routes & set(policy.data.routes.value):
        raise PolicyError(
            f"policy {policy.name} allows none of the lake's routes ({', '.join(sorted(routes))}); "
            f"it allows {', '.join(policy.data.routes.value)}"
        )


def _cases(lake: Lake, built: Built, loaded: LoadedPolicy) -> Iterator[Case]:
    data = loaded.policy.data
    routes = {record.route for record in lake.manifest.ingests} & set(data.routes.value)
    bureau_required = not routes <= set(data.bureau_not_required_routes.value)
    histories = _histories(built.series)
    names = [name for name in built.features.columns if name in FEATURES]
    for row in built.features.iter_rows(named=True):
        source, history = histories.get(row["subject"], ("", [0] * MONTHS_OF_HISTORY))
        days = row.get({"orders": "trading_days", "invoices": "invoice_history_days"}.get(source, "")) or 0
        yield Case(
            merchant_id=row["merchant_id"],
            as_of=day_to_date(row["as_of_day"]),
            features={name: row[name] for name in names},
            history=history,
            sales_source=source,
            months_known=min(MONTHS_OF_HISTORY, max(1, round(days * 12 / 365))),
            bureau_required=bureau_required,
            lake_snapshot=lake.snapshot,
        )


def _histories(series: pl.DataFrame) -> dict[int, tuple[str, list[int]]]:
    """Subject -> where its sales are read from (orders before invoices), and net sales by month, newest first."""
    found: dict[int, tuple[str, list[int]]] = {}
    for subject, source, month, net in series.sort("subject", pl.col("source") != "orders").iter_rows():
        held = found.setdefault(subject, (source, [0] * MONTHS_OF_HISTORY))
        if held[0] == source and 0 <= month < MONTHS_OF_HISTORY:
            held[1][month] = net
    return found


def _run(
    lake: Lake,
    loaded: LoadedPolicy,
    built: Built,
    decisions: Sequence[Decision],
    *,
    now: datetime,
    as_of: date | None,
    chosen: pl.DataFrame | None,
) -> dict[str, Any]:
    """Everything that a replay needs, and what a reader should know of the evidence."""
    outcomes = [decision.outcome for decision in decisions]
    return {
        "run_version": RUN_VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "software": {
            "suixin": suixin.__version__,
            "python": platform.python_version(),
            "polars": version("polars"),
            "narwhals": version("narwhals"),
        },
        "lake": str(lake.root.resolve()),
        "lake_sequence": lake.manifest.sequence,
        "lake_snapshot": lake.snapshot,
        "currency": lake.manifest.currency,
        "zone": lake.manifest.zone,
        "as_of": as_of.isoformat() if as_of else None,
        "merchants": None if chosen is None else chosen.rows(),
        "policy_name": loaded.policy.name,
        "policy_version": loaded.policy.version,
        "policy_hash": loaded.hash,
        "policy": loaded.text,
        "absent_families": list(built.absent),
        "ingests": [
            {
                "adapter": record.adapter,
                "source": record.source,
                "route": record.route,
                "authorisation": record.authorisation,
                "purpose": record.purpose,
                "assumptions": list(record.assumptions),
                "ingested_at": record.ingested_at,
            }
            for record in lake.manifest.ingests
        ],
        "decisions": {outcome.value: outcomes.count(outcome) for outcome in Outcome},
        "merchants_assessed": len(decisions),
    }


def _write(draft: Path, book: Book, built: Built, tell: Progress) -> None:
    names = [name for name in built.features.columns if name in FEATURES]
    steps: list[tuple[str, Callable[[], Any]]] = [
        (
            "decisions.parquet",
            lambda: decisions_table(book.decisions).write_parquet(draft / "decisions.parquet"),
        ),
        (
            "features.parquet",
            lambda: features_table(book.decisions, names).write_parquet(draft / "features.parquet"),
        ),
        ("book.xlsx", lambda: write_workbook(book, draft / "book.xlsx")),
        ("book.html", lambda: write_page(book, draft / "book.html")),
    ]
    for done, (name, write) in enumerate(steps):
        tell(f"writing {name}", done, len(steps))
        write()


class _Clock:
    """Seconds of each part of the run."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the seconds since the last lap."""
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 3)
        self._last = now


@contextmanager
def _folder(out: Path, *, replace: bool) -> Iterator[Path]:
    """A draft beside `out` that takes its place when everything is written; nothing is left if it fails."""
    taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
    if taken and not (out / RUN_FILE).is_file():
        raise BookError(f"{out}: exists and is no decision book; name another folder")
    if taken and not replace:
        raise BookError(f"{out}: holds a book already; name another folder, or add --replace")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise BookError(f"cannot write {out}: {error.strerror or error}") from error
    try:
        draft.chmod(0o755)
        yield draft
        with _told(out):
            _swap(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, out: Path) -> None:
    """Put the draft in the place of an older book, which goes only when the new one stands."""
    if out.exists():
        older = draft.with_name(f"{draft.name}-older")
        out.replace(older)
        draft.replace(out)
        shutil.rmtree(older, ignore_errors=True)
    else:
        draft.replace(out)


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """A disk that refuses is the user's to mend: say so in one line."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError, XlsxWriterException) as error:
        raise BookError(f"cannot write {out}: {getattr(error, 'strerror', None) or error}") from error
