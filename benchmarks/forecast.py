"""How good the forecast is, out of sample: coverage of P10 to P90 and pinball loss, beside statsforecast's models.

    .venv/bin/python benchmarks/forecast.py --peer-python PATH --olist FOLDER
    .venv/bin/python benchmarks/forecast.py --peer-python PATH --work FOLDER --seed 7 --merchants 1500 --json

A simulated county of four years is forecast on 1 January of its second, third and fourth year from what was known then,
and held against the twelve months that followed; Olist's sellers who had sold in nine of the last twelve months, on the
first of each month from January to July 2018, against the six months that followed or what is left of the set. One origin
is one draw of what all sellers share, so what counts there is all seven together, with intervals over sellers
(forecast_peers/rolled.py). Losses are divided by the merchant's mean month, so that large merchants do not dominate.
Coverage is told four ways: of the interval from P10 to P90, closed and open below, beside what the closed one would be if
the forecast were calibrated; of the months with sales alone, by the law of such months, beside how many were empty and how
many were likely to be; and by the randomised probability integral transform, which is right where months may be empty
(forecast_peers/calibration.py). Beside them stands what the closed one would hold at least if the forecast knew all that can
be known of which months will be empty (forecast_peers/attainable.py). `--peer-python` has statsforecast; without it the
peers are left out. Last come what more sales do to the cautious year, and the CPU seconds of 100,000 merchants: the county's
own, repeated at other levels.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from forecast_peers.attainable import closed_at_least
from forecast_peers.calibration import GRID, NOMINAL_AT
from forecast_peers.holdout import EVERY_MONTH, LEVELS, Holdout, Score, holdout, pooled, scores, suixin, write
from forecast_peers.more_sales import changes
from forecast_peers.rolled import Rolled, interval
from suixin.underwriting.forecast import YEAR, forecast_all
from suixin.underwriting.histories import Histories
from suixin.underwriting.peers import learn
from suixin.underwriting.policy import shipped_policy

HERE = Path(__file__).parent / "forecast_peers"
OURS = "suixin"
START, MONTHS = date(2022, 1, 1), 48
ORIGINS = (date(2023, 1, 1), date(2024, 1, 1), date(2025, 1, 1))
OLIST_ORIGINS = tuple(date(2018, month, 1) for month in range(1, 8))
OLIST_END, OLIST_MONTHS, OLIST_SELLING_MONTHS = 9, 6, 9  # the set ends before September
MANY = 100_000

Scores = dict[str, dict[str, Score]]


def county(work: Path, seed: int, merchants: int) -> Iterator[Holdout]:
    """The simulated county at each origin."""
    folder = work / f"county-{seed}"
    if not (folder / "lake" / "CURRENT").exists():
        size = ("--merchants", str(merchants), "--months", str(MONTHS))
        suixin("simulate", folder / "source", *size, "--start", str(START), "--seed", str(seed), "--json")
        suixin("ingest", folder / "source", "--lake", folder / "lake", "--json")
    for origin in ORIGINS:
        yield holdout(folder / "lake", origin, 12)


def olist(work: Path, source: Path) -> Iterator[Holdout]:
    """Olist's longer sellers at each origin."""
    lake = work / "olist" / "lake"
    if not (lake / "CURRENT").exists():
        suixin("ingest", source, "--adapter", "olist", "--lake", lake, "--json")
    for origin in OLIST_ORIGINS:
        yield holdout(lake, origin, min(OLIST_MONTHS, OLIST_END - origin.month), OLIST_SELLING_MONTHS)


def ours(past: Histories, currency: str, nominal: Sequence[float]) -> np.ndarray:
    """The product's quantiles; n × 12 × nominal."""
    terms = shipped_policy(currency).policy.forecast
    return forecast_all(past.net, past.known, terms, learn(past, terms, nominal)).quantiles


@dataclass(frozen=True)
class Compared:
    """One origin: scores by model and span of history, CPU seconds by model, and the product's own forecast."""

    scores: Scores
    seconds: dict[str, float]
    rolled: Rolled


