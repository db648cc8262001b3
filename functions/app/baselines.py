"""The profile of the data that the serving version was trained on: what the next uploads are held against."""

from typing import Any

from app import bucket
from app.errors import Gone
from app.rules import baseline_key


def read(data_bucket: str, model: str) -> dict[str, Any]:
    """The baseline; nothing before a first version serves."""
    try:
        found: dict[str, Any] = bucket.read_json(f"s3://{data_bucket}/{baseline_key(model)}")
    except Gone:
        return {}
    return found


def keep(data_bucket: str, model: str, version: int, evaluation: str) -> None:
    """From now on ``version`` serves; its profile lies beside its ``evaluation``, a folder or the file in it."""
    folder = evaluation.removesuffix("/evaluation.json").rstrip("/")
    try:
        profile = bucket.read_json(f"{folder}/profile.json")
    except Gone:
        return  # its preprocessing made none
    bucket.put_json(data_bucket, baseline_key(model), profile | {"version": version})
