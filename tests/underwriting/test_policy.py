"""Policies: the shipped one is sound, and a faulty one is refused with its fault named."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from merchants import LADDER
from suixin.errors import PolicyError
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.policy import load_policy, parse_policy, shipped_policy

TEXT = shipped_policy("CNY").text
DAY = "'2026-02-30' cannot be read: day is out of range for month"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # two bands hold the values from 150 to 180 days
        (
            "bands: [{to: 180, points: -40}, {from: 180,",
            "bands: [{to: 180, points: -40}, {from: 150,",
            "overlap",
        ),
        # no band holds 190 days
        ("bands: [{to: 180, points: -40}, {from: 180,", "bands: [{to: 180, points: -40}, {from: 200,", "gap"),
        ("currency: CNY", "currency: XYZ", "the currency 'XYZ' is not one of"),
        ("feature: genuine_trading_days\n", "feature: star_sign\n", "'star_sign' is no registered feature"),
        ("schema_version: 2", "schema_version: 3", "schema_version"),
        ("{grade: B, from_score: 650", "{grade: B, from_score: 700", "the grades A and B overlap"),
        ("refer_from: 590", "refer_from: 690", "refer_from lies above approve_from"),
        ("value: [merchant_export,", "value: [carrier_pigeon,", "'carrier_pigeon' is no route"),
        ("lender_type: bank", "lender_type: pawnshop", "no cap is given for the lender type 'pawnshop'"),
        ("name: county-bank-cny", "name: county-bank-cny\nsurprise: 1", "surprise"),
        ("schema_version: 2", "schema_version: [", "is not readable YAML"),
        # the second figure would silently win
        (
            "name: county-bank-cny",
            "name: ours\nname: theirs",
            "the key 'name' is given twice: leave one out",
        ),
        # two caps for one step
        ("  step: {value: 100,", "  step: {value: 100, value: 200,", "the key 'value' is given twice"),
        # February has no 30th
        (
            "{value: 500, source: board, since: 2026-11-01",
            "{value: 500, source: board, since: 2026-02-30",
            DAY,
        ),
        # deeper than anything that can be read
        ("name: county-bank-cny", "name: " + "[" * 5_000, "is nested too deeply"),
        # a tag that its text does not fit
        ("schema_version: 2", "schema_version: !!int one", "'one' cannot be read"),
        # a figure that nobody can trace
        ("{value: 500, source: board,", "{value: 500, source: ' ',", r"limit\.minimum\.source: .*it is ' '"),
        ("name: county-bank-cny", "name: ''", "name: String should have at least 1 character"),
        ("{grade: A,", "{grade: '',", r"grades\.0\.grade: String should have at least 1 character"),
        # a person's grade would be either
        ("{grade: B,", "{grade: A,", "the grade A is given more than once"),
        # the book could not tell which rule spoke
        ("{code: one_buyer,", "{code: too_young,", "the rule too_young is given more than once"),
        # nothing lies above infinity: the rule would never speak
        ("above: 240", "above: .inf", r"rules\.1\.above: Input should be a finite number, but it is inf"),
        ("above: 240", "above: .nan", r"rules\.1\.above: Input should be a finite number, but it is nan"),
        # nobody could borrow
        (
            "minimum: {value: 500,",
            "minimum: {value: 2000000,",
            "the minimum 2e\\+06 lies above the product_cap",
        ),
        # the cap follows a rate of which none is listed
        ("\n  - {published_on: ", "\n  - {published: ", r"published: is no key of a policy: leave it out"),
        (
            "one_year: 0.0425",
            "one_year: 4.25",
            r"loan_prime_rate\.0\.one_year: .*less than 1, but it is 4\.25",
        ),
        ("  funding: {value: 0.018,", "  funding: {", r"price\.funding\.value: is missing: give it"),
    ],
)
def test_faulty_policies(old: str, new: str, message: str) -> None:
    """Each fault is refused with its place and the mend, before anyone is decided on it."""
    assert old in TEXT
    with pytest.raises(PolicyError, match=message):
        parse_policy(TEXT.replace(old, new, 1), "ours.yaml")


@pytest.mark.parametrize(
    ("place", "figure", "bound"),
    [
        # per cent instead of a fraction
        ("data.minimum_confidence", "40", "less than or equal to 1"),
        ("capacity.service_share", "70", "less than or equal to 1"),
        ("capacity.goods_share", "50", "less than or equal to 1"),
        ("capacity.produce_loss_share", "1", "less than or equal to 0.9"),
        ("capacity.living_allowance", "-1", "greater than or equal to 0"),
        ("limit.in_season_share", "-0.1", "greater than or equal to 0"),
        ("limit.short_season_share", "1.5", "less than or equal to 1"),
        ("price.funding", "1.8", "less than or equal to 1"),
        ("price.lgd", "60", "less than or equal to 1"),
        ("price.capital", "7.9", "less than or equal to 1"),
        ("price.return_on_equity", "11", "less than or equal to 1"),
        ("price.margin", "-0.01", "greater than or equal to 0"),
        ("term.season_concentration", "12", "less than or equal to 1"),
        # the lender would keep the whole loan
        ("price.upfront_fee", "0.999999", "less than or equal to 0.5"),
        # the price divides by what is left of interest after tax, and by the average balance
        ("price.tax", "1", "less than or equal to 0.99"),
        ("price.average_balance_share", "0", "greater than or equal to 0.01"),
        ("price.cost_a_loan", "-25", "greater than or equal to 0"),
        # a step of nothing divides by zero; so does one below the smallest coin
        ("limit.step", "0", "greater than or equal to 0.01"),
        ("limit.step", "0.001", "greater than or equal to 0.01"),
        ("limit.minimum", "0", "greater than or equal to 0.01"),
        ("limit.product_cap", "0", "greater than or equal to 0.01"),
        ("limit.product_cap", ".inf", "finite number"),
        ("limit.product_cap", "1.0e+300", "less than or equal to 1000000000000"),
        ("limit.lowest_month_factor", "0", "greater than 0"),
        # the forecast covers twelve months, and a year has no more
        ("term.months", "13", "less than or equal to 12"),
        ("term.months", "0", "greater than or equal to 1"),
        ("limit.fewest_selling_months", "13", "less than or equal to 12"),
        # half a month is no month
        ("term.months", "6.5", "valid integer"),
        # no bureau report is younger
        ("data.bureau_maximum_age_days", "0", "greater than or equal to 1"),
        # without a prior nobody is uncertain, and a short history divides by zero
        ("forecast.prior_spread", "0", "greater than 0"),
        ("forecast.prior_years", "0", "greater than 0"),
        # e to this power is no number
        ("forecast.prior_spread", "1000", "less than or equal to 5"),
    ],
)
def test_figures_out_of_bounds(place: str, figure: str, bound: str) -> None:
    """A figure with which no merchant could be decided is refused with its place, the bound and the figure."""
    document = yaml.safe_load(TEXT)
    part, name = place.split(".")
    document[part][name]["value"] = yaml.safe_load(figure)
    with pytest.raises(PolicyError) as refused:
        parse_policy(yaml.safe_dump(document), "ours.yaml")
    assert str(refused.value).startswith(f"ours.yaml: {place}.value: Input should be ")
    assert bound in str(refused.value)
    assert str(refused.value).endswith(f", but it is {yaml.safe_load(figure)!r}") or figure == "6.5"
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "figure", "bound"),
    [
        # half a point would double the odds: every probability is nil or one
        ("points_to_double", 0.5, "greater than or equal to 1"),
        ("points_to_double", 1_001, "less than or equal to 1000"),
        ("odds", 0, "greater than 0"),
        ("base", 1e300, "less than or equal to 10000"),
    ],
)
def test_scales_out_of_bounds(name: str, figure: float, bound: str) -> None:
    """A scale on which scores mean nothing is refused."""
    document = yaml.safe_load(TEXT)
    document["card"][name] = figure
    with pytest.raises(PolicyError, match=rf"card\.{name}: Input should be {bound}, but it is"):
        parse_policy(yaml.safe_dump(document), "ours.yaml")


def test_a_cap_on_a_rate_that_is_not_listed() -> None:
    """A multiple of the loan prime rate needs a loan prime rate."""
    text = TEXT[: TEXT.index("# Days on which")].replace(
        "lender_type: bank", "lender_type: small_loan_company"
    )
    with pytest.raises(PolicyError, match="'small_loan_company' is a multiple of the loan prime rate: list"):
        parse_policy(text, "ours.yaml")


def test_the_bounds_can_be_decided_on() -> None:
    """A policy with each figure at its most extreme bound still decides a merchant."""
    extreme = {
        "limit": {"step": 0.01, "minimum": 0.01, "product_cap": 1e12, "group_cap": 1e12},
        "capacity": {"goods_share": 0, "living_allowance": 0, "service_share": 1},
        "price": {"funding": 0, "cost_a_loan": 1e6, "average_balance_share": 0.01, "tax": 0.99},
        "term": {"months": 1, "season_concentration": 0},
        "forecast": {"prior_spread": 5, "prior_years": 100},
    }
    document = yaml.safe_load(TEXT)
    for part, figures in extreme.items():
        for name, figure in figures.items():
            document[part][name]["value"] = figure
    document["card"].update(points_to_double=1, odds=1_000_000, base=10_000, odds_score=-10_000)
    loaded = parse_policy(yaml.safe_dump(document), "extreme.yaml")
    for monthly in (1, 100, 2_000_000, 10**12):
        case = Case(
            "m1",
            date(2026, 1, 1),
            {"genuine_trading_days": 400.0},
            [monthly] * 24,
            "orders",
            24,
            False,
            "1-test",
        )
        decision = decide(case, loaded)
        assert 0.0 <= decision.pd < 1e-300
        assert decision.limit_fen >= 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error names the path that was asked for."""
    with pytest.raises(PolicyError, match=r"none\.yaml: no such policy file"):
        load_policy(tmp_path / "none.yaml")


