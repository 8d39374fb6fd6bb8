"""The chart of accounts: a lender's own books, what it settles through, and what it holds for others.

Codes are those of the accounting standards for business enterprises (企业会计准则——应用指南, 财会〔2006〕18号, appendix;
the interest of loans in 1132 and impairment in 6702 since 财会〔2018〕36号), with two digits of our own behind the dot.
A lender that keeps other codes maps these; nothing but this table knows them.
"""

from dataclasses import dataclass
from enum import StrEnum

from suixin.errors import UsageError


class Kind(StrEnum):
    """On which side of the books an account stands."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    MEMO = "memo"  # 表外: claims that are owed but not on the balance sheet; every memo entry has its contra


@dataclass(frozen=True, slots=True)
class Account:
    """One account: code, its name for an auditor's tool, and its names in words."""

    code: str
    kind: Kind
    path: str  # below the root of its kind, in the words of plain-text accounting
    zh: str
    en: str


_ACCOUNTS = (
    Account("1002.01", Kind.ASSET, "Settlement", "结算资金", "settlement money"),
    Account("1132.01", Kind.ASSET, "Interest:Accrued", "应计利息", "interest accrued, not yet due"),
    Account("1132.02", Kind.ASSET, "Interest:Due", "应收利息", "interest due and unpaid"),
    Account("1132.03", Kind.ASSET, "Interest:Late", "应收罚息", "penalty interest receivable"),
    Account("1221.01", Kind.ASSET, "Fees", "应收费用", "fees receivable"),
    Account("1221.02", Kind.ASSET, "Subsidy", "应收财政贴息", "interest subsidy receivable"),
    Account("1303.01", Kind.ASSET, "Loans:Current", "贷款本金", "principal not yet due"),
    Account("1303.02", Kind.ASSET, "Loans:Overdue", "逾期贷款本金", "principal due and unpaid"),
    Account("1304.01", Kind.ASSET, "Loans:Allowance", "贷款损失准备", "allowance for expected credit loss"),
    Account("2241.01", Kind.LIABILITY, "Overpaid", "多收客户款", "overpayments held for borrowers"),
    Account("2241.02", Kind.LIABILITY, "Sweep", "待划回款", "swept sales not yet past their return window"),
    Account("6011.01", Kind.INCOME, "Interest", "利息收入", "interest income, penalty interest included"),
    Account("6021.01", Kind.INCOME, "Fees", "手续费收入", "fee income"),
    Account("6301.01", Kind.INCOME, "Recoveries", "已核销贷款收回", "recoveries of loans written off"),
    Account("6702.01", Kind.EXPENSE, "Impairment", "信用减值损失", "impairment loss"),
    Account("9001.01", Kind.MEMO, "Interest", "表外应收利息", "interest owed, taken off the balance sheet"),
    Account("9001.02", Kind.MEMO, "WrittenOff", "已核销债权", "claims written off and still owed"),
    Account("9009.01", Kind.MEMO, "Contra", "表外对应", "contra of the memo accounts"),
)

CHART = {account.code: account for account in _ACCOUNTS}


def account_of(code: str) -> Account:
    """Look an account up by its code.

    Raises:
        UsageError: the chart has no such account.
    """
    if code not in CHART:
        raise UsageError(f"account {code!r} is not in the chart; use one of {', '.join(CHART)}")
    return CHART[code]
