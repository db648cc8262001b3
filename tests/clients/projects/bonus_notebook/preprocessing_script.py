"""Employees as numbers: what the profile says, tenure, dummies."""

import json
from pathlib import Path

import pandas as pd

BASE = Path("/opt/ml/processing")


def address_length(profile):
    """0 where the profile is blank or broken."""
    try:
        return len(json.loads(profile)["address"])
    except (ValueError, TypeError, KeyError):
        return 0


if __name__ == "__main__":
    people = pd.read_csv(next((BASE / "input").glob("*.csv")))
    for column in ("age", "salary", "rating", "bonus"):
        people[column] = pd.to_numeric(people[column], errors="coerce")
        people[column] = people[column].fillna(people[column].median())
    people["department"] = people["department"].fillna("Unknown")
    people["address_length"] = people["profile"].map(address_length)
    people["tenure"] = (pd.Timestamp("2026-01-01") - pd.to_datetime(people["hire_date"], errors="coerce")).dt.days / 365
    people.to_csv(BASE / "output" / "cleaned_data.csv", index=False)
    features = people[["age", "salary", "rating", "address_length", "tenure"]].fillna(0)
    table = pd.concat([people["bonus"], features, pd.get_dummies(people["department"], dtype=int)], axis=1)
    table.to_csv(BASE / "output" / "transformed_data.csv", index=False)
