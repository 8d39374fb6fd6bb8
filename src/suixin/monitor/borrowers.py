"""Who owes what, week by week: the loans that were live on each day, as known before it."""

from collections.abc import Sequence
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from suixin.calendar import day_to_date
from suixin.errors import UsageError
from suixin.features.build import PolarsEngine
from suixin.features.coverage import known_tables
from suixin.features.point_in_time import known_before
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.scoring.watch.alerts import DEFAULTED, REPAID
from suixin.scoring.watch.repayment import DUES, LATE, instalments, lateness

SERVICE = "loan_service"  # kind of a movement that pays a loan
DEFAULT_DAYS = 91  # 'more than 90 days past due'
_LOAN = ("loan_id", "granted_day", "principal_fen", "annual_rate", "term_months", "method", "closed_day")


class Known:
    """A lake as several askers knew it: rows of a table before each one's day, none later."""

    def __init__(self, lake: Lake, routes: Sequence[str] | None, asking: pl.DataFrame) -> None:
        """`asking`: subject (unique), merchant_id, as_of_day."""
        allowed = None if routes is None else tuple(sorted(routes))
        self._asking = asking.select("subject", "merchant_id", "as_of_day")
        self._tables = known_tables(lake, allowed, asking["as_of_day"])
        self._engine = PolarsEngine(lake, allowed, self._tables)

    def has(self, table: str) -> bool:
        """Whether anyone could know a row of it."""
        return table in self._tables

    def rows(self, table: str, where: pl.Expr | None = None, within: int | None = None) -> pl.DataFrame:
        """Rows of a per-merchant table: subject, as_of_day, age in days, and its stored columns.

        Args:
            table: a standard table.
            where: a condition on stored columns that never change.
            within: only rows that happened in the last so many days.
        """
        versions = self._engine.scan(table)
        if where is not None:
            versions = nw.from_native(versions.to_native().filter(where))
        seen = known_before(
            versions,
            TABLES[table],
            nw.from_native(self._asking.lazy()),
            versions=self._engine.superseded(table),
        )
        if within is not None:
            seen = seen.filter(nw.col("age") <= within)
        found: pl.DataFrame = self._engine.keep(seen).to_native().collect()
        return found

    def of_parties(self, table: str, owners: pl.DataFrame) -> pl.DataFrame:
        """Every version of a table about parties that was known before the day of who asks.

        Args:
            table: a standard table with a party_id.
            owners: subject, party_id, as_of_day.

        Returns:
            subject, as_of_day, age in days, and the table's columns; several versions of one fact are several rows.
        """
        asking = nw.from_native(owners.select("subject", "party_id", "as_of_day").drop_nulls().lazy())
        rows = known_before(self._engine.scan(table), TABLES[table], asking, versions=False, on="party_id")
        found: pl.DataFrame = self._engine.keep(rows).to_native().collect()
        return found


def live_loans(lake: Lake, routes: Sequence[str] | None, days: Sequence[int]) -> pl.DataFrame:
    """Loans that were live on each day: granted, not known to be closed, not in default.

    In default is a borrower whose default is known since the grant, or whose own loans are 91 days past due; a loan
    whose instalments are not known leaves 91 days after its term.

    Args:
        lake: a snapshot.
        routes: only rows that came by these; None for all.
        days: as-of days, ascending.

    Returns:
        loan_id, merchant_id, as_of_day, granted_day, principal_fen, annual_rate, term_months, method, overdue_fen,
        oldest_due_day, days_past_due and instalment_fen (of all own loans of the borrower, null where unknown); and subject, a
        number a borrower and day. Ordered by day and loan.

    Raises:
        UsageError: the lake holds no loans.
    """
    if not lake.holds("loans"):
        raise UsageError(
            f"{lake.root}: the lake has no loans to watch; ingest a source with a loans table first"
        )
    people = lake.whole("loans").select("merchant_id").unique().sort("merchant_id").collect()
    asking = people.join(pl.DataFrame({"as_of_day": days}, schema={"as_of_day": pl.Int32()}), how="cross")
    asking = asking.with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int64))
    known = Known(lake, routes, asking)
    if not known.has("loans"):
        return _none()
    loans = (
        known.rows("loans")
        .select("subject", "as_of_day", *_LOAN)
        .join(asking.select("subject", "merchant_id"), on="subject")
    )
    granted = loans.filter(pl.col("granted_day") < pl.col("as_of_day"))
    dues, holding = dues_of(granted)
    late = lateness(holding, dues, _paid(known, granted))
    live = _not_in_default(granted.filter(pl.col("closed_day").is_null()), known)
    live = live.join(late, on="subject", how="left")
    gone = pl.col("granted_day") + pl.col("term_months") * 31 + DEFAULT_DAYS < pl.col("as_of_day")
    beyond = (
        pl.when(pl.col("days_past_due").is_null())
        .then(gone)
        .otherwise(pl.col("days_past_due") >= DEFAULT_DAYS)
    )
    return live.filter(~beyond).drop("closed_day").sort("as_of_day", "loan_id")


