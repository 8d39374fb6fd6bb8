"""The words of deliveries: states, routes, and what must hold between tables."""

from suixin.server import jobs
from suixin.server.intake import aside, connectors
from suixin.server.intake.models import RowOutcome
from suixin.server.intake.putting import ingest_mended
from suixin.server.pages.casewords import Said, labelled
from suixin.server.pages.templatetags.words import pair, spoken

CONNECTORS = {
    connectors.NEVER: Said("尚未交付", "nothing yet", "warn"),
    connectors.LATE: Said("超期未到", "late", "bad"),
    connectors.BAD: Said("隔离过多", "many bad rows", "bad"),
    connectors.FINE: Said("正常", "fine", "good"),
}
ROWS = {
    aside.OPEN: Said("待处理", "open", "warn"),
    aside.BEGUN: Said("提交中", "being put in", "warn"),
} | labelled(RowOutcome.Kind, mended=("mended", "good"), dismissed=("dismissed", "calm"))
ASIDE = {"yes": Said("仅有隔离行的", "with some")}
ROUTES = {
    "merchant_export": Said("商户自行导出", "merchant's own export"),
    "own_mall": Said("本行商城", "lender's own mall"),
    "licensed_bureau": Said("持牌征信机构", "licensed bureau"),
    "cashflow_platform": Said("资金流信用信息平台", "cash-flow platform"),
    "tax_or_government": Said("税务或政务", "tax or government"),
    "public_research_set": Said("公开研究数据", "public research set"),
    "simulation": Said("模拟数据", "simulation"),
}
BOOKS = {
    jobs.ON_TIME: Said("按时", "on time", "good"),
    jobs.OWN_DATE: Said("演示日期", "a demonstration's own date", "calm"),
    jobs.RUNNING: Said("日终进行中", "running", "calm"),
    jobs.LATE: Said("日终逾期", "late", "bad"),
    jobs.STOPPED: Said("需人工处理", "a person must look", "bad"),
}
ENDS = {
    "running": Said("未完成", "not finished", "calm"),
    "differs": Said("有差异", "with differences", "bad"),
    "done": Said("完成", "done", "good"),
}
"""Every state of `jobs.ENDS`."""
CONSISTENCY = {
    "items_sum": Said("明细合计与订单金额不符", "items that do not sum to their order"),
    "payments_sum": Said("付款与订单应付不符", "payments that do not sum to their order"),
    "settlement_net": Said(
        "结算净额不等于总额减费用退款", "settlements whose net is not gross less fees and refunds"
    ),
    "settled_more": Said("结算超过订单的商户", "merchants who were settled more than they sold"),
    "order_missing": Said("没有对应订单", "rows whose order is not there"),
    "paid_early": Said("付款早于下单", "paid before the order"),
    "shipped_early": Said("发货早于下单", "shipped before the order"),
    "reviewed_early": Said("评价早于下单", "reviewed before the order"),
    "refunded_more": Said("退款超过订单", "refunded more than the order"),
    "delivery_differs": Said("签收日与物流不符", "deliveries of which order and shipment disagree"),
    "invoice_total": Said("发票价税合计不符", "invoices whose total is wrong"),
    "balance_chain": Said("流水余额不连续", "balances that do not follow each other"),
    "debt_of_none": Said("无负债记录却有余额", "debts of those on record as owing nothing"),
    "unknown_region": Said("区划代码不存在", "regions that are not known"),
    "unknown_party": Said("经营主体不存在", "parties that are not known"),
}
"""Every rule of `suixin.lake.quality_rules`."""


def assumed(text: str) -> str:
    """What an ingest states that it assumed; a bank's own adapter is quoted as it speaks."""
    number = ingest_mended(text)
    if number is not None:
        return pair(f"人工修正：入库 {number} 隔离的行", text)
    return spoken().text(text)
