"""May this recipient read these scopes for this purpose now?"""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import product

import pytest

from consents import AT, DAY, MINUTE, in_state
from suixin.errors import ConsentError
from suixin.lake.tables import TABLES
from suixin.sharing.artefact import State
from suixin.sharing.check import WORDS, Question, Verdict, Why, check
from suixin.sharing.notices import SCOPES
from suixin.sharing.purposes import PURPOSES, Frequency, Unit
from suixin.sharing.receipt import Receipt, issue

CODES = [one.code for one in PURPOSES]


def question(held, **more):
    asked = {
        "principal": "M1",
        "recipient": "7",
        "purpose": held.terms.purpose,
        "scopes": held.terms.scopes[:1],
        "at": held.last.at,
    }
    return Question(**asked | more)


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_read_without_an_active_consent_for_just_that(code):
    """Requirement 2: states x own and foreign recipient, principal and purpose x scopes; one in a hundred may."""
    foreign = next(one for one in PURPOSES if one.code != code).code
    found = Counter()
    for state, recipient, principal, purpose, scopes, number in product(
        State, ["7", "8"], ["M1", "M2"], [code, foreign], ["one", "all", "none", "beyond"], [0, 10**3]
    ):
        held = in_state(state, code=code)
        own = held.terms.scopes
        wanted = {"one": own[:1], "all": own, "none": (), "beyond": (*own, "weather")}[scopes]
        asked = question(held, recipient=recipient, principal=principal, purpose=purpose, scopes=wanted)
        verdict = check(held, asked, [held.last.at] * number)
        right = (state, recipient, principal, purpose) == (State.ACTIVE, "7", "M1", code)
        assert verdict.allowed == (right and scopes in ("one", "all") and number == 0)
        found[verdict.why] += 1
    assert found.total() == 9 * 2 * 2 * 2 * 4 * 2
    assert found[None] == 2
    assert (found[Why.OTHER_PRINCIPAL], found[Why.OTHER_RECIPIENT], found[Why.OTHER_PURPOSE]) == (
        288,
        144,
        72,
    )
    assert [found[Why(state)] for state in State if state is not State.ACTIVE] == [8] * 8
    assert (found[Why.NO_SCOPE], found[Why.OUT_OF_SCOPE], found[Why.CAP_REACHED]) == (2, 2, 2)


def test_no_consent_is_no():
    """Silence is no consent."""
    assert check(None, question(in_state(State.ACTIVE)), []) == Verdict(Why.NONE)


def test_the_clock_counts_before_anybody_wrote_it_down():
    """An active consent whose term is over, and an instant before its last change."""
    held = in_state(State.ACTIVE, life_days=10)
    ends = held.expires_at
    assert check(held, question(held, at=ends - MINUTE), []).allowed
    assert check(held, question(held, at=ends), []).why is Why.EXPIRED
    assert check(held, question(held, at=AT), []).why is Why.BEFORE_CHANGE


def test_a_cap_counts_civil_months_of_china():
    """The last hour of a month there is a new month eight hours before UTC says so."""
    held = in_state(State.ACTIVE, frequency=Frequency(Unit.MONTH, 2))
    march = [datetime(2026, 3, 31, 15, 59, tzinfo=UTC)] * 2
    assert (
        check(held, question(held, at=datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)), march).why
        is Why.CAP_REACHED
    )
    assert check(held, question(held, at=datetime(2026, 3, 31, 16, 0, tzinfo=UTC)), march).allowed
    assert check(held, question(held, at=datetime(2026, 3, 31, 16, 0, tzinfo=UTC)), march[:1]).allowed


def test_units_of_a_cap():
    """A day is a civil day, a life is all of it; the bound for a search leaves out nothing that counts."""
    night = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    assert (Unit.DAY.holds(night, night + MINUTE), Unit.DAY.holds(night - MINUTE, night)) == (False, True)
    assert Unit.LIFE.holds(night - 999 * DAY, night)
    assert (Unit.LIFE.earliest(night), Unit.DAY.earliest(night)) == (None, night - DAY)
    first = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    assert Unit.MONTH.holds(first, night)
    assert Unit.MONTH.earliest(night) <= first


def test_history_is_bounded():
    """24 months back, to the day."""
    held = in_state(State.ACTIVE)
    assert check(held, question(held, since=date(2024, 3, 2)), []).allowed
    assert check(held, question(held, since=date(2024, 3, 1)), []).why is Why.BEFORE_HISTORY


def test_a_receipt_says_what_was_read():
    """And is given for a yes alone, with the verdict's code and words otherwise."""
    held = in_state(State.ACTIVE)
    asked = question(held, scopes=["orders", "loans"])
    made = issue(held, asked, [held.last.at] * 2, receipt_id="r1", what="early warning", by="system:watch")
    assert made == Receipt(
        receipt_id="r1",
        consent_id="c1",
        version=2,
        merchant_id="M1",
        recipient="7",
        purpose="P104",
        scopes=("loans", "orders"),
        what="early warning",
        since=date(2024, 3, 2),
        by="system:watch",
        at=held.last.at,
        number=3,
    )
    refused = in_state(State.REVOKED)
    with pytest.raises(
        ConsentError, match="P104 of merchant M1: the merchant has withdrawn the consent"
    ) as error:
        issue(refused, question(refused), [], receipt_id="r", what="x", by="user:1")
    assert error.value.why == "revoked"
    with pytest.raises(ConsentError, match="gave no consent") as error:
        issue(None, asked, [], receipt_id="r", what="x", by="user:1")
    assert error.value.why == "none"
    with pytest.raises(ConsentError, match="say what the data is read for"):
        issue(held, asked, [], receipt_id="r", what="", by="user:1")


def test_every_scope_is_a_table_of_the_lake_and_has_a_name():
    """A scope that nobody keeps would be a consent to nothing; only the bureau stands outside the lake."""
    scopes = frozenset().union(*(one.scopes for one in PURPOSES))
    assert scopes == set(SCOPES)
    assert scopes - set(TABLES) == {"bureau"}
    assert set(WORDS) == set(Why)


def test_the_purposes_needed_for_an_application():
    """Neither the warning after the loan nor the county's figures are among them (PIPL art. 16)."""
    assert {one.code: one.needed for one in PURPOSES} == {
        "P103": True,
        "P103B": True,
        "P104": False,
        "P105": True,
        "P108": False,
    }
