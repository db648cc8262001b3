"""Comparison of a version's predictions with those that evaluation stored. Pure."""

import json
from collections.abc import Mapping
from math import isclose
from typing import Any


def same_prediction(actual: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Whether a prediction equals the stored one: numbers within 1e-5, all else exactly."""
    return actual.keys() == stored.keys() and all(
        isclose(actual[name], stored[name], rel_tol=1e-5, abs_tol=1e-5)
        if isinstance(stored[name], float | int) and isinstance(actual[name], float | int)
        else actual[name] == stored[name]
        for name in stored
    )


def describe_differences(stored: list[dict[str, Any]], predictions: list[dict[str, Any]]) -> str:
    """How many predictions differ from those that evaluation ``stored``, and the first pair; "" when none does."""
    wrong = [
        row
        for row, expected in enumerate(stored)
        if row >= len(predictions) or not same_prediction(predictions[row], expected)
    ]
    if not wrong and len(predictions) == len(stored):
        return ""
    first = wrong[0] if wrong else len(stored)
    expected_row, actual_row = (json.dumps(rows[first : first + 1])[:300] for rows in (stored, predictions))
    return f"answers {len(wrong)} of {len(stored)} records otherwise: stored {expected_row}, answered {actual_row}"
