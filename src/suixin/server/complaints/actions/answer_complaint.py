"""Answer a complaint: what it was, why it happened, and the words that the merchant reads."""

from dataclasses import dataclass
from datetime import datetime

from suixin.errors import ConflictError, UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.complaints.hands import hands_in
from suixin.server.complaints.models import WORDS, Complaint
from suixin.server.complaints.queries import locked
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries as ledger
from suixin.server.origination.desk import desk


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: an outcome and a cause of `Complaint`, and the words, kept verbatim."""

    outcome: str
    cause: str
    words: str


def answer_complaint(number: str, answer: Answer, *, by: Actor, at: datetime) -> Complaint:
    """Answer it, once; the same answer again changes nothing.

    Raises:
        UsageError: no such outcome or cause, no words, or no fault found in a complaint that is upheld.
        ConflictError: it was answered otherwise.
        AccessError: the actor may not, is a relative, or the complaint is about their own hands.
    """
    _judge(answer)
    with tenancy.within(by.organisation_id):
        held = locked(number)
        by.require("service.complaint.answer", held, hands_in(held))
        if not held.is_open:
            if (held.outcome, held.cause, held.answer) != (
                answer.outcome,
                answer.cause,
                answer.words.strip(),
            ):
                raise ConflictError(
                    f"complaint {number} is answered already, by {held.answered_by}",
                    zh=f"投诉 {number} 已由别人答复",
                )
            return held
        held.state, held.owner = Complaint.State.ANSWERED, held.owner or by.name
        held.outcome, held.cause, held.answer = answer.outcome, answer.cause, answer.words.strip()
        held.answered_by, held.answered_at = by.name, at
        held.answered_on = ledger.day_of(desk().book).business_on
        held.save()
        after = {"outcome": held.outcome, "cause": held.cause}
        record(by, "service.complaint.answer", held, before={"state": "open"}, after=after, at=at)
        return held


def _judge(answer: Answer) -> None:
    if answer.outcome not in Complaint.Outcome.values or answer.cause not in Complaint.Cause.values:
        raise UsageError("say what the complaint was, and why it happened", zh="请选择结论和根本原因")
    if not answer.words.strip() or len(answer.words) > WORDS:
        raise UsageError(
            f"the answer has {len(answer.words.strip())} characters; write 1 to {WORDS}",
            zh=f"答复有 {len(answer.words.strip())} 个字，请写 1 至 {WORDS} 个",
        )
    if answer.outcome == Complaint.Outcome.UPHELD and answer.cause == Complaint.Cause.NONE:
        raise UsageError("a complaint that is upheld has a cause; name it", zh="投诉成立的须写明根本原因")
