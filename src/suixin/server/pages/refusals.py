"""What a merchant reads when something is refused: plain Chinese first, the program's own words behind it.

The errors of the library are written for whoever runs it, in English; staff read them as they are.
"""

from suixin.errors import AccessError, BusinessDateError, ConflictError, ConsentError, SuixinError
from suixin.server.pages.templatetags.words import pair
from suixin.sharing.check import WORDS, Why

_KINDS: tuple[tuple[type[SuixinError], str], ...] = (
    (AccessError, "您不能办理这件事"),
    (ConflictError, "这件事已经办过或已有变化，请刷新页面再看"),
    (BusinessDateError, "银行正在日终处理，请过一会儿再试"),
)


def to_merchant(error: SuixinError) -> str:
    """The words for a refusal, in the reader's language."""
    if isinstance(error, ConsentError) and error.why in set(Why):
        words = WORDS[Why(error.why)]
        return pair(words.zh, words.en)
    known = next((zh for kind, zh in _KINDS if isinstance(error, kind)), "没有办成")
    return pair(f"{known}（{error}）", str(error))
