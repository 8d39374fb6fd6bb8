"""A decision in a few sentences to the merchant, and each reason in one sentence for the officer."""

from collections.abc import Iterator
from itertools import islice

from suixin.reporting.wording import Words, words
from suixin.underwriting.decision import Decision, Outcome, Reason

LOW = "check.limit_below_minimum"
OF_SCORE = frozenset({"check.score_below_refer", "check.score_below_approve"})
MOST_REASONS = (
    4  # as many as a notice of refusal usually names (Regulation B, 12 CFR 1002.9, comment 9(b)(2)-1)
)

OPENING = {
    Outcome.APPROVE: "You can draw up to {limit}, at {rate} a year and {cost} with every fee.",
    Outcome.REFER: "An officer will look at your application before it is decided.",
    Outcome.DECLINE: "We cannot lend to you now.",
}
AGAINST = "What counts against you most:"
NO_LONGER = {
    False: "{reason}; from {threshold} on it would no longer count against you",
    True: "{reason}; below {threshold} it would no longer count against you",
}
"""By whether less of it is better."""
HELP = "What would raise your limit, each by itself (the sums do not add up):"
RIGHTS = "You may ask for these figures, object to one that is wrong, and ask that a person decides."
OFFICER = "{reason}: {points} points against the accept line"
OFFICER_OUT = {
    False: "{reason}: {points} points against the accept line; nil from {threshold} on",
    True: "{reason}: {points} points against the accept line; nil below {threshold}",
}
LOW_FOR_DEBT = "other loans ask for {service} over the term; in a bad year {left} is left for all loans"
LOW_FOR_ROOM = "in a bad year {left} is left for repaying loans over the term"
LOW_FOR_CEILING = "what holds the limit: {ceiling}"
LOW_FOR_OWED = "{debt} owed already comes off the limit"
"""Why a limit is too low."""

LOW_FOR_DEBT_TOGETHER = "other loans of your household, those of its other shops with them, leave too little: in a bad year {left} is left for all loans"
LOW_FOR_OWED_TOGETHER = "what your household owes already, its other shops with it, comes off the limit"
TOGETHER = "{label}: what other shops of your household owe counts too, so the figure is not named here"
TOGETHER_VALUE = "with other shops of your household"
"""The same where others of the household owe: a sum would tell one of them what another owes."""

OF_HOUSEHOLD = frozenset(
    {"household_debt", "monthly_debt_service", "debt_service_months", "lenders", "debt_to_sales"}
)
"""Features that sum what all shops of a household owe."""


def letter(decision: Decision, lang: str) -> str:
    """What the merchant is told: plain words, no points, no name of a model."""
    say = words(lang)
    lines = [_opening(decision, say)]
    told = against(decision, say)
    if decision.outcome is not Outcome.APPROVE and told:
        lines += ["", say.text(AGAINST), *(f"- {sentence}" for sentence in told)]
    if hints := hints_to_merchant(decision, say):
        lines += ["", say.text(HELP), *(f"- {hint}" for hint in hints)]
    return "\n".join([*lines, "", say.text(RIGHTS)])


def against(decision: Decision, say: Words, *, scored: bool = True) -> list[str]:
    """What counts against a merchant most, as many sentences as a notice names; what is unknown counts for nobody.

    Without `scored` nothing says how many points there were: what cost them is named instead, and where nothing else is,
    that they were too few (that alone is no reason: Regulation B, 12 CFR 1002.9(b)(2)).
    """
    points = _rests_on_points(decision)
    found = [
        reason
        for reason in decision.reasons
        if reason.outcome or (points and reason.points < 0 and reason.value is not None)
    ]
    if not scored:
        named = [reason for reason in found if reason.code not in OF_SCORE]
        if not named:
            return [say.reason_label(reason.code, reason.feature) for reason in found]
        found = named
    told = (sentence for reason in found for sentence in _sentences(reason, decision, say))
    return list(islice(told, MOST_REASONS))


def _rests_on_points(decision: Decision) -> bool:
    """Whether the items of the card led to the outcome: by the score, or by the multiple that its grade allows."""
    if decision.outcome is Outcome.APPROVE:
        return True
    held = any(part.binding and part.name == "sales_multiple" for part in decision.limit_components)
    checks = {reason.code for reason in decision.reasons if reason.outcome}
    return bool(checks & OF_SCORE) or (held and LOW in checks)


