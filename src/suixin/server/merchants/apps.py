"""The app's name."""

from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    """The merchants that a lender knows, and who they are."""

    name = "suixin.server.merchants"
    label = "merchants"
