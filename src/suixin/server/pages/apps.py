"""The app's name."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """What people see in a browser."""

    name = "suixin.server.pages"
    label = "pages"
