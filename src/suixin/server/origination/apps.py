"""The app's name."""

from django.apps import AppConfig


class OriginationConfig(AppConfig):
    """From an application to a signed contract."""

    name = "suixin.server.origination"
    label = "origination"
