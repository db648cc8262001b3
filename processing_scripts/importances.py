"""What moves the model's answers: XGBoost's own SHAP contributions on held-out rows."""

import itertools
from typing import Any

import numpy as np
from holdouts import HeldOut

FEWEST, MOST = 100, 2_000  # rows that are explained one by one; more would say the same
WORK = 1_000_000_000  # rows times bytes of model: what a row costs grows with the trees, 20 ms for 9 MB
NONE: dict[str, Any] = {"importance": [], "importance_rows": 0}


def of_package(model: Any, test: HeldOut) -> dict[str, Any]:
    """Mean absolute contribution per column, in the model's own unit (log-odds of a yes), and of how many rows.

    Nothing where the model is not a booster with our features: other algorithms have no contributions of their own.

    Source: https://xgboost.readthedocs.io/en/stable/python/python_api.html (Booster.predict, pred_contribs)
    """
    booster, features = getattr(model, "booster", None), getattr(model, "features", None)
    if booster is None or features is None:
        return NONE
    import xgboost

    rows = min(max(FEWEST, WORK // len(booster.save_raw("ubj"))), MOST)
    every = max(1, sum(1 for _ in test.rows()) // rows)
    some = list(itertools.islice(itertools.islice(test.rows(), 0, None, every), rows))
    places = [test.header.index(name) for name in features.names]
    matrix = features.matrix([[row[place] for row in some] for place in places])
    contributions = booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)[:, :-1]  # the last is the bias
    owners = np.array(features.matrix_columns)
    if contributions.shape[1] != len(owners):
        return NONE
    found = [
        {"column": name, "contribution": float(f"{np.abs(contributions[:, owners == name].sum(axis=1)).mean():.5g}")}
        for name in features.learnt_names
    ]
    found.sort(key=lambda one: (-one["contribution"], one["column"]))
    return {"importance": found, "importance_rows": len(some)}
