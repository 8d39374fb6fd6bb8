"""What a merchant's data is read for, as her receipt says it: one text of both languages, of which she reads her own."""

from typing import NamedTuple


class Act(NamedTuple):
    """An act in both languages."""

    zh: str
    en: str

    def written(self, which: str = "") -> str:
        """What a receipt keeps: the act in both languages, and which one, such as a number."""
        return f"{self.zh} {self.en} {which}".rstrip()


ASSESS = Act("评估", "assess")
WATCH = Act("贷后预警", "early warning")
SALES = Act("乡镇销售统计", "township sales")


def read(what: str, lang: str) -> str:
    """What a receipt keeps in one language, 'zh' or 'en'; words of another hand as they are."""
    for act in (ASSESS, WATCH, SALES):
        if (what + " ").startswith(f"{act.written()} "):
            return f"{act.en if lang == 'en' else act.zh}{what.removeprefix(act.written())}"
    return what
