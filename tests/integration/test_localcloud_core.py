"""The local cloud's core, seen from outside: functions, events, queues and topics through boto3 alone."""

from __future__ import annotations

import base64
import io
import itertools
import json
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jmespath
import pytest
from botocore.exceptions import ClientError
from cloud import ROOT, CloudServer, eventually, start_cloud, stop_cloud

NUMBERS = itertools.count(1)
ECHO = "def handler(event, context):\n    return event\n"
# Writes what it got into a table, so that the test can ask for it.
WITNESS = """
import json, os, time, uuid
import boto3
seen = boto3.client("dynamodb")
def handler(event, context):
    seen.put_item(TableName=os.environ["SEEN"], Item={
        "id": {"S": uuid.uuid4().hex}, "at": {"N": str(time.time())}, "event": {"S": json.dumps(event)}})
    failing = os.environ.get("FAILING")
    if failing == "all":
        raise RuntimeError("no")
    if failing:
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}
                                      for record in event["Records"] if failing in record["body"]]}
"""


def name(kind: str) -> str:
    return f"core-{kind}-{next(NUMBERS)}"


def package(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(f"{path}.py", text)
    return target.getvalue()


class World:
    """The server and short ways to make things in it."""

    def __init__(self, cloud: CloudServer) -> None:
        self.cloud = cloud
        self.client = cloud.client
        self.role = self.client("iam").create_role(RoleName=name("role"), AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    def function(self, source: str, **settings: Any) -> str:
        made = self.client("lambda").create_function(
            FunctionName=name("fn"),
            Runtime="python3.11",
            Role=self.role,
            Handler="main.handler",
            Code={"ZipFile": package(main=source)},
            **{"Timeout": 10, **settings},
        )
        return str(made["FunctionArn"])

    def invoke(self, function: str, payload: Any = None, **how: Any) -> tuple[Any, str | None, str]:
        answer = self.client("lambda").invoke(
            FunctionName=function, Payload=json.dumps(payload if payload is not None else {}), LogType="Tail", **how
        )
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError"), log

    def table(self) -> str:
        made = name("table")
        self.client("dynamodb").create_table(
            TableName=made,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return made

    def witness(self, failing: str = "", **settings: Any) -> tuple[str, str]:
        seen = self.table()
        return self.function(WITNESS, Environment={"Variables": {"SEEN": seen, "FAILING": failing}}, **settings), seen

    def seen(self, table: str) -> list[Any]:
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        rows = [row for page in pages for row in page["Items"]]
        return [json.loads(row["event"]["S"]) for row in sorted(rows, key=lambda row: float(row["at"]["N"]))]

    def queue(self, **attributes: Any) -> tuple[str, str]:
        sqs = self.client("sqs")
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in attributes.items()}
        url = sqs.create_queue(QueueName=name("queue"), Attributes=texts)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def received(self, url: str, deadline_s: float = 20) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.client("sqs").receive_message(
                QueueUrl=url, WaitTimeSeconds=1, MessageAttributeNames=["All"], AttributeNames=["All"]
            )
            return found["Messages"][0] if found.get("Messages") else None

        return eventually(look, deadline_s, f"a message in {url}")

    def rule(self, pattern: dict[str, Any], *targets: dict[str, Any], **settings: Any) -> str:
        made = name("rule")
        self.client("events").put_rule(Name=made, EventPattern=json.dumps(pattern), **settings)
        rows = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        self.client("events").put_targets(Rule=made, Targets=rows)
        return made

    def put_event(self, source: str, **detail: Any) -> str:
        entry = {"Source": source, "DetailType": "Something", "Detail": json.dumps(detail), "Resources": ["arn:x"]}
        return str(self.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"])


@pytest.fixture(scope="module")
def world(cloud_server: CloudServer) -> World:
    return World(cloud_server)


# --- functions


def test_a_function_answers_and_its_log_has_the_platforms_lines(world: World) -> None:
    arn = world.function(
        "def handler(event, context):\n    print('seen', event)\n    return [event, context.function_name]\n"
    )

    answer, error, log = world.invoke(arn, {"a": "ü"})

    assert (answer[0], error) == ({"a": "ü"}, None)
    assert arn.endswith(answer[1])
    assert [line.split(" ")[0] for line in log.splitlines()] == ["START", "seen", "END", "REPORT"]
    group = f"/aws/lambda/{answer[1]}"
    messages = eventually(
        lambda: (
            [row["message"] for row in world.client("logs").filter_log_events(logGroupName=group)["events"]]
            if group in str(world.client("logs").describe_log_groups())
            else None
        )
    )
    assert "seen {'a': 'ü'}" in messages
    files = list((world.cloud.state_dir / "logs" / "aws" / "lambda" / answer[1]).rglob("*.log"))
    assert "seen {'a': 'ü'}" in files[0].read_text(encoding="utf-8")


def test_an_exception_tells_its_type_message_and_place(world: World) -> None:
    arn = world.function("def handler(event, context):\n    raise KeyError('who')\n")

    answer, error, log = world.invoke(arn)

    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("KeyError", "'who'")
    assert "main.py" in answer["stackTrace"][0]
    assert "[ERROR] KeyError: 'who'" in log


def test_a_function_that_cannot_be_imported_says_so_every_time(world: World) -> None:
    arn = world.function("import nothing_of_this_name\n")

    answers = [world.invoke(arn)[0] for _ in range(2)]

    assert [answer["errorType"] for answer in answers] == ["Runtime.ImportModuleError"] * 2
    assert "nothing_of_this_name" in answers[0]["errorMessage"]


def test_a_timeout_ends_the_process_and_the_next_call_works(world: World) -> None:
    arn = world.function(
        "import time\ndef handler(event, context):\n    time.sleep(event['s'])\n    return 'awake'\n", Timeout=1
    )

    answer, error, log = world.invoke(arn, {"s": 30})
    again, _, _ = world.invoke(arn, {"s": 0})

    assert error == "Unhandled"
    assert "Task timed out after 1.00 seconds" in answer["errorMessage"]
    assert "Task timed out after 1.00 seconds" in log
    assert again == "awake"


def test_a_function_over_its_memory_is_killed(world: World) -> None:
    arn = world.function(
        "def handler(event, context):\n    x = bytearray(300 << 20)\n    return len(x)\n", MemorySize=128
    )

    answer, error, _ = world.invoke(arn)

    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.OutOfMemory"


def test_a_process_that_exits_is_an_exit_error(world: World) -> None:
    arn = world.function("import os\ndef handler(event, context):\n    os._exit(7)\n")

    answer, error, _ = world.invoke(arn)

    assert (answer["errorType"], error) == ("Runtime.ExitError", "Unhandled")
    assert answer["errorMessage"].endswith("exit status 7")


def test_a_function_sees_its_own_variables_and_aws_ones_and_nothing_of_the_server(world: World) -> None:
    source = """
import importlib, os, sys
def handler(event, context):
    def there(name):
        try:
            importlib.import_module(name)
            return True
        except ImportError:
            return False
    return {"env": dict(os.environ),
            "there": [n for n in ("boto3", "moto", "flask", "numpy", "localcloud") if there(n)],
            "cwd": os.getcwd(), "path": sys.path}
"""
    arn = world.function(source, Environment={"Variables": {"MINE": "yes"}})

    answer, _, _ = world.invoke(arn)

    assert answer["there"] == ["boto3"]
    assert answer["env"]["MINE"] == "yes"
    assert answer["env"]["AWS_ENDPOINT_URL"] == world.cloud.url
    assert answer["env"]["AWS_LAMBDA_FUNCTION_NAME"] == arn.rpartition(":")[2]
    assert "HOME" not in answer["env"]
    assert answer["cwd"] == answer["env"]["LAMBDA_TASK_ROOT"] == answer["path"][0]
    assert not [name for name in answer["env"] if name.startswith(("MOTO_", "PYTEST_", "VIRTUAL_ENV"))]


def test_a_package_that_brings_its_own_boto3_gets_it(world: World) -> None:
    archive = package(
        main="import boto3\ndef handler(event, context):\n    return boto3.WHOSE\n", boto3="WHOSE = 'mine'\n"
    )
    made = world.client("lambda").create_function(
        FunctionName=name("fn"),
        Runtime="python3.11",
        Role=world.role,
        Handler="main.handler",
        Code={"ZipFile": archive},
    )

    assert world.invoke(made["FunctionArn"])[0] == "mine"


@pytest.mark.parametrize(("more", "loaded"), [({}, True), ({"jmespath/newer": "WHOSE = 'mine'"}, False)])
def test_boto3_is_loaded_already_unless_the_package_brings_another_version_of_a_part_of_it(
    world: World, more: dict[str, str], loaded: bool
) -> None:
    source = "import sys\nLOADED = 'boto3' in sys.modules\ndef handler(event, context):\n    return LOADED\n"
    folder = Path(jmespath.__file__).parent
    same = {f"jmespath/{path.stem}": path.read_text() for path in folder.glob("*.py")}
    made = world.client("lambda").create_function(
        FunctionName=name("fn"),
        Runtime="python3.11",
        Role=world.role,
        Handler="main.handler",
        Code={"ZipFile": package(main=source, **same, **more)},
    )

    assert world.invoke(made["FunctionArn"])[0] is loaded


def test_a_layer_is_importable(world: World) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("python/shared.py", "WORD = 'from the layer'\n")
    layer = world.client("lambda").publish_layer_version(
        LayerName=name("layer"), Content={"ZipFile": target.getvalue()}
    )
    arn = world.function(
        "import shared\ndef handler(event, context):\n    return shared.WORD\n", Layers=[layer["LayerVersionArn"]]
    )

    assert world.invoke(arn)[0] == "from the layer"


def test_a_process_is_reused_and_new_code_or_settings_get_a_new_one(world: World) -> None:
    source = "import os\ndef handler(event, context):\n    return [os.getpid(), os.environ.get('MODE'), {}]\n"
    arn = world.function(source.format("'first'"))
    first = world.invoke(arn)[0]
    processes = {first[0], *(world.invoke(arn)[0][0] for _ in range(4))}  # the first call's, and the one made ahead

    world.client("lambda").update_function_configuration(FunctionName=arn, Environment={"Variables": {"MODE": "new"}})
    third = world.invoke(arn)[0]
    world.client("lambda").update_function_code(FunctionName=arn, ZipFile=package(main=source.format("'second'")))
    fourth = world.invoke(arn)[0]

    assert len(processes) <= 2
    assert (third[1], third[2]) == ("new", "first")
    assert third[0] not in processes
    assert (first[2], fourth[2]) == ("first", "second")


def test_calls_at_the_same_time_have_processes_of_their_own(world: World) -> None:
    arn = world.function("import os, time\ndef handler(event, context):\n    time.sleep(0.3)\n    return os.getpid()\n")

    with ThreadPoolExecutor(4) as several:
        pids = list(several.map(lambda _: world.invoke(arn)[0], range(4)))

    assert len(set(pids)) == 4


def test_a_function_at_its_reserved_concurrency_is_throttled(world: World) -> None:
    arn = world.function("import time\ndef handler(event, context):\n    time.sleep(1.5)\n")
    world.client("lambda").put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=1)
    entered = threading.Barrier(2)

    def call() -> str:
        entered.wait()
        try:
            world.invoke(arn)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "ok"

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(lambda _: call(), range(2)))

    assert answers == ["TooManyRequestsException", "ok"]


def test_an_asynchronous_call_is_tried_three_times_and_then_told(world: World) -> None:
    arn, seen = world.witness("all")
    url, queue = world.queue()
    world.client("lambda").put_function_event_invoke_config(
        FunctionName=arn, DestinationConfig={"OnFailure": {"Destination": queue}}
    )

    answer = world.client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=b'{"n": 1}')
    told = json.loads(world.received(url)["Body"])

    assert answer["StatusCode"] == 202
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 3
    assert told["requestPayload"] == {"n": 1}
    assert told["responsePayload"]["errorType"] == "RuntimeError"
    assert world.seen(seen) == [{"n": 1}] * 3


