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
        ({"--method": "equal"}, "Invalid value for '--method': 'equal' is not one of 'equal-instalment', "),
        ({"--principal": "0"}, "--principal 0 is too small; give 0.01 or more"),
        ({"--principal": "-5"}, "--principal -5 is too small; give 0.01 or more"),
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


def test_a_harvest_ends_with_its_last_inflow(here: Run) -> None:
    """Protects the farmer's page: September and twice as much in October, no rows of nothing behind them."""
    words = ("--method", "harvest", "--inflow", "9,10=2", "--defer-interest", *BASICS)
    rows = json.loads(here("loan", "schedule", *words, "--json").stdout)["instalments"]
    assert [(row["due_on"], row["principal"]) for row in rows if row["payment"] != "0.00"] == [
        ("2025-09-15", "33333.33"),
        ("2025-10-15", "66666.67"),
    ]
    assert rows[-1]["due_on"] == "2025-10-15"
    assert rows[7]["interest"] == "2900.00"  # eight months of 362.50, deferred and not compounded


def test_a_quote(here: Run) -> None:
    """Protects the cost in one look: the reference's figures, the government's part, the other methods beside."""
    words = ("--method", "equal-instalment", *BASICS, "--subsidy", "1%", "--fee", "500")
    quoted = json.loads(here("loan", "quote", *words, "--json").stdout)
    assert (quoted["first_payment"], quoted["last_payment"]) == ("8530.99", "8531.01")
    assert quoted["interest"] == "2371.90"
    both = [int(quoted[name].replace(".", "")) for name in ("borrower_interest", "government_interest")]
    assert sum(both) == 237_190
    assert abs(both[1] * 4.35 - 237_190) < 60  # 1 of 4.35 %, each of twelve rows rounded
    assert quoted["all_in_rate"] > 0.0435
    assert {one["method"]: one["interest"] for one in quoted["beside"]} == {
        "equal-principal": "2356.26",
        "interest-first": "4410.39",
        "bullet": "4410.42",
    }
    early = ("--method", "harvest", "--inflow", "9", *BASICS, "--json")  # the others still run twelve months
    beside = json.loads(here("loan", "quote", *early).stdout)["beside"]
    assert beside[0] == {"method": "equal-instalment", "interest": "2371.90"}
    for lang, word in (("zh", "综合年化成本"), ("en", "all-in rate")):
        assert word in here("loan", "quote", *words, "--lang", lang).stdout


