"""What people read when something is refused."""

import pytest
from django.utils import translation

from suixin.errors import AccessError, BusinessDateError, ConflictError, ConsentError, LendingError
from suixin.server.pages.refusals import refusal
from suixin.sharing.check import Why

SAID = LendingError("application A7 is not assessed yet", zh="申请 A7 还没有评估")


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (SAID, "申请 A7 还没有评估", "application A7 is not assessed yet"),
        (ConsentError("no 7", Why.REVOKED), "商户已撤回该同意", "the merchant has withdrawn the consent"),
        (AccessError("user:7 may not"), "您不能办理这件事（user:7 may not）", "user:7 may not"),
        (
            ConflictError("key 7"),
            "这件事已经办过或已有变化，请刷新页面再看（key 7）",
            "key 7",
        ),
        (BusinessDateError("day 7"), "银行正在日终处理，请过一会儿再试（day 7）", "day 7"),
        (LendingError("no 7"), "没有办成（no 7）", "no 7"),
    ],
)
def test_an_error_speaks_the_readers_language(error, zh, en):
    """In its own words where it has them; else the kind in Chinese, with the program's own words behind it."""
    with translation.override("zh-hans"):
        assert refusal(error) == zh
    with translation.override("en"):
        assert refusal(error) == en
