"""State machines on the local cloud, through boto3 alone: what AWS documents of names, tokens, time and ends."""

from __future__ import annotations

import io
import itertools
import json
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually

NUMBERS = itertools.count(1)
ROLE = "arn:aws:iam::123456789012:role/anything"
PASS = {"Type": "Pass", "End": True}
FAILING = """
class Throttled(Exception):
    pass
def handler(event, context):
    raise Throttled("slow down")
"""


class Machines:
    """Short ways to run state machines."""

    def __init__(self, cloud: CloudServer) -> None:
        self.cloud = cloud
        self.states = cloud.client("stepfunctions")
        self.sqs = cloud.client("sqs")

    def make(self, states: dict[str, Any], **settings: Any) -> str:
        definition = {"StartAt": next(iter(states)), "States": states}
        if "TimeoutSeconds" in settings:
            definition["TimeoutSeconds"] = settings.pop("TimeoutSeconds")
        return self.states.create_state_machine(
            name=f"machine-{next(NUMBERS)}", definition=json.dumps(definition), roleArn=ROLE, **settings
        )["stateMachineArn"]

    def start(self, machine: str, given: Any = None, **settings: Any) -> str:
        return self.states.start_execution(stateMachineArn=machine, input=json.dumps(given or {}), **settings)[
            "executionArn"
        ]

    def end(self, execution: str, deadline_s: float = 15) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.states.describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None

        return eventually(look, deadline_s, execution)

    def run(self, states: dict[str, Any], given: Any = None, **settings: Any) -> dict[str, Any]:
        return self.end(self.start(self.make(states, **settings), given))

    def waiting(self, **task: Any) -> tuple[str, str]:
        """An execution that waits for a token, and the token."""
        machine, queue = self.make(self.token_state(**task)), self.queue_of_last()
        execution = self.start(machine)
        return execution, self.token(queue)

    def token_state(self, **task: Any) -> dict[str, Any]:
        self._queue = self.sqs.create_queue(QueueName=f"tokens-{next(NUMBERS)}")["QueueUrl"]
        send = {"QueueUrl": self._queue, "MessageBody": {"token.$": "$$.Task.Token"}}
        wait = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": send}
        caught = {"Caught": PASS} if "Catch" in task else {}
        return {"Wait": {"TimeoutSeconds": 600, **wait, "End": True} | task, **caught}

    def queue_of_last(self) -> str:
        return self._queue

    def token(self, queue: str) -> str:
        def look() -> str | None:
            for message in self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1).get("Messages", []):
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return json.loads(message["Body"])["token"]
            return None

        return eventually(look, 10, "a token")

    def events(self, execution: str, **settings: Any) -> list[dict[str, Any]]:
        return self.states.get_execution_history(executionArn=execution, **settings)["events"]

    def told(self, execution: str) -> list[dict[str, Any]]:
        """What the bus heard of an execution."""
        return [event for event in self.cloud.page("events") if execution in event["resources"]]


@pytest.fixture(scope="module")
def machines(cloud_server: CloudServer) -> Machines:
    return Machines(cloud_server)


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(*args, **kwargs)
    return refused.value.response["Error"]["Code"]


def test_an_execution_without_a_name_gets_one_of_its_own(machines: Machines) -> None:
    machine = machines.make({"Only": PASS})

    first, second = machines.start(machine), machines.start(machine)

    assert first != second
    assert "None" not in first


def test_the_same_name_and_input_answers_the_running_execution_and_another_input_is_refused(machines: Machines) -> None:
    machine = machines.make({"Wait": {"Type": "Wait", "Seconds": 600, "End": True}})
    first = machines.start(machine, {"a": 1}, name="once")

    again = machines.start(machine, {"a": 1}, name="once")

    assert again == first
    assert code_of(machines.start, machine, {"a": 2}, name="once") == "ExecutionAlreadyExists"
    machines.states.stop_execution(executionArn=first)
    assert code_of(machines.start, machine, {"a": 1}, name="once") == "ExecutionAlreadyExists"


def test_many_starts_under_one_name_make_one_execution(machines: Machines) -> None:
    machine = machines.make({"Wait": {"Type": "Wait", "Seconds": 600, "End": True}})

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: machines.start(machine, {"a": 1}, name="race"), range(16)))

    listed = machines.states.list_executions(stateMachineArn=machine)["executions"]
    assert [one["executionArn"] for one in listed] == list(found)
    machines.states.stop_execution(executionArn=listed[0]["executionArn"])


