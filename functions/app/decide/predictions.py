"""What a container answers: read, and held against the predictions that evaluation stored. Pure."""

import json
from collections.abc import Mapping
from math import isclose
from typing import Any

from app.decide.names.shown_text import shown
from app.errors import ContainerFailed

DEEPEST = 8  # levels of one prediction: a container's own fields may be lists and objects, but none of any depth


def parse_answer(body: bytes) -> dict[str, Any]:
    """Read a container's JSON: a document whose ``predictions`` are a list of objects, of any fields.

    Raises:
        ContainerFailed: it is anything else, with its beginning as it may be shown.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ContainerFailed(f"it answers {_beginning(body)}, which is no JSON ({shown(str(error))})") from error
    predictions = document.get("predictions") if isinstance(document, dict) else None
    if not isinstance(predictions, list) or not all(isinstance(one, dict) and _within(one) for one in predictions):
        raise ContainerFailed(f"it answers {_beginning(body)}, which is no list of predictions")
    return dict(document)


def _beginning(body: bytes) -> str:
    text = body[:200].decode("utf-8", "backslashreplace")
    return shown(text) + ("…" if len(body) > 200 else "") if body else "nothing"


def _within(value: Any, levels: int = DEEPEST) -> bool:
    """Whether a value has no more levels, so that whoever walks it comes to an end."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_within(one, levels - 1) for one in inner)


def same_prediction(actual: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Whether a prediction equals the stored one: numbers within 1e-5, all else exactly."""
    return actual.keys() == stored.keys() and all(_same(actual[name], stored[name]) for name in stored)


def _same(actual: Any, stored: Any) -> bool:
    if not _is_number(stored):
        return type(actual) is type(stored) and bool(actual == stored)
    try:
        return _is_number(actual) and isclose(actual, stored, rel_tol=1e-5, abs_tol=1e-5)
    except OverflowError:  # JSON's whole numbers have no end
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


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
    expected_row, actual_row = (shown(json.dumps(rows[first : first + 1])) for rows in (stored, predictions))
    return f"answers {len(wrong)} of {len(stored)} records otherwise: stored {expected_row}, answered {actual_row}"
