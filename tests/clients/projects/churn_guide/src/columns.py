"""What the preprocessing imports from beside it: the columns of a churn file as numbers."""

import pandas as pd


def numbers(customers: pd.DataFrame) -> pd.DataFrame:
    """Target first, then every feature as a number."""
    customers["TotalCharges"] = pd.to_numeric(customers["TotalCharges"], errors="coerce").fillna(0)
    target = (customers["Churn"] == "Yes").astype(int).rename("target")
    return pd.concat([target, pd.get_dummies(customers.drop(columns=["customerID", "Churn"]), dtype=int)], axis=1)
