"""Events that somebody hands over, as operators do with dead letters: what they say is true of nobody else's run."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import begin_scoring
import finish_run
import pytest
import react_to_pipeline
import record_arrival
from app.aws import clients
from app.decide.messages import PackageChanged
from app.decide.parsing import event_of
from app.errors import BadMessage
from app.ledger.table import Write
from botocore.stub import Stubber
from lambda_context import Context
from moto_world import GOOD, World
from published_churn import PUBLISHED
from test_approvals import GROUP, Registry

PIPELINE = "arn:aws:sagemaker:us-east-1:123456789012:pipeline"
OWN, OTHER = f"{PIPELINE}/{GROUP}/execution/own", f"{PIPELINE}/{GROUP}/execution/other"
ELSEWHERE = f"{PIPELINE}/retrain--house-price/execution/other"


@pytest.fixture
def waiting(world: World) -> Iterator[Registry]:
    """Version 1's run waits for its pipeline; whoever answers it answers it with ``OWN``."""
    with Stubber(clients.client("stepfunctions")) as machine:
        made = Registry(world, machine)
        made.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        made.registers(1, pipeline=GROUP)
        world.ledger.remember_token(f"pipeline/{made.run_of(1)}", "token-1", made.run_of(1))
        yield made
        machine.assert_no_pending_responses()


def noted(registry: Registry, **facts: Any) -> None:
    registry.world.ledger.write(Write("MODEL#churn", f"RUN#{registry.run_of(1)}", set=facts))


def handed_over(registry: Registry, arn: str, display_name: str) -> None:
    """Somebody says that the run's pipeline has ended, and names an execution, which succeeded."""
    detail = {"pipelineExecutionDisplayName": registry.run_of(1), "pipelineExecutionArn": arn}
    with Stubber(clients.client("sagemaker")) as sagemaker:
        described = {"PipelineExecutionArn": arn, "PipelineExecutionStatus": "Succeeded"}
        described |= {"PipelineExecutionDisplayName": display_name}
        sagemaker.add_response("describe_pipeline_execution", described, {"PipelineExecutionArn": arn})
        event = event_of("PipelineChanged", detail | {"currentPipelineExecutionStatus": "Succeeded"})
        react_to_pipeline.handler(event, Context())


@pytest.mark.parametrize("arn", [OTHER, ELSEWHERE])
def test_a_run_whose_pipeline_is_noted_is_answered_by_no_other(waiting: Registry, arn: str) -> None:
    noted(waiting, pipeline_execution_arn=OWN)

    handed_over(waiting, arn, waiting.run_of(1))

    assert waiting.timeline(1) == []
    assert waiting.world.ledger.token(f"pipeline/{waiting.run_of(1)}") == "token-1"


@pytest.mark.parametrize(("arn", "name"), [(OTHER, "churn-of-somebody"), (ELSEWHERE, "")])
def test_before_it_is_noted_a_pipeline_is_known_by_its_name_and_its_runs(
    waiting: Registry, arn: str, name: str
) -> None:
    handed_over(waiting, arn, name or waiting.run_of(1))

    assert waiting.timeline(1) == []


@pytest.mark.parametrize("before", [{"batch": 1}, {"pipeline_execution_arn": OTHER, "refusing_pipelines": [OTHER]}])
def test_the_next_pipeline_of_a_run_answers_it_before_it_is_noted(waiting: Registry, before: dict[str, Any]) -> None:
    noted(waiting, **before)
    waiting.answers(1, execution_arn=OWN)

    handed_over(waiting, OWN, waiting.run_of(1))

    assert waiting.timeline(1) == ["pipeline succeeded"]


@pytest.mark.parametrize("arn", ["retrain--house-price/1", f"{GROUP}/2", f"{GROUP}/11", f"x{GROUP}/1"])
def test_a_decision_about_one_models_version_is_none_about_anothers(arn: str) -> None:
    detail = {"ModelPackageGroupName": GROUP, "ModelPackageVersion": 1}
    own = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/1"
    other = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{arn}"

    assert PackageChanged.parse(event_of("PackageChanged", detail | {"ModelPackageArn": own})).version == 1
    with pytest.raises(BadMessage, match="is not version 1 of"):
        PackageChanged.parse(event_of("PackageChanged", detail | {"ModelPackageArn": other}))


def of_another_bucket(world: World, key: str) -> dict[str, Any]:
    """An upload to a bucket that is not the stack's, and holds a model of the same name."""
    world.s3.create_bucket(Bucket="somebody-elses")
    for name, body in {key: GOOD, "config/models/churn.json": json.dumps(PUBLISHED).encode()}.items():
        world.s3.put_object(Bucket="somebody-elses", Key=name, Body=body)
    event = copy.deepcopy(world.upload(key, GOOD))
    event["detail"]["bucket"]["name"] = "somebody-elses"
    event["detail"]["object"]["version-id"] = "null"
    return event


def refused(told: str) -> list[str]:
    """The functions whose refusals the metric counted, of what was written to standard output."""
    lines = [json.loads(line) for line in told.splitlines() if '"RefusedMessages": 1' in line]
    assert all(line["Stack"] == "retrain" and "_aws" in line for line in lines)
    return [line["Function"] for line in lines]


def test_what_is_refused_is_counted_by_function(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for handler in (react_to_pipeline.handler, begin_scoring.handler, finish_run.handler):
        with pytest.raises(BadMessage):
            handler({"source": "aws.somebody", "detail-type": "Something Happened", "detail": {}}, Context())
    world.record("no event")

    assert refused(capsys.readouterr().out) == ["react_to_pipeline", "begin_scoring", "finish_run", "record_arrival"]


def test_a_batch_of_uploads_is_received_again_soon_where_its_function_dies(world: World) -> None:
    sent = json.dumps(world.upload("incoming/churn/may.csv", GOOD))
    world.sqs.send_message(QueueUrl=world.arrivals, MessageBody=sent)
    (taken,) = world.sqs.receive_message(QueueUrl=world.arrivals, VisibilityTimeout=1800)["Messages"]
    record = {"messageId": "1", "body": sent, "receiptHandle": taken["ReceiptHandle"]}

    with Stubber(clients.client("sqs")) as sqs:
        entries = [{"Id": "0", "ReceiptHandle": taken["ReceiptHandle"], "VisibilityTimeout": 30}]
        asked = {"QueueUrl": world.arrivals, "Entries": entries}
        sqs.add_response("change_message_visibility_batch", {"Successful": [{"Id": "0"}], "Failed": []}, asked)
        assert record_arrival.handler({"Records": [record]}, Context()) == {"batchItemFailures": []}
        sqs.assert_no_pending_responses()


def test_an_upload_to_another_bucket_joins_no_batch(world: World, caplog: pytest.LogCaptureFixture) -> None:
    event = of_another_bucket(world, "incoming/churn/may.csv")

    assert world.record(event) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert (world.ledger.open_batch("churn"), world.executions()) == (None, [])
    assert "an upload to bucket somebody-elses, not to this stack's retrain-data" in caplog.text


def test_a_file_in_another_bucket_is_not_scored(world: World) -> None:
    event = of_another_bucket(world, "scoring/churn/june.csv")

    with pytest.raises(BadMessage, match="an upload to bucket somebody-elses, not to this stack's retrain-data"):
        begin_scoring.handler(event_of("ScoringRequested", event["detail"]), Context())
    assert world.executions() == []
