"""What the command line asks of the server, as plain data. Importing this module starts Django."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from suixin.adapters import own_book
from suixin.calendar import CIVIL_ZONE
from suixin.errors import UsageError
from suixin.ledger import beancount, chain
from suixin.ledger.outcomes import told
from suixin.lending.lpr import LprTable
from suixin.server.start import start

start()

from suixin.scoring.signing import read_private_key, read_public_key, verified  # noqa: E402  models are there once Django is
from suixin.server import backup as backups  # noqa: E402
from suixin.server import storage, tenancy  # noqa: E402
from suixin.server.audit import queries as log  # noqa: E402
from suixin.server.audit.actions.seal import seal as seal_log  # noqa: E402
from suixin.server.audit.registry import ACTIONS  # noqa: E402
from suixin.server.identity import access, throttle  # noqa: E402
from suixin.server.identity.actions.add_client import NewClient, add_client  # noqa: E402
from suixin.server.identity.actions.give_word import give_word  # noqa: E402
from suixin.server.identity.actions.revoke_client import revoke_client  # noqa: E402
from suixin.server.identity.actions.sign_in import is_asked_for_code  # noqa: E402
from suixin.server.identity.models import Client  # noqa: E402
from suixin.server.identity.queries import organisation_of, user_called  # noqa: E402
from suixin.server.identity.scopes import Scope  # noqa: E402
from suixin.server.intake.actions.let_go_mended import let_go_mended  # noqa: E402
from suixin.server.ledger import queries  # noqa: E402
from suixin.server.ledger.actions.seal import head_name, seal  # noqa: E402
from suixin.server.ledger.models import Book, Head  # noqa: E402
from suixin.server.ledger.verify import Report  # noqa: E402
from suixin.server.ledger.verify import verify as verify_book  # noqa: E402
from suixin.server.origination.actions.forget_lines import forget_lines  # noqa: E402
from suixin.server.servicing import keeping  # noqa: E402
from suixin.server.servicing.actions.end_day import Progress, end_day  # noqa: E402
from suixin.server.servicing.models import Loan  # noqa: E402


def migrate() -> dict[str, Any]:
    """See `suixin.server.storage.migrate`."""
    return storage.migrate()


def backup(out: Path, *, progress: Progress) -> dict[str, Any]:
    """See `suixin.server.backup.backup`."""
    return backups.backup(out, at=timezone.now(), progress=progress)


def restore(path: Path, *, progress: Progress) -> dict[str, Any]:
    """See `suixin.server.backup.restore`."""
    return backups.restore(path, progress=progress)


@contextmanager
def opened(organisation: str, book: str) -> Iterator[Book]:
    """A book of an organisation, both by code, for reading; a database that is not ready is refused."""
    storage.require_ready()
    with tenancy.within(organisation_of(organisation).pk):
        yield queries.book_of(book)


def verify(
    organisation: str, book: str, *, key: Path | None, heads: Sequence[Path]
) -> tuple[Report, dict[str, Any]]:
    """What was found, and the last head as a document to keep elsewhere.

    Args:
        organisation: its code.
        book: its code.
        key: PEM of the public key that must have signed the heads.
        heads: files with heads that earlier calls returned.
    """
    signer = read_public_key(key) if key else None
    with opened(organisation, book) as held:
        kept = [_kept(path, head_name(held), signer) for path in heads]
        report = verify_book(held, signer=signer, kept=kept)
        last = Head.objects.filter(book_id=held.pk).order_by("-sequence").first()
        document = {"book": head_name(held), "sequence": 0, "link": chain.GENESIS.hex(), "signature": None}
        if last is not None:
            document |= {
                "sequence": last.sequence,
                "link": bytes(last.link).hex(),
                "signature": last.signature,
            }
        return report, document


def _kept(path: Path, name: str, signer: str | None) -> chain.Head:
    try:
        document = orjson.loads(path.read_bytes())
        head = chain.Head(int(document["sequence"]), bytes.fromhex(document["link"]))
        named, signature = document["book"], document["signature"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: no head that `suixin ledger verify --keep` wrote ({error})") from error
    if named != name:
        raise UsageError(f"{path}: the head is of book {named}, not of {name}")
    if signer is not None and verified(signature or {}, chain.head_content(name, head)) != signer:
        raise UsageError(f"{path}: the head does not bear the signature of that key")
    return head


def export(organisation: str, book: str) -> Iterator[str]:
    """The journal's lines for beancount.

    Raises:
        LedgerError: what is stored is no transaction any more; verify the book.
    """
    with opened(organisation, book) as held:
        made = (one for _, one in queries.journal(held))
        yield from beancount.lines(head_name(held), made, opened_on=held.opened_on)


def end_days(
    organisation: str,
    book: str,
    first: date,
    last: date,
    *,
    lpr: LprTable | None,
    key: Path | None,
    workers: int,
    progress: Progress,
) -> Iterator[tuple[date, dict[str, Any]]]:
    """End a book's days one after the other, let go of files that wait no longer, seal each day and the audit log; yield the day and what its end did.

    Args:
        organisation: its code.
        book: its code.
        first: the book's business date, or a day whose end stopped half-way or is over.
        last: the last day to be ended.
        lpr: for loans whose rate is set anew.
        key: PEM of the private key that signs the chain's head, or None.
        workers: connections that close loans side by side.
        progress: told how far a step has come.
    """
    storage.require_ready()
    signing = read_private_key(key) if key else None
    with tenancy.within(organisation_of(organisation).pk):
        held = queries.book_of(book)
    by = access.system(held.organisation_id, "end-of-day")
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        done = end_day(held, day, by=by, at=timezone.now(), lpr=lpr, workers=workers, progress=progress)
        seal(held, by=by, key=signing)
        let_go_mended(by=by, at=timezone.now())
        forget_lines(by=by, at=timezone.now())
        seal_log(by)
        _tidy()
        yield day, done


def _tidy() -> None:
    """Drop what nobody asks for any more: sessions that are over, tries to sign in that are forgotten."""
    SessionStore.clear_expired()
    throttle.forget_old(timezone.now())


def outcomes(organisation: str, book: str, out: Path, before: Path | None) -> dict[str, Any]:
    """Write what a book's loans tell, as of the last day that is over, as a source for `suixin ingest`.

    Args:
        organisation: its code.
        book: its code.
        out: a folder that is not there yet.
        before: the folder that was written last, so that what turned out otherwise is known as of today.
    """
    with opened(organisation, book) as held:
        rows = list(Loan.objects.filter(book_id=held.pk).order_by("number"))
        loans = [keeping.read(row, with_events=True) for row in rows]
        day = held.business_on - timedelta(days=1)
        said = None if before is None else own_book.read_source(before)
        found = told(loans, {row.number: row.borrower for row in rows}, day, said)
        name = head_name(held)
    own_book.write_source(
        out,
        found,
        name=f"own book {name}",
        route="own_mall",
        authorisation="contract",
        purpose="credit risk of the lender's own loans",
    )
    return {
        "as_of": day,
        "loans": len(found.loans),
        "outcomes": len(found.outcomes),
        "defaults": sum(row.defaulted for row in found.outcomes),
        "indeterminate": {why.value: count for why, count in found.indeterminate.items()},
        "restated": found.restated,
    }


def trial_balance(organisation: str, book: str) -> dict[str, Any]:
    """Book, business date, and one row an account, minor units."""
    with opened(organisation, book) as held:
        rows = [row._asdict() for row in queries.trial_balance(held)]
        return {"book": head_name(held), "business_on": held.business_on, "accounts": rows}


def audit_lines(organisation: str, *, thing: str, since: date | None, most: int) -> list[dict[str, Any]]:
    """The last records of an organisation's audit log, oldest first, with the action in words; reasons are masked.

    Args:
        organisation: its code.
        thing: a kind of object, or one of them, as in `suixin.server.audit.queries.last_lines`; '' for all.
        since: from the morning of this day on, in the lender's zone.
        most: so many at most.
    """
    storage.require_ready()
    morning = None if since is None else datetime.combine(since, time(), ZoneInfo(CIVIL_ZONE))
    with tenancy.within(organisation_of(organisation).pk):
        found = log.last_lines(thing=thing, since=morning, most=most)
    return [one._asdict() | {"words": ACTIONS[one.action]._asdict()} for one in found]


def audit_verify(organisation: str) -> log.Report:
    """What was looked at in an organisation's audit log, and where its chain breaks."""
    storage.require_ready()
    with tenancy.within(organisation_of(organisation).pk):
        return log.verified()


