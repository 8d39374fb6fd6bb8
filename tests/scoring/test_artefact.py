"""A model as a folder: read back to the last bit, and refused once anything about it changed."""

import hashlib
import json
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borrowers import many, model
from suixin.errors import ModelError, UsageError
from suixin.features.registry import FEATURES
from suixin.scoring.artefact import (
    MANIFEST,
    RELEASE,
    SIGNATURE,
    definition_hash,
    dumped,
    model_document,
    open_checked,
    open_model,
    seal,
    write_model,
)
from suixin.scoring.families import Kind
from suixin.scoring.signing import signed
from suixin.underwriting.policy import shipped_policy

CARD = shipped_policy("CNY").policy.card
KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (1, 2))
FRAME = pl.DataFrame(many().x, schema=list(many().names)).fill_nan(None)


def hex_of(key):
    return key.public_key().public_bytes_raw().hex()


def contents(one, **changes):
    held = BytesIO()
    FRAME.select(one.features).head(50).write_parquet(held)
    return {
        "model.json": dumped({**model_document(one, {"rows": 2_000}), **changes}),
        "metrics.json": dumped({"auc": {"mean": 0.8, "low": 0.7, "high": 0.9}}),
        "proof.json": dumped({"debt_to_sales": "each_tree"}),
        "reference.parquet": held.getvalue(),
        "model-card.zh.md": "# 模型\n".encode(),
    }


def write(folder, files, key=None, validator=None):
    folder.mkdir()
    digest = write_model(folder, files)
    if key:
        (folder / SIGNATURE).write_bytes(dumped(signed((folder / MANIFEST).read_bytes(), key)))
    if validator:
        release(folder, digest, validator)
    return folder


def release(folder, digest, validator=None, **changes):
    body = {"model": digest, "validator": "an independent one", "retire_on": "2027-12-31", **changes}
    document = {**body, "seal": seal(body)}
    if validator:
        document["signature"] = signed(dumped(body), validator)
    (folder / RELEASE).write_bytes(dumped(document))


@pytest.fixture
def folder(tmp_path):
    """A signed and released thin-file model."""
    return write(tmp_path / "model", contents(model(Kind.THIN)), KEY, OTHER)


@pytest.mark.parametrize("kind", list(Kind))
def test_read_back_to_the_last_bit(kind, tmp_path):
    """Scores, probabilities, contributions and explanations of the opened model equal those of the fitted one."""
    fitted = model(kind, horizon_days=180)
    opened = open_model(write(tmp_path / "m", contents(fitted)))
    assert (opened.trees, opened.calibration, opened.kind) == (fitted.trees, fitted.calibration, kind)
    np.testing.assert_array_equal(opened.pd(FRAME), fitted.pd(FRAME))
    np.testing.assert_array_equal(opened.score(FRAME, CARD), fitted.score(FRAME, CARD))
    np.testing.assert_array_equal(
        opened.contributions(FRAME, CARD, 620.0), fitted.contributions(FRAME, CARD, 620.0)
    )
    x = fitted.matrix(FRAME.head(20))
    assert opened.explained(x, CARD, 620.0) == fitted.explained(x, CARD, 620.0)


def test_what_is_opened(folder):
    """The name holds kind and digest, the digest is the manifest's hash, the key is the signer's, the rest is there."""
    opened = open_checked(folder, hex_of(KEY))
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    assert (opened.digest, opened.signer, opened.model.name) == (digest, hex_of(KEY), f"thin/{digest[:12]}")
    assert opened.documents["metrics.json"]["auc"]["mean"] == 0.8
    assert opened.release["validator"] == "an independent one"
    assert opened.model.reference.equals(FRAME.select(opened.model.features).head(50))


def test_equal_models_are_equal_bytes(tmp_path):
    """The digest is the model's identity: the same model has the same on every machine, another has another."""
    one, same = (write_model(_made(tmp_path / name), contents(model(Kind.THIN))) for name in ("a", "b"))
    other = write_model(_made(tmp_path / "c"), contents(model(Kind.THIN, "platt")))
    assert one == same != other


