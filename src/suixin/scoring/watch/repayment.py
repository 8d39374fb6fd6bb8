"""What a loan has asked for and what has come: instalments due, and the oldest that is still open."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from suixin.calendar import add_months, date_to_day

LEVEL = ("equal_instalments", "equal_instalment")
INTEREST_ONLY = ("interest_then_principal", "interest_first")
KNOWN_METHODS = (*LEVEL, *INTEREST_ONLY)
_TOLERANCE = 0.01  # of an instalment may be missing: rounding, and a bank's own small change

DUES = {"loan_id": pl.String(), "terms": pl.Int64(), "due_day": pl.Int32(), "due_fen": pl.Int64()}
LATE = {
    "overdue_fen": pl.Int64(),
    "oldest_due_day": pl.Int32(),
    "days_past_due": pl.Int32(),
    "instalment_fen": pl.Int64(),
}


def instalments(loan_id: str, number: int, granted_on: date, terms: dict[str, Any]) -> pl.DataFrame:
    """What one loan asks for, a row an instalment, as `DUES`.

    Level instalments are P·i / (1 − (1+i)^−n) with i a twelfth of the annual rate, the annuity formula; interest-first
    loans pay P·i a month and P with the last. They fall due whole months after the grant.

    Args:
        loan_id: the loan.
        number: of these terms.
        granted_on: the day of the grant.
        terms: principal_fen, annual_rate (a fraction a year), term_months and method.

    Returns:
        No row for a method that is not one of `KNOWN_METHODS`: then nothing is known to be late.
    """
    months, principal = int(terms["term_months"]), float(terms["principal_fen"])
    monthly = float(terms["annual_rate"]) / 12.0
    method = terms["method"] or ""
    if method not in KNOWN_METHODS:
        return pl.DataFrame(schema=DUES)
    if method in LEVEL:
        each = (
            principal / months if monthly == 0 else principal * monthly / (1.0 - (1.0 + monthly) ** -months)
        )
        asked = np.full(months, each)
    else:
        asked = np.full(months, principal * monthly)
        asked[-1] += principal
    days = [date_to_day(add_months(granted_on, month)) for month in range(1, months + 1)]
    return pl.DataFrame(
        {
            "loan_id": [loan_id] * months,
            "terms": [number] * months,
            "due_day": days,
            "due_fen": np.rint(asked).astype(np.int64),
        },
        schema=DUES,
    )


def lateness(holding: pl.DataFrame, dues: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """How late each borrower is on the day it is asked about, and its usual instalment.

    All own loans of a borrower are one account: money pays the oldest instalment first. An instalment is open while more
    than 1 % of it is missing.

    Args:
        holding: subject, as_of_day, terms: the loans of each borrower by their terms as known on the day, a row a loan.
        dues: terms, due_day, due_fen; an instalment that falls due on the as-of day or later is not due yet.
        paid: subject, paid_fen: what was known to be paid on own loans before the as-of day; none for nothing.

    Returns:
        subject and `LATE`: fen overdue, the due day of the oldest open instalment (null if none is), days past due (0 if
        none), and the median instalment in fen. Borrowers of whose loans no instalment is known are left out.
    """
    asked = holding.join(dues, on="terms")
    usual = asked.group_by("subject", "as_of_day").agg(
        instalment_fen=pl.col("due_fen").median().cast(pl.Int64)
    )
    due = asked.filter(pl.col("due_day") < pl.col("as_of_day")).sort("subject", "due_day")
    due = due.with_columns(asked=pl.col("due_fen").cum_sum().over("subject"))
    due = due.join(paid, on="subject", how="left").with_columns(pl.col("paid_fen").fill_null(0))
    short = (pl.col("asked") - pl.col("paid_fen")) > _TOLERANCE * pl.col("due_fen")
    sums = due.group_by("subject").agg(
        overdue_fen=(pl.col("asked").max() - pl.col("paid_fen").first()).clip(0),
        oldest_due_day=pl.col("due_day").filter(short).min(),
    )
    found = usual.join(sums, on="subject", how="left")
    late = (pl.col("as_of_day") - pl.col("oldest_due_day")).fill_null(0)
    overdue = pl.when(pl.col("oldest_due_day").is_null()).then(0).otherwise(pl.col("overdue_fen"))
    return found.select(
        "subject",
        overdue.alias("overdue_fen"),
        "oldest_due_day",
        late.cast(pl.Int32).alias("days_past_due"),
        "instalment_fen",
    )
