"""The keys that sign consents."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from customer import AT, Customer

from suixin.errors import UsageError
from suixin.server.sharing import keys
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.sharing.signature import key_id


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_first_use_makes_a_key_for_its_owner_alone(tmp_path, monkeypatch):
    """Mode 0600, the same from then on."""
    monkeypatch.delenv("SUIXIN_CONSENT_KEY")
    monkeypatch.setenv("SUIXIN_HOME", str(tmp_path))
    made = key_id(keys.signing_key().public_key())
    assert [made] == [key_id(keys.signing_key().public_key())] == list(keys.public_keys())
    assert stat.S_IMODE((tmp_path / "consent.key").stat().st_mode) == 0o600


def test_a_new_key_in_front_signs_and_the_old_one_still_verifies(sqlite, monkeypatch):
    """Rotation: consents of both keys are whole; without the old key its versions cannot be verified."""
    customer, old, new = Customer(), keys.new_key(), keys.new_key()
    monkeypatch.setenv("SUIXIN_CONSENT_KEY", old)
    row = customer.granted()
    monkeypatch.setenv("SUIXIN_CONSENT_KEY", f"{new}\n{old}")
    withdraw(row.consent_id, by=customer.her, at=AT)
    assert (customer.first_break(row), len(keys.public_keys())) == (None, 2)
    monkeypatch.setenv("SUIXIN_CONSENT_KEY", new)
    assert customer.first_break(row) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("x", "no private key in PEM"),
        ("x-----END PRIVATE KEY-----", "cannot be read"),
        (pem(Ed25519PrivateKey.generate()), "is no EC key"),
        (pem(generate_private_key(SECP384R1())), "secp384r1"),
    ],
    ids=["no key", "half a key", "another kind", "another curve"],
)
def test_what_is_no_key_is_refused_without_showing_it(monkeypatch, given, words):
    """The message says how to make one."""
    monkeypatch.setenv("SUIXIN_CONSENT_KEY", given)
    with pytest.raises(UsageError, match=words):
        keys.signing_key()
