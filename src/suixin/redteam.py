"""The red team: counties in which merchants brush, what the check finds of it, and what brushing would have bought.

Anyone may run it again, on other seeds and against another policy: the simulator and the signs are public. Each seed
makes a county with its own brushers for recall and precision, and a pair of counties, without brushers and with the
same merchants told to brush, for the limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from suixin.adapters import open_source
from suixin.assess import cases, pasts
from suixin.features.build import Built, build
from suixin.features.subjects import subjects
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.simulation import simulate
from suixin.simulation.brushing import Brushing
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Outcome
from suixin.underwriting.peers import Peers, learn
from suixin.underwriting.policy import LoadedPolicy

Progress = Callable[[str, int, int], None]

START, MONTHS = date(2024, 1, 1), 24
AS_OF = date(2026, 1, 1)
_KEY = ["merchant_id", "order_id"]


@dataclass(frozen=True, slots=True)
class Detection:
    """What the check found in one county.

    Attributes:
        seed: of the county; orders: all; brushed: not genuine; flagged: taken out; hits: both.
        recall_by_kind: kind of brusher -> share of its orders found.
        honest_sales_lost: share of genuine sales (fen) that were flagged wrongly.
    """

    seed: int
    orders: int
    brushed: int
    flagged: int
    hits: int
    recall_by_kind: dict[str, float]
    honest_sales_lost: float

    @property
    def recall(self) -> float:
        """Share of the brushed orders that were found."""
        return self.hits / self.brushed if self.brushed else 1.0

    @property
    def precision(self) -> float:
        """Share of the flagged orders that were brushed."""
        return self.hits / self.flagged if self.flagged else 1.0


@dataclass(frozen=True, slots=True)
class Gain:
    """What brushing bought one merchant: its limit honest, brushed and checked, brushed and not checked (fen)."""

    seed: int
    merchant_id: str
    kind: str
    honest_fen: int
    checked_fen: int
    unchecked_fen: int


def detect(seed: int, merchants: int, now: datetime) -> Detection:
    """Recall and precision in a county with its own brushers.

    Args:
        seed: of the county.
        merchants: how many.
        now: the time of the ingest, for the lake's record.
    """
    with TemporaryDirectory(prefix="suixin-redteam-") as folder:
        lake = _county(Path(folder), seed, merchants, None, now)
        built, people = _built(lake)
        truth = pl.read_parquet(Path(folder) / "source-brushed.parquet").select(
            pl.col(_KEY).cast(pl.String), "kind"
        )
        orders = lake.whole("orders").select(*_KEY, "amount_fen").collect()
    flagged = built.evidence.join(people, on="subject").select(_KEY).unique()
    found = truth.join(flagged.with_columns(found=1), on=_KEY, how="left").with_columns(
        pl.col("found").fill_null(0)
    )
    by_kind = found.group_by("kind").agg(pl.col("found").mean()).sort("kind")
    genuine = orders.join(truth, on=_KEY, how="anti")
    wrongly = genuine.join(flagged, on=_KEY, how="semi")
    return Detection(
        seed=seed,
        orders=orders.height,
        brushed=truth.height,
        flagged=flagged.height,
        hits=int(found["found"].sum()),
        recall_by_kind={str(kind): float(share) for kind, share in by_kind.iter_rows()},
        honest_sales_lost=float(wrongly["amount_fen"].sum()) / float(genuine["amount_fen"].sum()),
    )


def gains(seed: int, merchants: int, added: float, loaded: LoadedPolicy, now: datetime) -> list[Gain]:
    """The limit of every merchant without brushing, and with so many brushed sales beside its genuine ones.

    Args:
        seed: of the county.
        merchants: how many; every one of them is told to brush.
        added: brushed orders against genuine ones, as 0.3.
        loaded: the policy.
        now: the time of the ingest, for the lake's record.
    """
    with TemporaryDirectory(prefix="suixin-redteam-") as folder:
        root = Path(folder)
        plain = _county(root / "honest", seed, merchants, Brushing(0.0), now)
        peers = learn(pasts(plain, _built(plain)[0], loaded), loaded.policy.forecast)
        honest = _limits(plain, loaded, peers)
        brushed = _county(root / "brushed", seed, merchants, Brushing(1.0, added), now)
        checked = _limits(brushed, loaded, peers)
        unchecked = _limits(brushed, loaded, peers, check=False)
        truth = pl.read_parquet(root / "brushed" / "source-truth.parquet")
    kinds = dict(truth.select(pl.col("merchant_id").cast(pl.String), "brush_kind").iter_rows())
    return [
        Gain(seed, merchant, str(kinds[merchant]), fen, checked[merchant], unchecked[merchant])
        for merchant, fen in honest.items()
        if merchant in checked
    ]


def no_higher(found: Sequence[Gain]) -> float:
    """Share of merchants whose limit brushing does not raise, of those who have a limit in either county."""
    lent = [gain for gain in found if gain.honest_fen or gain.checked_fen or gain.unchecked_fen]
    return sum(gain.checked_fen <= gain.honest_fen for gain in lent) / len(lent) if lent else 1.0


def _county(folder: Path, seed: int, merchants: int, brush: Brushing | None, now: datetime) -> Lake:
    folder.mkdir(exist_ok=True)
    simulate(
        folder / "source",
        merchants=merchants,
        months=MONTHS,
        seed=seed,
        start=START,
        processes=1,
        brush=brush,
    )
    ingest(open_source("standard", folder / "source"), folder / "lake", now=now)
    return Lake.open(folder / "lake")


def _built(lake: Lake, *, check: bool = True) -> tuple[Built, pl.DataFrame]:
    people = subjects(lake, AS_OF, None, ("simulation",)).table
    return build(lake, people, processes=0, check_self_dealing=check), people


def _limits(lake: Lake, loaded: LoadedPolicy, peers: Peers, *, check: bool = True) -> dict[str, int]:
    """Merchant -> the limit in fen that it would be offered among honest peers; 0 for a decline."""
    built, _ = _built(lake, check=check)
    decisions = (decide(case, loaded) for case in cases(lake, built, loaded, peers))
    return {
        decision.merchant_id: 0 if decision.outcome is Outcome.DECLINE else decision.limit_fen
        for decision in decisions
    }
