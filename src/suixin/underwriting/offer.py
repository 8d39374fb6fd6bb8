"""What is offered at a limit and a rate: schedule, alternatives, cost table."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from suixin.lending.schedule import Method, Schedule, equal_instalment
from suixin.money import round_half_up
from suixin.underwriting.decision import CostItem, Terms
from suixin.underwriting.exact import exactly
from suixin.underwriting.forecast import Forecast
from suixin.underwriting.policy import Policy
from suixin.underwriting.policy_price import UP_FRONT, Charge
from suixin.underwriting.price import MILLION, all_in_rate, nominal_cost
from suixin.underwriting.season_fit import Alternative, alternatives, fitted, lowest_coverage
from suixin.underwriting.sweep import Sweep, sweep

ON_DEFAULT = ("overdue", "misuse")


def terms(
    amount_fen: int, rate_ppm: int, policy: Policy, outlook: Forecast, available: Sequence[int], as_of: date
) -> Terms:
    """The terms of a loan.

    Args:
        amount_fen: what is lent.
        rate_ppm: its contract rate.
        policy: the policy.
        outlook: tells whether the merchant sells in a season.
        available: what a bad year leaves for debt service by month of the term, fen.
        as_of: the day of the drawdown.
    """
    rate, months = Decimal(rate_ppm) / MILLION, policy.term.months.value
    made = schedule(amount_fen, rate_ppm, policy, outlook, available, as_of)
    swept = _sweep(amount_fen, rate, policy, outlook, as_of)
    by_sales = made.method is Method.SWEEP
    paths = (made, swept[2]) if by_sales and swept else (made,)
    seasonal = _fitted(amount_fen, rate, policy, outlook, available, as_of) if by_sales else None
    fee_fen = up_front(amount_fen, policy)
    return Terms(
        annual_rate_ppm=rate_ppm,
        all_in_rate_ppm=max(all_in_rate(path, fee_fen, as_of) for path in paths),
        fee_fen=fee_fen,
        term_months=len(made.rows),
        schedule=made,
        comparator=equal_instalment(amount_fen, rate, months, as_of),
        lowest_coverage=lowest_coverage(made, available),
        alternatives=(
            *alternatives(amount_fen, rate, as_of, months, available),
            *_other(made, swept, seasonal, available),
        ),
        costs=cost_table(paths, rate_ppm, policy, as_of),
        sweep=swept[0] if swept else None,
    )


def schedule(
    amount_fen: int, rate_ppm: int, policy: Policy, outlook: Forecast, available: Sequence[int], as_of: date
) -> Schedule:
    """Equal instalments if a bad year bears each; else, and for who sells in a season, fitted to what each month has left.

    Or from sales, if the policy says so.
    """
    rate, months = Decimal(rate_ppm) / MILLION, policy.term.months.value
    if policy.term.method.value == "sweep" and (swept := _sweep(amount_fen, rate, policy, outlook, as_of)):
        return swept[1]
    seasonal = _fitted(amount_fen, rate, policy, outlook, available, as_of)
    return seasonal or equal_instalment(amount_fen, rate, months, as_of)


def _fitted(
    amount_fen: int, rate: Decimal, policy: Policy, outlook: Forecast, available: Sequence[int], as_of: date
) -> Schedule | None:
    """The season-fitted schedule; None for who has nothing left, or sells evenly and can pay evenly.

    Equal instalments may not ask a month of a bad year for more than the policy's share of what it leaves.
    """
    term, asked = policy.term, policy.capacity.service_share.value
    if not any(available):
        return None
    if outlook.concentration < term.season_concentration.value:
        even = equal_instalment(amount_fen, rate, term.months.value, as_of)
        if (covered := lowest_coverage(even, available)) is None or covered * asked >= 1.0:
            return None
    floor_fen, grace = _amount(amount_fen, term.floor.value), term.grace_months.value
    return fitted(
        amount_fen, rate, as_of, available, floor_fen=floor_fen, floor_share=asked, grace_months=grace
    )


def _sweep(
    amount_fen: int, rate: Decimal, policy: Policy, outlook: Forecast, as_of: date
) -> tuple[Sweep, Schedule, Schedule] | None:
    """Repayment from sales; None where the policy does not offer it, or a bad year sells nothing."""
    bad, usual = (year[: policy.term.months.value] for year in (outlook.bad_year, outlook.usual))
    if policy.term.sweep is None or not any(month > 0 for month in bad):
        return None
    return sweep(amount_fen, rate, as_of, bad, usual, policy.term.sweep)


def _other(
    made: Schedule,
    swept: tuple[Sweep, Schedule, Schedule] | None,
    seasonal: Schedule | None,
    available: Sequence[int],
) -> Iterator[Alternative]:
    """Of the season-fitted schedule and the sweep the one that is not offered: a year as bad as one in ten."""
    for other in (seasonal, swept[1] if swept else None):
        if other and other.method is not made.method:
            yield Alternative(other.method.value, other.total_interest_fen, lowest_coverage(other, available))


def up_front(amount_fen: int, policy: Policy) -> int:
    """Everything that is paid up front, fen."""
    charges = sum(_amount(amount_fen, charge.value) for charge in policy.charges if charge.kind in UP_FRONT)
    return _amount(amount_fen, policy.price.upfront_fee.value) + charges


def up_front_share(policy: Policy) -> float:
    """The same as a share of the principal."""
    return policy.price.upfront_fee.value + sum(c.value for c in policy.charges if c.kind in UP_FRONT)


def capped_cost(
    amount_fen: int, rate_ppm: int, policy: Policy, outlook: Forecast, available: Sequence[int], as_of: date
) -> int:
    """What a cap is held against, ppm: the contract rate, or with something up front the nominal cost of all flows.

    Repaid from sales a usual year is over sooner than a bad one, and what was paid up front weighs more.
    """
    fee_fen = up_front(amount_fen, policy)
    if not fee_fen or rate_ppm >= MILLION:
        return rate_ppm
    made = schedule(amount_fen, rate_ppm, policy, outlook, available, as_of)
    cost = max(rate_ppm, nominal_cost(made, fee_fen))
    if made.method is Method.SWEEP:
        swept = _sweep(amount_fen, Decimal(rate_ppm) / MILLION, policy, outlook, as_of)
        return max([cost, *(nominal_cost(path, fee_fen) for path in (swept or ())[2:])])
    return cost


def default_rate(policy: Policy, rate_ppm: int) -> float:
    """What is charged a year on an overdue loan, as a fraction."""
    multiples = [charge.value for charge in policy.charges if charge.kind == "overdue"]
    return rate_ppm * max(multiples, default=1.0) / MILLION


def cost_table(paths: Sequence[Schedule], rate_ppm: int, policy: Policy, as_of: date) -> tuple[CostItem, ...]:
    """Every line of what the financing costs, when all is paid as agreed and on default; nothing else is charged.

    Amounts are those of the first path, whole costs a year those of the dearest.
    """
    made = paths[0]
    principal, interest, fee = made.principal_fen, made.total_interest_fen, policy.price.upfront_fee.value
    rows = [
        _line("principal", "principal", None, principal),
        _line("interest", "interest", rate_ppm, interest),
    ]
    if fee:
        rows.append(_line("upfront_fee", "fee", _ppm(fee), _amount(principal, fee)))
    rows += [_charged(charge, principal) for charge in policy.charges if charge.kind in UP_FRONT]
    fee_fen = up_front(principal, policy)
    rows.append(
        _line(
            "all_in",
            "total",
            max(all_in_rate(path, fee_fen, as_of) for path in paths),
            fee_fen + interest,
            "",
        )
    )
    given = min(rate_ppm, sum(_ppm(charge.value) for charge in policy.charges if charge.kind == "subsidy"))
    if given:
        part = given / rate_ppm
        paid = round_half_up(interest * Decimal(given) / rate_ppm)
        payers = ", ".join(charge.payee for charge in policy.charges if charge.kind == "subsidy")
        after = max(all_in_rate(path, fee_fen, as_of, part) for path in paths)
        rows.append(_line("subsidy", "subsidy", given, -paid, payers))
        rows.append(_line("all_in_after_subsidy", "total", after, fee_fen + interest - paid, ""))
    rows += [
        CostItem(charge.code, charge.kind, True, round(rate_ppm * charge.value), None, charge.payee)
        for charge in policy.charges
        if charge.kind in ON_DEFAULT
    ]
    return tuple(rows)


def _line(code: str, kind: str, rate_ppm: int | None, amount_fen: int, payee: str = "lender") -> CostItem:
    return CostItem(code, kind, False, rate_ppm, amount_fen, payee)


def _charged(charge: Charge, principal_fen: int) -> CostItem:
    return _line(
        charge.code, charge.kind, _ppm(charge.value), _amount(principal_fen, charge.value), charge.payee
    )


def _amount(principal_fen: int, share: float) -> int:
    return round_half_up(principal_fen * Decimal(repr(share)))


def _ppm(share: float) -> int:
    return round(exactly(share) * MILLION)
