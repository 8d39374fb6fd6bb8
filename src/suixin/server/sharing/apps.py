"""The app's name."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Consents, their events, the receipts of each use, and who speaks for a merchant."""

    name = "suixin.server.sharing"
    label = "sharing"
