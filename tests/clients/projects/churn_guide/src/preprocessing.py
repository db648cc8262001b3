"""Churn customers as numbers, target first, without header, in three parts."""

import argparse
from pathlib import Path

import columns
import pandas as pd
from sklearn.model_selection import train_test_split

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--train-test-split", type=float, default=0.8)
    share = parser.parse_args().train_test_split
    table = columns.numbers(pd.read_csv(BASE / "input" / "churn.csv"))
    train, rest = train_test_split(table, train_size=share, random_state=7, stratify=table["target"])
    validation, test = train_test_split(rest, test_size=0.5, random_state=7)
    for name, rows in (("train", train), ("validation", validation), ("test", test)):
        rows.to_csv(BASE / "output" / name / f"{name}.csv", header=False, index=False)
        print(f"{name}: {len(rows)} rows")