def _made(folder):
    folder.mkdir()
    return folder


def test_every_changed_byte_is_refused(folder):
    """In each file, manifest, signature and release too: first, last and 40 bytes in between, and a bit of each."""
    files = sorted(folder.iterdir())
    assert {path.name for path in files} == {*contents(model(Kind.THIN)), MANIFEST, SIGNATURE, RELEASE}
    tried = 0
    for path in files:
        whole = path.read_bytes()
        for at in {0, len(whole) - 1, *np.linspace(0, len(whole) - 1, 40).astype(int).tolist()}:
            for flip in (1, 1 << (at % 8), 0x20):
                path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
                with pytest.raises(ModelError):
                    open_model(folder)
                tried += 1
        for other in (whole + b"\n", whole[:-1], b""):
            path.write_bytes(other)
            with pytest.raises(ModelError):
                open_model(folder)
        path.write_bytes(whole)
    assert tried > 500
    open_model(folder)


@pytest.mark.full
def test_every_single_byte_of_the_documents_is_held(folder):
    """No position of the small documents is free, not even in signature and release."""
    for name in ("metrics.json", MANIFEST, SIGNATURE, RELEASE):
        whole = (folder / name).read_bytes()
        for at in range(len(whole)):
            for value in {whole[at] ^ 1, whole[at] ^ 0x20, 0x20, 0x30} - {whole[at]}:
                (folder / name).write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
                with pytest.raises(ModelError):
                    open_model(folder)
        (folder / name).write_bytes(whole)


def test_a_file_too_few_or_too_many_is_refused(folder):
    """A folder is a model as a whole or not at all."""
    for name in contents(model(Kind.THIN)):
        whole = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(ModelError, match=f"{name} cannot be read"):
            open_model(folder)
        (folder / name).write_bytes(whole)
    (folder / "run.py").write_text("")
    with pytest.raises(ModelError, match=r"holds run\.py, which is no part of the model"):
        open_model(folder)
    with pytest.raises(ModelError, match=r"manifest\.json cannot be read"):
        open_model(folder / "gone")


def rewritten(tmp_path, **changes):
    return write(tmp_path / "m", contents(model(Kind.THIN), **changes))


def features(**changes):
    listed = model_document(model(Kind.THIN), {})["features"]
    at = next(n for n, each in enumerate(listed) if each["name"] == "debt_to_sales")
    return [*listed[:at], {**listed[at], **changes}, *listed[at + 1 :]]


def test_a_redefined_feature_is_refused(tmp_path):
    """A model that learned from another meaning of a feature says so, with both versions."""
    folder = rewritten(tmp_path, features=features(definition="0" * 64, version=9))
    now = FEATURES["debt_to_sales"].version
    with pytest.raises(ModelError, match=rf"'debt_to_sales' was redefined \(version 9 then, {now} now\)"):
        open_model(folder)


def test_an_unknown_feature_is_refused(tmp_path):
    """A feature that was taken out of the registry cannot be computed any more."""
    folder = rewritten(tmp_path, features=features(name="gone_365d"))
    with pytest.raises(ModelError, match="'gone_365d', which is no longer registered"):
        open_model(folder)


def test_the_features_listed_are_those_of_the_trees(tmp_path):
    """A list that leaves one out would escape the check of its definition."""
    listed = [each for each in features() if each["name"] != "debt_to_sales"]
    with pytest.raises(ModelError, match="lists other features than its trees look at"):
        open_model(rewritten(tmp_path, features=listed))


def test_an_analysts_own_feature_needs_no_registry():
    """`noise` is in no registry: it is named without a definition."""
    listed = {each["name"]: each for each in model_document(model(Kind.BOOSTED), {})["features"]}
    assert listed["noise"] == {"name": "noise", "version": None, "definition": None}
    assert listed["debt_to_sales"]["definition"] == definition_hash("debt_to_sales")


