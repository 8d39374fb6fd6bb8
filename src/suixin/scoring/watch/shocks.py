"""What struck a whole crop or township: found once a group, for relief in a batch and not for a visit to each."""

import polars as pl

from suixin.scoring.watch.found import Shock

_WEEK = 7


def shocks(groups: pl.DataFrame, bound: float) -> list[Shock]:
    """Runs of Mondays on which a group sold no more than `bound` of its expectation.

    Args:
        groups: kind, name, as_of_day, ratio, borrowers, as `group_ratios` gives them.
        bound: a share of the expectation.

    Returns:
        Each run with its lowest ratio, by kind, name and first Monday.
    """
    found: list[Shock] = []
    low = groups.filter(pl.col("ratio") <= bound).sort("kind", "name", "as_of_day")
    for kind, name, day, ratio, borrowers in low.iter_rows():
        last = found[-1] if found else None
        if last and (last.kind, last.name) == (kind, name) and day <= last.to_day + _WEEK:
            graver = (ratio, borrowers) if ratio < last.ratio else (last.ratio, last.borrowers)
            found[-1] = Shock(kind, name, last.from_day, day, *graver)
        else:
            found.append(Shock(kind, name, day, day, ratio, borrowers))
    return found
