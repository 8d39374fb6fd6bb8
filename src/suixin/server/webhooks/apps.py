"""The app's name."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Who is told what happens, and what was sent to each."""

    name = "suixin.server.webhooks"
    label = "webhooks"