def test_the_hash_is_of_the_text() -> None:
    """One changed figure is another policy."""
    assert parse_policy(TEXT, "a").hash == parse_policy(TEXT, "b").hash
    assert parse_policy(TEXT.replace("points: 18", "points: 17", 1), "a").hash != parse_policy(TEXT, "a").hash


def test_every_parameter_says_where_it_comes_from() -> None:
    """No figure of the Chinese policy stands without its source and the day on which it was set."""
    policy = shipped_policy("CNY").policy
    assert not policy.illustrative
    for part in (policy.data, policy.limit, policy.capacity, policy.price, policy.term, policy.forecast):
        for name, value in [*part, *(policy.term.sweep or ()), *(policy.limit.season_input or ())]:
            if name in ("sweep", "season_input"):  # parts of their own, added here
                continue
            for parameter in value.values() if isinstance(value, dict) else [value]:
                if not isinstance(parameter, str):
                    assert parameter.source, name
                    assert parameter.since >= date(2024, 1, 1), name
    assert all(item.source and item.since for item in policy.card.items)


def test_every_shipped_policy_is_sound() -> None:
    """Each file beside the Chinese policy parses, is in the currency of its name, and says it is illustrative."""
    folder = Path(__file__).parents[2] / "src" / "suixin" / "underwriting" / "policies"
    files = sorted(folder.glob("*.yaml"))
    assert "cny.yaml" in [file.name for file in files]
    for file in files:
        policy = load_policy(file).policy
        assert policy.currency.lower() == file.stem
        assert policy.illustrative == (file.stem != "cny")
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["schema_version"] == 2


