"""Where one goes on: an address of our own that opens by itself, never one that only takes a form, never a stranger's."""

from inspect import getclosurevars, isfunction
from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme


def ours(request: HttpRequest, wanted: str) -> str:
    """The address if it is our own, else the first page's."""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def onward(request: HttpRequest) -> str:
    """Where whoever asked can go on: the page asked for; after a form the page that it stood on.

    Of an address that only takes a form it is the nearest above that opens: /bank/policy for /bank/policy/check.
    """
    if request.method in {"GET", "HEAD"}:
        return _opening(request.get_full_path())
    came = urlsplit(ours(request, request.headers.get("Referer", "")))
    path = came.path if came.netloc else request.path
    return _opening(f"{path}?{came.query}" if came.query else path)


def _opening(address: str) -> str:
    path = urlsplit(address).path
    if _opens(path):
        return address
    parts = path.strip("/").split("/")
    above = ["/".join(parts[:most]) for most in range(len(parts) - 1, 0, -1)]
    return next((f"/{one}{end}" for one in above for end in ("", "/") if _opens(f"/{one}{end}")), "/")


def _opens(path: str) -> bool:
    """Whether there is a page at a path, so far as its view's `require_POST` or the like tells."""
    try:
        view: Any = resolve(unquote(path)).func
    except Resolver404:
        return False
    while isfunction(view):
        taken = getclosurevars(view).nonlocals.get("request_method_list")
        if taken is not None:
            return "GET" in taken
        view = getattr(view, "__wrapped__", None)
    return True