def _sentences(reason: Reason, decision: Decision, say: Words) -> Iterator[str]:
    """A reason for the merchant, and where the limit is too low why it is."""
    yield to_merchant(reason, decision, say)
    if reason.code == LOW:
        yield from _why_low(decision, say)


def _why_low(decision: Decision, say: Words) -> Iterator[str]:
    def money(minor: int) -> str:
        return say.money(minor, decision.currency)

    held = next((part.name for part in decision.limit_components if part.binding), "")
    if held and held != "repayment_capacity":
        yield say.text(LOW_FOR_CEILING, ceiling=say.limit_component(held))
        owed = next(
            (-part.amount_fen for part in decision.limit_components if part.name == "existing_debt"), 0
        )
        if owed:
            yield say.text(LOW_FOR_OWED_TOGETHER if _together(decision) else LOW_FOR_OWED, debt=money(owed))
        return
    if why := say.standing(decision.forecast.standing, decision.currency, told=True):
        yield why
    amounts = {part.name: part.amount_fen for part in decision.capacity}
    left = amounts.get("margin", 0) + amounts.get("living", 0)
    if service := -amounts.get("debt_service", 0):
        because = LOW_FOR_DEBT_TOGETHER if _together(decision) else LOW_FOR_DEBT
        yield say.text(because, service=money(service), left=money(left))
    elif amounts:
        yield say.text(LOW_FOR_ROOM, left=money(left))


def to_merchant(reason: Reason, decision: Decision, say: Words) -> str:
    """One reason for the merchant."""
    if reason.feature in OF_HOUSEHOLD and _together(decision):
        return say.text(TOGETHER, label=say.reason_label(reason.code, reason.feature))
    told = say.reason(reason, decision.currency)
    if reason.outcome or reason.threshold is None or reason.points >= 0:
        return told
    bound = say.value(reason.feature, reason.threshold, decision.currency)
    return say.text(NO_LONGER[_less_is_better(reason)], reason=told, threshold=bound)


def hints_to_merchant(decision: Decision, say: Words) -> list[str]:
    """What would raise the limit, as many hints as a notice names reasons."""
    told = (
        hint for hint in decision.raise_hints if not (hint.feature in OF_HOUSEHOLD and _together(decision))
    )
    return [say.hint(hint, decision.currency) for hint in islice(told, MOST_REASONS)]


def value_to_merchant(name: str, decision: Decision, say: Words) -> str:
    """A feature's value for the merchant; words in its place where it sums what others owe too."""
    if name in OF_HOUSEHOLD and _together(decision):
        return say.text(TOGETHER_VALUE)
    return say.value(name, decision.features.get(name), decision.currency)


def _together(decision: Decision) -> bool:
    """Whether other shops of the household owe too: known to the lender by their consent, and not this merchant's to hear."""
    return bool(decision.features.get("other_shops_owing"))


def to_officer(reason: Reason, decision: Decision, say: Words) -> str:
    """One reason for the officer, with its points."""
    told = say.reason(reason, decision.currency)
    if reason.outcome:
        return told
    points = f"{reason.points:+.1f}"
    if reason.threshold is None or reason.points >= 0:
        return say.text(OFFICER, reason=told, points=points)
    bound = say.value(reason.feature, reason.threshold, decision.currency)
    return say.text(OFFICER_OUT[_less_is_better(reason)], reason=told, points=points, threshold=bound)


def _less_is_better(reason: Reason) -> bool:
    """A value at the threshold lies in the worse band of what should be low, and in the better one of what should be high."""
    return reason.value is not None and reason.threshold is not None and reason.value >= reason.threshold


def _opening(decision: Decision, say: Words) -> str:
    terms = decision.terms
    if decision.outcome is not Outcome.APPROVE or terms is None:
        return say.text(OPENING[decision.outcome])
    return say.text(
        OPENING[Outcome.APPROVE],
        limit=say.money(decision.limit_fen, decision.currency),
        rate=say.rate(terms.annual_rate_ppm),
        cost=say.rate(terms.all_in_rate_ppm),
    )
