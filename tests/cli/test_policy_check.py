"""What `suixin policy check` says of a policy that is sound."""

import json
from pathlib import Path

import pytest

from samples import Run
from suixin.underwriting.policy import shipped_policy

SHIPPED = shipped_policy("CNY")


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        # as it ships
        (SHIPPED.text, False),
        # another content under the shipped title
        (SHIPPED.text.replace("points: 18", "points: 17", 1), True),
        # with a version, or a name, of its own
        (SHIPPED.text.replace("points: 18", "points: 17", 1).replace('"2026.11"', '"2026.11-1"'), False),
        (SHIPPED.text.replace("name: county-bank-cny", "name: ours"), False),
    ],
)
def test_a_copy_needs_a_version_of_its_own(text: str, warned: bool, tmp_path: Path, here: Run) -> None:
    """A changed policy under the shipped name and version is warned of, and is sound all the same."""
    file = tmp_path / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    told = (
        f"county-bank-cny 2026.11 is the policy that ships, with hash {SHIPPED.hash}, and this one has another content: "
        "give it a version of its own"
    )
    done = here("policy", "check", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "sound. Policy" in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert lines == [f"warning: {told}"] * warned
    done = here("policy", "check", file, "--json")
    assert (done.returncode, json.loads(done.stdout)["warnings"]) == (0, [told] * warned)


def test_a_rule_that_nobody_can_break_is_warned_of(tmp_path: Path, here: Run) -> None:
    """A share above 35, written for 0.35, and fewer than no orders: each is named with its feature's bound."""
    text = SHIPPED.text.replace("name: county-bank-cny", "name: ours")
    assert "feature: top_buyer_share, above: 0.8," in text
    text = text.replace("feature: top_buyer_share, above: 0.8,", "feature: top_buyer_share, above: 35,")
    text = text.replace("feature: lenders, above: 3,", "feature: lenders, below: 0,")
    file = tmp_path / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    done = here("policy", "check", file, "--json")
    assert (done.returncode, json.loads(done.stdout)["warnings"]) == (
        0,
        [
            "rule too_many_lenders: nothing is below 0, for lenders goes down to 0: the rule never holds",
            "rule one_buyer: nothing is above 35, for top_buyer_share goes up to 1: the rule never holds; write 0.35 for 35%",
        ],
    )


def test_a_currency_of_which_none_ships(tmp_path: Path, here: Run) -> None:
    """Nothing ships in dollars, so nothing can be taken for it."""
    file = tmp_path / "ours.yaml"
    file.write_text(SHIPPED.text.replace("currency: CNY", "currency: USD"), encoding="utf-8")
    done = here("policy", "check", file, "--json")
    assert (done.returncode, json.loads(done.stdout)["warnings"]) == (0, [])


def test_a_list_of_caps_is_checked(tmp_path: Path, here: Run) -> None:
    """What nobody has verified in a list is named by its place, and what is paid up front in full is refused."""
    cap = next(line for line in SHIPPED.text.splitlines() if line.startswith("    bank: "))
    alone = cap.removeprefix("    bank: ")
    later = "{value: 0.12, source: a notice, since: 2026-11-01, from_day: 2028-01-01, verified: false}"
    text = SHIPPED.text.replace(cap, f"    bank: [{alone}, {later}]")
    file = tmp_path / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    assert "not verified: price.caps.bank.1\n" in here("policy", "check", file).stdout
    whole = "charges:\n" + "".join(
        f"  - {{code: {kind}, kind: {kind}, value: 0.5, payee: x, source: board, since: 2026-11-01}}\n"
        for kind in ("guarantee", "insurance")
    )
    file.write_text(text.replace("charges:\n", whole, 1), encoding="utf-8")
    done = here("policy", "check", file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "comes to 1 of the principal (charge guarantee 0.5, charge insurance 0.5)" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no keys with values; `suixin policy shipped CNY` prints what a policy has"),
        (b"- a\n", "holds no keys with values"),
        (b"\x00\xff", "is no text in UTF-8; give a policy in YAML"),
        (None, "cannot be read: Is a directory"),
    ],
)
def test_what_is_no_policy(content: bytes | None, message: str, tmp_path: Path, here: Run) -> None:
    """Protects the user: an empty file, a list, no text and a folder are one line each, in words."""
    file = tmp_path / "政 策.yaml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    done = here("policy", "check", file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"政 策.yaml: {message}" in done.stderr
