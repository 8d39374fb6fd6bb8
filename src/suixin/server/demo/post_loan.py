"""The Mondays of the demonstration's post-loan manager: look, close what is over or was seen to, take the gravest of the others."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from suixin.server import tenancy
from suixin.server.demo.house import House
from suixin.server.watching.actions.close_alert import close_alert
from suixin.server.watching.actions.take_alert import take_alert
from suixin.server.watching.actions.watch import watch
from suixin.server.watching.models import Alert, Look

_PAID, _ELSE = "已电话联系，逾期已补还，恢复按期还款", "已了解原因，情况已好转"
_AGREED, _SEEN_TO = (
    "已上门，借款人约定本月内补还，贷后继续跟进",
    "已电话了解：货压在手里，约定卖出后按期还款，继续观察",
)
_WORK = timedelta(days=14)


def look(house: House, at: datetime, counts: Counter[str]) -> Look:
    """Look at the live loans."""
    made = watch(house.book, by=house.program, at=at)
    counts["alerts"] += made.counts["opened"]
    return made


def monday(house: House, at: datetime, counts: Counter[str]) -> None:
    """Look; close a taken alert that is over or was worked on for two weeks; take the gravest on a loan without one."""
    made, by = look(house, at, counts), house.people["postloan"]
    with tenancy.within(house.organisation.pk):
        taken = Alert.objects.filter(state=Alert.State.TAKEN)
        over = (
            taken.filter(Q(seen_on__lt=made.day) | Q(taken_at__lte=at - _WORK))
            .order_by("taken_at", "id")
            .first()
        )
        waiting = Alert.objects.filter(
            ~Exists(taken.filter(loan=OuterRef("loan"))), state=Alert.State.OPEN, seen_on=made.day
        )
        new = waiting.order_by("-severity", "id").first()
    if over is not None:
        gone, late = over.seen_on < made.day, over.code == "repayment_late"
        reason = (_PAID if late else _ELSE) if gone else (_AGREED if late else _SEEN_TO)
        close_alert(over.pk, reason=reason, by=by, at=at)
    if new is not None:
        take_alert(new.pk, by=by, at=at)
