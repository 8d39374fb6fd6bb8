"""What forms send is read, or refused in words; no figure or day is an error of the server's."""

import pytest
from django.http import QueryDict

from suixin.errors import UsageError
from suixin.server.pages import forms


@pytest.mark.parametrize(
    ("read", "typed", "told"),
    [
        *(
            (forms.rate_of, typed, "is no rate")
            for typed in ("1e30", "-1e30", "1e999999", "NaN", "sNaN", "1000")
        ),
        *((forms.day_of, typed, "is no date") for typed in ("0001-01-01", "1999-12-31", "2100-01-01", "")),
        *((forms.way_of, typed, "is no way") for typed in ("x", " ")),
    ],
)
def test_what_is_no_figure_is_refused_in_words(read, typed, told):
    sent = QueryDict(mutable=True)
    sent["it"] = typed
    with pytest.raises(UsageError, match=told):
        read(sent, "it")
