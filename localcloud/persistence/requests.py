"""What a request may have changed, and who records it: after moto has handled it and before the answer is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud import journaling
from localcloud.persistence import items, objects

READS = (
    *("Get", "List", "Describe", "Head", "BatchGet", "BatchDescribe", "Query", "Scan", "Select", "Simulate"),
    *("Test", "Validate", "Lookup", "Filter", "Search", "Estimate", "TransactGet"),
)
# Operations that change nothing, or whose changes are recorded where they are made.
RECORDED_IN_PLACE: Mapping[str, frozenset[str]] = {
    "dynamodb": frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}),
    "sqs": frozenset(
        {
            "SendMessage",
            "SendMessageBatch",
            "ReceiveMessage",
            "DeleteMessage",
            "DeleteMessageBatch",
            "ChangeMessageVisibility",
            "ChangeMessageVisibilityBatch",
            "PurgeQueue",
        }
    ),
    "sns": frozenset({"Publish", "PublishBatch"}),
    "events": frozenset({"PutEvents"}),
    "logs": frozenset({"PutLogEvents", "CreateLogStream", "DeleteLogStream"}),
    "cloudwatch": frozenset({"PutMetricData"}),
    "awslambda": frozenset({"Invoke", "InvokeAsync"}),
    "stepfunctions": frozenset(
        {"StartExecution", "StopExecution", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"}
    ),
    "kms": frozenset(
        {"Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign", "Verify"}
    ),
    "sagemakerruntime": frozenset({"InvokeEndpoint"}),
}
KEPT_BY = {"applicationautoscaling": "sagemaker"}  # what a service changes, of which another has the records
RUNS = ("sagemaker",)  # its records change in the background: a reader observes that


def record_request(service: str, account: str, operation: str | None, environ: Mapping[str, Any]) -> None:
    """Record whatever a request has changed."""
    if not journaling.is_enabled():
        return
    service = KEPT_BY.get(service, service)
    if service == "s3":
        objects.record_request(account, operation or "", environ)
        return
    if service == "dynamodb":
        items.record_changed()
    recorded = (operation or "").startswith(READS) or operation in RECORDED_IN_PLACE.get(service, ())
    if service in RUNS or not recorded:
        body = environ["wsgi.input"].getvalue() if service in RUNS else b""
        journaling.flush(service, body.decode(errors="replace"))
