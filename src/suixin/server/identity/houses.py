"""Which roles the people of each kind of house have."""

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.identity.models import Organisation
from suixin.server.identity.roles import Kind, Role

_EVERY = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
_OF = {
    # Owners are enrolled at a bank; officials and funds read there what it has published.
    Kind.BANK: frozenset(Role),
    Kind.MERCHANT: frozenset({Role.OWNER}),
    Kind.PLATFORM: _EVERY | {Role.OPERATOR},
    Kind.GOVERNMENT: _EVERY | {Role.OFFICIAL},
    Kind.GUARANTEE_FUND: _EVERY | {Role.FUND_MANAGER},
    Kind.INSURER: _EVERY | {Role.CLAIMS},
}


def roles() -> frozenset[Role]:
    """The roles that people of the current organisation may have."""
    return _OF[Kind(Organisation.objects.get(pk=tenancy.current()).kind)]


def require(role: Role) -> None:
    """Go on only if the current organisation has people of this role.

    Raises:
        UsageError: it has none.
    """
    if role not in roles():
        raise UsageError(
            f"this organisation has no people of the role {role}", zh=f"本机构没有“{role.label}”这一角色"
        )
