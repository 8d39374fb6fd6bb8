"""The app's name."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What others are to be told, written in the transaction that makes it true."""

    name = "suixin.server.outbox"
    label = "outbox"
