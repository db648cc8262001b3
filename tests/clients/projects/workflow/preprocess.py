"""Churn customers as numbers, target first, without header: 80 % to train on and 20 % to hold out."""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--test-size", type=float, default=0.2)
    arguments = parser.parse_args()
    customers = pd.concat([pd.read_csv(path) for path in sorted((BASE / "input").glob("*.csv"))])
    customers["TotalCharges"] = pd.to_numeric(customers["TotalCharges"], errors="coerce").fillna(0)
    target = (customers["Churn"] == "Yes").astype(int)
    features = pd.get_dummies(customers.drop(columns=["customerID", "Churn"]), dtype=int)
    table = pd.concat([target, features], axis=1)
    train, validation = train_test_split(table, test_size=arguments.test_size, random_state=42, stratify=target)
    for name, rows in (("train", train), ("validation", validation)):
        rows.to_csv(BASE / name / f"{name}.csv", header=False, index=False)
        print(f"{name}: {len(rows)} rows, {rows.shape[1] - 1} features")