def test_an_event_that_is_not_json_is_refused(world: World) -> None:
    arn = world.function(ECHO)

    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        world.client("lambda").invoke(FunctionName=arn, Payload=b"{nonsense")


# --- events


def kinds_of(batches: list[Any]) -> list[str]:
    return [json.loads(record["body"])["detail-type"] for batch in batches for record in batch["Records"]]


def test_an_upload_reaches_the_function_through_bus_and_queue(world: World) -> None:
    arn, seen = world.witness()
    _, queue = world.queue(VisibilityTimeout="60")
    world.client("lambda").create_event_source_mapping(FunctionName=arn, EventSourceArn=queue, BatchSize=10)
    bucket, key = name("bucket"), "incoming/churn/mäy + 100%/ünï côde.csv"
    s3 = world.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    world.rule(
        {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "incoming/"}]}}},
        {"Arn": queue},
    )

    put = s3.put_object(Bucket=bucket, Key=key, Body=b"a,b\n")
    s3.put_object(Bucket=bucket, Key="elsewhere/x.csv", Body=b"")
    record = eventually(lambda: world.seen(seen))[0]["Records"][0]
    s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    told = eventually(lambda: kinds if len(kinds := kinds_of(world.seen(seen))) > 1 else None)

    event = json.loads(record["body"])
    sample = json.loads((ROOT / "tests" / "integration" / "s3_object_created.json").read_text(encoding="utf-8"))
    assert event.keys() == sample.keys()
    assert event["detail"].keys() == sample["detail"].keys()
    assert event["detail"]["object"].keys() == sample["detail"]["object"].keys()
    assert event["detail"]["object"]["key"] == key
    assert event["detail"]["object"]["version-id"] == put["VersionId"]
    assert event["detail"]["object"]["etag"] == put["ETag"].strip('"')
    assert (event["detail-type"], event["detail"]["reason"]) == ("Object Created", "PutObject")
    assert told == ["Object Created", "Object Tags Added"]
    assert record["eventSourceARN"] == queue
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_a_bucket_without_eventbridge_tells_nothing(world: World) -> None:
    url, queue = world.queue()
    quiet, loud = name("bucket"), name("bucket")
    s3 = world.client("s3")
    for bucket in (quiet, loud):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=loud, NotificationConfiguration={"EventBridgeConfiguration": {}})
    world.rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [quiet, loud]}}}, {"Arn": queue})

    s3.put_object(Bucket=quiet, Key="a", Body=b"")
    s3.put_object(Bucket=loud, Key="b", Body=b"")

    assert json.loads(world.received(url)["Body"])["detail"]["object"]["key"] == "b"


