"""Ed25519 signatures: the standard's own test vector, and keys that are no keys."""

import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from suixin.errors import UsageError
from suixin.scoring.signing import read_private_key, read_public_key, signed, verified

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem(path, key, encryption=None):
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    return path


def test_the_vector_of_the_standard():
    """RFC 8032, 7.1, test 2: secret key, public key, message 72, signature."""
    key = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    document = signed(bytes.fromhex("72"), key)
    assert document == {
        "algorithm": "ed25519",
        "key": "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "signature": "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    }
    assert verified(document, bytes.fromhex("72")) == document["key"]


def test_anything_changed_is_no_signature():
    """Content, key, signature, algorithm, a key more or less, and what is no hex or no text."""
    document = signed(b"content", KEY)
    other = signed(b"content", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert verified(document, b"Content") is None
    for change in (
        {"key": other["key"]},
        {"signature": other["signature"]},
        {"algorithm": "rsa"},
        {"more": ""},
        {"key": "zz"},
        {"key": 5},
        {"key": document["key"].upper()},
        {"signature": document["signature"] + " "},
        {"signature": ""},
    ):
        assert verified({**document, **change}, b"content") is None
    assert verified({"key": document["key"]}, b"content") is None


def test_keys_are_read_from_pem(tmp_path):
    """A private key signs; the public half is read from either file."""
    private = pem(tmp_path / "key.pem", KEY)
    public = tmp_path / "public.pem"
    public.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert read_private_key(private).private_bytes_raw() == bytes(range(32))
    assert read_public_key(private) == read_public_key(public) == KEY.public_key().public_bytes_raw().hex()


def test_the_command_that_is_named_makes_a_key(tmp_path):
    """What the message tells to type works."""
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "key.pem"],
        check=True,
        capture_output=True,
    )
    assert verified(signed(b"x", read_private_key(tmp_path / "key.pem")), b"x") == read_public_key(
        tmp_path / "key.pem"
    )


def test_other_files_are_refused(tmp_path):
    """A missing file, no key, another algorithm and a password: one sentence with the mend."""
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"hello")
    ec = generate_private_key(SECP256R1())
    wrong = pem(tmp_path / "ec.pem", ec)
    locked = pem(tmp_path / "locked.pem", KEY, BestAvailableEncryption(b"secret"))
    public_ec = tmp_path / "ec.pub"
    public_ec.write_bytes(ec.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    for path in (tmp_path / "gone.pem", junk, wrong, locked):
        with pytest.raises(UsageError, match="openssl genpkey -algorithm ed25519"):
            read_private_key(path)
    for path in (junk, wrong, locked, public_ec):
        with pytest.raises(UsageError, match="openssl genpkey -algorithm ed25519"):
            read_public_key(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_public_key(tmp_path / "gone.pem")
