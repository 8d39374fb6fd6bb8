"""The app's name."""

from django.apps import AppConfig


class ServicingConfig(AppConfig):
    """Loans, their events, the authorisations of sweeps, and the end of the day."""

    name = "suixin.server.servicing"
    label = "servicing"
