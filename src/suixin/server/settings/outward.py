"""The way out: which addresses of its own network the server may send webhooks to; those of the world it may."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network

from suixin.errors import UsageError


def networks() -> list[IPv4Network | IPv6Network]:
    """SUIXIN_WEBHOOK_NETWORKS: private networks that may be sent to, comma-separated, such as 10.20.0.0/16; none unless given.

    Raises:
        UsageError: one of them is no network.
    """
    given = os.environ.get("SUIXIN_WEBHOOK_NETWORKS", "")
    try:
        return [ip_network(part.strip()) for part in given.split(",") if part.strip()]
    except ValueError as error:
        raise UsageError(f"SUIXIN_WEBHOOK_NETWORKS: {error}; give networks such as 10.20.0.0/16") from error
