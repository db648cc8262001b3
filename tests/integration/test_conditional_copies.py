"""An object is copied on conditions of its source, whole or in parts.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

MIB = 2**20
DAY = timedelta(days=1)
OTHER = '"0123456789abcdef0123456789abcdef"'


@pytest.fixture(scope="module")
def source(cloud_server: CloudServer) -> dict[str, Any]:
    s3, bucket = cloud_server.client("s3"), name("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="source", Body=b"content")
    return {"Bucket": bucket, "Key": "source"}


def conditions(s3: Any, source: dict[str, Any], match: str, none_match: str, since: str) -> dict[str, Any]:
    """The conditions of a case: ``=`` for the source's own tag, ``/`` for another; and days from its date."""
    head = s3.head_object(**source)
    tags = {"=": head["ETag"], "/": OTHER, "*": "*"}
    dates = {"+": head["LastModified"] + DAY, "-": head["LastModified"] - DAY, "0": head["LastModified"]}
    modified, unmodified = since
    asked = {
        "CopySourceIfMatch": tags.get(match),
        "CopySourceIfNoneMatch": tags.get(none_match),
        "CopySourceIfModifiedSince": dates.get(modified),
        "CopySourceIfUnmodifiedSince": dates.get(unmodified),
    }
    return {header: value for header, value in asked.items() if value is not None}


def copied(s3: Any, operation: str, source: dict[str, Any], asked: dict[str, Any]) -> int:
    """The status of a copy."""
    there = {"Bucket": source["Bucket"], "Key": "copy", "CopySource": source}
    if operation == "upload_part_copy":
        upload = s3.create_multipart_upload(Bucket=source["Bucket"], Key="copy")
        there |= {"UploadId": upload["UploadId"], "PartNumber": 1}
    try:
        answer = getattr(s3, operation)(**there, **asked)
    except ClientError as error:
        answer = error.response
        assert answer["Error"]["Code"] == "PreconditionFailed"
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


@pytest.mark.parametrize("operation", ["copy_object", "upload_part_copy"])
@pytest.mark.parametrize(
    ("match", "none_match", "since", "status"),
    [
        ("=", "", "  ", 200),
        ("*", "", "  ", 200),
        ("/", "", "  ", 412),
        ("", "=", "  ", 412),
        ("", "*", "  ", 412),
        ("", "/", "  ", 200),
        ("", "", "- ", 200),
        ("", "", "0 ", 412),
        ("", "", "+ ", 412),
        ("", "", " +", 200),
        ("", "", " 0", 200),
        ("", "", " -", 412),
        ("=", "", " -", 200),  # the tag counts before the date
        ("/", "", " +", 412),
        ("", "=", "- ", 412),
        ("", "/", "+ ", 200),
        ("=", "=", "  ", 412),
        ("=", "/", "+-", 200),
    ],
)
def test_a_copy_is_made_on_its_conditions_alone(
    cloud_server: CloudServer,
    source: dict[str, Any],
    operation: str,
    match: str,
    none_match: str,
    since: str,
    status: int,
) -> None:
    s3 = cloud_server.client("s3")

    assert copied(s3, operation, source, conditions(s3, source, match, none_match, since)) == status


def test_a_source_that_is_not_there_is_not_found_on_any_condition(
    cloud_server: CloudServer, source: dict[str, Any]
) -> None:
    s3 = cloud_server.client("s3")
    absent = {"Bucket": source["Bucket"], "Key": "absent"}

    with pytest.raises(ClientError) as caught:
        s3.copy_object(Bucket=source["Bucket"], Key="copy", CopySource=absent, CopySourceIfMatch=OTHER)
    assert caught.value.response["Error"]["Code"] == "NoSuchKey"


def test_an_object_of_several_parts_is_copied_by_boto3(cloud_server: CloudServer, source: dict[str, Any]) -> None:
    s3 = cloud_server.client("s3")
    content = b"0123456789abcdef" * (11 * MIB // 16)
    there = {"Bucket": source["Bucket"], "Key": "large"}

    s3.put_object(**there, Body=content)
    s3.copy(there, source["Bucket"], "large copy", Config=TransferConfig(multipart_threshold=8 * MIB))

    assert s3.get_object(Bucket=source["Bucket"], Key="large copy")["Body"].read() == content
