"""What of a list's address is kept with a view: its choices and columns, and nothing that somebody typed freely."""

from django.http import QueryDict

from suixin.errors import UsageError
from suixin.server.savedviews.models import QUESTION

PLACES = frozenset({"page", "before", "check"})
"""Where in a list one is, which is no part of what it shows."""
TYPED = frozenset({"text", "borrower", "actor", "object_id", "event"})
"""What is typed may be somebody's name or number; it is not kept beyond the search."""


def kept(question: str) -> str:
    """The part of a question, the end of a list's address, that is kept.

    Raises:
        UsageError: it is longer than is kept.
    """
    found = QueryDict(mutable=True)
    for name, values in QueryDict(question).lists():
        if name not in PLACES | TYPED:
            found.setlist(name, [value for value in values if value])
    address = found.urlencode()
    if len(address) > QUESTION:
        raise UsageError(
            f"the view's question has {len(address)} characters; at most {QUESTION} are kept",
            zh=f"查询条件有 {len(address)} 个字符，最多保存 {QUESTION} 个",
        )
    return address
