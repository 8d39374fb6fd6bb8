"""Organisations, users and memberships."""

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