def test_every_definition_is_its_own():
    """No two features share a hash."""
    assert len({definition_hash(name) for name in FEATURES}) == len(FEATURES)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "oracle"},
        {"trees": {"schema": 1, "features": [], "trees": []}},
        {"calibration": {"method": "platt", "raw": [0, 1], "log_odds": [1, 0]}},
        {"typical": {}},
        {"horizon_days": "a year"},
    ],
)
def test_what_is_no_model_is_refused(changes, tmp_path):
    """Also when it was written with a right manifest."""
    with pytest.raises(ModelError, match=r"model\.json is no model that can be read"):
        open_model(rewritten(tmp_path, **changes))


def test_another_schema_is_refused(folder):
    """A later version's folder says so."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_bytes(dumped({**manifest, "schema_version": 2}))
    with pytest.raises(ModelError, match="has schema 2, this version reads 1"):
        open_model(folder)


def test_a_manifest_without_the_needed_files_is_refused(tmp_path):
    """Metrics and proof are parts of a model."""
    files = contents(model(Kind.THIN))
    del files["proof.json"]
    with pytest.raises(ModelError, match=r"manifest\.json was changed"):
        open_model(write(tmp_path / "m", files))


def test_whose_signature(folder, tmp_path):
    """The trusted key's or none: an unsigned model, one signed by another, and a signature of other bytes."""
    assert open_checked(folder).signer == hex_of(KEY)
    with pytest.raises(ModelError, match=r"was signed by key .*, not by"):
        open_model(folder, hex_of(OTHER))
    with pytest.raises(ModelError, match="is not signed, and key"):
        open_model(write(tmp_path / "unsigned", contents(model(Kind.THIN))), hex_of(KEY))
    (folder / SIGNATURE).write_bytes(dumped(signed(b"other bytes", KEY)))
    with pytest.raises(ModelError, match="does not fit the manifest"):
        open_model(folder)


def test_a_forger_without_the_key_is_found(folder):
    """Files, manifest and even signature made anew are right among themselves, and still not by the trusted key."""
    digest = write_model(folder, contents(model(Kind.THIN, "platt")))
    (folder / SIGNATURE).write_bytes(dumped(signed((folder / MANIFEST).read_bytes(), OTHER)))
    release(folder, digest)
    open_model(folder)
    with pytest.raises(ModelError, match="was signed by key"):
        open_model(folder, hex_of(KEY))


def test_a_release_is_of_this_model_and_by_another(folder):
    """Another model's release, a broken seal, a wrong signature, and the model's own signer as validator."""
    digest = open_checked(folder).digest
    release(folder, "0" * 64, OTHER)
    with pytest.raises(ModelError, match="release of another model"):
        open_model(folder)
    release(folder, digest, OTHER, seal="")
    with pytest.raises(ModelError, match=r"release\.json"):
        open_model(folder)
    release(folder, digest, KEY)
    with pytest.raises(ModelError, match="a validator is someone else"):
        open_model(folder)
    release(folder, digest, OTHER, retire_on="2030-12-31")
    open_model(folder)
    document = json.loads((folder / RELEASE).read_bytes())
    document["signature"] = signed(b"else", OTHER)
    (folder / RELEASE).write_bytes(dumped(document))
    with pytest.raises(ModelError, match="signature that does not fit"):
        open_model(folder)


def test_nothing_runs_code(folder):
    """Documents, words and a table: no pickle is written, and none is read."""
    for path in folder.iterdir():
        whole = path.read_bytes()
        if path.suffix == ".json":
            json.loads(whole)
        elif path.suffix == ".md":
            whole.decode("utf-8")
        else:
            assert (path.suffix, whole[:4], whole[-4:]) == (".parquet", b"PAR1", b"PAR1")


def test_a_folder_that_cannot_be_written(tmp_path):
    """One sentence with the place and the cause."""
    with pytest.raises(UsageError, match="cannot write the model to"):
        write_model(tmp_path / "gone", contents(model(Kind.THIN)))


def test_a_folder_without_reference(tmp_path):
    """A small sample's features may be left out: the model scores all the same."""
    files = contents(model(Kind.THIN))
    del files["reference.parquet"]
    opened = open_model(write(tmp_path / "m", files))
    assert opened.reference is None
    assert opened.trees == model(Kind.THIN).trees
