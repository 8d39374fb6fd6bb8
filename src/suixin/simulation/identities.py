"""Direct identifiers of the merchants' own parties: well formed, and impossible.

Numbers carry correct check digits so that forms and masks can be tried on them, but no such person can exist:
region codes begin with 99, which the national list does not use, telephones begin with 00 and cards with 9999.
"""

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.county import COUNTY_NAME, TOWNSHIPS, VILLAGES_EACH, County
from suixin.simulation.crops import CROPS
from suixin.simulation.merchants import BUSINESS, OWNER, PARTIES_EACH, SPOUSE, Merchants
from suixin.simulation.streams import Ints

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂芬玉珍凤文辉力建国春梅红云海山林雪松青禾穗田丰"
_FORMS = ("", "", "经营部", "专业合作社", "有限公司")  # as merchants.FORMS
_SCRAMBLE, _RANGE = (
    387_420_489,
    10**9,
)  # coprime: distinct parties below a thousand million get distinct numbers
_BIRTHS_FROM, _BIRTHS_EACH = -5479, 200  # 1 January 1955; a hundred spans of 200 days from there
_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])  # GB 11643
_ID_CHECKS = np.array(list("10X98765432"))
_CODE_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])  # GB 32100
_CODE_CHECKS = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))


def table(county: County, who: Merchants) -> pl.DataFrame:
    """The table identities: owner, spouse and registered business of each merchant."""
    everyone = np.arange(who.ids.size)
    married, firms = np.flatnonzero(who.married), np.flatnonzero(who.form >= 2)
    parts = [
        _rows(county, who, at, role, is_firm=role == BUSINESS)
        for role, at in ((OWNER, everyone), (SPOUSE, married), (BUSINESS, firms))
    ]
    return pl.concat(parts)


def _rows(county: County, who: Merchants, at: Ints, role: int, *, is_firm: bool) -> pl.DataFrame:
    party = who.ids[at] * PARTIES_EACH + role
    number = party * _SCRAMBLE % _RANGE
    since = np.minimum(who.opened[at], county.horizon.end - 1)
    owner = (who.ids[at] * PARTIES_EACH + OWNER) * _SCRAMBLE % _RANGE
    return pl.DataFrame(
        {
            "party_id": party,
            "name": _firms(who, at, owner) if is_firm else _names(number),
            "id_number": credit_codes(number) if is_firm else id_numbers(number),
            "phone": _padded("00", number, 9),
            "address": _addresses(who, at, owner),
            "account": cards(number),
            "recorded_on": frames.dates(since if is_firm else since - 400),
        }
    )


def _padded(prefix: str, number: Ints, width: int) -> pl.Series:
    return pl.Series(number).cast(pl.String).str.zfill(width).str.replace("^", prefix)


def _names(number: Ints) -> pl.Series:
    """A surname and one or two characters, by number."""
    surname = frames.codes(list(_SURNAMES), number % len(_SURNAMES))
    one = frames.codes(list(_GIVEN), number // 41 % len(_GIVEN))
    two = frames.codes(["", *_GIVEN], np.maximum(number // 2003 % (len(_GIVEN) + 20) - 19, 0))
    return surname + one + two


def _firms(who: Merchants, at: Ints, owner: Ints) -> pl.Series:
    """Place, owner's name, crop and form, as such firms are called."""
    place = frames.codes([name[:2] for name in TOWNSHIPS], who.township[at])
    crop = frames.codes([crop.zh for crop in CROPS], who.crop[at])
    return place + _names(owner) + crop + frames.codes(_FORMS, who.form[at])


def _addresses(who: Merchants, at: Ints, owner: Ints) -> pl.Series:
    """The house of the owner in its village."""
    village = who.village[at]
    names = [f"{COUNTY_NAME}{t}{t[:2]}{v + 1}村" for t in TOWNSHIPS for v in range(VILLAGES_EACH)]
    return frames.codes(names, village) + pl.Series(1 + owner % 480).cast(pl.String) + "号"


def id_numbers(number: Ints) -> pl.Series:
    """Identity numbers of natural persons with the check digit of GB 11643, distinct below 10^9."""
    serial, rest = number % 1000, number // 1000
    born = _BIRTHS_FROM + rest % 100 * _BIRTHS_EACH + serial % _BIRTHS_EACH
    day = pl.Series(born).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y%m%d")
    body = _padded("99", rest // 100, 4) + day + _padded("", serial, 3)
    digits = _digits(body, 17)
    return body + pl.Series(_ID_CHECKS[(digits @ _ID_WEIGHTS) % 11])


def credit_codes(number: Ints) -> pl.Series:
    """Unified social credit codes with the check character of GB 32100, distinct below 10^9."""
    body = _padded("92999901", number, 9)
    digits = _digits(body, 17)
    return body + pl.Series(_CODE_CHECKS[(31 - (digits @ _CODE_WEIGHTS) % 31) % 31])


def cards(number: Ints) -> pl.Series:
    """Nineteen digits with the check digit of Luhn (ISO/IEC 7812-1), distinct below 10^9."""
    body = _padded("999900000", number, 9)
    doubled = _digits(body, 18) * np.array([1, 2] * 9)
    total = (doubled - 9 * (doubled > 9)).sum(axis=1)
    return body + pl.Series((10 - total % 10) % 10).cast(pl.String)


def _digits(text: pl.Series, width: int) -> Ints:
    """The digits of equally long texts, rows × width."""
    joined = "".join(text.to_list()).encode()
    return (np.frombuffer(joined, dtype=np.uint8).reshape(-1, width) - ord("0")).astype(np.int64)
