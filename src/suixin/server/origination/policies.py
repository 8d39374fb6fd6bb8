"""Questions about policies: those that were released, the one that is proposed, how two differ, and what one would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from suixin.errors import PolicyError
from suixin.server.origination import documents
from suixin.server.origination.desk import policy_of
from suixin.server.origination.models import DecisionRecord, PolicyProposal, PolicyRelease
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Outcome
from suixin.underwriting.exact import fen
from suixin.underwriting.policy import LoadedPolicy
from suixin.underwriting.portfolio import Pair, Portfolio, portfolio, verdict

MOST = 60
"""So many of the last decisions are decided again to see what a policy would change."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: `kind` is '+', '-', '@' or ' '."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The applications whose decision went from one outcome to another, by their numbers, the latest first."""

    before: Outcome
    after: Outcome
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What the same cases come to under the policy in force and under another one."""

    before: Portfolio
    after: Portfolio
    moved: tuple[Moved, ...]


def releases() -> list[PolicyRelease]:
    """Every release, the latest first."""
    return list(PolicyRelease.objects.order_by("-id"))


def require_new_version(loaded: LoadedPolicy) -> None:
    """PolicyError if another text was released under this name and version: a decision names its policy by them.

    A text that was released before may be released again: that is how one goes back.
    """
    name, version = loaded.policy.name, loaded.policy.version
    held = PolicyRelease.objects.filter(name=name, version=version)
    if held.exists() and not PolicyRelease.objects.filter(hash=loaded.hash).exists():
        raise PolicyError(
            f"another text was released as {name} {version}; give this one a version of its own",
            zh=f"{name} 的版本 {version} 已发布过另一份文本；请在 version 一行写新的版本号",
        )


def most_minor() -> int | None:
    """The most that the policy in force grants one borrower, in minor units; None while none is in force."""
    last = PolicyRelease.objects.order_by("-id").first()
    return None if last is None else fen(policy_of(last).policy.limit.product_cap.value)


def proposal() -> PolicyProposal | None:
    """The open proposal, None if there is none."""
    return PolicyProposal.objects.filter(state=PolicyProposal.State.OPEN).first()


def difference(before: str, after: str) -> list[Line]:
    """The lines by which two texts differ, with three lines around each place."""
    found = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return [Line(line[:1], line) for line in found if not line.startswith(("---", "+++"))]


def settings(before: LoadedPolicy, after: LoadedPolicy) -> list[tuple[str, str, str]]:
    """(place, before, after) of every figure by which two policies differ, as they were understood."""
    one = dict(_flat("", before.policy.model_dump(mode="json")))
    two = dict(_flat("", after.policy.model_dump(mode="json")))
    names = sorted(one.keys() | two.keys())
    return [
        (name, one.get(name, "–"), two.get(name, "–")) for name in names if one.get(name) != two.get(name)
    ]


def _flat(place: str, held: Any) -> Iterator[tuple[str, str]]:
    if isinstance(held, dict):
        for name, value in held.items():
            yield from _flat(f"{place}.{name}" if place else str(name), value)
    elif isinstance(held, list):
        for at, value in enumerate(held):
            yield from _flat(f"{place}[{_name(value) or at}]", value)
    else:
        yield place, "–" if held is None else str(held)


def _name(held: Any) -> str:
    """What a part of a list is called, '' if it is only counted."""
    names = (
        [held[key] for key in ("code", "grade", "feature") if key in held] if isinstance(held, dict) else []
    )
    return str(names[0]) if names else ""


def tried(in_force: LoadedPolicy, other: LoadedPolicy) -> Tried:
    """Decide the last cases again by both: each application's latest, as it was kept, and nothing is stored."""
    rows = DecisionRecord.objects.order_by("-id").values_list("application__number", "case")
    latest: dict[str, str] = {}
    for number, text in rows[: 2 * MOST]:
        latest.setdefault(number, text)
    pairs = []
    went: dict[tuple[Outcome, Outcome], list[str]] = {}
    for number, text in list(latest.items())[:MOST]:
        case = documents.read_case(text)
        one, two = (verdict(decide(case, loaded, hints=False)) for loaded in (in_force, other))
        pairs.append(Pair(case.merchant_id, case.as_of, one, two))
        went.setdefault((one.outcome, two.outcome), []).append(number)
    before = portfolio([pair.a for pair in pairs], in_force.policy.price.lgd.value, 1)
    after = portfolio([pair.b for pair in pairs], other.policy.price.lgd.value, 1)
    moved = (
        Moved(a, b, tuple(went[a, b])) for a in Outcome for b in Outcome if a is not b and (a, b) in went
    )
    return Tried(before, after, tuple(moved))
