"""PutEvents from outside: what it answers for each entry, and that no rule can make it fail."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from cloud import ROOT, CloudServer, bare_environment
from event_calls import name, refusal, unchecked

MIB = 1 << 20
# A cloud whose saved state holds rules and targets that PutRule and PutTargets would refuse today.
ODD_RULES = """
import json, sys, threading
from pathlib import Path
from localcloud import server

started = server.start(Path(sys.argv[1]), 0)
threading.Thread(target=started.serve, daemon=True).start()
bus, s3, sqs = (started.cloud.client(service) for service in ("events", "s3", "sqs"))
s3.create_bucket(Bucket="odd")
s3.put_bucket_notification_configuration(Bucket="odd", NotificationConfiguration={"EventBridgeConfiguration": {}})
queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
arn = "arn:aws:sqs:us-east-1:123456789012:heard"

from moto.events.models import events_backends

rules = events_backends["123456789012"]["us-east-1"].event_buses["default"].rules
for number, pattern in enumerate(json.loads(sys.argv[2])):
    bus.put_rule(Name=f"odd-{number}", EventPattern='{"source": ["a", "aws.s3"]}')
    bus.put_targets(Rule=f"odd-{number}", Targets=[{"Id": "t", "Arn": arn, "Input": '"odd"'}])
    rules[f"odd-{number}"].event_pattern._raw_pattern = pattern
bus.put_rule(Name="good", EventPattern='{"source": ["a", "aws.s3"]}')
bus.put_targets(Rule="good", Targets=[{"Id": "t", "Arn": arn}])
rules["good"].targets.insert(0, {"Id": "odd", "Arn": arn, "InputTransformer": {"InputPathsMap": {"a": 1}}})

entry = {"Source": "a", "DetailType": "d", "Detail": "{}"}
failed = [bus.put_events(Entries=[entry])["FailedEntryCount"] for _ in range(3)]
status = s3.put_object(Bucket="odd", Key="k", Body=b"")["ResponseMetadata"]["HTTPStatusCode"]
heard = []
while len(heard) < 4:
    for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages", []):
        heard.append(json.loads(message["Body"])["source"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
print(json.dumps({"failed": failed, "status": status, "heard": sorted(heard)}))
started.stop()
"""


@pytest.fixture(scope="module")
def bus(cloud_server: CloudServer) -> Any:
    return unchecked(cloud_server)


def entry(**values: Any) -> dict[str, Any]:
    return {"Source": "a.b", "DetailType": "d", "Detail": "{}", **values}


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        (
            {"DetailType": None},
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        ({"Detail": None}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Detail": "text"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '"text"'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": ' * 100_000}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
def test_an_entry_fails_by_itself(bus: Any, values: dict[str, Any], code: str, message: str) -> None:
    answer = bus.put_events(Entries=[entry(), entry(**values), entry()])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][1] == {"ErrorCode": code, "ErrorMessage": message}
    assert all("EventId" in answer["Entries"][number] for number in (0, 2))


def test_an_event_for_a_bus_that_is_not_there_is_taken_and_reaches_nobody(bus: Any) -> None:
    answer = bus.put_events(Entries=[entry(EventBusName=name("none")), entry()])

    assert answer["FailedEntryCount"] == 0
    assert all("EventId" in one for one in answer["Entries"])


def test_a_request_has_one_to_ten_entries(bus: Any) -> None:
    for entries, bound in (([], "greater than or equal to 1"), ([entry()] * 11, "less than or equal to 10")):
        code, message = refusal(bus.put_events, Entries=entries)

        assert code == "ValidationException"
        assert message.endswith(f"at 'entries' failed to satisfy constraint: Member must have length {bound}")


def test_the_entries_of_a_request_are_one_mebibyte_together_at_most(bus: Any) -> None:
    head = len("a.b" + "d" + json.dumps({"a": ""}))
    half = json.dumps({"a": "é" * ((MIB // 2 - head) // 2)}, ensure_ascii=False)
    rest = json.dumps({"a": "x" * (MIB - 2 * head - (len(half.encode()) - len(json.dumps({"a": ""}))))})

    assert bus.put_events(Entries=[entry(Detail=half), entry(Detail=rest)])["FailedEntryCount"] == 0
    assert refusal(bus.put_events, Entries=[entry(Detail=half), entry(Detail=rest, Resources=["r"])]) == (
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    )


@pytest.mark.parametrize("values", [{"Source": 1}, {"Resources": "arn"}, {"Detail": {}}])
def test_a_request_of_another_shape_is_refused(cloud_server: CloudServer, values: dict[str, Any]) -> None:
    code = posted(cloud_server, {"Entries": [entry(**values)]})

    assert code == "SerializationException"


def posted(cloud: CloudServer, asked: dict[str, Any]) -> str:
    """The error that a request is answered with, of a client without a model of the API."""
    headers = {
        "X-Amz-Target": "AWSEvents.PutEvents",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request",
    }
    request = urllib.request.Request(cloud.url, json.dumps(asked).encode(), headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 400
    return str(json.load(refused.value)["__type"])


def test_odd_rules_of_a_saved_state_hear_nothing_and_are_told_once(tmp_path: Path) -> None:
    odd = ["nonsense", "[]", '{"source": "a"}', '{"source": [{"numeric": [">"]}]}', '{"$or": 1}', '{"source": [{}]}']

    ran = subprocess.run(
        [sys.executable, "-c", ODD_RULES, str(tmp_path), json.dumps(odd)],
        cwd=ROOT, env=bare_environment(), capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    told = (tmp_path / "server.log").read_text()

    assert json.loads(ran.stdout) == {"failed": [0, 0, 0], "status": 200, "heard": ["a", "a", "a", "aws.s3"]}
    for number in range(len(odd)):
        assert told.count(f"rule odd-{number} hears nothing: its event pattern is not valid") == 1
