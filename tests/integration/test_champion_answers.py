"""A pipeline waits for what a champion of several containers answers; SageMaker's answers are stubs by botocore's own
means, which hold every request and answer against the service's shapes; ledger and bucket are moto's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ask_champion
import pytest
import react_to_transform
from app.aws import clients
from app.decide.names.hashes import digest
from app.decide.names.resource_names import transform_name
from app.decide.parsing import event_of
from app.errors import UnknownKind
from app.flow import awaited_transforms
from app.ledger.table import Write
from app.ledger.task_tokens import WaiterKind
from app.settings import settings
from ask_champion import MAX_RECEIVES
from botocore.stub import ANY, Stubber
from lambda_context import Context
from moto_world import BUCKET, PUBLISHED, World

ARN, AT = "arn:aws:sagemaker:us-east-1:123456789012", "2026-03-14T10:15:00Z"
TOKEN, RECORDS = "0123456789", "s3://data/pipelines/churn/abc/Preprocess/records"
NAME, RUN = "retrain--churn-v2-bbbbbbbb", "churn-20260314t101500-abcdef"
EXECUTION = f"{ARN}:pipeline/retrain--churn/execution/0a1b2c3d4e5f"
JOB = transform_name("retrain", "churn", 2, digest("champion", TOKEN))
ANSWERS = f"s3://{BUCKET}/transforms/churn/{JOB}/out"
SEVERAL = {
    "version": 2,
    "image": "first",
    "artifact": "s3://data/first.tar.gz",
    "name": NAME,
    "is_inference_pipeline": True,
}


@dataclass
class Asked:
    """A run of churn was planned while version 2 served; SageMaker is as a test wants it."""

    world: World
    sagemaker: Stubber

    def planned(self, champion: dict[str, Any] | None) -> None:
        """What served when the run was planned."""
        begun = {"id": RUN, "model": "churn", "status": "Running", "execution_arn": "arn", "timeline": []}
        self.world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", set=begun | {"plan": {"champion": champion}}))

    def executes(self, status: str = "Executing", run: str = RUN) -> None:
        found = {
            "PipelineExecutionArn": EXECUTION,
            "PipelineExecutionDisplayName": run,
            "PipelineExecutionStatus": status,
        }
        self.sagemaker.add_response("describe_pipeline_execution", found, {"PipelineExecutionArn": EXECUTION})

    def still(self, status: str) -> None:
        """How the step that asks stands, when somebody looks."""
        waits = {"StepName": "AskChampion", "StepStatus": status, "Metadata": {"Callback": {"CallbackToken": TOKEN}}}
        self.sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": [waits]})

    def no_job(self) -> None:
        self.sagemaker.add_client_error("describe_transform_job", "ValidationException", "Could not find", 400)

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
            "TransformResources": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1}, "Tags": ANY,
        }  # fmt: skip
        self.sagemaker.add_response("create_transform_job", {"TransformJobArn": f"{ARN}:transform-job/{JOB}"}, job)

    def answered(self) -> None:
        told = {"CallbackToken": TOKEN, "OutputParameters": [{"Name": "answers", "Value": ANY}]}
        self.sagemaker.add_response("send_pipeline_execution_step_success", {}, told)

    def ask(self, status: str = "Executing", received: int = 1) -> Any:
        arguments = {"model": "churn", "version": 2, "records": RECORDS}
        message = {"token": TOKEN, "pipelineExecutionArn": EXECUTION, "arguments": arguments, "status": status}
        told = {"messageId": "1", "body": json.dumps(message), "attributes": {"ApproximateReceiveCount": str(received)}}
        found = ask_champion.handler({"Records": [told]}, Context())
        self.sagemaker.assert_no_pending_responses()
        return found

    def said(self) -> dict[str, Any]:
        (key,) = (key for key in self.world.keys("transforms/churn/") if key.endswith("/status.json"))
        found: dict[str, Any] = self.world.document(key)
        return found

    @property
    def waits(self) -> str:
        found = self.world.ledger.awaited_job(JOB)
        return found.task_token if found else ""


@pytest.fixture
def asked(world: World) -> Iterator[Asked]:
    model = PUBLISHED["model"] | {"instances": {"transform": "ml.c5.xlarge"}}
    document = json.dumps(PUBLISHED | {"model": model}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=document)
    with Stubber(clients.client("sagemaker")) as sagemaker:
        found = Asked(world, sagemaker)
        found.planned(SEVERAL)
        yield found


def test_a_champion_of_several_containers_answers_in_a_batch_transform(asked: Asked) -> None:
    asked.executes()
    asked.started()
    asked.described("InProgress")
    told = asked.ask()
    waited = asked.waits

    asked.described("Completed")
    asked.answered()
    detail = {"TransformJobName": JOB, "TransformJobStatus": "Completed"}
    react_to_transform.handler(event_of("TransformChanged", detail), Context())

    asked.sagemaker.assert_no_pending_responses()
    assert (told, waited, asked.waits) == ({"batchItemFailures": []}, TOKEN, "")
    assert asked.said() == {"status": "answered"}
    assert asked.world.keys("transforms/churn/") == [f"transforms/churn/{JOB}/out/status.json"]


def test_a_transform_that_failed_is_a_finding_and_the_pipeline_goes_on(asked: Asked) -> None:
    asked.executes()
    asked.started()
    asked.described("Failed", "AlgorithmError: the header has no column 'note'")
    asked.answered()

    asked.ask()

    assert asked.waits == ""
    assert asked.said()["status"] == "failed"
    assert "failed: AlgorithmError: the header has no column 'note'" in asked.said()["reason"]


@pytest.mark.parametrize(
    ("champion", "run", "why"),
    [
        (None, RUN, "no version served when the run was planned"),
        (SEVERAL, "by-hand", "no version served when the run was planned"),
        (SEVERAL | {"is_inference_pipeline": False}, RUN, "its one container is asked in the pipeline"),
    ],
    ids=["none", "no run of ours", "one container"],
)
def test_whom_nobody_can_ask_here_is_told_at_once(
    asked: Asked, champion: dict[str, Any] | None, run: str, why: str
) -> None:
    asked.planned(champion)
    asked.executes(run=run)
    asked.answered()

    asked.ask()

    assert asked.said() == {"status": "skipped", "reason": why}


def test_a_champion_whose_artifact_was_replaced_is_not_asked_and_the_pipeline_goes_on(asked: Asked) -> None:
    copy = asked.world.registered(2, "churn-20260301t101500-fedcba")
    asked.world.replaces(copy)
    asked.executes()
    asked.sagemaker.add_client_error("stop_transform_job", "ValidationException", "Could not find", 400)
    asked.answered()

    asked.ask()

    why = f"it could not be asked: Artifact changed after it was judged: s3://{BUCKET}/{copy} was"
    assert (asked.waits, asked.said()["status"]) == ("", "skipped")
    assert asked.said()["reason"].startswith(why)
    assert asked.world.ledger.failed_versions("churn") == {2}


@pytest.mark.parametrize(("code", "received"), [("ValidationException", 1), ("ThrottlingException", MAX_RECEIVES)])
def test_a_job_that_cannot_begin_is_a_finding_too(asked: Asked, code: str, received: int) -> None:
    asked.executes()
    asked.sagemaker.add_client_error("create_transform_job", code, "the model is gone", 400)
    asked.no_job()
    asked.sagemaker.add_client_error("stop_transform_job", "ValidationException", "Could not find", 400)
    asked.answered()

    told = asked.ask(received=received)

    assert (told, asked.waits) == ({"batchItemFailures": []}, "")
    assert asked.said()["reason"].startswith("it could not be asked: ")
    assert "the model is gone" in asked.said()["reason"]


@pytest.mark.parametrize("code", ["ThrottlingException", "ResourceLimitExceeded"])
def test_what_passes_by_itself_is_tried_again_and_nobody_waits_for_a_job_that_is_not_there(
    asked: Asked, code: str
) -> None:
    asked.executes()
    asked.sagemaker.add_client_error("create_transform_job", code, "not now", 400)
    asked.no_job()

    told = asked.ask()

    assert (told, asked.waits) == ({"batchItemFailures": [{"itemIdentifier": "1"}]}, "")


@pytest.mark.parametrize("code", ["ResourceInUse", "ResourceLimitExceeded"])
def test_a_message_that_comes_twice_asks_once(asked: Asked, code: str) -> None:
    asked.world.ledger.await_job(JOB, WaiterKind.CHAMPION_ANSWERS, TOKEN, EXECUTION)
    asked.executes()
    asked.sagemaker.add_client_error("create_transform_job", code, "its own job is in the way", 400)
    asked.described("InProgress")
    if code != "ResourceInUse":
        asked.described("InProgress")

    assert asked.ask() == {"batchItemFailures": []}
    assert asked.waits == TOKEN


@pytest.mark.parametrize("heard", ["Stopping", "stopping", "Executing"])
def test_an_execution_that_is_stopped_waits_for_its_answer_and_gets_it(asked: Asked, heard: str) -> None:
    asked.world.ledger.await_job(JOB, WaiterKind.CHAMPION_ANSWERS, TOKEN, EXECUTION)
    asked.executes("Stopping")
    asked.sagemaker.add_response("stop_transform_job", {}, {"TransformJobName": JOB})
    asked.sagemaker.add_response(
        "send_pipeline_execution_step_failure", {}, {"CallbackToken": TOKEN, "FailureReason": ANY}
    )

    asked.ask(heard)

    assert asked.waits == ""


def test_who_does_not_wait_any_more_is_left_alone(asked: Asked) -> None:
    asked.executes("Stopped")
    asked.sagemaker.add_client_error("stop_transform_job", "ValidationException", "Could not find", 400)
    asked.sagemaker.add_client_error("send_pipeline_execution_step_failure", "ResourceNotFound", "no such token", 400)
    asked.still("Failed")

    assert asked.ask("Stopping") == {"batchItemFailures": []}


@pytest.mark.parametrize("step", ["Starting", "Executing", "Stopping"])
def test_an_answer_that_is_refused_while_the_step_waits_is_given_again(asked: Asked, step: str) -> None:
    asked.planned(None)
    asked.executes()
    asked.sagemaker.add_client_error("send_pipeline_execution_step_success", "ValidationException", "too long", 400)
    asked.still(step)

    assert asked.ask() == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_a_message_of_another_form_comes_again_until_it_is_kept_as_lost(asked: Asked) -> None:
    found = ask_champion.handler({"Records": [{"messageId": "7", "body": "{}"}]}, Context())

    assert found == {"batchItemFailures": [{"itemIdentifier": "7"}]}


def test_a_job_that_never_began_is_forgotten_when_nobody_can_be_about_to_start_it(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.world.ledger.await_job(JOB, WaiterKind.SCORING, "token", "churn-1")
    asked.no_job()
    early = awaited_transforms.resume_job_waiter(JOB, False, settings("stack"))
    waited = asked.waits

    monkeypatch.setattr(awaited_transforms, "START_GRACE", timedelta(0))
    asked.no_job()

    assert (early, waited) == ("not begun", "token")
    assert (awaited_transforms.resume_job_waiter(JOB, False, settings("stack")), asked.waits) == ("never began", "")


def test_a_waiter_of_a_kind_that_nobody_knows_is_refused_by_name(asked: Asked) -> None:
    asked.world.ledger.write(
        Write("AWAITED_JOBS", JOB, set={"kind": "oracle", "task_token": "token", "waiter_id": "x", "since": AT})
    )
    asked.described("Completed")

    with pytest.raises(UnknownKind, match=f"transform job {JOB} is awaited by a 'oracle'; this app knows scoring, "):
        awaited_transforms.resume_job_waiter(JOB, False, settings("stack"))
