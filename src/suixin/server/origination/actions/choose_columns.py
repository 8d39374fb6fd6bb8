"""Say which column of a file is which, where its headings do not; the next file with the same headings goes by it."""

from collections.abc import Mapping
from datetime import datetime

from suixin.errors import LendingError, UsageError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.origination import batches, sheet
from suixin.server.origination.actions.read_batch import ACTION, keep_rows, record_read
from suixin.server.origination.models import ApplicationBatch
from suixin.server.origination.sheet import Table


def choose_columns(batch_id: int, columns: Mapping[str, int], *, by: Actor, at: datetime) -> ApplicationBatch:
    """Read the rows that were kept by these columns; their cells are kept no longer.

    Args:
        batch_id: the file.
        columns: column -> its place among the headings, of every column that is needed and of others that are there.
        by: who chooses.
        at: when.

    Raises:
        LendingError: there is no such file, or its cells are not there any more.
        UsageError: a column that is needed is not chosen, none is at that place, or two are the same.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        batch = batches.locked(batch_id)
        if batch.lines is None:
            raise LendingError(
                f"the columns of {batch.name} are not to be chosen any more; upload it again, and tick that you choose them",
                zh=f"{batch.name} 不再等待选列；如需重选，请重新上传并勾选“自己选列”",
            )
        _check(batch, columns)
        batch.columns, batch.chosen = dict(columns), True
        keep_rows(batch, Table(batch.heads, [(number, row) for number, row in batch.lines]))
        batch.save()
        record_read(batch, by, at)
        return batch


def _check(batch: ApplicationBatch, columns: Mapping[str, int]) -> None:
    lacking = [sheet.WORDS[column] for column in sheet.NEEDED if column not in columns]
    if lacking:
        raise UsageError(
            f"choose the column of {', '.join(en for _, en in lacking)}",
            zh=f"请选择以下内容所在的列：{'、'.join(zh for zh, _ in lacking)}",
        )
    for column, place in columns.items():
        if column not in sheet.COLUMNS or not 0 <= place < len(batch.heads) or not batch.heads[place]:
            raise UsageError(
                f"{batch.name} has no column {place + 1}", zh=f"{batch.name} 没有第 {place + 1} 列"
            )
    if len(set(columns.values())) < len(columns):
        raise UsageError(
            "two choices are the same column; choose one for each", zh="有一列选了两次；每项请选不同的列"
        )