def test_a_failing_target_holds_up_no_other_and_ends_in_its_dead_letter_queue(world: World) -> None:
    dead_url, dead = world.queue()
    url, queue = world.queue()
    source = name("source")
    gone = queue + "-that-is-gone"
    world.rule(
        {"source": [source]},
        {"Arn": gone, "DeadLetterConfig": {"Arn": dead}, "RetryPolicy": {"MaximumRetryAttempts": 1}},
        {"Arn": queue},
    )
    world.rule({"source": [source]}, {"Arn": queue})

    sent = world.put_event(source, n=1)
    arrived = [json.loads(world.received(url)["Body"]) for _ in range(2)]
    buried = world.received(dead_url)

    assert [event["id"] for event in arrived] == [sent, sent]
    assert json.loads(buried["Body"])["id"] == sent
    assert buried["MessageAttributes"]["TARGET_ARN"]["StringValue"] == gone
    assert "ERROR_MESSAGE" in buried["MessageAttributes"]


def test_a_disabled_rule_delivers_nothing(world: World) -> None:
    url, queue = world.queue()
    source = name("source")
    world.rule({"source": [source]}, {"Arn": queue, "Input": '"disabled"'}, State="DISABLED")
    world.rule({"source": [source]}, {"Arn": queue, "Input": '"enabled"'})

    world.put_event(source)
    first = world.received(url)
    rest = world.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)

    assert first["Body"] == '"enabled"'
    assert "Messages" not in rest


