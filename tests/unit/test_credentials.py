"""Whose key a request is signed with, in each way that AWS takes."""

import pytest

from localcloud.front.calls import NOBODY, access_key, caller_of
from localcloud.front.credentials import Credential, of

SCOPE = "20260314/us-east-1/sqs/aws4_request"
HEADERS = [
    (f"AWS4-HMAC-SHA256 Credential=KEY/{SCOPE}, SignedHeaders=host, Signature=0", Credential("KEY", "sqs")),
    (f"AWS4-HMAC-SHA256 SignedHeaders=host, Credential=KEY/{SCOPE}, Signature=0", Credential("KEY", "sqs")),
    ("AWS4-ECDSA-P256-SHA256 Credential=KEY/20260314/s3/aws4_request, Signature=0", Credential("KEY", "s3")),
    ("AWS4-HMAC-SHA256 Credential=KEY/nonsense, Signature=0", Credential("KEY")),
    ("AWS4-HMAC-SHA256 Credential=KEY", Credential("KEY")),
    ("AWS KEY:signature", Credential("KEY", "s3")),
    ("Bearer KEY", None),
    ("", None),
]
QUERIES = [
    ("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=KEY%2F20260314%2Fus-east-1%2Fs3%2Faws4_request", "s3"),
    ("x-amz-credential=KEY%2F20260314%2Fus-east-1%2Fsts%2Faws4_request", "sts"),
    ("X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=KEY%2F20260314%2Fs3%2Faws4_request", "s3"),
    ("AWSAccessKeyId=KEY&Signature=0&Expires=1", "s3"),
]


@pytest.mark.parametrize(("header", "credential"), HEADERS)
def test_a_header_says_who_signed(header: str, credential: Credential | None) -> None:
    assert of({"HTTP_AUTHORIZATION": header}) == credential


@pytest.mark.parametrize(("query", "service"), QUERIES)
def test_so_does_a_query(query: str, service: str) -> None:
    assert of({"QUERY_STRING": query}) == Credential("KEY", service)


@pytest.mark.parametrize("query", [query for query, _ in QUERIES])
def test_a_role_behind_a_key_in_the_query_is_a_caller_like_others(query: str) -> None:
    key = access_key("function/presigning", "arn:aws:iam::123456789012:role/worker")
    caller = caller_of({"QUERY_STRING": query.replace("KEY", key)})

    assert (caller.name, caller.role) == ("function/presigning", "arn:aws:iam::123456789012:role/worker")
    assert caller_of({"QUERY_STRING": query}) == NOBODY


def test_a_header_counts_before_the_query() -> None:
    environ = {"HTTP_AUTHORIZATION": HEADERS[0][0], "QUERY_STRING": QUERIES[0][0].replace("KEY", "OTHER")}

    assert of(environ) == Credential("KEY", "sqs")
