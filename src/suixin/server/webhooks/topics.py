"""The topics: each kind of event that others may be told of, in words, with the data that it tells and no more.

Nothing here is a name, a telephone or an identity number; a merchant is the pseudonym of the lake. Version 1: a topic may be
given another field, and none is taken away or given another meaning; that would be version 2.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from suixin.money import currency_of, to_major
from suixin.server.outbox.actions.write import News

VERSION = 1


class Topic(NamedTuple):
    """A kind of event, in both languages, and what its data are."""

    zh: str
    en: str
    data: Mapping[str, str]


_LOAN = {"loan": "number of the loan", "merchant_id": "pseudonym of the borrower"}
_STANDS = {"principal": "left after it", "state": "of the loan after it"}
TOPICS: dict[str, Topic] = {
    "application.decided": Topic(
        "申请已决策",
        "an application was granted or declined",
        {
            "application": "number",
            "merchant_id": "pseudonym of the applicant",
            "outcome": "granted or declined",
            "granted": "the limit, null if declined",
            "annual_rate": "as a fraction, null if declined",
            "on": "business date",
        },
    ),
    "offer.signed": Topic(
        "合同已签署",
        "the merchant signed, and may draw",
        {
            "application": "number",
            "merchant_id": "pseudonym of the merchant",
            "facility": "number of the facility",
            "limit": "up to which is drawn",
            "on": "business date",
        },
    ),
    "loan.drawn": Topic(
        "贷款已发放",
        "money was paid out",
        _LOAN | {"key": "of the drawdown", "amount": "paid out", "on": "business date"} | _STANDS,
    ),
    "repayment.received": Topic(
        "收到还款",
        "a payment was taken in",
        _LOAN
        | {
            "key": "of the payment, as the statement has it",
            "amount": "that came",
            "source": "borrower, sweep ...",
            "on": "the day from which it counts",
        }
        | _STANDS,
    ),
    "repayment.taken_back": Topic(
        "还款已冲回",
        "a payment that was told had not come to stay",
        _LOAN | {"key": "of the payment that is no more", "on": "business date"} | _STANDS,
    ),
    "loan.repaid": Topic(
        "贷款已结清", "nothing is owed any more", _LOAN | {"on": "business date", "state": "of the loan"}
    ),
    "loan.changed": Topic(
        "贷款有变动",
        "something else happened to a loan: a fee, a refund, another rate, a renewal, a write-off",
        _LOAN | {"what": "name of the action", "on": "business date"} | _STANDS,
    ),
    "relief.granted": Topic(
        "已准予延期或变更",
        "a loan was given other terms",
        _LOAN | {"key": "of the relief", "on": "business date"},
    ),
    "settlement.split": Topic(
        "回款分账指令",
        "how a platform is to part a settlement whose return window is over",
        _LOAN
        | {
            "platform": "that settled",
            "shop": "pseudonym of the account",
            "settlement": "the platform's own name for it",
            "sales": "that were settled",
            "returned": "of them, since",
            "withheld": "goes to the lender",
            "left": "goes to the merchant",
            "on": "business date",
        },
    ),
    "alert.raised": Topic(
        "贷后预警",
        "an early warning was raised, or rose; for the lender's own systems alone",
        _LOAN
        | {"alert": "code of the signal", "severity": "1 watch, 2 act, 3 urgent", "on": "business date"},
    ),
    "consent.withdrawn": Topic(
        "同意已撤回",
        "a merchant withdrew a consent: stop using what came under it",
        {
            "consent": "its number",
            "merchant_id": "pseudonym of the merchant",
            "purpose": "P103, P104 ...",
        },
    ),
}
"""Every topic by its name."""


def news(topic: str, key: str, /, **data: Any) -> News:
    """A message of a topic.

    Args:
        topic: its name.
        key: tells it once.
        data: what the topic tells, all of it and nothing else.

    Raises:
        TypeError: it is none of these topics, or the data are not the topic's: a slip that would tell too much or too little.
    """
    wanted = TOPICS[topic].data.keys() if topic in TOPICS else set[str]()
    if data.keys() != wanted:
        raise TypeError(f"{topic} tells {sorted(wanted)}, not {sorted(data)}")
    return News(topic, key, data)


def sum_of(minor: int, currency: str) -> dict[str, str]:
    """A sum as events and the API tell it: major units in text, beside the currency."""
    return {"amount": str(to_major(minor, currency_of(currency))), "currency": currency}


def rate_of(ppm: int) -> str:
    """An annual rate as a fraction in text."""
    whole, _, decimals = f"{Decimal(ppm).scaleb(-6):f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"
