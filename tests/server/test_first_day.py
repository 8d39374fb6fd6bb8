"""A bank's first day, from an empty database to the first decision's policy, as the how-to pages tell it."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client
from house import AT, bank
from journeys import county

from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.models import User
from suixin.server.identity.queries import organisation_of
from suixin.server.origination.models import Desk, PolicyRelease
from suixin.underwriting.policy import parse_policy

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
ASKED = {"--administrator", "--by", "--second"}
PASSWORDS = {"wang": "wang horse battery", "li": "li horse battery"}
FOUND = ("organisation", "found", "--code", "rural", "--name", "Rural", "--administrator", "wang=Wang")


def blocks(page, section):
    """The commands of a section of a page: (words, what stands behind `>`), and the documents that `cat >>` adds."""
    text = (HOW_TO / page).read_text(encoding="utf-8").split(f"## {section}")[1].split("\n## ")[0]
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from re.split(r"\n(?!authority|  auto|  appr|END)", block.strip())


def passwords_of(words, known):
    """The lines that the people of a command type."""
    names = [after.split("=")[0] for word, after in pairwise(words) if word in ASKED]
    return [known[name] for name in names]


def follow(suixin, lines, known):
    """Do what a page says; (command, what it printed) of each."""
    for line in lines:
        if line.startswith("cat >> "):
            head, *body = line.split("\n")
            with Path(head.split()[2]).open("a", encoding="utf-8") as file:
                file.write("\n".join(body[:-1]) + "\n")
            continue
        program, *words = shlex.split(line, comments=True)
        words, onto = (words[:-2], words[-1]) if ">" in words else (words, None)
        if program != "suixin":
            continue
        done = suixin(*words, typed=passwords_of(words, known))
        assert (done.returncode, done.stderr) == (0, ""), line
        if onto:
            Path(onto).write_text(done.stdout, encoding="utf-8")
        if words[:2] == ["person", "add"]:
            known[words[4]] = re.search(r"password  (\S+)", done.stdout)[1]
        yield " ".join(words[:2]), done.stdout


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_bank_is_ready_to_lend_at_the_end_of_the_page(suixin, database, monkeypatch, tmp_path):
    """Every command of the page, in its order: house, book, people, desk, policy, peers; then a drawn password opens the door."""
    lake = county()
    monkeypatch.setenv("SUIXIN_HOME", str(tmp_path / "home"))
    Path("lake").symlink_to(lake)
    known = dict(PASSWORDS)
    told = list(follow(suixin, blocks("run-the-server.md", "Set a bank up"), known))
    assert [what for what, _ in told] == [
        "db migrate",
        "organisation found",
        "ledger open",
        "person add",
        "person add",
        "desk set-up",
        "policy shipped",
        "policy check",
        "policy release",
        "desk prepare",
    ]
    assert told[2][1] == "book main is open in CNY; its business date is 2026-01-05\n"
    assert told[8][1].splitlines()[1] == (
        "the policy decides up to 20,000.00 CNY by itself, an approver up to 60,000.00, above it the committee"
    )
    assert told[9][1].startswith("peers are prepared as of 2026-01-01, snapshot 1-")
    house = organisation_of("rural-bank")
    with tenancy.within(house.pk):
        assert Desk.objects.values_list("book__code", "lake", "demo").get() == ("main", str(lake), False)
        release = PolicyRelease.objects.get()
        people = {f"user:{one.pk}": one.username for one in User.objects.all()}
        assert (people[release.released_by], people[release.seconded_by]) == ("zhu", "zheng")
        assert parse_policy(release.text, "kept").policy.authority_minor("approver") == 6_000_000
        done = [(one.action, people.get(one.actor)) for one in Record.objects.order_by("pk")]
    assert done == [
        ("identity.organisation.found", None),
        ("ledger.book.open", "wang"),
        ("identity.user.add", "wang"),
        ("identity.user.add", "wang"),
        ("origination.desk.set_up", "wang"),
        ("lending.policy.release", "zhu"),
    ]
    assert len(list((tmp_path / "home" / "peers").iterdir())) == 1
    door = Client(SERVER_NAME="localhost")
    assert door.post("/sign-in", {"username": "zheng", "password": known["zheng"]})["Location"] == "/"
    assert "政策" in door.get("/bank/policy").content.decode()


def test_the_ledgers_page_founds_a_bank_whose_day_can_be_ended(suixin):
    """A reader who copies the page gets what the page says."""
    lines = [one for one in blocks("keep-the-ledger.md", "Set up") if "migrate" not in one]
    assert len(list(follow(suixin, lines, dict(PASSWORDS)))) == 2
    done = suixin("eod", "run", "--organisation", "rural-bank", "--date", "2026-01-05")
    assert (done.returncode, done.stdout.startswith("2026-01-05: 0 loans closed")) == (0, True)


BOTH = ("--administrator", "li=Li")
WRONG = [
    ((*FOUND,), ["wang horse battery"], "needs two administrators"),
    ((*FOUND, "--administrator", "li"), [], "give user name and name, such as wang="),
    ((*FOUND, *BOTH, "--kind", "merchant"), [], "the kind 'merchant' is not one of bank, platform"),
    ((*FOUND, *BOTH), ["wang horse battery", "short"], "12"),
    ((*FOUND, *BOTH), ["wang horse battery", "my suixin password"], "穗信"),
    ((*FOUND, "--administrator", "house-li=Li"), ["wang horse battery"] * 2, "somebody signs in as 'house-li' already"),
    (("person", "add", "-o", "house", "x", "--name", "x", "--role", "owner", "--by", "a", "--second", "b"), [], "is not one of"),
    (("ledger", "open", "-o", "house", "--opened-on", "May", "--by", "a"), [], "'May' is no date"),
    (("ledger", "open", "-o", "house", "--opened-on", "2026-01-05", "--by", "house-wang"), ["no"], "is not right"),
    (("desk", "prepare", "-o", "house"), [], "no lending desk yet"),
    (("policy", "release", "-o", "house", "none.yaml", "--reason", "x", "--by", "a", "--second", "b"), [], "no policy can be read"),
    (("policy", "shipped", "USD"), [], "no policy ships for the currency USD"),
]  # fmt: skip


def test_what_is_wrong_on_the_first_day_is_one_line_and_nothing_is_founded(suixin):
    """A second administrator is missing, a password is easy, a name is taken, a word is not right."""
    made, *_ = bank("house")
    for words, typed, said in WRONG:
        done = suixin(*words, typed=typed)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), words
        assert said in done.stderr, done.stderr
    with pytest.raises(Exception, match="there is no organisation 'rural'"):
        organisation_of("rural")
    with tenancy.within(made.pk):
        assert Record.objects.count() == 1
        assert Record.objects.get().at == AT
