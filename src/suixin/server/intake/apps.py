"""The app's name."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """What comes into a house's lake."""

    name = "suixin.server.intake"
    label = "intake"
