"""The app's name."""

from django.apps import AppConfig


class WatchingConfig(AppConfig):
    """Looks at the live loans, and their alerts."""

    name = "suixin.server.watching"
    label = "watching"
