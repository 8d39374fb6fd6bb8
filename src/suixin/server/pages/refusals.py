"""What people read when something is refused, in their language.

An error that people meet says itself in both languages where it is raised. The others of the library are written for
whoever runs it, in English: there plain Chinese comes first, and the program's own words stand behind it.
"""

from suixin.errors import AccessError, BusinessDateError, ConflictError, ConsentError, SuixinError
from suixin.server.pages.templatetags.words import pair
from suixin.sharing.check import WORDS, Why

_KINDS: tuple[tuple[type[SuixinError], str], ...] = (
    (AccessError, "您不能办理这件事"),
    (ConflictError, "这件事已经办过或已有变化，请刷新页面再看"),
    (BusinessDateError, "银行正在日终处理，请过一会儿再试"),
)


def refusal(error: SuixinError) -> str:
    """The words for a refusal, in the reader's language."""
    if error.zh:
        return pair(error.zh, str(error))
    if isinstance(error, ConsentError) and error.why in set(Why):
        words = WORDS[Why(error.why)]
        return pair(words.zh, words.en)
    known = next((zh for kind, zh in _KINDS if isinstance(error, kind)), "没有办成")
    return pair(f"{known}（{error}）", str(error))
