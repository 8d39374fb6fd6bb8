"""A model as a folder: plain files, each with its hash in one manifest, which may be signed; nothing that runs code.

model.json        trees, calibration, features with the hash of their definition, horizon, training
metrics.json      out-of-sample figures with intervals
proof.json        the proof of each monotone direction
card.json         the points, for a scorecard
reference.parquet training features without ids, to compare later ones with
model-card.*.md   what the model is for, in words (zh, en)
manifest.json     the hash of each of these files
signature.json    Ed25519 over the manifest, where a key was given
release.json      who validated it independently, and when it retires (added later)
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from suixin.errors import ModelError, UsageError
from suixin.features.registry import FAMILIES
from suixin.scoring.calibration import Calibration
from suixin.scoring.families import Kind
from suixin.scoring.lgd import MEASURED
from suixin.scoring.model import Model, Typical
from suixin.scoring.signing import verified
from suixin.scoring.trees import Trees

SCHEMA_VERSION = 1
MANIFEST, SIGNATURE, RELEASE = "manifest.json", "signature.json", "release.json"
REFERENCE = "reference.parquet"
_BESIDE = {MANIFEST, SIGNATURE, RELEASE}
_SORTED = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Opened:
    """A model's folder, checked.

    Attributes:
        folder: where it lies.
        model: ready to score.
        digest: of the manifest: the model's identity.
        documents: file name -> content of model.json, metrics.json, proof.json and, if there is one, card.json.
        signer: the public key that signed it (hex), '' if nobody did.
        release: content of release.json, None if the model was never released.
    """

    folder: Path
    model: Model
    digest: str
    documents: Mapping[str, Mapping[str, Any]]
    signer: str
    release: Mapping[str, Any] | None


def dumped(document: Any) -> bytes:
    """The one way in which a document is written: keys sorted, so equal documents are equal bytes."""
    return orjson.dumps(document, option=_SORTED)


def definition_hash(feature: str) -> str:
    """The hash of a feature's registered definition: name, version, unit, direction, family, and what that reads.

    What a feature computes is told by its version, which is raised with every change of meaning.
    """
    family = next(one for one in FAMILIES if any(each.name == feature for each in one.features))
    found = next(each for each in family.features if each.name == feature)
    told = [found.name, found.version, found.unit, found.direction, family.name, family.tables, family.optional,
            sorted((table, columns) for table, columns in family.reads.items()), family.gross]  # fmt: skip
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


def model_document(model: Model, training: Mapping[str, Any]) -> dict[str, Any]:
    """The content of model.json; `training` says what it learned from."""
    registered = {each.name: each.version for family in FAMILIES for each in family.features}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": model.kind.value,
        "horizon_days": model.horizon_days,
        "features": [
            {
                "name": name,
                "version": registered.get(name),
                "definition": definition_hash(name) if name in registered else None,
            }
            for name in model.features
        ],
        "trees": model.trees.to_json(),
        "calibration": model.calibration.to_json(),
        "typical": model.typical.to_json(),
        "training": dict(training),
    }


def write_model(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write the files and their manifest into an empty folder; returns the model's digest.

    Raises:
        UsageError: the folder cannot be written.
    """
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    try:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (folder / MANIFEST).write_bytes(dumped(manifest))
    except OSError as error:
        raise UsageError(f"cannot write the model to {folder}: {error.strerror}") from error
    return hashlib.sha256(dumped(manifest)).hexdigest()


def open_checked(folder: Path, trusted: str | None = None) -> Opened:
    """Open a model's folder, after every check.

    Args:
        folder: as `suixin train` made it.
        trusted: the public key (hex) that must have signed it; None takes any valid signature, or none.

    Raises:
        ModelError: a file is missing, added or changed, the signature is not right, or a feature is not registered
            as it was when the model learned from it.
    """
    manifest_bytes = _read(folder, MANIFEST)
    manifest = _canonical(folder, MANIFEST, manifest_bytes)
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise ModelError(
            f"{folder}: the model has schema {manifest.get('schema_version')!r}, this version reads {SCHEMA_VERSION}"
        )
    digest = hashlib.sha256(manifest_bytes).hexdigest()
    contents = _contents(folder, manifest.get("files"))
    signer = _signer(folder, manifest_bytes, trusted)
    documents = {
        name: _canonical(folder, name, content)
        for name, content in contents.items()
        if name.endswith(".json")
    }
    release = _release(folder, digest, signer) if (folder / RELEASE).exists() else None
    lgd = documents["metrics.json"].get("lgd")
    model = replace(
        _model(folder, documents["model.json"], contents.get(REFERENCE), digest),
        lgd=float(lgd["value"]) if lgd and lgd["basis"] == MEASURED else None,
    )
    return Opened(folder, model, digest, documents, signer, release)


