"""The app's name."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """Published figures by township."""

    name = "suixin.server.regions"
    label = "regions"
