"""Say which column of a file is which, where its headings do not; the next file with the same headings goes by it."""

from collections.abc import Mapping
from datetime import datetime

from suixin.errors import LendingError, UsageError
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.origination import sheet
from suixin.server.origination.actions.read_batch import ACTION, judge, note
from suixin.server.origination.models import ApplicationBatch
from suixin.server.origination.sheet import Table


def choose_columns(batch_id: int, at: Mapping[str, int], *, by: Actor, now: datetime) -> ApplicationBatch:
    """Read the rows that were kept by these columns; their cells are kept no longer.

    Args:
        batch_id: the file.
        at: column -> its place among the headings, of every column that is needed and of others that are there.
        by: who chooses.
        now: when.

    Raises:
        LendingError: there is no such file, or its cells are not there any more.
        UsageError: a column that is needed is not chosen, none is at that place, or two are the same.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        found = locks.rows(ApplicationBatch.objects.filter(pk=batch_id))
        if not found:
            raise LendingError(f"there is no file {batch_id}", zh="没有这个文件")
        (batch,) = found
        if batch.lines is None:
            raise LendingError(
                f"the columns of {batch.name} are not to be chosen any more; upload it again, and tick that you choose them",
                zh=f"{batch.name} 不再等待选列；如需重选，请重新上传并勾选“自己选列”",
            )
        _check(batch, at)
        batch.columns, batch.chosen = dict(at), True
        judge(batch, Table(batch.heads, [(number, row) for number, row in batch.lines]))
        batch.save()
        note(batch, by, now)
        return batch


def _check(batch: ApplicationBatch, at: Mapping[str, int]) -> None:
    lacking = [sheet.WORDS[column] for column in sheet.NEEDED if column not in at]
    if lacking:
        raise UsageError(
            f"choose the column of {', '.join(en for _, en in lacking)}",
            zh=f"请选择以下内容所在的列：{'、'.join(zh for zh, _ in lacking)}",
        )
    for column, place in at.items():
        if column not in sheet.COLUMNS or not 0 <= place < len(batch.heads) or not batch.heads[place]:
            raise UsageError(
                f"{batch.name} has no column {place + 1}", zh=f"{batch.name} 没有第 {place + 1} 列"
            )
    if len(set(at.values())) < len(at):
        raise UsageError(
            "two choices are the same column; choose one for each", zh="有一列选了两次；每项请选不同的列"
        )
