"""Lines of the log: one JSON object each, with the request's id and nothing about a person.

Our own lines are a word and named fields. Of anybody else's line (Django's, a library's) its text is kept unfilled, and
none if it came ready-made: what others fill in may be an address with a name in it. Of an error its kind and its places
are kept and not its message, for the same reason.
"""

import logging
import re
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered."""

_logger = logging.getLogger("suixin")
_SPEAK_PLAINLY = ("suixin", "_granian")
"""Loggers whose texts hold nothing of what people send."""
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
_PLACES = 12


def note(event: str, **fields: Any) -> None:
    """Write a line: what happened, and figures, numbers of rows, names of views or actors; never a name or a text."""
    if _logger.isEnabledFor(logging.INFO):
        _logger.info(event, extra={"fields": fields})


def id_of(given: str) -> str:
    """The id that the proxy gave, if it is one; else one of our own."""
    return given if _GIVEN.fullmatch(given) else secrets.token_hex(8)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _text(record),
        }
        if held := request_id.get():
            line["request"] = held
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["places"] = _places(record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


def configured(wanted: str) -> dict[str, Any]:
    """Django's LOGGING: JSON on standard error if wanted, as the web server wants it; else Django's own."""
    if wanted != "json":
        return {}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "suixin.server.telemetry.logs.JsonFormatter"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "suixin": {"level": "INFO"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},  # what was refused has its line as a request
            "django.server": {"handlers": [], "propagate": True},
        },
    }


def for_granian() -> dict[str, Any]:
    """The same for the lines of the process that looks after the workers."""
    ours = {"()": "suixin.server.telemetry.logs.JsonFormatter"}
    return {"formatters": {"generic": ours, "access": ours}}


def _text(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _SPEAK_PLAINLY:
        return record.getMessage()
    return str(record.msg) if record.args else ""


def _places(trace: TracebackType | None) -> list[str]:
    """File, line and function of the last calls; no values."""
    found = traceback.extract_tb(trace)[-_PLACES:]
    return [f"{one.filename.rpartition('site-packages/')[2]}:{one.lineno} {one.name}" for one in found]
