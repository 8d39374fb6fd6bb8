"""What keeps a house able to look after its people: two administrators at least, who hold no other role."""

from suixin.errors import ConflictError
from suixin.server import locks
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role


def keep_two(*, without: int) -> None:
    """Go on only if two administrators are left without this person; called inside the transaction that takes one away.

    Each needs the other's word, so a house with one of them could never again add anybody.

    Raises:
        ConflictError: fewer are left.
    """
    live = Membership.objects.filter(role=Role.ADMINISTRATOR, withdrawn_at=None, user__is_active=True)
    left = {one.user_id for one in locks.rows(live)} - {without}
    if len(left) < 2:
        raise ConflictError(
            "a house keeps two administrators, of whom each confirms the other; add another first"
        )


def keep_apart(user_id: int, role: Role) -> None:
    """Go on only if the person may hold this role beside those that are live.

    Raises:
        ConflictError: an administrator would hold another role: who gives roles has none in a case.
    """
    live = set(Membership.objects.filter(user_id=user_id, withdrawn_at=None).values_list("role", flat=True))
    if live - {role} and Role.ADMINISTRATOR in live | {role}:
        raise ConflictError("an administrator holds no other role: who gives roles has none in a case")