def _none() -> pl.DataFrame:
    contract = TABLES["loans"].stored
    own = {name: contract[name] for name in _LOAN if name != "closed_day"}
    head = {"subject": pl.Int64(), "as_of_day": pl.Int32(), "merchant_id": pl.String()}
    return pl.DataFrame(schema={**head, **own, **LATE})


def dues_of(granted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The instalments of loans by their terms, and which terms each loan was known to have.

    Terms that were corrected later are other terms: each day is judged by those that were known on it.

    Args:
        granted: subject, as_of_day, loan_id and the loan's terms, a row a loan and day.

    Returns:
        The instalments as `DUES`, and subject, as_of_day, loan_id, terms.
    """
    names = ["loan_id", "granted_day", "principal_fen", "annual_rate", "term_months", "method"]
    each = granted.select(names).unique(maintain_order=True).with_row_index("terms")
    each = each.with_columns(pl.col("terms").cast(pl.Int64))
    parts = [
        instalments(row["loan_id"], row["terms"], day_to_date(row["granted_day"]), row)
        for row in each.iter_rows(named=True)
    ]
    dues = pl.concat(parts) if parts else pl.DataFrame(schema=DUES)
    holding = granted.select("subject", "as_of_day", *names).join(each, on=names, nulls_equal=True)
    return dues, holding.select("subject", "as_of_day", "loan_id", "terms")


def newest_dues(live: pl.DataFrame) -> pl.DataFrame:
    """The instalments of live loans by the terms known last, as `DUES`; for the evidence."""
    return dues_of(live.sort("as_of_day").unique("loan_id", keep="last", maintain_order=True))[0]


def _paid(known: Known, granted: pl.DataFrame) -> pl.DataFrame:
    """What each borrower was known to have paid on loans since the first grant: subject, paid_fen."""
    if not known.has("cashflows"):
        return pl.DataFrame(schema={"subject": pl.Int64(), "paid_fen": pl.Int64()})
    first = granted.group_by("subject").agg(first=pl.col("granted_day").min())
    rows = known.rows("cashflows", pl.col("kind") == SERVICE).join(first, on="subject")
    since = rows.filter(pl.col("as_of_day") - pl.col("age") >= pl.col("first"))
    return since.group_by("subject").agg(paid_fen=-pl.col("amount_fen").sum())


def _not_in_default(live: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Without the borrowers of whom an outcome since the grant told a default before the day."""
    if not known.has("outcomes"):
        return live
    told = known.rows("outcomes").filter(pl.col("defaulted"))
    bad = told.select("subject", told_from=pl.col("as_of_day") - pl.col("age"))
    hit = live.join(bad, on="subject").filter(pl.col("told_from") >= pl.col("granted_day"))
    return live.join(hit.select("subject", "loan_id").unique(), on=["subject", "loan_id"], how="anti")


def endings(lake: Lake, until: int) -> dict[str, str]:
    """Why each loan that has ended by the day `until` is watched no longer: loan -> 'loan_closed' or 'defaulted'."""
    loans = lake.whole("loans").select("loan_id", "merchant_id", "granted_day", "closed_day").collect()
    found = dict.fromkeys(loans.filter(pl.col("closed_day") <= until)["loan_id"], REPAID)
    if lake.holds("outcomes"):
        bad = lake.whole("outcomes").filter(pl.col("defaulted") & (pl.col("known_day") <= until)).collect()
        hit = loans.join(bad.select("merchant_id", "known_day"), on="merchant_id")
        ended = hit.filter(pl.col("known_day") >= pl.col("granted_day"))
        found |= dict.fromkeys(ended["loan_id"], DEFAULTED)
    return found


def weeks(first: date, last: date) -> list[int]:
    """The Mondays from `first` to `last`, as days since 1970-01-01: what each week knows is known before its Monday."""
    start = (first - date(1970, 1, 1)).days
    start += (4 - start) % 7  # day 4 was Monday 5 January 1970
    return list(range(start, (last - date(1970, 1, 1)).days + 1, 7))
