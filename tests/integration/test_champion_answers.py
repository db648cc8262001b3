"""A pipeline waits for what a champion of several containers answers; SageMaker's answers are stubs by botocore's own
means, which hold every request and answer against the service's shapes; ledger and bucket are moto's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ask_champion
import pytest
import react_to_transform
from app import aws
from app.rules import digest, transform_name
from botocore.stub import ANY, Stubber
from moto_world import BUCKET, PUBLISHED, ROLE, Context, World

ARN, AT = "arn:aws:sagemaker:us-east-1:123456789012", "2026-03-14T10:15:00Z"
TOKEN, RECORDS = "0123456789", "s3://data/pipelines/churn/abc/Preprocess/records"
NAME = "retrain--churn-v2-bbbbbbbb"
JOB = transform_name("retrain", "churn", 2, digest("champion", TOKEN))
ANSWERS = f"s3://{BUCKET}/transforms/churn/{JOB}/out"
SEVERAL = [{"Image": "first", "ModelDataUrl": "s3://data/first.tar.gz"}, {"Image": "knn"}, {"Image": "last"}]


@dataclass
class Asked:
    """Version 2 of churn, which scores files, serves; SageMaker is as a test wants it."""

    world: World
    sagemaker: Stubber

    def serves(self, containers: list[dict[str, Any]]) -> None:
        told = {"ModelName": NAME, "ModelArn": f"{ARN}:model/{NAME}", "CreationTime": AT, "ExecutionRoleArn": ROLE}
        self.sagemaker.add_response("describe_model", told | {"Containers": containers}, {"ModelName": NAME})

    def described(self, status: str, failure: str = "") -> None:
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": RECORDS}}
        found: dict[str, Any] = {
            "TransformJobName": JOB, "TransformJobArn": f"{ARN}:transform-job/{JOB}", "TransformJobStatus": status,
            "ModelName": NAME, "CreationTime": AT, "TransformInput": {"DataSource": source},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            "TransformOutput": {"S3OutputPath": ANSWERS},
        }  # fmt: skip
        found |= {"FailureReason": failure} if failure else {}
        self.sagemaker.add_response("describe_transform_job", found, {"TransformJobName": JOB})

    def started(self) -> None:
        job = {
            "TransformJobName": JOB, "ModelName": NAME, "BatchStrategy": "MultiRecord", "MaxPayloadInMB": 1,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": RECORDS}},
                "ContentType": "application/jsonlines", "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": ANSWERS, "Accept": "text/csv", "AssembleWith": "Line"},
            "TransformResources": ANY, "Tags": ANY,
        }  # fmt: skip
        self.sagemaker.add_response("create_transform_job", {"TransformJobArn": f"{ARN}:transform-job/{JOB}"}, job)

    def answered(self) -> None:
        told = {"CallbackToken": TOKEN, "OutputParameters": [{"Name": "answers", "Value": ANY}]}
        self.sagemaker.add_response("send_pipeline_execution_step_success", {}, told)

    def ask(self, version: int = 2, status: str = "Executing") -> Any:
        arguments = {"model": "churn", "version": version, "records": RECORDS}
        message = {"token": TOKEN, "pipelineExecutionArn": "arn", "arguments": arguments, "status": status}
        found = ask_champion.handler({"Records": [{"messageId": "1", "body": json.dumps(message)}]}, Context())
        self.sagemaker.assert_no_pending_responses()
        return found

    def said(self) -> dict[str, Any]:
        (key,) = (key for key in self.world.keys("transforms/churn/") if key.endswith("/said.json"))
        found: dict[str, Any] = self.world.document(key)
        return found

    @property
    def waits(self) -> str:
        found = self.world.ledger.awaited_job(JOB)
        return found.task_token if found else ""


@pytest.fixture
def asked(world: World) -> Iterator[Asked]:
    model = PUBLISHED["model"] | {"deployment": {"mode": "batch"}}
    document = json.dumps(PUBLISHED | {"model": model}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=document)
    world.ledger.serve("churn", 2, NAME, "run", None)
    with Stubber(aws.client("sagemaker")) as sagemaker:
        yield Asked(world, sagemaker)


def test_a_champion_of_several_containers_answers_in_a_batch_transform(asked: Asked) -> None:
    asked.serves(SEVERAL)
    asked.started()
    asked.described("InProgress")
    told = asked.ask()
    waited = asked.waits

    asked.described("Completed")
    asked.answered()
    react_to_transform.handler({"detail": {"TransformJobName": JOB, "TransformJobStatus": "Completed"}}, Context())

    asked.sagemaker.assert_no_pending_responses()
    assert (told, waited, asked.waits) == ({"batchItemFailures": []}, TOKEN, "")
    assert asked.said() == {"status": "answered"}
    assert asked.world.keys("transforms/churn/") == [f"transforms/churn/{JOB}/out/said.json"]


def test_a_transform_that_failed_is_a_finding_and_the_pipeline_goes_on(asked: Asked) -> None:
    asked.serves(SEVERAL)
    asked.started()
    asked.described("Failed", "AlgorithmError: the header has no column 'note'")
    asked.answered()

    asked.ask()

    assert asked.waits == ""
    assert asked.said()["status"] == "failed"
    assert "failed: AlgorithmError: the header has no column 'note'" in asked.said()["reason"]


@pytest.mark.parametrize(
    ("version", "containers", "why"),
    [
        (0, [], "no version serves"),
        (1, SEVERAL, "version 2 has come into service in its place"),
        (2, SEVERAL[:1], "its one container is asked in the pipeline"),
    ],
    ids=["none", "another by now", "one container"],
)
def test_whom_nobody_can_ask_here_is_told_at_once(
    asked: Asked, version: int, containers: list[dict[str, Any]], why: str
) -> None:
    if containers:
        asked.serves(containers)
    asked.answered()

    asked.ask(version)

    assert asked.said() == {"status": "unasked", "reason": why}


def test_a_job_that_cannot_begin_is_a_finding_too(asked: Asked) -> None:
    asked.serves(SEVERAL)
    asked.sagemaker.add_client_error("create_transform_job", "ResourceLimitExceeded", "the limit is 0 instances", 400)
    asked.answered()

    told = asked.ask()

    assert (told, asked.waits) == ({"batchItemFailures": []}, "")
    assert asked.said()["reason"].startswith("it could not be asked: ")
    assert "the limit is 0 instances" in asked.said()["reason"]


def test_a_message_that_comes_twice_asks_once(asked: Asked) -> None:
    asked.serves(SEVERAL)
    asked.sagemaker.add_client_error("create_transform_job", "ResourceInUse", "Job name must be unique", 400)
    asked.described("InProgress")

    asked.ask()

    assert asked.waits == TOKEN


@pytest.mark.parametrize("status", ["Stopping", "stopping"])
def test_an_execution_that_is_stopped_waits_for_its_answer_and_gets_it(asked: Asked, status: str) -> None:
    asked.world.ledger.await_job(JOB, "champion", TOKEN, "churn")
    asked.sagemaker.add_response("stop_transform_job", {}, {"TransformJobName": JOB})
    asked.sagemaker.add_response(
        "send_pipeline_execution_step_failure", {}, {"CallbackToken": TOKEN, "FailureReason": ANY}
    )

    asked.ask(status=status)

    assert asked.waits == ""


def test_who_does_not_wait_any_more_is_left_alone(asked: Asked) -> None:
    asked.sagemaker.add_client_error("stop_transform_job", "ValidationException", "Could not find", 400)
    asked.sagemaker.add_client_error("send_pipeline_execution_step_failure", "ResourceNotFound", "no such token", 400)

    assert asked.ask(status="Stopping") == {"batchItemFailures": []}


def test_a_message_of_another_form_comes_again_until_it_is_kept_as_lost(asked: Asked) -> None:
    found = ask_champion.handler({"Records": [{"messageId": "7", "body": "{}"}]}, Context())

    assert found == {"batchItemFailures": [{"itemIdentifier": "7"}]}
