"""A consent to ask questions of."""

from datetime import UTC, datetime, timedelta

from suixin.sharing.artefact import Auth, Event, Kind, Notice, Party, Principal, State, Terms, stated
from suixin.sharing.consent import ask, replay
from suixin.sharing.purposes import purpose_on

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in the morning in China
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HER, BANK, MALL = "user:7", Party("7", "Rural Bank", "12345"), Party("mall", "The Mall", "mall@example.com")
SIGNED = Auth("session")


def terms(code="P104", **more):
    purpose = purpose_on(code, AT.date())
    held = {
        "consent_id": "c1",
        "handle": "h1",
        "principal": Principal("sole_trader", "M1"),
        "provider": MALL,
        "recipient": BANK,
        "purpose": code,
        "stated": stated(purpose),
        "scopes": tuple(sorted(purpose.scopes)),
        "frequency": purpose.cap,
        "history_months": purpose.history_months,
        "life_days": purpose.life_days,
        "notice": Notice("0" * 64, "zh", "2026-11"),
    }
    return Terms(**held | more)


def asked(**more):
    return ask(terms(**more), Event(Kind.REQUESTED, AT, HER))


PATHS = {
    State.REQUESTED: (),
    State.ACTIVE: (Kind.GRANTED,),
    State.PAUSED: (Kind.GRANTED, Kind.PAUSED),
    State.REJECTED: (Kind.REJECTED,),
    State.LAPSED: (Kind.LAPSED,),
    State.REVOKED: (Kind.GRANTED, Kind.WITHDRAWN),
    State.EXPIRED: (Kind.GRANTED, Kind.EXPIRED),
    State.CONSUMED: (Kind.GRANTED, Kind.CONSUMED),
    State.SUPERSEDED: (Kind.GRANTED, Kind.SUPERSEDED),
}


def in_state(state, **more):
    """A consent that has come to a state by the shortest way, and when it did."""
    held = terms(**more)
    events, at = [Event(Kind.REQUESTED, AT, HER)], AT
    for kind in PATHS[state]:
        at += MINUTE
        if kind is Kind.LAPSED:
            at = AT + 60 * MINUTE
        if kind is Kind.EXPIRED:
            at = AT + MINUTE + held.life_days * DAY
        by = "system:clock" if kind in (Kind.LAPSED, Kind.EXPIRED) else HER
        events.append(Event(kind, at, by, auth=SIGNED if kind is Kind.GRANTED else None))
    return replay(held, events)
