"""What rests on fewer than ten people is hidden, and nobody who has the tables works it out."""

from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from suixin.errors import UsageError
from suixin.regions.attack import attack, exposed
from suixin.regions.suppress import primary, suppress
from suixin.regions.table import BEFORE, WHOLE, Cell, Figure, Relation, Table

LATE = (Relation({"late": 1, "current": 1, "borrowers": -1}, equal=True),)
COUNTED = {"amounts": False}
MOVED = (
    Relation({f"{BEFORE}borrowers": 1, "borrowers": -1, "left": -1}, **COUNTED),
    Relation({"left": 1, f"{BEFORE}borrowers": -1, "new": -1, "borrowers": 1}, **COUNTED),
)


def table(**columns):
    """A county of townships, people by column; everybody stands for 100."""
    places = [f"{at:03d}" for at in range(1, len(next(iter(columns.values()))) + 1)]
    held = {}
    for name, counts in columns.items():
        whole = {WHOLE: Figure(sum(counts), 100 * sum(counts))}
        held[name] = whole | {a: Figure(n, 100 * n) for a, n in zip(places, counts, strict=True)}
    return Table(dict.fromkeys(places, WHOLE), held)


def shown(published, column):
    return [None if held is None else held.people for held in published.columns[column].values()]


def test_one_small_place_takes_another_with_it():
    """The total minus the others would be the three of the second place: the smallest other one is hidden, too."""
    made = table(borrowers=[40, 3, 12, 25])
    alone = made.without(primary(made))
    assert shown(alone, "borrowers") == [80, 40, None, 12, 25]
    assert exposed(alone) == [Cell("borrowers", "002")]
    assert shown(suppress(made), "borrowers") == [80, 40, None, None, 25]


def test_two_small_places_may_be_too_small_together():
    """Of two and three together everybody knows that each is five at most; a third one widens the span."""
    made = table(borrowers=[2, 3, 40, 12])
    assert shown(suppress(made), "borrowers") == [57, None, None, 40, None]
    assert shown(suppress(table(borrowers=[6, 6, 40, 12])), "borrowers") == [64, None, None, 40, 12]


def test_where_nothing_else_is_left_the_total_goes():
    """A county of nobody says nothing at all; of one place and its whole both are hidden."""
    assert shown(suppress(table(borrowers=[0, 0])), "borrowers") == [None, None, None]
    assert shown(suppress(table(borrowers=[9])), "borrowers") == [None, None]
    assert shown(suppress(table(borrowers=[9, 2])), "borrowers") == [11, None, None]


def test_the_rest_of_a_column_in_another_is_a_figure_as_well():
    """Twelve borrowers of whom eleven are late: one is not, though nobody printed it."""
    made = table(borrowers=[12, 60, 50], late=[11, 20, 30])
    assert exposed(made, LATE) == [Cell("current", "001")]
    assert shown(suppress(made, LATE), "late") == [61, None, None, 30]
    assert shown(suppress(made, LATE), "borrowers") == [122, 12, 60, 50]


def test_the_next_month_gives_no_difference_away():
    """Who left is nobody's column, but last month, this month and who is new tell it."""
    before = suppress(table(borrowers=[40, 60, 50], new=[11, 15, 20]), MOVED)
    made = table(borrowers=[50, 70, 70], new=[12, 25, 30])
    assert Cell("left", "001") in exposed(made, MOVED, [before])
    kept = suppress(made, MOVED, [before])
    assert exposed(kept, MOVED, [before]) == []
    assert shown(kept, "borrowers") == [190, 50, 70, 70]
    assert shown(kept, "new") == [67, None, None, 30]


def test_a_month_between_two_is_held_against_both():
    """Nine borrowers, hidden in the middle: the month after says five at least, the one before twenty-two at most."""
    first = table(borrowers=[12, 40, 55], new=[10, 10, 10])
    middle = table(borrowers=[9, 40, 60], new=[10, 10, 10])
    middle = middle.without(frozenset({Cell("borrowers", "001"), Cell("borrowers", "002")}))
    last = table(borrowers=[15, 40, 60], new=[10, 30, 10])
    for before, most in (([middle], 39), ([middle, first], 22)):
        held = attack(last, MOVED, before, 0)
        found = held.interval(held.cells.index(Cell(f"{BEFORE}borrowers", "001")))
        assert found == pytest.approx((5, most))


def test_tables_that_cannot_both_be_true_tie_nothing():
    """More came than are new: the relation is false, so nobody learns from it, and the month can be published."""
    before = suppress(table(borrowers=[40, 60], new=[20, 20]), MOVED)
    made = table(borrowers=[90, 90], new=[20, 20])
    with pytest.raises(UsageError, match="contradict"):
        exposed(made.without(frozenset({Cell("new", "001"), Cell("new", "002")})), MOVED, [before])
    assert suppress(made, MOVED, [before]) == suppress(made)


