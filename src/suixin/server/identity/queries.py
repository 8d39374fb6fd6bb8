"""Questions about organisations that come before one is chosen."""

from suixin.errors import TenancyError
from suixin.server import tenancy
from suixin.server.identity.models import Organisation


def organisation_of(code: str) -> Organisation:
    """The organisation of this code.

    Raises:
        TenancyError: there is none.
    """
    with tenancy.directory("suixin.operator", "on"):
        found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise TenancyError(f"there is no organisation {code!r}")
    return found