def test_a_name_with_forbidden_characters_is_refused(machines: Machines) -> None:
    machine = machines.make({"Only": PASS})

    assert code_of(machines.start, machine, name="a b") == "InvalidName"


def test_each_change_of_status_is_told_to_the_bus_in_order(machines: Machines) -> None:
    execution = machines.start(machines.make({"Only": PASS}), {"a": 1})
    machines.end(execution)
    running, succeeded = eventually(lambda: machines.told(execution)[1:] and machines.told(execution))

    assert (running["source"], running["detail-type"]) == ("aws.states", "Step Functions Execution Status Change")
    assert running["detail"] == {
        "executionArn": execution,
        "stateMachineArn": execution.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0],
        "name": execution.rsplit(":", 1)[1],
        "status": "RUNNING",
        "startDate": running["detail"]["startDate"],
        "stopDate": None,
        "input": '{"a": 1}',
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "error": None,
        "cause": None,
    }
    assert succeeded["detail"]["status"] == "SUCCEEDED"
    assert succeeded["detail"]["output"] == '{"a":1}'
    assert succeeded["detail"]["stopDate"] >= succeeded["detail"]["startDate"]


def test_a_failed_execution_says_error_and_cause_everywhere(machines: Machines) -> None:
    execution = machines.start(machines.make({"Bad": {"Type": "Fail", "Error": "NoData", "Cause": "empty"}}))

    ended = machines.end(execution)

    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "NoData", "empty")
    told = eventually(lambda: machines.told(execution)[1:])
    assert [(one["detail"]["status"], one["detail"]["error"]) for one in told] == [("FAILED", "NoData")]


