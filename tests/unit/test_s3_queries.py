"""What S3 refuses of a request's address before anybody acts."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from localcloud.front.malformed import s3_queries
from localcloud.front.operation_names import operation_name
from localcloud.front.supported import S3_PLAYED

MODEL = ServiceModel(Loader().load_service_model("s3", "service-2"))
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
PARTS = sorted(
    {
        name
        for one in MODEL.operation_names
        for name, value in parse_qsl(
            str(MODEL.operation_model(one).http["requestUri"]).partition("?")[2], keep_blank_values=True
        )
        if not value
    }
)


def code(operation: str, query: str) -> str | None:
    found = s3_queries.find_fault(operation, {"QUERY_STRING": query})
    return found.code if found else None


@pytest.mark.parametrize("path", ["/bucket", "/bucket/key"])
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_bucket_or_object_is_never_taken_for_the_whole(path: str, part: str) -> None:
    taken = [
        (method, name)
        for method in METHODS
        if (name := operation_name("s3", method, path, part, frozenset())) in S3_PLAYED
        and code(str(name), part) is None
    ]

    for _, name in taken:
        address = str(MODEL.operation_model(str(name)).http["requestUri"])
        assert part in dict(parse_qsl(address.partition("?")[2], keep_blank_values=True)), name


@pytest.mark.parametrize(
    ("operation", "query", "expected"),
    [
        ("GetObject", "anything=1", None),
        ("GetObject", "select", "MethodNotAllowed"),
        ("DeleteObject", "acl", "MethodNotAllowed"),
        ("DeleteBucket", "versioning", "MethodNotAllowed"),
        ("GetObjectTagging", "tagging&acl", "InvalidArgument"),
        ("GetObjectTagging", "tagging&versionId=a", None),
        ("ListObjectsV2", "list-type=2&prefix=a&max-keys=0", None),
        ("ListObjects", "list-type=3", "InvalidArgument"),
        *(("ListObjects", f"max-keys={said}", "InvalidArgument") for said in ("x", "", "-1", "1.5", "2147483648", "²")),
        ("ListMultipartUploads", "uploads&max-uploads=x", "InvalidArgument"),
        ("ListObjectVersions", "versions&version-id-marker=a", "InvalidArgument"),
        ("ListObjectVersions", "versions&key-marker=a&version-id-marker=a", None),
        ("UploadPart", "partNumber=10000&uploadId=a", None),
        *(("UploadPart", f"partNumber={said}&uploadId=a", "InvalidArgument") for said in ("0", "10001", "x")),
        ("PutObject", "partNumber=1", "InvalidArgument"),
        ("GetObject", "partNumber=0", "InvalidArgument"),
        ("GetObject", "versionId=", "InvalidArgument"),
    ],
)
def test_an_address_says_what_its_operation_takes(operation: str, query: str, expected: str | None) -> None:
    assert code(operation, query) == expected