def test_targets_get_inputs_paths_and_templates(world: World) -> None:
    url, queue = world.queue()
    source = name("source")
    template = {"InputPathsMap": {"who": "$.detail.who"}, "InputTemplate": '{"hello": "<who>"}'}
    world.rule({"source": [source]}, {"Arn": queue, "InputPath": "$.detail"})
    world.rule({"source": [source]}, {"Arn": queue, "InputTransformer": template})

    world.put_event(source, who='A "B"')
    bodies = [json.loads(world.received(url)["Body"]) for _ in range(2)]

    assert sorted(bodies, key=str) == sorted([{"who": 'A "B"'}, {"hello": 'A "B"'}], key=str)


def test_an_event_reaches_functions_topics_logs_and_other_buses(world: World) -> None:
    arn, seen = world.witness()
    url, queue = world.queue()
    topic = world.client("sns").create_topic(Name=name("topic"))["TopicArn"]
    world.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
    )
    bus = world.client("events").create_event_bus(Name=name("bus"))["EventBusArn"]
    other_url, other_queue = world.queue()
    other_rule = name("rule")
    source, group = name("source"), f"/aws/events/{name('group')}"
    world.client("logs").create_log_group(logGroupName=group)
    world.client("events").put_rule(
        Name=other_rule, EventBusName=bus.rpartition("/")[2], EventPattern=json.dumps({"source": [source]})
    )
    world.client("events").put_targets(
        Rule=other_rule, EventBusName=bus.rpartition("/")[2], Targets=[{"Id": "q", "Arn": other_queue}]
    )
    log_arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    world.rule(
        {"source": [source]}, {"Arn": arn}, {"Arn": topic}, {"Arn": bus, "RoleArn": world.role}, {"Arn": log_arn}
    )

    sent = world.put_event(source, n=1)

    assert eventually(lambda: world.seen(seen))[0]["id"] == sent
    assert json.loads(world.received(url)["Body"])["id"] == sent
    assert json.loads(world.received(other_url)["Body"])["id"] == sent
    logged = eventually(lambda: world.client("logs").filter_log_events(logGroupName=group)["events"])
    assert json.loads(logged[0]["message"])["id"] == sent


