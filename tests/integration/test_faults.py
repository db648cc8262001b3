"""Faults that are asked for: each kind strikes as its file says, and what it does not name goes on."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, start_cloud, stop_cloud
from sagemaker_requests import processing, python
from test_localcloud_core import World
from test_sagemaker_endpoints import config, invoke, script_model, settled

pytestmark = pytest.mark.timeout(900)
NOW = datetime.now(UTC)


def inject(cloud: CloudServer, faults: dict[str, Any]) -> list[dict[str, Any]]:
    body = json.dumps(faults).encode()
    request = urllib.request.Request(f"{cloud.url}/_localcloud/faults", data=body, method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


@pytest.fixture(autouse=True)
def no_faults(cloud_server: CloudServer) -> Iterator[None]:
    yield
    inject(cloud_server, {})


class Heard:
    """A rule of one source, and the queue that hears it."""

    def __init__(self, cloud: CloudServer, name: str) -> None:
        self.cloud, self.name = cloud, f"faults-{name}"
        sqs, events = cloud.client("sqs"), cloud.client("events")
        self.queue = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        events.put_rule(Name=self.name, EventPattern=json.dumps({"source": [self.name]}))
        arn = f"arn:aws:sqs:us-east-1:123456789012:{self.name}"
        events.put_targets(Rule=self.name, Targets=[{"Id": "queue", "Arn": arn}])

    def tell(self, *details: str) -> None:
        for detail in details:
            entry = {"Source": self.name, "DetailType": detail, "Detail": "{}"}
            self.cloud.client("events").put_events(Entries=[entry])

    def hear(self, count: int) -> list[str]:
        """The details that came, once there are so many; and whatever is there besides."""
        found: list[str] = []

        def look() -> bool:
            asked = {"QueueUrl": self.queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 60}
            messages = self.cloud.client("sqs").receive_message(**asked).get("Messages", [])
            found.extend(json.loads(message["Body"])["detail-type"] for message in messages)
            return len(found) >= count and not messages

        eventually(look, 20, f"{count} events")
        return found


def test_a_dropped_event_never_comes(cloud_server: CloudServer) -> None:
    heard = Heard(cloud_server, "drop")
    inject(cloud_server, {"events": [{"fault": "drop", "source": heard.name, "detail-type": "b"}]})

    heard.tell("a", "b", "c")

    assert heard.hear(2) == ["a", "c"]
    assert cloud_server.page("faults") == [
        {"place": "events[0]", "fault": "drop", "source": heard.name, "detail-type": "b", "matched": 1, "struck": 1}
    ]
    assert [one["detail-type"] for one in cloud_server.page("events") if one["source"] == heard.name] == ["a", "b", "c"]


def test_a_duplicated_event_comes_twice(cloud_server: CloudServer) -> None:
    heard = Heard(cloud_server, "duplicate")
    inject(cloud_server, {"events": [{"fault": "duplicate", "rule": heard.name, "times": 1}]})

    heard.tell("a", "b")

    assert heard.hear(3) == ["a", "a", "b"]


def test_a_delayed_event_comes_after_later_ones(cloud_server: CloudServer) -> None:
    heard = Heard(cloud_server, "delay")
    inject(cloud_server, {"events": [{"fault": "delay", "seconds": 2, "target": f"*:{heard.name}", "times": 1}]})

    heard.tell("a", "b", "c")

    assert heard.hear(3) == ["b", "c", "a"]


def test_reordered_events_change_places(cloud_server: CloudServer) -> None:
    heard = Heard(cloud_server, "reorder")
    inject(cloud_server, {"events": [{"fault": "reorder", "source": heard.name, "seconds": 1}]})

    heard.tell("a", "b", "c", "d", "last")

    assert heard.hear(5) == ["b", "a", "d", "c", "last"]


def test_a_function_dies_after_the_call_that_is_named(cloud_server: CloudServer) -> None:
    world = World(cloud_server)
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket="faults-calls")
    source = (
        "import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    for key in event['keys']:\n"
        "        s3.put_object(Bucket='faults-calls', Key=key)\n    return len(event['keys'])\n"
    )
    arn = world.function(source)
    name = arn.rpartition(":")[2]
    inject(cloud_server, {"functions": [{"fault": "crash", "function": name, "after_call": 2, "times": 1}]})
    payload = json.dumps({"keys": ["1", "2", "3"]}).encode()

    died = cloud_server.client("lambda").invoke(FunctionName=arn, Payload=payload)
    found = [one["Key"] for one in s3.list_objects_v2(Bucket="faults-calls")["Contents"]]
    again = cloud_server.client("lambda").invoke(FunctionName=arn, Payload=payload)

    error = json.load(died["Payload"])
    assert (died["FunctionError"], error["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "signal: killed" in error["errorMessage"]
    assert found == ["1", "2"]
    assert ("FunctionError" not in again, json.load(again["Payload"])) == (True, 3)


def test_a_job_dies_on_its_way(cloud_server: CloudServer) -> None:
    inject(cloud_server, {"jobs": [{"fault": "crash", "job": "faults-*", "seconds": 0.2}]})
    request = processing(python("import time; time.sleep(600)"))
    cloud_server.client("sagemaker").create_processing_job(ProcessingJobName="faults-1", **request)

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud_server.client("sagemaker").describe_processing_job(ProcessingJobName="faults-1")
        return found if found["ProcessingJobStatus"] != "InProgress" else None

    found = eventually(look, 60, "the end of the job")

    assert found["ProcessingJobStatus"] == "Failed"
    assert "137" in found["FailureReason"]


@pytest.fixture(scope="module")
def endpoint(cloud_server: CloudServer) -> str:
    config(cloud_server, "faults-1", script_model(cloud_server, "faults-model"))
    cloud_server.client("sagemaker").create_endpoint(EndpointName="faults", EndpointConfigName="faults-1")
    assert settled(cloud_server, "faults")["EndpointStatus"] == "InService"
    return "faults"


def test_an_endpoint_answers_as_its_model_had_failed(cloud_server: CloudServer, endpoint: str) -> None:
    fault = {"fault": "fail", "endpoint": endpoint, "variant": "All*", "status": 503, "times": 1}
    inject(cloud_server, {"endpoints": [fault]})

    with pytest.raises(ClientError) as failed:
        invoke(cloud_server, endpoint)

    assert failed.value.response["Error"]["Code"] == "ModelError"
    assert failed.value.response["OriginalStatusCode"] == 503
    assert invoke(cloud_server, endpoint)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_slow_endpoint_answers_late_and_its_metric_says_so(cloud_server: CloudServer, endpoint: str) -> None:
    inject(cloud_server, {"endpoints": [{"fault": "slow", "endpoint": endpoint, "seconds": 1.5, "times": 1}]})

    status = invoke(cloud_server, endpoint)["ResponseMetadata"]["HTTPStatusCode"]

    assert status == 200
    assert eventually(lambda: longest_us(cloud_server, endpoint) > 1_500_000, 10, "the latency of the slow answer")


def longest_us(cloud: CloudServer, endpoint: str) -> float:
    metric = {
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SageMaker",
                "MetricName": "ModelLatency",
                "Dimensions": [
                    {"Name": "EndpointName", "Value": endpoint},
                    {"Name": "VariantName", "Value": "AllTraffic"},
                ],
            },
            "Period": 60,
            "Stat": "Maximum",
        },
        "Id": "latency",
    }
    found = cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=[metric], StartTime=NOW - timedelta(hours=1), EndTime=NOW + timedelta(hours=1)
    )
    return max(found["MetricDataResults"][0]["Values"], default=0.0)


def test_what_is_unknown_is_refused_by_name_and_changes_nothing(cloud_server: CloudServer) -> None:
    inject(cloud_server, {"jobs": [{"fault": "crash", "job": "x"}]})

    with pytest.raises(urllib.error.HTTPError) as refused:
        inject(cloud_server, {"jobs": [{"fault": "explode"}]})

    assert json.load(refused.value)["message"] == "jobs[0]: there is no fault 'explode'; jobs have crash"
    assert [one["job"] for one in cloud_server.page("faults")] == ["x"]


def test_the_file_of_the_command_line_holds_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("events: [{fault: drop, source: lost}]")

    cloud = start_cloud(tmp_path / "state", 0, "--faults", str(path))
    found = cloud.page("faults")
    stop_cloud(cloud)

    assert found == [{"place": "events[0]", "fault": "drop", "source": "lost", "matched": 0, "struck": 0}]
