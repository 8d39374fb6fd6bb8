"""One figure and what it follows from: the nodes of the tree that explains a limit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from suixin.features.feature import Unit
from suixin.features.registry import FEATURES
from suixin.underwriting.exact import fen

SHARE = "share"
UNKNOWN, DECLINED = "unknown", "declined"

FORMULAS = {
    "limit": "max(0, min(ceilings) - {existing_debt}), down to a multiple of {step}",
    "sales_multiple": "{multiple} x {stabilised_sales}",
    "grade": "as {score} >= {from_score}",
    "stabilised": (
        "max({short_season_share} x sum of the best ({fewest_selling_months} - 1) months / 12, over n from "
        "{fewest_selling_months} on: min(median of the n best months x n / 12, {lowest_month_factor} x the n-th best))"
    ),
    "group_cap": "{cap} - {group_debt}",
    "repayment_capacity": (
        "sum over the months ahead of sales x {debt_service_room} / {sales_bad_year} / (1 + {rate} / 12)^month / "
        "(1 + {up_front}) + {existing_debt}"
    ),
    "repayment_capacity_grace": (
        "sum over the months ahead, but the first {grace_months}, of sales x {debt_service_room} / {sales_bad_year} / "
        "(1 + {rate} / 12)^month / (1 + {up_front}) + {existing_debt}"
    ),
    "season_input": "{area_mu} x {cost_per_mu} x {input_share}",
    "ladder": "{cap} + {existing_debt}",
    "bad_year": "sum of the months of a year that is undershot one time in ten",
    "cost": "- share x {sales_bad_year}",
    "bounded_fees": "- min(1, max(0, {fee_share_365d})) x {sales_bad_year}",
    "doubted_sales": "- {self_dealing_share_365d} x {doubt} x {sales_bad_year}",
    "goods": "- {goods_share_measured} x {sales_bad_year}",
    "goods_lowest": "- max({goods_share_lowest}, {goods_share_measured}) x {sales_bad_year}",
    "goods_highest": "- min({goods_share_highest}, {goods_share_measured}) x {sales_bad_year}",
    "goods_measured": "1 - {invoice_margin_365d}",
    "goods_genuine": "(1 - {invoice_margin_365d}) / (1 - {self_dealing_share_365d})",
    "goods_share": "as in {cost_of_goods}",
    "produce_loss": "- {goods_share} x {produce_loss_share} / (1 - {produce_loss_share}) x {sales_bad_year}",
    "margin": "max(0, {sales_bad_year} + the costs above)",
    "living": "- min({household_allowance}, {living_most})",
    "household_allowance": "{living_allowance} x {members} x {months}",
    "living_most": "share x {margin}",
    "debt_service": "- {monthly_debt_service} x {months}",
    "debt_service_ends": "- {monthly_debt_service} x min({debt_service_months}, {months})",
    "shortfall": "- ({margin} + {living} + {debt_service})",
    "available": "max(0, {margin} + {living} + {debt_service})",
    "debt_service_room": "share x {available}",
    "rate": "sum of its parts, for a loan of the limit",
    "operations": "{cost_a_loan} / ({lent} x {average_balance_share})",
    "lent": "the limit, at least the smallest loan of the policy",
    "expected_loss": "{pd} x {lgd}",
    "capital": "{capital} x ({return_on_equity} - {funding})",
    "tax": "{tax} / (1 - {tax}) x the sum of the parts above",
    "up_front": "sum of what is paid up front",
    "average": "mean of {n} months of sales, season apart",
    "level": "the same, newer months counting more",
    "trades": "by Bayes' rule, from the silent months",
}
"""Every formula; a `{code}` is a figure that is printed beside it or below it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One figure and what it follows from.

    Attributes:
        code: which figure.
        amount_fen: fen; None for a number.
        value: the number, or beside an amount the share that was taken; None where there is none.
        template: how it follows from its parts, in symbols: one of `FORMULAS`; '' for what was read.
        source: 'feature:<name>', 'policy:<path>' as `figures` names it, 'sales:<source>:<months back>',
            'forecast:<basis>', 'table:<table>.<column>', or '' for what follows.
        binding: whether this ceiling holds the limit.
        parts: what it follows from.
        unit: 'share' where the value is a share or a rate a year, '' for a plain number.
        note: 'unknown' for what nothing is known of and counts as 0, 'declined' for a limit that is not offered.
        numbers: what fills the template beside codes.
    """

    code: str
    amount_fen: int | None = None
    value: float | None = None
    template: str = ""
    source: str = ""
    binding: bool = False
    parts: tuple["Step", ...] = ()
    unit: str = ""
    note: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def formula(self) -> str:
        """The template with the codes themselves, for machines."""
        text = self.template
        for name, number in self.numbers.items():
            text = text.replace(f"{{{name}}}", number)
        return text.translate(_NO_BRACES)

    def document(self) -> dict[str, Any]:
        """The step for machines."""
        return {
            "code": self.code,
            "amount_fen": self.amount_fen,
            "value": self.value,
            "formula": self.formula,
            "source": self.source,
            "binding": self.binding,
            "parts": [part.document() for part in self.parts],
            "unit": self.unit,
            "note": self.note,
        }


_NO_BRACES = str.maketrans("", "", "{}")


def of_feature(features: Mapping[str, float | None], name: str) -> Step:
    """A feature as it was read: money, a share or a number; what is unknown counts as 0 and says so."""
    unit, value = FEATURES[name].unit, features.get(name)
    step = Step(name, source=f"feature:{name}", note=UNKNOWN if value is None else "")
    if unit is Unit.MONEY:
        return replace(step, amount_fen=fen(value or 0.0))
    return replace(step, value=value or 0.0, unit=SHARE if unit is Unit.SHARE else "")


def of_policy(code: str, value: float, path: str, unit: str = "") -> Step:
    """A number of the policy."""
    return Step(code, value=value, source=f"policy:{path}", unit=unit)
