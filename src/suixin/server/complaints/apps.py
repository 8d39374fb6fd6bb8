"""The app's name."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Complaints and their answers."""

    name = "suixin.server.complaints"
    label = "complaints"
