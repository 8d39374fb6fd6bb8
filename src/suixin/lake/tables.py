"""The data standard: the contract of every standard table.

Read as a document, top to bottom: parties and merchants, then what merchants do (orders to cash flows),
then credit, then the world around them. The docs' data dictionary is made from this module.
"""

from functools import partial

from suixin.errors import UsageError
from suixin.lake.contract import Column, Kind, Table

ABSURD_AMOUNT = 1_000_000_000  # major units in one row: no order, invoice or loan of this book is that large

_id = partial(Column, kind=Kind.ID)
_code = partial(Column, kind=Kind.CODE)
_text = partial(Column, kind=Kind.TEXT, required=False)
_money = partial(Column, kind=Kind.MONEY, low=0, high=ABSURD_AMOUNT)
_signed = partial(Column, kind=Kind.MONEY, low=-ABSURD_AMOUNT, high=ABSURD_AMOUNT)
_count = partial(Column, kind=Kind.COUNT, low=0)
_number = partial(Column, kind=Kind.NUMBER)
_flag = partial(Column, kind=Kind.FLAG)
_date = partial(Column, kind=Kind.DATE)
_instant = partial(Column, kind=Kind.INSTANT)


def _late(name: str, zh: str, en: str, kind: Kind = Kind.INSTANT) -> Column:
    """A date or instant that is filled in when it happens, so it is its own known-at."""
    return Column(name, kind, zh, en, required=False, known_at=name)


_MERCHANT = _id("merchant_id", zh="商户编号", en="merchant")
_ORDER = _id("order_id", zh="订单编号", en="order")
_KNOWN_MERCHANT = ("merchant_id", "merchants", "merchant_id")

PARTIES = Table(
    "parties",
    zh="当事人：自然人、个体工商户、企业、合作社或农户，以假名标识",
    en="a person, sole trader, enterprise, co-op or household, under a keyed pseudonym",
    columns=(
        _id("party_id", zh="当事人假名", en="pseudonym of the party"),
        _code(
            "kind",
            zh="类别",
            en="kind of party",
            choices=("person", "sole_trader", "enterprise", "coop", "household"),
        ),
        _code("region_code", zh="村级区划代码", en="village code", required=False),
        _count(
            "members", zh="家庭人口", en="members of the household", required=False, unit="person", high=50
        ),
        _date("registered_on", zh="登记日期", en="day of registration"),
    ),
    key=("party_id",),
    happened="registered_on",
    per_merchant=False,
)

IDENTITIES = Table(
    "identities",
    zh="当事人的直接身份信息：只存于此表，不进入任何其他表",
    en="the direct identifiers of a party: held here and in no other table",
    columns=(
        _id("party_id", zh="当事人假名", en="pseudonym of the party"),
        _text("name", zh="姓名或名称", en="name"),
        _text("id_number", zh="证件号码", en="number of the identity document"),
        _text("phone", zh="电话", en="telephone"),
        _text("address", zh="地址", en="address"),
        _text("account", zh="收款账号", en="bank account"),
        _date("recorded_on", zh="登记日期", en="day on which they were recorded"),
    ),
    key=("party_id",),
    happened="recorded_on",
    per_merchant=False,
)

RELATIONS = Table(
    "relations",
    zh="当事人之间的关系",
    en="a tie between two parties",
    columns=(
        _id("party_id", zh="当事人", en="party"),
        _id("other_party_id", zh="相关当事人", en="related party"),
        _code(
            "kind",
            zh="关系",
            en="kind of tie",
            choices=(
                "spouse",
                "household",
                "legal_rep",
                "shareholder",
                "guarantor_of",
                "member_of",
                "supplier",
                "shared_phone",
                "shared_address",
                "shared_account",
            ),
        ),
        _date("since_on", zh="起始日", en="first day of the tie"),
        _late("ended_on", zh="终止日", en="last day of the tie", kind=Kind.DATE),
    ),
    key=("party_id", "other_party_id", "kind"),
    happened="since_on",
    per_merchant=False,
    in_order=(("since_on", "ended_on"),),
)

