"""Why a row is set aside and how it is mended, in both languages."""

from typing import NamedTuple

from suixin.lake import quarantine


class Rule(NamedTuple):
    """A rule in words, and the mend."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str


_ZH = {
    "empty_line": ("整行为空", "补全这一行，或搁置", "fill the row in, or dismiss it"),
    "extra_column": ("列数多于表头", "把多出的值并入正确的列", "put the surplus value into its column"),
    "missing_column": ("列数少于表头", "按列名补全各值", "fill in every value by its column"),
    "bad_encoding": (
        "含有无法识别的字节",
        "重新填写该行文字，文件存为 UTF-8",
        "type the text anew and save the file as UTF-8",
    ),
    "open_quote": ("引号没有成对", "按列名补全各值", "fill in every value by its column"),
    "missing_value": ("缺少必填值", "填写该列", "fill the column in"),
    "wrong_type": (
        "值的类型不对",
        "改为数字、日期等该列要求的写法；没有则留空",
        "write a number or a date as the column asks; leave it empty if there is none",
    ),
    "inexact_identifier": (
        "编号被表格软件改成了不精确的数字",
        "按原编号以文本填写",
        "write the original identifier as text",
    ),
    "too_many_decimals": ("金额小数超过两位", "金额保留两位小数", "give money two decimals"),
    "negative_amount": (
        "金额为负",
        "填写正数；退款另记入 refunds",
        "give a positive amount; a refund is a row of refunds",
    ),
    "absurd_amount": ("金额超过十亿元", "核对单位为元", "check that the unit is yuan"),
    "out_of_range": ("数值超出允许范围", "核对数值", "check the number"),
    "unknown_code": (
        "代码不在列表中",
        "改用数据标准中的代码",
        "use a code of the data standard",
    ),
    "wrong_order": ("时间早于它应在其后的时间", "核对两个时间及时区", "check both times and their zone"),
    "absurd_date": ("日期早于 1990 年或晚于 2100 年", "核对日期", "check the date"),
    "future_date": ("日期在将来", "核对日期", "check the date"),
    "unknown_merchant": (
        "没有这个商户",
        "先补充商户表，再提交本行",
        "add the merchant first, then put this row in",
    ),
    "wrong_currency": ("币种与数据湖不同", "折算，或送入另一个数据湖", "convert it, or use another lake"),
    "formula_text": ("文字会被表格软件当作公式", "去掉开头的 = + - @", "take the leading = + - @ away"),
    "markup_text": ("文字含有网页标记", "去掉尖括号标记", "take the markup away"),
    "control_character": ("文字含有控制字符", "重新填写文字", "type the text anew"),
    "too_long": ("文字过长", "缩短文字", "shorten the text"),
    "forgotten": (
        "涉及已被遗忘的人，内容未保留",
        "不能修正，只能搁置",
        "it cannot be mended; dismiss it",
    ),
    "conflict": (
        "同一主键、同一获知时间，值不同",
        "若是更正，填写更晚的 known_at；若是错误，搁置",
        "if it is a correction give it a later known_at; if it is wrong dismiss it",
    ),
}
RULES = {
    code: Rule(zh, quarantine.RULES[code], mend_zh, mend_en) for code, (zh, mend_zh, mend_en) in _ZH.items()
}
"""Every rule of the quarantine."""

NOT_ASIDE, TWICE, SETTLED, BEGUN, UNKEPT, SHIFTED = (
    "not_aside", "twice", "settled", "begun", "unkept", "shifted",
)  # fmt: skip
OF_A_FILE = {
    NOT_ASIDE: Rule(
        "这一行不在该次入库的隔离行中",
        "the ingest has not set this row aside",
        "只保留下载的行",
        "keep only the rows that were downloaded",
    ),
    TWICE: Rule("同一行出现两次", "the row stands in the file twice", "只保留一行", "keep one of them"),
    SETTLED: Rule(
        "这一行已经修正或搁置", "the row was mended or dismissed already", "删去这一行", "leave the row out"
    ),
    BEGUN: Rule(
        "另一个修正文件正在提交这一行",
        "another mended file has begun to bring the row in",
        "先继续提交那个文件",
        "go on with that file first",
    ),
    SHIFTED: Rule(
        "单元格比表头多",
        "the row has more cells than there are headings",
        "值里有逗号请加引号，否则清空多出的一格",
        "quote a value with a comma, else clear the cell beyond the headings",
    ),
    UNKEPT: Rule(
        "涉及已被遗忘的人，内容未保留",
        "the row is about somebody whom the lake has forgotten",
        "删去这一行",
        "leave the row out",
    ),
}
"""What is wrong with a row of a mended file before the lake looks at it."""


def told(code: str) -> Rule:
    """A rule of either kind."""
    return RULES.get(code) or OF_A_FILE[code]
