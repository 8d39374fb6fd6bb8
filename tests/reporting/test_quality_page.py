"""The quality report as a folder: one page without script, one document of a stated layout."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import orjson
import pytest
from typer.testing import CliRunner

from suixin.adapters import open_source
from suixin.cli import command_tree
from suixin.errors import UsageError
from suixin.lake import quarantine
from suixin.lake.ingest import ingest
from suixin.lake.quality import assess_quality
from suixin.lake.quality_drift import Month
from suixin.lake.quality_measure import DIMENSIONS, GRADES, LIMITS, measure
from suixin.lake.quality_rules import RULES
from suixin.lake.quality_table import Filled, TableQuality
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.reporting import quality_phrases as phrases
from suixin.reporting.quality import document, write_report
from suixin.reporting.quality_page import fill_bar, month_bars, percent, render_page, worst_of
from suixin.reporting.wording import words

HOSTILE = "<script>alert(1)</script>"
CJK = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """Two orders, and a payment of a third."""
    folder = tmp_path_factory.mktemp("quality")
    source = folder / "source"
    source.mkdir()
    files = {
        "merchants": "merchant_id,opened_on\nm1,2024-01-01\n",
        "orders": "order_id,merchant_id,ordered_at,amount\no1,m1,2025-01-05 10:00,10.00\no2,m1,2025-01-06 10:00,9\n",
        "payments": "payment_id,order_id,merchant_id,paid_at,amount\np1,o9,m1,2025-01-05 10:01,1.00\n",
    }
    for name, text in files.items():
        (source / f"{name}.csv").write_text(text, encoding="utf-8")
    ingest(open_source("standard", source), folder / "lake", now=datetime(2026, 1, 1, tzinfo=UTC))
    return folder / "lake"


@pytest.fixture(scope="module")
def opened(lake):
    return Lake.open(lake)


@pytest.fixture(scope="module")
def quality(opened):
    return assess_quality(opened)


@pytest.fixture(scope="module")
def page(quality, opened):
    return render_page(quality, opened.manifest.ingests)


def test_every_word_of_the_report_has_chinese():
    """Protects the Chinese reader: grades, dimensions, measures, rules and units are all in the catalogue."""
    said = [*phrases.GRADES.values(), *phrases.DIMENSIONS.values(), *phrases.MEASURES.values()]
    said += [*phrases.UNITS.values(), *quarantine.RULES.values()]
    assert [text for text in said if not CJK.search(words("zh").text(text))] == []


def test_every_measure_has_a_name():
    """Protects the page from a missing word: each rule, each threshold and each grade has its phrase."""
    assert {rule.code for rule in RULES} <= set(phrases.MEASURES)
    assert set(LIMITS) - {"consistency"} <= set(phrases.MEASURES)
    assert set(GRADES) == set(phrases.GRADES)
    assert set(DIMENSIONS) == set(phrases.DIMENSIONS)


def test_the_page_needs_nothing_and_runs_nothing(page):
    """Protects offline use and people: no script, no address to load from, and a policy that forbids both."""
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*\"", page)
    assert "default-src 'none'; style-src 'sha256-" in unescape(page)
    assert not re.search(r"\son\w+=", page)


def test_hostile_text_stays_text(quality, opened):
    """Protects the reader: keys, columns and sources that are markup are shown as they are written."""
    one = replace(
        measure("consistency", "items_sum", HOSTILE, count=1, of=1), examples=({HOSTILE: HOSTILE + "{}"},)
    )
    table = TableQuality("orders", "bad", rows=1, measures=(one,), columns=(Filled(HOSTILE, 1, 1, None),))
    record = replace(opened.manifest.ingests[0], source=HOSTILE)
    page = render_page(replace(quality, tables=(table,), zone=HOSTILE), (record,))
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 7


def test_the_page_speaks_both_languages(page):
    """Protects the switch: every sentence stands in both languages, and one of them is chosen without script."""
    assert page.count('<span class="z">') == page.count('<span class="e" lang="en">') > 100
    assert 'id="lang-zh" checked' in page
    assert "数据质量报告" in page
    assert "Data quality report" in page


def test_absent_tables_are_named_and_not_drawn(page, quality):
    """Protects public sets: a table that was never supplied has no tile and no verdict."""
    tiles = re.findall(r'<a class="(\w+)" href="#(\w+)">', page)
    assert [name for _, name in tiles] == ["merchants", "orders", "payments"]
    assert {grade for grade, _ in tiles} <= {"ok", "watch", "bad"}
    assert (
        f"Not supplied, and not counted as a fault:</span> {', '.join(t.name for t in quality.tables if t.grade == 'absent')}"
        in page
    )


def test_the_worst_measure_leads():
    """Protects the one-screen verdict: of two measures that are not good the one further off is told."""
    near = measure("completeness", "empty_column", "a", count=4, of=10)
    far = measure("consistency", "items_sum", count=5, of=10)
    assert worst_of(TableQuality("orders", "bad", measures=(near, far))) is far
    assert worst_of(TableQuality("orders", "ok")) is None


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.00001, "< 0.01%"), (0.99999, "> 99.99%"), (0.0034, "0.34%"), (0.5, "50.0%")],
)
def test_shares_are_never_rounded_away(share, text):
    """Protects a single fault among many rows: it is never shown as none, nor nearly all as all."""
    assert percent(share) == text


def test_pictures_have_the_right_sizes():
    """Protects the drawings: half full is half as wide, and the fullest month is as high as the picture."""
    assert '<rect class="full" width="150.0"' in fill_bar(Filled("x", 5, 10, (0.0, 0.5, 1.0)))
    bars = month_bars((Month(24_300, 5, None), Month(24_301, 10, 200.0)))
    assert re.findall(r'height="([\d.]+)"><title>([^<]*)<', bars) == [
        ("22.00", "2025-01: 5"),
        ("44.00", "2025-02: 10"),
    ]
    assert "<svg" in month_bars(())


def test_the_document_has_the_stated_layout(quality, opened):
    """Protects readers of quality.json: names and types of version 1."""
    made = orjson.loads(orjson.dumps(document(quality, opened.manifest.ingests)))
    assert list(made) == [
        "quality_version", "snapshot", "currency", "zone", "last_on", "merchants",
        "compared_with_earlier_ingests", "grade", "ingests", "tables",
    ]  # fmt: skip
    assert (made["quality_version"], made["last_on"], made["merchants"], made["grade"]) == (
        1,
        "2025-01-06",
        1,
        "bad",
    )
    assert [t["name"] for t in made["tables"]] == list(TABLES)
    (orders,) = (t for t in made["tables"] if t["name"] == "orders")
    assert list(orders) == [
        "name", "grade", "rows", "quarantined", "merchants", "first_on", "last_on", "measures", "columns", "months",
    ]  # fmt: skip
    assert list(orders["measures"][0]) == [
        "dimension", "code", "subject", "count", "of", "value", "unit", "grade", "watch", "bad", "examples",
    ]  # fmt: skip
    assert list(orders["months"][0]) == ["month", "rows", "median"]


def test_the_command_writes_both_files(lake, tmp_path):
    """Protects the command: it says what is wrong, writes two files, and may be run again."""
    program = command_tree(["quality"])
    for _ in range(2):
        ran = CliRunner().invoke(program, ["quality", str(lake), "--out", str(tmp_path / "out"), "--json"])
        assert ran.exit_code == 0, ran.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["quality.html", "quality.json"]
    assert orjson.loads(ran.stdout) == orjson.loads((tmp_path / "out" / "quality.json").read_bytes())
    plain = CliRunner().invoke(program, ["quality", str(lake), "--out", str(tmp_path / "out")])
    assert "rows of an order that is not there" in " ".join(plain.output.replace("│", " ").split())


def test_a_folder_with_other_files_is_refused(quality, opened, lake, tmp_path):
    """Protects other people's files, and the lake from files that are none of its own."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds 'notes\.txt'"):
        write_report(tmp_path, quality, opened.manifest.ingests, lake)
    with pytest.raises(UsageError, match="lies inside the lake"):
        write_report(lake / "report", quality, opened.manifest.ingests, lake)
    with pytest.raises(UsageError, match="is a file"):
        write_report(tmp_path / "notes.txt", quality, opened.manifest.ingests, lake)