def test_an_event_starts_a_state_machine(world: World) -> None:
    machine = world.client("stepfunctions").create_state_machine(
        name=name("machine"),
        roleArn=world.role,
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}),
    )["stateMachineArn"]
    source = name("source")
    world.rule({"source": [source]}, {"Arn": machine, "RoleArn": world.role, "InputPath": "$.detail"})

    world.put_event(source, n=5)
    found = eventually(
        lambda: world.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")[
            "executions"
        ]
    )
    output = world.client("stepfunctions").describe_execution(executionArn=found[0]["executionArn"])["output"]

    assert json.loads(output) == {"n": 5}


# --- queues


def test_messages_that_a_function_reports_are_tried_again_and_end_in_the_dead_letter_queue(world: World) -> None:
    arn, seen = world.witness("bad")
    dead_url, dead = world.queue()
    url, queue = world.queue(VisibilityTimeout="2", RedrivePolicy={"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    for body in ("good 1", "bad 1", "good 2"):
        world.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    world.client("lambda").create_event_source_mapping(
        FunctionName=arn,
        EventSourceArn=queue,
        BatchSize=10,
        MaximumBatchingWindowInSeconds=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )

    buried = world.received(dead_url)
    batches = [[record["body"] for record in event["Records"]] for event in world.seen(seen)]

    assert buried["Body"] == "bad 1"
    assert batches == [["good 1", "bad 1", "good 2"], ["bad 1"]]
    left = world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (left["ApproximateNumberOfMessages"], left["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


def test_a_batch_of_a_failing_function_comes_back_whole(world: World) -> None:
    arn, seen = world.witness("all")
    dead_url, dead = world.queue()
    url, queue = world.queue(VisibilityTimeout="1", RedrivePolicy={"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    world.client("lambda").create_event_source_mapping(FunctionName=arn, EventSourceArn=queue)

    world.client("sqs").send_message(QueueUrl=url, MessageBody="once")
    buried = world.received(dead_url)

    assert buried["Body"] == "once"
    assert [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in world.seen(seen)] == ["1", "2"]


def test_only_messages_that_pass_the_filter_reach_the_function(world: World) -> None:
    arn, seen = world.witness()
    url, queue = world.queue()
    world.client("lambda").create_event_source_mapping(
        FunctionName=arn,
        EventSourceArn=queue,
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]},
    )

    for kind in ("other", "wanted"):
        world.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"kind": kind}))
    first = eventually(lambda: world.seen(seen))

    assert [json.loads(record["body"])["kind"] for event in first for record in event["Records"]] == ["wanted"]


def test_a_disabled_mapping_waits(world: World) -> None:
    arn, seen = world.witness()
    url, queue = world.queue()
    mapping = world.client("lambda").create_event_source_mapping(FunctionName=arn, EventSourceArn=queue, Enabled=False)
    world.client("sqs").send_message(QueueUrl=url, MessageBody="early")

    before = world.seen(seen)
    world.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    assert before == []
    assert eventually(lambda: world.seen(seen))[0]["Records"][0]["body"] == "early"


def test_three_hundred_messages_are_handled_once_each_by_few_processes(world: World) -> None:
    arn, seen = world.witness()
    url, queue = world.queue(VisibilityTimeout="120")
    world.client("lambda").create_event_source_mapping(
        FunctionName=arn,
        EventSourceArn=queue,
        BatchSize=100,
        MaximumBatchingWindowInSeconds=1,
        ScalingConfig={"MaximumConcurrency": 2},
    )

    def send(start: int) -> None:
        rows = [{"Id": str(number), "MessageBody": str(start + number)} for number in range(10)]
        world.client("sqs").send_message_batch(QueueUrl=url, Entries=rows)

    with ThreadPoolExecutor(4) as several:
        list(several.map(send, range(0, 300, 10)))

    def bodies() -> list[int]:
        return [int(record["body"]) for event in world.seen(seen) for record in event["Records"]]

    eventually(lambda: len(bodies()) >= 300, 60, "all messages")
    assert sorted(bodies()) == list(range(300))


# --- topics


def test_a_notification_reaches_the_function_as_sns_sends_it(world: World) -> None:
    arn, seen = world.witness()
    topic = world.client("sns").create_topic(Name=name("topic"))["TopicArn"]
    world.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)

    sent = world.client("sns").publish(
        TopicArn=topic,
        Subject="Hi",
        Message="hello",
        MessageAttributes={"Test": {"DataType": "String", "StringValue": "x"}},
    )
    record = eventually(lambda: world.seen(seen))[0]["Records"][0]

    assert record["EventSource"] == "aws:sns"
    assert record["Sns"]["TopicArn"] == topic
    assert record["Sns"]["MessageId"] == sent["MessageId"]
    assert (record["Sns"]["Subject"], record["Sns"]["Message"]) == ("Hi", "hello")
    assert record["Sns"]["MessageAttributes"] == {"Test": {"Type": "String", "Value": "x"}}


