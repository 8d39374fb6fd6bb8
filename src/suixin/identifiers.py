"""Identifiers: stable buckets, keyed pseudonyms, content digests, and masks for whatever a person may see."""

import base64
import hashlib
import hmac
import re
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from suixin.errors import UsageError

_STARS = "****"  # always four, so that a mask does not tell the length
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＠＋－．Ｘｘ", "0123456789@+-.Xx")
_PREFIX = re.compile(r"[a-z][a-z0-9]*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RESIDENT_ID = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
_BANK_CARD = re.compile(r"(?<!\d)(?:\d{15,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?)(?!\d)")
_NO_BIRTH = "身份证号第 7 至 14 位不是出生日期，请核对"
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SEPARATOR = re.compile(r"[ -]")
_MOBILE = re.compile(r"(?<!\d)((?:\+?(?:00)?86[ -]?)?)(1[3-9]\d)[ -]?(?:\d{4}[ -]?)(\d{4})(?!\d)")
_OTHER_PHONE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|\+\d{1,3}[ -]?\d(?:[ -]?\d){6,12}(?!\d)")


def bucket_of(merchant_id: str, buckets: int) -> int:
    """Return the merchant's bucket: CRC-32 (ISO-HDLC, as in zlib) of the UTF-8 bytes, modulo `buckets`.

    Never to be changed: the layout of every lake rests on it. CRC-32 because Spark and databases compute the
    same natively (`crc32(merchant_id) % buckets`), so a cluster splits along the same buckets.

    Raises:
        UsageError: buckets below 1, or an empty id.
    """
    if not isinstance(buckets, int) or buckets < 1:
        raise UsageError(f"{buckets!r} buckets; give a whole number from 1")
    if not merchant_id:
        raise UsageError("merchant id '' is empty; give each merchant an id")
    return zlib.crc32(merchant_id.encode()) % buckets


def pseudonym(value: str, key: bytes, prefix: str) -> str:
    """Return a keyed pseudonym such as `p_mfrggzdfmztwq2lk...`: the same person, prefix and key give the same.

    HMAC-SHA256 (RFC 2104) of prefix and value, cut to 120 bits, in lower-case base32: 24 characters. The value
    is first brought to Unicode NFKC and stripped. Without the key nobody can try out all phone numbers, so the
    key is kept apart from the lake; 32 random bytes are right.

    Raises:
        UsageError: an empty key, an empty value (it would make strangers one person), or a bad prefix.
    """
    if not key:
        raise UsageError("the key of pseudonyms is empty; give 32 random bytes")
    if not _PREFIX.fullmatch(prefix):
        raise UsageError(f"prefix {prefix!r} is not lower-case letters and digits; use one such as 'p'")
    plain = unicodedata.normalize("NFKC", value).strip()
    if not plain:
        raise UsageError("an empty value has no pseudonym; leave the column empty instead")
    tag = hmac.new(key, f"{prefix}\0{plain}".encode(), hashlib.sha256).digest()[:15]
    return f"{prefix}_{base64.b32encode(tag).decode().lower()}"


def mask(value: str) -> str:
    """Mask one identifier for logs, errors and pages.

    Mobile 138****1234; resident id 110101****1234 and bank card 6222****1234; e-mail z****@example.com;
    anything else keeps its first and last two characters if it has at least 8, and nothing if it is shorter.
    """
    text = value.strip().translate(_FULL_WIDTH)
    masked = _mask_text(text)
    if masked != text:
        return masked
    return f"{text[:2]}{_STARS}{text[-2:]}" if len(text) >= 8 else _STARS


def mask_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Mask whatever in a raw row looks like a phone, id-card or bank-card number or an e-mail address.

    Texts are searched throughout, numbers and nested lists and objects too; other values stay as they are. A
    long order number looks like a bank card and is masked as well: hiding too much is the safe side. Names
    cannot be recognised and stay.
    """
    return {column: _mask_any(value) for column, value in row.items()}


def _mask_any(value: Any) -> Any:
    if isinstance(value, str):
        plain = value.translate(_FULL_WIDTH)
        masked = _mask_text(plain)
        return value if masked == plain else masked
    if isinstance(value, Mapping):
        return mask_row(value)
    if isinstance(value, list | tuple):
        return [_mask_any(item) for item in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        text = _digits_of(value)
        masked = _mask_text(text)
        return value if masked == text else masked
    return value


def _digits_of(value: float | Decimal) -> str:
    # A spreadsheet turns a phone number into 13812341234.0 and a card number into 6.2e+18.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _mask_text(text: str) -> str:
    text = _EMAIL.sub(lambda found: f"{found[0][0]}{_STARS}@{found[0].split('@')[-1]}", text)
    text = _RESIDENT_ID.sub(lambda found: f"{found[0][:6]}{_STARS}{found[0][-4:]}", text)
    text = _BANK_CARD.sub(lambda found: f"{found[0][:4]}{_STARS}{_SEPARATOR.sub('', found[0])[-4:]}", text)
    text = _MOBILE.sub(lambda found: f"{found[1]}{found[2]}{_STARS}{found[3]}", text)
    return _OTHER_PHONE.sub(lambda found: f"{found[0][:3]}{_STARS}{found[0][-2:]}", text)


def digest(*parts: str | bytes | float | Decimal | date | None) -> str:
    """Return a short stable content hash of the parts: blake2b (RFC 7693), 64 bits, 16 hex digits.

    Each part goes in with its type and length, so ('ab', 'c') and ('a', 'bc') differ, and 1 and '1' differ;
    equal decimals (1.0 and 1.00) are the same. For naming and comparing, not against a forger.

    Raises:
        UsageError: a part of another type.
    """
    state = hashlib.blake2b(digest_size=8)
    for part in parts:
        tag, body = _tagged(part)
        state.update(f"{tag}:{len(body)}:".encode() + body)
    return state.hexdigest()


def _tagged(part: Any) -> tuple[str, bytes]:
    """Tag by base type, not by class, so that a member of a StrEnum and its text are the same part."""
    tag, text = "none", ""
    match part:
        case bytes():
            return "bytes", part
        case None:
            pass
        case bool():
            tag, text = "bool", str(int(part))
        case str():
            tag, text = "str", str(part)
        case int():
            tag, text = "int", str(int(part))
        case float():
            tag, text = "float", part.hex()
        case Decimal() if part.is_finite():
            tag, text = "decimal", "/".join(map(str, part.as_integer_ratio()))
        case date():  # a datetime is a date too; its text tells it apart
            tag, text = "date", part.isoformat()
        case _:
            name = type(part).__name__
            raise UsageError(f"{part!r} is a {name}; a digest takes text, bytes, finite numbers and dates")
    return tag, text.encode()


def resident_id_check(first_seventeen: str) -> str:
    """Return the check sign of a resident identity number: ISO 7064 MOD 11-2 over its seventeen digits (GB 11643-1999).

    Raises:
        UsageError: not seventeen digits.
    """
    if not re.fullmatch(r"[0-9]{17}", first_seventeen):
        raise UsageError(
            f"{mask(first_seventeen)} is not seventeen digits; the check sign stands after these"
        )
    total = sum(int(sign) * weight for sign, weight in zip(first_seventeen, _RESIDENT_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def check_resident_id(number: str, today: date) -> str:
    """Return a resident identity number (公民身份号码) of eighteen signs as it is written, if it can be one.

    Spaces and full-width signs are forgiven. What the number says of a person is not asked: only that its date of birth
    is a date before today, and that its check sign fits (GB 11643-1999).

    Raises:
        UsageError: another length, no date of birth, or a check sign that does not fit; the number itself is not told.
    """
    plain = re.sub(r"\s", "", number.translate(_FULL_WIDTH)).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", plain):
        raise UsageError(
            "an identity number has seventeen digits and a check sign (a digit or X); read it again",
            zh="身份证号是十七位数字加一位校验码（数字或 X），请核对",
        )
    try:
        born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError as error:
        raise UsageError(
            "signs 7 to 14 of the identity number are no date of birth; read it again", zh=_NO_BIRTH
        ) from error
    if not date(1900, 1, 1) <= born < today:
        raise UsageError(
            "signs 7 to 14 of the identity number are no date of birth; read it again", zh=_NO_BIRTH
        )
    if resident_id_check(plain[:17]) != plain[17]:
        raise UsageError(
            "the check sign of the identity number does not fit; one of its signs is wrong",
            zh="身份证号的校验码不符，有一位写错了",
        )
    return plain
