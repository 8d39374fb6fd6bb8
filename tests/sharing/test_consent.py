"""The life of a consent: a fold of events, in which nothing happens that may not."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consents import AT, DAY, HER, MINUTE, PATHS, SIGNED, asked, in_state, terms
from suixin.errors import ConsentError, UsageError
from suixin.sharing.artefact import Auth, Event, Kind, State, content, document, read_terms, write_terms
from suixin.sharing.consent import apply, ask, begin, due, replay, settled
from suixin.sharing.purposes import Frequency, Unit

# The reference's life, written down once more: REQUESTED -> ACTIVE <-> PAUSED; REQUESTED -> REJECTED | LAPSED;
# ACTIVE | PAUSED -> REVOKED | EXPIRED | CONSUMED | SUPERSEDED. A paused consent is not used, so never used up.
LIFE = {
    ("requested", "granted"): "active",
    ("requested", "rejected"): "rejected",
    ("active", "paused"): "paused",
    ("paused", "resumed"): "active",
    ("active", "withdrawn"): "revoked",
    ("paused", "withdrawn"): "revoked",
    ("active", "consumed"): "consumed",
    ("active", "superseded"): "superseded",
    ("paused", "superseded"): "superseded",
}


def refuses(held, event):
    """Without the frames that pytest.raises keeps, which cost more than ten thousand lives."""
    try:
        apply(held, event)
    except ConsentError:
        return True
    return False


def lived(chance):
    """A random life, told apart from the library: (the events that were taken, the consent), each step checked."""
    held, state, changed, ends = asked(), "requested", AT, None
    taken = [held.last]
    at = AT
    for _ in range(chance.randint(3, 8)):
        at += chance.choice([timedelta(0), MINUTE, 59 * MINUTE, 60 * MINUTE, 30 * DAY, 1_826 * DAY])
        event = Event(chance.choice(list(Kind)), at, HER, auth=SIGNED)
        clock = due(held, at)
        lapsed = state == "requested" and at >= changed + 60 * MINUTE
        expired = state in ("active", "paused") and at >= ends
        assert (clock and str(clock.kind)) == ("lapsed" if lapsed else "expired" if expired else None)
        if clock:
            assert refuses(held, event)
            held = settled(held, at)
            assert held.last.at == (changed + 60 * MINUTE if lapsed else ends)
            state, changed = str(clock.kind), held.last.at
            taken.append(clock)
        new = LIFE.get((state, str(event.kind)))
        if new is None:
            assert refuses(held, event)
            continue
        before, held = held, apply(held, event)
        assert (held.state, held.version, held.prev_hash) == (new, before.version + 1, before.hash)
        state, changed = new, at
        ends = at + 1_826 * DAY if event.kind is Kind.GRANTED else ends
        taken.append(event)
    return taken, held


def live(seed, lives):
    for number in range(lives):
        taken, held = lived(random.Random(f"{seed} {number}"))
        again = replay(terms(), taken)
        assert again == held
        assert again.hash == held.hash


@settings(max_examples=20)
@given(st.integers(0, 2**64))
def test_two_thousand_lives_make_no_illegal_step_and_replay_to_the_same(seed):
    """Requirement 1, a fifth of it: twenty examples of a hundred lives; whatever was refused left nothing."""
    live(seed, 100)


@pytest.mark.full
@settings(max_examples=100)
@given(st.integers(0, 2**64))
def test_ten_thousand_lives(seed):
    """Requirement 1 in full: a hundred examples of a hundred lives."""
    live(seed, 100)


@pytest.mark.parametrize("state", list(State))
def test_what_each_state_allows(state):
    """Every state, every event: what the reference draws and nothing else."""
    held = in_state(state)
    at = held.last.at + MINUTE
    done = {}
    for kind in Kind:
        try:
            done[(str(state), str(kind))] = str(apply(held, Event(kind, at, HER, auth=SIGNED)).state)
        except ConsentError as error:
            assert error.why in ({str(state)} | {"illegal"})  # noqa: PT017  the code says where it stands
    assert done == {pair: new for pair, new in LIFE.items() if pair[0] == state}
    assert state.is_final == (done == {})


def test_a_request_lapses_in_the_sixtieth_minute():
    """One microsecond before it can be granted, at the minute it cannot."""
    last = timedelta(microseconds=1)
    assert (
        apply(asked(), Event(Kind.GRANTED, AT + 60 * MINUTE - last, HER, auth=SIGNED)).state is State.ACTIVE
    )
    with pytest.raises(ConsentError, match=r"lapsed at .* granted comes too late"):
        apply(asked(), Event(Kind.GRANTED, AT + 60 * MINUTE, HER, auth=SIGNED))
    assert settled(asked(), AT + 60 * MINUTE - last).state is State.REQUESTED
    assert settled(asked(), AT + 60 * MINUTE).state is State.LAPSED


def test_the_term_begins_with_the_grant_and_its_last_instant_is_outside():
    """A pause does not lengthen it."""
    held = in_state(State.PAUSED, life_days=10)
    ends = AT + MINUTE + 10 * DAY
    assert (held.starts_at, held.expires_at) == (AT + MINUTE, ends)
    assert settled(held, ends - timedelta(microseconds=1)).state is State.PAUSED
    assert settled(held, ends).last == Event(Kind.EXPIRED, ends, "system:clock")


def test_the_clock_does_nothing_before_its_time_and_nothing_goes_back():
    """Neither an early end nor an event dated before the one that it follows."""
    held = in_state(State.ACTIVE)
    with pytest.raises(ConsentError, match="has not expired"):
        apply(held, Event(Kind.EXPIRED, AT + DAY, "system:clock"))
    with pytest.raises(ConsentError, match="lies before granted"):
        apply(held, Event(Kind.WITHDRAWN, AT, HER))
    with pytest.raises(ConsentError, match="is active and cannot be requested"):
        apply(held, Event(Kind.REQUESTED, AT + DAY, HER))


def test_a_door_opens_by_her_word_alone():
    """A grant, and a pause taken back, say how her word was taken."""
    for held, kind in ((asked(), Kind.GRANTED), (in_state(State.PAUSED), Kind.RESUMED)):
        for auth in (None, Auth("")):
            with pytest.raises(ConsentError, match="by nobody's word"):
                apply(held, Event(kind, AT + 5 * MINUTE, HER, auth=auth))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"scopes": ()}, "no scope at all"),
        ({"scopes": ("bureau", "orders")}, r"does not allow \['bureau'\]"),
        ({"frequency": Frequency(Unit.MONTH, 6)}, "allows 1 to 5 a month; not 6 a month"),
        ({"frequency": Frequency(Unit.MONTH, 0)}, "not 0 a month"),
        ({"frequency": Frequency(Unit.DAY, 1)}, "not 1 a day"),
        ({"history_months": 25}, "allows 1 to 24 months of history; not 25"),
        ({"stated": terms().stated._replace(data_life_days=9_999)}, "not stated in the words of its day"),
        ({"life_days": 1_827}, "allows 1 to 1826 days of life; not 1827"),
    ],
)
def test_more_than_the_purpose_allows_is_not_asked_for(more, words):
    """The caps of fair use bind the request, not the good will of who asks."""
    with pytest.raises(ConsentError, match=words):
        asked(**more)


def test_a_consent_begins_with_a_request_for_a_known_purpose():
    """Nothing comes from nowhere."""
    with pytest.raises(ConsentError, match="begins with granted"):
        begin(terms(), Event(Kind.GRANTED, AT, HER, auth=SIGNED))
    with pytest.raises(ConsentError, match="has no event"):
        replay(terms(), [])
    request = Event(Kind.REQUESTED, AT, HER)
    with pytest.raises(
        UsageError, match="purpose 'P999' is not known on 2026-03-02; the purposes are P103, P103B"
    ):
        ask(read_terms(write_terms(terms()) | {"purpose": "P999"}), request)
    with pytest.raises(UsageError, match="is not known on 2021-10-31"):
        ask(terms(), request._replace(at=AT.replace(2021, 10, 31)))


def test_the_artefact_says_all_that_the_reference_lists():
    """Field by field, of a consent on paper; the terms come back from their JSON."""
    paper = Auth("signed_paper", "box 12, sheet 3", "user:9")
    held = apply(asked(), Event(Kind.GRANTED, AT + MINUTE, "user:8", "at her stall", paper))
    made = document(held)
    assert read_terms(write_terms(held.terms)) == held.terms
    assert made.pop("scopes") == sorted(held.terms.scopes)
    assert made.pop("prev_hash") == asked().hash
    assert made == {
        "schema": 1,
        "consent_id": "c1",
        "handle": "h1",
        "version": 2,
        "principal": {
            "type": "sole_trader",
            "pseudonym": "M1",
            "auth_method": "signed_paper",
            "auth_evidence": "box 12, sheet 3",
            "auth_witness": "user:9",
            "auth_time": "2026-03-02T02:01:00.000000+00:00",
        },
        "provider": {"id": "mall", "name": "The Mall", "contact": "mall@example.com"},
        "recipient": {"id": "7", "name": "Rural Bank", "contact": "12345"},
        "processors": [],
        "purpose": {
            "code": "P104",
            "text": {"zh": "贷后预警", "en": "post-loan warning"},
            "template": "2026-11",
        },
        "mode": "query",
        "fetch": "periodic",
        "frequency": {"unit": "month", "max": 5},
        "data_range": {"months": 24},
        "data_life": {"days": 1826},
        "life": {"days": 1826},
        "starts": "2026-03-02T02:01:00.000000+00:00",
        "expires": "2031-03-02T02:01:00.000000+00:00",
        "legal_basis": "PIPL art. 13(1), 23, 29",
        "separate_consent": True,
        "sensitive": True,
        "automated_decision": False,
        "human_review": False,
        "notice": {"sha256": "0" * 64, "lang": "zh", "version": "2026-11"},
        "status": "active",
        "status_reason": "at her stall",
        "status_by": "user:8",
        "status_at": "2026-03-02T02:01:00.000000+00:00",
    }


def test_an_edited_version_breaks_the_chain():
    """Another word in an old version changes its hash, which the next one names."""
    held = in_state(State.ACTIVE)
    edited = replay(terms(life_days=9), [Event(Kind.REQUESTED, AT, HER)])
    assert held.prev_hash == asked().hash != edited.hash
    assert content(asked()) == content(asked())
    assert set(PATHS) == set(State)


def test_a_consent_that_was_kept_is_the_same_in_every_later_version():
    """Golden: its hash; and what its purpose says or allows today does not touch it."""
    assert asked().hash == "366f6f7787b86d87d59e5abf3ea532ac6fdbe579e9bc9d843ca02fddb2047596"
    kept = terms(life_days=9_999, stated=terms().stated._replace(en="as it was called then"))
    assert replay(kept, [Event(Kind.REQUESTED, AT, HER)]).state is State.REQUESTED
