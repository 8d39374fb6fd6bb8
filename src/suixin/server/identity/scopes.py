"""What a client of the API may be given: each scope opens some addresses, and grants no more actions than they need."""

from collections.abc import Iterable

from django.db import models


class Scope(models.TextChoices):
    """What a token is good for."""

    DATA_WRITE = "data:write", "推送数据表"
    APPLICATIONS_READ = "applications:read", "查看申请与决策"
    APPLICATIONS_WRITE = "applications:write", "提交申请、提请评估"
    LOANS_READ = "loans:read", "查看贷款、计划、还款与对账单"
    REPAYMENTS_WRITE = "repayments:write", "登记还款"
    SETTLEMENTS_WRITE = "settlements:write", "登记平台回款"
    PORTFOLIO_READ = "portfolio:read", "查看资产组合"


WORDS = {
    Scope.DATA_WRITE: "push rows of the standard tables into the lake",
    Scope.APPLICATIONS_READ: "read applications, decisions and their reasons",
    Scope.APPLICATIONS_WRITE: "file applications and have them assessed",
    Scope.LOANS_READ: "read loans, schedules, repayments, settlements and statements",
    Scope.REPAYMENTS_WRITE: "take in repayments",
    Scope.SETTLEMENTS_WRITE: "take in settlements of a platform's sales",
    Scope.PORTFOLIO_READ: "read the portfolio",
}
"""Each scope in English."""

GRANTS: dict[Scope, frozenset[str]] = {
    Scope.DATA_WRITE: frozenset({"data.table.push"}),
    Scope.APPLICATIONS_READ: frozenset({"ledger.book.read"}),
    Scope.APPLICATIONS_WRITE: frozenset({"lending.case.file", "lending.case.have_assessed"}),
    Scope.LOANS_READ: frozenset({"ledger.book.read"}),
    Scope.REPAYMENTS_WRITE: frozenset({"lending.payment.receive"}),
    Scope.SETTLEMENTS_WRITE: frozenset({"lending.sweep.settle"}),
    Scope.PORTFOLIO_READ: frozenset({"ledger.book.read"}),
}
"""What each scope grants; nothing here decides about anybody, pays out, or needs a second person's word."""


def granted(scopes: Iterable[Scope]) -> frozenset[str]:
    """The actions of some scopes together."""
    return frozenset[str]().union(*(GRANTS[scope] for scope in scopes))
