"""The English words of the watch; they are the msgids that the catalogue translates."""

from suixin.features.feature import Unit
from suixin.scoring.watch.found import SAME_SEASON, SAMPLE

SEVERITIES = {"watch": "watch", "act": "act", "urgent": "urgent"}

AGAINST = {
    SAME_SEASON: "the same month a year ago",
    SAMPLE: "the training sample",
    "": "nothing to compare with",
}

GRADES = {
    "ok": "steady",
    "watch": "moved",
    "bad": "moved far",
    "unknown": "unknown",
    "too_low": "predicted too low",
    "too_high": "predicted too high",
}

PERIODS = {"1w": "week", "1mo": "month", "1q": "quarter"}

SHOCKS = {"crop": "crop", "township": "township"}

CLOSED = {
    "condition_gone": "condition gone",
    "loan_closed": "loan paid off",
    "defaulted": "in default",
    "no_longer_watched": "no longer watched",
}

SIGNALS = {
    "repayment_late": "instalment past due",
    "cash_low": "account nearly empty",
    "sales_collapse": "sales far below the season",
    "sales_falling": "sales below those at the grant",
    "shock": "the whole crop or township sells less",
    "price_shock": "market price fell",
    "weather_shock": "frost or great heat on the crop",
    "settlements_stopped": "platform pay-outs stopped",
    "settled_short": "pay-outs fall short of sales",
    "payout_moved": "pay-outs no longer reach the account",
    "account_changed": "another account to be paid out to",
    "genuine_falling": "self-dealing rose",
    "refund_surge": "refunds rose",
    "late_surge": "late hand-overs rose",
    "reviews_falling": "bad reviews rose",
    "buyers_lost": "buyers lost",
    "purchases_drying": "purchases dry up",
    "new_debts": "new lenders at the bureau",
    "debt_burden": "debt service heavy against sales",
    "inquiries": "lenders ask the bureau",
}
"""Every signal in a few words."""

INDEX, RISE = "index", "rise"
UNITS: dict[str, str] = {
    "repayment_late": Unit.DAYS,
    "cash_low": INDEX,
    "sales_collapse": Unit.SHARE,
    "sales_falling": Unit.SHARE,
    "shock": Unit.SHARE,
    "price_shock": RISE,
    "weather_shock": Unit.DAYS,
    "settlements_stopped": Unit.DAYS,
    "settled_short": Unit.SHARE,
    "payout_moved": Unit.SHARE,
    "account_changed": INDEX,
    "genuine_falling": RISE,
    "refund_surge": RISE,
    "late_surge": RISE,
    "reviews_falling": RISE,
    "buyers_lost": Unit.SHARE,
    "purchases_drying": Unit.SHARE,
    "new_debts": INDEX,
    "debt_burden": Unit.SHARE,
    "inquiries": INDEX,
}
"""How each measure is written: a unit, or 'rise' for a share with its sign."""
