"""Contracts, events and accounts as JSON documents, with their schema's version; what is read is judged again."""

from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from suixin.errors import LendingError
from suixin.lending.account import Account, Kept
from suixin.lending.contract import Contract
from suixin.lending.events import (
    Charged,
    Drawn,
    Event,
    Received,
    Refunded,
    Replanned,
    Repriced,
    WrittenOff,
)

VERSION = 1
_HEAD = f'{{"version":{VERSION},"held":'
EVENTS = {
    "drawn": Drawn,
    "received": Received,
    "charged": Charged,
    "repriced": Repriced,
    "replanned": Replanned,
    "refunded": Refunded,
    "written off": WrittenOff,
}
KIND_OF = {made: kind for kind, made in EVENTS.items()}
_CONTRACT = TypeAdapter(Contract)
_KEPT = TypeAdapter(Kept)
_EVENTS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(made) for kind, made in EVENTS.items()}


def write_contract(contract: Contract) -> str:
    """Return a contract as JSON."""
    return _write(_CONTRACT, contract)


def read_contract(text: str) -> Contract:
    """Return the contract that a document holds.

    Raises:
        LendingError: another version, or a document that is none.
    """
    found: Contract = _read(_CONTRACT, text, "contract")
    return found


def write_event(event: Event) -> tuple[str, str]:
    """Return an event's kind and its JSON."""
    kind = KIND_OF[type(event)]
    return kind, _write(_EVENTS[kind], event)


def read_event(kind: str, text: str) -> Event:
    """Return the event that a document holds; errors as in `read_contract`."""
    if kind not in _EVENTS:
        raise LendingError(f"event of kind {kind!r} is unknown; it was written by a later version")
    found: Event = _read(_EVENTS[kind], text, f"event {kind!r}")
    return found


def write_account(account: Account) -> str:
    """Return an account as JSON."""
    return _write(_KEPT, account.kept())


def read_account(contract: Contract, text: str) -> Account:
    """Return the account that a document holds; errors as in `read_contract`."""
    return Account.of(contract, _read(_KEPT, text, "account"))


def _write(adapter: TypeAdapter[Any], held: Any) -> str:
    return f"{_HEAD}{adapter.dump_json(held).decode()}}}"


def _read(adapter: TypeAdapter[Any], text: str, what: str) -> Any:
    try:
        if text.startswith(_HEAD) and text.endswith("}"):  # as we write it: no need to read it twice
            return adapter.validate_json(text[len(_HEAD) : -1])
        document = orjson.loads(text)
        if document["version"] != VERSION:
            raise LendingError(
                f"{what} of version {document['version']}; this release reads version {VERSION}"
            )
        return adapter.validate_json(orjson.dumps(document["held"]))
    except (ValidationError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise LendingError(f"{what} cannot be read: {error}") from error
