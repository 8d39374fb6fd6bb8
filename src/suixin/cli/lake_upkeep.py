"""suixin lake compact, rebucket, migrate, expire, forget: maintenance. Each makes a new snapshot or gives up old ones."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, print_json, print_table, progress_bar, say
from suixin.lake import compact as compacting
from suixin.lake import expire as expiring
from suixin.lake import forget as forgetting
from suixin.lake import migrate as migrating
from suixin.lake import rebucket as rebucketing
from suixin.lake.ingest import WAIT_SECONDS
from suixin.lake.rewrite import Report
from suixin.lake.store import Lake

Root = Annotated[Path, typer.Argument(metavar="LAKE", help="The lake's folder.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another writer.", min=0)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")]
Grace = Annotated[float, typer.Option(help="Days for which files stay for those who are reading them.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (compact, rebucket, migrate, expire, forget):
        app.command()(command)


def compact(root: Root, wait: Wait = WAIT_SECONDS, *, dry_run: DryRun = False, json: Json = False) -> None:
    """Merge the many files of many ingests into one sorted file a bucket; the rows stay the same.

    For example:

        suixin lake compact county.lake
    """
    if dry_run:
        _show_plan(compacting.plan(Lake.open(root).manifest), "files to merge", json=json)
        return
    with progress_bar() as tell:
        report = compacting.compact(root, now=datetime.now(UTC), wait_seconds=wait, progress=tell)
    _show(report, json=json)


def rebucket(
    root: Root,
    buckets: Annotated[int, typer.Argument(metavar="N", help="How many buckets.")],
    wait: Wait = WAIT_SECONDS,
    *,
    json: Json = False,
) -> None:
    """Spread the merchants over N buckets; `suixin lake status` says when that is due.

    For example:

        suixin lake rebucket county.lake 64
    """
    with progress_bar() as tell:
        report = rebucketing.rebucket(root, buckets, now=datetime.now(UTC), wait_seconds=wait, progress=tell)
    _show(report, json=json)


def migrate(root: Root, wait: Wait = WAIT_SECONDS, *, dry_run: DryRun = False, json: Json = False) -> None:
    """Rewrite files of an older release into today's columns. An older lake can be read without this as well.

    For example:

        suixin lake migrate county.lake --dry-run
    """
    if dry_run:
        files: dict[str, int] = {}
        for name, _, _ in migrating.outdated(root, Lake.open(root).manifest):
            files[name] = files.get(name, 0) + 1
        _show_plan(files, "files to migrate", json=json)
        return
    with progress_bar() as tell:
        report = migrating.migrate(root, now=datetime.now(UTC), wait_seconds=wait, progress=tell)
    _show(report, json=json)


def expire(
    root: Root,
    keep: Annotated[int | None, typer.Option(help="Give up all but the newest N snapshots.")] = None,
    older_than: Annotated[
        float | None, typer.Option(help="Give up only snapshots older than so many days.")
    ] = None,
    grace_days: Grace = expiring.GRACE_DAYS,
    wait: Wait = WAIT_SECONDS,
    *,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Give up old snapshots, and remove the files whose grace time is over.

    For example:

        suixin lake expire county.lake --keep 10

        suixin lake expire county.lake --older-than 90 --dry-run
    """
    done = expiring.expire(
        root,
        now=datetime.now(UTC),
        keep=keep,
        older_than_days=older_than,
        grace_days=grace_days,
        wait_seconds=wait,
        dry_run=dry_run,
    )
    if json:
        print_json({**asdict(done), "dry_run": dry_run})
        return
    verb = "would be given up" if dry_run else "given up"
    say(f"{len(done.snapshots):,} snapshots {verb}, {len(done.kept):,} kept")
    say(
        f"{done.files:,} files removed ({done.bytes / 1e6:,.1f} MB); {done.waiting:,} snapshots in their grace time"
    )


def forget(
    root: Root,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A party_id or a merchant_id.")],
    grace_days: Grace = expiring.GRACE_DAYS,
    wait: Wait = WAIT_SECONDS,
    *,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take a person out of all snapshots, and after the grace time out of every file. It cannot be undone.

    For example:

        suixin lake forget county.lake p_mfrggzdfmztwq2lk --dry-run

        suixin lake forget county.lake p_mfrggzdfmztwq2lk --grace-days 0
    """
    with progress_bar() as tell:
        done = forgetting.forget(
            root,
            identifier,
            now=datetime.now(UTC),
            grace_days=grace_days,
            wait_seconds=wait,
            dry_run=dry_run,
            progress=tell,
        )
    if json:
        print_json({**asdict(done), "dry_run": dry_run})
        return
    rows = [(n, done.rows.get(n, 0), done.replaced.get(n, 0)) for n in {**done.rows, **done.replaced}]
    print_table("", ("table", "rows removed", "rows of others with a tombstone"), rows)
    if dry_run:
        say("dry run: nothing was changed")
    elif done.committed:
        say(f"snapshot {done.snapshot}; {done.snapshots:,} older snapshots written anew")
        say(f"the last files go at {done.purge_due} with the next writer, or: suixin lake expire {root}")
    else:
        say("forgotten before; nothing was left")


def _show_plan(files: dict[str, int], what: str, *, json: bool) -> None:
    if json:
        print_json({"dry_run": True, "files": files})
        return
    print_table("", ("table", what), list(files.items()))
    say("dry run: nothing was changed")


def _show(report: Report, *, json: bool) -> None:
    if json:
        print_json({**asdict(report), "committed": report.committed})
        return
    if not report.committed:
        say(f"nothing to do: the lake stays at snapshot {report.after}")
        return
    rows = [(n, c.rows_after, c.files_before, c.files_after) for n, c in report.tables.items()]
    print_table("", ("table", "row versions", "files before", "files after"), rows)
    say(f"snapshot {report.after} in {report.seconds:.1f} s; the one before can still be read")
