"""The bank of the demonstration: its people, its book, its desk, its policy."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.demo.people import STAFF
from suixin.server.identity import access
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.actions.found_organisation import NewPerson, found_organisation
from suixin.server.identity.models import Organisation, User
from suixin.server.identity.roles import Kind
from suixin.server.ledger.actions.open_book import open_book
from suixin.server.ledger.models import Book
from suixin.server.origination.actions.release_policy import release_policy
from suixin.server.origination.actions.set_up_desk import set_up_desk
from suixin.underwriting.policy import LoadedPolicy, parse_policy, shipped_policy

CODE = "demo-bank"


@dataclass(frozen=True, slots=True)
class House:
    """A founded bank; `people` are its actors by the name to sign in."""

    organisation: Organisation
    book: Book
    lake: Lake
    policy: LoadedPolicy
    people: Mapping[str, Actor]
    password: str

    @property
    def program(self) -> Actor:
        """The program itself."""
        return access.system(self.organisation.pk, "demonstration")

    @property
    def machine(self) -> Actor:
        """The policy, deciding by itself."""
        return access.policy(self.organisation.pk)


def policy_text(currency: str) -> str:
    """The shipped policy with what the demonstration adds."""
    return (
        shipped_policy(currency).text
        + "\n"
        + files("suixin.server.demo").joinpath("policy.yaml").read_text("utf-8")
    )


def found(lake_folder: Path, opened_on: date, at: datetime) -> House:
    """Found the bank; everybody has the same password, drawn anew."""
    password = secrets.token_urlsafe(12)
    staff = [NewPerson(one.username, one.name, one.role, password) for one in STAFF]
    bank = found_organisation(CODE, Kind.BANK, "穗县农商银行（演示）", staff, at=at)
    with tenancy.within(bank.pk):
        people = {user.username: actor_of(user) for user in User.objects.order_by("pk")}
    book = open_book("main", "CNY", opened_on, by=people["admin1"], at=at)
    set_up_desk(book, lake_folder, by=people["admin1"], at=at, demo=True)
    text = policy_text("CNY")
    release_policy(text, reason="首次发布", by=people["model"], second=people["approver"], at=at)
    lake = Lake.open(lake_folder)
    return House(bank, book, lake, parse_policy(text, "the demonstration"), people, password)
