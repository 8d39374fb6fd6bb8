"""An alert in somebody's hands: locked, and kept from the borrower's relatives."""

from suixin.errors import LendingError
from suixin.server import locks
from suixin.server.identity.access import Hands
from suixin.server.servicing import hands
from suixin.server.watching.models import Alert


def locked(number: int) -> Alert:
    """An alert, locked until the transaction ends.

    Raises:
        LendingError: there is none of that number.
    """
    rows = locks.rows(Alert.objects.filter(pk=number).select_related("book"))
    if not rows:
        raise LendingError(f"there is no alert {number}", zh="没有这条预警")
    return rows[0]


def of(row: Alert) -> Hands:
    """Who is barred from it."""
    return hands.of([row.borrower])
