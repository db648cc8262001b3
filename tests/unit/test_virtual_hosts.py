"""Buckets that the host names."""

from __future__ import annotations

import pytest

from localcloud.front.virtual_hosts import SENT, by_path

SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{}/aws4_request"


def request(host: str, path: str, service: str = "s3") -> dict[str, str]:
    return {
        "HTTP_HOST": host,
        "PATH_INFO": path,
        "RAW_URI": f"{path}?a=1",
        "HTTP_AUTHORIZATION": SIGNED.format(service),
    }


@pytest.mark.parametrize("bucket", ["plain", "my.dotted.bucket"])
def test_a_bucket_in_the_host_goes_before_the_path_so_that_it_is_what_a_role_is_asked_for(bucket: str) -> None:
    found = by_path(request(f"{bucket}.localhost:4566", "/a/b"))

    signed = {SENT: (f"{bucket}.localhost:4566", "/a/b?a=1")}
    assert found == request("localhost:4566", f"/{bucket}/a/b") | signed


@pytest.mark.parametrize(
    ("host", "path", "service"),
    [
        ("localhost:4566", "/bucket/key", "s3"),
        ("127.0.0.1:4566", "/bucket/key", "s3"),
        ("123456789012.localhost:4566", "/v20180820/jobs", "s3"),
        ("api.localhost:4566", "/", "iotsitewise"),
    ],
)
def test_what_names_no_bucket_in_the_host_stays_as_it_is(host: str, path: str, service: str) -> None:
    asked = request(host, path, service)

    assert by_path(asked) is asked
