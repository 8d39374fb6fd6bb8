"""The second factor: the codes of RFC 6238, each once, and what is kept of them."""

from datetime import UTC, datetime, timedelta

import pytest
from house import AT, bank

from suixin.errors import AccessError, ConflictError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import factor, factors, keys
from suixin.server.identity.access import actor_of
from suixin.server.identity.actions.begin_factor import begin_factor
from suixin.server.identity.actions.confirm_factor import confirm_factor
from suixin.server.identity.actions.reset_factor import reset_factor
from suixin.server.identity.actions.use_code import use_code
from suixin.server.identity.models import RecoveryCode, SecondFactor, User
from suixin.server.identity.people import Wanted, staff

RFC_SECRET = b"12345678901234567890"
LATER = AT + timedelta(minutes=5)


# RFC 6238, appendix B, SHA-1: the last six of its eight figures.
@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(second, code):
    """Any app of the trade shows the same."""
    assert factor.code_at(RFC_SECRET, second // 30) == code
    at = datetime.fromtimestamp(second, UTC)
    assert factor.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", at, after=0) == second // 30


def test_a_code_counts_half_a_minute_beside_its_own_and_never_again():
    """Clocks differ a little; whoever looks over a shoulder comes too late."""
    step = factor.step_of(AT)
    code = factor.code_at(RFC_SECRET, step)
    seen = {
        beside: factor.matching_step(RFC_SECRET, code, AT + timedelta(seconds=30 * beside), after=0)
        for beside in range(-3, 4)
    }
    assert {beside for beside, found in seen.items() if found == step} == {-1, 0, 1}
    assert factor.matching_step(RFC_SECRET, code, AT, after=step) is None
    for wrong in ("", "12345", "1234567", "０１２３４５", "abcdef"):
        assert factor.matching_step(RFC_SECRET, wrong, AT, after=0) is None


def test_what_is_sealed_opens_for_its_owner_with_its_key_alone(monkeypatch):
    """A new key is put in front of the old one; another person's row holds nothing."""
    old, new = keys.new_key(), keys.new_key()
    monkeypatch.setenv("SUIXIN_FACTOR_KEY", old)
    sealed = keys.seal(RFC_SECRET, "user:1")
    assert RFC_SECRET not in sealed
    assert sealed != keys.seal(RFC_SECRET, "user:1")
    monkeypatch.setenv("SUIXIN_FACTOR_KEY", f"{new}, {old}")
    assert keys.unseal(sealed, "user:1") == RFC_SECRET
    with pytest.raises(UsageError, match="no key opens what was sealed here"):
        keys.unseal(sealed, "user:2")
    monkeypatch.setenv("SUIXIN_FACTOR_KEY", new)
    with pytest.raises(UsageError, match="SUIXIN_FACTOR_KEY"):
        keys.unseal(sealed, "user:1")
    monkeypatch.setenv("SUIXIN_FACTOR_KEY", "c2hvcnQ=")
    with pytest.raises(UsageError, match="no 32 bytes in base64"):
        keys.seal(RFC_SECRET, "user:1")


def test_recovery_codes_have_120_bits_and_forgive_how_they_are_typed():
    """Ten, each of 24 letters out of 32; small letters and blanks are the same code."""
    codes = factor.new_recovery_codes()
    assert len(set(codes)) == 10
    assert {(len(one), one.count("-")) for one in codes} == {(29, 5)}
    assert factor.recovery_digest(codes[0]) == factor.recovery_digest(codes[0].lower().replace("-", " "))
    assert factor.is_recovery(codes[0].lower())
    assert not factor.is_recovery("123456")


def people():
    made, first, second, _ = bank()
    with tenancy.within(made.pk):
        one, other = User.objects.order_by("pk")
    return made, one, other, first, second


def log(made):
    with tenancy.within(made.pk):
        return [row.action for row in Record.objects.filter(action__contains=".factor.").order_by("pk")]


def test_a_second_factor_from_its_first_code_to_its_end(database):
    """Asked for once confirmed; each code and each recovery code once; another administrator takes it away."""
    made, one, other, first, second = people()
    with pytest.raises(ConflictError, match="no second factor waits"):
        confirm_factor(one, "000000", by=first, at=AT)
    secret = opened(made, begin_factor(one, by=first, at=AT))
    again = opened(made, begin_factor(one, by=first, at=AT))
    assert secret != again
    now = factor.code_at(again, factor.step_of(AT))
    with pytest.raises(UsageError, match="not the code"):
        confirm_factor(one, factor.code_at(secret, factor.step_of(AT)), by=first, at=AT)
    with tenancy.within(made.pk):
        assert not factors.is_asked(one)
    codes = confirm_factor(one, now, by=first, at=AT)
    with pytest.raises(ConflictError, match="a second factor already"):
        begin_factor(one, by=first, at=AT)
    assert not use_code(one, now, at=AT)
    then = factor.code_at(again, factor.step_of(LATER))
    assert [use_code(one, then, at=LATER) for _ in range(2)] == [True, False]
    assert [use_code(one, codes[3].lower(), at=LATER) for _ in range(2)] == [True, False]
    assert not use_code(other, codes[4], at=LATER)
    with tenancy.within(made.pk):
        assert (factors.is_asked(one), factors.codes_left(one)) == (True, 9)
        assert [staff(Wanted(factor=one)).count() for one in ("no", "yes")] == [1, 1]
        kept = [bytes(row.secret) for row in SecondFactor.objects.all()]
        assert again not in kept[0]
        assert not set(codes) & set(RecoveryCode.objects.values_list("digest", flat=True))
    with pytest.raises(AccessError, match="nobody takes their own"):
        reset_factor(one, by=first, reason="lost", at=AT)
    with pytest.raises(UsageError, match="say why"):
        reset_factor(one, by=second, reason=" ", at=AT)
    reset_factor(one, by=second, reason="telephone lost; seen in person", at=AT)
    assert not use_code(one, codes[5], at=LATER)
    with tenancy.within(made.pk):
        assert (factors.is_asked(one), factors.codes_left(one)) == (False, 0)
        assert User.objects.get(pk=one.pk).session_round == 2
    enrol, recover, reset = (f"identity.factor.{verb}" for verb in ("enrol", "recover", "reset"))
    assert log(made) == [enrol, enrol, enrol, recover, reset]


def opened(made, held):
    with tenancy.within(made.pk):
        return factors.secret_of(held)


def test_nobody_sets_up_anothers_second_factor(sqlite):
    """Neither a colleague nor an administrator, and in no other house."""
    _, _, other, first, _ = people()
    theirs, *_ = bank("theirs")
    with tenancy.within(theirs.pk):
        stranger = actor_of(User.objects.first())
    for by in (stranger, first):
        with pytest.raises(AccessError):
            begin_factor(other, by=by, at=AT)
