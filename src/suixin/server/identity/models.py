"""Organisations, users and memberships; programs that speak to the API, and their tokens."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.crypto import salted_hmac

from suixin.server import tenancy
from suixin.server.identity.roles import Kind, Role


class Organisation(models.Model):
    """A house with rows of its own: a bank, a merchant, a platform, a government, a guarantee fund, an insurer."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        """A kind is one of the kinds."""

        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="organisation_kind")
        ]

    def __str__(self) -> str:
        return self.code


class User(AbstractBaseUser, tenancy.OrganisationModel):
    """A person who signs in, employed by one organisation; memberships say what they are there and elsewhere."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    session_round = models.PositiveIntegerField(default=0)  # one more ends every session

    objects: ClassVar[Any] = tenancy.OrganisationManager()
    directory: ClassVar[Any] = models.Manager()  # of all houses, for signing in alone

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta(tenancy.OrganisationModel.Meta):
        """Found by the organisation, too."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["organisation"], name="user_organisation")]

    def __str__(self) -> str:
        return self.username

    def get_session_auth_hash(self) -> str:
        """What a session must hold to be this user's: it changes with the password and with the round."""
        return salted_hmac(
            "suixin.session", f"{self.session_round}:{self.password}", algorithm="sha256"
        ).hexdigest()


class Membership(tenancy.OrganisationModel):
    """A role that a person has within an organisation, from the day it was granted until it is withdrawn.

    `bound_to` is the merchant for whom alone an owner acts; nobody else is bound.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    bound_to = models.CharField(max_length=100, blank=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """One live membership a role."""

        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role"),
            models.CheckConstraint(
                condition=models.Q(role=Role.OWNER) | models.Q(bound_to=""), name="membership_bound"
            ),
            models.UniqueConstraint(
                fields=["organisation", "user", "role"],
                condition=models.Q(withdrawn_at=None),
                name="membership_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Client(tenancy.OrganisationModel):
    """A program that speaks to the API for an organisation, within the scopes that two administrators gave it."""

    never_deleted: ClassVar[bool] = True

    client_id = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)  # SHA-256 (hex) of its secret
    scopes = models.JSONField()
    route = models.CharField(max_length=30, blank=True)  # by which its data come; '' if it pushes none
    authorisation = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    requests_a_minute = models.IntegerField(null=True)  # None: as the house has it on the day
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """An id once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "client_id"], name="client_once"),
            models.CheckConstraint(
                condition=models.Q(requests_a_minute=None) | models.Q(requests_a_minute__gt=0),
                name="client_requests",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id


class Token(tenancy.OrganisationModel):
    """A token that a client was given, by its digest; it goes with the client, or after its few minutes."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64)  # SHA-256 (hex)
    scopes = models.JSONField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """Found by the digest."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="token_once")
        ]

    def __str__(self) -> str:
        return f"token of {self.client_id}"


class Usage(tenancy.OrganisationModel):
    """How often a client has asked in the minute in which it asked last."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="usage")
    minute = models.BigIntegerField()  # since 1970
    requests = models.IntegerField()

    class Meta(tenancy.OrganisationModel.Meta):
        """One a client."""

    def __str__(self) -> str:
        return f"{self.requests} in {self.minute}"


class SecondFactor(tenancy.OrganisationModel):
    """What a person's app and the server both know; it counts once a code of it has confirmed it."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="second_factor")
    secret = models.BinaryField(max_length=80)  # sealed by `suixin.server.identity.keys`
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # of the last code that was taken: none is taken twice

    class Meta(tenancy.OrganisationModel.Meta):
        """As the house's other rows."""

    def __str__(self) -> str:
        return f"{self.user_id}"


class RecoveryCode(tenancy.OrganisationModel):
    """One of the codes that stand in for a lost telephone, each once."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """A code is one person's once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


class Tries(models.Model):
    """Tries to sign in that failed, by account, by address, by person at the second step: counted for all workers alike.

    The key is a keyed digest: no name and no address stands here, not even one that is nobody's. A row is no
    organisation's, since nobody knows whose a name is before somebody has signed in.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        """Old ones are found by their time."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["last_at"], name="tries_last")]

    def __str__(self) -> str:
        return f"{self.failures}"
