"""Every action that the audit log may name, `room.noun.verb`, in words; a name that is not here cannot be done."""

from typing import NamedTuple

from suixin.errors import UsageError


class Words(NamedTuple):
    """An action in both languages."""

    zh: str
    en: str


ACTIONS = {
    "audit.log.read": Words("查看审计日志", "read the audit log"),
    "audit.log.seal": Words("封存审计日志", "seal the audit log"),
    "identity.organisation.found": Words("设立机构", "found an organisation"),
    "identity.user.add": Words("新增用户", "add a user"),
    "identity.role.grant": Words("授予角色", "grant a role"),
    "identity.role.withdraw": Words("撤销角色", "withdraw a role"),
    "ledger.book.open": Words("开立账簿", "open a book"),
    "ledger.book.advance": Words("推进营业日期", "advance the business date"),
    "ledger.book.read": Words("查看账簿", "read a book"),
    "ledger.book.seal": Words("封存账簿", "seal a book"),
    "ledger.transaction.post": Words("记账", "post transactions"),
    "ledger.hold.place": Words("冻结", "place a hold"),
    "ledger.hold.void": Words("解除冻结", "void a hold"),
    "lending.case.investigate": Words("贷前调查", "investigate a case"),
    "lending.case.review": Words("审查", "review a case"),
    "lending.case.approve": Words("审批", "approve a case"),
    "lending.loan.disburse": Words("放款", "pay a loan out"),
    "lending.loan.watch": Words("贷后管理", "watch a loan"),
    "lending.loan.collect": Words("催收", "collect a loan"),
}


def known(action: str) -> str:
    """The action's name, if it is one.

    Raises:
        UsageError: it is none.
    """
    if action not in ACTIONS:
        raise UsageError(f"action {action!r} is not registered; add it to suixin.server.audit.registry")
    return action
