"""The words of a complaint, each in one place; the Chinese ones are the model's own labels."""

from suixin.server.complaints.models import Complaint
from suixin.server.pages.casewords import Said, labelled

STATES = labelled(Complaint.State, open=("to be answered", "warn"), answered=("answered", "good"))
KINDS = labelled(
    Complaint.Kind,
    data=("wrong data", ""),
    decision=("limit or decision", ""),
    price=("price and fees", ""),
    conduct=("service or collection", ""),
    privacy=("privacy and consents", ""),
    other=("something else", ""),
)
CHANNELS = labelled(
    Complaint.Channel,
    self=("the merchant's phone", ""),
    counter=("counter", ""),
    telephone=("telephone", ""),
    letter=("letter", ""),
)
OUTCOMES = labelled(
    Complaint.Outcome,
    upheld=("upheld", "bad"),
    partly=("upheld in part", "warn"),
    rejected=("not upheld", ""),
)
CAUSES = labelled(
    Complaint.Cause,
    data=("wrong data", ""),
    process=("the procedure", ""),
    people=("people", ""),
    terms=("terms of the product", ""),
    system=("the system", ""),
    none=("no fault", ""),
)
LATE = Said("超期", "past their day", "bad")
"""What is open after the day on which it was due."""
