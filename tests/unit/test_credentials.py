"""Whose key a request is signed with, in each way that AWS takes."""

from datetime import UTC, datetime

import pytest

from localcloud.front.calls import NOBODY, access_key, caller_of
from localcloud.front.credentials import Credential, link_ended, of

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


AT = datetime(2026, 3, 14, 10, 0, 0, tzinfo=UTC)
SIGNED = "X-Amz-Credential=KEY%2F20260314%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260314T095900Z"


@pytest.mark.parametrize(("query", "ended"), [
    (f"{SIGNED}&X-Amz-Expires=61", False), (f"{SIGNED}&X-Amz-Expires=59", True), (f"{SIGNED}&X-Amz-Expires=0", True),
    (f"{SIGNED}&X-Amz-Expires=-5", True), (f"{SIGNED}&X-Amz-Expires=999999999", True), (SIGNED, True),
    (f"{SIGNED.replace('T0959', 'T25')}&X-Amz-Expires=60", True), (f"{SIGNED}&X-Amz-Expires=x", True),
    (f"AWSAccessKeyId=KEY&Signature=0&Expires={AT.timestamp() + 1:.0f}", False),
    (f"AWSAccessKeyId=KEY&Signature=0&Expires={AT.timestamp() - 1:.0f}", True), ("AWSAccessKeyId=KEY", True),
    (f"AWSAccessKeyId=KEY&Expires={10**30}", True), ("list-type=2", False),
])  # fmt: skip
def test_a_link_opens_nothing_after_its_time_and_none_without_one(query: str, ended: bool) -> None:
    assert link_ended({"QUERY_STRING": query}, AT) == ended
    assert not link_ended({"QUERY_STRING": query, "HTTP_AUTHORIZATION": HEADERS[0][0]}, AT)


@pytest.mark.parametrize("query", [query for query, _ in QUERIES])
def test_a_role_behind_a_key_in_the_query_is_a_caller_like_others(query: str) -> None:
    key = access_key("function/presigning", "arn:aws:iam::123456789012:role/worker")
    caller = caller_of({"QUERY_STRING": query.replace("KEY", key)})

    assert (caller.name, caller.role) == ("function/presigning", "arn:aws:iam::123456789012:role/worker")
    assert caller_of({"QUERY_STRING": query}) == NOBODY


def test_a_header_counts_before_the_query() -> None:
    environ = {"HTTP_AUTHORIZATION": HEADERS[0][0], "QUERY_STRING": QUERIES[0][0].replace("KEY", "OTHER")}

    assert of(environ) == Credential("KEY", "sqs")
