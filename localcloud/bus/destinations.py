"""Where a bucket's notifications would go: S3 takes no configuration whose destination it cannot reach.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html and
https://repost.aws/knowledge-center/unable-validate-destination-s3
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import has_request_context, request
from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.s3.exceptions import InvalidArgumentError
from moto.s3.models import S3Backend
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from localcloud.front import moto_patches
from localcloud.iam import checks
from localcloud.settings import ACCOUNT_ID

UNREACHABLE = "Unable to validate the following destination configurations"
SKIP = "x-amz-skip-destination-validation"
S3 = "s3.amazonaws.com"
KINDS = {  # element of a destination's ARN -> what it is called, and the action that its own policy must admit
    "Queue": ("queue", "sqs:SendMessage"),
    "Topic": ("topic", "sns:Publish"),
    "CloudFunction": ("function", "lambda:InvokeFunction"),
}


def install() -> None:
    """Look at destinations from now on."""

    def put(self: S3Backend, bucket_name: str, notification_config: dict[str, Any]) -> None:
        bucket = self.get_bucket(bucket_name)
        if not (has_request_context() and request.headers.get(SKIP, "").lower() == "true"):
            _check(bucket.arn, notification_config)
        original(self, bucket_name, notification_config)

    original = moto_patches.replace("moto.s3.models:S3Backend.put_bucket_notification_configuration", put)


def _check(bucket_arn: str, configuration: Mapping[str, Any]) -> None:
    for kind, arn in _destinations(configuration):
        name, action = KINDS[kind]
        if not _is_there(kind, arn):
            raise InvalidArgumentError(UNREACHABLE, arn, f"The destination {name} does not exist")
        try:
            checks.require_of_service(S3, action, arn, bucket_arn)
        except checks.Refused:
            said = f"Permissions on the destination {name} do not allow S3 to publish notifications from this bucket"
            raise InvalidArgumentError(UNREACHABLE, arn, said) from None


def _destinations(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for one in configuration.get(f"{kind}Configuration") or ():
            yield kind, str(one[kind])


def _is_there(kind: str, arn: str) -> bool:
    """Whether a destination is there; of another account nobody here knows."""
    _, _, _, region, account, name, *_ = [*arn.split(":"), "", "", "", "", ""]
    if account != ACCOUNT_ID:
        return True
    if kind == "Queue":
        return name in sqs_backends[account][region].queues
    if kind == "Topic":
        return arn in sns_backends[account][region].topics
    try:
        lambda_backends[account][region].get_function(arn)
    except UnknownFunctionException:
        return False
    return True