@pytest.mark.parametrize(
    ("on", "cap"),
    # four times 4.05 %, 3.10 % and 3.00 %: the last rate published by the day counts
    [(date(2020, 2, 22), 0.162), (date(2025, 5, 19), 0.124), (date(2025, 5, 20), 0.12)],
)
def test_a_cap_may_follow_the_loan_prime_rate(on: date, cap: float) -> None:
    """A small-loan company's cap is four times the one-year rate in force on the day of the contract."""
    policy = parse_policy(TEXT.replace("lender_type: bank", "lender_type: small_loan_company"), "ours").policy
    assert policy.rate_cap(on) == pytest.approx(cap, rel=1e-12)
    with pytest.raises(PolicyError, match="no loan prime rate is listed that was published by 2019-08-19"):
        policy.rate_cap(date(2019, 8, 19))


BANK = "    bank: {value: 0.15, source: board; courts cut interest penalty and fees above 24 % on request, since: 2026-11-01}\n"


def with_caps(*caps: str) -> str:
    """The policy's text with a list of caps for a bank."""
    assert BANK in TEXT
    lines = "".join(f"      - {{{cap}, source: board, since: 2026-11-01}}\n" for cap in caps)
    return TEXT.replace(BANK, f"    bank:\n{lines}")


@pytest.mark.parametrize(
    ("on", "cap"),
    [
        (date(2017, 1, 1), 0.15),
        (date(2027, 12, 31), 0.15),
        (date(2028, 1, 1), 0.12),
        (date(2029, 6, 30), 0.12),
        # three times the 3.00 % published last
        (date(2029, 7, 1), 0.09),
    ],
)
def test_caps_in_turn(on: date, cap: float) -> None:
    """Of a list the latest counts that has begun; the first may bind from the start."""
    text = with_caps(
        "value: 0.15", "value: 0.12, from_day: 2028-01-01", "prime_rate_multiple: 3, from_day: 2029-07-01"
    )
    assert parse_policy(text, "ours").policy.rate_cap(on) == pytest.approx(cap, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(BANK, BANK.replace("}", ", from_day: 2026-02-01}")),
        with_caps("value: 0.15, from_day: 2026-02-01", "value: 0.12, from_day: 2028-01-01"),
    ],
)
def test_no_cap_has_begun(text: str) -> None:
    """Before the first day of the first cap nobody is decided, and the error says which day would do, in both languages."""
    policy = parse_policy(text, "ours").policy
    assert policy.rate_cap(date(2026, 2, 1)) == 0.15
    with pytest.raises(PolicyError) as refused:
        policy.rate_cap(date(2026, 1, 31))
    assert str(refused.value) == (
        "policy county-bank-cny: no cap of the lender type 'bank' binds on 2026-01-31, the first begins on 2026-02-01; "
        "list the cap that held before, or decide as of 2026-02-01 or later"
    )
    assert "自 2026-02-01 起适用，2026-01-31 没有可用的上限" in refused.value.zh


