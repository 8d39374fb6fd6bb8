"""The app's name."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """What was done, by whom and why: append-only and sealed."""

    name = "suixin.server.audit"
    label = "audit"
