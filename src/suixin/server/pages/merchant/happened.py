"""What happened to an application, as its merchant is told: the answer, and not who advised or voted what on the way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from suixin.server.origination.actions.vote import counted
from suixin.server.origination.models import Opinion

Stage, Verdict = Opinion.Stage, Opinion.Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, in which part of the case, and what was said, 'noted' where that stays in the house."""

    at: datetime
    stage: str
    verdict: str
    amount_minor: int | None


def steps(said: Iterable[Opinion]) -> Iterator[Step]:
    """The steps in their order; the votes of a committee are one."""
    for stage, some in groupby(said, key=lambda one: one.stage):
        if stage == Stage.COMMITTEE:
            yield _committee(list(some))
        else:
            yield from map(_step, some)


def _step(one: Opinion) -> Step:
    brought = one.stage == Stage.APPROVAL and one.verdict == Verdict.REFER
    if brought or one.stage == Stage.REVIEW:
        return Step(one.at, one.stage, Verdict.NOTED, None)
    return Step(one.at, one.stage, one.verdict, one.amount_minor)


def _committee(votes: list[Opinion]) -> Step:
    last = votes[-1]
    outcome = counted([one.verdict for one in votes])
    granted = last.amount_minor if outcome == Verdict.APPROVE else None
    return Step(last.at, last.stage, outcome or Verdict.NOTED, granted)
