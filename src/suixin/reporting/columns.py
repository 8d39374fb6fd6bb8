"""What each column of a decision is: the words of the workbook's headers and of its dictionary."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a label of a few words, the unit, and what it says (English; the catalogue translates)."""

    label: str
    unit: str
    about: str


TEXT = "text"
CODE = "code"
DATE = "date"
MONEY = "money, major units"
ANNUAL = "fraction a year"
SHARE = "fraction"
POINTS = "points"
COUNT = "count"
LIST = "list"

DECISION_COLUMNS: dict[str, Column] = {
    "decision_id": Column("decision number", TEXT, "identifies the decision: a digest of what it rests on"),
    "merchant_id": Column("merchant", TEXT, "the merchant's identifier in the lake"),
    "as_of": Column("as of", DATE, "only what was known before this day was used"),
    "decision": Column("decision", CODE, "approve, refer to a person, or decline"),
    "score": Column("score", POINTS, "points of the card; more is safer"),
    "grade": Column("grade", CODE, "the policy's grade that the score falls into"),
    "pd": Column("probability of default", SHARE, "probability of default within a year"),
    "pd_basis": Column(
        "basis of the probability", CODE, "assumed by the expert card, or from a trained model"
    ),
    "limit": Column("limit", MONEY, "the most that may be lent; 0 if declined"),
    "limit_components": Column(
        "limit components", LIST, "every ceiling of the limit, the binding one marked, and what is deducted"
    ),
    "currency": Column("currency", CODE, "of all amounts of the row"),
    "annual_rate": Column("annual rate", ANNUAL, "contract rate, nominal a year"),
    "all_in_rate": Column(
        "all-in rate",
        ANNUAL,
        "annual effective internal rate of return of the dated flows with every fee (ACT/365)",
    ),
    "fee": Column("fee", MONEY, "paid up front"),
    "price_components": Column("price components", LIST, "the parts that add up to the contract rate"),
    "term_months": Column("term", COUNT, "months from drawdown to the last instalment"),
    "method": Column("repayment method", CODE, "equal instalments, or fitted to the season"),
    "schedule": Column("schedule", LIST, "every instalment: due date, principal, interest, total, balance"),
    "comparator": Column("comparator", LIST, "equal instalments of the same loan, to compare"),
    "forecast": Column(
        "forecast",
        LIST,
        "net sales of the coming months: P10, P50, P90 and a bad year, and what they rest on",
    ),
    "reasons": Column(
        "reasons", LIST, "code, feature, value, threshold and points, measured from the accept line"
    ),
    "raise_hints": Column(
        "what would raise it", LIST, "changes that would raise the limit, found by deciding again"
    ),
    "confidence": Column("confidence", SHARE, "how much of the card's evidence is known"),
    "sales_source": Column(
        "source of sales", CODE, "what the monthly sales were read from: orders or invoices"
    ),
    "model_version": Column("model", TEXT, "name and version of the model that scored"),
    "policy_hash": Column("policy hash", TEXT, "digest of the policy's text"),
    "lake_snapshot": Column("lake snapshot", TEXT, "the state of the lake that was read"),
    "capacity": Column(
        "capacity",
        LIST,
        "from a bad year's sales to the room for debt service: each step, measured or assumed",
    ),
    "left": Column(
        "left by month", LIST, "what the months leave for debt service, in a bad year and in a usual one"
    ),
    "lowest_coverage": Column(
        "lowest coverage",
        "ratio",
        "in a bad year, the smallest ratio of what a month has left to what is due",
    ),
    "alternatives": Column(
        "other ways of repaying", LIST, "interest and lowest coverage of the same loan repaid in other ways"
    ),
    "costs": Column("cost table", LIST, "every cost when all is paid as agreed, and on default"),
    "sweep": Column(
        "repayment from sales",
        LIST,
        "the same loan repaid from sales: the share withheld, and month by month the smallest amount and what a bad and "
        "a usual year pay",
    ),
    "ladder": Column("ladder", LIST, "the merchant's rung of the first-loan ladder, and the next one"),
    "season_input": Column(
        "input cost of the season",
        LIST,
        "for who sells in few months: crop, area in mu, cost of a mu, the share that may be owed, and the ceiling",
    ),
    "standing": Column(
        "how the shop stands",
        LIST,
        "months of sales that are known, months since the last sale, the probability that it still trades, and an average "
        "month as it sells now and over all these months, season apart",
    ),
    "schema_version": Column("schema version", COUNT, "of the decision document"),
}
"""The columns of decisions.parquet."""

SHEET_COLUMNS: dict[str, Column] = {
    "total_interest": Column("interest in all", MONEY, "interest over the whole term"),
    "season_extra": Column(
        "cost of the season", MONEY, "interest above that of equal instalments; what fitting the season costs"
    ),
    "binding": Column("binding ceiling", CODE, "the ceiling that holds the limit"),
    "sales_p10": Column(
        "sales, 12 months, P10", MONEY, "cautious forecast of net sales, summed over the months"
    ),
    "sales_p50": Column(
        "sales, 12 months, P50", MONEY, "middle forecast of net sales, summed over the months"
    ),
    "sales_p90": Column(
        "sales, 12 months, P90", MONEY, "hopeful forecast of net sales, summed over the months"
    ),
    "forecast_basis": Column(
        "basis of the forecast",
        CODE,
        "how much history the season was read from, and which merchants like it",
    ),
    "main_reason": Column("main reason", TEXT, "what stands against the merchant first, in words"),
    "kind": Column("kind of reason", CODE, "check or rule of the policy, or item of the card"),
    "code": Column("code", CODE, "the reason's code"),
    "demands": Column("demands", CODE, "the decision that the check or rule demands"),
    "feature": Column("feature", TEXT, "the feature that the reason rests on"),
    "value": Column(
        "value", "in the feature's unit", "the feature's value; money in major units, shares as fractions"
    ),
    "threshold": Column(
        "threshold", "in the feature's unit", "from here it would no longer count against the merchant"
    ),
    "points": Column(
        "points", POINTS, "added to (+) or taken from (-) the score, measured from the accept line"
    ),
    "reason": Column("reason in words", TEXT, "the reason as a sentence"),
    "cost": Column("item of cost", TEXT, "a line of the cost table; nothing else is charged"),
    "due_when": Column("when it is due", CODE, "when all is paid as agreed, or only on default"),
    "cost_amount": Column(
        "amount", MONEY, "over the term when all is paid as agreed; empty where it depends on what happens"
    ),
    "cost_rate": Column("rate", SHARE, "a year; of the principal for what is paid up front"),
    "payee": Column("payee", TEXT, "who receives it; who pays it, for a subsidy"),
}
"""Columns that only the workbook has."""

COLUMNS = DECISION_COLUMNS | SHEET_COLUMNS
"""Every column by name."""
