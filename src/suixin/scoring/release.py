"""The release of a model: someone other than its owner has validated it, and says when it retires."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from suixin.errors import ModelError, UsageError
from suixin.scoring.artefact import RELEASE, Opened, dumped, seal
from suixin.scoring.signing import signed

SCHEMA_VERSION = 1
MOST_PSI = 0.25  # of the score; the usual line between a moderate and a large shift (Siddiqi 2017)
LEAST_AUC_SHARE = 0.9  # of the AUC at release


def release(
    opened: Opened,
    *,
    validator: str,
    released_on: date,
    retire_on: date,
    retire_psi: float = MOST_PSI,
    retire_auc: float | None = None,
    key: Ed25519PrivateKey | None = None,
) -> Mapping[str, Any]:
    """Write release.json beside the model.

    Args:
        opened: the model, which passed every check.
        validator: who validated it; not its owner.
        released_on: the day of the release.
        retire_on: after this day the model is refused.
        retire_psi: population stability index of the score at which it retires.
        retire_auc: AUC on matured outcomes below which it retires; None for 90 % of the AUC at release.
        key: the validator's; another than the one that signed the model.

    Raises:
        UsageError: no validator, the owner as validator, dates in the wrong order, or figures out of bounds.
        ModelError: the folder cannot be written, or the key is the owner's.
    """
    training = opened.documents["model.json"]["training"]
    owner = str(training["owner"])
    if not owner.strip():
        raise UsageError(
            "the model has no owner; train it with --owner, so that a validator can be someone else"
        )
    if released_on < date.fromisoformat(training["on"]):
        raise UsageError(
            f"the model was trained on what was known on {training['on']}; it cannot be released on {released_on}"
        )
    if not validator.strip():
        raise UsageError("a release names an independent validator; give one with --validator")
    if _name(validator) == _name(owner):
        raise UsageError(f"{validator!r} owns the model; a validator is someone else")
    if retire_on <= released_on:
        raise UsageError(
            f"the model would retire on {retire_on}, before its release on {released_on}; name a later day"
        )
    if not 0 < retire_psi <= 10:
        raise UsageError(f"--retire-psi {retire_psi:g}: give a number above 0, at most 10")
    auc = opened.documents["metrics.json"]["metrics"]["auc"]["mean"]
    least = LEAST_AUC_SHARE * auc if retire_auc is None else retire_auc
    if not 0.5 <= least < 1:
        least_told = (
            f"--retire-auc {least:g}" if retire_auc is not None else f"90 % of the model's AUC of {auc:.3f}"
        )
        raise UsageError(f"{least_told} is no line to retire at; give --retire-auc from 0.5 to 1")
    body: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "model": opened.digest,
        "validator": validator.strip(),
        "owner": owner,
        "released_on": released_on.isoformat(),
        "retire": {"on": retire_on.isoformat(), "psi_above": retire_psi, "auc_below": least},
    }
    document = body | {"seal": seal(body)}
    if key:
        document["signature"] = signed(dumped(body), key)
        if document["signature"]["key"] == opened.signer:
            raise ModelError("the key of the release signed the model too; a validator has a key of its own")
    _write(opened.folder, dumped(document))
    return document


def _name(text: str) -> str:
    """A name without case, blanks and width of its letters."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def due(released: Mapping[str, Any], on: date, psi: float | None, auc: float | None) -> tuple[str, ...]:
    """Why a released model is to retire by its own rule; empty while it may stay.

    Args:
        released: the content of release.json.
        on: the day that is asked about.
        psi: shift of the score; None where it cannot be told.
        auc: on matured outcomes; None where it cannot be told.
    """
    rule, found = released["retire"], []
    if on > date.fromisoformat(rule["on"]):
        found.append(f"its release ended on {rule['on']}")
    if psi is not None and psi > rule["psi_above"]:
        found.append(f"the score has shifted by a PSI of {psi:.3f}, above {rule['psi_above']:g}")
    if auc is not None and auc < rule["auc_below"]:
        found.append(f"the AUC on matured outcomes is {auc:.3f}, below {rule['auc_below']:.3f}")
    return tuple(found)


def _write(folder: Path, content: bytes) -> None:
    folder = folder.resolve()
    draft = folder.with_name(f".{folder.name}-{RELEASE}")
    try:
        draft.write_bytes(content)
        draft.replace(folder / RELEASE)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ModelError(f"cannot write {folder / RELEASE}: {error.strerror}") from error