def test_stop_ends_an_execution_at_once_whatever_it_waits_for(machines: Machines) -> None:
    execution, token = machines.waiting()

    stopped = machines.states.stop_execution(executionArn=execution, error="Unwanted", cause="a person said so")

    found = machines.states.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Unwanted", "a person said so")
    assert found["stopDate"] == stopped["stopDate"]
    assert [event["type"] for event in machines.events(execution)][-1] == "ExecutionAborted"
    assert code_of(machines.states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    assert [one["detail"]["status"] for one in eventually(lambda: machines.told(execution)[1:])] == ["ABORTED"]


def test_an_execution_that_takes_too_long_times_out(machines: Machines) -> None:
    machine = machines.make({"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}, TimeoutSeconds=1)
    execution = machines.start(machine)

    ended = machines.end(execution)

    assert ended["status"] == "TIMED_OUT"
    assert 0.9 < (ended["stopDate"] - ended["startDate"]).total_seconds() < 3
    assert machines.events(execution, reverseOrder=True)[0]["type"] == "ExecutionTimedOut"
    listed = machines.states.list_executions(stateMachineArn=machine, statusFilter="TIMED_OUT")["executions"]
    assert [one["stopDate"] for one in listed] == [ended["stopDate"]]


def test_a_token_is_answered_once_and_then_too_late(machines: Machines) -> None:
    execution, token = machines.waiting()

    machines.states.send_task_success(taskToken=token, output='{"done": true}')

    assert code_of(machines.states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    assert json.loads(machines.end(execution)["output"]) == {"done": True}
    assert code_of(machines.states.send_task_failure, taskToken=token) == "TaskTimedOut"


def test_an_unknown_token_and_an_output_that_is_not_json_are_refused(machines: Machines) -> None:
    execution, token = machines.waiting()

    assert code_of(machines.states.send_task_success, taskToken="AAAA", output="{}") == "InvalidToken"
    assert code_of(machines.states.send_task_success, taskToken=token, output="{") == "InvalidOutput"
    machines.states.stop_execution(executionArn=execution)


def test_a_failed_task_carries_error_and_cause_to_its_catch(machines: Machines) -> None:
    execution, token = machines.waiting(
        Catch=[{"ErrorEquals": ["PipelineFailed"], "ResultPath": "$.why", "Next": "Caught"}]
    )

    machines.states.send_task_failure(taskToken=token, error="PipelineFailed", cause="step Train failed")

    assert json.loads(machines.end(execution)["output"]) == {
        "why": {"Error": "PipelineFailed", "Cause": "step Train failed"}
    }


def test_a_wait_for_a_token_times_out_into_its_catch_and_the_token_is_closed(machines: Machines) -> None:
    execution, token = machines.waiting(
        TimeoutSeconds=1, Catch=[{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.why", "Next": "Caught"}]
    )

    ended = machines.end(execution)

    assert json.loads(ended["output"])["why"]["Error"] == "States.Timeout"
    assert code_of(machines.states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_a_missing_heartbeat_ends_the_wait_and_a_heartbeat_prolongs_it(machines: Machines) -> None:
    execution, token = machines.waiting(HeartbeatSeconds=1)
    pause = threading.Event()
    for _ in range(3):
        pause.wait(0.5)
        machines.states.send_task_heartbeat(taskToken=token)

    ended = machines.end(execution)

    assert ended["status"] == "FAILED"
    assert ended["error"] in ("States.Timeout", "States.HeartbeatTimeout")
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() > 2


def test_every_attempt_has_a_token_of_its_own(machines: Machines) -> None:
    retry = [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
    execution, first = machines.waiting(Retry=retry)
    queue = machines.queue_of_last()

    machines.states.send_task_failure(taskToken=first, error="Again")
    second = machines.token(queue)
    machines.states.send_task_success(taskToken=second, output='"ok"')

    assert second != first
    assert json.loads(machines.end(execution)["output"]) == "ok"


def test_the_history_can_be_read_backwards_and_in_pages(machines: Machines) -> None:
    execution = machines.start(machines.make({"A": {"Type": "Pass", "Next": "B"}, "B": PASS}))
    machines.end(execution)

    forwards = machines.events(execution)
    pager = machines.states.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": 2}
    )

    assert [event["id"] for page in pager for event in page["events"]] == [event["id"] for event in forwards]
    assert machines.events(execution, reverseOrder=True) == forwards[::-1]
    assert [event["type"] for event in forwards][-1] == "ExecutionSucceeded"


def test_a_lambda_error_is_retried_and_caught_by_the_name_of_its_class(machines: Machines) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("failing.py", FAILING)
    machines.cloud.client("iam").create_role(RoleName="states-lambda", AssumeRolePolicyDocument="{}")
    function = machines.cloud.client("lambda").create_function(
        FunctionName="states-failing",
        Runtime="python3.11",
        Handler="failing.handler",
        Role="arn:aws:iam::123456789012:role/states-lambda",
        Code={"ZipFile": target.getvalue()},
    )["FunctionArn"]
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {}},
        "Retry": [{"ErrorEquals": ["Throttled"], "IntervalSeconds": 1, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["Throttled"], "ResultPath": "$.why", "Next": "Caught"}],
        "End": True,
    }

    execution = machines.start(machines.make({"Call": call, "Caught": PASS}))

    why = json.loads(machines.end(execution)["output"])["why"]
    assert (why["Error"], json.loads(why["Cause"])["errorMessage"]) == ("Throttled", "slow down")
    assert [event["type"] for event in machines.events(execution)].count("TaskFailed") == 2


def test_intrinsic_functions_choices_maps_and_branches_work_together(machines: Machines) -> None:
    item = {"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Parameters": {"said.$": "$.value"}, "End": True}}}
    one, other = (
        {"StartAt": name, "States": {name: {"Type": "Pass", "Result": 1, "End": True}}} for name in ("One", "Other")
    )
    output = json.loads(
        machines.run(
            {
                "Compute": {
                    "Type": "Pass",
                    "Parameters": {
                        "name.$": "States.Format('{}-{}', $.model, States.MathAdd(1, 2))",
                        "hash.$": "States.Hash($.model, 'SHA-256')",
                        "items.$": "States.Array('a', 'b')",
                    },
                    "Next": "Choose",
                },
                "Choose": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.name", "StringMatches": "churn-*", "Next": "Each"}],
                    "Default": "Wrong",
                },
                "Wrong": {"Type": "Fail"},
                "Each": {
                    "Type": "Map",
                    "ItemsPath": "$.items",
                    "ItemSelector": {"value.$": "$$.Map.Item.Value"},
                    "ItemProcessor": item,
                    "ResultPath": "$.each",
                    "Next": "Both",
                },
                "Both": {"Type": "Parallel", "Branches": [one, other], "ResultPath": "$.both", "End": True},
            },
            {"model": "churn"},
        )["output"]
    )

    assert output["name"] == "churn-3"
    assert output["each"] == [{"said": "a"}, {"said": "b"}]
    assert output["both"] == [1, 1]
    assert len(output["hash"]) == 64


def test_a_nested_execution_is_awaited_and_its_failure_is_the_tasks(machines: Machines) -> None:
    good, bad = machines.make({"Only": PASS}), machines.make({"Bad": {"Type": "Fail", "Error": "Inner"}})

    def nested(machine: str) -> dict[str, Any]:
        call = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": machine, "Input": {"a": 1}},
            "End": True,
        }
        return machines.run({"Call": call})

    assert json.loads(nested(good)["output"])["Output"] == {"a": 1}
    assert nested(bad)["error"] == "States.TaskFailed"


def test_any_operation_can_be_called_and_its_dates_are_text(machines: Machines) -> None:
    machines.cloud.client("s3").create_bucket(Bucket="states-dates")
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "End": True}

    output = json.loads(machines.run({"Call": call})["output"])

    assert all(one["CreationDate"].endswith("Z") for one in output["Buckets"])


