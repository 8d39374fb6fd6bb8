"""Why a household can carry what it can: every step from a bad year's sales to the room for the loan."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from suixin.underwriting.capacity import MEASURED, CapacityPart
from suixin.underwriting.decision import Decision
from suixin.underwriting.exact import exactly, fen
from suixin.underwriting.offer import up_front_share
from suixin.underwriting.policy import Policy
from suixin.underwriting.policy_parts import Capacity as Terms
from suixin.underwriting.policy_price import UP_FRONT
from suixin.underwriting.steps import FORMULAS, SHARE, UNKNOWN, Step, of_feature, of_policy
from suixin.underwriting.why_price import why_price

_Features = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class _Held:
    """What a step may follow from."""

    decision: Decision
    features: _Features
    policy: Policy

    @property
    def terms(self) -> Terms:
        return self.policy.capacity

    def part(self, name: str) -> CapacityPart | None:
        """Another step of the same capacity."""
        return next((part for part in self.decision.capacity if part.name == name), None)


def why_capacity(decision: Decision, features: _Features, policy: Policy) -> tuple[Step, ...]:
    """The steps of the decision's capacity, then what turns room into a loan, then how the shop stands."""
    held = _Held(decision, features, policy)
    carried = (_step(part, held) for part in decision.capacity)
    priced = (why_price(decision, policy), _up_front(policy), *_grace(policy))
    return (*carried, *priced, *_standing(decision))


def _step(part: CapacityPart, held: _Held) -> Step:
    step = Step(part.name, part.amount_fen, template=FORMULAS.get(part.name, ""))
    grow = _GROWN.get(part.name)
    return grow(step, part, held) if grow else step


def _bad_year(step: Step, _: CapacityPart, held: _Held) -> Step:
    decision, policy = held.decision, held.policy
    source = f"forecast:{decision.forecast.basis}"
    months = decision.forecast.bad_year[: policy.term.months.value]
    parts = tuple(
        Step("month_ahead", month, value=float(number), source=source)
        for number, month in enumerate(months, start=1)
    )
    return replace(step, template=FORMULAS["bad_year"], source=source, parts=parts)


def _share(step: Step, part: CapacityPart, source: str) -> Step:
    """A part of sales that one figure gives."""
    return replace(step, value=part.value, unit=SHARE, template=FORMULAS["cost"], source=source)


def _freight(step: Step, part: CapacityPart, _: _Held) -> Step:
    return _share(step, part, "policy:capacity.freight_share")


def _doubted(step: Step, part: CapacityPart, held: _Held) -> Step:
    found = of_feature(held.features, "self_dealing_share_365d")
    doubt = of_policy("doubt", held.terms.doubt.value, "capacity.doubt", SHARE)
    return replace(step, value=part.value, unit=SHARE, parts=(found, doubt))


def _room(step: Step, _: CapacityPart, held: _Held) -> Step:
    share = held.terms.service_share.value
    return replace(step, value=share, unit=SHARE, source="policy:capacity.service_share")


def _fees(step: Step, part: CapacityPart, held: _Held) -> Step:
    if part.basis != MEASURED:
        return _share(step, part, "policy:capacity.fee_share")
    found = of_feature(held.features, "fee_share_365d")
    if found.value == part.value:
        return _share(step, part, found.source)
    bounded = FORMULAS["bounded_fees"]
    return replace(step, value=part.value, unit=SHARE, template=bounded, parts=(found,))


def _goods(step: Step, part: CapacityPart, held: _Held) -> Step:
    """What goods cost: assumed, or measured by invoices within the policy's bounds."""
    if part.basis != MEASURED or part.value is None:
        return _share(step, part, "policy:capacity.goods_share")
    measured, terms = _goods_measured(held.features), held.terms
    bound, template = None, FORMULAS["goods"]
    if measured.value is not None and measured.value < part.value:
        bound = of_policy(
            "goods_share_lowest", terms.goods_share_lowest.value, "capacity.goods_share_lowest", SHARE
        )
        template = FORMULAS["goods_lowest"]
    elif measured.value is not None and measured.value > part.value:
        bound = of_policy(
            "goods_share_highest", terms.goods_share_highest.value, "capacity.goods_share_highest", SHARE
        )
        template = FORMULAS["goods_highest"]
    parts = (measured,) if bound is None else (bound, measured)
    return replace(step, value=part.value, unit=SHARE, template=template, parts=parts)


