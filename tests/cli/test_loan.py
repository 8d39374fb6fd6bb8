"""The loan commands as a user runs them."""

import json

import pytest

from samples import Run

BASICS = ("--principal", "100000", "--rate", "0.0435", "--months", "12", "--start", "2025-01-15")


@pytest.mark.parametrize(
    ("method", "first", "last", "interest"),
    [
        ("equal-instalment", "8530.99", "8531.01", "2371.90"),
        ("equal-principal", "8695.83", "8363.58", "2356.26"),
        ("interest-first", "374.58", "100374.58", "4410.39"),
        ("bullet", "104410.42", "104410.42", "4410.42"),
        ("harvest", "362.50", "33454.16", "3987.50"),
    ],
)
def test_schedule_as_json(here: Run, method, first, last, interest) -> None:
    """Protects the machine's form and the golden figures: decimal strings in yuan, to the fen."""
    done = here("loan", "schedule", "--method", method, *BASICS, "--json")
    assert done.returncode == 0
    rows = json.loads(done.stdout)["instalments"]
    assert list(rows[0]) == ["due_on", "payment", "principal", "interest", "balance"]
    assert (rows[0]["payment"], rows[-1]["payment"]) == (first, last)
    assert rows[-1]["due_on"] == "2026-01-15"
    assert rows[-1]["balance"] == "0.00"
    fen = {
        name: sum(int(row[name].replace(".", "")) for row in rows)
        for name in ("payment", "principal", "interest")
    }
    assert fen["principal"] == 10_000_000
    assert fen["payment"] == 10_000_000 + fen["interest"]
    assert fen["interest"] == int(interest.replace(".", ""))


def test_the_bullets_golden_days(here: Run) -> None:
    """Protects a due date of one's own: 219 days on ACT/360 and ACT/365 (reference/lending-rules.md)."""
    words = ("--method", "bullet", "--principal", "100000", "--rate", "4.35%", "--start", "2025-03-15")
    for count, interest in (("ACT/360", "2646.25"), ("ACT/365", "2610.00")):
        done = here("loan", "schedule", *words, "--due", "2025-10-20", "--day-count", count, "--json")
        assert json.loads(done.stdout)["instalments"][0]["interest"] == interest


def test_a_table_in_both_languages(here: Run) -> None:
    """Protects people: the same figures under Chinese and English heads."""
    for lang, words in (("zh", ("等额本息", "还款额", "利息合计")), ("en", ("equal instalments", "payment"))):
        done = here("loan", "schedule", "--method", "equal-instalment", *BASICS, "--lang", lang)
        assert all(word in done.stdout for word in (*words, "8,530.99", "2,371.90"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"--rate": "4.35"}, "rate '4.35' is 1 or more without a percent sign; write 4.35%"),
        ({"--rate": "-1%"}, "rate '-1%' is not a rate"),
        ({"--principal": "0"}, "principal of 0 fen is not above 0"),
        ({"--principal": "1.005"}, "--principal: amount 1.005 has more than 2 decimals"),
        ({"--principal": "ten"}, "--principal: amount 'ten' is not a plain number"),
        ({"--months": "0"}, "term of 0 months is out of range"),
        ({"--months": "601"}, "term of 601 months is out of range"),
        ({"--start": "15.1.2025"}, "'15.1.2025' is no date"),
        ({"--due": "2025-10-20"}, "give either --months"),
        ({"--inflow": "9"}, "does not belong to method equal-instalment"),
        ({"--inflow": "13", "--method": "harvest"}, "give a month of 1 to 12"),
        ({"--settlement-day": "40"}, "settlement day 40 is out of range"),
        ({"--grace": "12"}, "12 grace periods of 12"),
        ({"--business-days": "following", "--start": "2030-01-15"}, "outside the holiday table"),
        ({"--lang": "fr"}, "language 'fr' is unknown"),
    ],
)
def test_a_bad_option_is_one_line(here: Run, arguments, message) -> None:
    """Protects the user: exit 2, the value and the mend, nothing printed."""
    options = dict(zip(BASICS[::2], BASICS[1::2], strict=True))
    options = {"--method": "equal-instalment", **options, **arguments}
    done = here("loan", "schedule", *(word for pair in options.items() for word in pair))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
