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
from suixin.lending.buckets import AHEAD, Bucket, Kind, Owed, Timing, bucket_of
from suixin.lending.parameters import Dated, Stated
from suixin.lending.prepay import Way
from suixin.money import check_minor, split

__all__ = [
    "DEFAULT",
    "ORDER",
    "Allocation",
    "AllocationRule",
    "Bucket",
    "Future",
    "Kind",
    "Owed",
    "Timing",
    "Within",
    "allocate",
    "bucket_of",
]


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


class Allocation(NamedTuple):
    """A payment in its parts, in the order in which they were settled, and what was left over, fen."""

    parts: tuple[Owed, ...]
    overpaid_fen: int

    def of(self, kind: Kind) -> int:
        """What went to one kind, fen."""
        return sum(amount for bucket, _, amount in self.parts if bucket.kind is kind)

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
    places: dict[Bucket, tuple[int, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        order = tuple(Bucket(bucket) for bucket in self.order)
        if not order or len(set(order)) < len(order):
            raise UsageError(f"order of {len(order)} buckets is empty or names one twice; name each once")
        places = {bucket: self._place(bucket, rank) for rank, bucket in enumerate(order)}
        object.__setattr__(self, "places", places)

    def _place(self, bucket: Bucket, rank: int) -> tuple[int, int]:
        """Base and step: base + step x day of a sum is where it stands in the order."""
        ahead = bucket in AHEAD
        base, step = ((ahead << 30) + rank, 16) if self.within is Within.INSTALMENT else (rank << 25, 1)
        if ahead and self.future is Future.LAST:
            return base + (step << 24), -step
        return base, step

    def place(self, owed: Owed) -> int:
        """Return where a sum stands in the order, as a figure to sort by."""
        base, step = self.places[owed[0]]
        return base + step * owed[1].toordinal()


ORDER = Dated(
    "order",
    (
        Stated(
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
        ),
    ),
)
DEFAULT = AllocationRule(ORDER.rows[-1].value)


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
    left, parts = amount_fen, []
    for line in sorted(_taken(owed, rule), key=rule.place):
        paid = min(left, line[2])
        parts.append(line if paid == line[2] else Owed(line[0], line[1], paid))
        left -= paid
        if not left:
            break
    if rule.future is Future.REAMORTISE:
        parts = _spread(parts, [line for line in owed if line.bucket is Bucket.IN_ADVANCE_PRINCIPAL])
    return Allocation(tuple(parts), left)


def _taken(owed: tuple[Owed, ...], rule: AllocationRule) -> list[Owed]:
    """What the order takes, judged."""
    places, found = rule.places, []
    for line in owed:
        amount = line[2]
        if type(amount) is not int or amount < 0:  # a call for each sum would cost more than the rest
            check_minor(amount, "owed")
            raise UsageError(f"{line.bucket} of {line.due_on} is {amount} fen; owed sums are 0 or more")
        if amount and line[0] in places:
            found.append(line)
    return found


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
