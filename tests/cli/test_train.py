"""Train, look at, verify, release and use a model of real firms, as a lender would."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from samples import Run
from suixin.adapters import open_source
from suixin.features.registry import FEATURES
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.scoring.artefact import open_checked
from suixin.scoring.metrics import auc
from suixin.scoring.sample import SIGN
from suixin.train.outcomes import labelled

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def pem(folder: Path, name: str) -> tuple[Path, Path]:
    """A private and a public key."""
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture(scope="module")
def firms(data_set: Callable[[str], Path], suixin: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lake of the invoices, keys, and a signed model of two families."""
    folder = tmp_path_factory.mktemp("firms")
    ingest(open_source("vat-invoices", data_set("cumcm2020c")), folder / "lake", now=NOW)
    pem(folder, "owner")
    pem(folder, "validator")
    done = suixin(
        "train", folder / "lake", "--out", folder / "模型", "--owner", "risk", "--repeats", "1",
        "--family", "thin", "--family", "scorecard", "--key", folder / "owner.pem", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder / "trained.json").write_text(done.stdout)
    return folder


def test_every_outcome_has_the_features_known_before_it(firms: Path) -> None:
    """123 firms, 27 defaults, and no feature is the bank's rating."""
    known = labelled(Lake.open(firms / "lake"))
    assert (len(known.sample.y), known.sample.defaults, known.immature) == (123, 27, 0)
    assert (known.definition, known.horizon_days) == ("as_published", 365)
    assert not any("rating" in name for name in known.sample.names)


def test_what_training_reports(firms: Path) -> None:
    """Out-of-sample figures with intervals, of the champion and of each family; the plain baseline's AUC is 0.894."""
    told = orjson.loads((firms / "trained.json").read_bytes())
    assert told["champion"] in {"thin", "scorecard"}
    assert set(told["metrics"]) == {"auc", "ks", "brier", "log_loss", "ece"}
    assert told["metrics"].pop("ece")["low"] is None  # it is one figure a repetition, and there is one
    for found in told["metrics"].values():
        assert found["low"] <= found["mean"] <= found["high"]
    assert told["metrics"]["auc"]["mean"] > 0.82
    assert set(told["validation"]["figures"]) == {"champion", "thin", "scorecard"}
    assert sum(told["validation"]["chosen"].values()) == 5
    assert (told["lgd"]["basis"], told["rejects"], told["leaks"]) == ("assumed", None, {})
    assert {group["attribute"] for group in told["groups"]} == {
        "township", "legal_form", "annual_sales", "tenure", "borrowing",
    }  # fmt: skip


@pytest.mark.full
def test_equal_seeds_give_equal_models(firms: Path, suixin: Run, tmp_path: Path) -> None:
    """The model's identity is that of its bytes; another process with one worker makes the same."""
    done = suixin(
        "train", firms / "lake", "--out", tmp_path / "again", "--owner", "risk", "--repeats", "1",
        "--family", "thin", "--family", "scorecard", "--processes", "1", "--json",
    )  # fmt: skip
    assert (
        orjson.loads(done.stdout)["digest"] == orjson.loads((firms / "trained.json").read_bytes())["digest"]
    )


def test_show_and_verify(firms: Path, here: Run) -> None:
    """What a machine reads of a model has its figures at the top; the right key is asked for and the wrong one refused."""
    shown = orjson.loads(here("model", "show", firms / "模型", "--json").stdout)
    assert {"champion", "metrics", "validation", "digest", "features", "proof"} <= set(shown)
    assert shown["release"] is None
    assert {one["verdict"] for one in shown["proof"]} == {"each_tree"}
    assert here("model", "verify", firms / "模型", "--key", firms / "owner.pub").returncode == 0
    wrong = here("model", "verify", firms / "模型", "--key", firms / "validator.pub")
    assert wrong.returncode == 2
    assert "was signed by key" in wrong.stderr


