"""What keeps a house able to look after its people: two administrators at least, who hold no other role."""

from suixin.errors import ConflictError
from suixin.server import locks
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role


def stand_still() -> set[int]:
    """The ids of the administrators, none of whom is withdrawn by another until the transaction ends.

    Called before any other row is locked: two who end one another would wait for each other otherwise.
    """
    live = Membership.objects.filter(role=Role.ADMINISTRATOR, withdrawn_at=None)
    return {one.user_id for one in locks.rows(live)}


def keep_two(administrators: set[int], *, without: int) -> None:
    """Go on only if two administrators are left without this person.

    Each needs the other's word, so a house with one of them could never again add anybody.

    Raises:
        ConflictError: fewer are left.
    """
    if without in administrators and len(administrators) < 3:
        raise ConflictError(
            "a house keeps two administrators, of whom each confirms the other; add another first",
            zh="机构须保留两位管理员，互相复核；请先增加一位",
        )


def keep_apart(user_id: int, role: Role) -> None:
    """Go on only if the person may hold this role beside those that are live.

    Raises:
        ConflictError: an administrator would hold another role: who gives roles has none in a case.
    """
    live = set(Membership.objects.filter(user_id=user_id, withdrawn_at=None).values_list("role", flat=True))
    if live - {role} and Role.ADMINISTRATOR in live | {role}:
        raise ConflictError(
            "an administrator holds no other role: who gives roles has none in a case",
            zh="管理员不能兼任其他角色：授予角色的人不经办业务",
        )
