"""What is looked at before the pages are served."""

import socket

import pytest

from suixin.errors import ServerError
from suixin.server import serving


def test_an_address_that_is_taken_is_refused(sqlite):
    """Two servers on one address would answer in turns, each from its own database."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"127.0.0.1:{port} cannot be answered on"):
            serving.make_ready("127.0.0.1", port)
