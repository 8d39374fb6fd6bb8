"""`suixin db` and `suixin ledger`, as a person types them."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from house import AT, CASH, LOANS, OVERPAID, book, moved, posted
from lender import Lender

from conftest import use
from suixin.lending.relief import Change
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.ledger.actions.seal import seal
from suixin.server.origination.models import Desk
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.relieve import relieve
from suixin.server.servicing.actions.write_off import write_off

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def installed(tmp_path):
    """The program as a process of its own, with a data folder and no database named."""

    def run(*words, **settings):
        env = os.environ | {
            "SUIXIN_DATABASE": "",
            "SUIXIN_SECRET_KEY": "",
            "SUIXIN_HOME": str(tmp_path / "home"),
        }
        command = [sys.executable, "-m", "suixin", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=env | settings)

    return run


def filled():
    held, program = book("rural")
    posted(held, program, moved("a", 1_234_567_89, subject="loan-1"), moved("b", 5, CASH, OVERPAID))
    seal(held, by=program, at=AT, key=KEY)
    return held, program


def test_a_book_is_verified_and_its_head_kept(suixin, database, tmp_path):
    """Right: exit 0 and a head to keep. Cut off, heads and all: exit 2, because the kept head says so."""
    filled()
    pem = tmp_path / "key.pem"
    pem.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    done = suixin("ledger", "verify", "--organisation", "rural", "--key", pem, "--keep", "head.json")
    assert (done.returncode, done.stdout) == (0, "1/main: 2 transactions, 2 sealed, no faults\n")
    with database.behind() as door:
        if database.vendor == "postgresql":
            door.execute("SET session_replication_role = replica")
        else:
            for (name,) in door.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                door.execute(f"DROP TRIGGER {name}")
        for rest in ("seal WHERE sequence > 0", "head WHERE sequence > 0", "entry WHERE transaction_id > 0"):
            door.execute(f"DELETE FROM ledger_{rest}")
        door.execute("DELETE FROM ledger_transaction")
        door.execute("UPDATE ledger_balance SET posted_minor = 0")
    assert suixin("db", "migrate").returncode == 0  # the guards are back, and nothing looks wrong
    assert suixin("ledger", "verify", "--organisation", "rural").returncode == 0
    done = suixin(
        "ledger", "verify", "--organisation", "rural", "--key", pem, "--head", "head.json", "--json"
    )
    assert done.returncode == 2
    assert [(one["what"], one["sequence"]) for one in json.loads(done.stdout)["findings"]] == [("cut", 1)]


def test_the_journal_is_exported_and_summed_up(suixin, tmp_path):
    """Amounts leave as decimals with their currency; the file is whole or not there."""
    filled()
    done = suixin(
        "ledger", "export", "--organisation", "rural", "--format", "beancount", "--out", "j.beancount"
    )
    assert (done.returncode, done.stdout) == (0, "j.beancount: check it with bean-check\n")
    text = (tmp_path / "j.beancount").read_text()
    assert '  Assets:Loans:Current  1234567.89 CNY\n    subject: "loan-1"\n' in text
    assert "2026-01-06 balance Assets:Settlement  -1234567.84 ~ 0 CNY\n" in text
    done = suixin("ledger", "trial-balance", "--organisation", "rural", "--json", "--lang", "zh")
    assert json.loads(done.stdout) == {
        "book": "1/main",
        "business_on": "2026-01-05",
        "accounts": [
            {"account": CASH, "name": "结算资金", "currency": "CNY", "debit": "0.00", "credit": "1234567.84"},
            {
                "account": LOANS,
                "name": "贷款本金",
                "currency": "CNY",
                "debit": "1234567.89",
                "credit": "0.00",
            },
            {"account": OVERPAID, "name": "多收客户款", "currency": "CNY", "debit": "0.00", "credit": "0.05"},
        ],
    }
    shown = suixin("ledger", "trial-balance", "--organisation", "rural").stdout
    assert shown.count("1,234,567.89") == 3


BAD = {
    "there is no organisation 'nobody'": ["verify", "--organisation", "nobody"],
    "there is no book 'x' in this organisation": ["verify", "-o", "rural", "--book", "x"],
    "format 'pdf' is unknown": ["export", "-o", "rural", "--out", "x", "--format", "pdf"],
    "there is no book 'x'": ["export", "-o", "rural", "--out", "x", "--book", "x"],
    "no head that": ["verify", "-o", "rural", "--head", "none.json"],
    "language 'fr' is unknown": ["trial-balance", "-o", "rural", "--lang", "fr"],
}


def test_bad_input_is_one_line_and_exit_2(suixin, tmp_path):
    """And leaves no file behind."""
    filled()
    for message, words in BAD.items():
        done = suixin("ledger", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_new_installation_is_ready_by_one_command(installed, tmp_path):
    """Without any setting: an SQLite file in the data folder; before that, the other commands name the mend."""
    done = installed("ledger", "verify", "-o", "rural")
    assert done.returncode == 2
    assert "run: suixin db migrate" in done.stderr
    done = installed("db", "migrate", "--json")
    assert (done.returncode, json.loads(done.stdout)["database"]) == (0, "sqlite")
    assert sorted(path.name for path in (tmp_path / "home").iterdir() if "-" not in path.name) == [
        "secret.key",
        "suixin.sqlite3",
    ]
    assert installed("db", "migrate").stdout == "the sqlite database is ready: 0 migrations, 92 guards\n"


def test_a_database_is_backed_up_and_restored(suixin, database, tmp_path):
    """Into an empty one only; what was damaged is found after the restore as well, and the exit says so."""
    filled()
    with database.behind() as door:
        if database.vendor == "postgresql":
            door.execute("SET session_replication_role = replica")
        door.execute("UPDATE ledger_balance SET posted_minor = 7 WHERE subject = 'loan-1'")
    done = suixin("db", "backup", "--out", "kept.backup")
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[0]) == (0, "rural/main at 2026-01-05: 2 transactions")
    assert lines[1].endswith((tmp_path / "kept.backup").read_bytes()[-64:].decode())
    refused = suixin("db", "restore", "kept.backup")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "the database is not empty" in refused.stderr
    if database.vendor == "sqlite":
        use(f"sqlite:///{tmp_path}/new.sqlite3")
        found = suixin("db", "restore", "kept.backup", "--json")
        (told,) = json.loads(found.stdout)["books"]
        assert (found.returncode, told["transactions"], len(told["findings"])) == (2, 2, 2)


def test_a_database_that_is_not_there_is_one_line(installed):
    """No traceback for a server that is down."""
    done = installed("db", "migrate", SUIXIN_DATABASE="postgresql:///x?host=/nowhere")
    assert done.returncode == 2
    assert "the database cannot be reached" in done.stderr


def test_days_are_ended_from_the_command_line_and_an_auditor_agrees(suixin, tmp_path):
    """Thirty-two days at once; a day that is over does nothing again; bean-check adds the journal up."""
    lender = Lender()
    lender.lent()
    done = suixin(
        "eod", "run", "--organisation", "rural", "--date", "2026-01-05", "--through", "2026-02-05", "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    days = json.loads(done.stdout)
    assert (len(days), days[0]["date"], days[0]["closed"], days[0]["broken"]) == (32, "2026-01-05", 1, 0)
    assert sum(day.get("opened", 0) for day in days) == 1
    again = suixin("eod", "run", "--organisation", "rural", "--date", "2026-02-05")
    assert again.stdout == (
        "2026-02-05: 1 loans closed (1 quiet), 0 fell due, 0 sweeps, 0 repriced, 1 transactions, 0 breaks\n"
    )
    wrong = suixin("eod", "run", "--organisation", "rural", "--date", "2026-02-08")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "is at 2026-02-06, not 2026-02-08" in wrong.stderr
    assert suixin("ledger", "verify", "--organisation", "rural").returncode == 0
    suixin("ledger", "export", "--organisation", "rural", "--out", "journal.beancount")
    program = Path(sys.executable).parent / "bean-check"
    checked = subprocess.run([program, "--no-cache", "journal.beancount"], capture_output=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, b"")


def test_a_house_looks_for_early_warnings(suixin):
    """Without a desk one line; who has not consented is named, and the lake is not even opened: there is none."""
    lender = Lender()
    lender.lent()
    none = suixin("watch", "--organisation", "rural")
    assert (none.returncode, none.stdout) == (2, "")
    assert "this organisation has no lending desk yet" in none.stderr
    with tenancy.within(lender.organisation.pk):
        Desk(book=lender.book, lake="/nowhere").save()
    done = suixin("watch", "--organisation", "rural")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "2026-01-05: 1 live loans, 0 read; 0 alerts opened, 0 rose, 0 closed\n"
        "  not read: P1: the merchant gave no consent for this purpose\n"
    )
    assert json.loads(suixin("watch", "--organisation", "rural", "--json").stdout) == {
        "day": "2026-01-05", "loans": 1, "read": 0, "opened": 0, "rose": 0, "closed": 0,
        "unread": [{"borrower": "P1", "why": "the merchant gave no consent for this purpose"}],
    }  # fmt: skip


def test_what_became_of_loans_goes_back_to_the_lake(suixin, tmp_path):
    """A loan that was written off is an outcome; told again, nothing is told otherwise."""
    lender = Lender()
    lender.lent()
    lender.lent("L2")
    lender.end(31)
    by = lender.as_(Role.POST_LOAN)
    asked = {"currency": "CNY", "by": by, "at": AT}
    receive(lender.book, "L2", 853_099, on=lender.day, key="p", **asked)
    lender.end(2)
    approver, other = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    write_off(lender.book, "L1", key="off", reason="fled", by=approver, second=other, at=AT)
    lender.end()
    done = suixin("ledger", "outcomes", "--organisation", "rural", "--out", "first", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "as_of": "2026-02-07",
        "loans": 2,
        "outcomes": 1,
        "defaults": 1,
        "indeterminate": {},
        "restated": 0,
    }
    lender.end()
    again = suixin("ledger", "outcomes", "--organisation", "rural", "--out", "second", "--before", "first")
    assert again.stdout == (
        "second: 2 loans and 1 outcomes as of 2026-02-08, 1 of them defaults, 0 not told yet, 0 told otherwise than before\n"
    )
    taken = suixin("ledger", "outcomes", "--organisation", "rural", "--out", "first")
    assert (taken.returncode, "is taken" in taken.stderr) == (2, True)
    wrong = suixin("ledger", "outcomes", "--organisation", "rural", "--out", "third", "--before", "nowhere")
    assert (wrong.returncode, "no folder of a lender's own loans" in wrong.stderr) == (2, True)
    rows = (tmp_path / "first" / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith("P1,2026-01-05,365,dpd90_npl_claim_restructured_writeoff,True,")


def test_the_audit_log_is_shown_masked_and_verified(suixin, database):
    """Of one object, from a day on, in both languages; a number in a reason is masked, and an edited line is located."""
    lender = Lender("rural")
    lender.lent("L1")
    lender.lent("L2")
    by, second = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    reason = "agreed on the phone, 13812345678"
    asked = {"difficulty": False, "key": "e1", "reason": reason, "by": by, "second": second, "at": AT}
    relieve(lender.book, "L1", Change(annual_rate=Decimal("0.04")), **asked)
    shown = suixin("audit", "show", "-o", "rural", "--object", "loan:L1", "--json")
    lines = json.loads(shown.stdout)["records"]
    assert [(one["action"], one["actor"], one["object_kind"], one["reason"]) for one in lines] == [
        ("lending.loan.offer", by.name, "servicing.loan", ""),
        ("lending.loan.accept", lender.as_(Role.CUSTOMER_MANAGER).name, "servicing.loan", ""),
        ("lending.loan.disburse", lender.as_(Role.DISBURSEMENT).name, "servicing.loan", ""),
        (
            "lending.loan.relieve",
            by.name,
            "servicing.loan",
            f"agreed on the phone, 138****5678 ({second.name})",
        ),
    ]
    assert (lines[-1]["sequence"], lines[-1]["at"], len(lines[-1]["after"])) == (
        None,
        "2026-01-05T08:00:00+00:00",
        64,
    )
    told = suixin(
        "audit", "show", "-o", "rural", "--object", "servicing.loan:L2", "--limit", 1, "--lang", "zh"
    )
    assert ("放款" in told.stdout, "出具贷款要约" in told.stdout) == (True, False)
    assert "2026-01-05" in told.stdout
    assert "16:00:00" in told.stdout
    assert (
        json.loads(suixin("audit", "show", "-o", "rural", "--since", "2026-01-06", "--json").stdout)[
            "records"
        ]
        == []
    )
    assert "there is no kind 'ship'" in suixin("audit", "show", "-o", "rural", "--object", "ship:1").stderr
    done = suixin("audit", "verify", "-o", "rural")
    assert (done.returncode, done.stdout) == (0, "rural: 9 records, 0 sealed, no faults\n")
    assert suixin("eod", "run", "-o", "rural", "--date", "2026-01-05").returncode == 0
    done = suixin("audit", "verify", "-o", "rural", "--json")
    found = json.loads(done.stdout)
    assert (found["records"], found["sealed"], found["broken"]) == (12, 12, None)
    name = "suixin_no_update" if database.vendor == "postgresql" else "suixin_no_update_audit_record"
    with database.behind() as door:
        door.execute(f"DROP TRIGGER {name}" + (" ON audit_record" if database.vendor == "postgresql" else ""))
        door.execute("UPDATE audit_record SET reason = 'better' WHERE id = 3")
    assert suixin("db", "migrate").returncode == 0  # the guard is back, and nothing looks wrong
    done = suixin("audit", "verify", "-o", "rural")
    assert (done.returncode, done.stdout) == (
        2,
        "edited at 3: the chain does not hold from here on\nrural: 12 records, 12 sealed, 1 fault\n",
    )


def test_clients_are_added_shown_and_revoked(suixin, database):
    """Two administrators sign with their passwords; the secret is printed once and works; whoever errs is told."""
    from django.test import Client

    from suixin.server.identity.actions.found_organisation import NewPerson, found_organisation
    from suixin.server.identity.roles import Kind

    people = [NewPerson(name, name, Role.ADMINISTRATOR, f"{name} horse battery") for name in ("wang", "li")]
    found_organisation("rural", Kind.BANK, "rural", people, at=AT)

    def asked(*words, typed=()):
        return suixin("client", *words, typed=[f"{name} horse battery" for name in typed])

    both = ("--by", "wang", "--second", "li")
    add = ("add", "-o", "rural", "--name", "core", *both)
    wrong = [
        ((*add, "--scope", "loans:all"), ("wang", "li"), "the scope 'loans:all' is not one of data:write"),
        (
            (*add, "--scope", "loans:read"),
            ("wang", "wang"),
            "the second person's name or password is not right",
        ),
    ]
    for words, typed, said in wrong:
        done = asked(*words, typed=typed)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    done = asked(*add, "--scope", "loans:read", typed=("wang", "li"))
    made = dict(line.split() for line in done.stdout.splitlines()[:2])
    sent = {"grant_type": "client_credentials"} | made
    assert Client(HTTP_HOST="localhost").post("/api/v1/token", sent).status_code == 200
    listed = json.loads(asked("list", "-o", "rural", "--json").stdout)["clients"]
    assert [(one["client_id"], one["name"], one["scopes"], one["revoked_at"]) for one in listed] == [
        (made["client_id"], "core", ["loans:read"], None)
    ]
    assert "client_secret" not in listed[0]
    revoke = ("revoke", "-o", "rural", made["client_id"], "--reason", "lost", "--by", "li")
    done = asked(*revoke, typed=("li",))
    assert (done.returncode, done.stdout) == (0, f"{made['client_id']} (core) is revoked\n")
    assert Client(HTTP_HOST="localhost").post("/api/v1/token", sent).status_code == 401
    assert made["client_id"] in asked("list", "-o", "rural").stdout
    code = with_factor("li")
    for typed, said in (("000000", "the second person's code is not right"), (code, "is revoked")):
        done = suixin("client", *revoke, typed=("li horse battery", typed))
        assert said in done.stdout + done.stderr


def with_factor(username):
    """The next code of the second factor that somebody sets up."""
    from django.utils import timezone

    from suixin.server.identity import factor, factors
    from suixin.server.identity.access import actor_of
    from suixin.server.identity.actions.begin_factor import begin_factor
    from suixin.server.identity.actions.confirm_factor import confirm_factor
    from suixin.server.identity.models import User
    from suixin.server.identity.queries import organisation_of

    with tenancy.within(organisation_of("rural").pk):
        user = User.objects.get(username=username)
        by, now = actor_of(user), timezone.now()
        secret = factors.secret_of(begin_factor(user, by=by, at=now))
        confirm_factor(user, factor.code_at(secret, factor.step_of(now)), by=by, at=now)
        return factor.code_at(secret, factor.step_of(now) + 1)
