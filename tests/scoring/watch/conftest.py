"""Rules of two signals, read."""

import pytest

from suixin.scoring.watch.rules import Rules, parse_rules
from warning_rules import TEXT


@pytest.fixture(scope="session")
def text() -> str:
    """The rules' text."""
    return TEXT


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules."""
    return parse_rules(TEXT, "test").rules
