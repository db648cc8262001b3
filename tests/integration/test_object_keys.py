"""A key of an object may hold anything: every operation on objects reads it as it was written.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from typing import Any

import pytest
from cloud import CloudServer
from event_calls import name

KEYS = (
    "plain.csv", "a b+c%20d", "größe/ä b.csv", "日本/x.csv", "🦆/🦆.json", "/begins", "a//b", "folder/", "/", "//",
    "./a", "a/./b", "../a", "a/../b", "..", "a?b&c=d#e;f", "%", "100%25", "a=b,c'd\"e<f>", "a\\b", "~(a)*!",
)  # fmt: skip


@pytest.fixture(scope="module")
def bucket(cloud_server: CloudServer) -> str:
    s3, made = cloud_server.client("s3"), name("bucket")
    s3.create_bucket(Bucket=made)
    s3.put_bucket_versioning(Bucket=made, VersioningConfiguration={"Status": "Enabled"})
    return made


@pytest.fixture(params=KEYS)
def place(request: pytest.FixtureRequest, bucket: str) -> dict[str, Any]:
    return {"Bucket": bucket, "Key": request.param}


def uploaded(s3: Any, place: dict[str, Any], content: bytes) -> dict[str, Any]:
    upload = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
    tag = s3.upload_part(**upload, PartNumber=1, Body=content)["ETag"]
    assert [part["ETag"] for part in s3.list_parts(**upload)["Parts"]] == [tag]
    done: dict[str, Any] = s3.complete_multipart_upload(
        **upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
    )
    return done


def content(s3: Any, place: dict[str, Any], **more: Any) -> bytes:
    found: bytes = s3.get_object(**place, **more)["Body"].read()
    return found


def test_an_object_is_written_read_listed_and_deleted_under_its_key(
    cloud_server: CloudServer, place: dict[str, Any]
) -> None:
    s3 = cloud_server.client("s3")
    bucket, key = place["Bucket"], place["Key"]

    version = s3.put_object(**place, Body=b"one")["VersionId"]
    assert content(s3, place) == b"one"
    assert s3.head_object(**place)["VersionId"] == version
    assert s3.get_object_attributes(**place, ObjectAttributes=["ObjectSize"])["ObjectSize"] == len(b"one")
    assert key in [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]]
    assert s3.get_object_acl(**place)["Grants"]
    s3.delete_object(**place)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key, "VersionId": version}]})
    assert version not in [
        one["VersionId"] for one in s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    ]


def test_an_object_in_parts_and_its_copies_keep_their_key(cloud_server: CloudServer, place: dict[str, Any]) -> None:
    s3 = cloud_server.client("s3")
    there = {"Bucket": place["Bucket"], "Key": f"copies/{place['Key']}"}
    parts = {"Bucket": place["Bucket"], "Key": f"parts/{place['Key']}"}

    assert uploaded(s3, place, b"in parts")["Key"] == place["Key"]
    assert content(s3, place) == b"in parts"
    s3.copy_object(**there, CopySource=place)
    upload = {**parts, "UploadId": s3.create_multipart_upload(**parts)["UploadId"]}
    tag = s3.upload_part_copy(**upload, PartNumber=1, CopySource=place)["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert (content(s3, there), content(s3, parts)) == (b"in parts", b"in parts")
    s3.abort_multipart_upload(**place, UploadId=s3.create_multipart_upload(**place)["UploadId"])


def test_a_version_of_an_object_is_found_by_its_key(cloud_server: CloudServer, place: dict[str, Any]) -> None:
    s3 = cloud_server.client("s3")
    tags = {"TagSet": [{"Key": "kind", "Value": "old"}]}

    old = s3.put_object(**place, Body=b"old")["VersionId"]
    s3.put_object(**place, Body=b"new")
    s3.put_object_tagging(**place, VersionId=old, Tagging=tags)
    assert s3.get_object_tagging(**place, VersionId=old)["TagSet"] == tags["TagSet"]
    assert s3.get_object_tagging(**place)["TagSet"] == []
    s3.delete_object_tagging(**place, VersionId=old)
    assert s3.get_object_tagging(**place, VersionId=old)["TagSet"] == []
    assert content(s3, place, VersionId=old) == b"old"
