"""Clean the raw houses: numbers only, the price first, two files without header."""

from pathlib import Path

import numpy as np
import pandas as pd

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    houses = pd.read_csv(next((BASE / "input").glob("*.csv")))
    numbers = houses.select_dtypes("number").drop(columns=["Id", "SalePrice"]).fillna(0)
    table = pd.concat([houses["SalePrice"], numbers], axis=1)
    held_out = np.random.default_rng(3).random(len(table)) < 0.2
    for name, rows in (("train", table[~held_out]), ("validation", table[held_out])):
        rows.to_csv(BASE / "output" / name / f"{name}.csv", header=False, index=False)
    print(f"{len(table)} houses, {numbers.shape[1]} features")
