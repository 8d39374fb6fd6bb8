"""What the closed interval from P10 to P90 would hold at least, if a forecast were right and knew what can be known.

Where a month is empty more than one time in ten its P10 is nothing, and the closed interval of a forecast that is right
holds nine months in ten; only of months that are likelier than that to have sales it holds eight. So the least it can
hold depends on of how many months one can tell that they will have sales. Here that is learned from the outcomes
themselves, calendar months and all, which no forecast can know: once with the very months that are then asked about, so
that far too much is told, and once with those of other sellers alone.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from forecast_peers.calibration import GRID
from forecast_peers.rolled import Rolled

YEAR, FOLDS = 12, 10
TAIL = GRID[19]  # a month emptier than this has no P10


def closed_at_least(origins: Sequence[Rolled]) -> dict[str, dict[str, float]]:
    """Share of the months that can be told to have sales, and what the closed interval would then hold at least."""
    parts = [_months(number, origin) for number, origin in enumerate(origins)]
    known, empty, sellers = (np.concatenate([part[at] for part in parts]) for at in range(3))
    trees = ExtraTreesClassifier(500, min_samples_leaf=10, random_state=1, n_jobs=2)
    apart = cross_val_predict(
        trees, known, empty, groups=sellers, cv=GroupKFold(FOLDS), method="predict_proba"
    )
    told = {"by these outcomes": trees.fit(known, empty).predict_proba(known), "by other sellers": apart}
    return {name: _least(chances[:, 1]) for name, chances in told.items()}


def _least(chance: np.ndarray) -> dict[str, float]:
    sure = float((chance < TAIL).mean())
    return {"sure of sales": round(sure, 4), "closed at least": round(0.8 * sure + 0.9 * (1 - sure), 4)}


def _months(number: int, origin: Rolled) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is known of each month that is scored and of its seller's past, whether it was empty, and whose it is."""
    rows = origin.held.scored
    came = origin.held.came[rows]
    past = np.maximum(origin.held.past.net[rows], 0)
    count, ahead = came.shape
    of_seller = [(past[:, :months] > 0).sum(axis=1) for months in (1, 3, 6, YEAR)]
    of_seller += [np.log1p(past[:, :months].mean(axis=1)) for months in (1, 3, 6, YEAR)]
    of_seller += [past[:, :YEAR].std(axis=1), origin.held.past.known[rows]]
    month = np.tile(np.arange(ahead), count)
    forecast = (origin.grid[rows] <= 0).mean(axis=2).ravel()
    known = [*(np.repeat(fact, ahead) for fact in of_seller), month, number + month, forecast]
    who = np.array(origin.held.who)[rows]
    return np.column_stack(known), (came <= 0).ravel(), np.repeat(who, ahead)
