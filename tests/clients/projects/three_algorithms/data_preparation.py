"""Blocks of houses made up here, as SageMaker's algorithms take them: the target first, no header, 80 to 20."""

import numpy as np
import pandas as pd


def prepared(rows=400, seed=5):
    """Training and test rows as CSV, and the test features alone."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame({"income": rng.uniform(1, 10, rows), "age": rng.uniform(1, 50, rows),
                             "rooms": rng.uniform(2, 9, rows), "crowd": rng.uniform(1, 5, rows)})  # fmt: skip
    value = 0.4 * features["income"] + 0.1 * features["rooms"] - 0.05 * features["crowd"]
    table = pd.concat([value.rename("value") + rng.normal(0, 0.1, rows), features], axis=1).round(4)
    cut = int(rows * 0.8)
    text = {"header": False, "index": False}
    return table[:cut].to_csv(**text), table[cut:].to_csv(**text), table[cut:].drop(columns="value").to_csv(**text)