def open_model(folder: Path, trusted: str | None = None) -> Model:
    """The model of a folder, after every check of `open_checked`."""
    return open_checked(folder, trusted).model


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(
            f"{folder} is no whole model: {name} cannot be read ({error.strerror}); train it again or take a copy"
        ) from error


def _canonical(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    """The document, if its bytes are exactly those that would be written for it."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or dumped(document) != content:
        raise ModelError(f"{folder}/{name} was changed since the model was written; take an untouched copy")
    return document


def _contents(folder: Path, hashes: Any) -> dict[str, bytes]:
    """Every file of the manifest, unchanged, and no other."""
    if not isinstance(hashes, dict) or not {"model.json", "metrics.json", "proof.json"} <= set(hashes):
        raise ModelError(
            f"{folder}/{MANIFEST} was changed since the model was written; take an untouched copy"
        )
    strange = sorted(path.name for path in folder.iterdir() if path.name not in _BESIDE | set(hashes))
    if strange:
        raise ModelError(f"{folder} holds {strange[0]}, which is no part of the model; take it away")
    contents = {name: _read(folder, name) for name in hashes}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != hashes[name]:
            raise ModelError(
                f"{folder}/{name} was changed since the model was written; take an untouched copy"
            )
    return contents


def _signer(folder: Path, manifest: bytes, trusted: str | None) -> str:
    if not (folder / SIGNATURE).exists():
        if trusted:
            raise ModelError(f"{folder} is not signed, and key {trusted[:12]}... was asked for")
        return ""
    document = _canonical(folder, SIGNATURE, _read(folder, SIGNATURE))
    key = verified(document, manifest)
    if key is None:
        raise ModelError(f"{folder}/{SIGNATURE} does not fit the manifest; take an untouched copy")
    if trusted and key != trusted:
        raise ModelError(f"{folder} was signed by key {key[:12]}..., not by {trusted[:12]}...")
    return key


def _release(folder: Path, digest: str, signer: str) -> dict[str, Any]:
    document = _canonical(folder, RELEASE, _read(folder, RELEASE))
    body = {name: value for name, value in document.items() if name not in {"seal", "signature"}}
    if document.get("seal") != seal(body) or document.get("model") != digest:
        raise ModelError(
            f"{folder}/{RELEASE} was changed, or is the release of another model; release it again"
        )
    signature = document.get("signature")
    if signature is not None and verified(signature, dumped(body)) is None:
        raise ModelError(f"{folder}/{RELEASE} has a signature that does not fit; release it again")
    if signature is not None and signer and signature.get("key") == signer:
        raise ModelError(
            f"{folder}/{RELEASE} is signed by the key that signed the model; a validator is someone else"
        )
    return document


def seal(body: Mapping[str, Any]) -> str:
    """The hash of a release without seal and signature."""
    return hashlib.sha256(dumped(dict(body))).hexdigest()


def _model(folder: Path, document: Mapping[str, Any], reference: bytes | None, digest: str) -> Model:
    try:
        _refuse_redefined(folder, document["features"])
        kind = Kind(document["kind"])
        model = Model(
            name=f"{kind.value}/{digest[:12]}",
            kind=kind,
            trees=Trees.from_json(document["trees"]),
            calibration=Calibration.from_json(document["calibration"]),
            typical=Typical.from_json(document["typical"]),
            horizon_days=int(document["horizon_days"]),
        )
        if [feature["name"] for feature in document["features"]] != list(model.features):
            raise ValueError("it lists other features than its trees look at")  # noqa: TRY301 - as below
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder}/model.json is no model that can be read: {error}") from error
    return model if reference is None else replace(model, reference=pl.read_parquet(BytesIO(reference)))


def _refuse_redefined(folder: Path, features: list[Mapping[str, Any]]) -> None:
    """A feature that means something else today than when the model learned from it is another feature."""
    registered = {each.name: each.version for family in FAMILIES for each in family.features}
    for feature in features:
        name = feature["name"]
        if (
            feature["definition"] is None
        ):  # of an analyst's own table: nothing is registered to hold it against
            continue
        if name not in registered:
            raise ModelError(
                f"{folder}: the model uses feature {name!r}, which is no longer registered; train it anew"
            )
        if definition_hash(name) != feature["definition"]:
            raise ModelError(
                f"{folder}: feature {name!r} was redefined (version {feature['version']} then, {registered[name]} "
                "now); train the model anew"
            )
