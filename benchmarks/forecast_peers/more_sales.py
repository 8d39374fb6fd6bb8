"""Do more sales raise the cautious year? The sum of twelve P10s with all months up, and with one month up."""

from collections.abc import Iterator

import numpy as np

from suixin.underwriting.forecast import forecast_all
from suixin.underwriting.histories import Histories
from suixin.underwriting.peers import Peers, learn
from suixin.underwriting.policy_parts import Forecasting

MONTHS = (0, 1, 6, 11, 12, 24)
SMALL_FEN = 100_000  # a cautious year below this is all rounding
LEAST = 0.2  # of the mean month: what a doubled month is raised by at least


def _cautious(past: Histories, net: np.ndarray, peers: Peers, terms: Forecasting) -> np.ndarray:
    return forecast_all(net, past.known, terms, peers).quantiles[:, :, 0].sum(axis=1)


def changes(past: Histories, terms: Forecasting) -> Iterator[tuple[str, dict[str, float]]]:
    """What was raised, and how the sums changed (fractions), with the same peers."""
    peers = learn(past, terms)
    before = _cautious(past, past.net, peers, terms)
    enough = before > SMALL_FEN
    tripled = _cautious(past, past.net * 3, peers, terms)[enough] / (3 * before[enough]) - 1
    yield "all months times 3, over 3", _spread(tripled)
    mean = np.maximum(past.net[:, :12], 0).sum(axis=1) / np.minimum(past.known, 12)
    for month in MONTHS:
        net = past.net.copy()
        net[:, month] += np.maximum(np.maximum(net[:, month], 0), LEAST * mean).astype(np.int64)
        mine = enough & (past.known > month)
        yield (
            f"month {month + 1} doubled",
            _spread(_cautious(past, net, peers, terms)[mine] / before[mine] - 1),
        )


def _spread(change: np.ndarray) -> dict[str, float]:
    return {
        "median": round(float(np.median(change)), 4),
        "falls": round(float((change < -1e-4).mean()), 4),
        "falls_by_a_tenth": round(float((change < -0.1).mean()), 4),
        "worst_in_100": round(float(np.quantile(change, 0.01)), 4),
        "worst": round(float(change.min()), 4),
    }