MERCHANTS = Table(
    "merchants",
    zh="商户：一个经营主体在平台上的店",
    en="a merchant: one business and its shops",
    columns=(
        _MERCHANT,
        _id("party_id", zh="经营主体", en="party that runs it", required=False),
        _code("region_code", zh="所在村区划代码", en="village code", required=False),
        _code(
            "legal_form",
            zh="组织形式",
            en="legal form",
            choices=("person", "sole_trader", "enterprise", "coop", "household"),
            required=False,
        ),
        _code("crop", zh="主营农产品", en="main crop or product", required=False),
        _number(
            "area_mu",
            zh="种植面积（亩）",
            en="cultivated area of the main crop; empty where unknown or nothing is grown",
            required=False,
            unit="mu",
            low=0.01,
            high=1_000_000,
        ),
        _date("opened_on", zh="开店日期", en="day of opening"),
    ),
    key=("merchant_id",),
    happened="opened_on",
)

ORDERS = Table(
    "orders",
    zh="订单：买家的一次购买，含履约时间",
    en="one purchase, with its fulfilment times",
    columns=(
        _ORDER,
        _MERCHANT,
        _id("buyer_id", zh="买家假名", en="buyer's pseudonym", required=False),
        _code("buyer_region", zh="买家所在乡镇", en="buyer's township", required=False),
        _id("device_id", zh="下单设备假名", en="pseudonym of the device that ordered", required=False),
        _id("address_id", zh="收货地址假名", en="pseudonym of the address of delivery", required=False),
        _instant("ordered_at", zh="下单时间", en="time of the order"),
        _late("paid_at", zh="付款时间", en="time of payment"),
        _money("amount", zh="商品金额", en="goods, without freight"),
        _money("freight", zh="运费", en="freight charged to the buyer", required=False),
        _instant("ship_by_at", zh="最晚交寄时间", en="hand-over deadline of the seller", required=False),
        _date("promised_on", zh="承诺送达日", en="promised day of delivery", required=False),
        _late("handed_at", zh="交寄时间", en="hand-over to the carrier"),
        _late("delivered_at", zh="签收时间", en="time of delivery"),
        _late("cancelled_at", zh="取消时间", en="time of cancellation"),
    ),
    key=("merchant_id", "order_id"),
    happened="ordered_at",
    in_order=(
        ("ordered_at", "paid_at"),
        ("ordered_at", "handed_at"),
        ("ordered_at", "delivered_at"),
        ("ordered_at", "cancelled_at"),
    ),
    refers=(_KNOWN_MERCHANT,),
)

ORDER_ITEMS = Table(
    "order_items",
    zh="订单明细：订单中的一个商品行",
    en="one line of an order",
    columns=(
        _ORDER,
        _count("line_no", zh="行号", en="line number", low=1),
        _MERCHANT,
        _id("sku_id", zh="商品编号", en="stock keeping unit"),
        _instant("ordered_at", zh="下单时间", en="time of the order"),
        _number("quantity", zh="数量", en="quantity", low=0, unit="piece"),
        _money("amount", zh="行金额", en="amount of the line"),
    ),
    key=("merchant_id", "order_id", "line_no"),
    happened="ordered_at",
    refers=(_KNOWN_MERCHANT,),
)

PAYMENTS = Table(
    "payments",
    zh="买家付款",
    en="a buyer's payment",
    columns=(
        _id("payment_id", zh="付款编号", en="payment"),
        _ORDER,
        _MERCHANT,
        _instant("paid_at", zh="付款时间", en="time of payment"),
        _code("method", zh="付款方式", en="means of payment", required=False),
        _id("payer_id", zh="付款账户假名", en="pseudonym of the account that paid", required=False),
        _money("amount", zh="付款金额", en="amount paid"),
    ),
    key=("merchant_id", "payment_id"),
    happened="paid_at",
    refers=(_KNOWN_MERCHANT,),
)

