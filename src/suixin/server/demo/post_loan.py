"""The Mondays of the demonstration's post-loan manager: look, close what is over, take the gravest of the others."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef

from suixin.server import tenancy
from suixin.server.demo.house import House
from suixin.server.watching.actions.close_alert import close_alert
from suixin.server.watching.actions.take_alert import take_alert
from suixin.server.watching.actions.watch import watch
from suixin.server.watching.models import Alert, Look

_PAID, _ELSE = "已电话联系，逾期已补还，恢复按期还款", "已了解原因，情况已好转"


def look(house: House, at: datetime, counts: Counter[str]) -> Look:
    """Look at the live loans."""
    made = watch(house.book, by=house.program, at=at)
    counts["alerts"] += made.counts["opened"]
    return made


def monday(house: House, at: datetime, counts: Counter[str]) -> None:
    """Look; close a taken alert whose condition is gone, and take the gravest on a loan that nobody works on."""
    made, by = look(house, at, counts), house.people["postloan"]
    with tenancy.within(house.organisation.pk):
        taken = Alert.objects.filter(state=Alert.State.TAKEN)
        over = taken.filter(seen_on__lt=made.day).order_by("id").first()
        waiting = Alert.objects.filter(
            ~Exists(taken.filter(loan=OuterRef("loan"))), state=Alert.State.OPEN, seen_on=made.day
        )
        new = waiting.order_by("-severity", "id").first()
    if over is not None:
        close_alert(over.pk, reason=_PAID if over.code == "repayment_late" else _ELSE, by=by, at=at)
    if new is not None:
        take_alert(new.pk, by=by, at=at)
