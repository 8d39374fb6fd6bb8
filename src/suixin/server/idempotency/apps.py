"""The app's name."""

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """A write is done once, however often it is asked for."""

    name = "suixin.server.idempotency"
    label = "idempotency"
