"""The figures of a policy by their path, and those in which two policies differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from suixin.underwriting.policy import Policy

_ORIGIN = ("source", "since", "verified")  # where a figure comes from, not what it is
_TITLE = ("name", "version")  # of the policy
_NAMES = ("code", "grade", "feature", "published_on")  # what an entry of a list is called by
_FIRST_DAY = "from_day"  # a cap is called by it, alone or in a list; one that always binds by its lender type


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is not the same in both; None where one of them has none."""

    path: str
    a: Any
    b: Any


def figures(policy: Policy) -> dict[str, Any]:
    """Path -> figure, as 'capacity.service_share' or 'card.items.lenders.bands.[2, inf)'; without origins and title."""
    return dict(_walk(policy.model_dump(exclude=set(_TITLE)), ""))


def changes(a: Policy, b: Policy) -> list[Change]:
    """Every figure that differs, in the order of the file; what only B has comes last."""
    one, two = figures(a), figures(b)
    paths = dict.fromkeys([*one, *two])
    return [Change(p, one.get(p), two.get(p)) for p in paths if one.get(p) != two.get(p)]


def _walk(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict) and part.get(_FIRST_DAY):
        rest = {key: value for key, value in part.items() if key != _FIRST_DAY}
        yield from _walk(rest, f"{path}.{part[_FIRST_DAY]}")
    elif isinstance(part, dict):
        for key, value in part.items():
            if key not in _ORIGIN:
                yield from _walk(value, path if key == "value" else f"{path}.{key}".lstrip("."))
    elif isinstance(part, list | tuple) and part and isinstance(part[0], dict):
        for number, entry in enumerate(part):
            name, rest = _named(entry, number)
            yield from _walk(rest, f"{path}.{name}" if name else path)
    elif part is not None:
        yield path, _text(part)


def _named(entry: dict[str, Any], number: int) -> tuple[str, Any]:
    """The name of an entry of a list, and what there is beside its name."""
    if entry.keys() == {"low", "high", "points"}:
        low = "-inf" if entry["low"] is None else f"{entry['low']:g}"
        return f"[{low}, {'inf' if entry['high'] is None else format(entry['high'], 'g')})", entry["points"]
    if _FIRST_DAY in entry:
        return "", entry
    name = next((key for key in _NAMES if key in entry), None)
    if name is None:
        return str(number), entry
    return str(entry[name]), {key: value for key, value in entry.items() if key != name}


def _text(figure: Any) -> Any:
    if isinstance(figure, list | tuple):
        return ", ".join(str(each) for each in figure)
    return figure.isoformat() if isinstance(figure, date) else figure
