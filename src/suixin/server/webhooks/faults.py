"""Why a request had no answer and why an endpoint was switched off, in our words.

An error of the network may say more of our house than is good. What is stored is the English; `chinese` reads it back.
"""

import re
import socket
import ssl
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.server.webhooks.addresses import Refused


class Fault(NamedTuple):
    """A reason in both languages; `{}` is filled in."""

    zh: str
    en: str


BY_ERROR: dict[type[Exception], Fault] = {
    ssl.SSLCertVerificationError: Fault("对方的证书不可信", "the certificate is not to be trusted"),
    ssl.SSLError: Fault("不能建立 TLS 连接", "no TLS"),
    socket.gaierror: Fault("域名无法解析", "nobody knows the name"),
    TimeoutError: Fault("超时无应答", "no answer in time"),
    ConnectionRefusedError: Fault("对方没有服务在接收", "nobody answers there"),
    UsageError: Fault("这个地址不允许推送", "nothing may be sent to the address"),
}
PRIVATE = Fault("{} 指向内网地址", "{} leads to an address of a private network")
OTHER = Fault("无应答：{}", "no answer: {}")
SEALED = Fault(
    "本服务器没有能打开推送密钥的主密钥；请放回主密钥，或更换推送密钥",
    "no key of this server opens the secret; put the key back, or replace the secret",
)
GONE = Fault("对方应答 410：已撤销", "it answered 410: gone")
SILENT = Fault("已 {} 天没有接收任何推送", "it has taken nothing for {} days")
FAULTS = (*BY_ERROR.values(), PRIVATE, OTHER, SEALED, GONE, SILENT)


def why(error: Exception) -> str:
    """What went wrong with a request, as it is stored."""
    if isinstance(error, Refused):
        return PRIVATE.en.format(error)
    found = next((fault.en for kind, fault in BY_ERROR.items() if isinstance(error, kind)), "")
    return found or OTHER.en.format(type(error).__name__)


def chinese(said: str) -> str:
    """A stored reason in Chinese; whatever is none of these stays as it is."""
    for fault in FAULTS:
        before, _, after = fault.en.partition("{}")
        found = re.fullmatch(f"{re.escape(before)}(.*){re.escape(after)}", said)
        if found is not None and ("{}" in fault.en or not found[1]):
            return fault.zh.format(found[1])
    return said
