"""70, 20 and 10 of a hundred to train, validate and test; no header, the bonus first."""

from pathlib import Path

import pandas as pd

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    table = pd.read_csv(BASE / "input" / "transformed_data.csv").sample(frac=1, random_state=11)
    first, second = int(len(table) * 0.7), int(len(table) * 0.9)
    parts = {"train": table[:first], "validation": table[first:second], "test": table[second:]}
    for name, rows in parts.items():
        rows.to_csv(BASE / name / f"{name}.csv", header=False, index=False)
