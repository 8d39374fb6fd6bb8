"""Organisations, users and memberships; programs that speak to the API, and their tokens."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

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

    objects: ClassVar[Any] = tenancy.OrganisationManager()
    directory: ClassVar[Any] = models.Manager()  # of all houses, for signing in alone

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta(tenancy.OrganisationModel.Meta):
        """Found by the organisation, too."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["organisation"], name="user_organisation")]

    def __str__(self) -> str:
        return self.username


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
