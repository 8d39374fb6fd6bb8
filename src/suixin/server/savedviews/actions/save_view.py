"""Keep a list as one asks for it."""

from datetime import datetime

from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import User
from suixin.server.savedviews.models import MOST, NAME, SavedView
from suixin.server.savedviews.questions import kept

ACTION = "identity.view.save"


def save_view(user: User, page: str, name: str, question: str, *, by: Actor, at: datetime) -> SavedView:
    """Keep the question of a list under a name; a name that is taken is given the new question.

    Args:
        user: whose view it is.
        page: the name of the list's address.
        name: 1 to `NAME` characters.
        question: the end of the list's address; what was typed freely is left out.
        by: the same person.
        at: now.

    Raises:
        UsageError: no name, one that is too long, too long a question, or as many views of the list as one may keep.
        AccessError: it is another person's.
    """
    by.require_own(ACTION, user)
    called = " ".join(name.split())
    if not 1 <= len(called) <= NAME:
        raise UsageError(
            f"a view's name has 1 to {NAME} characters, not {len(called)}",
            zh=f"视图名称为 1 至 {NAME} 个字，现为 {len(called)} 个",
        )
    address = kept(question)
    with tenancy.within(by.organisation_id):
        locks.rows(User.objects.filter(pk=user.pk))
        mine = SavedView.objects.filter(user=user, page=page)
        held = mine.filter(name=called).first()
        if held is None and mine.count() >= MOST:
            raise UsageError(
                f"there are {MOST} views of this list already; remove one first",
                zh=f"此列表已保存 {MOST} 个视图，请先删除一个",
            )
        held = held or SavedView(user=user, page=page, name=called)
        held.question, held.saved_at = address, at
        held.save()
        record(by, ACTION, held, at=at)
        return held
