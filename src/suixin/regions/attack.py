"""What somebody who has every published figure can work out about those that are hidden.

The attacker knows the printed figures, that no figure is negative, that places add up to what contains them, and the
relations between columns and months. What is hidden then lies in a polytope; its interval is found by linear programmes,
as in the audit of Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from suixin.errors import UsageError
from suixin.regions.table import BEFORE, WHOLE, Cell, Relation, Table

_LARGE = 20.0  # times all that is printed: so far goes what nothing bounds
_INFEASIBLE = 2
_DIRECTIONS = 8
_LOOSE = 1e-6

Row = list[tuple[int, float]]
Floats = NDArray[np.float64]


@dataclass
class Attack:
    """The attacker's knowledge of counts, or of amounts (`part` 0 or 1 of a figure)."""

    cells: list[Cell]
    low: Floats
    high: Floats
    equal: list[Row] = field(default_factory=list)
    at_most: list[Row] = field(default_factory=list)
    scale: float = 1.0
    least: Floats = field(default_factory=lambda: np.zeros(0))
    most: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def hidden(self) -> list[int]:
        """Places in `cells` of what is not printed."""
        return [at for at in range(len(self.cells)) if self.low[at] != self.high[at]]

    def seen(self, at: int) -> tuple[float, float]:
        """An interval that is certainly possible, from the solutions so far."""
        return float(self.least[at] * self.scale), float(self.most[at] * self.scale)

    def interval(self, at: int) -> tuple[float, float]:
        """The least and the most that a figure can be.

        Raises:
            UsageError: no figures at all fit what is printed.
        """
        self.sample()
        towards = np.zeros(len(self.cells))
        towards[at] = 1.0
        if self.least[at] > self.low[at]:
            self._solve(towards)
        if self.most[at] < self.high[at]:
            self._solve(-towards)
        return self.seen(at)

    def sample(self) -> None:
        """Look in a few directions, once: most figures show there that they are well hidden.

        Raises:
            UsageError: as `interval`.
        """
        if self.least.size:
            return
        size, rng = len(self.cells), np.random.default_rng(0)
        self._solve(np.ones(size))
        for _ in range(_DIRECTIONS):
            self._solve(-(rng.exponential(size=size) ** 2))

    def _solve(self, cost: Floats) -> None:
        bounds = np.column_stack([self.low, self.high])
        found = linprog(cost, **self._rules, bounds=bounds, method="highs")
        if found.status == _INFEASIBLE or found.x is None:
            raise UsageError("the figures of the tables contradict each other; no figures fit all of them")
        if not self.least.size:
            self.least, self.most = found.x.copy(), found.x.copy()
        np.minimum(self.least, found.x, out=self.least)
        np.maximum(self.most, found.x, out=self.most)

    @cached_property
    def _rules(self) -> dict[str, Any]:
        rows = {"A_eq": self._matrix(self.equal), "A_ub": self._matrix(self.at_most)}
        given: dict[str, Any] = {name: matrix for name, matrix in rows.items() if matrix is not None}
        return given | {f"b{name[1:]}": np.zeros(matrix.shape[0]) for name, matrix in given.items()}

    def _matrix(self, rows: Sequence[Row]) -> csr_matrix | None:
        if not rows:
            return None
        entries = [(number, at, factor) for number, row in enumerate(rows) for at, factor in row]
        number, at, factor = zip(*entries, strict=True)
        return csr_matrix((factor, (number, at)), shape=(len(rows), len(self.cells)))


def attack(table: Table, relations: Sequence[Relation], before: Sequence[Table], part: int) -> Attack:
    """The attacker of a table who also has those published before, the latest first; `part` 0 counts people, 1 amounts."""
    rules = list(_rules(relations, len(before), part))
    known = dict(_printed((table, *before), table.areas, part))
    names = {name for terms, _ in rules for name in terms} | {cell.column for cell in known}
    cells = [Cell(name, area) for name in sorted(names) for area in table.areas]
    place = {cell: at for at, cell in enumerate(cells)}
    printed = [float(held) for held in known.values() if held is not None]
    scale = max(max(printed, default=0.0) / 1e4, 1.0)
    roof = _LARGE * (sum(printed) + 1000.0) / scale
    values = [known.get(cell) for cell in cells]
    low = np.array([0.0 if held is None else held / scale for held in values])
    high = np.array([roof if held is None else held / scale for held in values])
    made = Attack(cells, low, high, scale=scale)
    made.equal = [*_sums(table, sorted(names), place)]
    for terms, equal in rules:
        into = made.equal if equal else made.at_most
        for area in table.areas:
            into.append([(place[Cell(name, area)], float(by)) for name, by in terms.items()])
    return made


def _rules(relations: Sequence[Relation], earlier: int, part: int) -> Iterator[tuple[dict[str, int], bool]]:
    """(terms, whether they come to 0 exactly) for every month; the earliest one has none before it."""
    for back in range(earlier + 1):
        for one in relations:
            if (one.counts, one.amounts)[part] and not (one.looks_back and back == earlier):
                yield {BEFORE * back + name: by for name, by in one.terms.items()}, one.equal


def _printed(tables: Sequence[Table], areas: Sequence[str], part: int) -> Iterator[tuple[Cell, int | None]]:
    for back, table in enumerate(tables):
        for name, held in table.columns.items():
            for area in areas:
                figure = held.get(area)  # a place that was not listed then may have had anything
                yield Cell(BEFORE * back + name, area), None if figure is None else figure[part]


def _sums(table: Table, names: Sequence[str], place: dict[Cell, int]) -> Iterator[Row]:
    within: dict[str, list[str]] = {}
    for area, parent in table.parents.items():
        within.setdefault(parent, []).append(area)
    for name in names:
        for parent in (WHOLE, *sorted(within.keys() - {WHOLE})):
            inner = [(place[Cell(name, area)], 1.0) for area in sorted(within.get(parent, []))]
            if inner:
                yield [*inner, (place[Cell(name, parent)], -1.0)]


def exposed(
    table: Table, relations: Sequence[Relation] = (), before: Sequence[Table] = (), least: int = 10
) -> list[Cell]:
    """The hidden cells, of all the tables and implied ones, that an attacker knows too well.

    A cell is well hidden if the attacker finds it to be `least` people or more, or cannot say how many within a span of
    `least`; and, unless it is known to be `least` or more, cannot tell its amount within a factor of two.

    Raises:
        UsageError: the tables contradict each other.
    """
    people = attack(table, relations, before, 0)
    found, few = [], set[Cell]()
    for at in people.hidden:
        low, high = _wide(people, at, float(least))
        if low < least - _LOOSE:
            few.add(people.cells[at])
            if high - low < least - _LOOSE:
                found.append(people.cells[at])
    money = attack(table, relations, before, 1)
    for at in money.hidden:
        cell = money.cells[at]
        if cell in few and cell not in found and not _vague(money, at):
            found.append(cell)
    return found


def _wide(held: Attack, at: int, least: float) -> tuple[float, float]:
    held.sample()
    low, high = held.seen(at)
    return (low, high) if low < least <= high - low else held.interval(at)


def _vague(held: Attack, at: int) -> bool:
    held.sample()
    return any(
        high > _LOOSE * held.scale and low <= high / 2 * (1 + _LOOSE)
        for low, high in (look(at) for look in (held.seen, held.interval))
    )
