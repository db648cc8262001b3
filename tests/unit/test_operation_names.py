"""REST requests are told apart by method, path, query and headers, as AWS's own models bind them."""

import boto3
import pytest
from botocore.loaders import Loader
from botocore.stub import Stubber

from localcloud.front.operation_names import operation_name
from localcloud.settings import parse_once

KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "headers", "operation"),
    [
        ("s3", "GET", "/", "", [], "ListBuckets"),
        ("s3", "GET", "/b", "prefix=x", [], "ListObjects"),
        ("s3", "GET", "/b", "list-type=2&prefix=x", [], "ListObjectsV2"),
        ("s3", "PUT", "/b", "", [], "CreateBucket"),
        ("s3", "PUT", "/b/k/with spaces and\nlines", "", [], "PutObject"),
        ("s3", "PUT", "/b/k", "", ["x-amz-copy-source"], "CopyObject"),
        ("s3", "PUT", "/b/k", "partNumber=1&uploadId=x", [], "UploadPart"),
        ("s3", "PUT", "/b/k", "partNumber=1&uploadId=x", ["x-amz-copy-source"], "UploadPartCopy"),
        ("s3", "GET", "/b/", "list-type=2", [], "ListObjectsV2"),
        ("s3", "PUT", "/b//", "", [], "PutObject"),  # whose key is a slash
        ("s3", "DELETE", "/b/folder/", "", [], "DeleteObject"),
        ("s3", "POST", "/b/k", "uploads", [], "CreateMultipartUpload"),
        ("s3", "POST", "/b/k", "uploadId=1", [], "CompleteMultipartUpload"),
        ("s3", "GET", "/b/k/operation/x", "X-Amz-Signature=a", [], "GetObject"),
        ("s3", "DELETE", "/b", "metrics&id=3", [], "DeleteBucketMetricsConfiguration"),
        ("s3", "DELETE", "/b/k", "annotation&annotationName=x", [], "DeleteObjectAnnotation"),
        ("s3", "POST", "/b", "", [], None),  # a form of a browser
        ("lambda", "GET", "/2015-03-31/functions/", "", [], "ListFunctions"),
        ("lambda", "POST", "/2021-10-31/functions/f/url", "", [], "CreateFunctionUrlConfig"),
        ("lambda", "GET", "/2018-10-31/layers", "find=LayerVersion&Arn=x", [], "GetLayerVersionByArn"),
        ("sagemaker-runtime", "POST", "/endpoints/e/invocations", "", [], "InvokeEndpoint"),
        ("sqs", "POST", "/", "", [], None),  # whose requests name their operation
        ("no-such-service", "GET", "/", "", [], None),
    ],
)
def test_a_rest_request_has_the_name_of_its_operation(
    service: str, method: str, path: str, query: str, headers: list[str], operation: str | None
) -> None:
    assert operation_name(service, method, path, query, frozenset(headers)) == operation


def test_a_client_that_takes_buckets_from_the_paths_of_its_operations_leaves_everybody_elses_alone() -> None:
    parse_once()
    with Stubber(boto3.client("s3", region_name="us-east-1", **KEYS)) as s3:
        s3.add_response("put_bucket_website", {})
        s3.client.put_bucket_website(Bucket="bucket", WebsiteConfiguration={})

    described = Loader().load_service_model("s3", "service-2")["operations"]

    assert described["PutBucketWebsite"]["http"]["requestUri"] == "/{Bucket}?website"
