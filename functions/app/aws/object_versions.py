"""Versions of the data bucket's objects: which is the newest, and copies of one that later writes cannot change."""

from app.aws.clients import PATIENT, calling, client
from app.aws.data_bucket import ONE_CALL_COPY
from app.decide.names.bucket_keys import split_uri
from app.decide.protection.judged_content import StoredVersion
from app.errors import Gone


def newest(uri: str) -> StoredVersion | None:
    """The newest version of the object at an ``s3://`` address; None where there is none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (VersionId, ChecksumSHA256)
    """
    bucket, key = split_uri(uri)
    try:
        with calling():
            head = client("s3").head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except Gone:
        return None
    return StoredVersion(head["VersionId"], _of_whole(head), head["ContentLength"], _etag(head))


def copy(source: str, found: StoredVersion, target: str) -> StoredVersion:
    """Copy one version of ``source`` within S3; the copy, whose SHA-256 S3 has worked out where one call copies it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html (x-amz-checksum-algorithm)
    """
    (bucket, key), (to_bucket, to_key) = split_uri(source), split_uri(target)
    origin = {"Bucket": bucket, "Key": key, "VersionId": found.version_id}
    how = {"TaggingDirective": "REPLACE", "ChecksumAlgorithm": "SHA256"}
    if found.size_bytes > ONE_CALL_COPY:
        with calling():
            client("s3", PATIENT).copy(origin, to_bucket, to_key, ExtraArgs=how)  # in parts
        made = newest(target)
        if made is None:
            raise Gone(f"{target} was deleted as soon as it was written")
        return made
    with calling():
        answer = client("s3", PATIENT).copy_object(Bucket=to_bucket, Key=to_key, CopySource=origin, **how)
    result = answer["CopyObjectResult"]
    return StoredVersion(answer["VersionId"], _of_whole(result), found.size_bytes, _etag(result))


def _etag(said: dict[str, str]) -> str:
    return said["ETag"].strip('"')


def _of_whole(said: dict[str, str]) -> str:
    """The SHA-256 of the whole object; one of its parts' checksums ends in their number."""
    sha256 = said.get("ChecksumSHA256", "")
    return "" if "-" in sha256 else sha256