def test_villages_add_up_to_townships_and_these_to_the_county():
    """A hidden village is safe only if neither its township nor its neighbours give it away."""
    counts = {"": 75, "1": 35, "2": 40, "11": 4, "12": 31, "21": 20, "22": 20}
    held = {area: Figure(n, n * 100) for area, n in counts.items()}
    made = suppress(
        Table({"1": "", "2": "", "11": "1", "12": "1", "21": "2", "22": "2"}, {"borrowers": held})
    )
    hidden = {area for area, one in made.columns["borrowers"].items() if one is None}
    assert hidden == {"11", "12"}


def test_a_table_that_does_not_add_up_is_refused():
    """And so are figures that are missing or negative."""
    made = table(borrowers=[20, 30])
    wrong = Table(made.parents, {"borrowers": made.columns["borrowers"] | {WHOLE: Figure(51, 5000)}})
    with pytest.raises(UsageError, match="come to"):
        suppress(wrong)
    with pytest.raises(UsageError, match="give every figure"):
        suppress(made.without(frozenset({Cell("borrowers", "001")})))


class Known:
    """The test's own attacker of counts (part 0) or amounts: dense, a variable for every cell, what is printed held fast."""

    NAMES = ("borrowers", "late", "current", "new", "left", "old")

    def __init__(self, published, before, part):
        self.areas = published.areas
        self.place = {key: at for at, key in enumerate(product(self.NAMES, self.areas))}
        self.bounds = dict.fromkeys(self.place, (0, None))
        for name, held in {"old": before.columns["borrowers"], **published.columns}.items():
            for area, figure in held.items():
                if figure is not None:
                    self.bounds[name, area] = (figure[part], figure[part])
        self.equal = [self.line({(n, a): -1 if a == WHOLE else 1 for a in self.areas}) for n in self.NAMES]
        self.equal += self.rows(late=1, current=1, borrowers=-1)
        tied = self.rows(old=1, borrowers=-1, left=-1) + self.rows(left=1, old=-1, new=-1, borrowers=1)
        self.most = [] if part else tied

    def line(self, factors):
        made = np.zeros(len(self.place))
        for key, by in factors.items():
            made[self.place[key]] = by
        return made

    def rows(self, **terms):
        return [self.line({(name, area): by for name, by in terms.items()}) for area in self.areas]

    def end(self, key, sign):
        given = {"A_eq": np.array(self.equal), "b_eq": np.zeros(len(self.equal))}
        if self.most:
            given |= {"A_ub": np.array(self.most), "b_ub": np.zeros(len(self.most))}
        made = linprog(self.line({key: sign}), bounds=list(self.bounds.values()), **given)
        return np.inf if made.status == 3 else made.fun * sign

    def intervals(self):
        """Key -> the least and the most, of every cell that is not printed."""
        free = [key for key, bound in self.bounds.items() if bound == (0, None)]
        return {key: (self.end(key, 1), self.end(key, -1)) for key in free}


months = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 15), st.integers(0, 15)),
    min_size=2,
    max_size=3,
)


@settings(max_examples=4, deadline=None)
@given(months)
def test_no_attacker_learns_what_is_hidden(rows):
    """Whatever the months are: of every hidden figure he has ten people of doubt, or knows ten; of its amount a factor of two."""
    old = [first for first, *_ in rows]
    new = [came for *_, came in rows]
    borrowers = [first + came - min(gone, first) for first, _, gone, came in rows]
    late = [min(one, many) for (_, one, _, _), many in zip(rows, borrowers, strict=True)]
    rules = LATE + MOVED
    before = suppress(table(borrowers=old, late=[0] * len(old), new=[0] * len(old)), rules)
    made = suppress(table(borrowers=borrowers, late=late, new=new), rules, [before])
    people, money = (Known(made, before, part).intervals() for part in (0, 1))
    for key, (low, high) in people.items():
        assert high - low >= 10 - 1e-6 or low >= 10 - 1e-6, key
        if low < 10 - 1e-6 and key in money and key[0] != "left":
            least, most = money[key]
            assert most > 0, key
            assert least <= most / 2 + 1e-3, key


def test_every_whole_number_that_fits_is_as_wide():
    """Counted out, without linear programmes: every table of whole numbers that fits what is printed, threshold three."""
    least = 3
    for counts in combinations_with_replacement((0, 1, 2, 4), 3):
        published = suppress(table(borrowers=list(counts)), least=least)
        whole, *places = shown(published, "borrowers")
        fits = [
            one
            for one in product(range(13), repeat=3)
            if whole in {None, sum(one)} and all(p in {None, n} for p, n in zip(places, one, strict=True))
        ]
        for at, place in enumerate(places):
            found = {one[at] for one in fits}
            assert place is not None or max(found) - min(found) >= least or min(found) >= least, counts
