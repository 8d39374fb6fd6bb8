"""A decision in a few sentences to the merchant, and each reason in one sentence for the officer."""

from collections.abc import Iterator
from itertools import islice

from suixin.reporting.wording import Words, words
from suixin.underwriting.decision import Decision, Outcome, Reason

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
NO_LONGER = "{reason}; at {threshold} it would no longer count against you"
HELP = "What would raise your limit:"
RIGHTS = "You may ask for these figures, object to one that is wrong, and ask that a person decides."
OFFICER = "{reason}: {points} points against the accept line"
OFFICER_OUT = "{reason}: {points} points against the accept line; nil at {threshold}"


def letter(decision: Decision, lang: str) -> str:
    """What the merchant is told: plain words, no points, no name of a model."""
    say = words(lang)
    lines = [_opening(decision, say)]
    told = against(decision, say)
    if decision.outcome is not Outcome.APPROVE and told:
        lines += ["", say.text(AGAINST), *(f"- {sentence}" for sentence in told)]
    if decision.raise_hints:
        hints = [say.hint(hint, decision.currency) for hint in decision.raise_hints[:MOST_REASONS]]
        lines += ["", say.text(HELP), *(f"- {hint}" for hint in hints)]
    return "\n".join([*lines, "", say.text(RIGHTS)])


def against(decision: Decision, say: Words, *, scored: bool = True) -> list[str]:
    """What counts against a merchant most, as many sentences as a notice names; what is unknown counts for nobody.

    Without `scored` nothing says how many points there were: what cost them is named instead, and where nothing else is,
    that they were too few (that alone is no reason: Regulation B, 12 CFR 1002.9(b)(2)).
    """
    found = [
        reason
        for reason in decision.reasons
        if reason.outcome or (reason.points < 0 and reason.value is not None)
    ]
    if not scored:
        named = [reason for reason in found if reason.code not in OF_SCORE]
        if not named:
            return [say.reason_label(reason.code, reason.feature) for reason in found]
        found = named
    told = (sentence for reason in found for sentence in _sentences(reason, decision, say))
    return list(islice(told, MOST_REASONS))


def _sentences(reason: Reason, decision: Decision, say: Words) -> Iterator[str]:
    """A reason for the merchant, and why the limit is too low where the sales to come make it so."""
    yield to_merchant(reason, decision, say)
    held_by = next((part.name for part in decision.limit_components if part.binding), "")
    if reason.code == "check.limit_below_minimum" and held_by == "repayment_capacity":
        if why := say.standing(decision.forecast.standing, decision.currency, told=True):
            yield why


def to_merchant(reason: Reason, decision: Decision, say: Words) -> str:
    """One reason for the merchant."""
    told = say.reason(reason, decision.currency)
    if reason.outcome or reason.threshold is None or reason.points >= 0:
        return told
    return say.text(
        NO_LONGER, reason=told, threshold=say.value(reason.feature, reason.threshold, decision.currency)
    )


def to_officer(reason: Reason, decision: Decision, say: Words) -> str:
    """One reason for the officer, with its points."""
    told = say.reason(reason, decision.currency)
    if reason.outcome:
        return told
    points = f"{reason.points:+.1f}"
    if reason.threshold is None or reason.points >= 0:
        return say.text(OFFICER, reason=told, points=points)
    bound = say.value(reason.feature, reason.threshold, decision.currency)
    return say.text(OFFICER_OUT, reason=told, points=points, threshold=bound)


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
