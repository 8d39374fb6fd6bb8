"""Buckets of what is owed: {past due, due, in advance} x {penalty, fee, principal, interest}, as in Apache Fineract."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple


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
AHEAD = frozenset(bucket for bucket, (timing, _) in _AXES.items() if timing is Timing.IN_ADVANCE)


class Owed(NamedTuple):
    """Owed, or a part of a payment: the bucket, the due date and the amount in fen."""

    bucket: Bucket
    due_on: date
    amount_fen: int


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
