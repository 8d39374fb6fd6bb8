"""The job of training: a lake's outcomes, with the features known before each, become a model in a folder."""

import platform
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import suixin
from suixin.calendar import day_to_date
from suixin.errors import UsageError
from suixin.features.traits import traits as traits_of
from suixin.lake.store import Lake
from suixin.reporting.model_card import model_card
from suixin.scoring.artefact import MANIFEST, REFERENCE, SIGNATURE, dumped, model_document, write_model
from suixin.scoring.families import KINDS, Kind
from suixin.scoring.groups import SMALLEST, group_report
from suixin.scoring.lgd import loss_given_default
from suixin.scoring.model import within_a_year
from suixin.scoring.points import Scorecard
from suixin.scoring.rejects import Rejects
from suixin.scoring.signing import signed
from suixin.scoring.training import Trained, train
from suixin.scoring.validation import CHAMPION
from suixin.train.outcomes import Labelled, Progress, labelled, rejected
from suixin.underwriting.policy import LoadedPolicy
from suixin.underwriting.traits import known as known_of
from suixin.underwriting.traits import quarters, traits

KEPT_ROWS = 5_000  # of the training features, to compare later ones with


@dataclass(frozen=True, slots=True)
class Made:
    """A model's folder and what went into it.

    Attributes:
        folder: where the model lies.
        digest: its identity.
        trained: the model and its figures.
        documents: file name -> content, as written.
    """

    folder: Path
    digest: str
    trained: Trained
    documents: dict[str, Any]


