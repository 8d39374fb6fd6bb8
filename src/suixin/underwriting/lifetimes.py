"""Whether a shop that has fallen silent still trades: lives of geometric length, told by the months since the last sale.

A shop that trades leaves a month empty with a probability that its season, the grain of its sales and its habit give. With
another, small one it ceases for good at the start of a month. So a silence is explained by both, and Bayes' rule says how
far by either (Fader, Hardie & Shang, "Customer-base analysis in a discrete-time noncontractual setting", Marketing Science
29, 2010, with each month's own probability of an empty month, and one of ceasing for a group of shops).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_EMPTY = 1e-6  # of a month: a full one would make certain that who was silent in it has ceased


def still_trades(empty: Floats, silent: Ints, ceases: Floats) -> tuple[Floats, Floats]:
    """Does a shop trade at the end of its newest month?

    Args:
        empty: probability that a month has no sale while the shop trades, newest month first; n × months.
        silent: newest months without a sale, up to all of them; n.
        ceases: probability that a shop that trades ceases in a month; n.

    Returns:
        The probability that it still trades (n), and in how many of the silent months it could have ceased, as is to be
        expected (n): those that it began as a shop that trades.
    """
    trades, begun = np.ones(len(silent)), np.zeros(len(silent))
    some = np.flatnonzero(silent)  # who sold in the newest month trades, and most do
    if len(some):
        trades[some], begun[some] = _of_silent(empty[some], silent[some, None], ceases[some, None])
    return trades, begun


def _of_silent(empty: Floats, silent: Ints, ceases: Floats) -> tuple[Floats, Floats]:
    """Each number of months for which a shop may have been gone, by its likelihood; `silent` and `ceases` n × 1."""
    gone = np.arange(int(silent.max()) + 1)
    lived = silent - gone
    log = np.log(np.maximum(empty[:, : gone[-1]], _LEAST_EMPTY)) * (lived[:, :-1] > 0)
    traded = np.zeros(lived.shape)  # through all months of the silence that are not younger than so many
    traded[:, :-1] = np.cumsum(log[:, ::-1], axis=1)[:, ::-1]
    weight = np.exp(traded + np.maximum(lived, 0) * np.log1p(-ceases)) * (lived >= 0)
    weight[:, 1:] *= ceases
    begun = np.maximum(lived, 0) + (gone > 0)
    whole = weight.sum(axis=1)
    return weight[:, 0] / whole, (weight * begun).sum(axis=1) / whole
