"""The words of early warning: a signal, what it measures, what is proposed, what a row of evidence tells."""

import math
from datetime import date
from typing import Any, NamedTuple

from suixin.calendar import day_to_date
from suixin.lake.tables import TABLES
from suixin.reporting import monitor_phrases as phrases
from suixin.scoring.watch.measures import MEASURES
from suixin.scoring.watch.rules import ACTIONS, SEVERITIES
from suixin.server.pages.casewords import Said
from suixin.server.pages.templatetags.words import exact, pair, spoken
from suixin.server.watching.models import Alert
from suixin.sharing.check import WORDS, Why

SEVERITY = {
    number: Said(zh, name, tone)
    for number, (name, zh, tone) in enumerate(
        zip(SEVERITIES, ("关注", "处置", "紧急"), ("calm", "warn", "bad"), strict=True), start=1
    )
}
STATES = {
    "open": Said("待处理", "open", "warn"),
    "taken": Said("处理中", "taken", "calm"),
    "closed": Said("已关闭", "closed", "good"),
}
_MEASURED = {
    "repayment_late": "最早一期未还款项的逾期天数",
    "cash_low": "90 天账户平均余额相当于几期还款",
    "sales_collapse": "两个月销售与农时应有水平之比，已剔除整个品类的下滑",
    "sales_falling": "十二个月销售与放款前十二个月之比",
    "shock": "整个品类或乡镇两个月销售与应有水平之比",
    "price_shock": "市场价格与去年同月相比",
    "weather_shock": "作物在田期间 90 天内霜冻或高温的天数",
    "settlements_stopped": "距平台上次结算的天数",
    "settled_short": "90 天结算额与真实销售之比",
    "payout_moved": "进入约定账户的结算款占比",
    "account_changed": "90 天内是否登记了另一个收款账户",
    "genuine_falling": "放款以来刷单占比的上升",
    "refund_surge": "放款以来退款占比的上升",
    "late_surge": "放款以来延迟揽收占比的上升",
    "reviews_falling": "放款以来差评占比的上升",
    "buyers_lost": "十二个月买家数与放款前十二个月之比",
    "purchases_drying": "十二个月进货开票额与放款前十二个月之比",
    "new_debts": "征信中比放款时多出的贷款机构数",
    "debt_burden": "每月还债额（含本笔）与每月净销售之比",
    "inquiries": "90 天内查询征信的贷款机构数",
}
_OWN = {"loans": Said("本行贷款", "own loan"), "due_fen": Said("未还的一期", "instalment that is open")}
_TABLES = {
    "orders": Said("订单", "order"),
    "settlements": Said("平台结算", "settlement"),
    "cashflows": Said("账户收支", "account movement"),
    "refunds": Said("退款", "refund"),
    "reviews": Said("评价", "review"),
    "invoices": Said("发票", "invoice"),
    "exposures": Said("征信负债", "debt at the bureau"),
    "inquiries": Said("征信查询", "bureau inquiry"),
}


class Evidence(NamedTuple):
    """A row of evidence as a page shows it."""

    table: str
    id: str
    day: date
    field: str
    value: str


def signal(code: str) -> str:
    """A signal in a few words."""
    return spoken().text(phrases.SIGNALS.get(code, code))


def measured(code: str) -> str:
    """What a signal measures."""
    return pair(_MEASURED.get(code, code), MEASURES.get(code, code))


def proposed(action: str) -> str:
    """What is proposed."""
    return spoken().text(ACTIONS.get(action, action))


def because(code: str) -> str:
    """Why the program closed an alert."""
    return spoken().text(phrases.CLOSED.get(code, code))


def value(row: Alert) -> str:
    """The measure of an alert when it last rose."""
    if row.value is None or math.isnan(row.value):
        return "–"
    unit = phrases.UNITS[row.code]
    if unit == phrases.RISE:
        return spoken().percent(row.value, signed=True)
    return spoken().measure(unit, row.value, "CNY")


def evidence(rows: list[list[Any]]) -> list[Evidence]:
    """Rows of evidence in words: where each stands, and what it tells."""
    return [_evidence(*row) for row in rows]


def _evidence(table: str, name: str, day: str, field: str, told: float | None) -> Evidence:
    where = _OWN.get(table) or _TABLES.get(table) or Said(table, table)
    return Evidence(
        pair(where.zh, where.en), name, date.fromisoformat(day), _field(table, field), _told(field, told)
    )


def _field(table: str, field: str) -> str:
    if field in _OWN:
        return pair(_OWN[field].zh, _OWN[field].en)
    stem = field.removesuffix("_fen")
    for column in TABLES[table].columns:
        if stem == column.name or field in column.stored:
            return pair(column.zh, column.en)
    return field


def _told(field: str, told: float | None) -> str:
    if told is None:
        return "–"
    if field.endswith("_fen"):
        return exact(round(told))
    if field.endswith("_day"):
        return spoken().date(day_to_date(round(told)))
    return f"{told:g}"


def unread(why: str) -> str:
    """Why a borrower was not read."""
    said = WORDS[Why(why)]
    return pair(said.zh, said.en)