def test_a_notification_that_its_function_cannot_get_lies_in_the_subscriptions_dead_letter_queue(world: World) -> None:
    url, dead = world.queue()
    topic = world.client("sns").create_topic(Name=name("topic"))["TopicArn"]
    world.client("sns").subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint="arn:aws:lambda:us-east-1:123456789012:function:nobody",
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})},
    )  # fmt: skip

    sent = world.client("sns").publish(TopicArn=topic, Message="hello")
    asked = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
    letter = eventually(lambda: world.client("sqs").receive_message(**asked).get("Messages"))[0]
    body = json.loads(letter["Body"])

    assert (body["Type"], body["TopicArn"], body["Message"]) == ("Notification", topic, "hello")
    assert body["MessageId"] == sent["MessageId"]
    assert "nobody" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]


# --- the server


def test_values_of_all_ten_types_come_back_from_a_table(world: World) -> None:
    item = {
        "id": {"S": "one"}, "number": {"N": "1.5"}, "bytes": {"B": b"\x00\xff"}, "no": {"BOOL": False},
        "null": {"NULL": True}, "list": {"L": [{"M": {"S": {"S": ""}, "empty": {"M": {}}}}, {"L": []}]},
        "texts": {"SS": ["a", "b"]}, "numbers": {"NS": ["1", "2"]}, "blobs": {"BS": [b"a", b"\xfe"]},
    }  # fmt: skip
    table = world.table()
    world.client("dynamodb").put_item(TableName=table, Item=item)

    found = world.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "one"}})["Item"]

    assert found == item


