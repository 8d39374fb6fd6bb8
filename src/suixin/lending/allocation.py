"""Allocation of a repayment: which part of what is owed a payment settles, in the order that the contract agrees.

What is owed lies in twelve buckets, {past due, due, in advance} x {penalty, fee, principal, interest}, as in Apache
Fineract. The order is a tuple of buckets; what no bucket of it takes is an overpayment, a liability to the borrower.
What the lender may call income is another question: see `lending.recognition`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.parameters import Stated
from suixin.lending.prepay import Way
from suixin.money import check_minor, split


class Timing(StrEnum):
    """Where a due date lies, seen from the day of a payment."""

    PAST_DUE = "past_due"
    DUE = "due"
    IN_ADVANCE = "in_advance"


class Kind(StrEnum):
    """What is owed. A penalty is penalty or compound interest, a fee is a collection cost or an agreed charge."""

    PENALTY = "penalty"
    FEE = "fee"
    PRINCIPAL = "principal"
    INTEREST = "interest"


class Bucket(StrEnum):
    """A timing and a kind. Interest in advance is what accrued up to the day; later interest is not owed at all."""

    PAST_DUE_PENALTY = "past_due_penalty"
    PAST_DUE_FEE = "past_due_fee"
    PAST_DUE_PRINCIPAL = "past_due_principal"
    PAST_DUE_INTEREST = "past_due_interest"
    DUE_PENALTY = "due_penalty"
    DUE_FEE = "due_fee"
    DUE_PRINCIPAL = "due_principal"
    DUE_INTEREST = "due_interest"
    IN_ADVANCE_PENALTY = "in_advance_penalty"
    IN_ADVANCE_FEE = "in_advance_fee"
    IN_ADVANCE_PRINCIPAL = "in_advance_principal"
    IN_ADVANCE_INTEREST = "in_advance_interest"

    __hash__ = str.__hash__  # an enum's own runs in Python, and every payment looks its buckets up

    @property
    def timing(self) -> Timing:
        """Past due, due or in advance."""
        return _AXES[self][0]

    @property
    def kind(self) -> Kind:
        """Penalty, fee, principal or interest."""
        return _AXES[self][1]


_AXES = {Bucket(f"{timing}_{kind}"): (timing, kind) for timing in Timing for kind in Kind}
_BUCKETS = {axes: bucket for bucket, axes in _AXES.items()}
_AHEAD = frozenset(bucket for bucket, (timing, _) in _AXES.items() if timing is Timing.IN_ADVANCE)


class Within(StrEnum):
    """How the order of buckets and the order of dates go together."""

    BUCKET = "bucket"  # bucket by bucket, the oldest date first in each
    INSTALMENT = "instalment"  # date by date, the oldest first, in each the order of buckets


class Future(StrEnum):
    """Which principal in advance a payment settles, and so what the schedule is afterwards."""

    NEXT = "next"  # the next parts first, later ones stay
    LAST = "last"  # the last parts first, the term is shorter
    REAMORTISE = "reamortise"  # all parts in proportion, the dates stay

    @property
    def way(self) -> Way:
        """The prepayment of `lending.prepay` that makes the schedule anew."""
        return _WAYS[self]


_WAYS = {Future.NEXT: Way.KEEP, Future.LAST: Way.SHORTEN, Future.REAMORTISE: Way.LOWER}


class Owed(NamedTuple):
    """Owed, or a part of a payment: the bucket, the due date and the amount in fen."""

    bucket: Bucket
    due_on: date
    amount_fen: int


class Allocation(NamedTuple):
    """A payment in its parts, in the order in which they were settled, and what was left over, fen."""

    parts: tuple[Owed, ...]
    overpaid_fen: int

    def of(self, kind: Kind) -> int:
        """What went to one kind, fen."""
        return sum(amount for bucket, _, amount in self.parts if _AXES[bucket][1] is kind)

    @property
    def prepaid_fen(self) -> int:
        """Principal settled in advance: the schedule is made anew for it."""
        return sum(amount for bucket, _, amount in self.parts if bucket is Bucket.IN_ADVANCE_PRINCIPAL)


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """The contract's order of allocation.

    Attributes:
        order: buckets, first first, each at most once; a bucket left out is never paid, so that an order without
            principal in advance turns money ahead of its date into an overpayment.
        within: bucket by bucket, or instalment by instalment.
        future: which principal in advance is settled first.
    """

    order: tuple[Bucket, ...]
    within: Within = Within.BUCKET
    future: Future = Future.NEXT
    rank: dict[Bucket, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        order = tuple(Bucket(bucket) for bucket in self.order)
        if not order or len(set(order)) < len(order):
            raise UsageError(f"order of {len(order)} buckets is empty or names one twice; name each once")
        object.__setattr__(self, "rank", {bucket: number for number, bucket in enumerate(order)})

    def place(self, owed: Owed) -> int:
        """Where a sum stands in the order, as a figure to sort by."""
        ahead = owed.bucket in _AHEAD
        day = owed.due_on.toordinal()
        if ahead and self.future is Future.LAST:
            day = (1 << 24) - day
        if self.within is Within.BUCKET:
            return (self.rank[owed.bucket] << 25) + day
        return (ahead << 30) + (day << 4) + self.rank[owed.bucket]


CIVIL_CODE_561 = Stated(
    (
        Bucket.PAST_DUE_FEE,
        Bucket.DUE_FEE,
        Bucket.PAST_DUE_PENALTY,
        Bucket.DUE_PENALTY,
        Bucket.PAST_DUE_INTEREST,
        Bucket.PAST_DUE_PRINCIPAL,
        Bucket.DUE_INTEREST,
        Bucket.DUE_PRINCIPAL,
        Bucket.IN_ADVANCE_FEE,
        Bucket.IN_ADVANCE_PENALTY,
        Bucket.IN_ADVANCE_INTEREST,
        Bucket.IN_ADVANCE_PRINCIPAL,
    ),
    date(2021, 1, 1),
    "Civil Code of China, article 561: costs of realising the claim, then interest, then the debt",
)
DEFAULT = AllocationRule(CIVIL_CODE_561.value)


def bucket_of(kind: Kind, due_on: date, on: date, last_free_on: date | None = None) -> Bucket:
    """Return the bucket of a sum on the day of a payment.

    Args:
        kind: what is owed.
        due_on: its due date.
        on: the day of the payment.
        last_free_on: the last day of grace, up to which it is due and not past due; the due date if None.
    """
    if on < due_on:
        return _BUCKETS[Timing.IN_ADVANCE, kind]
    return _BUCKETS[Timing.DUE if on <= (last_free_on or due_on) else Timing.PAST_DUE, kind]


def allocate(amount_fen: int, owed: Iterable[Owed], rule: AllocationRule = DEFAULT) -> Allocation:
    """Allocate a payment over what is owed.

    Args:
        amount_fen: the payment, above 0.
        owed: sums of 0 or more in any order; those of one bucket and date are settled as they come.
        rule: the contract's order.

    Returns:
        The parts, each above 0 and at most what was owed, and the overpayment; together they are the payment.

    Raises:
        UsageError: a payment of 0 or less, a sum below 0, or an amount that is no int.
    """
    if check_minor(amount_fen, "payment") <= 0:
        raise UsageError(f"payment of {amount_fen} fen is not above 0; a payment back is a reversal")
    owed = tuple(owed)
    for line in owed:
        if check_minor(line[2], "owed") < 0:
            raise UsageError(
                f"{line.bucket} of {line.due_on} is {line.amount_fen} fen; owed sums are 0 or more"
            )
    left, parts = amount_fen, []
    for line in sorted((line for line in owed if line[2] and line[0] in rule.rank), key=rule.place):
        paid = min(left, line[2])
        parts.append(line if paid == line[2] else Owed(line[0], line[1], paid))
        left -= paid
        if not left:
            break
    if rule.future is Future.REAMORTISE:
        parts = _spread(parts, [line for line in owed if line.bucket is Bucket.IN_ADVANCE_PRINCIPAL])
    return Allocation(tuple(parts), left)


def _spread(parts: list[Owed], ahead: list[Owed]) -> list[Owed]:
    """Principal in advance comes off every later part in proportion to it."""
    prepaid = sum(part.amount_fen for part in parts if part.bucket is Bucket.IN_ADVANCE_PRINCIPAL)
    if not prepaid:
        return parts
    ahead = sorted(ahead, key=lambda line: line.due_on)
    shares = split(prepaid, [line.amount_fen for line in ahead])
    return [part for part in parts if part.bucket is not Bucket.IN_ADVANCE_PRINCIPAL] + [
        line._replace(amount_fen=share) for line, share in zip(ahead, shares, strict=True) if share
    ]
