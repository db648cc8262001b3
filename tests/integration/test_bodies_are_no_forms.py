"""A JSON document is no form, whatever stands in it, and no header is a parameter."""

import json
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from cloud import CloudServer

TEXT = "a=b&Action=DeleteLogGroup&logGroupName=/forms/other&logStreamName=other&Name=other&c"


def test_what_a_text_says_is_no_parameter(cloud_server: CloudServer) -> None:
    logs = cloud_server.client("logs")
    for group in ("/forms/own", "/forms/other"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="own")

    line = {"timestamp": int(time.time() * 1000), "message": TEXT}
    logs.put_log_events(logGroupName="/forms/own", logStreamName="own", logEvents=[line])

    found = {group["logGroupName"] for group in logs.describe_log_groups(logGroupNamePrefix="/forms/")["logGroups"]}
    events = logs.get_log_events(logGroupName="/forms/own", logStreamName="own", startFromHead=True)["events"]
    assert found == {"/forms/own", "/forms/other"}
    assert [event["message"] for event in events] == [TEXT]


def test_an_item_keeps_a_text_that_looks_like_a_form(cloud_server: CloudServer) -> None:
    states, document = cloud_server.client("stepfunctions"), {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    machine = states.create_state_machine(
        name="no-form", roleArn="arn:aws:iam::123456789012:role/r", definition=json.dumps(document)
    )["stateMachineArn"]
    text = f"a&stateMachineArn={machine}-other&Action=DeleteStateMachine&"

    begun = states.start_execution(stateMachineArn=machine, input=json.dumps({"text": text}))

    told = states.describe_execution(executionArn=begun["executionArn"])
    assert (told["stateMachineArn"], json.loads(told["input"])) == (machine, {"text": text})


@pytest.mark.parametrize("header", ["Action", "logGroupName"])
def test_a_header_is_no_parameter(cloud_server: CloudServer, header: str) -> None:
    name = f"/headers/{header}"
    cloud_server.client("logs").create_log_group(logGroupName=name)
    said = {"Action": "DeleteLogGroup", "logGroupName": name}[header]
    target = "Logs_20140328.DescribeLogGroups" if header == "Action" else "Logs_20140328.DeleteLogGroup"
    asked = urllib.request.Request(
        cloud_server.url, f'{{"logGroupName": "{name}" }}'.encode() if header == "Action" else b"{}", {
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, header: said,
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260314/us-east-1/logs/aws4_request,"
                             " SignedHeaders=host, Signature=0",
        }, method="POST",
    )  # fmt: skip

    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(asked, timeout=60).close()

    there = cloud_server.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [group["logGroupName"] for group in there] == [name]