SETTLEMENTS = Table(
    "settlements",
    zh="平台结算：平台付给商户的一笔款",
    en="one pay-out of a platform to a merchant",
    columns=(
        _id("settlement_id", zh="结算编号", en="settlement"),
        _MERCHANT,
        _code("platform", zh="平台", en="platform", required=False),
        _instant("settled_at", zh="结算时间", en="time of the pay-out"),
        _money("gross", zh="结算销售额", en="sales covered"),
        _money("fees", zh="平台费用", en="platform fees"),
        _money("refunds", zh="退款", en="refunds taken off"),
        _signed("net", zh="实付金额", en="paid out"),
    ),
    key=("merchant_id", "settlement_id"),
    happened="settled_at",
    refers=(_KNOWN_MERCHANT,),
)

SHIPMENTS = Table(
    "shipments",
    zh="运单：县、乡、村三级物流轨迹",
    en="a parcel and its track over village, township and county",
    columns=(
        _id("shipment_id", zh="运单号", en="shipment"),
        _ORDER,
        _MERCHANT,
        _code("origin_region", zh="始发村", en="village of origin", required=False),
        _code("buyer_region", zh="目的乡镇", en="township of destination", required=False),
        _number("weight_g", zh="重量", en="weight", low=0, unit="g", required=False),
        _instant("collected_at", zh="村级揽收时间", en="collected at the village point"),
        _late("township_at", zh="到达乡镇站时间", en="at the township station"),
        _late("county_at", zh="到达县级中心时间", en="at the county hub"),
        _late("delivered_at", zh="签收时间", en="delivered"),
    ),
    key=("merchant_id", "shipment_id"),
    happened="collected_at",
    in_order=(("collected_at", "township_at"), ("township_at", "county_at"), ("county_at", "delivered_at")),
    refers=(_KNOWN_MERCHANT,),
)

REVIEWS = Table(
    "reviews",
    zh="买家评价",
    en="a buyer's review",
    columns=(
        _id("review_id", zh="评价编号", en="review"),
        _ORDER,
        _MERCHANT,
        _instant("reviewed_at", zh="评价时间", en="time of the review"),
        _count("score", zh="评分", en="score", unit="star", low=1, high=5),
    ),
    key=("merchant_id", "review_id"),
    happened="reviewed_at",
    refers=(_KNOWN_MERCHANT,),
)

REFUNDS = Table(
    "refunds",
    zh="退款",
    en="a refund",
    columns=(
        _id("refund_id", zh="退款编号", en="refund"),
        _ORDER,
        _MERCHANT,
        _instant("refunded_at", zh="退款时间", en="time of the refund"),
        _code("reason", zh="原因", en="reason", required=False),
        _money("amount", zh="退款金额", en="amount refunded"),
    ),
    key=("merchant_id", "refund_id"),
    happened="refunded_at",
    refers=(_KNOWN_MERCHANT,),
)

INVOICES = Table(
    "invoices",
    zh="增值税发票：负数为红字发票",
    en="a VAT invoice; a negative total is a credit note",
    columns=(
        _id("invoice_id", zh="发票号码", en="invoice"),
        _MERCHANT,
        _code("direction", zh="方向", en="sales or purchase side", choices=("sales", "purchase")),
        _id("counterparty_id", zh="对方单位", en="other firm", required=False),
        _date("issued_on", zh="开票日期", en="day of issue"),
        _signed("amount", zh="金额", en="amount without tax"),
        _signed("tax", zh="税额", en="tax"),
        _signed("total", zh="价税合计", en="total with tax"),
        _late("voided_on", zh="作废日期", en="day on which it was voided", kind=Kind.DATE),
    ),
    key=("merchant_id", "direction", "invoice_id"),
    happened="issued_on",
    in_order=(("issued_on", "voided_on"),),
    refers=(_KNOWN_MERCHANT,),
)

