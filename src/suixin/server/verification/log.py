"""Questions about queries of the bureau: the log, an application's, what they hold for its assessment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Prefetch, Q, QuerySet

from suixin.errors import LendingError
from suixin.server.days import between
from suixin.server.merchants.queries import whose
from suixin.server.verification.models import BureauQuery, BureauReport, ReportCorrection


def written() -> QuerySet[BureauQuery]:
    """Every query with what was answered and corrected, or that it was given up, the latest first."""
    corrections = Prefetch("report__corrections", ReportCorrection.objects.order_by("id"))
    rows = BureauQuery.objects.select_related("report", "given_up").prefetch_related(corrections)
    return rows.order_by("-id")


def standing_of(query: BureauQuery) -> BureauReport | ReportCorrection | None:
    """What holds of the answer to a query of `written`: its latest correction, else the report as it came."""
    report: BureauReport | None = getattr(query, "report", None)
    return correction_of(query) or report


def correction_of(query: BureauQuery) -> ReportCorrection | None:
    """The latest correction of the answer to a query of `written`."""
    report: BureauReport | None = getattr(query, "report", None)
    return None if report is None else next(reversed(report.corrections.all()), None)


def require_unchanged(merchant_id: str, number: str, made_at: datetime) -> None:
    """Go on only with a decision for which no report was corrected that it could read.

    Raises:
        LendingError: one was, and the application was not assessed anew since.
    """
    read = ReportCorrection.objects.filter(report__query__merchant_id=merchant_id, report__at__lte=made_at)
    last = read.filter(at__gt=made_at).select_related("report__query").order_by("-id").first()
    if last is not None:
        reference = last.report.query.reference
        raise LendingError(
            f"the bureau report of query {reference} was corrected after application {number} was assessed; have it assessed anew first",
            zh=f"申请 {number} 评估之后，查询 {reference} 的征信报告已更正；请先重新评估",
        )


class Answer(StrEnum):
    """What became of a query."""

    WAITING = "waiting"
    REPORT = "report"
    NONE = "none"  # the bureau knows of no report
    GIVEN_UP = "given_up"


def answer_of(query: BureauQuery) -> Answer:
    """What became of a query of `written`."""
    report = getattr(query, "report", None)
    if report is not None:
        return Answer.NONE if report.reported_on is None else Answer.REPORT
    return Answer.WAITING if getattr(query, "given_up", None) is None else Answer.GIVEN_UP


_ANSWERED = {
    Answer.WAITING: Q(report=None, given_up=None),
    Answer.REPORT: Q(report__reported_on__isnull=False),
    Answer.NONE: Q(report__isnull=False, report__reported_on=None),
    Answer.GIVEN_UP: Q(report=None, given_up__isnull=False),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the log; what is '' or None is not asked.

    Attributes:
        text: in the query's number, the application's number, the merchant's key or name.
        answer: of `Answer`.
        from_on, to_on: the day of the query, both included.
    """

    text: str = ""
    answer: str = ""
    from_on: date | None = None
    to_on: date | None = None


def found(wanted: Wanted) -> QuerySet[BureauQuery]:
    """The queries that are wanted, the latest first."""
    rows = written().filter(between("at", wanted.from_on, wanted.to_on))
    if wanted.answer:
        rows = rows.filter(_ANSWERED[Answer(wanted.answer)])
    if wanted.text:
        numbers = Q(reference__icontains=wanted.text) | Q(application__icontains=wanted.text)
        rows = rows.filter(whose(wanted.text) | numbers)
    return rows


def unanswered() -> QuerySet[BureauQuery]:
    """Of these the ones that went out by a file and wait for their answer."""
    return written().filter(by_file=True, report=None, given_up=None)


def of_application(number: str) -> list[BureauQuery]:
    """The queries of an application, the latest first."""
    return list(written().filter(application=number))


def answered_by_file(number: str) -> bool:
    """Whether the bureau has answered an application's query by a file, so that none is left to be made.

    A query that was given up is as if it had not been made; another one takes another consent.

    Raises:
        LendingError: it was asked, and has not answered yet.
    """
    last = written().filter(application=number, by_file=True, given_up=None).first()
    if last is None:
        return False
    if getattr(last, "report", None) is None:
        raise LendingError(
            f"the bureau has not answered query {last.reference} of application {number} yet; import its answer first, or give it up",
            zh=f"征信机构尚未答复申请 {number} 的查询 {last.reference}；请先导入答复，或放弃这次查询",
        )
    return True


def by_file(numbers: Iterable[str]) -> dict[str, bool]:
    """Of these applications those that were asked about by a file -> whether the answer is there; what was given up is none."""
    found = BureauQuery.objects.filter(application__in=list(numbers), by_file=True, given_up=None).order_by(
        "id"
    )
    return {number: key is not None for number, key in found.values_list("application", "report__pk")}
