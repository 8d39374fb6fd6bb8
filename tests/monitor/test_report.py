"""The report of the watch and its command: one page without script, one document of a stated layout, errors of one line."""

import re
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import orjson
import pytest
from typer.testing import CliRunner

from samples import MERCHANTS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.cli import command_tree, main
from suixin.errors import UsageError
from suixin.lake.ingest import ingest
from suixin.monitor import monitor
from suixin.reporting.monitor import Sources, document, write_report
from suixin.reporting.monitor_page import open_loans, percent, render_page
from suixin.reporting.monitor_pictures import load_picture, psi_picture
from suixin.scoring.drift import Shift
from suixin.scoring.scorer import CardScorer
from suixin.scoring.watch.found import SAME_SEASON, MonthDrift, Week
from suixin.scoring.watch.rules import shipped_rules
from suixin.underwriting.policy import shipped_policy

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def found(lake):
    scorer = CardScorer(shipped_policy("CNY").policy.card)
    return monitor(lake, scorer, shipped_rules().rules, date(2025, 6, 1), date(2025, 10, 20), processes=0)


@pytest.fixture(scope="module")
def sources(lake):
    return Sources(lake.snapshot, "CNY", "card 1", shipped_rules())


def page(found, sources) -> str:
    return render_page(found, sources.rules.rules, sources.snapshot, sources.score, sources.currency)


def test_the_page_needs_nothing_and_runs_nothing(found, sources):
    """Protects offline use and people: no script, no address to load from, and a policy that forbids both."""
    text = page(found, sources)
    assert "<script" not in text
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*\"", text)
    assert "default-src 'none'; style-src 'sha256-" in unescape(text)
    assert text.count("<svg") == 4


def test_alerts_stand_with_rows_and_action_in_both_languages(found, sources):
    """Protects the officer: what is late, since when, which rows say so, and what to do, in Chinese and English."""
    text = page(found, sources)
    for said in (
        "还款逾期",
        "instalment past due",
        "pay-m1-8",
        "上门走访",
        "visit the borrower",
        "收款账户变更",
    ):
        assert said in text
    assert "6222" not in text  # of the account it is told that it changed, never what it is


def test_the_gravest_loan_stands_first(found):
    """Protects the order of work: the loan with most points at the gravest severity is on top."""
    assert [held[0][0].loan_id for held in open_loans(found)] == ["l1", "l2"]


def test_text_from_data_stays_text(found, sources):
    """Protects the reader: an id that is markup is shown as it is written."""
    alert = replace(found.watched.alerts[0], loan_id=HOSTILE)
    watched = replace(found.watched, alerts=(alert,), evidence=(found.watched.evidence[0],))
    text = page(replace(found, watched=watched), sources)
    assert HOSTILE not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_document_has_the_stated_layout(found, sources):
    """Protects readers of monitor.json: names and types of version 1, nothing that is no JSON."""
    made = orjson.loads(orjson.dumps(document(found, sources)))
    assert list(made) == [
        "monitor_version", "snapshot", "currency", "score", "retire", "rules", "from", "to", "drift", "outcomes", "early_warning",
    ]  # fmt: skip
    assert [month["month"] for month in made["drift"]] == [f"2025-{n:02d}-01" for n in range(6, 11)]
    assert [month["against"] for month in made["drift"]] == [None, None, *["same_month_last_year"] * 3]
    assert made["outcomes"]["calibration"]["count"] == 2
    alerts = {(a["loan_id"], a["signal"]): a for a in made["early_warning"]["alerts"]}
    late = alerts["l1", "repayment_late"]
    assert list(late) == [
        "loan_id", "merchant_id", "signal", "severity", "opened_on", "raised", "value", "points", "chance",
        "closed_on", "closed_because", "action", "evidence",
    ]  # fmt: skip
    assert (late["opened_on"], late["closed_on"], late["action"]) == ("2025-10-13", None, "collect")
    assert late["evidence"][0] == {
        "table": "loans", "id": "l1", "day": "2025-09-10", "field": "due_fen", "value": 10000.0,
    }  # fmt: skip


