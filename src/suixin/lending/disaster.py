"""Disaster moratorium: one event, a township and crop at a time, for every loan it reaches, as a batch of data.

Dates move, days past due freeze and penalty stops from the first day to the last; interest runs on its dates, is put
off, or is paid by the government. Another person than the maker checks the batch, and it lists who is relieved and who
is not, with the reason. Relief of this kind lowers no class by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.standing import Span, Standing
from suixin.lending.subsidy import Subsidised, subsidise
from suixin.lending.terms import Deferred, Moratorium, judge_rate


@dataclass(frozen=True, slots=True)
class Disaster:
    """A moratorium for those whom an event struck.

    Attributes:
        event: name and number of the event, as its declaration has it.
        source: the declaration.
        townships: codes that the event struck.
        crops: that it struck; every crop if empty.
        first_on: the first day.
        last_on: the last day: nothing is relieved after it.
        deferred: when the interest of the span falls due.
        extend: dates move behind the last one; else later instalments are higher.
        subsidy_rate: annual rate that the government pays of interest due in the span; needs `Deferred.DUE`.
        made_by: who made the batch.
        checked_by: who checked it.
    """

    event: str
    source: str
    townships: frozenset[str]
    crops: frozenset[str]
    first_on: date
    last_on: date
    made_by: str
    checked_by: str
    deferred: Deferred = Deferred.NEXT
    extend: bool = True
    subsidy_rate: Decimal | None = None

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise UsageError(
                f"{self.event}: the moratorium ends on {self.last_on}, before {self.first_on}",
                zh=f"{self.event}：结束日 {self.last_on} 早于开始日 {self.first_on}",
            )
        if not self.made_by or not self.checked_by or self.made_by == self.checked_by:
            raise UsageError(
                f"{self.event}: who makes a batch and who checks it are two people",
                zh=f"{self.event}：须由两个不同的人经办和复核",
            )
        if not self.townships:
            raise UsageError(
                f"{self.event}: no township; name those that the event struck",
                zh=f"{self.event}：请写明受灾乡镇",
            )
        if self.subsidy_rate is not None:
            judge_rate(self.subsidy_rate)
            if self.deferred is not Deferred.DUE:
                raise UsageError(
                    f"{self.event}: subsidised interest is due on its dates; use deferred 'due'",
                    zh=f"{self.event}：贴息的利息须按原日期到期",
                )


class Placed(NamedTuple):
    """A loan, and where and on what its borrower farms or trades."""

    standing: Standing
    township: str
    crop: str


class Excluded(StrEnum):
    """Why a loan is not relieved."""

    TOWNSHIP = "township"
    CROP = "crop"
    LATER = "later"  # granted after the event began
    RELIEVED = "relieved"  # a moratorium is in its terms already
    ENDED = "ended"  # not paid out, paid in full, or written off
    NO_DATE_LEFT = "no_date_left"  # the span covers the last date and dates do not move


class Beneficiary(NamedTuple):
    """A relieved loan.

    Attributes:
        before: the loan as it was.
        after: the loan as it goes on; its days past due are frozen in the span.
        moved: due dates in the span.
        ends_on: the new last due date.
    """

    before: Standing
    after: Standing
    moved: tuple[date, ...]
    ends_on: date


class Batch(NamedTuple):
    """What a moratorium does: each loan is in exactly one of both lists, in the order of its id."""

    disaster: Disaster
    beneficiaries: tuple[Beneficiary, ...]
    excluded: tuple[tuple[str, Excluded], ...]


def relieve(disaster: Disaster, loans: Iterable[Placed]) -> Batch:
    """Apply a moratorium to every loan that it reaches.

    A loan that ended before the span, with arrears, keeps its terms: only its days are frozen and penalty stops.

    Raises:
        UsageError: a loan comes twice.
    """
    placed = sorted(loans, key=lambda one: one.standing.loan_id)
    ids = [one.standing.loan_id for one in placed]
    if len(set(ids)) < len(ids):
        raise UsageError(
            f"{disaster.event}: {len(ids)} loans repeat an id; give each loan once",
            zh=f"{disaster.event}：名单中有重复的贷款",
        )
    found = [(one, _why_not(disaster, one)) for one in placed]
    return Batch(
        disaster,
        tuple(_relieved(disaster, one.standing) for one, why in found if why is None),
        tuple((one.standing.loan_id, why) for one, why in found if why is not None),
    )


def government_pays(batch: Batch, loan_id: str) -> tuple[Subsidised, ...]:
    """Return who pays the interest of a relieved loan that falls due in the span.

    Raises:
        UsageError: no such beneficiary, a loan that was repriced, or a subsidy above the contract rate.
    """
    held = batch.disaster
    after = next((one.after for one in batch.beneficiaries if one.after.loan_id == loan_id), None)
    if after is None:
        raise UsageError(
            f"{held.event}: loan {loan_id} is not relieved", zh=f"{held.event}：贷款 {loan_id} 没有延期"
        )
    if after.terms.rate_steps:
        raise UsageError(
            f"loan {loan_id} was repriced; split its interest between the repricings",
            zh=f"贷款 {loan_id} 期间重定价过，请按重定价前后分段计算利息",
        )
    rows = subsidise(build(after.terms), held.subsidy_rate or Decimal(0))
    return tuple(row for row in rows if held.first_on <= row.due_on <= held.last_on)


def outside(disaster: Disaster, township: str, crop: str) -> Excluded | None:
    """Return why an event did not strike a township and crop, None if it did."""
    if township not in disaster.townships:
        return Excluded.TOWNSHIP
    if disaster.crops and crop not in disaster.crops:
        return Excluded.CROP
    return None


def _why_not(disaster: Disaster, one: Placed) -> Excluded | None:
    terms = one.standing.terms
    elsewhere = outside(disaster, one.township, one.crop)
    if elsewhere is not None:
        return elsewhere
    if one.standing.granted_on > disaster.first_on:
        return Excluded.LATER
    if terms.moratorium is not None and _moved(disaster, one.standing):
        return Excluded.RELIEVED
    if terms.periods[-1].due_on in _moved(disaster, one.standing) and not disaster.extend:
        return Excluded.NO_DATE_LEFT
    return None


def _relieved(disaster: Disaster, before: Standing) -> Beneficiary:
    moved = _moved(disaster, before)
    terms = before.terms
    if moved:
        held = Moratorium(disaster.first_on, disaster.last_on, disaster.deferred, disaster.extend)
        terms = replace(terms, moratorium=held)
    span = Span(disaster.first_on, disaster.last_on)
    after = replace(before, terms=terms, frozen=tuple(sorted({*before.frozen, span})))
    return Beneficiary(before, after, moved, build(terms).rows[-1].due_on)


def _moved(disaster: Disaster, standing: Standing) -> tuple[date, ...]:
    dues = (period.due_on for period in standing.terms.periods)
    return tuple(due for due in dues if disaster.first_on <= due <= disaster.last_on)
