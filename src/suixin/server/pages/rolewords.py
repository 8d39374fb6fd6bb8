"""What the pages call the roles."""

from typing import NamedTuple

from suixin.server.identity.roles import Role


class Words(NamedTuple):
    """A role in both languages."""

    zh: str
    en: str


_EN = {
    Role.CUSTOMER_MANAGER: "customer manager",
    Role.REVIEWER: "reviewer",
    Role.APPROVER: "approver",
    Role.COMMITTEE: "committee",
    Role.DISBURSEMENT: "disbursement",
    Role.POST_LOAN: "post-loan",
    Role.COLLECTION: "collection",
    Role.MODEL_OWNER: "model owner",
    Role.VALIDATOR: "validator",
    Role.AUDITOR: "auditor",
    Role.VILLAGE_AGENT: "village agent",
    Role.ADMINISTRATOR: "administrator",
    Role.OWNER: "merchant",
    Role.OPERATOR: "platform operator",
    Role.OFFICIAL: "official",
    Role.FUND_MANAGER: "fund manager",
    Role.CLAIMS: "claims",
}
ROLES = {role: Words(str(role.label), _EN[role]) for role in Role}
"""Every role in words."""
