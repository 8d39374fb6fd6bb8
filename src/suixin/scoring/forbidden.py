"""Columns that no model may learn from: what the law or decency keeps out of a credit decision, and identifiers."""

import re

_PERSONAL = (
    ("sex", r"sex|gender|xingbie|性别"),
    ("ethnic group", r"ethnic\w*|minzu|race|nationality|民族|国籍"),
    ("religion", r"religion|religious|faith|宗教"),
    ("age", r"age|birth\w*|born\w*|年龄|出生\w*"),
    ("family status", r"marital|married|divorced|pregnan\w*|婚姻|婚否|怀孕"),
    ("health", r"health|disab\w*|illness|disease|健康|残疾"),
    ("politics", r"politic\w*|party_member|政治面貌"),
    ("an identifier", r"id_number|id_card|phone|telephone|mobile|身份证\w*|手机\w*|电话\w*"),
    ("the answer itself", r"rating|default(ed)?|dpd|overdue_now|违约|信誉评级"),
)
_PATTERNS = [(what, re.compile(rf"(?:^|_)(?:{words})(?:$|_)", re.IGNORECASE)) for what, words in _PERSONAL]
_MEANT_OTHERWISE = frozenset({"bureau_age_days", "guarantees"})
"""Registered features whose name holds such a word and whose meaning does not: the age of a report."""

OF_CAPACITY = frozenset({"debt_service_months", "household_members", "other_shops_owing"})
"""Registered features that say what a household can carry and nothing of its risk: how much debt service is still to come, how
many live of the income, and whether the debts are all its own. No model learns from them."""


def forbidden(name: str) -> str | None:
    """What a column's name says that no model may use, None if it says nothing of the kind.

    For example, `forbidden("customer_gender")` is 'sex'; source: PIPL (2021) art. 28 (sensitive personal information),
    and the definition of the target, which must not stand among the features.
    """
    if name in _MEANT_OTHERWISE:
        return None
    return next((what for what, pattern in _PATTERNS if pattern.search(name)), None)
