"""Policies: the shipped one is sound, and a faulty one is refused with its fault named."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from suixin.errors import PolicyError
from suixin.underwriting.policy import load_policy, parse_policy, shipped_policy

TEXT = shipped_policy("CNY").text


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
        ("feature: trading_days\n", "feature: star_sign\n", "'star_sign' is no registered feature"),
        ("schema_version: 1", "schema_version: 2", "schema_version"),
        ("{grade: B, from_score: 650", "{grade: B, from_score: 700", "the grades A and B overlap"),
        ("refer_from: 590", "refer_from: 690", "refer_from lies above approve_from"),
        ("value: [merchant_export,", "value: [carrier_pigeon,", "'carrier_pigeon' is no route"),
        ("lender_type: bank", "lender_type: pawnshop", "no cap is given for the lender type 'pawnshop'"),
        ("name: county-bank-cny", "name: county-bank-cny\nsurprise: 1", "surprise"),
        ("schema_version: 1", "schema_version: [", "is not readable YAML"),
    ],
)
def test_faulty_policies(old: str, new: str, message: str) -> None:
    """Each fault is refused with its place and the mend, before anyone is decided on it."""
    assert old in TEXT
    with pytest.raises(PolicyError, match=message):
        parse_policy(TEXT.replace(old, new, 1), "ours.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error names the path that was asked for."""
    with pytest.raises(PolicyError, match=r"none\.yaml: no such policy file"):
        load_policy(tmp_path / "none.yaml")


def test_the_hash_is_of_the_text() -> None:
    """One changed figure is another policy."""
    assert parse_policy(TEXT, "a").hash == parse_policy(TEXT, "b").hash
    assert parse_policy(TEXT.replace("points: 18", "points: 17", 1), "a").hash != parse_policy(TEXT, "a").hash


def test_every_parameter_says_where_it_comes_from() -> None:
    """No figure of the Chinese policy stands without source and first day of validity."""
    policy = shipped_policy("CNY").policy
    assert not policy.illustrative
    for part in (policy.data, policy.limit, policy.price, policy.term, policy.forecast):
        for name, value in part:
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
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["schema_version"] == 1


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