def compare(held: Holdout, currency: str, peer_python: str | None) -> Compared:
    """The product beside the peers."""
    began = time.process_time()
    found: dict[str, np.ndarray] = {OURS: ours(held.past, currency, LEVELS)[:, : held.came.shape[1]]}
    seconds = {OURS: round(time.process_time() - began, 2)}
    grid = ours(held.past, currency, GRID)[:, : held.came.shape[1]]
    assert (grid[:, :, NOMINAL_AT] == found[OURS]).all(), "the finer forecast is another one"
    if peer_python:
        with tempfile.TemporaryDirectory() as scratch:
            given, answer = Path(scratch, "in.npz"), Path(scratch, "out.npz")
            write(held, given)
            command = [peer_python, HERE / "by_statsforecast.py", given, answer]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds |= json.loads(said.splitlines()[-1])
            with np.load(answer) as peers:
                found |= {name: peers[name] for name in peers.files}
    scored = {
        name: dict(scores(held, quantiles, grid if name == OURS else None))
        for name, quantiles in found.items()
    }
    return Compared(scored, seconds, Rolled(held, found[OURS], grid))


def together(origins: Sequence[Compared]) -> Scores:
    """The scores of several origins as one."""
    return {
        model: {
            span: pooled([one.scores[model][span] for one in origins if span in one.scores[model]])
            for span in spans
        }
        for model, spans in origins[-1].scores.items()
    }


def years(held: Holdout, currency: str) -> dict[str, float]:
    """Shares of the years that came below the bad year and above the good one; each aims at a tenth."""
    if held.came.shape[1] < YEAR:
        return {}
    terms = shipped_policy(currency).policy.forecast
    outlooks = forecast_all(held.past.net, held.past.known, terms, learn(held.past, terms))
    came = np.maximum(held.came, 0).sum(axis=1)
    return {
        "below the bad year": round(float((came < outlooks.bad_year.sum(axis=1)).mean()), 3),
        "above the good year": round(float((came > outlooks.good_year.sum(axis=1)).mean()), 3),
    }


def verdicts(found: Scores, span: str = "all") -> list[tuple[str, float, str, bool]]:
    """What is compared over a span, the figure, the target, whether it is met."""
    mine = found[OURS][span]
    rows = [
        (what, covered, "0.75 to 0.85", 0.75 <= covered <= 0.85)
        for what, covered in (
            ("coverage, months with sales", mine.of_sold or 0.0),
            ("coverage, transformed", mine.transformed or 0.0),
            ("coverage, closed interval", mine.coverage),
        )
    ]
    others = {name: spans[span].pinball for name, spans in found.items() if name != OURS}
    if others:
        naive, best = others["SeasonalNaive"], min(others.values())
        rows.append(("pinball / seasonal naive", mine.pinball / naive, "< 1", mine.pinball < naive))
        rows.append(("pinball / best of the peers", mine.pinball / best, "<= 1", mine.pinball <= best))
    return rows


def told(found: Scores, spans: Sequence[str]) -> list[dict[str, Any]]:
    """The verdicts, for machines."""
    names = ("name", "figure", "target", "met")
    return [
        {"span": span} | dict(zip(names, row, strict=True)) for span in spans for row in verdicts(found, span)
    ]


def as_json(found: Scores) -> dict[str, Any]:
    """Scores, for machines."""
    return {model: {span: s.as_json() for span, s in spans.items()} for model, spans in found.items()}


def many(past: Histories) -> float:
    """CPU seconds to learn from and forecast 100,000 merchants."""
    draw = np.random.default_rng(1)
    rows = draw.integers(0, len(past.net), MANY)
    net = np.rint(past.net[rows] * np.exp(draw.normal(0, 0.5, (MANY, 1)))).astype(np.int64)
    big = replace(
        past,
        net=net,
        known=past.known[rows],
        as_of_day=past.as_of_day[rows],
        crop=[past.crop[row] for row in rows],
        region=[past.region[row] for row in rows],
        source=[past.source[row] for row in rows],
    )
    terms = shipped_policy("CNY").policy.forecast
    began = time.process_time()
    assert len(list(forecast_all(big.net, big.known, terms, learn(big, terms)))) == MANY
    return time.process_time() - began


