"""suixin model: look at a model, compare two, verify one, release one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.cli.modelled import figure_rows
from suixin.cli.output import Json, print_json, print_table, read_date, say
from suixin.errors import UsageError
from suixin.reporting.model_phrases import FIGURES
from suixin.reporting.model_phrases import KINDS as NAMES
from suixin.scoring.artefact import Opened, open_checked
from suixin.scoring.release import MOST_PSI, release
from suixin.scoring.signing import read_private_key, read_public_key

Folder = Annotated[Path, typer.Argument(help="The model's folder.")]
Trusted = Annotated[Path | None, typer.Option(help="Public key (PEM) that must have signed the model.")]


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Trained models: what they are, whether they are whole, who released them.")
    group.command("show")(_show)
    group.command("compare")(_compare)
    group.command("verify")(_verify)
    group.command("release")(_release)
    program.add_typer(group, name="model", no_args_is_help=True)


def _show(model: Folder, *, json: Json = False) -> None:
    """What a model is and how good it was out of sample.

    For example:

        suixin model show model

        suixin model show model --json
    """
    opened = open_checked(model)
    metrics, document = opened.documents["metrics.json"], opened.documents["model.json"]
    if json:
        print_json(
            {
                **metrics,
                "name": opened.model.name,
                "digest": opened.digest,
                "signer": opened.signer,
                "release": opened.release,
                "horizon_days": document["horizon_days"],
                "features": document["features"],
                "training": document["training"],
                "proof": opened.documents["proof.json"]["directions"],
                "card": opened.documents.get("card.json"),
            }
        )
        return
    training = document["training"]
    say(f"{opened.model.name}: {NAMES[metrics['champion']]}, {_standing(opened)}")
    say(
        f"learned from {training['rows']:,} borrowers, {training['defaults']:,} defaults ({training['definition']}, "
        f"{document['horizon_days']} days), as of {training['as_of_from']} to {training['as_of_to']}"
    )
    print_table("Out of sample", ("", "mean", "90 % low", "high"), figure_rows(metrics["metrics"]))
    weights = document["typical"]["weight"]
    ranked = sorted(zip(opened.model.features, weights, strict=True), key=lambda pair: -pair[1])[:15]
    print_table(
        "Features", ("", "share"), [(name, f"{weight / (sum(weights) or 1):.1%}") for name, weight in ranked]
    )


def _standing(opened: Opened) -> str:
    signed = f"signed by {opened.signer[:12]}..." if opened.signer else "not signed"
    if opened.release is None:
        return f"{signed}, not released"
    retire = opened.release["retire"]["on"]
    return f"{signed}, released on {opened.release['released_on']} by {opened.release['validator']}, until {retire}"


def _compare(a: Folder, b: Folder, *, json: Json = False) -> None:
    """Two models beside each other: out-of-sample figures, and the features that only one of them uses.

    For example:

        suixin model compare old-model new-model
    """
    one, two = open_checked(a), open_checked(b)
    figures = {
        name: (found, two.documents["metrics.json"]["metrics"][name])
        for name, found in one.documents["metrics.json"]["metrics"].items()
    }
    only_a = sorted(set(one.model.features) - set(two.model.features))
    only_b = sorted(set(two.model.features) - set(one.model.features))
    same = _sample(one) == _sample(two)
    if json:
        print_json(
            {
                "a": one.model.name,
                "b": two.model.name,
                "same_borrowers": same,
                "metrics": {name: {"a": pair[0], "b": pair[1]} for name, pair in figures.items()},
                "features_only_a": only_a,
                "features_only_b": only_b,
            }
        )
        return
    rows = [(FIGURES[name], _told(first), _told(second)) for name, (first, second) in figures.items()]
    print_table("Out of sample, with 90 % intervals", ("", one.model.name, two.model.name), rows)
    if not same:
        say("they learned from different borrowers, so the figures say little about which is better")
    for name, features in ((one.model.name, only_a), (two.model.name, only_b)):
        say(f"only {name} uses: {', '.join(features) or 'nothing'}")


def _sample(opened: Opened) -> tuple[Any, ...]:
    training = opened.documents["model.json"]["training"]
    return tuple(training[name] for name in ("lake_snapshot", "on", "definition", "rows"))


def _told(found: dict[str, float | None]) -> str:
    mean, low, high = found["mean"], found["low"], found["high"]
    if mean is None:
        return ""
    return f"{mean:.4f}" if low is None or high is None else f"{mean:.4f} ({low:.4f} to {high:.4f})"


def _verify(model: Folder, key: Trusted = None, *, json: Json = False) -> None:
    """Check every file, the signatures and the features; exit 0 only if all is as it was when the model was written.

    For example:

        suixin model verify model --key public.pem
    """
    opened = open_checked(model, read_public_key(key) if key else None)
    proofs = opened.documents["proof.json"]["directions"]
    if json:
        print_json(
            {
                "model": opened.model.name,
                "digest": opened.digest,
                "signer": opened.signer,
                "released": opened.release is not None,
                "directions_proved": len(proofs),
            }
        )
        return
    say(f"{opened.model.name} is whole: {_standing(opened)}, {len(proofs)} directions proved")


def _release(
    model: Folder,
    validator: Annotated[str, typer.Option(help="Who validated it; not the owner.")],
    retire_on: Annotated[str, typer.Option(help="After this day the model is refused.")],
    on: Annotated[str | None, typer.Option(help="The day of the release; else today.")] = None,
    retire_psi: Annotated[
        float, typer.Option(help="Shift of the score (PSI) at which it retires.")
    ] = MOST_PSI,
    retire_auc: Annotated[
        float | None, typer.Option(help="AUC below which it retires; else 90 % of the AUC now.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="The validator's Ed25519 private key (PEM).")] = None,
    *,
    json: Json = False,
) -> None:
    """Release a model: an independent validator and the rule by which it retires are written beside it.

    For example:

        suixin model release model --validator "Li Na, model validation" --retire-on 2027-12-31
    """
    until = read_date(retire_on)
    if until is None:
        raise UsageError("name the day on which the model retires with --retire-on")
    document = release(
        open_checked(model),
        validator=validator,
        released_on=read_date(on) or datetime.now(UTC).date(),
        retire_on=until,
        retire_psi=retire_psi,
        retire_auc=retire_auc,
        key=read_private_key(key) if key else None,
    )
    if json:
        print_json(document)
        return
    retire = document["retire"]
    say(
        f"{model}: released by {document['validator']} on {document['released_on']}; retires after {retire['on']}, at a "
        f"PSI above {retire['psi_above']:g}, or at an AUC below {retire['auc_below']:.3f}"
    )
