"""Every address of the server, from its own list."""

import re

from django.urls import URLPattern, URLResolver, get_resolver


def is_for_programs(view):
    """Whether an address opens to a token alone; whom it lets in is held by the tests of the API."""
    return getattr(view, "by_token", False)


def addresses(resolver=None, prefix=""):
    """(path, view) of every address of the server."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        else:
            assert isinstance(entry, URLPattern)
            yield path, entry.callback


def filled(path):
    """The address with something in each place, of which nothing is there."""
    return "/" + re.sub(r"<int:\w+>", "0", re.sub(r"<(?:str|slug):\w+>", "nothing", path))
