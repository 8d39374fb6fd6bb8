"""Hide what rests on too few people, and as much more as it takes that nobody computes it.

Two steps, as in Hundepool et al., Statistical Disclosure Control (2012), ch. 4: a cell that rests on fewer than `least`
people is hidden (primary suppression; nobody is fewer than ten as well); then other cells are hidden until the attacker of
`suixin.regions.attack` finds nothing (complementary suppression, checked by the audit itself).

What is guaranteed: whoever has the table, those published before that are given, all their totals, and knows that nothing
is negative and how the columns hang together, can neither say of a hidden or implied cell how many people it is within a
span of `least` (unless it is known to be `least` or more) nor its amount within a factor of two. The check needs only what is
published, so that anybody can repeat it.

What is not: the attacker is not assumed to reason from the choice of what was hidden, nor to be one of the borrowers;
no rule limits the share of one large borrower in a figure of ten; and tables further back than those that are given
count only through them.
"""

from collections.abc import Iterator, Mapping, Sequence

from suixin.errors import UsageError
from suixin.regions.attack import attack, exposed
from suixin.regions.table import BEFORE, WHOLE, Cell, Figure, Relation, Table

LEAST = 10
"""Figures of fewer people are not shown."""


def primary(table: Table, least: int = LEAST) -> frozenset[Cell]:
    """The cells that rest on fewer than `least` people."""
    return frozenset(cell for cell, figure in table.cells() if figure is None or figure.people < least)


def suppress(
    table: Table, relations: Sequence[Relation] = (), before: Sequence[Table] = (), least: int = LEAST
) -> Table:
    """The table as it may be published; the same figures give the same table.

    Args:
        table: every figure, nothing hidden.
        relations: what is known of its columns.
        before: the tables published before, as they were published, the latest first.
        least: people.

    Raises:
        UsageError: a figure is missing or negative, or places do not add up.
    """
    _judge(table)
    held = before if any(one.looks_back for one in relations) else ()
    while held and not _agree(table, relations, held):
        held = held[:-1]
    hidden = primary(table, least)
    while True:
        shown = table.without(hidden)
        more = _victims(table, hidden, relations, exposed(shown, relations, held, least))
        if not more:
            return shown
        hidden |= more


def _judge(table: Table) -> None:
    for (column, area), figure in table.cells():
        if figure is None or min(figure) < 0:
            raise UsageError(
                f"column {column!r} of place {area!r} is {figure}; give every figure, none below 0"
            )
    within: dict[str, list[str]] = {}
    for area, parent in table.parents.items():
        within.setdefault(parent, []).append(area)
    for column, held in table.columns.items():
        for parent, inner in within.items():
            parts = [held[area] or Figure(0, 0) for area in inner]
            whole = Figure(sum(one.people for one in parts), sum(one.minor for one in parts))
            if whole != held[parent]:
                raise UsageError(
                    f"column {column!r}: the places in {parent!r} come to {whole}, not {held[parent]}"
                )


def _agree(table: Table, rules: Sequence[Relation], before: Sequence[Table]) -> bool:
    """Whether the tables can all be true under the relations: if not, nobody learns from the earliest of them."""
    try:
        for part in (0, 1):
            attack(table, rules, before, part).interval(0)
    except UsageError:
        return False
    return True


def _victims(
    table: Table, hidden: frozenset[Cell], rules: Sequence[Relation], found: Sequence[Cell]
) -> frozenset[Cell]:
    """One more cell to hide for each column in which something is exposed."""
    chosen: dict[str, Cell] = {}
    for cell in found:
        if cell.column not in chosen:
            victim = next((one for one in _order(table, cell, rules) if one not in hidden), None)
            if victim is not None:
                chosen[cell.column] = victim
    return frozenset(chosen.values())


def _order(table: Table, cell: Cell, rules: Sequence[Relation]) -> Iterator[Cell]:
    """What could hide a cell, the best first.

    Its own column, those tied to it, any; there its own place, neighbours from the smallest, what contains them, any.
    """
    for column in _columns(table, cell.column, rules):
        held = table.columns[column]
        parent = table.parents.get(cell.area, WHOLE)
        near = [area for area in table.parents if table.parents[area] == parent]
        for areas in ([cell.area], _smallest(held, near), [parent], _smallest(held, table.areas)):
            yield from (Cell(column, area) for area in areas)


def _columns(table: Table, name: str, rules: Sequence[Relation]) -> Iterator[str]:
    own = _plain(name)
    tied = {_plain(one) for rule in rules if own in map(_plain, rule.terms) for one in rule.terms}
    later = list(reversed(list(table.columns)))
    order = [own, *(one for one in later if one in tied), *later]
    yield from dict.fromkeys(one for one in order if one in table.columns)


def _plain(name: str) -> str:
    """A column's own name, whichever month it is of."""
    return name.replace(BEFORE, "")


def _smallest(held: Mapping[str, Figure | None], areas: Sequence[str]) -> list[str]:
    return sorted(areas, key=lambda area: (held[area] or Figure(0, 0), area))
