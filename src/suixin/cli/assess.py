"""suixin assess: a lake into a decision book."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import polars as pl
import typer

from suixin.assess import Assessed, assess
from suixin.cli.compared import show_differences
from suixin.cli.output import Json, Processes, people, print_json, print_table, progress_bar, read_date, say
from suixin.errors import UsageError
from suixin.features.subjects import read_chosen
from suixin.lake.store import Lake
from suixin.replay import Recorded, read_run, run_file, same_model, same_snapshot, without_erased
from suixin.scoring.artefact import Opened, open_checked
from suixin.underwriting.policy import LoadedPolicy, load_policy, shipped_policy

STALE_DAYS = 31  # from the lake's last event to an as-of date, beyond which the run says so


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("assess")(_assess)


def _assess(
    lake: Annotated[Path, typer.Argument(help="The lake's folder.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the book; may be left out with --compare.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="One date for all; else each merchant's latest in outcomes, else the day after the last event."
        ),
    ] = None,
    merchants: Annotated[
        Path | None, typer.Option(help="File with merchant_id and, optionally, as_of.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file; else the one shipped for the currency.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="A trained model that scores in place of the policy's expert card."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="run.json of an earlier book: its snapshot, policy, date and merchants."),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            help="An earlier book: its policy, date and merchants on today's snapshot; lists what differs."
        ),
    ] = None,
    processes: Processes = None,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an older book at OUT.")] = False,
    json: Json = False,
) -> None:
    """Decide every merchant: score, limit, price, schedule and reasons, as a book that replays.

    For example:

        suixin assess lake --as-of 2026-01-01 --out book

        suixin assess lake --merchants mine.csv --policy ours.yaml --out book

        suixin assess lake --replay book/run.json --out again

        suixin assess lake --compare book
    """
    if out is None and compare is None:
        raise UsageError("name a folder for the book with --out")
    earlier = _earlier(replay, compare, as_of=as_of, merchants=merchants, policy=policy)
    if earlier is None:
        task = _fresh(lake, read_date(as_of), merchants, policy, model)
    else:
        task = _again(lake, earlier, replay, model)
    with TemporaryDirectory(prefix="suixin-compare-") as aside, progress_bar() as tell:
        made = assess(
            task.lake,
            task.loaded,
            out or Path(aside) / "book",
            now=datetime.now(UTC),
            as_of=task.as_of,
            chosen=task.chosen,
            processes=processes,
            replace=replace,
            progress=tell,
            erased=task.erased,
            model=task.model,
            replayed=replay is not None or compare is not None,
        )
    if compare is not None:
        show_differences(compare, made, task.erased, json=json)
    elif json:
        kept = {k: v for k, v in made.run.items() if k not in ("policy", "merchants")}
        print_json({"book": str(out), **kept})
    else:
        _show(made, task.loaded)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be decided, on which snapshot, by which policy; `erased` merchants were forgotten since."""

    lake: Lake
    loaded: LoadedPolicy
    as_of: date | None
    chosen: pl.DataFrame | None
    erased: tuple[str, ...] = ()
    model: Opened | None = None


def _earlier(
    replay: Path | None,
    compare: Path | None,
    *,
    as_of: str | None,
    merchants: Path | None,
    policy: Path | None,
) -> Recorded | None:
    """The run that is to be done again, if one is."""
    if replay is None and compare is None:
        return None
    name = "--replay" if replay else "--compare"
    if replay and compare:
        raise UsageError("--replay and --compare are two questions; ask one of them")
    if as_of or merchants or policy:
        raise UsageError(
            f"{name} takes date, merchants and policy from run.json; leave the other options out"
        )
    return read_run(run_file(replay or compare or Path()))


def _fresh(
    lake: Path, day: date | None, merchants: Path | None, policy: Path | None, model: Path | None
) -> _Task:
    opened = Lake.open(lake)
    loaded = load_policy(policy) if policy else shipped_policy(opened.manifest.currency)
    chosen = read_chosen(merchants, opened) if merchants else None
    _refuse_dates(day, chosen, merchants)
    return _Task(opened, loaded, day, chosen, model=open_checked(model) if model else None)


def _again(lake: Path, earlier: Recorded, same: Path | None, model: Path | None) -> _Task:
    """The earlier run on the snapshot it was made on, or on today's."""
    opened = same_snapshot(earlier, lake, same) if same else Lake.open(lake)
    chosen, erased = without_erased(earlier, opened)
    return _Task(opened, earlier.loaded, earlier.as_of, chosen, erased, same_model(earlier, model))


def _refuse_dates(day: date | None, chosen: pl.DataFrame | None, merchants: Path | None) -> None:
    """One date for all, or one a merchant, not both."""
    own = [] if chosen is None else chosen["_given"].drop_nulls().to_list()
    if day is not None and own and merchants:
        raise UsageError(
            f"--as-of {day} and the as_of dates in {merchants} contradict each other; leave one of them out"
        )


def _show(made: Assessed, loaded: LoadedPolicy) -> None:
    run = made.run
    rows = list(run["decisions"].items())
    print_table(
        f"{run['merchants_assessed']:,} merchants, policy {loaded.policy.name}",
        ("decision", "merchants"),
        rows,
    )
    if told := run["model"]:
        say(f"scored by {told['name']}, {'released' if told['released'] else 'not released'}")
    if run["decided_in_hindsight"]:
        say(
            f"{run['decided_in_hindsight']:,} are decided as of a day before the model could be trained: it may have learned "
            "from them, and its figures do not hold for them"
        )
    _show_reach(made)
    for record in run["ingests"]:
        for assumption in record["assumptions"]:
            people.print(f"assumed ({record['adapter']}): {assumption}", markup=False)
    if run["absent_families"]:
        people.print(f"no data for the families: {', '.join(run['absent_families'])}", markup=False)
    if run["merchants_erased"]:
        say(f"erased at their own wish since, and not decided again: {', '.join(run['merchants_erased'])}")
    first = next((d for d in made.decisions if d.terms), made.decisions[0] if made.decisions else None)
    people.print(f"look at: {made.book / 'book.html'} and {made.book / 'book.xlsx'}", markup=False)
    if first is not None:
        people.print(f"one merchant: suixin explain {made.book} {first.merchant_id}", markup=False)


def _show_reach(made: Assessed) -> None:
    """Where data ends long before the date, and who is missing among the peers."""
    run = made.run
    last_on = date.fromisoformat(run["last_event_on"])
    latest = max((decision.as_of for decision in made.decisions), default=last_on)
    if (days := (latest - last_on).days) > STALE_DAYS:
        say(
            f"the lake has data until {last_on}, {days:,} days before {latest}: days without data count as days without "
            "sales; ingest what is newer, or name an earlier date"
        )
    if run["merchants_not_chosen"]:
        say(
            f"merchants of the lake that are not in the run: {run['merchants_not_chosen']:,}; the forecast learns from the "
            "merchants of the run alone, so limits may differ from those of a run over all"
        )