def show(name: str, found: Scores, spans: Sequence[str] = ("all",)) -> None:
    """Print one hold-out, and the verdicts on these spans."""
    print(f"\n{name}")
    print(
        f"{'':15}{'history':20}{'merchants':>9}{'empty':>7}{'likely':>7}{'sold':>7}{'PIT':>7}{'closed':>8}{'open':>8}{'perfect':>8}{'below':>7}{'above':>7}{'pinball':>9}"
    )
    for model, scored in found.items():
        for span, s in scored.items():
            law = (s.likely_empty, s.of_sold, s.transformed)
            told = "".join(f"{'':7}" if share is None else f"{share:>7.3f}" for share in law)
            shares = f"{s.empty:>7.3f}{told}{s.coverage:>8.3f}{s.opened:>8.3f}{s.perfect:>8.3f}{s.below:>7.3f}{s.above:>7.3f}"
            print(f"{model:15}{span:20}{s.merchants:>9,}{shares}{s.pinball:>9.4f}")
            if s.histogram:
                print(f"{'':15}tenths  " + " ".join(f"{share:.3f}" for share in s.histogram))
    for span in spans:
        print(f"  {span}")
        for what, figure, target, met in verdicts(found, span):
            print(f"    {what:30}{figure:>7.3f}  target {target:13} {'met' if met else 'NOT MET'}")


def rolled_report(origins: Sequence[Compared], *, quiet: bool) -> dict[str, Any]:
    """Each origin, and all of them together with intervals."""
    spans = ("all", EVERY_MONTH)
    found = together(origins)
    within = {span: interval([one.rolled for one in origins], span) for span in spans}
    least = closed_at_least([one.rolled for one in origins])
    if not quiet:
        for one in origins:
            show(one.rolled.held.name, one.scores, spans)
        show(f"olist, {len(origins)} origins together", found, spans)
        for span, bounds in within.items():
            print(f"  {span}: {bounds}")
        print(f"  if the forecast were right, and knew what these months have shown: {least}")
    return {
        "origins": {one.rolled.held.name: as_json(one.scores) for one in origins},
        "together": as_json(found),
        "intervals_90": {span: asdict(bounds) for span, bounds in within.items()},
        "closed_at_least": least,
        "verdicts": told(found, spans),
    }


def main() -> None:
    """Make what is missing, run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer-python", help="a Python that has statsforecast")
    parser.add_argument("--olist", type=Path, help="folder of the Olist set; left out without it")
    parser.add_argument("--work", type=Path, help="folder that keeps county and lakes")
    parser.add_argument("--merchants", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    arguments = parser.parse_args()
    if not arguments.peer_python:
        print(
            "the peers are left out: name a Python that has statsforecast with --peer-python", file=sys.stderr
        )
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        work = arguments.work or Path(scratch)
        counties = list(county(work, arguments.seed, arguments.merchants))
        for held in counties:
            found = compare(held, "CNY", arguments.peer_python)
            shares = years(held, "CNY")
            report[held.name] = {
                "scores": as_json(found.scores),
                "cpu_seconds": found.seconds,
                "years": shares,
                "verdicts": told(found.scores, ("all",)),
            }
            if not arguments.json:
                show(held.name, found.scores)
                print("  years " + "".join(f"{name} {share:.3f}  " for name, share in shares.items()))
        if arguments.olist:
            origins = [compare(held, "BRL", arguments.peer_python) for held in olist(work, arguments.olist)]
            report["olist"] = rolled_report(origins, quiet=arguments.json)
    report["more_sales"] = dict(changes(counties[-1].past, shipped_policy("CNY").policy.forecast))
    report["cpu_seconds_of_100000"] = round(many(counties[-1].past), 1)
    if arguments.json:
        print(json.dumps(report, indent=2))
    else:
        print("\nthe sum of twelve P10s, where sales are more")
        for what, figures in report["more_sales"].items():
            print(f"  {what:28}" + "".join(f"{name} {value:>8.4f}  " for name, value in figures.items()))
        print(f"\nCPU seconds of {MANY:,} merchants: {report['cpu_seconds_of_100000']}  target < 300")


if __name__ == "__main__":
    main()