CASHFLOWS = Table(
    "cashflows",
    zh="账户流水",
    en="a movement on the merchant's account",
    columns=(
        _id("cashflow_id", zh="流水号", en="movement"),
        _MERCHANT,
        _instant("occurred_at", zh="发生时间", en="time of the movement"),
        _code("kind", zh="类型", en="kind", required=False),
        _id("counterparty_id", zh="对方账户假名", en="pseudonym of the other account", required=False),
        _signed("amount", zh="金额（支出为负）", en="amount, negative when money leaves"),
        _signed("balance", zh="余额", en="balance after it", required=False),
    ),
    key=("merchant_id", "cashflow_id"),
    happened="occurred_at",
    refers=(_KNOWN_MERCHANT,),
)

EXPOSURES = Table(
    "exposures",
    zh="债务：家庭对各贷款人的余额",
    en="a debt of the household to one lender",
    columns=(
        _id("exposure_id", zh="债务编号", en="exposure"),
        _MERCHANT,
        _id("lender_id", zh="贷款人", en="lender"),
        _code("kind", zh="种类", en="kind", choices=("loan", "guarantee", "none")),
        _code("source", zh="来源", en="where it is known from", choices=("bureau", "declared", "own_book")),
        _date("reported_on", zh="报告日期", en="day of the report"),
        _money("balance", zh="余额", en="balance"),
        _money("monthly_service", zh="每月还款", en="service a month"),
    ),
    key=("merchant_id", "exposure_id"),
    happened="reported_on",
    refers=(_KNOWN_MERCHANT,),
)

INQUIRIES = Table(
    "inquiries",
    zh="征信查询记录",
    en="a lender's query of the bureau about the household",
    columns=(
        _id("inquiry_id", zh="查询编号", en="inquiry"),
        _MERCHANT,
        _id("lender_id", zh="查询机构", en="lender that asked"),
        _date("inquired_on", zh="查询日期", en="day of the query"),
        _code("reason", zh="查询原因", en="reason", required=False),
    ),
    key=("merchant_id", "inquiry_id"),
    happened="inquired_on",
    refers=(_KNOWN_MERCHANT,),
)

APPLICATIONS = Table(
    "applications",
    zh="贷款申请",
    en="an application for credit",
    columns=(
        _id("application_id", zh="申请编号", en="application"),
        _MERCHANT,
        _instant("applied_at", zh="申请时间", en="time of the application"),
        _money("amount", zh="申请金额", en="amount asked for"),
        _count("term_months", zh="期限", en="term", unit="month", high=360),
        _text("purpose", zh="用途", en="purpose"),
    ),
    key=("merchant_id", "application_id"),
    happened="applied_at",
    refers=(_KNOWN_MERCHANT,),
)

LOANS = Table(
    "loans",
    zh="贷款",
    en="a loan",
    columns=(
        _id("loan_id", zh="贷款编号", en="loan"),
        _MERCHANT,
        _date("granted_on", zh="发放日", en="day of the grant"),
        _money("principal", zh="本金", en="principal"),
        _number("annual_rate", zh="年利率", en="annual rate", unit="fraction", low=0, high=1),
        _count("term_months", zh="期限", en="term", unit="month", low=1, high=360),
        _code("method", zh="还款方式", en="method of repayment", required=False),
        _late("closed_on", zh="结清日", en="day of closing", kind=Kind.DATE),
    ),
    key=("merchant_id", "loan_id"),
    happened="granted_on",
    in_order=(("granted_on", "closed_on"),),
    refers=(_KNOWN_MERCHANT,),
)

