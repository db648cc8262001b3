"""What must hold of a stack on a local cloud when nothing goes on any more: nothing lost, nothing twice, nothing left.

A violation's words up to the colon name the property, as in tests/torture/properties.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise

from app.decide.deployment.deployment_alarms import alarm_names
from app.decide.names.hashes import digest
from app.decide.names.resource_names import version_of_config
from app.decide.names.statuses import RunStatus

from cli.stack import registry
from cli.stack.target import Target
from tests.torture.properties import HELD

MODEL, QUEUE = "churn", "told"
EVERY_BATCH = 99_999_999
Upload = tuple[str, str]  # key and version id


def listen(target: Target) -> None:
    """Keep whatever people are told from now on."""
    sqs = target.client("sqs")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    target.client("sns").subscribe(
        TopicArn=target.outputs()["NotificationTopicArn"], Protocol="sqs", Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
    )  # fmt: skip


def violations(target: Target, acknowledged: Collection[Upload], told: set[str]) -> list[str]:
    """Whatever does not hold. ``told`` are the ids of the notices so far, to which those that wait are added."""
    _hear(target, told)
    return [
        *_uploads(target, acknowledged),
        *_pipelines(target),
        *_what_serves(target),
        *_executions(target, told),
        *_left_behind(target),
    ]


def _hear(target: Target, told: set[str]) -> None:
    sqs = target.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    while messages := sqs.receive_message(**asked).get("Messages", []):
        for message in messages:
            told.add(message["MessageAttributes"]["id"]["StringValue"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _uploads(target: Target, acknowledged: Collection[Upload]) -> Iterator[str]:
    """Every upload that was acknowledged is new data of one run, and is in what the newest run learnt from, once."""
    ledger, bucket = target.ledger(), target.outputs()["DataBucketName"]
    batches = Counter((one["key"], one["version_id"]) for one in ledger.accepted(MODEL, EVERY_BATCH))
    used = _newest_data(target, bucket)
    for one in acknowledged:
        outcome = ledger.recorded_outcome(bucket, *one)
        if outcome is None:
            yield f"an upload is lost: {one} has no outcome"
        elif "run" not in outcome:
            yield f"an upload is judged wrongly: {one} {outcome}"
        elif batches[one] != 1:
            yield f"an upload counts otherwise than once: {one} is in {batches[one]} batches"
        elif used[one] != 1:
            yield f"a run's data is not what was accepted: the newest has {one} {used[one]} times"


def _newest_data(target: Target, bucket: str) -> Counter[Upload]:
    plans = [run.plan for run in target.ledger().runs(MODEL) if run.plan]
    if not plans:
        return Counter()
    manifest = plans[0]["parameters"]["InputData"].partition(f"{bucket}/")[2]
    key = f"{manifest.rpartition('/')[0]}/sources.json"
    sources = json.load(target.client("s3").get_object(Bucket=bucket, Key=key)["Body"])
    return Counter((one["key"], one["version_id"]) for one in sources)


def _pipelines(target: Target) -> Iterator[str]:
    """One pipeline at a time, and all have ended."""
    sagemaker = target.client("sagemaker")
    pages = sagemaker.get_paginator("list_pipeline_executions").paginate(PipelineName=target.resource(MODEL))
    arns = [one["PipelineExecutionArn"] for page in pages for one in page["PipelineExecutionSummaries"]]
    found = sorted(
        (sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn) for arn in arns),
        key=lambda one: one["CreationTime"],
    )
    for before, after in pairwise(found):
        if after["CreationTime"] < before["LastModifiedTime"]:
            names = [one["PipelineExecutionDisplayName"] for one in (before, after)]
            yield f"two turns at once: {names}"
    for one in found:
        if one["PipelineExecutionStatus"] in ("Executing", "Stopping"):
            yield f"a pipeline never ends: {one['PipelineExecutionDisplayName']}"


def _what_serves(target: Target) -> Iterator[str]:
    """The newest approved version that a run judged and that has not failed serves, and LIVE says so."""
    known, live = target.ledger().versions(MODEL), target.ledger().live_version(MODEL)
    approved = {
        int(one["ModelPackageVersion"])
        for one in registry.versions(target, MODEL)
        if one["ModelApprovalStatus"] == "Approved"
    }
    desired = max((one for one in approved if "run" in known.get(one, {}) and "failed" not in known[one]), default=None)
    name = target.resource(MODEL)
    endpoints = target.client("sagemaker").list_endpoints(NameContains=name)["Endpoints"]
    if desired is None or not endpoints:
        yield f"the wrong version serves: {desired} should, of {known}, and the endpoints are {endpoints}"
        return
    found = target.client("sagemaker").describe_endpoint(EndpointName=name)
    if found["EndpointStatus"] != "InService" or version_of_config(found["EndpointConfigName"]) != desired:
        shown = (found["EndpointConfigName"], found["EndpointStatus"])
        yield f"the wrong version serves: {desired} should, the endpoint is {shown}"
    elif live is None or (live.version, live.name) != (desired, found["EndpointConfigName"]):
        yield f"LIVE differs from the endpoint: it serves {found['EndpointConfigName']}, LIVE is {live}"
    alarms = target.client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
    if more := {one["AlarmName"] for one in alarms} - set(alarm_names(live.name) if live else ()):
        yield f"alarms are left behind: {sorted(more)}"


def _executions(target: Target, told: set[str]) -> Iterator[str]:
    pages = target.client("stepfunctions").get_paginator("list_executions")
    for page in pages.paginate(stateMachineArn=target.outputs()["StateMachineArn"]):
        for one in page["executions"]:
            ends = {digest("ended", one["executionArn"], str(status))[:32] for status in RunStatus}
            if one["status"] == "RUNNING":
                yield f"an execution never ends: {one['name']}"
            elif not ends & told:
                yield f"an end was never told: {one['name']}, {one['status']}"


def _left_behind(target: Target) -> Iterator[str]:
    """Runs that stay open; tokens, turns, entries and slots that nobody needs any more."""
    for run in target.ledger().runs(MODEL):
        if not run.status.final:
            yield f"a run stays open: {run.id} is {run.status}"
    pages = target.client("dynamodb").get_paginator("scan").paginate(TableName=target.outputs()["LedgerTableName"])
    for item in (item for page in pages for item in page["Items"]):
        pk = item["pk"]["S"]
        if pk.startswith(("TOKEN#", "UNTOLD#")) or pk in ("AWAITED_JOBS", "OPEN_EXECUTIONS"):
            yield f"something is left behind: {pk} {item['sk']['S']}"
        if left := [name for name in HELD if name in item]:
            yield f"a turn or a batch is left behind: {pk} {left}"
    if any(target.ledger().slots()):
        yield f"a slot is left behind: {target.ledger().slots()}"
