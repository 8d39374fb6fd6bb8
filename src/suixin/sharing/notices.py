"""What a merchant is told before she answers, in Chinese and English (PIPL art. 17, 23, 24, 30).

A text is made of the purpose's own words and a frame that is the same for all: who, what, how far back, how long, how
often, what if she refuses, how she withdraws. A consent keeps the text's SHA-256, language and version.
"""

from hashlib import sha256

from suixin.errors import UsageError
from suixin.sharing.artefact import Notice, Terms
from suixin.sharing.purposes import Purpose, Unit

VERSION = "2026-11"
LANGUAGES = ("zh", "en")

_WHY = {
    ("P103", "zh"): "为了审核您的贷款申请：核算真实销售额、可承受的额度、价格和还款安排。",
    ("P103", "en"): "to judge your loan application: your genuine sales, what you can afford, the price and the schedule.",
    ("P103B", "zh"): "为了审核您的贷款申请，向依法持牌的征信机构查询您的信用报告。查询会留下记录。本授权须单独签署。",
    ("P103B", "en"): "to query your credit report at a licensed bureau for your loan application. The query leaves a trace "
    "there. This authorisation is signed on its own.",
    ("P104", "zh"): "为了在贷款期间及早发现困难，主动与您联系并商量办法。",
    ("P104", "en"): "to see trouble early while the loan runs, so that we call you and look for a way together.",
    ("P105", "zh"): "为了核验您本人的身份。",
    ("P105", "en"): "to check that you are who you say.",
    ("P108", "zh"): "为了按乡镇统计当月销售总额，供本县政府和担保基金了解经营情况。您的数字只与其他商户加总："
    "不足10户的数字不公布，也不能由其他数字推算；您的名称和您一家的数字不提供给任何人，加总后不留存。与贷款无关。",
    ("P108", "en"): "to add up the month's sales by township, so that the county's government and guarantee fund see how trade "
    "is going. Your figure is added to those of others: no total of fewer than 10 merchants is published, nor one from which "
    "it can be computed; nobody is given your name or your own figure, and it is not kept once it is added. It has "
    "nothing to do with any loan.",
}  # fmt: skip
_REFUSE = {
    (True, "zh"): "没有此项同意，我们无法用数据审核申请；您仍可要求人工办理。",
    (
        True,
        "en",
    ): "Without it we cannot judge the application by data; you may still ask that people do it by hand.",
    (False, "zh"): "您可以不同意。不同意不影响您的贷款申请，也不影响已有的贷款。",
    (False, "en"): "You may refuse. Refusing stops neither your application nor a loan that you have.",
}
_MACHINE = {
    "zh": "审核先由程序计算。您有权要求说明，并可拒绝仅由程序作出决定，改由人工复核。",
    "en": "A program computes first. You may ask for an explanation, and refuse a decision made by a program alone: "
    "then people review it. ",
}
_FRAME = {
    "zh": """关于{title}的告知与同意（单独同意）

数据提供方：{provider}。
数据接收方：{recipient}，联系方式：{contact}。
目的：{why}
读取内容：{scopes}。其中的敏感个人信息（如收支、证件、位置）仅为上述目的读取。
期间：最近 {months} 个月的数据；同意自您确认起 {days} 天内有效；{often}。为此目的取得的结果最多保存 {kept} 天，法律另有规定的除外。
{refuse}
{machine}每次使用都会留下您可以查看的回执。您可以随时暂停或撤回，与同意一样方便；撤回后的下一次读取即被拒绝。撤回前的使用仍然有效；法律和合同要求保留的记录会继续保留。
本同意只用于以上一个目的、一个接收方。
""",
    "en": """Notice and consent: {title} (a separate consent)

Who holds the data: {provider}.
Who will read it: {recipient}; contact: {contact}.
Purpose: {why}
What is read: {scopes}. What is sensitive among it (such as takings, papers, places) is read for this alone.
For how long: data of the last {months} months; the consent holds for {days} days from your yes; {often}. What is taken from the data for this purpose is kept for {kept} days at most, unless law asks for longer.
{refuse}
{machine}Each use leaves a receipt that you can read. You may pause or withdraw at any time, as easily as you agree; the very next reading is then refused. What was done before stays lawful; records that law and contract ask for are kept.
This consent is for this one purpose and this one recipient.
""",
}
_OFTEN = {
    (Unit.LIFE, "zh"): "有效期内最多使用 {most} 次",
    (Unit.LIFE, "en"): "at most {most} uses in that time",
    (Unit.MONTH, "zh"): "每月最多使用 {most} 次",
    (Unit.MONTH, "en"): "at most {most} uses a month",
    (Unit.DAY, "zh"): "每天最多使用 {most} 次",
    (Unit.DAY, "en"): "at most {most} uses a day",
}
SCOPES = {
    "applications": ("贷款申请", "loan applications"),
    "bureau": ("信用报告", "the credit report"),
    "cashflows": ("账户收支", "account movements"),
    "exposures": ("负债", "debts"),
    "identities": ("姓名、证件号码和电话", "name, identity number and phone"),
    "inquiries": ("征信查询记录", "inquiries of lenders"),
    "invoices": ("发票", "invoices"),
    "loans": ("贷款", "loans"),
    "merchants": ("店铺资料", "the shop"),
    "order_items": ("订单明细", "order lines"),
    "orders": ("订单", "orders"),
    "outcomes": ("以往还款结果", "how earlier loans went"),
    "parties": ("经营主体资料", "who you are as a business"),
    "payments": ("买家付款", "payments of buyers"),
    "refunds": ("退款", "refunds"),
    "relations": ("关联关系", "relations to others"),
    "reviews": ("评价", "reviews"),
    "settlements": ("平台结算", "platform settlements"),
    "shipments": ("发货", "shipments"),
}
"""What each scope is called, zh and en."""


def text(terms: Terms, purpose: Purpose, lang: str) -> str:
    """Return the notice of one consent in one language.

    Args:
        terms: what is asked; their own notice is not read.
        purpose: theirs, of the day.
        lang: 'zh' or 'en'.

    Raises:
        UsageError: another language, or a house without name or contact.
    """
    if lang not in LANGUAGES:
        raise UsageError(f"language {lang!r}: a notice is written in {' or '.join(LANGUAGES)}")
    if not (terms.provider.name and terms.recipient.name and terms.recipient.contact):
        raise UsageError("a notice names the provider, and the recipient with its contact")
    at, comma = LANGUAGES.index(lang), {"zh": "、", "en": ", "}[lang]
    return _FRAME[lang].format(
        title=(purpose.zh, purpose.en)[at],
        provider=terms.provider.name,
        recipient=terms.recipient.name,
        contact=terms.recipient.contact,
        why=_WHY[purpose.code, lang],
        scopes=comma.join(SCOPES[scope][at] for scope in terms.scopes),
        months=terms.history_months,
        days=terms.life_days,
        often=_OFTEN[terms.frequency.unit, lang].format(most=terms.frequency.most),
        kept=purpose.data_life_days,
        refuse=_REFUSE[purpose.needed, lang],
        machine=_MACHINE[lang] if purpose.automated else "",
    )


def named(shown: str, lang: str) -> Notice:
    """Return what a consent keeps of the text that was shown."""
    return Notice(sha256(shown.encode()).hexdigest(), lang, VERSION)