def test_since_bounds_no_cap() -> None:
    """`since` is the day on which a cap was set: a later one changes no decision."""
    text = TEXT.replace(BANK, BANK.replace("2026-11-01", "2099-01-01"))
    assert parse_policy(text, "ours").policy.rate_cap(date(2017, 1, 1)) == 0.15


@pytest.mark.parametrize(
    ("caps", "message"),
    [
        (
            ("value: 0.15, from_day: 2028-01-01", "value: 0.12, from_day: 2028-01-01"),
            "price: two caps of the lender type 'bank' have the from_day 2028-01-01: leave one out",
        ),
        (
            ("value: 0.15, from_day: 2029-01-01", "value: 0.12, from_day: 2028-01-01"),
            "price: the caps of the lender type 'bank' are not in order: from_day 2028-01-01 is listed after 2029-01-01",
        ),
        (
            ("value: 0.15", "value: 0.12"),
            "a later cap of the lender type 'bank' has no from_day: give each but the first the day",
        ),
        (
            ("value: 0.15", "value: 12, from_day: 2028-01-01"),
            "price.caps.bank.1.value: Input should be less than 1, but it is 12",
        ),
        (
            ("value: 0.15, prime_rate_multiple: 4",),
            "price.caps.bank.0: give exactly one of value and prime_rate_multiple",
        ),
        (("value: 0.15, from_day: soon",), "price.caps.bank.0.from_day: Input should be a valid date"),
    ],
)
def test_faulty_lists_of_caps(caps: tuple[str, ...], message: str) -> None:
    """A list that leaves open which cap counts is refused, and a fault in it is named at its place."""
    with pytest.raises(PolicyError, match=re.escape(message)):
        parse_policy(with_caps(*caps), "ours")


def test_an_empty_list_of_caps_and_a_faulty_cap_alone() -> None:
    """A type of lender has one cap at least, and a fault of a single cap is named without a number."""
    with pytest.raises(PolicyError, match=r"price\.caps\.bank: Tuple should have at least 1 item"):
        parse_policy(TEXT.replace(BANK, "    bank: []\n"), "ours")
    with pytest.raises(
        PolicyError, match=r"price\.caps\.bank\.value: Input should be less than 1, but it is 15"
    ):
        parse_policy(TEXT.replace(BANK, BANK.replace("0.15", "15")), "ours")


def test_a_later_cap_on_a_rate_that_is_not_listed() -> None:
    """A cap of later days that follows the loan prime rate needs one as well."""
    text = with_caps("value: 0.15", "prime_rate_multiple: 4, from_day: 2028-01-01")
    with pytest.raises(PolicyError, match="'bank' is a multiple of the loan prime rate: list"):
        parse_policy(text[: text.index("# Days on which")], "ours")


AUTHORITY = """
authority:
  automatic: {value: 20000, source: board, since: 2026-11-01}
  approver: {value: 60000.5, source: board, since: 2026-11-01}
"""


