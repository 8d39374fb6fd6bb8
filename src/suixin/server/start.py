"""Django made ready, once a process, by whoever needs the server: the command line, a web worker, a test."""

import os

import django
from django.apps import apps


def start() -> None:
    """Load the settings and the apps; calling it again does nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "suixin.server.settings")
    if not apps.ready:
        django.setup()
