"""How rows are divided: every row once, equal shares of defaults, and by time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from borrowers import FIRST_DAY, drawn
from suixin.scoring.sample import Sample
from suixin.scoring.splits import by_time, folds, repeated


@given(st.integers(2, 60), st.integers(2, 60), st.integers(2, 10), st.integers(0, 99))
def test_folds(bad, good, count, seed):
    """Each row is in one part; defaults, and rows, differ by one at most between parts; nobody without defaults."""
    y = np.random.default_rng(seed).permutation(np.repeat([1, 0], [bad, good]))
    parts = folds(y, count, seed)
    assert len(parts) == min(count, bad, good)
    assert sorted(np.concatenate(parts).tolist()) == list(range(bad + good))
    for value in (y, 1 - y, np.ones_like(y)):
        held = [int(value[part].sum()) for part in parts]
        assert max(held) - min(held) <= 1
        assert min(held) >= 1
    assert all((one == two).all() for one, two in zip(parts, folds(y, count, seed), strict=True))


def test_repetitions_are_other_divisions():
    """Every repetition tests each row once, and no two divide alike."""
    y = np.repeat([1, 0], [20, 80])
    seen = {}
    for seed, split in repeated(y, 4, range(3, 6)):
        assert sorted([*split.train, *split.test]) == list(range(100))
        seen.setdefault(seed, []).append(split.test.tolist())
    assert list(seen) == [3, 4, 5]
    assert all(sorted(row for test in tests for row in test) == list(range(100)) for tests in seen.values())
    assert seen[3] != seen[4] != seen[5]


def test_by_time():
    """30 defaults on days 0, 10, ..., 290 of 300: seven tenths lie before the 22nd, that is day 210."""
    y = np.array([day % 10 == 0 for day in range(300)], dtype=np.int64)
    sample = Sample(("f",), np.zeros((300, 1)), y, (0,), np.arange(300))
    assert by_time(sample) is None  # nine defaults from day 210 on are too few
    split, day = by_time(sample, 0.6)
    assert day == 180
    assert (split.train.tolist(), split.test.tolist()) == ([*range(180)], [*range(180, 300)])


def test_by_time_never_looks_ahead():
    """Every row that is learned from is older than every row that is tested on, whatever their order."""
    turned = drawn().rows(np.random.default_rng(0).permutation(600))
    split, day = by_time(turned)
    assert turned.days[split.train].max() < day <= turned.days[split.test].min()
    assert FIRST_DAY < day < FIRST_DAY + 600
    assert len(split.train) + len(split.test) == 600


def test_without_days_there_is_no_division_by_time():
    """An undated table is validated at random only."""
    sample = drawn()
    assert by_time(Sample(sample.names, sample.x, sample.y, sample.signs)) is None
