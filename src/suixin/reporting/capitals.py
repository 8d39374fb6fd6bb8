"""Amounts in the capital figures of Chinese contracts (大写金额), which nobody changes with one stroke."""

from suixin.errors import UsageError
from suixin.money import check_minor

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_MYRIADS = ("", "万", "亿", "万亿")


def in_capitals(fen: int) -> str:
    """An amount of renminbi in capitals: 123,456.05 -> 人民币壹拾贰万叁仟肆佰伍拾陆元零伍分.

    By the rules for cheques and bills (正确填写票据和结算凭证的基本规定, 1997): one 零 for any run of noughts between
    figures, none for a nought at 万 or 元 that the next figure follows (the rules leave that free), 整 after whole yuan or
    jiao.

    Raises:
        UsageError: below 0, or 10^18 fen and more.
    """
    if check_minor(fen, "amount") < 0 or fen >= 10**18:
        raise UsageError(f"amount of {fen} fen cannot be written in capitals; give 0 to below 10^18")
    yuan, part = divmod(fen, 100)
    jiao, last = divmod(part, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if not part:
        return f"人民币{text or '零元'}整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return f"人民币{text}{_DIGITS[last]}分" if last else f"人民币{text}整"


def _whole(yuan: int) -> str:
    """Whole yuan, in groups of four figures."""
    text, gap = "", False
    groups = [yuan // 10_000**place % 10_000 for place in range(len(_MYRIADS))]
    for place in reversed(range(len(_MYRIADS))):
        group = groups[place]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1_000):
            text += "零"
        text += _group(group) + _MYRIADS[place]
        gap = False
    return text


def _group(group: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
