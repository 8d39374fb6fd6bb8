"""What peers say, prepared once a snapshot for all merchants, so that one of them can be decided by itself.

Only what belongs to groups is kept: season, grain and spread of each merchant's peer group, and how past forecasts
came out. The file lies in the data folder and is made again when it is lost.
"""

import io
import secrets
from dataclasses import fields
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np

from suixin.assess import pasts
from suixin.features.build import Progress, build
from suixin.features.subjects import subjects
from suixin.lake.store import Lake
from suixin.server.settings import home
from suixin.underwriting.peers import Peers, learn
from suixin.underwriting.policy import LoadedPolicy
from suixin.underwriting.seasonal import Guide


def prepare(
    lake: Lake,
    loaded: LoadedPolicy,
    as_of: date,
    *,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Learn what peers say as of a day, and keep it; what is there already stays."""
    path = _file(lake, loaded, as_of)
    if path.exists():
        return path
    routes = loaded.policy.data.routes.value
    people = subjects(lake, as_of, None, routes)
    built = build(lake, people.table, routes=routes, processes=processes, progress=progress)
    found = learn(pasts(lake, built, loaded), loaded.policy.forecast)
    _write(path, found, built.features["merchant_id"].to_list())
    return path


def read(lake: Lake, loaded: LoadedPolicy, as_of: date, merchant_id: str) -> Peers | None:
    """What a merchant's peers say, a batch of one; None if nothing was prepared, or not for this merchant."""
    path = _file(lake, loaded, as_of)
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as held:
        at = np.flatnonzero(held["merchant_id"] == merchant_id)
        if not at.size:
            return None
        row = slice(int(at[0]), int(at[0]) + 1)
        guide = Guide(**{part.name: held[part.name][row] for part in fields(Guide)})
        return Peers(guide, held["levels"][row], [str(held["group"][row][0])], held["count"][row])


def _file(lake: Lake, loaded: LoadedPolicy, as_of: date) -> Path:
    named = sha256(f"{lake.root.resolve()}|{lake.snapshot}|{loaded.hash}|{as_of}".encode()).hexdigest()[:32]
    folder = home.folder() / "peers"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{named}.npz"


def _write(path: Path, found: Peers, merchants: list[str]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        merchant_id=np.array(merchants),
        **{part.name: getattr(found.guide, part.name) for part in fields(Guide)},
        levels=found.levels,
        group=np.array(list(found.group)),
        count=found.count,
    )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_bytes(buffer.getvalue())
    draft.replace(path)
