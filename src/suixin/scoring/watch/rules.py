"""The rules of early warning: one versioned YAML file with every threshold and point, and where each comes from."""

import hashlib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from suixin.errors import PolicyError
from suixin.scoring.card import Strict, Text
from suixin.scoring.watch.measures import MEASURES

SEVERITIES = ("watch", "act", "urgent")
"""From the mildest to the gravest; a level is a number from 0 (none) to 3 (urgent)."""

ACTIONS: dict[str, str] = {
    "call": "call the borrower and note what is said",
    "visit": "visit the borrower within a week, with pictures of stock and field",
    "promise": "agree a date of payment in writing and follow it up",
    "collect": "hand over to collection today",
    "freeze": "freeze the undrawn limit until the visit is on file",
    "check_account": "check with platform and borrower to which account the pay-outs go",
    "check_orders": "check the flagged orders with platform and carrier before any new drawdown",
    "ask_bureau": "ask the bureau again, with the borrower's authorisation on file",
    "ask_purchases": "ask for purchase papers and see what the trade goes on with",
    "offer_relief": "check the whole crop or township for relief, and propose it in one batch",
    "improve_service": "go through late parcels and complaints with the borrower",
    "reschedule": "offer to fit the schedule to the sales before a date is missed",
}
"""Every action that may be proposed (English; the catalogue translates)."""

_Points = Annotated[int, Field(ge=0, le=1000)]
_Weeks = Annotated[int, Field(ge=1, le=52)]


class Band(Strict):
    """Points for a measure at or beyond a bound."""

    beyond: float
    points: _Points


class Actions(Strict):
    """What is proposed at each severity."""

    watch: Text
    act: Text
    urgent: Text

    @model_validator(mode="after")
    def _known(self) -> Self:
        for severity in SEVERITIES:
            if self.of(severity) not in ACTIONS:
                raise ValueError(f"{self.of(severity)!r} is no action; the actions are {', '.join(ACTIONS)}")
        return self

    def of(self, severity: str) -> str:
        """The action at a severity."""
        return str(getattr(self, severity))


class SignalRule(Strict):
    """One signal: which side of its measure is worse, its bands from mild to grave, and what is proposed.

    Attributes:
        code: a signal of `MEASURES`.
        worse: 'higher' or 'lower'.
        bands: each further to the worse side than the one before, with at least as many points.
        actions: proposed by severity.
        source, since: where bands and points come from, and since when.
        verified: False for judgement that no data confirm.
    """

    code: str
    worse: Literal["higher", "lower"]
    bands: tuple[Band, ...] = Field(min_length=1)
    actions: Actions
    source: Text
    since: date
    verified: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.code not in MEASURES:
            raise ValueError(f"{self.code!r} is no signal; the signals are {', '.join(MEASURES)}")
        for milder, graver in pairwise(self.bands):
            further = (graver.beyond - milder.beyond) * (1 if self.worse == "higher" else -1)
            if further <= 0:
                raise ValueError(f"{self.code}: list the bands from mild to grave, worse is {self.worse}")
            if graver.points < milder.points:
                raise ValueError(f"{self.code}: a graver band has fewer points than a milder one")
        return self


class Scale(Strict):
    """What points mean: p = 1 / (1 + exp(-(intercept + weight × points))) is the chance of default in `days`."""

    intercept: float
    weight: float = Field(gt=0)
    days: Annotated[int, Field(ge=1)]
    source: Text
    since: date
    verified: bool = True


class Level(Strict):
    """From how many points a loan has a severity."""

    severity: Literal["watch", "act", "urgent"]
    from_points: Annotated[int, Field(ge=1)]


class Rules(Strict):
    """The rules of early warning.

    Attributes:
        levels: the three severities, ascending.
        close_after_weeks: an alert closes when its condition has been gone for so many weeks.
        evidence_rows: as many rows of evidence at most to an alert.
        loans_an_officer: for the load.
        scale: what points mean.
        signals: each once.
    """

    schema_version: Literal[1]
    name: Text
    version: Text
    levels: tuple[Level, Level, Level]
    levels_source: Text
    since: date
    close_after_weeks: _Weeks
    evidence_rows: Annotated[int, Field(ge=1, le=50)]
    loans_an_officer: Annotated[int, Field(ge=1)]
    scale: Scale
    signals: tuple[SignalRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if tuple(level.severity for level in self.levels) != SEVERITIES:
            raise ValueError(f"levels: list {', '.join(SEVERITIES)} in this order")
        if any(graver.from_points <= milder.from_points for milder, graver in pairwise(self.levels)):
            raise ValueError("levels: each severity begins at more points than the one before")
        codes = [signal.code for signal in self.signals]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"the signal {', '.join(twice)} is given more than once")
        return self

    @property
    def shock_bound(self) -> float:
        """The share of its expectation from which a crop or township is struck: the mildest band of `shock`, else 0."""
        found = [signal.bands[0].beyond for signal in self.signals if signal.code == "shock"]
        return found[0] if found else 0.0

    def signal(self, code: str) -> SignalRule:
        """The rule of a signal; KeyError if the rules do not have it."""
        for signal in self.signals:
            if signal.code == code:
                return signal
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """Rules, the text they were read from, and its hash."""

    rules: Rules
    text: str
    hash: str


def shipped_rules() -> LoadedRules:
    """The rules that ship with the library."""
    file = resources.files("suixin.scoring.watch") / "rules.yaml"
    return parse_rules(file.read_text(encoding="utf-8"), "shipped rules")


def load_rules(path: Path) -> LoadedRules:
    """Read and check a file of rules; PolicyError that names every fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PolicyError(f"{path}: no such file of rules") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read: {error}") from error
    return parse_rules(text, str(path))


def parse_rules(text: str, origin: str) -> LoadedRules:
    """Check the text of rules; `origin` names it in errors."""
    try:
        rules = Rules.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        faults = (
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}".removeprefix(
                ": "
            )
            for fault in error.errors(include_url=False)
        )
        raise PolicyError(f"{origin}: " + "; ".join(faults)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise PolicyError(f"{origin}: is not readable YAML: {' '.join(str(error).split())}") from error
    return LoadedRules(rules, text, hashlib.blake2b(text.encode(), digest_size=8).hexdigest())