FAILING_CALLS: dict[str, tuple[str, dict[str, Any]]] = {  # what is called -> its error
    "s3:getObject": ("S3.NoSuchKeyException", {"Bucket": "states-calls", "Key": "none"}),
    "s3:headObject": ("S3.S3Exception", {"Bucket": "states-calls", "Key": "none"}),
    "dynamodb:getItem": ("DynamoDb.ResourceNotFoundException", {"TableName": "none", "Key": {"id": {"S": "1"}}}),
    "sfn:describeStateMachine": (
        "Sfn.StateMachineDoesNotExistException",
        {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:none"},
    ),
    "iam:getRole": ("Iam.NoSuchEntityException", {"RoleName": "none"}),
    "eventbridge:describeRule": ("EventBridge.ResourceNotFoundException", {"Name": "none"}),
    "cloudwatchlogs:getLogEvents": (
        "CloudWatchLogs.ResourceNotFoundException",
        {"LogGroupName": "none", "LogStreamName": "none"},
    ),
    "lambda:getFunction": ("Lambda.ResourceNotFoundException", {"FunctionName": "none"}),
    "sagemaker:describeEndpoint": ("SageMaker.SageMakerException", {"EndpointName": "none"}),
    "sqs:getQueueUrl": ("Sqs.QueueDoesNotExistException", {"QueueName": "none"}),
    "kms:describeKey": ("Kms.NotFoundException", {"KeyId": "none"}),
}


@pytest.mark.parametrize("call", FAILING_CALLS)
def test_an_sdk_calls_error_has_the_name_that_a_catch_on_aws_looks_for(machines: Machines, call: str) -> None:
    error, parameters = FAILING_CALLS[call]
    machines.cloud.client("s3").create_bucket(Bucket="states-calls")
    task = {
        "Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{call}", "Parameters": parameters,
        "Catch": [{"ErrorEquals": [error], "Next": "Caught"}], "End": True,
    }  # fmt: skip

    ended = machines.run({"Call": task, "Caught": PASS})

    assert ended["status"] == "SUCCEEDED", ended
    assert f"Service: {error.split('.')[0]}, Status Code: 4" in json.loads(ended["output"])["Cause"]


def test_a_state_is_told_all_that_s3_says_of_an_object(machines: Machines) -> None:
    s3, place = machines.cloud.client("s3"), {"Bucket": "states-objects", "Key": "a/b.json"}
    s3.create_bucket(Bucket="states-objects")
    s3.put_object(**place, Body=b"{}", ContentType="application/json", Metadata={"model": "churn"})
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": place, "End": True}

    told = json.loads(machines.run({"Read": call})["output"])

    assert (told["Body"], told["ContentLength"]) == ("{}", 2)
    assert (told["ContentType"], told["Metadata"]) == ("application/json", {"model": "churn"})
    assert told["ServerSideEncryption"] == "AES256"


def test_a_copys_source_goes_out_as_the_state_has_it(machines: Machines) -> None:
    s3, key = machines.cloud.client("s3"), "a b/ü.txt"
    s3.create_bucket(Bucket="states-copies")
    s3.put_object(Bucket="states-copies", Key=key, Body=b"copied")
    copy = {"Bucket": "states-copies", "Key": "to", "CopySource": f"states-copies/{quote(key)}"}
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:copyObject", "Parameters": copy, "End": True}

    assert machines.run({"Copy": call})["status"] == "SUCCEEDED"
    assert s3.get_object(Bucket="states-copies", Key="to")["Body"].read() == b"copied"


def test_a_wait_lasts_its_seconds_and_no_state_waits_for_a_clock(machines: Machines) -> None:
    many = 200
    steps: dict[str, Any] = {f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(many)}
    steps[f"S{many}"] = {"Type": "Wait", "Seconds": 1, "End": True}
    machine = machines.make(steps)
    machines.end(machines.start(machine))

    began = time.monotonic()
    ended = machines.end(machines.start(machine))

    assert (ended["stopDate"] - ended["startDate"]).total_seconds() >= 1.0
    assert time.monotonic() - began < many * 0.075  # a state itself takes a millisecond, however busy the machine is


def test_what_the_logging_configuration_asks_for_is_in_the_log_group(machines: Machines) -> None:
    logs, group = machines.cloud.client("logs"), "/aws/vendedlogs/states/logged"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"
    destination = [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]
    wanted = {"level": "ALL", "includeExecutionData": False, "destinations": destination}

    execution = machines.start(machines.make({"Only": PASS}, loggingConfiguration=wanted), {"secret": 1})

    machines.end(execution)
    lines = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert [line["type"] for line in lines] == [event["type"] for event in machines.events(execution)]
    assert {line["execution_arn"] for line in lines} == {execution}
    assert "secret" not in json.dumps(lines)


def test_a_definition_that_is_not_one_is_refused(machines: Machines) -> None:
    create = machines.states.create_state_machine

    assert code_of(create, name="bad", definition='{"States": {}}', roleArn=ROLE) == "InvalidDefinition"


def test_executions_can_be_listed_while_others_begin(machines: Machines) -> None:
    machine = machines.make({"Done": PASS})

    def starts_and_lists(number: int) -> list[str]:
        machines.start(machine, name=f"listed-{number}")
        found = machines.states.list_executions(stateMachineArn=machine, maxResults=100)["executions"]
        return [one["status"] for one in found]

    with ThreadPoolExecutor(8) as pool:
        statuses = {status for seen in pool.map(starts_and_lists, range(40)) for status in seen}

    assert statuses <= {"RUNNING", "SUCCEEDED"}


@pytest.mark.slow
def test_an_execution_whose_history_is_full_fails_as_on_aws(machines: Machines) -> None:
    end = {"Variable": "$.never", "IsPresent": True, "Next": "Done"}
    execution = machines.start(machines.make({
        "Again": {"Type": "Pass", "Next": "Once more"},
        "Once more": {"Type": "Choice", "Choices": [end], "Default": "Again"}, "Done": {"Type": "Succeed"},
    }))  # fmt: skip
    ended = machines.end(execution, deadline_s=90)
    events = machines.states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=5)["events"]

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert ended["cause"] == "The execution reached the maximum number of history events (25000)."
    assert events[0]["type"] == "ExecutionFailed"
    assert 25_000 <= events[0]["id"] <= 25_004


