"""Objects of the data bucket with all their versions: the bucket keeps what is deleted until each version goes."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cli.stack.target import Target


def json_at(target: Target, bucket: str, key: str) -> Any:
    """A JSON document; None where there is none."""
    try:
        return json.loads(target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise


def keys_below(target: Target, bucket: str, prefix: str) -> list[str]:
    """Every key below ``prefix`` that has a version or a delete marker."""
    return list(dict.fromkeys(key for key, _ in _versions(target, bucket, prefix)))


def exists(target: Target, bucket: str, key: str) -> bool:
    """Whether an object has a version or a delete marker."""
    return any(found == key for found, _ in _versions(target, bucket, key))


def delete_for_good(target: Target, bucket: str, key: str) -> None:
    """Delete every version and delete marker of one object.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
    """
    for found, version_id in list(_versions(target, bucket, key)):
        if found == key:
            target.client("s3").delete_object(Bucket=bucket, Key=key, VersionId=version_id)


def _versions(target: Target, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    for page in target.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            yield one["Key"], one["VersionId"]
