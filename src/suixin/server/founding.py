"""What the command line asks of a lender's first day, as plain data. Importing this module starts Django."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from suixin.errors import UsageError
from suixin.features.build import Progress
from suixin.lake.store import Lake
from suixin.server.start import start
from suixin.underwriting.policy import parse_policy

start()

from suixin.server import storage, tenancy  # noqa: E402  models are there once Django is
from suixin.server.identity import passwords, people  # noqa: E402
from suixin.server.identity.access import Actor  # noqa: E402
from suixin.server.identity.actions import found_organisation as founding  # noqa: E402
from suixin.server.identity.actions.add_user import add_user  # noqa: E402
from suixin.server.identity.actions.found_organisation import NewPerson  # noqa: E402
from suixin.server.identity.actions.give_word import give_word  # noqa: E402
from suixin.server.identity.models import User  # noqa: E402
from suixin.server.identity.queries import organisation_of  # noqa: E402
from suixin.server.identity.roles import Kind, Role  # noqa: E402
from suixin.server.ledger import queries as ledger  # noqa: E402
from suixin.server.ledger.actions import open_book as opening  # noqa: E402
from suixin.server.origination import desk as desks  # noqa: E402
from suixin.server.origination import peers  # noqa: E402
from suixin.server.origination.actions import release_policy as releasing  # noqa: E402
from suixin.server.origination.actions import set_up_desk as setting  # noqa: E402
from suixin.server.origination.assessing import as_of_day  # noqa: E402

Signed = tuple[str, str, str]
"""A user name, the password that whoever it is typed, and the code of a second factor, '' for none."""


def kinds() -> list[str]:
    """What an organisation that is founded by the command line may be; a merchant is enrolled by a bank."""
    return [str(kind) for kind in Kind if kind is not Kind.MERCHANT]


def roles() -> list[str]:
    """The roles that an administrator gives."""
    return [str(role) for role in people.GIVEN]


def found(
    code: str, kind: str, name: str, administrators: Sequence[tuple[str, str]], typed: Sequence[str]
) -> dict[str, Any]:
    """Found an organisation with its first administrators.

    Args:
        code: of a-z, 0-9 and -; it stands in every command.
        kind: one of `kinds`.
        name: what it is called.
        administrators: user name and name of each.
        typed: the password of each.

    Raises:
        UsageError: a kind that is none, a password that is too easy, or see `found_organisation`.
    """
    storage.require_ready()
    if kind not in kinds():
        raise UsageError(f"the kind {kind!r} is not one of {', '.join(kinds())}")
    first = []
    for (username, called), password in zip(administrators, typed, strict=True):
        passwords.judge(password, User(username=username, name=called))
        first.append(NewPerson(username, called, Role.ADMINISTRATOR, password))
    made = founding.found_organisation(code, Kind(kind), name, first, at=timezone.now())
    return {
        "organisation": made.code,
        "kind": made.kind,
        "name": made.name,
        "administrators": [one.username for one in first],
    }


def add_person(
    organisation: str, signed: Sequence[Signed], *, username: str, name: str, role: str
) -> dict[str, Any]:
    """Add a person with a first role, by two administrators; the password is drawn, told here, and nowhere again.

    Raises:
        UsageError: a role that is none, or see `add_user`.
        AccessError: a name or password is not right, or one of them is no administrator.
    """
    storage.require_ready()
    if role not in roles():
        raise UsageError(f"the role {role!r} is not one of {', '.join(roles())}")
    password = passwords.drawn()
    by, second = _words(organisation, signed)
    with tenancy.within(by.organisation_id):
        new = NewPerson(username, name, Role(role), password)
        made = add_user(new, by=by, second=second, at=timezone.now())
        return {"username": made.username, "name": made.name, "role": role, "password": password}


def open_book(organisation: str, code: str, currency: str, opened_on: date, signed: Signed) -> dict[str, Any]:
    """Open a book on its first business date; see `suixin.server.ledger.actions.open_book`."""
    storage.require_ready()
    (by,) = _words(organisation, [signed])
    with tenancy.within(by.organisation_id):
        made = opening.open_book(code, currency, opened_on, by=by, at=timezone.now())
        return {"book": made.code, "currency": made.currency, "business_on": made.business_on}


def set_up_desk(organisation: str, book: str, lake: Path, signed: Signed) -> dict[str, Any]:
    """Name the book that is lent from and the lake that is read; see `suixin.server.origination.actions.set_up_desk`."""
    storage.require_ready()
    (by,) = _words(organisation, [signed])
    with tenancy.within(by.organisation_id):
        made = setting.set_up_desk(ledger.book_of(book), lake, by=by, at=timezone.now())
        return {"book": book, "lake": made.lake}


def release_policy(organisation: str, file: Path, signed: Sequence[Signed], *, reason: str) -> dict[str, Any]:
    """Release a policy file by two people who may; what is in force already stays as it is.

    Raises:
        PolicyError: the file is no policy.
        UsageError: there is no such file, or no reason.
        AccessError: a name or password is not right, or one of them may not release a policy.
    """
    storage.require_ready()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: no policy can be read there ({error})") from error
    if not reason.strip():
        raise UsageError("say why the policy is released, such as by which resolution")
    policy = parse_policy(text, str(file)).policy
    by, second = _words(organisation, signed)
    with tenancy.within(by.organisation_id):
        made = releasing.release_policy(text, reason=reason, by=by, second=second, at=timezone.now())
        return {
            "name": made.name,
            "version": made.version,
            "hash": made.hash,
            "currency": policy.currency,
            "automatic_minor": policy.authority_minor("automatic"),
            "approver_minor": policy.authority_minor("approver"),
        }


def _words(organisation: str, signed: Sequence[Signed]) -> list[Actor]:
    """Those who sign; each try is counted before the work's transaction opens."""
    house = organisation_of(organisation).pk
    return [give_word(*one, house=house, at=timezone.now()) for one in signed]


def prepare(organisation: str, *, progress: Progress) -> dict[str, Any]:
    """Learn what the peers of each merchant say in the desk's lake, by the policy in force, as of today.

    Raises:
        UsageError: there is no desk, or no policy in force.
    """
    storage.require_ready()
    with tenancy.within(organisation_of(organisation).pk):
        held = desks.desk()
        loaded = desks.policy_of(desks.release_in_force())
        business_on = ledger.day_of(held.book).business_on
    lake = Lake.open(Path(held.lake))
    as_of = as_of_day(lake, business_on)
    peers.prepare(lake, loaded, as_of, processes=0, progress=progress)
    return {"lake": held.lake, "snapshot": lake.snapshot, "as_of": as_of, "policy": loaded.hash}
