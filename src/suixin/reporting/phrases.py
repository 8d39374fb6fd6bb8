"""The English words of every code that a decision carries; they are the msgids that the catalogue translates."""

from dataclasses import dataclass

from suixin.features.feature import Unit


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a check or a rule is worded.

    Attributes:
        label: what stands against the merchant, without figures.
        sentence: the same with `{value}` and `{bound}`.
        unit: of value and bound; '' for a score.
        feature: a rule's feature: another policy may give the same code to another feature, which these words
            would not fit.
    """

    label: str
    sentence: str
    unit: Unit | str
    feature: str = ""


RATE = "rate"
SCORE = "score"

CHECKS: dict[str, Phrase] = {
    "score_below_refer": Phrase(
        "score below the refer line", "the score of {value} is below the refer line of {bound}", SCORE
    ),
    "score_below_approve": Phrase(
        "score below the accept line", "the score of {value} is below the accept line of {bound}", SCORE
    ),
    "no_sales": Phrase("no sales in 12 months", "there were no sales in the last 12 months", SCORE),
    "thin_evidence": Phrase(
        "too little evidence",
        "only {value} of the evidence is known; the policy asks for {bound}",
        Unit.SHARE,
    ),
    "bureau_missing": Phrase("no credit bureau report", "there is no credit bureau report", SCORE),
    "bureau_stale": Phrase(
        "credit bureau report too old",
        "the credit bureau report is {value} old; the policy allows {bound}",
        Unit.DAYS,
    ),
    "limit_below_minimum": Phrase(
        "limit below the smallest loan",
        "the limit would be {value}, below the smallest loan of {bound}",
        Unit.MONEY,
    ),
    "price_above_cap": Phrase(
        "price above the cap", "the price would be {value}, above the cap of {bound}", RATE
    ),
    "default_cost_above_cap": Phrase(
        "cost of default above the cap",
        "an overdue loan would cost {value} a year, above the cap of {bound}",
        RATE,
    ),
}
"""Checks of `underwriting.decide`, by code without 'check.'."""

RULES: dict[str, Phrase] = {
    "too_young": Phrase(
        "trading for too short a time",
        "{value} since the first order; the policy asks for at least {bound}",
        Unit.DAYS,
        "genuine_trading_days",
    ),
    "stopped_selling": Phrase(
        "has stopped selling",
        "{value} without an order; the policy allows {bound}",
        Unit.DAYS,
        "genuine_days_since_order",
    ),
    "too_many_lenders": Phrase(
        "too many lenders", "loans from {value} lenders; the policy allows {bound}", Unit.COUNT, "lenders"
    ),
    "many_inquiries": Phrase(
        "many bureau inquiries",
        "lenders asked the bureau {value} times within 90 days; the policy allows {bound}",
        Unit.COUNT,
        "inquiries_90d",
    ),
    "debt_above_sales": Phrase(
        "debt too high for its sales",
        "the household owes {value} of a year's sales; the policy allows {bound}",
        Unit.SHARE,
        "debt_to_sales",
    ),
    "one_buyer": Phrase(
        "depends on one buyer",
        "{value} of sales go to one buyer; the policy allows {bound}",
        Unit.SHARE,
        "top_buyer_share",
    ),
    "self_dealing": Phrase(
        "sales that look self-made",
        "{value} of the year's sales look like bought by the seller himself; the policy allows {bound}",
        Unit.SHARE,
        "self_dealing_share_365d",
    ),
}
"""Rules of the shipped policies, by code without 'rule.'."""

GENERIC_RULE = "rule {code}: {label}"
GENERIC_ABOVE = "{label}: {value}, above the policy's bound of {bound}"
GENERIC_BELOW = "{label}: {value}, below the policy's bound of {bound}"
UNKNOWN = "unknown"
HINT_UP = "{label}: from {value} to {target} or more, and the limit rises by {gain}"
HINT_DOWN = "{label}: from {value} to below {target}, and the limit rises by {gain}"

OUTCOMES = {"approve": "approve", "refer": "refer", "decline": "decline"}
METHODS = {
    "equal_instalment": "equal instalments",
    "equal_principal": "equal principal",
    "interest_first": "interest first",
    "bullet": "bullet",
    "season": "season-fitted",
    "harvest": "season-fitted",
    "sweep": "from sales",
    "revolving": "revolving",
}
LIMIT_NAMES = {
    "product_cap": "product cap",
    "group_cap": "cap of the connected group",
    "ladder": "rung of the ladder",
    "sales_multiple": "multiple of monthly sales",
    "repayment_capacity": "repayment capacity, with what is owed already",
    "season_input": "input cost of the season",
    "existing_debt": "debt already owed",
    "limit": "limit",
}
PRICE_NAMES = {
    "funding": "funding",
    "operations": "operations",
    "expected_loss": "expected loss",
    "capital": "cost of capital",
    "margin": "margin",
    "tax": "tax",
    "ladder_discount": "discount of the ladder",
}
CAPACITY_NAMES = {
    "sales_bad_year": "sales in a bad year",
    "doubted_sales": "sales doubted beside self-dealing",
    "platform_fees": "fees of platforms",
    "freight": "freight",
    "cost_of_goods": "cost of goods",
    "produce_loss": "produce lost before the sale",
    "margin": "what selling leaves",
    "living": "living of the household",
    "debt_service": "service of other debts",
    "shortfall": "more than there is, counted as nothing",
    "available": "left for debt service",
    "debt_service_room": "room for this loan",
}
CAPACITY_BASES = {"measured": "measured", "assumed": "assumed"}
WHY_NOTES = {
    "unknown": "unknown, counted as 0",
    "declined": "by the sums; declined: nothing is offered",
}
"""What is said of a figure beside its amount, by `Step.note`."""

COST_NAMES = {
    "principal": "principal",
    "interest": "interest",
    "upfront_fee": "fee paid up front",
    "subsidy": "interest paid by the government",
    "all_in": "whole cost a year",
    "all_in_after_subsidy": "whole cost a year after the subsidy",
    "overdue_interest": "interest on what is overdue",
    "misuse_interest": "interest on what is used for another purpose",
}
COST_TIMES = {False: "as agreed", True: "only on default"}
"""By whether a cost is due only on default."""

BASES = {
    "own_years": "season read from its own years of sales",
    "own_and_peers": "season read from its own years and from {count} merchants like it ({group})",
    "peers": "history too short: season read from {count} merchants like it ({group})",
    "flat": "history too short to know the season, and too few merchants like it",
}
"""What a forecast rests on: the first part of `Forecast.basis`."""

STANDINGS = {
    "silent": (
        "{n} month without a sale: the shop still trades with a probability of {trades}, and the forecast counts on no more",
        "{n} months without a sale: the shop still trades with a probability of {trades}, and the forecast counts on no more",
    ),
    "fallen": (
        "sales have fallen: {level} in an average month now, {average} over the {n} months known; the forecast starts from now",
    )
    * 2,
    "grown": (
        "sales have grown: {level} in an average month now, {average} over the {n} months known; the forecast starts from now",
    )
    * 2,
}
"""How the shop stands, for the officer: `Standing.sign`, for one month and for many."""

STANDINGS_TOLD = {
    "silent": (
        "{n} month without a sale, so little can be counted on in the months to come",
        "{n} months without a sale, so little can be counted on in the months to come",
    ),
    "fallen": ("sales have fallen from {average} to {level} in an average month",) * 2,
}
"""The same for the merchant, where it keeps the limit low."""

PD_BASES = {"assumed": "assumed", "trained": "trained"}
DIMENSIONS = {
    "township": "township",
    "legal_form": "legal form",
    "annual_sales": "annual sales",
    "tenure": "years of trading",
    "borrowing": "borrowing",
}
"""By what merchants are grouped when two policies are compared."""

GROUPS = {
    "unknown": "unknown",
    "person": "person",
    "sole_trader": "sole trader",
    "enterprise": "enterprise",
    "coop": "co-op",
    "household": "household",
    "under 6 months": "under 6 months",
    "6 to 12 months": "6 to 12 months",
    "1 to 2 years": "1 to 2 years",
    "2 years or more": "2 years or more",
    "first-time borrower": "first-time borrower",
    "loans or debts known": "loans or debts known",
}
"""Groups that have a name of their own."""

SALES_SOURCES = {"orders": "orders", "invoices": "invoices", "cashflows": "account inflows", "": "none"}
ROUTES = {
    "merchant_export": "merchant's own export",
    "own_mall": "lender's own mall",
    "licensed_bureau": "licensed bureau",
    "cashflow_platform": "cash-flow platform",
    "tax_or_government": "tax or government",
    "public_research_set": "public research set",
    "simulation": "simulation",
}
FAMILIES = {
    "household": "household",
    "sales": "sales",
    "customers": "customers",
    "fulfilment": "fulfilment",
    "reviews": "reviews",
    "refunds": "refunds",
    "invoices": "invoices",
    "debts": "debts",
    "burden": "burden of debt",
    "integrity": "self-dealing",
    "products": "articles",
    "parcels": "parcels",
    "reach": "reach",
    "settlements": "settlements",
    "account": "account",
    "loans": "loans",
    "outcomes": "outcomes",
    "inquiries": "bureau inquiries",
    "relations": "relations",
    "group": "connected group",
    "weather": "weather",
    "market": "market price",
    "season": "season",
    "distance": "distance",
}
RUN_FACTS = {
    "as_of": "as of",
    "currency": "currency",
    "policy_name": "policy",
    "policy_version": "policy version",
    "policy_hash": "policy hash",
    "lake_snapshot": "lake snapshot",
    "model_version": "model",
    "zone": "time zone",
    "seconds": "seconds of computing",
}

UNIT_WORDS: dict[Unit, tuple[str, str]] = {
    Unit.DAYS: ("{n} day", "{n} days"),
    Unit.WEEKS: ("{n} week", "{n} weeks"),
    Unit.MONTHS: ("{n} month", "{n} months"),
    Unit.STARS: ("{n} star", "{n} stars"),
    Unit.KILOMETRES: ("{n} km", "{n} km"),
    Unit.DEGREES: ("{n} °C", "{n} °C"),
}
"""Singular and plural of a unit."""

COUNT_WORDS: dict[str, tuple[str, str]] = {
    "orders_90d": ("{n} order", "{n} orders"),
    "orders_365d": ("{n} order", "{n} orders"),
    "buyers_365d": ("{n} buyer", "{n} buyers"),
    "reviews_365d": ("{n} review", "{n} reviews"),
    "customers_365d": ("{n} customer firm", "{n} customer firms"),
    "suppliers_365d": ("{n} supplier firm", "{n} supplier firms"),
    "lenders": ("{n} lender", "{n} lenders"),
    "genuine_orders_90d": ("{n} order", "{n} orders"),
    "genuine_orders_365d": ("{n} order", "{n} orders"),
    "self_dealing_orders_365d": ("{n} order", "{n} orders"),
    "signs_checked": ("{n} kind of evidence", "{n} kinds of evidence"),
    "skus_365d": ("{n} article", "{n} articles"),
    "parcels_180d": ("{n} parcel", "{n} parcels"),
    "overdrawn_365d": ("{n} movement", "{n} movements"),
    "failed_debits_365d": ("{n} failed debit", "{n} failed debits"),
    "loans_taken": ("{n} loan", "{n} loans"),
    "loans_repaid": ("{n} loan", "{n} loans"),
    "group_loans": ("{n} loan", "{n} loans"),
    "past_defaults": ("{n} default", "{n} defaults"),
    "inquiries_90d": ("{n} inquiry", "{n} inquiries"),
    "inquirers_90d": ("{n} lender", "{n} lenders"),
    "unit_size": ("{n} party", "{n} parties"),
    "household_members": ("{n} person", "{n} people"),
    "other_shops_owing": ("{n} shop", "{n} shops"),
    "shared_contacts": ("{n} party", "{n} parties"),
    "guarantees": ("{n} tie", "{n} ties"),
    "coop_member": ("{n} membership", "{n} memberships"),
}
"""Singular and plural of what a count feature counts."""

SINGULAR: dict[str, str] = {
    "{value} orders in the last 90 days": "{value} order in the last 90 days",
    "{value} orders in the last 12 months": "{value} order in the last 12 months",
    "{value} different buyers in 12 months": "{value} buyer in 12 months",
    "{value} reviews in 12 months": "{value} review in 12 months",
    "{value} customer firms in 12 months": "{value} customer firm in 12 months",
    "{value} supplier firms in 12 months": "{value} supplier firm in 12 months",
    "{value} lenders": "{value} lender",
    "{value} people live of the household's income": "{value} person lives of the household's income",
    "{value} other shops of the household owe something": "{value} other shop of the household owes something",
    "without self-dealing: {value} orders in the last 90 days": "without self-dealing: {value} order in the last 90 days",
    "without self-dealing: {value} orders in the last 12 months": "without self-dealing: {value} order in the last 12 months",
    "{value} orders of the year look like bought by the seller himself": "{value} order of the year look like bought by the seller himself",
    "{value} kinds of evidence checked for self-dealing": "{value} kind of evidence checked for self-dealing",
    "{value} articles sold in 12 months": "{value} article sold in 12 months",
    "{value} parcels in 180 days": "{value} parcel in 180 days",
    "{value} movements left the account overdrawn": "{value} movement left the account overdrawn",
    "{value} failed debits in 12 months": "{value} failed debit in 12 months",
    "{value} loans taken so far": "{value} loan taken so far",
    "{value} loans repaid": "{value} loan repaid",
    "{value} past defaults on record": "{value} past default on record",
    "{value} inquiries at the bureau in 90 days": "{value} inquiry at the bureau in 90 days",
    "{value} lenders asked the bureau in 90 days": "{value} lender asked the bureau in 90 days",
    "{value} parties in one economic unit": "{value} party in one economic unit",
    "{value} other parties share a telephone, an address or an account": "{value} other party shares a telephone, an address or an account",
    "{value} ties of guarantee": "{value} tie of guarantee",
    "{value} memberships of a co-op": "{value} membership of a co-op",
    "{value} loans in the connected group": "{value} loan in the connected group",
    "loans from {value} lenders; the policy allows {bound}": "loans from {value} lender; the policy allows {bound}",
}
"""A sentence about many -> the sentence about one."""

SIGNED = frozenset(
    {
        "growth_4w_12w",
        "growth_yoy_90d",
        "genuine_growth_4w_12w",
        "genuine_growth_yoy_90d",
        "invoice_growth_yoy",
        "rain_anomaly_90d",
        "warmth_anomaly_30d",
        "price_change_yoy",
    }
)
"""Shares that are changes and are written with their sign."""
