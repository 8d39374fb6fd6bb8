"""An earlier book again: on its own snapshot, or on today's to see which of its decisions would now differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, Field, ValidationError

from suixin.assess import RUN_VERSION
from suixin.calendar import date_to_day
from suixin.errors import BookError, ModelError
from suixin.lake.store import Lake
from suixin.reporting.folder import RUN_FILE
from suixin.reporting.tables import decisions_table, features_table
from suixin.scoring.artefact import Opened, open_checked
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import LoadedPolicy, parse_policy, policy_hash

_Day = Annotated[int, Field(ge=date_to_day(date.min), le=date_to_day(date.max))]
ERASED = "erased"
SAME_SCORE = 1e-9


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a book was made with.

    Attributes:
        sequence, snapshot: of the lake it was read from.
        loaded: its policy.
        as_of: one date for all, or None.
        chosen: merchant_id and `_given`, or None for all merchants.
        merchants: who was decided, where the decisions lie beside run.json; else empty.
        lake: the folder of the lake, as it was then.
        model: folder and digest of the trained model that scored, None if the expert card did.
    """

    sequence: int
    snapshot: str
    loaded: LoadedPolicy
    as_of: date | None
    chosen: pl.DataFrame | None
    merchants: tuple[str, ...]
    lake: Path
    model: tuple[Path, str] | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A merchant whose decision would now be another: what was, what is, and which features moved."""

    merchant_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    features: tuple[str, ...]


class _Model(BaseModel):
    """What a replay reads of a model."""

    folder: str
    digest: str


class _Run(BaseModel):
    """What a replay reads from run.json."""

    run_version: int
    lake: str
    lake_sequence: int = Field(ge=0)
    lake_snapshot: str
    policy: str
    policy_hash: str
    as_of: date | None
    merchants: list[tuple[str, _Day | None]] | None
    model: _Model | None = None


def read_run(file: Path) -> Recorded:
    """What run.json says; BookError if it is no run.json, of another version, or was changed."""
    try:
        run = _Run.model_validate_json(file.read_bytes(), strict=True)
    except OSError as error:
        raise BookError(f"{file}: cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise BookError(
            f"{file}: is not the run.json of a decision book: {f'{place}: ' if place else ''}{fault['msg']}"
        ) from error
    if run.run_version != RUN_VERSION:
        raise BookError(
            f"{file}: is of version {run.run_version}; this release replays version {RUN_VERSION}"
        )
    if (found := policy_hash(run.policy)) != run.policy_hash:
        raise BookError(
            f"{file}: run.json was changed: its policy has the hash {found}, the book was made with "
            f"{run.policy_hash}; to try another policy, give it with --policy"
        )
    schema = {"merchant_id": pl.String(), "_given": pl.Int32()}
    chosen = None if run.merchants is None else pl.DataFrame(run.merchants, schema=schema, orient="row")
    loaded = parse_policy(run.policy, str(file))
    merchants = _decided(file.with_name("decisions.parquet"))
    model = (Path(run.model.folder), run.model.digest) if run.model else None
    return Recorded(
        run.lake_sequence, run.lake_snapshot, loaded, run.as_of, chosen, merchants, Path(run.lake), model
    )


def same_model(recorded: Recorded, folder: Path | None) -> Opened | None:
    """The model that scored a book, None if the expert card did.

    Args:
        recorded: what the book was made with.
        folder: where the model lies now; None for where it lay then.

    Raises:
        BookError: it is another model, or there was none.
        ModelError: it is not whole, or not there.
    """
    if recorded.model is None:
        if folder is not None:
            raise BookError(f"the book was scored by the policy's expert card; leave --model {folder} out")
        return None
    then, digest = recorded.model
    try:
        opened = open_checked(folder or then)
    except ModelError as error:
        if folder is None:
            raise BookError(
                f"{error}; if the model lies elsewhere now, name its folder with --model"
            ) from error
        raise
    if opened.digest != digest:
        raise BookError(
            f"{opened.folder}: is model {opened.digest[:12]}, the book was scored by {digest[:12]}; name its folder "
            "with --model"
        )
    return opened


def _decided(table: Path) -> tuple[str, ...]:
    if not table.is_file():
        return ()
    try:
        return tuple(pl.read_parquet(table, columns=["merchant_id"])["merchant_id"].to_list())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"{table}: cannot be read: {str(error).splitlines()[0]}") from error


def same_snapshot(recorded: Recorded, root: Path, file: Path) -> Lake:
    """The snapshot that a book was made on; BookError if the lake does not hold it."""
    held = Lake.open(root, recorded.sequence)
    if held.snapshot != recorded.snapshot:
        raise BookError(f"{file}: was made on snapshot {recorded.snapshot}, which {root} does not hold")
    return held


def without_erased(recorded: Recorded, lake: Lake) -> tuple[pl.DataFrame | None, tuple[str, ...]]:
    """Who is left to decide, and who was forgotten since: their rows are gone, and only the old book knows them."""
    given = recorded.chosen["merchant_id"].to_list() if recorded.chosen is not None else []
    erased = tuple(name for name in dict.fromkeys([*recorded.merchants, *given]) if lake.forgotten(name))
    if recorded.chosen is None:
        return None, erased
    return recorded.chosen.filter(~pl.col("merchant_id").is_in(erased)), erased


def differences(book: Path, decisions: Sequence[Decision], erased: Sequence[str]) -> list[Difference]:
    """The decisions of an earlier book that would now differ in outcome, limit, price or score.

    Args:
        book: the earlier book's folder.
        decisions: the same merchants decided now.
        erased: merchants that were forgotten since; they are listed as such.

    Raises:
        BookError: the book's tables cannot be read.
    """
    try:
        old = {
            row["merchant_id"]: row
            for row in pl.read_parquet(
                book / "decisions.parquet", columns=["merchant_id", *_SHOWN]
            ).iter_rows(named=True)
        }
        features = pl.read_parquet(book / "features.parquet")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BookError(f"{book}: cannot be read: {str(error).splitlines()[0]}") from error
    new = {row["merchant_id"]: row for row in decisions_table(decisions).iter_rows(named=True)}
    names = [name for name in features.columns if name not in ("merchant_id", "as_of")]
    now = {row["merchant_id"]: row for row in features_table(decisions, names).iter_rows(named=True)}
    then = {row["merchant_id"]: row for row in features.iter_rows(named=True)}
    found = []
    for merchant, before in old.items():
        after = new.get(merchant)
        if merchant in erased or after is None:
            gone = ERASED if merchant in erased else "not known"
            found.append(Difference(merchant, _shown(before), {"decision": gone}, ()))
        elif _differ(before, after):
            moved = tuple(name for name in names if then[merchant][name] != now[merchant][name])
            found.append(Difference(merchant, _shown(before), _shown(after), moved))
    fresh = [name for name in new if name not in old]
    return found + [Difference(name, {"decision": "not known"}, _shown(new[name]), ()) for name in fresh]


_SHOWN = ("decision", "limit", "annual_rate", "score")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}


def _differ(before: dict[str, Any], after: dict[str, Any]) -> bool:
    exact = any(before[name] != after[name] for name in _SHOWN if name != "score")
    return exact or abs(before["score"] - after["score"]) > SAME_SCORE


def run_file(book: Path) -> Path:
    """The run.json of a book, given the book's folder or the file itself."""
    return book / RUN_FILE if book.is_dir() else book
