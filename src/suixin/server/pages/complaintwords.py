"""The words of a complaint, each in one place; the Chinese ones are the model's own labels."""

from django.db import models

from suixin.server.complaints.models import Complaint
from suixin.server.pages.casewords import Said


def _labelled(kind: type[models.TextChoices], **said: tuple[str, str]) -> dict[str, Said]:
    return {one.value: Said(str(one.label), *said[one.value]) for one in kind}


STATES = _labelled(Complaint.State, open=("to be answered", "warn"), answered=("answered", "good"))
KINDS = _labelled(
    Complaint.Kind,
    data=("wrong data", ""),
    decision=("limit or decision", ""),
    price=("price and fees", ""),
    conduct=("service or collection", ""),
    privacy=("privacy and consents", ""),
    other=("something else", ""),
)
CHANNELS = _labelled(
    Complaint.Channel,
    self=("the merchant's phone", ""),
    counter=("counter", ""),
    telephone=("telephone", ""),
    letter=("letter", ""),
)
OUTCOMES = _labelled(
    Complaint.Outcome,
    upheld=("upheld", "bad"),
    partly=("upheld in part", "warn"),
    rejected=("not upheld", ""),
)
CAUSES = _labelled(
    Complaint.Cause,
    data=("wrong data", ""),
    process=("the procedure", ""),
    people=("people", ""),
    terms=("terms of the product", ""),
    system=("the system", ""),
    none=("no fault", ""),
)
