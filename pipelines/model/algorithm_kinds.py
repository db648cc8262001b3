"""The algorithms that a model file may name, and what is particular to each: said once. Rules and definitions ask here.

What jobs know of them by themselves (which read dense rows, what people call them) is held equal by a contract test.
"""

from typing import NamedTuple

CLASSIFICATION, MULTICLASS, REGRESSION = "binary_classification", "multiclass_classification", "regression"
ALL = (CLASSIFICATION, MULTICLASS, REGRESSION)


class AlgorithmKind(NamedTuple):
    """One algorithm."""

    tasks: tuple[str, ...] = (REGRESSION,)  # that it is built for here
    iterative: bool = True  # it learns round by round, so that a search may stop it early
    dense: bool = False  # it reads numbers that are centred and scaled, without gaps
    closed: bool = False  # it cannot carry our code: it stands between two containers of ours


KINDS = {
    "xgboost": AlgorithmKind(ALL),
    "sklearn": AlgorithmKind(ALL),
    "forest": AlgorithmKind(ALL, iterative=False),
    "knn": AlgorithmKind((MULTICLASS, REGRESSION), iterative=False, dense=True, closed=True),
    "linear-learner": AlgorithmKind((MULTICLASS, REGRESSION), dense=True, closed=True),
}
