"""The consents that an assessment reads under, and which of them a case lacks."""

from datetime import datetime

from suixin.errors import ConsentError
from suixin.server.origination.models import Application
from suixin.server.sharing.queries import verdict
from suixin.server.verification.log import by_file
from suixin.sharing.check import WORDS, Why
from suixin.sharing.purposes import civil_date, purpose_on

TRADE, BUREAU = "P103", "P103B"
READS = {
    TRADE: ("merchants", "orders", "settlements", "shipments", "reviews", "refunds", "relations"),
    BUREAU: ("bureau",),
}
"""What an assessment reads, by the purpose under which the merchant consents to it."""
_UNASKED = frozenset({Why.NONE, Why.REJECTED, Why.LAPSED, Why.REQUESTED, Why.EXPIRED})
"""Where it is enough to say that the consent is missing."""


def missing(case: Application, at: datetime) -> dict[str, Why]:
    """Purpose -> why nothing may be read under it, in the order in which they are asked for.

    A query of the bureau that went out by a file needs no consent any more. An instant before the last change of a consent
    is left to the reading itself, which waits for its turn.
    """
    needed = [code for code in READS if code != BUREAU or not by_file([case.number])]
    found = {code: verdict(case.merchant_id, code, READS[code], at).why for code in needed}
    return {code: why for code, why in found.items() if why not in {None, Why.BEFORE_CHANGE}}


def require(case: Application, at: datetime) -> None:
    """Go on only if nothing is missing.

    Raises:
        ConsentError: it names every consent that is; `why` is that of the first.
    """
    if not (lacking := missing(case, at)):
        return
    day = civil_date(at)
    zh, en = [], []
    for code, why in lacking.items():
        purpose, words = purpose_on(code, day), WORDS[why]
        zh.append(purpose.zh if why in _UNASKED else f"{purpose.zh}（{words.zh}）")
        en.append(purpose.en if why in _UNASKED else f"{purpose.en} ({words.en})")
    raise ConsentError(
        f"without these consents application {case.number} cannot be assessed: {', '.join(en)}",
        str(next(iter(lacking.values()))),
        zh=f"还缺授权：{'、'.join(zh)}。授权齐全后才能评估",
    )
