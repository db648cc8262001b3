"""Lambda and Callback steps: what others do for a pipeline, and how their answers come back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_requests import definition
from test_sagemaker_pipelines import create, finish, start, statuses, step, steps

pytestmark = pytest.mark.timeout(900)
SUM = """
def handler(event, context):
    if event["a"] < 0:
        raise ValueError("a is negative")
    return {"sum": event["a"] + event["b"], "even": event["a"] % 2 == 0, "unasked": 1}
"""
OUTPUTS = [{"OutputName": "sum", "OutputType": "Integer"}, {"OutputName": "even", "OutputType": "Boolean"}]
PARAMETERS = [{"Name": "a", "Type": "Integer", "DefaultValue": 2}]


@pytest.fixture(scope="module")
def function(cloud_server: CloudServer) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("sum.py", SUM)
    role = cloud_server.client("iam").create_role(RoleName="pipeline-sum", AssumeRolePolicyDocument="{}")
    made = cloud_server.client("lambda").create_function(
        FunctionName="pipeline-sum", Runtime="python3.11", Handler="sum.handler", Code={"ZipFile": code.getvalue()},
        Role=role["Role"]["Arn"], Timeout=30,
    )  # fmt: skip
    return str(made["FunctionArn"])


def added(function: str, *, outputs: Any = OUTPUTS) -> str:
    """A sum that others count on: only four goes on."""
    adding = step(
        "Add", {"a": {"Get": "Parameters.a"}, "b": 2}, "Lambda", FunctionArn=function, OutputParameters=outputs
    )
    right = {"Type": "Equals", "LeftValue": {"Get": "Steps.Add.OutputParameters['sum']"}, "RightValue": 4}
    told = {
        "ErrorMessage": {"Std:Join": {"On": " ", "Values": ["sum is", {"Get": "Steps.Add.OutputParameters['sum']"}]}}
    }
    check = step(
        "Check", {"Conditions": [right], "IfSteps": [], "ElseSteps": [step("Stop", told, "Fail")]}, "Condition"
    )
    return definition(adding, check, parameters=PARAMETERS)


def test_what_a_function_answers_is_what_later_steps_read(cloud_server: CloudServer, function: str) -> None:
    create(cloud_server, "lambda-sums", added(function))

    good, bad = (
        start(cloud_server, "lambda-sums"),
        start(cloud_server, "lambda-sums", PipelineParameters=[{"Name": "a", "Value": "5"}]),
    )

    assert finish(cloud_server, good)["PipelineExecutionStatus"] == "Succeeded", steps(cloud_server, good)
    assert finish(cloud_server, bad)["PipelineExecutionStatus"] == "Failed"
    assert steps(cloud_server, bad)["Stop"]["FailureReason"] == "sum is 7"
    assert steps(cloud_server, good)["Add"]["Metadata"]["Lambda"] == {
        "Arn": function, "OutputParameters": [{"Name": "sum", "Value": "4"}, {"Name": "even", "Value": "true"}],
    }  # fmt: skip


def test_a_function_that_fails_fails_its_step(cloud_server: CloudServer, function: str) -> None:
    create(cloud_server, "lambda-negative", added(function))

    arn = start(cloud_server, "lambda-negative", PipelineParameters=[{"Name": "a", "Value": "-1"}])

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Failed"
    assert "a is negative" in steps(cloud_server, arn)["Add"]["FailureReason"]


def test_an_answer_without_a_declared_output_fails_the_step(cloud_server: CloudServer, function: str) -> None:
    create(
        cloud_server,
        "lambda-lacking",
        added(function, outputs=[*OUTPUTS, {"OutputName": "more", "OutputType": "String"}]),
    )

    arn = start(cloud_server, "lambda-lacking")

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Failed"
    assert "the answer to step Add has no output more" in steps(cloud_server, arn)["Add"]["FailureReason"]


def asked(cloud: CloudServer, name: str) -> tuple[str, str]:
    """A running execution that waits for a callback, and its queue."""
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    outputs = [{"OutputName": "answer", "OutputType": "String"}]
    ask = step("Ask", {"number": 5}, "Callback", SqsQueueUrl=url, OutputParameters=outputs)
    told = {"ErrorMessage": {"Get": "Steps.Ask.OutputParameters['answer']"}}
    create(cloud, name, definition(ask, step("Tell", told, "Fail")))
    return start(cloud, name), url


def message(cloud: CloudServer, url: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = cloud.client("sqs").receive_message(QueueUrl=url).get("Messages")
        return json.loads(found[0]["Body"]) if found else None

    return eventually(look)


def test_a_callback_waits_for_whoever_reads_the_queue(cloud_server: CloudServer) -> None:
    arn, url = asked(cloud_server, "callback-success")
    got = message(cloud_server, url)
    waiting = statuses(cloud_server, arn)

    cloud_server.client("sagemaker").send_pipeline_execution_step_success(
        CallbackToken=got["token"], OutputParameters=[{"Name": "answer", "Value": "forty-two"}]
    )

    finish(cloud_server, arn)
    assert waiting == {"Ask": "Executing"}
    assert (got["pipelineExecutionArn"], got["arguments"], got["status"]) == (arn, {"number": 5}, "Executing")
    assert steps(cloud_server, arn)["Tell"]["FailureReason"] == "forty-two"
    with pytest.raises(ClientError, match="answered already"):
        cloud_server.client("sagemaker").send_pipeline_execution_step_failure(CallbackToken=got["token"])


def test_a_callback_may_be_answered_with_a_failure(cloud_server: CloudServer) -> None:
    arn, url = asked(cloud_server, "callback-failure")

    cloud_server.client("sagemaker").send_pipeline_execution_step_failure(
        CallbackToken=message(cloud_server, url)["token"], FailureReason="nobody is at home"
    )

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Failed"
    assert "nobody is at home" in steps(cloud_server, arn)["Ask"]["FailureReason"]


def test_a_stop_is_told_to_the_queue_and_waits_for_the_answer(cloud_server: CloudServer) -> None:
    arn, url = asked(cloud_server, "callback-stop")
    token = message(cloud_server, url)["token"]

    cloud_server.client("sagemaker").stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="s" * 32)

    assert message(cloud_server, url)["status"] == "Stopping"
    cloud_server.client("sagemaker").send_pipeline_execution_step_failure(CallbackToken=token)
    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Stopped"


def test_an_unknown_token_is_not_found(cloud_server: CloudServer) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        cloud_server.client("sagemaker").send_pipeline_execution_step_success(CallbackToken="abcdefghij")
