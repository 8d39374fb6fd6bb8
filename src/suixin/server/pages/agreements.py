"""The agreement in the reader's words, section by section: what the pages show and what the PDF prints is this one text."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from suixin.server.pages.templatetags.words import contract_rate, exact, pair, rate, spoken, use


@dataclass(frozen=True, slots=True)
class Rows:
    """Lines of a table under a title of their own, or under none."""

    lines: list[list[str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its head, the columns that hold figures, its lines, and what stands below them."""

    head: list[str]
    figures: list[int]
    groups: list[Rows]
    foot: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Each column's head, and whether it holds figures."""
        return [(text, number in self.figures) for number, text in enumerate(self.head)]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the agreement: one of facts (name, text, small print), a table or points; then what is to be added."""

    heading: str
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    table: Table | None = None
    points: list[str] = field(default_factory=list)
    closing: str = ""
    small: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement as it is read.

    Attributes:
        held: the canonical text's data.
        sections: costs first, as the law wants them seen.
    """

    held: dict[str, Any]
    sections: list[Section]

    @property
    def signed_on(self) -> date:
        """The day it was signed, or is to be."""
        return date.fromisoformat(self.held["signed_on"])

    @property
    def draw_until(self) -> date:
        """The last day on which money may be drawn."""
        return date.fromisoformat(self.held["draw_until"])

    @property
    def method(self) -> str:
        """How it is repaid, in words."""
        return spoken().method(self.held["method"])

    @property
    def extra_minor(self) -> int:
        """What the season costs beyond equal instalments."""
        return int(self.held["interest_minor"]) - int(self.held["even_interest_minor"])


def read(text: str) -> Agreement:
    """An agreement from its canonical text, in the reader's language."""
    held = orjson.loads(text)
    return Agreement(held, [_costs(held), _terms(held), _schedule(held), _rights()])


def _costs(held: dict[str, Any]) -> Section:
    always, contingent = ([one for one in held["costs"] if one["on_default"] is on] for on in (False, True))
    currency = held["currency"]
    groups = [Rows([_cost(one, currency) for one in always])]
    if contingent:
        groups.append(
            Rows([_cost(one, currency) for one in contingent], pair("只在违约时", "Only on default"))
        )
    head = [pair("项目", "Item"), pair("标准", "Rate"), pair("金额", "Amount"), pair("收取方", "Paid to")]
    return Section(
        pair("综合融资成本明示表", "The whole cost of the financing"),
        table=Table(head, [1, 2], groups),
        closing=pair("除上列费用外，不收取任何其他费用。", "Nothing else is charged."),
        small=pair(
            "年化综合成本按实际天数/365、含全部费用的内部收益率计算。",
            "The all-in rate is the internal rate of return of all flows with every fee, actual days over 365.",
        ),
    )


def _cost(item: dict[str, Any], currency: str) -> list[str]:
    payee = pair("贷款人", "lender") if item["payee"] == "lender" else item["payee"]
    amount = "–" if item["on_default"] else exact(item["amount_fen"], currency)
    return [spoken().cost(item["code"]), contract_rate(item["rate_ppm"]), amount, payee]


def _terms(held: dict[str, Any]) -> Section:
    currency = held["currency"]
    facts = [
        (pair("额度", "Limit"), exact(held["limit_minor"], currency), held["limit_in_words"]),
        (pair("年利率", "Annual rate"), contract_rate(held["annual_rate_ppm"]), ""),
        (pair("综合成本", "All-in"), rate(held["all_in_rate_ppm"]), ""),
        (pair("用途", "Purpose"), use(held["purpose"]), ""),
        (pair("用款截止", "Draw until"), spoken().date(date.fromisoformat(held["draw_until"])), ""),
        (pair("还款方式", "Repayment"), spoken().method(held["method"]), _each()),
        *_extra(held["interest_minor"] - held["even_interest_minor"], currency),
        *_rung(held["next_rung"], currency),
    ]
    return Section(pair("主要条款", "Main terms"), facts=facts)


def _each() -> str:
    """What a smaller drawdown is repaid by may be another way (`underwriting.offer.schedule`)."""
    return pair(
        "全额用款时；每笔用款按金额另定还款方式和计划，确认用款前列明",
        "If all of it is drawn; each drawdown has its own way and schedule by its amount, shown before you confirm it",
    )


def _extra(minor: int, currency: str) -> list[tuple[str, str, str]]:
    if minor <= 0:
        return []
    sum_ = exact(minor, currency)
    said = pair(f"比等额本息多 {sum_}", f"{sum_} more than equal instalments")
    return [(pair("按农时多付", "The season costs"), said, "")]


def _rung(rung: dict[str, Any] | None, currency: str) -> list[tuple[str, str, str]]:
    if not rung:
        return []
    cap, many = exact(rung["cap_fen"], currency), rung["loans_repaid"]
    loans = "loan" if many == 1 else "loans"
    said = pair(f"还清 {many} 笔后最高 {cap}", f"up to {cap} after {many} {loans} repaid")
    return [(pair("下一级", "Next rung"), said, "")]


def _schedule(held: dict[str, Any]) -> Section:
    head = [pair("日期", "Date"), pair("应还", "Due"), pair("本金", "Principal"), pair("利息", "Interest")]
    currency = held["currency"]
    lines = [
        [
            spoken().date(date.fromisoformat(due)),
            *(exact(minor, currency) for minor in (principal + interest, principal, interest)),
        ]
        for due, principal, interest, _ in held["schedule"]
    ]
    foot = [pair("利息合计", "Interest in all"), "", "", exact(held["interest_minor"], currency)]
    return Section(
        pair("还款计划（全额当日用款为例）", "Schedule (all of it drawn today)"),
        table=Table(head, [1, 2, 3], [Rows(lines)], foot),
    )


def _rights() -> Section:
    points = [
        pair("可随时提前还款，不收违约金。", "You may repay early at any time without a charge."),
        pair(
            "受灾可申请延期；延期期间不收罚息。",
            "After a disaster you may ask to move the dates; no penalty runs meanwhile.",
        ),
        pair(
            "可查询、更正数据，可撤回授权，可要求人工决定，可投诉。",
            "You may see and correct your data, withdraw consents, ask that people decide, and complain.",
        ),
    ]
    return Section(pair("您的权利", "Your rights"), points=points)
