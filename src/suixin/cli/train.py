"""suixin train: a lake's outcomes into a model."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.modelled import figure_rows
from suixin.cli.output import Json, Processes, print_json, print_table, progress_bar, read_date, say
from suixin.errors import UsageError
from suixin.lake.store import Lake
from suixin.reporting.model_phrases import KINDS as NAMES
from suixin.scoring.families import KINDS, Kind
from suixin.scoring.signing import read_private_key
from suixin.train import Made, train_lake
from suixin.underwriting.policy import load_policy, shipped_policy


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("train")(_train)


def _train(
    lake: Annotated[Path, typer.Argument(help="The lake's folder.")],
    out: Annotated[Path, typer.Option(help="Folder for the model; must not exist yet.")],
    on: Annotated[
        str | None,
        typer.Option(help="The day on whose knowledge it is trained; else the day after the last outcome."),
    ] = None,
    definition: Annotated[
        str | None, typer.Option(help="Definition of default; else the one with the most outcomes.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file; else the one shipped for the currency.")
    ] = None,
    owner: Annotated[str, typer.Option(help="Who answers for the model.")] = "",
    family: Annotated[
        list[str] | None, typer.Option(help=f"Families that compete; else all: {', '.join(KINDS)}.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal models.", min=0)] = 0,
    repeats: Annotated[int, typer.Option(help="Repetitions of the validation.", min=1, max=100)] = 3,
    rejects: Annotated[
        float | None,
        typer.Option(help="Learn from rejected applicants, at this multiple of the odds of default."),
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Ed25519 private key (PEM) that signs the model.")] = None,
    processes: Processes = None,
    *,
    json: Json = False,
) -> None:
    """Train, validate, calibrate and explain a model on the lake's outcomes.

    For example:

        suixin train lake --out model

        suixin train lake --on 2025-06-30 --owner "risk department" --key key.pem --out model
    """
    opened = Lake.open(lake)
    loaded = load_policy(policy) if policy else shipped_policy(opened.manifest.currency)
    signer = read_private_key(key) if key else None
    day: date | None = read_date(on)
    with progress_bar() as tell:
        made = train_lake(
            opened,
            out,
            loaded,
            owner=owner,
            on=day,
            definition=definition,
            seed=seed,
            repeats=repeats,
            kinds=_kinds(family),
            rejects_factor=rejects,
            key=signer,
            processes=processes,
            progress=tell,
        )
    if json:
        print_json({"model": str(out), "digest": made.digest, **made.documents["metrics.json"]})
    else:
        _show(made, out)


def _kinds(names: list[str] | None) -> tuple[Kind, ...]:
    if not names:
        return KINDS
    for name in names:
        if name not in set(KINDS):
            raise UsageError(f"no family of models is called {name!r}; there are: {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind.value in names)


def _show(made: Made, out: Path) -> None:
    metrics, training = made.documents["metrics.json"], made.documents["model.json"]["training"]
    say(
        f"{NAMES[metrics['champion']]}: {training['rows']:,} borrowers, {training['defaults']:,} defaults "
        f"({training['definition']}, {made.documents['model.json']['horizon_days']} days), "
        f"{len(made.trained.model.features)} features"
    )
    checked = metrics["validation"]
    print_table("Out of sample", ("", "mean", "90 % low", "high"), figure_rows(metrics["metrics"]))
    print_table(
        "Families",
        ("", "AUC", "ECE", "times chosen"),
        [
            (
                NAMES[name],
                f"{found['auc']['mean']:.4f}",
                f"{found['ece']['mean']:.4f}",
                checked["chosen"].get(name, 0),
            )
            for name, found in checked["figures"].items()
            if name != "champion"
        ],
    )
    if card := made.documents.get("card.json"):
        rounding = card["rounding"]
        say(
            f"rounding to whole points can reverse merchants up to {rounding['bound']:.1f} points apart "
            f"({rounding['share']:.1%} of the score's deviation); it reversed {rounding['reversals']} of "
            f"{rounding['pairs']:,} pairs"
        )
    for feature, why in metrics["leaks"].items():
        say(f"left out, it knows the answer: {feature}: {why}")
    if metrics["rejects"]:
        say(f"assumed: {metrics['rejects']}")
    lgd = metrics["lgd"]
    say(f"loss given default {lgd['value']:.1%} ({lgd['basis']}, {lgd['workouts']} workouts)")
    say(
        f"{out}: read model-card.en.md or model-card.zh.md; use it with: suixin assess LAKE --model {out} --out BOOK"
    )
