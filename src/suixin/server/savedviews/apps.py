"""The app's name."""

from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    """Lists as people ask for them."""

    name = "suixin.server.savedviews"
    label = "savedviews"
