"""The app's name."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    """Identity checks."""

    name = "suixin.server.verification"
    label = "verification"
