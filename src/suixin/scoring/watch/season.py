"""Sales against what the season lets one expect: the merchant's own same months a year ago, else its peers'."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

YEAR = 12
OWN, PEERS, NONE = "own_year", "peers", "none"
_LEAST_OWN = 6  # months besides the window for which both years must be known, to know the level
_LEAST_PEERS = 8
LEAST_GROUP = 10  # merchants of which a median is told
_LEVEL_RANGE = (0.25, 4.0)  # a level beyond is a history too thin to tell one

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def expectation(net: Ints, known: Ints, peers: Sequence[str], window: int) -> tuple[Floats, NDArray[np.str_]]:
    """What each merchant could be expected to sell in the newest `window` months, fen.

    With a year to look back on: its own same months a year ago, times its level (the months between the window and a
    year ago against the same a year earlier, as many as are known, within 0.25 and 4). Else its own mean of the months
    since the window, at most six, times what its peers' season made of such a step a year ago.

    Args:
        net: net sales by month before the as-of date, fen, newest first; n × 36.
        known: for how many of these months the merchant was trading; n.
        peers: the group of each, such as crop and day; n.
        window: months, 1 to 6.

    Returns:
        The expectation (NaN where nothing can be expected or nothing was sold a year ago) and what it rests on
        ('own_year', 'peers', 'none'); n each.
    """
    values = np.maximum(net, 0).astype(np.float64)
    expected = np.full(len(values), np.nan)
    basis = np.full(len(values), NONE, dtype="<U8")
    own, said = _own(values, known, window)
    peer, told = _from_peers(values, known, peers, window)
    basis[told] = PEERS
    expected[told] = peer[told]
    basis[said] = OWN
    expected[said] = own[said]
    return expected, basis


def _own(values: Floats, known: Ints, window: int) -> tuple[Floats, NDArray[np.bool_]]:
    back = np.clip(known - YEAR, 0, YEAR)[:, None]  # months of the year before that are known
    months = np.arange(window, YEAR)
    seen = months < back
    now = (values[:, window:YEAR] * seen).sum(axis=1)
    before = (values[:, window + YEAR : 2 * YEAR] * seen).sum(axis=1)
    said = (seen.sum(axis=1) >= _LEAST_OWN) & (before > 0)
    level = np.clip(now / np.where(before > 0, before, 1.0), *_LEVEL_RANGE)
    expected = values[:, YEAR : YEAR + window].sum(axis=1) * level
    return expected, said & (expected > 0)


def _from_peers(
    values: Floats, known: Ints, peers: Sequence[str], window: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """The median of the peers' step a year ago, for those too young to have taken it themselves."""
    span = 6
    then = values[:, YEAR : YEAR + window].sum(axis=1) / window
    base = values[:, YEAR + window : YEAR + window + span].sum(axis=1) / span
    old = (known >= YEAR + window + span) & (base > 0)
    _, group = np.unique(np.asarray(peers, dtype=str), return_inverse=True)
    steps = np.full(int(group.max(initial=-1)) + 1, np.nan)
    for number in range(steps.size):
        chosen = old & (group == number)
        if chosen.sum() >= _LEAST_PEERS:
            steps[number] = np.median(then[chosen] / base[chosen])
    recent = np.clip(known - window, 0, span)
    seen = np.arange(span) < recent[:, None]
    mean = (values[:, window : window + span] * seen).sum(axis=1) / np.maximum(recent, 1)
    expected = mean * window * steps[group] if steps.size else np.full(len(values), np.nan)
    return expected, (recent >= 3) & np.isfinite(expected) & (expected > 0)


def shared(ratio: Floats, groups: Sequence[str]) -> Floats:
    """What a whole group has in common: the median ratio of its merchants; NaN for groups of fewer than ten.

    Args:
        ratio: sales against the expectation; NaN where unknown; n.
        groups: crop or township, with the day; '' for none; n.
    """
    found = np.full(len(ratio), np.nan)
    names = np.asarray(groups, dtype=str)
    for name in np.unique(names[names != ""]):
        own = (names == name) & np.isfinite(ratio)
        if own.sum() >= LEAST_GROUP:
            found[names == name] = np.median(ratio[own])
    return found