def test_a_path_gives_one_value_or_a_list_by_its_kind(machines: Machines) -> None:
    asked = {"one.$": "$.items[0].k", "none.$": "$.items[?(@.k == 9)]", "first.$": "$.items[?(@.k == 1)].k"}
    ended = machines.run({"Pick": {"Type": "Pass", "Parameters": asked, "End": True}}, {"items": [{"k": 1}, {"k": 2}]})

    assert json.loads(ended["output"]) == {"one": 1, "none": [], "first": [1]}


def test_dynamodbs_integration_keeps_every_type(machines: Machines) -> None:
    machines.cloud.client("dynamodb").create_table(
        TableName="typed", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    item = {
        "pk": {"S": "a"}, "n": {"N": "1.5"}, "b": {"B": "aGVsbG8="}, "bs": {"BS": ["aGVsbG8="]}, "t": {"BOOL": True},
        "l": {"L": [{"S": "x"}, {"B": "aGVsbG8="}]}, "m": {"M": {"q": {"NULL": True}}}, "ss": {"SS": ["x", "y"]},
    }  # fmt: skip
    ended = machines.run({
        "Put": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Next": "Get",
                "Parameters": {"TableName": "typed", "Item": item}},
        "Get": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": True,
                "Parameters": {"TableName": "typed", "Key": {"pk": {"S": "a"}}}},
    })  # fmt: skip

    assert json.loads(ended["output"])["Item"] == item
    kept = machines.cloud.client("dynamodb").get_item(TableName="typed", Key={"pk": {"S": "a"}})["Item"]
    assert kept["b"] == {"B": b"hello"}


