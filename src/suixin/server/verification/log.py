"""Questions about queries of the bureau: the log, an application's, what they hold for its assessment."""

from collections.abc import Iterable

from django.db.models import QuerySet

from suixin.errors import LendingError
from suixin.server.verification.models import BureauQuery


def written() -> QuerySet[BureauQuery]:
    """Every query with what was answered, or that it was given up, the latest first."""
    return BureauQuery.objects.select_related("report", "given_up").order_by("-id")


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
