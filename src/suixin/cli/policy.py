"""suixin policy: check a policy file, set two against each other, release one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from suixin.cli.output import Json, people, print_json, say
from suixin.cli.policy_diff import diff
from suixin.cli.policy_release import release, shipped
from suixin.errors import PolicyError
from suixin.features.feature import Unit
from suixin.features.registry import FEATURES
from suixin.underwriting.policy import LoadedPolicy, Policy, load_policy, shipped_policy
from suixin.underwriting.policy_parts import Rule

app = typer.Typer(help="Check a policy, compare two, or release one on the server.", no_args_is_help=True)


def add_to(program: typer.Typer) -> None:
    """Register the commands."""
    program.add_typer(app, name="policy")


@app.callback()
def _nouns() -> None:
    """Check a policy, compare two, or release one on the server."""


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A policy file.")], *, json: Json = False) -> None:
    """Check a policy: bands without gap or overlap, grades in order, figures in bounds, known routes and features.

    A policy that has name and version of the shipped one, and another content, is sound; a warning says that it needs a
    version of its own. So is one with a rule that nobody can break, such as a share above 35 for 0.35; a warning names it.

    For example:

        suixin policy check ours.yaml
    """
    loaded = load_policy(file)
    policy = loaded.policy
    summary = {
        "name": policy.name,
        "version": policy.version,
        "currency": policy.currency,
        "hash": loaded.hash,
        "features": [item.feature for item in policy.card.items],
        "grades": [grade.grade for grade in policy.grades],
        "rules": [rule.code for rule in policy.rules],
        "unverified": sorted(_unverified(policy.model_dump(), "")),
        "warnings": [*_titles(loaded), *_idle(loaded.policy)],
    }
    if json:
        print_json(summary)
        return
    people.print(
        f"{file}: sound. Policy {policy.name} {policy.version} in {policy.currency}, hash {loaded.hash}",
        markup=False,
    )
    people.print(f"{len(policy.card.items)} features, {len(policy.grades)} grades, {len(policy.rules)} rules")
    for warning in summary["warnings"]:
        say(f"warning: {warning}")
    for name in summary["unverified"]:
        people.print(f"not verified: {name}", markup=False)


app.command("diff")(diff)
app.command("shipped")(shipped)
app.command("release")(release)


def _titles(loaded: LoadedPolicy) -> Iterator[str]:
    """The name and version of the shipped policy on another content."""
    policy = loaded.policy
    try:
        ours = shipped_policy(policy.currency)
    except PolicyError:  # none ships for the currency
        return
    same = (policy.name, policy.version) == (ours.policy.name, ours.policy.version)
    if same and loaded.hash != ours.hash:
        yield (
            f"{policy.name} {policy.version} is the policy that ships, with hash {ours.hash}, and this one has another "
            "content: give it a version of its own"
        )


def _idle(policy: Policy) -> Iterator[str]:
    """Rules that no value of their feature can break."""
    for rule in policy.rules:
        low, high = FEATURES[rule.feature].bounds
        if rule.above is not None and rule.above >= high:
            yield _never(rule, f"above {rule.above:g}", f"goes up to {high:g}")
        elif rule.below is not None and rule.below <= low:
            yield _never(rule, f"below {rule.below:g}", f"goes down to {low:g}")


def _never(rule: Rule, asked: str, bound: str) -> str:
    told = f"rule {rule.code}: nothing is {asked}, for {rule.feature} {bound}: the rule never holds"
    return f"{told}; write 0.35 for 35%" if FEATURES[rule.feature].unit is Unit.SHARE else told


def _unverified(part: object, path: str) -> list[str]:
    """Paths of the parameters whose source nobody has checked."""
    if isinstance(part, dict):
        if part.get("verified") is False:
            return [path]
        return [
            p
            for key, value in part.items()
            for p in _unverified(value, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(part, list | tuple):
        return [p for n, value in enumerate(part) for p in _unverified(value, f"{path}.{n}")]
    return []
