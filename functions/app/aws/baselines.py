"""The baseline: the profile of the data that the live version was trained on, for checks of uploads and drift."""

from typing import Any

from app.aws import data_bucket
from app.decide.names.bucket_keys import baseline_key
from app.errors import Gone


def read(bucket: str, model: str) -> dict[str, Any]:
    """The baseline; nothing before a first version serves."""
    try:
        baseline: dict[str, Any] = data_bucket.read_json(f"s3://{bucket}/{baseline_key(model)}")
    except Gone:
        return {}
    return baseline


def write(bucket: str, model: str, version: int, profile: dict[str, Any]) -> None:
    """Make ``version``'s profile the baseline."""
    data_bucket.put_json(bucket, baseline_key(model), profile | {"version": version})
