"""Read a file of applications without filing any: what could be filed, and what is wrong with the rest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from suixin.errors import ConflictError
from suixin.money import CNY, format_amount, to_major
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination import policies, sheet
from suixin.server.origination.models import OPEN, Application, ApplicationBatch
from suixin.server.origination.sheet import Fault, Table, Wish

ACTION = "lending.case.import"


def read_batch(
    name: str, content: bytes, *, by: Actor, at: datetime, choose: bool = False
) -> ApplicationBatch:
    """Read a file; the same bytes are the same batch: read again until a row of it is filed, and then as it is.

    Where its columns stand is known by the choice for an earlier file with the same headings, else by the headings
    themselves; failing both, or where somebody wants to choose, its cells are kept until `choose_columns`.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        by: who reads it.
        at: when.
        choose: whether the columns are to be chosen whatever the headings say.

    Raises:
        SourceError: the file cannot be read as one of applications.
        ConflictError: somebody else reads the same file now.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        digest = sha256(content).hexdigest()
        held = locks.rows(ApplicationBatch.objects.filter(digest=digest, taken_back_at=None))
        if held and held[0].filed:
            return held[0]
        table = sheet.table(name, content)
        columns, chosen = _columns(table.heads)
        batch = held[0] if held else ApplicationBatch(digest=digest)
        batch.name, batch.read_by, batch.read_at = name[:100], by.name, at
        batch.heads, batch.columns, batch.chosen = table.heads, columns, chosen
        if choose or not sheet.is_whole(columns):
            batch.lines, batch.rows, batch.faults = table.body, [], []
        else:
            keep_rows(batch, table)
        try:
            with transaction.atomic():
                batch.save()
        except IntegrityError as error:  # the same file came at the same time
            raise ConflictError(
                f"{name} was read a moment ago; look at it in the list",
                zh=f"{name} 刚刚已读取，请在列表中查看",
            ) from error
        record_read(batch, by, at)
        return batch


def keep_rows(batch: ApplicationBatch, table: Table) -> None:
    """Keep of the rows what can be filed and what is wrong, and their cells no longer."""
    wishes, faults = judged(*sheet.read(table, batch.columns))
    batch.rows, batch.faults, batch.lines = (
        [asdict(one) for one in wishes],
        [asdict(one) for one in faults],
        None,
    )


def record_read(batch: ApplicationBatch, by: Actor, at: datetime) -> None:
    """Write down that a file was read, and how."""
    after = {
        "digest": batch.digest,
        "columns": batch.columns,
        "rows": len(batch.rows),
        "faults": len(batch.faults),
        "filed": 0,
    }
    record(by, ACTION, batch, after=after, at=at)


def _columns(heads: list[str]) -> tuple[dict[str, int], bool]:
    """Column -> its place, and whether a person said so."""
    before = ApplicationBatch.objects.filter(heads=heads, chosen=True).order_by("-id").first()
    return (before.columns, True) if before is not None else (sheet.guess(heads), False)


def judged(
    wishes: Iterable[Wish], faults: Iterable[Fault], halves: Iterable[Wish] = ()
) -> tuple[list[Wish], list[Fault]]:
    """The wishes that can be filed today; the others become faults, by row.

    Args:
        wishes: of the rows that had no fault so far.
        faults: those that were found already.
        halves: their rows, judged too, so that a row's faults are all named at once.
    """
    asked, parts = list(wishes), list(halves)
    keys = [one.merchant_id for one in (*asked, *parts) if one.merchant_id]
    known = set(Merchant.objects.filter(merchant_id__in=keys).values_list("merchant_id", flat=True))
    busy = dict(
        Application.objects.filter(merchant_id__in=keys, state__in=OPEN).values_list("merchant_id", "number")
    )
    most_minor = policies.most_minor()
    good: list[Wish] = []
    bad = list(faults)
    for one in asked:
        found = [*_of_merchant(one, known, busy), *_of_amount(one, most_minor)]
        bad += found
        if not found:
            good.append(one)
    for one in parts:
        bad += [*_of_merchant(one, known, busy), *_of_amount(one, most_minor)]
    return good, sorted(bad, key=lambda one: (one.row, one.column))


def _of_merchant(one: Wish, known: set[str], busy: Mapping[str, str]) -> Iterator[Fault]:
    if one.merchant_id and one.merchant_id not in known:
        yield sheet.fault(
            one.row,
            "merchant_id",
            one.merchant_id,
            "未登记的商户，先登记",
            "not enrolled; enrol them first",
        )
    elif number := busy.get(one.merchant_id):
        yield sheet.fault(
            one.row,
            "merchant_id",
            one.merchant_id,
            f"申请 {number} 还没有结束",
            f"application {number} is still open",
        )


def _of_amount(one: Wish, most_minor: int | None) -> Iterator[Fault]:
    if most_minor is not None and one.amount_minor > most_minor:
        yield sheet.fault(
            one.row,
            "amount",
            str(to_major(one.amount_minor, CNY)),
            f"现行政策一户最高 {format_amount(most_minor, CNY, 'zh', exact=True)}，不要超过",
            f"the policy in force grants a borrower at most {format_amount(most_minor, CNY, 'en')}; ask for no more",
        )