def test_a_machine_in_jsonata_is_refused_when_it_is_made(machines: Machines) -> None:
    with pytest.raises(ClientError, match="QueryLanguage JSONata at /States/Only is not played by the local cloud"):
        machines.make({"Only": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": True}})


@pytest.mark.parametrize("resource", ["dynamodb:putItem", "aws-sdk:dynamodb:putItem", "sqs:sendMessage"])
def test_a_field_that_the_operation_lacks_is_refused_when_the_machine_is_made(
    machines: Machines, resource: str
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {"Nonsense": 1}, "End": True}

    with pytest.raises(ClientError, match='The field "Nonsense" is not supported by Step Functions') as refused:
        machines.make({"Put": task})

    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"


@pytest.mark.parametrize(
    "resource",
    [
        "dynamodb:query", "dynamodb:getItem.waitForTaskToken", "sqs:receiveMessage", "sns:publish.sync",
        "sagemaker:createModel.sync", "aws-sdk:dynamodb:getItem.sync", "aws-sdk:dynamodb:getNothing",
        "aws-sdk:events:putEvents", "aws-sdk:logs:createLogGroup", "aws-sdk:stepfunctions:startExecution",
    ],
)  # fmt: skip
def test_a_resource_that_step_functions_does_not_have_is_refused_when_the_machine_is_made(
    machines: Machines, resource: str
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {}, "End": True}

    with pytest.raises(ClientError, match=f"The resource provided arn:aws:states:::{resource} is not recognized"):
        machines.make({"Ask": task})


def test_dynamodbs_integration_takes_the_fields_that_aws_lists(machines: Machines) -> None:
    fields = {"TableName": "t", "Key": {}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    task = {"Type": "Task", "Parameters": fields, "End": True}

    with pytest.raises(ClientError, match='The field "ReturnValuesOnConditionCheckFailure" is not supported'):
        machines.make({"Take": task | {"Resource": "arn:aws:states:::dynamodb:deleteItem"}})
    assert machines.make({"Take": task | {"Resource": "arn:aws:states:::aws-sdk:dynamodb:deleteItem"}})


@pytest.mark.parametrize(
    ("definition", "diagnostic"),
    [
        ({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, None),
        ({"StartAt": "A", "States": {"A": {"Type": "Nothing"}}}, ("SCHEMA_VALIDATION_FAILED", None)),
        (
            {"StartAt": "A", "States": {"A": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:query", "End": True}}},
            ("SCHEMA_VALIDATION_FAILED", "/States/A/Resource"),
        ),
        ("{", ("INVALID_JSON_DESCRIPTION", None)),
        (" ", ("MISSING_DESCRIPTION", None)),
    ],
)  # fmt: skip
def test_a_definition_is_validated_without_a_machine(
    machines: Machines, definition: Any, diagnostic: tuple[str, str | None] | None
) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    found = machines.states.validate_state_machine_definition(definition=text)

    assert found["result"] == ("FAIL" if diagnostic else "OK")
    assert [(one["code"], one.get("location")) for one in found["diagnostics"]] == ([diagnostic] if diagnostic else [])
    assert found["truncated"] is False


def test_no_express_machine_waits_for_a_job_or_a_token(machines: Machines) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {}, "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})

    assert machines.states.validate_state_machine_definition(definition=definition)["result"] == "OK"
    found = machines.states.validate_state_machine_definition(definition=definition, type="EXPRESS")
    assert found["result"] == "FAIL"
