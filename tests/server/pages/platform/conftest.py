"""A prepared counter for each test of the pages of deliveries and jobs."""

import importlib.util

import pytest

if importlib.util.find_spec("django") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def counter(sqlite, templates):
    """On SQLite, from a copy."""
    from counter import counter_of

    return counter_of(sqlite, templates.folder)


@pytest.fixture(autouse=True)
def browsers(monkeypatch):
    """Answers tell the tests what their templates were given, and it is an hour after the cases were made."""
    from datetime import timedelta

    from django.template.base import Template
    from django.test.utils import instrumented_test_render
    from house import AT

    monkeypatch.setattr(Template, "_render", instrumented_test_render)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(hours=1))
