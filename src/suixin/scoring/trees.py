"""A boosted ensemble as plain numbers: the raw score, exact contributions, and a form that can be read and signed.

LightGBM trains; nothing here needs it. A model is read once from `lightgbm.Booster.dump_model()` and from then on is
a list of trees in JSON, which no loading can make run code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from suixin.scoring.plan import Plan
from suixin.scoring.tree import FARTHEST, Tree, tree_from_lightgbm

SCHEMA = 1


@dataclass(frozen=True)
class Trees:
    """A sum of trees.

    Attributes:
        features: the name of each column, in the order of the columns.
        trees: each adds one leaf value to the raw score, in this order.

    Raises:
        ValueError: no feature, a feature twice, no tree, or a tree that looks at a column that does not exist.
    """

    features: tuple[str, ...]
    trees: tuple[Tree, ...]

    def __post_init__(self) -> None:
        twice = sorted({name for name in self.features if self.features.count(name) > 1})
        if twice:
            raise ValueError(f"the features name {', '.join(twice)} more than once")
        if not self.features or not self.trees:
            raise ValueError("an ensemble needs at least one feature and one tree")
        for number, tree in enumerate(self.trees):
            if max(tree.feature, default=0) >= len(self.features):
                raise ValueError(
                    f"tree {number} looks at column {max(tree.feature)}, but the features are the columns 0 to "
                    f"{len(self.features) - 1}"
                )

    @classmethod
    def from_lightgbm(cls, dump: Mapping[str, Any], features: Sequence[str]) -> Self:
        """Read a trained booster.

        Args:
            dump: `lightgbm.Booster.dump_model()`.
            features: the name of each column that it was trained on, in order.

        Raises:
            ValueError: more than one class, averaged trees, categorical splits, missing type Zero, linear leaves,
                other features than it was trained on, or counts that do not add up.
        """
        if dump["num_class"] != 1 or dump["num_tree_per_iteration"] != 1:
            raise ValueError(f"a model of {dump['num_class']} classes has no single raw score")
        if dump.get("average_output"):
            raise ValueError("a random forest averages its trees; only boosted sums can be read")
        trained = dump["feature_names"]
        unnamed = trained == [f"Column_{number}" for number in range(len(trained))]
        if len(trained) != len(features) or not (unnamed or list(trained) == list(features)):
            raise ValueError(f"the model was trained on the features {trained}, not on {list(features)}")
        return cls(tuple(features), tuple(tree_from_lightgbm(tree) for tree in dump["tree_info"]))

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists; read back by `from_json` they are equal to the last bit."""
        return {
            "schema": SCHEMA,
            "features": list(self.features),
            "trees": [tree.to_json() for tree in self.trees],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """What `to_json` wrote.

        Raises:
            ValueError: another schema, a key too many or too few, or numbers that are no trees.
        """
        if set(document) != {"schema", "features", "trees"} or document["schema"] != SCHEMA:
            raise ValueError(f"this is no ensemble of schema {SCHEMA}: {str(document)[:80]}")
        names, trees = document["features"], document["trees"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("the features must be a list of names")
        if not isinstance(trees, list) or not all(isinstance(tree, Mapping) for tree in trees):
            raise ValueError("the trees must be a list of objects")
        return cls(tuple(names), tuple(Tree.from_json(tree) for tree in trees))

    def raw(self, x: ArrayLike) -> NDArray[np.float64]:
        """The raw score of each row (log-odds for a binary objective).

        Args:
            x: (n, k) values, NaN where missing; infinities are values.

        Returns:
            (n,), equal to `Booster.predict(x, raw_score=True)`.

        Raises:
            ValueError: x has another shape.
        """
        return self._plan.raw(self._checked(x))

    def contributions(self, x: ArrayLike) -> NDArray[np.float64]:
        """What each feature did to the raw score: path-dependent TreeSHAP, exact.

        A row's result does not depend on the other rows. Method and sources: `suixin.scoring.attribution`.

        Args:
            x: (n, k) values, NaN where missing.

        Returns:
            (n, k + 1): a column a feature, then the mean raw score over the training rows; a row sums to the raw
            score. Equal to `Booster.predict(x, pred_contrib=True)`.

        Raises:
            ValueError: x has another shape.
        """
        return self._plan.contributions(self._checked(x))

    def splits(self, feature: str) -> tuple[float, ...]:
        """The ascending thresholds of a feature over all trees: the score is the same between two of them.

        Raises:
            ValueError: the ensemble does not know the feature.
        """
        edges = self._plan.edges[self.column(feature)]
        return () if edges is None else tuple(edge for edge in edges.tolist() if edge < FARTHEST)

    def column(self, feature: str) -> int:
        """The column of a feature.

        Raises:
            ValueError: the ensemble does not know the feature.
        """
        if feature not in self.features:
            raise ValueError(f"{feature!r} is no feature of this model; it has {', '.join(self.features)}")
        return self.features.index(feature)

    @property
    def additive(self) -> bool:
        """Whether each tree looks at one feature only: then a contribution is a step function of its feature."""
        return all(len(set(tree.feature)) <= 1 for tree in self.trees)

    @cached_property
    def _plan(self) -> Plan:
        return Plan.of(self.trees, len(self.features))

    def _checked(self, x: ArrayLike) -> NDArray[np.float64]:
        values = np.asarray(x, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.features):
            raise ValueError(f"expected (n, {len(self.features)}) values, not {values.shape}")
        return values
