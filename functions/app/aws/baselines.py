"""The profile of the data that the serving version was trained on: what the next uploads are held against."""

from typing import Any

from app.aws import data_bucket
from app.decide.rules import baseline_key
from app.errors import Gone


def read(bucket: str, model: str) -> dict[str, Any]:
    """The baseline; nothing before a first version serves."""
    try:
        found: dict[str, Any] = data_bucket.read_json(f"s3://{bucket}/{baseline_key(model)}")
    except Gone:
        return {}
    return found


def keep(bucket: str, model: str, version: int, evaluation: str) -> None:
    """From now on ``version`` serves; its profile lies beside its ``evaluation``, a folder or the file in it."""
    folder = evaluation.removesuffix("/evaluation.json").rstrip("/")
    try:
        profile = data_bucket.read_json(f"{folder}/profile.json")
    except Gone:
        return  # its preprocessing made none
    data_bucket.put_json(bucket, baseline_key(model), profile | {"version": version})