def test_pictures_have_the_right_sizes():
    """Protects the drawings: half the highest is half as high, and a month without a figure has no bar."""
    weeks = [Week(20_000, 10, 10, 0, 0), Week(20_007, 10, 5, 0, 0)]
    assert re.findall(
        r'class="bar".* height="([\d.]+)"', load_picture(weeks).replace("<rect", "\n<rect")
    ) == ["120.00", "60.00"]
    shift = Shift(float("nan"), float("nan"), 0, 3, 0.0, 0.0)
    assert "<rect" not in psi_picture([MonthDrift(date(2025, 1, 1), "", shift, ())])
    month = MonthDrift(date(2025, 1, 1), SAME_SEASON, Shift(0.15, 0.02, 9, 9, 0.0, 0.0), ())
    assert 'class="bar watch"' in psi_picture([month])


def test_shares_are_written_with_two_digits_of_meaning():
    """Protects small shares."""
    assert [percent(x) for x in (0.0345, 0.345, float("nan"))] == ["3.45%", "34.5%", "–"]


def test_a_folder_with_other_files_is_refused(found, sources, lake, tmp_path):
    """Protects other people's files, and the lake from files that are none of its own."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds 'notes\.txt'"):
        write_report(tmp_path, found, sources, lake.root)
    with pytest.raises(UsageError, match="lies inside the lake"):
        write_report(lake.root / "report", found, sources, lake.root)
    with pytest.raises(UsageError, match="is a file"):
        write_report(tmp_path / "notes.txt", found, sources, lake.root)


def test_the_command_writes_both_files(lake, tmp_path):
    """Protects the command: figures in the terminal, two files, and it may be run again."""
    program = command_tree(["monitor"])
    asked = ["monitor", str(lake.root), "--from", "2025-09-01", "--to", "2025-10-20", "--processes", "1"]
    asked += ["--out", str(tmp_path / "out")]
    for _ in range(2):
        ran = CliRunner().invoke(program, asked)
        assert ran.exit_code == 0, ran.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["monitor.html", "monitor.json"]
    said = " ".join(ran.output.replace("│", " ").split())
    assert "8 weeks" in said
    assert "instalment past due" in said
    assert "no outcome's horizon ended in this time" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--from", "2025-10-01", "--to", "2025-09-01"),
            "--from 2025-10-01 lies after --to 2025-09-01; swap the dates",
        ),
        (("--from", "soon", "--to", "2025-09-01"), "'soon' is no date; write it as 2026-01-31"),
        (
            ("--from", "2025-09-01", "--to", "2025-10-01", "--rules", "none.yaml"),
            "none.yaml: no such file of rules",
        ),
    ],
)
def test_errors_are_one_line(lake, arguments, message, monkeypatch, capfd):
    """Protects the user from tracebacks: exit 2 and one line that names the value."""
    monkeypatch.setattr(sys, "argv", ["suixin", "monitor", str(lake.root), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capfd.readouterr().err) == (2, f"suixin: {message}\n")


@pytest.fixture
def asked(monkeypatch, capfd):
    """Run the command on a folder; the one line that it says, which must end it as a user's error."""

    def run(folder) -> str:
        arguments = ["suixin", "monitor", str(folder), "--from", "2025-03-01", "--to", "2025-03-31"]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr().err
        assert (ended.value.code, said.count("\n")) == (2, 1)
        return said.strip()

    return run


def test_a_lake_without_loans_is_one_line(asked, tmp_path):
    """Protects the user: a lake that has nobody to watch says what is missing."""
    for name, rows in (("merchants", MERCHANTS), ("orders", ORDERS)):
        write_csv(tmp_path / "source" / f"{name}.csv", rows)
    ingest(
        open_source("standard", tmp_path / "source"), tmp_path / "lake", now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert asked(tmp_path / "lake").endswith(
        "the lake has no loans to watch; ingest a source with a loans table first"
    )


def test_no_lake_is_one_line(asked, tmp_path):
    """Protects the user: a folder that is no lake is named."""
    assert str(tmp_path) in asked(tmp_path)
