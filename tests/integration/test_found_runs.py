"""A version that the ledger does not know, as nobody read its run's verdict: it is found and read."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import react_to_endpoint
import stubs
from app.aws import clients
from app.decide.names.statuses import RunStatus
from app.decide.parsing import event_of
from app.decide.protection.judged_content import CHANGED
from app.flow.deployment import found_runs
from app.ledger.batches import now
from app.ledger.table import Write
from botocore.response import StreamingBody
from botocore.stub import Stubber
from lambda_context import Context
from moto_world import World

RUN = "churn-20260314t101500-abcdef"
PIPELINE = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn"
EXECUTION = f"{PIPELINE}/execution/p4jn9xou8a8s"
PACKAGE = f"{stubs.PACKAGES}/1"
TASK = {"model": "churn", "run": RUN, "pipeline_execution_arn": EXECUTION}
LOOK = event_of("DeploymentDue", {"EndpointName": "retrain--churn"})


class Answers:
    """SageMaker and Lambda, which answer what a test says."""

    def __init__(self, sagemaker: Stubber, functions: Stubber) -> None:
        self.sagemaker, self.functions = sagemaker, functions

    def generated_by(self, execution: str) -> None:
        stubs.generated_by(self.sagemaker, PACKAGE, execution)

    def executed(self, run: str, registered: str) -> None:
        found = {"PipelineExecutionArn": EXECUTION, "PipelineExecutionDisplayName": run}
        self.sagemaker.add_response("describe_pipeline_execution", found, {"PipelineExecutionArn": EXECUTION})
        step = {"StepName": "Register", "StepStatus": "Succeeded", "Metadata": {"RegisterModel": {"Arn": registered}}}
        self.sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": [step]})

    def reads_verdict(self) -> None:
        asked = {"FunctionName": "ReadVerdict", "InvocationType": "Event", "Payload": json.dumps(TASK).encode()}
        answer = {"StatusCode": 202, "Payload": StreamingBody(io.BytesIO(b""), 0)}
        self.functions.add_response("invoke", answer, asked)

    def look(self) -> None:
        """Somebody looks at the model, of which version 1 is approved, and which has no endpoint."""
        self.sagemaker.add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint", 400)
        react_to_endpoint.handler(LOOK, Context())
        self.sagemaker.assert_no_pending_responses()
        self.functions.assert_no_pending_responses()


@pytest.fixture
def answers(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.setenv("VERDICT_FUNCTION", "ReadVerdict")
    monkeypatch.setenv("APPROVAL_FUNCTION", "ReactToApproval")
    with Stubber(clients.client("sagemaker")) as sagemaker, Stubber(clients.client("lambda")) as functions:
        stubs.approved(sagemaker, 1)
        yield Answers(sagemaker, functions)


def ended(world: World, status: RunStatus = RunStatus.FAILED, *reasons: str) -> None:
    """A run that ended without its verdict having been read."""
    record = {"id": RUN, "model": "churn", "status": str(status), "execution_arn": "x", "reasons": list(reasons)}
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", set=record | {"timeline": []}))


def test_the_verdict_of_an_ended_run_that_registered_the_version_is_read(world: World, answers: Answers) -> None:
    ended(world, RunStatus.FAILED, "Lambda.Unknown: the process ended")
    answers.generated_by(EXECUTION)
    answers.executed(RUN, PACKAGE)
    answers.reads_verdict()

    answers.look()
    assert world.mail() == []


def test_while_a_verdict_is_being_read_it_is_not_requested_again(world: World, answers: Answers) -> None:
    world.ledger.note_verdict_request("churn", 1, now())

    answers.look()
    assert world.mail() == []


def test_a_verdict_that_cannot_be_read_is_given_up_and_people_are_told(world: World, answers: Answers) -> None:
    ended(world)
    for _ in range(found_runs.MOST_REQUESTS):
        world.ledger.note_verdict_request("churn", 1, now() - timedelta(hours=1))
    answers.generated_by(EXECUTION)
    answers.executed(RUN, PACKAGE)

    answers.look()
    assert "Version 1 of churn is approved, and no run of this stack judged it" in world.mail()[0]


@pytest.mark.parametrize(
    "generated_by", ["", "arn:aws:sagemaker:us-east-1:123456789012:pipeline/other--churn/execution/p4jn9xou8a8s"]
)
def test_a_version_that_no_pipeline_of_the_model_registered_has_no_run(
    world: World, answers: Answers, generated_by: str
) -> None:
    ended(world)
    answers.generated_by(generated_by)

    answers.look()
    assert len(world.mail()) == 1


def test_a_version_that_only_says_that_a_pipeline_registered_it_has_no_run(world: World, answers: Answers) -> None:
    ended(world)
    answers.generated_by(EXECUTION)
    answers.executed(RUN, f"{stubs.PACKAGES}/2")

    answers.look()
    assert len(world.mail()) == 1


def test_a_run_that_ended_because_its_outputs_were_changed_is_not_judged_again(world: World, answers: Answers) -> None:
    ended(world, RunStatus.FAILED, f"{CHANGED}: s3://data/a is another object")
    answers.generated_by(EXECUTION)
    answers.executed(RUN, PACKAGE)

    answers.look()
    assert len(world.mail()) == 1