OUTCOMES = Table(
    "outcomes",
    zh="结果：观察日之后一段时间内是否违约",
    en="whether a merchant defaulted within the horizon after the as-of date",
    columns=(
        _MERCHANT,
        _date("as_of_on", zh="观察日", en="as-of date"),
        _count("horizon_days", zh="观察期", en="horizon", unit="day", low=1, high=3650),
        _code("definition", zh="违约定义", en="definition of default"),
        _flag("defaulted", zh="是否违约", en="defaulted within the horizon"),
    ),
    key=("merchant_id", "as_of_on", "horizon_days", "definition"),
    happened="as_of_on",
    known_after="horizon_days",
    refers=(_KNOWN_MERCHANT,),
)

PRICES = Table(
    "prices",
    zh="市场价格",
    en="a market price",
    columns=(
        _code("commodity", zh="品种", en="commodity"),
        _code("market", zh="市场", en="market"),
        _date("priced_on", zh="日期", en="day"),
        _money("price", zh="价格", en="price a unit"),
        _code("unit", zh="计量单位", en="unit of measure"),
    ),
    key=("commodity", "market", "priced_on"),
    happened="priced_on",
    per_merchant=False,
)

CROP_CALENDAR = Table(
    "crop_calendar",
    zh="农时历：作物每月是否生长、收获",
    en="whether a crop grows and is harvested in a calendar month",
    columns=(
        _code("crop", zh="农产品", en="crop or product"),
        _count("month", zh="月份", en="calendar month", unit="month", low=1, high=12),
        _flag("grows", zh="是否生长期", en="grows in this month"),
        _flag("harvested", zh="是否收获期", en="is harvested in this month"),
        _date("valid_from_on", zh="生效日期", en="first day of validity"),
    ),
    key=("crop", "month"),
    happened="valid_from_on",
    per_merchant=False,
)

WEATHER = Table(
    "weather",
    zh="日气象",
    en="one day's weather at a place",
    columns=(
        _code("region_code", zh="区划代码", en="region"),
        _date("observed_on", zh="日期", en="day"),
        _number(
            "tmin_c", zh="最低气温", en="lowest temperature", unit="°C", low=-80, high=60, required=False
        ),
        _number(
            "tmax_c", zh="最高气温", en="highest temperature", unit="°C", low=-80, high=60, required=False
        ),
        _number("prcp_mm", zh="降水量", en="precipitation", unit="mm", low=0, high=2000, required=False),
    ),
    key=("region_code", "observed_on"),
    happened="observed_on",
    per_merchant=False,
)

REGIONS = Table(
    "regions",
    zh="行政区划",
    en="a county, township or village",
    columns=(
        _code("region_code", zh="区划代码", en="code"),
        _code("parent_code", zh="上级代码", en="code of the parent", required=False),
        _code(
            "level",
            zh="级别",
            en="level",
            choices=("country", "province", "city", "county", "township", "village"),
        ),
        _text("name", zh="名称", en="name"),
        _number("lon", zh="经度", en="longitude", unit="°", low=-180, high=180, required=False),
        _number("lat", zh="纬度", en="latitude", unit="°", low=-90, high=90, required=False),
        _date("valid_from_on", zh="生效日期", en="first day of validity"),
    ),
    key=("region_code",),
    happened="valid_from_on",
    per_merchant=False,
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        REGIONS,
        PARTIES,
        IDENTITIES,
        RELATIONS,
        MERCHANTS,
        ORDERS,
        ORDER_ITEMS,
        PAYMENTS,
        SETTLEMENTS,
        SHIPMENTS,
        REVIEWS,
        REFUNDS,
        INVOICES,
        CASHFLOWS,
        EXPOSURES,
        INQUIRIES,
        APPLICATIONS,
        LOANS,
        OUTCOMES,
        PRICES,
        CROP_CALENDAR,
        WEATHER,
    )
}
"""Every standard table by name, in the order in which an ingest reads them (referred-to tables first)."""


def table(name: str) -> Table:
    """The contract called `name`; UsageError if the standard has no such table."""
    if name not in TABLES:
        raise UsageError(f"no standard table is called {name!r}; the standard has: {', '.join(TABLES)}")
    return TABLES[name]
