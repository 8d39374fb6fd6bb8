"""Questions about second factors: who has one, who must have one, and the secret behind it."""

from django.conf import settings

from suixin.server.identity import keys
from suixin.server.identity.access import Actor
from suixin.server.identity.models import RecoveryCode, SecondFactor, User
from suixin.server.identity.roles import Role


def is_staff(actor: Actor) -> bool:
    """Whether somebody is more than a merchant for their own sake."""
    return bool(actor.roles - {Role.OWNER})


def must_have(actor: Actor) -> bool:
    """Whether this house lets somebody in with a second factor only; merchants are not asked."""
    return settings.SECOND_FACTOR_REQUIRED and is_staff(actor)


def factor_of(user: User) -> SecondFactor | None:
    """The person's second factor, confirmed or not."""
    found: SecondFactor | None = SecondFactor.objects.filter(user_id=user.pk).first()
    return found


def is_asked(user: User) -> bool:
    """Whether the person is asked for a code."""
    return SecondFactor.objects.filter(user_id=user.pk, confirmed_at__isnull=False).exists()


def secret_of(held: SecondFactor) -> bytes:
    """The secret that the app knows."""
    return keys.unseal(bytes(held.secret), f"user:{held.user_id}")


def codes_left(user: User) -> int:
    """How many recovery codes nobody has used."""
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()