def test_who_decides_up_to_which_sum() -> None:
    """To the fen; a policy that names nobody lets nobody decide alone, and an approver is never below the policy."""
    assert parse_policy(TEXT, "ours").policy.authority_minor("automatic") == 0
    named = parse_policy(TEXT + AUTHORITY, "ours").policy
    assert (named.authority_minor("automatic"), named.authority_minor("approver")) == (2_000_000, 6_000_050)
    with pytest.raises(PolicyError, match="an approver's 10000 lies below the policy's own 20000"):
        parse_policy(TEXT + AUTHORITY.replace("60000.5", "10000"), "ours")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("loans_repaid: 0", "loans_repaid: 1", "the first rung is for those who have repaid no loan"),
        ("cap: 20000", "cap: 2000", "the rung of 1 loans repaid must not ask for fewer loans, lend less"),
        ("discount: 0.005", "discount: -0.005", "greater than or equal to 0"),
    ],
)
def test_a_ladder_only_leads_up(old: str, new: str, message: str) -> None:
    """Whoever has repaid more may not be offered less, or at a higher price."""
    assert parse_policy(TEXT + LADDER, "ours").policy.ladder is not None
    with pytest.raises(PolicyError, match=message):
        parse_policy(TEXT + LADDER.replace(old, new, 1), "ours")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        # a fee in per cent
        (
            "{code: guarantee, kind: guarantee, value: 0.8,",
            "over half of the principal; write 0.008 for 0.8 %",
        ),
        ("{code: late, kind: overdue, value: 0.5,", "would make a default cheaper than the contract"),
        (
            "{code: overdue_interest, kind: fee, value: 0.01,",
            "the charge overdue_interest is given more than once",
        ),
    ],
)
def test_faulty_charges(line: str, message: str) -> None:
    """A line of the cost table that cannot be meant is refused."""
    text = TEXT.replace(
        "charges:\n", f"charges:\n  - {line} payee: x, source: board, since: 2026-11-01}}\n", 1
    )
    with pytest.raises(PolicyError, match=message):
        parse_policy(text, "ours")


def charged(fee: float, *shares: float) -> str:
    """The policy's text with an up-front fee and a guarantee each."""
    lines = "".join(
        f"  - {{code: g{n}, kind: guarantee, value: {share}, payee: x, source: board, since: 2026-11-01}}\n"
        for n, share in enumerate(shares)
    )
    text = TEXT.replace("upfront_fee: {value: 0.0", f"upfront_fee: {{value: {fee}", 1)
    return text.replace("charges:\n", f"charges:\n{lines}", 1)


@pytest.mark.parametrize(
    ("fee", "shares", "message"),
    [
        (0.5, (0.4, 0.2), "comes to 1.1 of the principal (upfront_fee 0.5, charge g0 0.4, charge g1 0.2)"),
        # exactly everything, though the floats beside these decimals come to less
        (0.0, (0.1,) * 10, "comes to 1 of the principal (charge g0 0.1, "),
    ],
)
def test_a_loan_that_pays_nothing_out(fee: float, shares: tuple[float, ...], message: str) -> None:
    """What is paid up front leaves the borrower something."""
    with pytest.raises(PolicyError, match=re.escape(message)) as refused:
        parse_policy(charged(fee, *shares), "ours")
    assert str(refused.value).endswith("so nothing would be paid out: bring the sum below 1")


def test_a_loan_that_pays_little_out_can_be_decided() -> None:
    """With 99 % up front, of which the multiples on default are no part, a merchant is decided: beyond the cap."""
    loaded = parse_policy(charged(0.5, 0.3, 0.19), "ours")
    case = Case(
        "m1",
        date(2026, 1, 1),
        {"genuine_trading_days": 400.0},
        [2_000_000] * 24,
        "orders",
        24,
        False,
        "1-test",
    )
    assert "check.price_above_cap" in [reason.code for reason in decide(case, loaded).reasons]


def test_a_policy_of_version_1_opens() -> None:
    """What was a share of sales withheld is the room for debt service, and nothing costs anything."""
    document = yaml.safe_load(TEXT)
    document["schema_version"] = 1
    del (
        document["capacity"],
        document["limit"]["group_cap"],
        document["charges"],
        document["default_cost_cap"],
    )
    document["limit"]["withheld_share"] = {"value": 0.25, "source": "board", "since": date(2026, 11, 1)}
    policy = parse_policy(yaml.safe_dump(document), "old.yaml").policy
    assert (policy.schema_version, policy.capacity.service_share.value) == (2, 0.25)
    assert {share.value for name, share in policy.capacity if name != "service_share"} == {0.0}
    assert policy.limit.group_cap == policy.limit.product_cap