def client_scopes() -> list[str]:
    """The scopes that a client of the API may hold."""
    return [str(scope) for scope in Scope]


def add_api_client(
    organisation: str, people: Sequence[tuple[str, str, str]], *, scopes: Sequence[str], **more: Any
) -> dict[str, Any]:
    """Add a client of the API; its secret is told here and nowhere again.

    Args:
        organisation: its code.
        people: name, password and code ('' without a second factor) of the two administrators who give their word.
        scopes: see `client_scopes`.
        more: what else `NewClient` takes.

    Raises:
        UsageError: a scope that is none, or see `add_client`.
        AccessError: a name, a password or a code is not right, or one of them is no administrator.
    """
    storage.require_ready()
    if unknown := sorted(set(scopes) - set(client_scopes())):
        raise UsageError(f"the scope {unknown[0]!r} is not one of {', '.join(client_scopes())}")
    new = NewClient(scopes=[Scope(scope) for scope in scopes], **more)
    house = organisation_of(organisation).pk
    by, second = (give_word(*person, house=house, at=timezone.now()) for person in people)
    with tenancy.within(house):
        made, secret = add_client(new, by=by, second=second, at=timezone.now())
        return _client(made) | {"client_secret": secret}


def revoke_api_client(
    organisation: str, client_id: str, person: tuple[str, str, str], *, reason: str
) -> dict[str, Any]:
    """Revoke a client of the API; see `revoke_client`."""
    storage.require_ready()
    house = organisation_of(organisation).pk
    by = give_word(*person, house=house, at=timezone.now())
    with tenancy.within(house):
        return _client(revoke_client(client_id, by=by, reason=reason, at=timezone.now()))


def asks_for_code(username: str) -> bool:
    """Whether somebody's word takes a code of a second factor, too."""
    user = user_called(username)
    return user is not None and is_asked_for_code(user)


def api_clients(organisation: str) -> list[dict[str, Any]]:
    """An organisation's clients of the API, the oldest first."""
    storage.require_ready()
    with tenancy.within(organisation_of(organisation).pk):
        return [_client(row) for row in Client.objects.order_by("pk")]


def _client(row: Client) -> dict[str, Any]:
    columns = (
        "client_id",
        "name",
        "scopes",
        "route",
        "requests_a_minute",
        "added_by",
        "added_at",
        "revoked_at",
    )
    return {column: getattr(row, column) for column in columns}