def test_one_changed_byte_is_refused(firms: Path, here: Run, tmp_path: Path) -> None:
    """Whatever file it stands in."""
    whole = firms / "模型"
    files = sorted(path.name for path in whole.iterdir())
    assert {"manifest.json", "model.json", "signature.json", "reference.parquet", "model-card.zh.md"} <= set(
        files
    )
    for number, name in enumerate(files):
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        for path in whole.iterdir():
            content = bytearray(path.read_bytes())
            if path.name == name:
                content[len(content) // 2] ^= 1
            (copy / path.name).write_bytes(bytes(content))
        refused = here("model", "verify", copy)
        assert refused.returncode == 2, name
        assert refused.stderr.startswith("suixin: "), refused.stderr


def test_release_needs_someone_else(firms: Path, here: Run, tmp_path: Path) -> None:
    """The owner validates nothing, by name or by key; a release names its last day, and then the model is refused."""
    copy = tmp_path / "model"
    copy.mkdir()
    for path in (firms / "模型").iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    asked = ("model", "release", copy, "--on", "2021-03-01", "--retire-on", "2021-06-30")
    assert "owns the model" in here(*asked, "--validator", "ＲＩ sk").stderr
    early = here(*asked[:3], "--on", "2021-02-21", "--retire-on", "2021-06-30", "--validator", "audit")
    assert "it cannot be released on 2021-02-21" in early.stderr
    assert "signed the model too" in here(*asked, "--validator", "audit", "--key", firms / "owner.pem").stderr
    assert not (copy / "release.json").exists()
    assert here(*asked, "--validator", "audit", "--key", firms / "validator.pem").returncode == 0
    assert open_checked(copy).release["validator"] == "audit"
    late = here(
        "assess", firms / "lake", "--as-of", "2021-07-01", "--model", copy, "--out", tmp_path / "book"
    )
    assert late.returncode == 2
    assert "released until 2021-06-30 and is asked about 2021-07-01" in late.stderr
    assert not (tmp_path / "book").exists()


def test_a_book_of_the_model(firms: Path, here: Run, tmp_path: Path) -> None:
    """All 425 firms, those without a record too; the trained probability ranks, and reasons add up to the distance."""
    book = tmp_path / "book"
    assert here("assess", firms / "lake", "--model", firms / "模型", "--out", book).returncode == 0
    rows = pl.read_parquet(book / "decisions.parquet")
    assert rows.height == 425
    assert set(rows["pd_basis"]) == {"trained"}
    outcomes = Lake.open(firms / "lake").whole("outcomes").select("merchant_id", "defaulted").collect()
    both = rows.join(outcomes, on="merchant_id")
    assert auc(both["defaulted"].cast(pl.Int64), both["pd"]) > 0.85
    line = 620  # of the shipped policy
    for row in rows.head(50).iter_rows(named=True):
        parts = [reason["points"] for reason in row["reasons"] if reason["code"].startswith("card.")]
        assert sum(parts) == pytest.approx(row["score"] - line, abs=1e-9)


def test_a_book_says_what_it_knows_of_its_model(firms: Path, here: Run, tmp_path: Path) -> None:
    """Not released, and decided in hindsight: firms without a record are dated before the model could be trained too."""
    chosen = tmp_path / "some.csv"
    chosen.write_text("merchant_id\nE1\nE200\n")
    done = here(
        "assess", firms / "lake", "--merchants", chosen, "--model", firms / "模型", "--out", tmp_path / "b"
    )
    assert "not released" in done.stdout
    assert "2 are decided as of a day before the model could be trained" in done.stdout


def test_hiding_a_bad_value_does_not_pay(firms: Path) -> None:
    """What was never unknown in training is taken at its worst twentieth when it is unknown."""
    found = open_checked(firms / "模型").model
    assert not any(np.isnan(found.cautious))
    rows = found.matrix(labelled(Lake.open(firms / "lake")).features)
    base = found.raw(rows)
    for column, (name, sign) in enumerate((name, SIGN[FEATURES[name].direction]) for name in found.features):
        if sign:
            hidden = rows.copy()
            hidden[:, column] = np.nan
            better = found.raw(hidden) < base - 1e-12
            assert better.mean() <= 0.06, name


def test_a_lake_without_the_models_features(firms: Path, here: Run, county: Path, tmp_path: Path) -> None:
    """A model of invoices has nothing to say where nobody sends any; here some do, so it answers and doubts."""
    done = here(
        "assess", county / "lake", "--as-of", "2026-01-01", "--model", firms / "模型", "--out", tmp_path / "b"
    )
    assert done.returncode == 0, done.stderr
    rows = pl.read_parquet(tmp_path / "b" / "decisions.parquet")
    assert (
        rows.filter(pl.col("confidence") == 0)["decision"].cast(pl.String).is_in(["refer", "decline"]).all()
    )


def test_a_replay_asks_for_the_same_model(firms: Path, here: Run, tmp_path: Path) -> None:
    """The model's folder may move; another model, or none, is refused."""
    first, again = tmp_path / "first", tmp_path / "again"
    chosen = tmp_path / "some.csv"
    chosen.write_text("merchant_id\nE1\nE2\nE200\n")
    here("assess", firms / "lake", "--merchants", chosen, "--model", firms / "模型", "--out", first)
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in (firms / "模型").iterdir():
        (moved / path.name).write_bytes(path.read_bytes())
    done = here("assess", firms / "lake", "--replay", first / "run.json", "--model", moved, "--out", again)
    assert done.returncode == 0, done.stderr
    same = [pl.read_parquet(book / "decisions.parquet") for book in (first, again)]
    assert same[0].equals(same[1])
    whatif = here("whatif", first, "E1", "--set", "void_purchase_share=0.9", "--json")
    assert whatif.returncode == 0, whatif.stderr
    sides = orjson.loads(whatif.stdout)
    assert sides["after"]["pd"] >= sides["before"]["pd"]
    card_book = tmp_path / "card"
    here("assess", firms / "lake", "--merchants", chosen, "--out", card_book)
    other = here(
        "assess",
        firms / "lake",
        "--replay",
        card_book / "run.json",
        "--model",
        moved,
        "--out",
        tmp_path / "x",
    )
    assert "was scored by the policy's expert card" in other.stderr


def test_a_letter_to_the_merchant(firms: Path, here: Run, tmp_path: Path) -> None:
    """Plain words in both languages, and no points and no model in them."""
    chosen = tmp_path / "some.csv"
    chosen.write_text("merchant_id\nE1\nE200\n")
    here(
        "assess", firms / "lake", "--merchants", chosen, "--model", firms / "模型", "--out", tmp_path / "book"
    )
    english = here("explain", tmp_path / "book", "E200", "--to", "merchant").stdout
    chinese = here("explain", tmp_path / "book", "E200", "--to", "merchant", "--lang", "zh").stdout
    assert "ask that a person decides" in english
    assert "要求由人工作出决定" in chinese
    assert "points" not in english.replace("score", "")
    sentences = orjson.loads(here("explain", tmp_path / "book", "E200", "--json").stdout)["sentences"]
    card = [each for each in sentences if each["code"].startswith("card.")]
    assert all("points against the accept line" in each["officer"]["en"] for each in card)
    assert not any("points" in each["merchant"]["en"] for each in card)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--family", "forest"], "no family of models is called 'forest'"),
        (["--on", "2020-03-01"], "no outcome of the lake was known by that day"),
        (["--on", "soon"], "'soon' is no date"),
        (["--definition", "dpd30"], "no outcomes of definition 'dpd30'; it has as_published"),
        (["--rejects", "3"], "the lake has no applications"),
        (["--key", "nowhere.pem"], "nowhere.pem: no private key in PEM"),
    ],
)
def test_what_cannot_be_trained(
    arguments: list[str], message: str, firms: Path, here: Run, tmp_path: Path
) -> None:
    """One line that names the value, and nothing is left behind."""
    done = here("train", firms / "lake", "--out", tmp_path / "model", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_taken_folder_is_left_alone(firms: Path, here: Run, tmp_path: Path) -> None:
    """A model never takes the place of something else."""
    (tmp_path / "note.txt").write_text("mine")
    done = here("train", firms / "lake", "--out", tmp_path, "--family", "thin", "--repeats", "1")
    assert "is taken" in done.stderr
    assert (tmp_path / "note.txt").read_text() == "mine"
