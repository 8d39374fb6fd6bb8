"""What forms send, read and judged: amounts in yuan, rates, days, whole numbers, words, ticks, files."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from suixin.errors import UsageError
from suixin.lending.prepay import Way
from suixin.money import currency_of, to_minor

LONGEST = 500
REASON = 400  # where a second person's name comes behind it: the log keeps 500 characters
_HIGHEST = 10
_USE = 60  # as much as an application keeps
_YEARS = (2000, 2099)


def amount_of(sent: QueryDict, name: str = "amount", currency: str = "CNY") -> int:
    """An amount that a field of a form holds, in minor units; see `amount`."""
    return amount(sent.get(name, ""), currency)


def amount(text: str, currency: str = "CNY") -> int:
    """An amount that somebody typed, in minor units: '30000', '30,000.50', '３万' is not understood.

    Raises:
        UsageError: no number, or more decimals than the currency has.
    """
    typed = text.strip().replace(",", "").replace("，", "").removesuffix("元")
    try:
        return to_minor(Decimal(typed), currency_of(currency))
    except InvalidOperation as error:
        raise UsageError(
            f"{typed!r} is no amount; type yuan in figures, such as 30000",
            zh=f"“{typed}”不是金额，请用数字填写，如 30000",
        ) from error


def words_of(sent: QueryDict, name: str, most: int = LONGEST) -> str:
    """A text that somebody typed, at most so long and without the sign NUL; UsageError beyond."""
    typed = " ".join(sent.get(name, "").split())
    if "\0" in typed:
        raise UsageError("the text holds the sign NUL; type it anew", zh="文字里有不可见的字符，请重新输入")
    if len(typed) > most:
        raise UsageError(
            f"the text has {len(typed)} characters; keep it to {most}",
            zh=f"文字有 {len(typed)} 个字，请不超过 {most} 个",
        )
    return typed


def use_of(sent: QueryDict) -> str:
    """What a loan is for: words of somebody's own, else the use that they chose."""
    return words_of(sent, "purpose_own", _USE) or words_of(sent, "purpose", _USE)


def listed_of(sent: QueryDict, name: str) -> list[str]:
    """The words of a text that commas or blanks part."""
    return words_of(sent, name).replace(",", " ").replace("，", " ").replace("、", " ").split()


def day_of(sent: QueryDict, name: str) -> date:
    """A date as a field of a form sends it, 2026-03-01; UsageError for anything else, and for another century."""
    typed = sent.get(name, "").strip()
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise UsageError(
            f"{typed!r} is no date; write it as 2026-03-01", zh=f"“{typed}”不是日期，请写成 2026-03-01"
        ) from error
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise UsageError(
            f"{typed!r} is no date from {_YEARS[0]} to {_YEARS[1]}",
            zh=f"“{typed}”不在 {_YEARS[0]} 至 {_YEARS[1]} 年之间",
        )
    return day


def count_of(sent: QueryDict, name: str) -> int:
    """A whole number from 0 on, 0 if the field is empty; UsageError for anything else."""
    typed = sent.get(name, "").strip() or "0"
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise UsageError(
            f"{typed!r} is no whole number; type figures alone", zh=f"“{typed}”不是整数，请只填数字"
        )
    return int(typed)


def rate_of(sent: QueryDict, name: str) -> Decimal | None:
    """An annual rate that somebody typed in percent, '4.35' or '4.35%', as a fraction; None if the field is empty.

    Raises:
        UsageError: no number, or more than six decimals of a fraction.
    """
    typed = sent.get(name, "").strip().removesuffix("%").removesuffix("％").strip()
    if not typed:
        return None
    try:
        rate = Decimal(typed).scaleb(-2)
        is_rate = rate.is_finite() and abs(rate) < _HIGHEST and rate == round(rate, 6)
    except InvalidOperation as error:
        raise UsageError(
            f"{typed!r} is no rate; type percent a year, such as 4.35",
            zh=f"“{typed}”不是利率，请填年利率百分数，如 4.35",
        ) from error
    if not is_rate:
        raise UsageError(
            f"{typed} % is no rate of at most four decimals, below {_HIGHEST * 100} %",
            zh=f"{typed}% 不是利率：最多四位小数，且低于 {_HIGHEST * 100}%",
        )
    return rate


def way_of(sent: QueryDict, name: str = "way") -> Way | None:
    """What money beyond what is due does, None if the field is empty; UsageError for anything else."""
    typed = sent.get(name, "")
    if typed and typed not in {one.value for one in Way}:
        raise UsageError(f"{typed!r} is no way of paying ahead", zh="请选择多还的部分怎么处理")
    return Way(typed) if typed else None


def ticked(sent: QueryDict, name: str) -> bool:
    """Whether a box was ticked."""
    return sent.get(name) == "yes"


def upload_of(files: MultiValueDict[str, Any], most: int) -> tuple[str, bytes]:
    """The name and the content of the file that was sent; one byte more than `most`, for whoever reads it to refuse.

    Raises:
        UsageError: none was.
    """
    sent = files.get("file")
    if not isinstance(sent, UploadedFile):
        raise UsageError("Choose a .csv or .xlsx file", zh="请选择一个 .csv 或 .xlsx 文件")
    return sent.name or "", sent.read(most + 1)


def key_of(sent: str) -> int:
    """The key of a row that was ticked; 0, which no row has, for anything else."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else 0


def back_to(page: str, sent: QueryDict, **parts: Any) -> str:
    """The address of a list, asked as it was when the form was sent from it."""
    asked, where = QueryDict(sent.get("question", "")).urlencode(), reverse(page, kwargs=parts)
    return f"{where}?{asked}" if asked else where
