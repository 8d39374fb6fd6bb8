"""The life of a consent: a fold of its events, each of which makes the next version.

One consent names one purpose and one recipient, so that each can be refused or withdrawn alone (PIPL art. 14, 15, 23).
Instants are arguments: what the clock does (a request lapses, a term ends) is an event like the others, and comes
before any other.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from suixin.errors import ConsentError
from suixin.sharing.artefact import Consent, Event, Kind, State, Terms, stated
from suixin.sharing.purposes import civil_date, purpose_on

ANSWER_WITHIN = timedelta(minutes=60)  # as in Open Finance Brasil
CLOCK = "system:clock"
_LIVE = frozenset({State.ACTIVE, State.PAUSED})
_ASKED = frozenset({State.REQUESTED})
TRANSITIONS: dict[Kind, tuple[frozenset[State], State]] = {
    Kind.GRANTED: (_ASKED, State.ACTIVE),
    Kind.REJECTED: (_ASKED, State.REJECTED),
    Kind.LAPSED: (_ASKED, State.LAPSED),
    Kind.PAUSED: (frozenset({State.ACTIVE}), State.PAUSED),
    Kind.RESUMED: (frozenset({State.PAUSED}), State.ACTIVE),
    Kind.WITHDRAWN: (_LIVE, State.REVOKED),
    Kind.EXPIRED: (_LIVE, State.EXPIRED),
    Kind.CONSUMED: (frozenset({State.ACTIVE}), State.CONSUMED),
    Kind.SUPERSEDED: (_LIVE, State.SUPERSEDED),
}
"""What each event leads from and to; a request begins a consent, and nothing else is possible."""


def ask(terms: Terms, request: Event) -> Consent:
    """Return the first version of a new consent, which asks for no more than its purpose allows on the day.

    Raises:
        ConsentError: terms beyond what the purpose allows, or another event than a request.
        UsageError: an unknown purpose, or an instant without a time zone.
    """
    _judge(terms, request.at)
    return begin(terms, request)


def begin(terms: Terms, request: Event) -> Consent:
    """Return the first version of a consent as it was kept: later figures of its purpose do not touch it.

    Raises:
        ConsentError: another event than a request.
    """
    if request.kind is not Kind.REQUESTED:
        raise ConsentError(f"consent {terms.consent_id} begins with {request.kind}; it begins with a request")
    return Consent(terms, State.REQUESTED, 1, "", request)


def apply(held: Consent, event: Event) -> Consent:
    """Return the next version of a consent.

    Raises:
        ConsentError: the state does not allow the event, the clock comes first, or an instant before the last one.
    """
    number = held.terms.consent_id
    if event.at < held.last.at:
        raise ConsentError(
            f"{event.kind} at {event.at} lies before {held.last.kind} of consent {number}",
            zh="这份同意刚刚有变化，请刷新页面再看",
        )
    clock = due(held, event.at)
    if clock is not None and event != clock:
        raise ConsentError(
            f"consent {number} {clock.kind} at {clock.at}; {event.kind} comes too late", clock.kind
        )
    if clock is None and event.kind in (Kind.LAPSED, Kind.EXPIRED):
        raise ConsentError(
            f"consent {number} has not {event.kind} at {event.at}", zh="这份同意还没有到期或失效"
        )
    origins, state = TRANSITIONS.get(event.kind, (frozenset[State](), held.state))
    if held.state not in origins:
        raise ConsentError(f"consent {number} is {held.state} and cannot be {event.kind}", held.state)
    made = replace(held, state=state, version=held.version + 1, prev_hash=held.hash, last=event)
    if event.kind not in (Kind.GRANTED, Kind.RESUMED):
        return made
    return _answered(made, event)


def _answered(made: Consent, event: Event) -> Consent:
    """Her word opens the door, so it says how it was taken; a grant also begins the term."""
    if event.auth is None or not event.auth.method:
        raise ConsentError(
            f"consent {made.terms.consent_id} is {event.kind} by nobody's word; say how it was taken",
            zh="须写明客户的答复是怎样取得的",
        )
    made = replace(made, auth=event.auth, auth_at=event.at)
    if event.kind is Kind.RESUMED:
        return made
    return replace(made, starts_at=event.at, expires_at=event.at + timedelta(days=made.terms.life_days))


def due(held: Consent, at: datetime) -> Event | None:
    """Return what the clock has done to a consent by an instant and nobody has recorded yet, or None."""
    if held.state is State.REQUESTED and at >= held.last.at + ANSWER_WITHIN:
        return Event(Kind.LAPSED, held.last.at + ANSWER_WITHIN, CLOCK)
    if held.state in _LIVE and held.expires_at is not None and at >= held.expires_at:
        return Event(Kind.EXPIRED, held.expires_at, CLOCK)
    return None


def settled(held: Consent, at: datetime) -> Consent:
    """Return the consent as it stands at an instant."""
    clock = due(held, at)
    return held if clock is None else apply(held, clock)


def replay(terms: Terms, events: Iterable[Event]) -> Consent:
    """Return the fold of a consent's events, the request first; errors as in `begin` and `apply`."""
    rest = iter(events)
    first = next(rest, None)
    if first is None:
        raise ConsentError(f"consent {terms.consent_id} has no event; it begins with a request")
    held = begin(terms, first)
    for event in rest:
        held = apply(held, event)
    return held


def _judge(terms: Terms, at: datetime) -> None:
    """A request asks for no more than its purpose allows on its day."""
    purpose = purpose_on(terms.purpose, civil_date(at))
    if terms.stated != stated(purpose):
        raise ConsentError(
            f"purpose {purpose.code} is not stated in the words of its day; take them from the table"
        )
    beyond = sorted(set(terms.scopes) - purpose.scopes)
    if not terms.scopes or beyond:
        raise ConsentError(
            f"purpose {purpose.code} does not allow {beyond or 'no scope at all'}; ask for less"
        )
    if terms.frequency.unit is not purpose.cap.unit or not 0 < terms.frequency.most <= purpose.cap.most:
        most = f"{purpose.cap.most} a {purpose.cap.unit}"
        raise ConsentError(
            f"purpose {purpose.code} allows 1 to {most}; not {terms.frequency.most} a {terms.frequency.unit}"
        )
    for what, asked, allowed in (
        ("months of history", terms.history_months, purpose.history_months),
        ("days of life", terms.life_days, purpose.life_days),
    ):
        if not 0 < asked <= allowed:
            raise ConsentError(f"purpose {purpose.code} allows 1 to {allowed} {what}; not {asked}")
