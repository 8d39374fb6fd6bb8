"""The sheets of the Chinese workbook: what each is called, what its headings and choices mean."""

from suixin.lake.contract import Column, Kind
from suixin.lake.source import ROUTES
from suixin.lake.tables import TABLES

SHEETS = {
    "merchants": "商户",
    "orders": "订单",
    "order_items": "订单明细",
    "refunds": "退款",
    "reviews": "评价",
    "settlements": "结算",
    "shipments": "运单",
    "invoices": "发票",
    "cashflows": "流水",
    "exposures": "债务",
}
"""Standard table -> sheet: what a merchant or a co-op can fill in by hand."""

NOTES = "说明"
TERMS = {
    "name": "数据名称",
    "currency": "币种",
    "zone": "时区",
    "route": "来源途径",
    "authorisation": "授权依据",
    "purpose": "用途",
}
"""What the sheet of notes declares -> its label there."""

ROUTE_WORDS = dict(
    zip(
        ROUTES,
        ("商户自行导出", "自营商城", "持牌征信机构", "现金流平台", "税务或政府", "公开研究数据", "模拟数据"),
        strict=True,
    )
)

_FORMS = {
    "person": "自然人",
    "sole_trader": "个体工商户",
    "enterprise": "企业",
    "coop": "合作社",
    "household": "农户",
}
CHOICES: dict[tuple[str, str], dict[str, str]] = {
    ("merchants", "legal_form"): _FORMS,
    ("invoices", "direction"): {"sales": "销项", "purchase": "进项"},
    ("exposures", "kind"): {"loan": "贷款", "guarantee": "担保", "none": "无"},
    ("exposures", "source"): {"bureau": "征信", "declared": "自报", "own_book": "本行"},
}
"""(table, column) -> code -> the word that is written in the workbook."""

MUST, MAY = "必填", "选填"

_HINTS = {
    Kind.ID: "文本，不留空格",
    Kind.CODE: "文本",
    Kind.TEXT: "文本",
    Kind.MONEY: "金额，最多两位小数",
    Kind.COUNT: "整数",
    Kind.NUMBER: "数字",
    Kind.FLAG: "是 或 否",
    Kind.DATE: "日期，如 2025-09-03",
    Kind.INSTANT: "时间，如 2025-09-03 14:21",
}
_UNITS = {
    "day": "天",
    "month": "月",
    "person": "人",
    "star": "星，1–5",
    "piece": "件",
    "g": "克",
    "mu": "亩",
    "mm": "毫米",
}


def hint(table: str, column: Column) -> str:
    """The line below a heading: whether it must be filled in, and how."""
    words = CHOICES.get((table, column.name))
    how = f"选择：{'、'.join(words.values())}" if words else _HINTS[column.kind]
    unit = f"，单位：{_UNITS.get(column.unit, column.unit)}" if column.unit else ""
    return f"{MUST if column.required else MAY}：{how}{unit}"


def is_hints(cells: list[str]) -> bool:
    """Whether a row is the line of hints below the headings, and not data."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(cell.startswith((f"{MUST}：", f"{MAY}：")) for cell in filled)


def table_of(sheet: str) -> str | None:
    """The table that a sheet feeds: `订单`, `订单-2025`, `orders`; None if it is none of ours."""
    name = sheet.strip().lower()
    titles = {title: table for table, title in SHEETS.items()} | {table: table for table in SHEETS}
    fits = [t for t in titles if name == t or name.startswith(tuple(f"{t}{sign}" for sign in "-_ （("))]
    return titles[max(fits, key=len)] if fits else None


def column_of(table: str, heading: str) -> str | None:
    """The standard column that a heading names, in Chinese or English; None if it names none."""
    plain = heading.strip().strip("*＊").strip()
    for column in TABLES[table].columns:
        if plain in (column.name, column.zh, column.zh.partition("（")[0]) or plain.lower() == column.en:
            return column.name
    return "known_at" if plain in ("known_at", "获知时间") else None
