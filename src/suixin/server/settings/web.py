"""What a browser meets: the layers of a request, templates, and the rules that keep strangers' scripts out."""

import os
from typing import Any

from csp.constants import NONE, SELF

LARGEST_BODY = 5 * 1024 * 1024

MIDDLEWARE = [
    "suixin.server.telemetry.middleware.TelemetryMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "suixin.server.pages.limits.LargestBodyMiddleware",
    "suixin.server.pages.limits.NoNulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "suixin.server.identity.visitors.VisitorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "suixin.server.pages.limits.FormOnlyMiddleware",
    "suixin.server.pages.door.DoorMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "suixin.server.pages.context.page",
            ],
            "builtins": ["suixin.server.pages.templatetags.words"],
        },
    }
]

PLAIN = [r"^healthz$", r"^readyz$", r"^metrics$"]
"""Addresses that machines of the house ask without TLS; nothing private is told there."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
"""No script or style but our own files: nothing inline, no eval, and no other site's."""


def hosts() -> list[str]:
    """SUIXIN_HOSTS, comma-separated, beside this machine's own names."""
    return ["localhost", "127.0.0.1", "[::1]", *_listed("SUIXIN_HOSTS")]


def origins() -> list[str]:
    """The same hosts over TLS, whose forms are taken from behind a proxy."""
    return [f"https://{host}" for host in _listed("SUIXIN_HOSTS")]


def behind_tls() -> bool:
    """Whether SUIXIN_TLS says that browsers come over TLS, so that cookies need it and plain requests are sent there."""
    return os.environ.get("SUIXIN_TLS", "").lower() in {"1", "true", "yes"}


def proxy_header() -> tuple[str, str] | None:
    """The header by which the proxy says that a request came over TLS."""
    return ("HTTP_X_FORWARDED_PROTO", "https") if behind_tls() else None


def hsts_seconds() -> int:
    """For how long a browser remembers to come over TLS alone."""
    return 365 * 86_400 if behind_tls() else 0


def cookie(name: str) -> str:
    """A cookie's name: over TLS one that browsers keep to this very host and send over TLS alone."""
    return f"__Host-{name}" if behind_tls() else name


def _listed(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]
