"""An oracle: plain xgboost in this process, trained on the rows that somebody who knows the moment would take."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xgboost
from app.decide.watching.label_metrics import roc_auc
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[np.object_]]
Numbers = NDArray[np.float64]
VALIDATED = 0.15  # of its rows, for early stopping


class Oracle:
    """A booster with the model file's hyperparameters, and nothing else of the project: no split, no gate, no image."""

    def __init__(self, model: Mapping[str, Any], windows: Sequence[Columns]) -> None:
        self._data = model["data"]
        columns = {name: np.concatenate([window[name] for window in windows]) for name in windows[0]}
        self._levels = {
            name: sorted(set(columns[name])) for name, kind in self._data["columns"].items() if kind == "category"
        }
        parameters = dict(model["algorithms"][0]["hyperparameters"])
        rounds, patience = int(parameters.pop("num_round")), int(parameters.pop("early_stopping_rounds"))
        features, truths = self._features(columns), self._truths(columns)
        held = int(len(truths) * VALIDATED)
        learnt, validated = (
            xgboost.DMatrix(features[part], label=truths[part]) for part in (slice(held, None), slice(held))
        )
        self._booster = xgboost.train(
            parameters, learnt, rounds, evals=[(validated, "validation")], early_stopping_rounds=patience,
            verbose_eval=False,
        )  # fmt: skip

    def roc_auc(self, columns: Columns) -> float:
        """Its ROC-AUC on rows that it is asked about."""
        answers = self._booster.predict(xgboost.DMatrix(self._features(columns)))
        found = roc_auc(answers.tolist(), self._truths(columns).tolist())
        if found is None:
            raise ValueError("a ROC-AUC needs both answers")
        return found.value

    def _truths(self, columns: Columns) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = columns[self._data["target"]] == self._data["positive_label"]
        return found

    def _features(self, columns: Columns) -> Numbers:
        """Numbers as they are, blanks as missing; of a category a column for each level."""
        found: list[Numbers] = []
        for name, kind in self._data["columns"].items():
            if kind == "category":
                found += [(columns[name] == level).astype(float) for level in self._levels[name]]
            else:
                found.append(np.array([float(text) if text.strip() else np.nan for text in columns[name]]))
        return np.column_stack(found)