def _goods_measured(features: _Features) -> Step:
    """As `capacity` reads it: sales to oneself are invoiced too, and would make goods look cheaper."""
    margin, brushed = of_feature(features, "invoice_margin_365d"), features.get("self_dealing_share_365d")
    cost, genuine = 1.0 - (margin.value or 0.0), 1.0 - (brushed or 0.0)
    step = Step("goods_share_measured", value=cost / genuine if genuine > 0.0 else 1.0, unit=SHARE)
    if not brushed:
        return replace(step, template=FORMULAS["goods_measured"], parts=(margin,))
    found = of_feature(features, "self_dealing_share_365d")
    template = FORMULAS["goods_genuine"] if genuine > 0.0 else ""
    return replace(step, template=template, parts=(margin, found))


def _produce_loss(step: Step, part: CapacityPart, held: _Held) -> Step:
    goods, terms = held.part("cost_of_goods"), held.terms
    share = goods.value if goods else None
    parts = (
        Step("goods_share", value=share, unit=SHARE, template=FORMULAS["goods_share"]),
        of_policy("produce_loss_share", terms.produce_loss_share.value, "capacity.produce_loss_share", SHARE),
        of_feature(held.features, "harvest_months"),
    )
    return replace(step, value=part.value, unit=SHARE, parts=parts)


def _living(step: Step, _: CapacityPart, held: _Held) -> Step:
    terms, size, months = held.terms, held.features.get("household_members"), _months(held.policy)
    left = held.part("margin")
    margin = left.amount_fen if left else 0
    if size is None:
        members = of_policy("members", terms.members.value, "capacity.members")
    else:
        members = Step("members", value=size, source="feature:household_members")
    allowance = fen(terms.living_allowance.value)
    whole = allowance * exactly(members.value or 0.0) * int(months.value or 0)
    given = Step("living_allowance", allowance, source="policy:capacity.living_allowance")
    parts = (
        Step(
            "household_allowance",
            math.ceil(whole),
            template=FORMULAS["household_allowance"],
            parts=(given, members, months),
        ),
        Step(
            "living_most",
            math.ceil(margin * exactly(terms.living_share.value)),
            terms.living_share.value,
            FORMULAS["living_most"],
            "policy:capacity.living_share",
            unit=SHARE,
        ),
    )
    return replace(step, parts=parts)


def _debt_service(step: Step, _: CapacityPart, held: _Held) -> Step:
    features, policy = held.features, held.policy
    service = of_feature(features, "monthly_debt_service")
    if service.note == UNKNOWN or features.get("debt_service_months") is None:
        return replace(step, parts=(service, _months(policy)))
    ends = of_feature(features, "debt_service_months")
    return replace(step, template=FORMULAS["debt_service_ends"], parts=(service, ends, _months(policy)))


_GROWN: dict[str, Callable[[Step, CapacityPart, _Held], Step]] = {
    "sales_bad_year": _bad_year,
    "doubted_sales": _doubted,
    "platform_fees": _fees,
    "freight": _freight,
    "cost_of_goods": _goods,
    "produce_loss": _produce_loss,
    "living": _living,
    "debt_service": _debt_service,
    "debt_service_room": _room,
}
"""What a step follows from; of the others the formula says it all."""


def _months(policy: Policy) -> Step:
    return of_policy("months", float(policy.term.months.value), "term.months")


def _grace(policy: Policy) -> Iterator[Step]:
    """The months in which nothing is repaid."""
    if months := policy.term.grace_months.value:
        yield of_policy("grace_months", float(months), "term.grace_months")


def _up_front(policy: Policy) -> Step:
    charges = (
        of_policy(charge.code, charge.value, f"charges.{charge.code}", SHARE)
        for charge in policy.charges
        if charge.kind in UP_FRONT
    )
    fee = of_policy("upfront_fee", policy.price.upfront_fee.value, "price.upfront_fee", SHARE)
    return Step(
        "up_front",
        value=up_front_share(policy),
        unit=SHARE,
        template=FORMULAS["up_front"],
        parts=(fee, *charges),
    )


def _standing(decision: Decision) -> Iterator[Step]:
    held = decision.forecast.standing
    if held is None:
        return
    months = {"n": str(held.months)}
    average = Step("average", held.average_fen, template=FORMULAS["average"], numbers=months)
    silent = Step("silent_months", value=float(held.silent_months))
    yield Step("level", held.level_fen, template=FORMULAS["level"], parts=(average,))
    yield Step("trades", value=held.trades, unit=SHARE, template=FORMULAS["trades"], parts=(silent,))