def test_a_conditional_write_is_won_by_one_of_sixteen(world: World) -> None:
    table = world.table()
    dynamodb = world.client("dynamodb")

    def claim(who: int) -> bool:
        try:
            dynamodb.put_item(
                TableName=table,
                Item={"id": {"S": "turn"}, "who": {"N": str(who)}},
                ConditionExpression="attribute_not_exists(id)",
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def count(_: int) -> None:
        dynamodb.update_item(
            TableName=table,
            Key={"id": {"S": "counter"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(16) as many:
        won = list(many.map(claim, range(64)))
        list(many.map(count, range(64)))
    counter = dynamodb.get_item(TableName=table, Key={"id": {"S": "counter"}})["Item"]

    assert won.count(True) == 1
    assert counter["n"]["N"] == "64"


def test_a_transaction_writes_all_or_nothing_under_contention(world: World) -> None:
    table = world.table()
    dynamodb = world.client("dynamodb")

    def join(who: int) -> bool:
        put = {"TableName": table, "Item": {"id": {"S": f"member-{who}"}}}
        claim = {"TableName": table, "Item": {"id": {"S": "open"}}, "ConditionExpression": "attribute_not_exists(id)"}
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Put": claim}])
        except dynamodb.exceptions.TransactionCanceledException:
            return False
        return True

    with ThreadPoolExecutor(16) as many:
        won = list(many.map(join, range(48)))
    members = [row["id"]["S"] for row in dynamodb.scan(TableName=table)["Items"] if row["id"]["S"] != "open"]

    assert won.count(True) == 1
    assert members == [f"member-{won.index(True)}"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("sagemaker", "create_space", {"DomainId": "d-x", "SpaceName": "x"}),
        ("sns", "create_sms_sandbox_phone_number", {"PhoneNumber": "+15550100"}),
        ("lambda", "get_account_settings", {}),
        ("gamelift", "list_builds", {}),
    ],
)
def test_what_is_not_there_says_so_and_is_not_retried(
    world: World, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(world.client(service), operation)(**arguments)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert "is not implemented" in refused.value.response["Error"]["Message"]


def test_a_bucket_that_asks_for_tls_admits_what_comes_over_its_endpoint(world: World) -> None:
    bucket = name("bucket")
    world.client("s3").create_bucket(Bucket=bucket)
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    world.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    world.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")

    assert world.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"
    kept = json.loads(world.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    assert kept == policy


def test_the_server_tells_its_health_and_recent_events(world: World) -> None:
    source = name("source")
    world.put_event(source, n=1)

    assert world.cloud.page("health")["status"] == "ok"
    assert any(event.get("source") == source for event in world.cloud.page("events"))


def test_every_call_is_remembered_with_the_function_that_made_it(world: World) -> None:
    source = """
import boto3
def handler(event, context):
    boto3.client("sns").list_topics()
    boto3.client("dynamodb").list_tables()
"""
    arn = world.function(source)

    world.invoke(arn)
    caller = f"function/{arn.rpartition(':')[2]}"
    made = [call for call in world.cloud.page("calls") if call["caller"] == caller]

    assert [(call["service"], call["operation"], call["status"]) for call in made] == [
        ("sns", "ListTopics", 200),
        ("dynamodb", "ListTables", 200),
    ]


def test_a_second_server_on_the_port_or_the_folder_is_refused_in_one_line(world: World, tmp_path: Path) -> None:
    port = world.cloud.url.rpartition(":")[2]

    def attempt(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "localcloud", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
        )

    same_port = attempt("--port", port, "--state", str(tmp_path))
    same_folder = attempt("--port", "0", "--state", str(world.cloud.state_dir))

    assert (same_port.returncode, same_port.stderr) == (
        1,
        f"localcloud: port {port} is taken: stop what uses it, or choose another port\n",
    )
    assert same_folder.returncode == 1
    assert f"is in use by the server at {world.cloud.url}" in same_folder.stderr


def test_ending_the_server_ends_every_process_that_it_started(tmp_path: Path) -> None:
    cloud = start_cloud(tmp_path)
    world = World(cloud)
    arn = world.function(
        "import os, subprocess\nchild = subprocess.Popen(['sleep', '300'])\n"
        "def handler(event, context):\n    return [os.getpid(), os.getppid(), child.pid]\n"
    )
    pids = world.invoke(arn)[0]

    status = stop_cloud(cloud)

    assert status == 0
    assert not (tmp_path / "server.json").exists()

    def gone(pid: int) -> bool:
        stat = Path(f"/proc/{pid}/stat")
        try:
            return stat.read_text(encoding="ascii").split()[2] == "Z"
        except OSError:
            return True

    eventually(lambda: all(gone(pid) for pid in pids), 5, f"the end of {pids}")
