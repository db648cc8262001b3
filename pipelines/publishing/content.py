"""Does an object hold what its name says? Whoever finds a name does not know who wrote it.

An ETag is the MD5 of what was put in one request, unless a key of KMS encrypts it: there S3's SHA-256 is asked for.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag)
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AT_ONCE = 16


def put(s3: Any, bucket: str, key: str, body: bytes) -> None:
    """Write an object, which S3 keeps with its SHA-256."""
    s3.put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256")


def unchanged(s3: Any, bucket: str, listed: Iterable[Mapping[str, Any]], wanted: Mapping[str, bytes]) -> set[str]:
    """Keys among ``listed`` objects that hold what is ``wanted`` of them."""
    ours = [one for one in listed if one["Key"] in wanted]
    same = {one["Key"] for one in ours if one["ETag"].strip('"') == _md5(wanted[one["Key"]])}
    unknown = [one["Key"] for one in ours if one["Key"] not in same and one["Size"] == len(wanted[one["Key"]])]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda key: _sha256_at(s3, bucket, key) == _sha256(wanted[key]), unknown)
        return same | {key for key, equal in zip(unknown, answers, strict=True) if equal}


def _md5(body: bytes) -> str:
    """Nobody is known to find a second text for the MD5 of a given one; only two of one's own making are found."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _sha256_at(s3: Any, bucket: str, key: str) -> str:
    return str(s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED").get("ChecksumSHA256", ""))
