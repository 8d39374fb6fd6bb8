"""The menus, by role."""

from dataclasses import dataclass

from django.urls import reverse

from suixin.server.identity.roles import Role
from suixin.server.pages.door import STAFF


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu."""

    url: str
    zh: str
    en: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line that some roles see: the name of its address, and its words."""

    name: str
    zh: str
    en: str
    roles: frozenset[Role]


HOUSE = STAFF | {Role.MODEL_OWNER, Role.VILLAGE_AGENT}
"""Who works on cases, or looks at them."""
SCORES = HOUSE - {Role.VILLAGE_AGENT}
"""Who sees scores and decisions; a village agent sees the cases that they filed, and no score."""
HELPERS = frozenset({Role.CUSTOMER_MANAGER, Role.VILLAGE_AGENT})
"""Who helps people without a smartphone."""


def sees_scores(roles: frozenset[Role]) -> bool:
    """Whether scores, grades and what the policy says of a case are shown to these roles: on a page, in a list, a workbook."""
    return bool(roles & SCORES)


WATCHERS = STAFF - {Role.DISBURSEMENT}
"""Who sees early warnings, whose rows merchants gave for this alone; who may take and close them the actions say."""
POLICY = frozenset(
    {Role.MODEL_OWNER, Role.APPROVER, Role.COMMITTEE, Role.REVIEWER, Role.CUSTOMER_MANAGER, Role.AUDITOR}
)
"""Who reads the policy in force; who may change it the actions say."""

INTAKE = frozenset({Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR})
"""Who sees what is delivered to the lake; rows, and who may mend them, the pages and actions say."""

OUTSIDE = frozenset({Role.OFFICIAL, Role.FUND_MANAGER})
"""Who sees what was published, and no case."""

LINES = (
    Line("bank-home", "工作台", "Work", HOUSE),
    Line("bank-assisted", "协助办理", "Assisted", HELPERS),
    Line("bank-identities", "身份核验", "Identities", frozenset({Role.CUSTOMER_MANAGER, Role.AUDITOR})),
    Line("bank-bureau", "征信查询", "Bureau", frozenset({Role.CUSTOMER_MANAGER, Role.AUDITOR})),
    Line("bank-imports", "批量申请", "Import", frozenset({Role.CUSTOMER_MANAGER})),
    Line("bank-payouts", "待放款", "Pay out", frozenset({Role.DISBURSEMENT, Role.AUDITOR})),
    Line("bank-loans", "贷款台账", "Loans", STAFF),
    Line("bank-alerts", "贷后预警", "Alerts", WATCHERS),
    Line("bank-portfolio", "资产组合", "Portfolio", STAFF),
    Line("bank-disasters", "灾害延期", "Disaster relief", frozenset({Role.APPROVER, Role.COMMITTEE})),
    Line("bank-complaints", "投诉", "Complaints", STAFF | {Role.VILLAGE_AGENT}),
    Line("bank-report", "普惠报表", "Report", STAFF),
    Line("bank-regions", "区域发布", "Townships", frozenset({Role.APPROVER, Role.AUDITOR})),
    Line("bank-policy", "政策", "Policy", POLICY),
    Line("bank-people", "人员与角色", "People", frozenset({Role.ADMINISTRATOR, Role.AUDITOR})),
    Line("bank-sign-ins", "登录管理", "Sign-ins", frozenset({Role.ADMINISTRATOR})),
    Line("bank-webhooks", "事件推送", "Webhooks", frozenset({Role.ADMINISTRATOR, Role.AUDITOR})),
    Line("bank-log", "审计日志", "Audit log", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
    Line("platform-home", "数据接入", "Deliveries", INTAKE),
    Line("platform-ingests", "入库记录", "Ingests", INTAKE),
    Line("platform-jobs", "作业", "Jobs", frozenset({Role.ADMINISTRATOR, Role.AUDITOR})),
    Line("government-home", "区域地图", "County map", OUTSIDE),
)
"""Every line, in its order."""


def menu_of(roles: frozenset[Role], path: str) -> list[Item]:
    """The lines that these roles see; the one whose address begins the path longest is where one is."""
    seen = [(line, reverse(line.name)) for line in LINES if line.roles & roles]
    fits = [url for _, url in seen if path == url or path.startswith(f"{url.rstrip('/')}/")]
    here = max(fits, key=len, default="")
    return [Item(url, line.zh, line.en, url == here) for line, url in seen]
