"""How rows are divided for validation: stratified at random, again and again, and by time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from suixin.scoring.sample import FEWEST_DEFAULTS, Sample

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from and rows to be tested on, as positions."""

    train: Ints
    test: Ints


def folds(y: ArrayLike, count: int, seed: int) -> list[Ints]:
    """Divide rows into parts with as equal a share of defaults as their number allows.

    There are never more parts than defaults or good borrowers. Each row is in one part.
    """
    outcome = np.asarray(y)
    count = int(max(2, min(count, outcome.sum(), (1 - outcome).sum())))
    random = np.random.default_rng([seed, 5])
    place = np.empty(outcome.size, dtype=np.int64)
    shift = 0
    for value in (1, 0):
        at = random.permutation(np.flatnonzero(outcome == value))
        place[at] = (np.arange(at.size) + shift) % count  # what is left over goes to other parts each time
        shift += at.size
    return [np.flatnonzero(place == number) for number in range(count)]


def repeated(y: ArrayLike, count: int, seeds: range) -> Iterator[tuple[int, Split]]:
    """Every part of every repetition, tested on once: (seed, split)."""
    everyone = np.arange(np.asarray(y).size)
    for seed in seeds:
        for part in folds(y, count, seed):
            yield seed, Split(np.setdiff1d(everyone, part, assume_unique=True), part)


def by_time(sample: Sample, share: float = 0.7) -> tuple[Split, int] | None:
    """The earlier rows to learn from and the later to test on, and the first day of the test.

    Learned from are rows whose outcome was known before that day; the others of the earlier ones could not have taught
    anybody then. The day is the one before which `share` of the defaults were granted. None without days, or where either
    side would hold fewer than ten defaults or ten good borrowers.
    """
    if sample.days is None or sample.told is None:
        return None
    day = int(np.quantile(sample.days[sample.y == 1], share, method="higher"))
    train, test = np.flatnonzero(sample.told < day), np.flatnonzero(sample.days >= day)
    for side in (train, test):
        bad = int(sample.y[side].sum())
        if min(bad, side.size - bad) < FEWEST_DEFAULTS:
            return None
    return Split(train, test), day
