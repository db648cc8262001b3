"""Versions without an endpoint: tried in a batch, judged by what is wanted when the job has ended. SageMaker's answers
are stubs by botocore's own means, which hold every request and answer against the service's shapes; ledger and bucket
are moto's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import react_to_transform
import stubs
import verify_version
from app.aws import clients
from app.decide.deployment_plans import plan_deployment
from app.decide.messages import RunTask
from app.decide.names.statuses import RunStatus
from app.decide.parsing import event_of
from app.errors import ArtifactChanged, NotSettledYet, VerificationFailed, VerificationInterrupted
from app.flow.batch_verification import start_verification
from app.ledger.live_versions import LiveVersion
from app.ledger.table import Write
from app.ledger.task_tokens import WaiterKind
from app.settings import settings
from botocore.stub import ANY, Stubber
from lambda_context import Context
from moto_world import BUCKET, World

RUN = "churn-20260314t101500-abcdef"
JOB, CONFIG = "retrain--churn-v2-0a1b2c3d4e5f6071", "retrain--churn-v2-aaaaaaaa"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
AT = "2026-03-14T10:15:00Z"
RECORDS = ["1,Low", '2,"a, ""b""\nc"']
STORED = [{"probability": 0.25, "label": "No"}, {"probability": 0.75, "label": "Yes"}]
TRIED = {"in_service": True, "job": JOB, "config": CONFIG}
NO_INSTANCES = "CapacityError: Unable to provision requested ML compute capacity."


@dataclass
class Trial:
    """Version 2 of churn is tried, and SageMaker and Step Functions are as a test wants them."""

    world: World
    sagemaker: Stubber
    machine: Stubber

    def waits(self) -> None:
        self.world.ledger.await_job(JOB, WaiterKind.BATCH_VERIFICATION, "token", RUN)

    def waiter(self, job: str) -> tuple[str, str, str] | None:
        found = self.world.ledger.awaited_job(job)
        return (found.kind, found.task_token, found.waiter_id) if found else None

    def approved(self, *versions: int) -> None:
        stubs.approved(self.sagemaker, *versions)

    def described(self, status: str, failure: str = "", job: Any = JOB) -> None:
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in"}}
        found: dict[str, Any] = {
            "TransformJobName": JOB, "TransformJobArn": f"{ARN}:transform-job/{JOB}", "TransformJobStatus": status,
            "ModelName": CONFIG, "CreationTime": AT, "TransformInput": {"DataSource": source},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            "TransformOutput": {"S3OutputPath": "s3://data/out"},
        }  # fmt: skip
        found |= {"FailureReason": failure} if failure else {}
        self.sagemaker.add_response("describe_transform_job", found, {"TransformJobName": job})

    def told(self, answer: dict[str, Any]) -> None:
        self.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": json.dumps(answer)})

    def failed_with(self, error: str) -> None:
        self.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": error, "cause": ANY})

    def look(self, status: str = "Completed") -> None:
        detail = {"TransformJobName": JOB, "TransformJobStatus": status}
        react_to_transform.handler(event_of("TransformChanged", detail), Context())
        self.sagemaker.assert_no_pending_responses()
        self.machine.assert_no_pending_responses()

    def verify(self, *answers: str) -> dict[str, Any]:
        body = "".join(line + "\n" for line in answers).encode(errors="surrogateescape")
        self.world.s3.put_object(Bucket=BUCKET, Key=f"transforms/churn/{JOB}/out/records.jsonl.out", Body=body)
        found: dict[str, Any] = verify_version.handler(
            {"model": "churn", "run": RUN, "version": 2, "deployment": TRIED}, Context()
        )
        return found


@pytest.fixture
def trial(world: World) -> Iterator[Trial]:
    document = {"content_type": "text/csv", "columns": ["tenure", "note"], "records": RECORDS, "predictions": STORED}
    begun = {
        "id": RUN, "model": "churn", "status": str(RunStatus.DEPLOYING), "execution_arn": "arn", "timeline": [],
        "version": 2, "judged": world.judged(verification=document),
    }  # fmt: skip
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", set=begun))
    for version in (1, 2, 3):
        world.ledger.write(Write("MODEL#churn", f"VERSION#{version:08d}", set={"run": RUN}))
    with Stubber(clients.client("sagemaker")) as sagemaker, Stubber(clients.client("stepfunctions")) as machine:
        yield Trial(world, sagemaker, machine)


def test_a_version_is_tried_with_the_held_out_records_as_they_were_uploaded(trial: Trial) -> None:
    plan = plan_deployment(
        settings("stack", "data_bucket"),
        "churn",
        2,
        ({"Image": "image"},),
        {"mode": "batch", "instance_type": "ml.c5.large"},
        "arn:role",
    )
    job = {
        "TransformJobName": ANY, "ModelName": plan.config, "BatchStrategy": "MultiRecord", "MaxPayloadInMB": 1,
        "TransformInput": ANY, "TransformOutput": ANY, "Tags": list(plan.tags),
        "TransformResources": {"InstanceType": "ml.c5.large", "InstanceCount": 1},
    }  # fmt: skip
    trial.sagemaker.add_response("create_transform_job", {"TransformJobArn": f"{ARN}:transform-job/{JOB}"}, job)
    task = RunTask("churn", RUN, task_token="token", version=2)

    job_begun = start_verification(task, plan, {"records": RECORDS}, settings("stack", "data_bucket"))

    record = trial.world.ledger.record(RUN)
    assert record
    assert job_begun == record.transform
    key = f"transforms/churn/{record.transform}/in/records.jsonl"
    lines = trial.world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode().splitlines()
    assert [json.loads(line) for line in lines] == [["1", "Low"], ["2", 'a, "b"\nc']]
    assert trial.waiter(record.transform) == ("batch_verification", "token", RUN)


def test_a_trial_that_completed_is_in_service(trial: Trial) -> None:
    trial.waits()
    trial.described("Completed")
    trial.approved(1, 2)
    trial.told(TRIED)

    trial.look()

    assert trial.waiter(JOB) is None


def test_an_event_that_comes_before_its_job_has_ended_is_heard_again(trial: Trial) -> None:
    trial.waits()
    trial.described("InProgress")

    with pytest.raises(NotSettledYet):
        trial.look()


def test_who_is_told_to_look_again_answers_only_a_job_that_has_ended(trial: Trial) -> None:
    trial.waits()
    trial.described("InProgress")
    trial.look("Unknown")
    waited = trial.waiter(JOB)

    trial.described("Completed")
    trial.approved(2)
    trial.told(TRIED)
    trial.look("Unknown")

    assert (waited, trial.waiter(JOB)) == (("batch_verification", "token", RUN), None)


@pytest.mark.parametrize("status", ["Completed", "Failed"])
def test_a_trial_of_what_is_not_wanted_any_more_is_superseded_however_it_ended(trial: Trial, status: str) -> None:
    trial.waits()
    trial.described(status)
    trial.approved(1, 2, 3)
    reasons = ["version 2 is superseded: version 3 is the one to serve"]
    trial.told({"in_service": False, "reasons": reasons})

    trial.look(status)

    assert trial.world.ledger.failed_versions("churn") == set()


def test_a_trial_that_failed_fails_its_version(trial: Trial) -> None:
    trial.waits()
    trial.described("Failed", "AlgorithmError: it does not load")
    trial.approved(1, 2)
    trial.failed_with("TransformFailed")

    trial.look("Failed")

    assert trial.world.ledger.failed_versions("churn") == {2}


def test_a_shortage_of_instances_is_tried_again_and_says_nothing_about_the_version(trial: Trial) -> None:
    trial.waits()
    trial.described("Failed", NO_INSTANCES)
    trial.approved(1, 2)
    trial.failed_with("InsufficientCapacity")

    trial.look("Failed")

    assert trial.world.ledger.failed_versions("churn") == set()


def test_equal_answers_make_the_version_the_one_that_serves(trial: Trial) -> None:
    trial.approved(1, 2)
    trial.sagemaker.add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint", 400)

    assert trial.verify("0.25,No", "0.75,Yes") == {"records": 2, "config": CONFIG}
    assert trial.world.ledger.live_version("churn") == LiveVersion(2, CONFIG, batch=True, revision=1)


def test_an_endpoint_that_the_model_had_before_is_told(trial: Trial) -> None:
    name = "retrain--churn"
    trial.approved(1, 2)
    trial.sagemaker.add_response(
        "describe_endpoint",
        {
            "EndpointName": name, "EndpointArn": f"{ARN}:endpoint/{name}", "EndpointStatus": "InService",
            "EndpointConfigName": "old", "CreationTime": AT, "LastModifiedTime": AT,
        },
        {"EndpointName": name},
    )  # fmt: skip

    assert trial.verify("0.25,No", "0.75,Yes")["leftover"] == name


@pytest.mark.parametrize(
    "answers",
    [
        ("0.25,No", "0.5,Yes"),
        ("0.25,No",),
        ("0.25,No", "0.75"),
        ("0.25,No", "0.75,Ye\udcff"),
        ("0.25," + "N" * 200_000,),
    ],
    ids=["other", "too few", "another form", "no UTF-8", "a field beyond a reader's limit"],
)
def test_other_answers_fail_the_version_and_leave_what_serves(trial: Trial, answers: tuple[str, ...]) -> None:
    trial.world.ledger.set_live_version("churn", LiveVersion(1, "retrain--churn-v1-aaaaaaaa"), "run", before=None)
    trial.approved(1, 2)

    with pytest.raises(VerificationFailed, match=f"transform job {JOB} answer"):
        trial.verify(*answers)
    assert trial.world.ledger.failed_versions("churn") == {2}
    assert trial.world.ledger.live_version("churn") == LiveVersion(1, "retrain--churn-v1-aaaaaaaa", revision=1)


def test_a_version_that_was_overtaken_while_it_was_tried_does_not_serve(trial: Trial) -> None:
    trial.approved(2, 3)

    with pytest.raises(VerificationInterrupted, match="overtaken while it was tried: 3 is to serve"):
        trial.verify("0.25,No", "0.75,Yes")
    assert (trial.world.ledger.live_version("churn"), trial.world.ledger.failed_versions("churn")) == (None, set())


@pytest.mark.parametrize("key", ["pipelines/churn/verification.json", "judged/pipelines/churn/verification.json"])
def test_answers_to_records_that_were_replaced_since_verify_nothing(trial: Trial, key: str) -> None:
    trial.world.replaces(key)

    with pytest.raises(ArtifactChanged, match=f"Artifact changed after it was judged: s3://{BUCKET}/{key} was"):
        trial.verify("0.25,No", "0.75,Yes")
    assert (trial.world.ledger.live_version("churn"), trial.world.ledger.failed_versions("churn")) == (None, {2})