def simulated(here: Run, *words: str) -> dict:
    """The JSON of a simulation."""
    done = here("loan", "simulate", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_prepayments_in_their_place(here: Run) -> None:
    """Protects the whole life: 20,000 ahead in June and 5,000 on a due date, one row a day, all repaid."""
    ahead = ("--prepay", "2025-06-20=20000", "--prepay", "2025-07-15=5000", "--way", "shorten")
    found = simulated(here, "--method", "equal-instalment", *BASICS, *ahead)
    rows = {row["due_on"]: row for row in found["instalments"]}
    assert len(rows) == len(found["instalments"]) == 11
    assert rows["2025-06-20"]["payment"] == "20000.00"
    assert rows["2025-06-20"]["interest"] == "35.56"  # 58,860.37 x 4.35 % x 5 / 360
    assert rows["2025-07-15"]["payment"] == "13530.99"
    assert rows["2025-08-15"]["payment"] == "8530.99"
    assert sum(float(row["principal"]) for row in found["instalments"]) == pytest.approx(100_000)
    assert (found["planned_interest"], found["interest"]) == ("2371.90", "1853.88")


def test_revolving_use(here: Run) -> None:
    """Protects 随借随还: 19 days of 20,000 at 5 % / 360 make 52.78, and only what is used is repaid."""
    words = ("--principal", "50000", "--rate", "5%", "--months", "6", "--start", "2025-01-20")
    use = ("--use", "2025-02-01=20000", "--use", "2025-04-10=-5000")
    found = simulated(here, "--method", "revolving", *words, *use)
    assert found["instalments"][0]["interest"] == "52.78"
    assert found["instalments"][-1]["principal"] == "15000.00"
    done = here("loan", "simulate", "--method", "revolving", *words, "--use", "2025-02-01=50001")
    assert (done.returncode, "pass the limit" in done.stderr) == (2, True)


def test_sales_and_a_floating_rate(here: Run, tmp_path) -> None:
    """Protects files: a share of settled sales is withheld; a published table sets the rate anew."""
    sales, lpr = tmp_path / "settled.csv", tmp_path / "lpr.csv"
    sales.write_text("settled_on,amount\n2025-02-20,20000\n2025-02-20,10000\n")
    lpr.write_text("published_on,one_year,five_years\n2025-01-10,3.1%,3.6%\n2025-12-20,3.0%,3.5%\n")
    found = simulated(here, "--method", "equal-principal", *BASICS, "--sales", str(sales), "--share", "20%")
    assert {row["due_on"]: row["payment"] for row in found["instalments"]}["2025-02-20"] == "6000.00"
    floating = ("--principal", "100000", "--months", "24", "--start", "2025-01-15", "--lpr", str(lpr))
    rows = simulated(here, "--method", "interest-first", "--whole-months", *floating, "--points", "50")
    assert [rows["instalments"][at]["interest"] for at in (11, 12)] == ["300.00", "291.67"]


def test_relief_and_later_drawdowns(here: Run) -> None:
    """Protects the other events: two dates without payment move the end; later money accrues from its day."""
    held = simulated(here, "--method", "equal-principal", *BASICS, "--moratorium", "2025-04-01=2025-05-31")
    assert [row["payment"] for row in held["instalments"][2:4]] == ["0.00", "0.00"]
    assert held["instalments"][-1]["due_on"] == "2026-03-15"
    drawn = simulated(here, "--method", "interest-first", *BASICS, "--draw", "2025-01-25=60000")
    assert drawn["instalments"][0]["interest"] == "302.08"  # 40,000 x 31 days + 60,000 x 21 days


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--prepay", "2025-06-20"), "--prepay '2025-06-20' has no value"),
        (
            ("--prepay", "2025-06-20=1"),
            "prepayment of 1.00 does not exceed the interest to 2025-06-20, 35.56;",
        ),
        (("--prepay", "2025-06-20=200000"), "is more than closes the loan on 2025-06-20; pay 58895.93"),
        (("--prepay", "2025-06-20=-20"), "--prepay -20 is too small; give 0.01 or more"),
        (("--draw", "2025-06-20=0"), "--draw 0 is too small"),
        (("--draw", "2025-02-20=400000"), "drawdowns leave -300000.00 of 100000.00 for the first day"),
        (("--points", "20"), "--points does not go with"),
        (("--sales", "empty.csv"), "empty.csv: holds no row; give a header and a line for each"),
        (("--sales", "less.csv"), "sales of -5.00 on 2025-02-20 are below 0; net refunds off first"),
        (("--sales", "less.csv", "--share", "130%"), "--share 130% is out of range; give more than 0% and"),
        (("--sales", "less.csv", "--keep", "-4"), "--keep -4 is too small; give 0.00 or more"),
        (("--moratorium", "2025-06-20"), "has no last day; write it as 2025-06-01=2025-08-31"),
        (("--prepay", "2027-06-20=100"), "not within the loan"),
        (("--use", "2025-06-20=100"), "--use does not go with"),
        (("--moratorium", "2025-06-20=2025-05-01"), "ends before it begins"),
        (("--reprice", "2025-06-20=3.45"), "write 3.45%"),
        (("--sales", "nowhere.csv"), "nowhere.csv: No such file"),
        (("--lpr", "nowhere.csv"), "--rate does not go with"),
    ],
)
def test_a_bad_event_is_one_line(here: Run, tmp_path, monkeypatch, words, message) -> None:
    """Protects the user: exit 2 and one line in the units that were typed, never an option ignored."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").touch()
    (tmp_path / "less.csv").write_text("settled_on,amount\n2025-02-20,-5\n")
    done = here("loan", "simulate", "--method", "equal-instalment", *BASICS, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
