"""Training: leaks out, families validated, the champion fitted on all rows, its directions proved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from suixin.errors import ModelError
from suixin.scoring.families import KINDS, Fitted, Kind, champion, fit_families
from suixin.scoring.leaks import Leak, find_leaks
from suixin.scoring.model import Model
from suixin.scoring.monotone_sum import Proof, prove
from suixin.scoring.rejects import Rejects
from suixin.scoring.sample import Sample, refuse_featureless
from suixin.scoring.validation import Validated, validate

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model with all that is known of it.

    Attributes:
        model: the champion.
        sample: what it learned from.
        fitted: every family, fitted on all rows.
        validated: out-of-sample figures.
        proofs: of each monotone direction of the champion.
        leaks: features that were left out because they know the answer.
        seed: of everything drawn.
    """

    model: Model
    sample: Sample
    fitted: Mapping[Kind, Fitted]
    validated: Validated
    proofs: tuple[Proof, ...]
    leaks: tuple[Leak, ...]
    seed: int

    @property
    def champion(self) -> Fitted:
        """The fitted family that became the model."""
        return self.fitted[self.model.kind]


def train(
    sample: Sample,
    *,
    horizon_days: int = 365,
    seed: int = 0,
    repeats: int = 3,
    parts: int = 5,
    kinds: Iterable[Kind] = KINDS,
    known_days: Mapping[str, Any] | None = None,
    rejects: Rejects | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train a model on any sample (see `suixin.scoring.sample.sample_of`).

    Args:
        sample: features and outcomes.
        horizon_days: within which the outcomes were watched.
        seed: equal seeds give equal models.
        repeats: of the nested validation, each with other parts.
        parts: of a repetition.
        kinds: the families that compete.
        known_days: feature -> (n,) the day on which each value became known, to find what was known too late.
        rejects: applicants who were turned down, to learn from by assumption; their columns are the sample's.
        progress: told after each step.

    Raises:
        UsageError: nothing can be fitted.
        ModelError: the champion breaks a direction: a model that would price more risk lower is never released.
    """
    tell, kinds = progress or (lambda *_: None), tuple(kinds)
    leaks = find_leaks(sample, known_days)
    clean = sample.without({leak.feature: f"leak: {leak.why}" for leak in leaks})
    refuse_featureless(clean)
    beside = _same_columns(rejects, sample, clean) if rejects else None
    validated = validate(
        clean, seeds=range(seed, seed + repeats), parts=parts, kinds=kinds, rejects=beside, progress=tell
    )
    tell("fitting", 0, 1)
    fitted = fit_families(beside.parcelled(clean, seed) if beside else clean, seed, kinds)
    model = Model.of(champion(fitted), clean, horizon_days)
    used = {name: sign for name, sign in clean.directions.items() if name in model.features}
    proofs = prove(model.trees, used)
    refuse_broken(proofs)
    tell("fitting", 1, 1)
    return Trained(model, clean, fitted, validated, proofs, leaks, seed)


def _same_columns(rejects: Rejects, whole: Sample, kept: Sample) -> Rejects:
    return replace(rejects, x=rejects.x[:, [whole.names.index(name) for name in kept.names]])


def refuse_broken(proofs: Iterable[Proof]) -> None:
    """ModelError if a direction is refuted or not proved."""
    for proof in proofs:
        if not proof.proved:
            way = "not fall" if proof.direction > 0 else "not rise"
            raise ModelError(
                f"the model is refused: with a larger {proof.feature} the risk must {way}, and that is "
                f"{proof.verdict.value} (by {proof.move:g} in log-odds)"
            )
