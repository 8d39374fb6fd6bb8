"""The app's name."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Long work, and how far it is."""

    name = "suixin.server.tasks"
    label = "tasks"