def train_lake(
    lake: Lake,
    out: Path,
    loaded: LoadedPolicy,
    *,
    owner: str = "",
    on: date | None = None,
    definition: str | None = None,
    seed: int = 0,
    repeats: int = 3,
    kinds: Sequence[Kind] = KINDS,
    rejects_factor: float | None = None,
    key: Ed25519PrivateKey | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Made:
    """Train on the lake's outcomes and write the model's folder.

    Args:
        lake: a snapshot.
        out: a folder that does not exist or is empty; it appears complete or not at all.
        loaded: the policy, for its routes, its accept line (groups) and its loss given default.
        owner: who answers for the model; a release needs a validator who is someone else.
        on: the day on whose knowledge it is trained; None for the day after the last outcome became known.
        definition: of default; None for the one with the most outcomes.
        seed: equal seeds give equal models.
        repeats: of the nested validation.
        kinds: the families that compete.
        rejects_factor: learn from rejected applicants too, at this multiple of the odds; None for not.
        key: signs the manifest.
        processes: how many compute features; None for one a core.
        progress: told after each step.

    Raises:
        UsageError: nothing to learn from, or `out` is taken.
        ModelError: the champion breaks a direction.
    """
    with _appearing(out) as draft:
        routes = loaded.policy.data.routes.value
        known = labelled(
            lake, on=on, definition=definition, routes=routes, processes=processes, progress=progress
        )
        rejects = None
        if rejects_factor is not None:
            rejects = rejected(lake, known, rejects_factor, routes=routes, processes=processes)
        trained = train(
            known.sample, horizon_days=known.horizon_days, seed=seed, repeats=repeats, kinds=kinds, rejects=rejects,
            progress=progress,
        )  # fmt: skip
        metrics = _metrics(lake, known, trained, loaded, rejects)
        documents: dict[str, Any] = {
            "model.json": model_document(trained.model, _training(lake, known, trained, owner)),
            "metrics.json": metrics,
            "proof.json": {"directions": [asdict(proof) for proof in trained.proofs]},
        }
        if card := trained.champion.card:
            documents["card.json"] = _card(card)
        files = {name: dumped(document) for name, document in documents.items()}
        files[REFERENCE] = _reference(known, trained)
        for language in ("zh", "en"):
            files[f"model-card.{language}.md"] = model_card(documents, language).encode()
        digest = write_model(draft, files)
        if key:
            (draft / SIGNATURE).write_bytes(dumped(signed((draft / MANIFEST).read_bytes(), key)))
    return Made(out, digest, trained, documents)


def _training(lake: Lake, known: Labelled, trained: Trained, owner: str) -> dict[str, Any]:
    days = known.features["as_of_day"].to_numpy()
    return {
        "lake_snapshot": lake.snapshot,
        "lake_sequence": lake.manifest.sequence,
        "on": known.on.isoformat(),
        "definition": known.definition,
        "horizons": list(known.horizons),
        "rows": len(known.sample.y),
        "defaults": known.sample.defaults,
        "immature": known.immature,
        "as_of_from": day_to_date(int(days.min())).isoformat(),
        "as_of_to": day_to_date(int(days.max())).isoformat(),
        "sources": sorted({record.source for record in lake.manifest.ingests}),
        "seed": trained.seed,
        "settings": trained.champion.settings,
        "owner": owner,
        "software": {
            "suixin": suixin.__version__,
            "python": platform.python_version(),
            "lightgbm": version("lightgbm"),
            "optbinning": version("optbinning"),
        },
    }


def _metrics(
    lake: Lake, known: Labelled, trained: Trained, loaded: LoadedPolicy, rejects: Rejects | None
) -> dict[str, Any]:
    checked = trained.validated
    # The data standard has no recoveries yet: balances that end say nothing of write-offs, so the policy's figure stands.
    price = loaded.policy.price
    lgd = loss_given_default((), price.funding.value, price.lgd.value)
    return {
        "champion": trained.model.kind.value,
        "metrics": {name: figure.to_json() for name, figure in checked.figures[CHAMPION].items()},
        "validation": checked.to_json(),
        "lgd": asdict(lgd),
        "expected_loss": float(within_a_year(checked.crossed, known.horizon_days).mean()) * lgd.value,
        "groups": _groups(lake, known, trained, loaded),
        "leaks": {leak.feature: leak.why for leak in trained.leaks},
        "left_out": dict(trained.sample.left_out),
        "rejects": rejects.assumption if rejects else None,
    }


def _groups(lake: Lake, known: Labelled, trained: Trained, loaded: LoadedPolicy) -> list[dict[str, Any]]:
    """The group report over cross-fitted probabilities, approval being the policy's accept line alone."""
    if len(known.sample.y) < SMALLEST:
        return []
    policy = loaded.policy
    people = known.features.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64), "merchant_id", "as_of_day"
    )
    places = traits_of(lake, people, policy.data.routes.value)
    rows = known.features.iter_rows(named=True)
    who = [
        known_of(row, *place)
        for row, place in zip(rows, places.select("region_code", "legal_form").iter_rows(), strict=True)
    ]
    edges, currency = quarters(who), policy.currency
    labels = [{name: label for name, (_, label) in traits(one, edges, currency).items()} for one in who]
    pd = within_a_year(trained.validated.crossed, known.horizon_days)
    approved = pd <= policy.card.pd(policy.cutoffs.approve_from)
    return [
        group_report(
            dimension, [label[dimension] for label in labels], pd, approved, trained.sample.y
        ).to_json()
        for dimension in labels[0]
    ]


def _card(card: Scorecard) -> dict[str, Any]:
    return {
        "base": card.base,
        "rounding": asdict(card.rounding),
        "items": [asdict(item) for item in card.items],
        "crossed": [asdict(item) for item in card.crossed],
    }


def _reference(known: Labelled, trained: Trained) -> bytes:
    """A seeded draw of training rows without ids: the model's features, the cross-fitted probability, the outcome."""
    table = pl.DataFrame(known.sample.x, schema=list(known.sample.names), orient="row").select(
        trained.model.features
    )
    whole = table.fill_nan(None).with_columns(
        crossed_pd=pl.Series(trained.validated.crossed), defaulted=pl.Series(known.sample.y == 1)
    )
    drawn = np.sort(np.random.default_rng(trained.seed).permutation(whole.height)[:KEPT_ROWS])
    buffer = BytesIO()
    whole[drawn.tolist()].write_parquet(buffer)
    return buffer.getvalue()


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A working folder beside `out` that becomes `out` when the block succeeds."""
    out = out.resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: is taken; name a folder that does not exist yet")
    draft = out.parent / f".{out.name}-{secrets.token_hex(4)}"
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}") from error
    try:
        yield draft
        if out.is_dir():
            out.rmdir()
        try:
            draft.replace(out)
        except OSError as error:
            raise UsageError(f"{out}: was taken while this model was trained; name another folder") from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
