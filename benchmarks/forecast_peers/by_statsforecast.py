"""Seasonal naive, AutoETS and MSTL of statsforecast on the same series; runs in a Python of its own.

    python by_statsforecast.py IN.npz OUT.npz

Each is given its best chance: where there are not two full seasons AutoETS is told of none and MSTL gives way to it,
where there is not one the seasonal naive gives way to the historic average, quantiles below 0 are 0 and none is more
than three times the largest month seen (a few exploding trends would rule every mean), and an interval that a model
cannot give is its point. Prints CPU seconds a model.
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import MSTL, AutoETS, HistoricAverage, SeasonalNaive

YEAR = 12
LEVEL = 80
MOST = 3.0
MODELS = {
    "SeasonalNaive": [(0, 12, HistoricAverage), (12, 99, lambda: SeasonalNaive(YEAR))],
    "AutoETS": [(0, 24, lambda: AutoETS(season_length=1)), (24, 99, lambda: AutoETS(season_length=YEAR))],
    "MSTL": [
        (0, 24, lambda: AutoETS(season_length=1)),
        (24, 99, lambda: MSTL(YEAR, trend_forecaster=AutoETS(model="ZZN"))),
    ],
}


def run(sales: np.ndarray, known: np.ndarray, rows: np.ndarray, months: int, model: object) -> np.ndarray:
    """P10, P50 and P90 of the rows; rows × months × 3."""
    model.alias = "model"  # type: ignore[attr-defined]
    series = pd.concat(
        pd.DataFrame(
            {"unique_id": row, "ds": np.arange(known[row]), "y": sales[row, -known[row] :].astype(float)}
        )
        for row in rows
    )
    engine = StatsForecast(models=[model], freq=1, fallback_model=HistoricAverage(alias="model"))
    found = engine.forecast(df=series, h=months, level=[LEVEL]).sort_values(["unique_id", "ds"])
    low, middle, high = (
        found[name].to_numpy().reshape(-1, months)
        for name in (f"model-lo-{LEVEL}", "model", f"model-hi-{LEVEL}")
    )
    bounds = [np.where(np.isnan(bound), middle, bound) for bound in (low, middle, high)]
    most = MOST * sales[rows].max(axis=1)[:, None, None]
    return np.clip(np.stack(bounds, axis=2), 0.0, most)


def main() -> None:
    """Every model over the scored rows."""
    warnings.filterwarnings("ignore")
    given = np.load(sys.argv[1])
    sales, known, months = given["sales"], given["known"], int(given["months"])
    out, seconds = {}, {}
    for name, parts in MODELS.items():
        quantiles = np.zeros((len(sales), months, 3))
        began = time.process_time()
        for low, high, model in parts:
            rows = np.flatnonzero(given["scored"] & (known >= low) & (known < high))
            if rows.size:
                quantiles[rows] = run(sales, known, rows, months, model())
        seconds[name] = round(time.process_time() - began, 2)
        out[name] = quantiles
    np.savez(sys.argv[2], **out)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
