"""The app's name."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Organisations, people, and who may do what."""

    name = "suixin.server.identity"
    label = "identity"
