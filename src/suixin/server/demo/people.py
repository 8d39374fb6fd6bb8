"""The people of the demonstration: the bank's, one a role, who looks from outside, and made-up names for the merchants."""

from typing import NamedTuple

import numpy as np

from suixin.identifiers import resident_id_check
from suixin.server.identity.roles import Role
from suixin.simulation.crops import CROPS


class Person(NamedTuple):
    """Somebody of the bank: the name to sign in, their own, the role."""

    username: str
    name: str
    role: Role


STAFF = (
    Person("admin1", "赵敏", Role.ADMINISTRATOR),
    Person("admin2", "孙立", Role.ADMINISTRATOR),
    Person("manager", "周晓岚", Role.CUSTOMER_MANAGER),
    Person("reviewer", "吴建国", Role.REVIEWER),
    Person("reviewer2", "钱文", Role.REVIEWER),
    Person("approver", "郑海燕", Role.APPROVER),
    Person("approver2", "冯志强", Role.APPROVER),
    Person("committee1", "陈立新", Role.COMMITTEE),
    Person("committee2", "褚秀英", Role.COMMITTEE),
    Person("committee3", "卫东", Role.COMMITTEE),
    Person("payout", "蒋玲", Role.DISBURSEMENT),
    Person("postloan", "沈月", Role.POST_LOAN),
    Person("collector", "韩冰", Role.COLLECTION),
    Person("auditor", "杨正", Role.AUDITOR),
    Person("model", "朱明", Role.MODEL_OWNER),
    Person("agent", "秦巧珍", Role.VILLAGE_AGENT),
    Person("official", "许志远", Role.OFFICIAL),
    Person("fund", "何静", Role.FUND_MANAGER),
    Person("operator", "顾云", Role.OPERATOR),
)

_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN = (
    "秀兰",
    "建华",
    "桂英",
    "志明",
    "玉梅",
    "海军",
    "丽娟",
    "国强",
    "春梅",
    "永福",
    "小红",
    "德胜",
    "翠花",
    "文斌",
    "雪莲",
)
_CROPS = {crop.code: crop.zh for crop in CROPS}


def named(merchant_id: str, crop: str) -> tuple[str, str, str]:
    """A holder's name, a shop's and a telephone number that nobody has (an unassigned prefix), always the same."""
    rng = np.random.default_rng([int(merchant_id), 1])
    name = f"{_FAMILY[rng.integers(len(_FAMILY))]}{_GIVEN[rng.integers(len(_GIVEN))]}"
    shop = f"{name}家{_CROPS.get(crop, '山货')}铺"
    return name, shop, f"100{rng.integers(10**8):08d}"


def card(merchant_id: str, region: str) -> str:
    """A number of identity that nobody has: its check sign fits, and its county is assigned to no place."""
    rng = np.random.default_rng([int(merchant_id), 4])
    year, month, day = rng.integers(1960, 2000), rng.integers(1, 13), rng.integers(1, 29)
    first = f"{region[:6]}{year:04d}{month:02d}{day:02d}{rng.integers(1000):03d}"
    return first + resident_id_check(first)
