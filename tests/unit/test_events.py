"""AWS's messages in, ours out."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from app.decide.approval_rules import DecisionMade, TopicMessage, sns_messages
from app.decide.messages import (
    DatasetArrived,
    DeploymentDue,
    PackageChanged,
    PipelineChanged,
    RunEnded,
    RunTask,
    error_text,
)
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso
from app.decide.notifications import end_notice
from app.errors import BadMessage

SAMPLES = Path(__file__).parents[2] / "events"
RUN = "churn-20260314t101500-0a1b2c"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:RetrainingStateMachine-0a1b2c3d:{RUN}"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def test_an_upload_is_read_from_the_queue_with_its_key_as_it_is() -> None:
    body = sample("record_arrival")["Records"][0]["body"]

    assert DatasetArrived.parse(body) == DatasetArrived(
        bucket="retrain-databucket-0a1b2c3d",
        key="incoming/churn/may 2026 + é%.csv",
        version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        etag="b1946ac92492d2347c6235b4d2611184",
        size_bytes=970457,
        uploaded_at=from_iso("2026-03-14T10:15:00Z"),
    )


@pytest.mark.parametrize("body", ["", "null", "[]", '"text"', '{"detail": {}}', '{"Event": "s3:TestEvent"}'])
def test_a_message_of_another_shape_is_a_bad_message(body: str) -> None:
    with pytest.raises(BadMessage):
        DatasetArrived.parse(body)


def test_a_task_is_read_with_what_its_state_gives() -> None:
    assert RunTask.parse(sample("deploy_version")) == RunTask("churn", RUN, EXECUTION, "AQCEAAAAKgAAAAMAAAAA", 3)


def test_a_pipeline_event_names_its_run_by_the_display_name() -> None:
    changed = PipelineChanged.parse(sample("react_to_pipeline"))

    assert (changed.run, changed.ended) == (RUN, True)
    assert changed.execution_arn.endswith("/execution/p4jn9xou8a8s")


@pytest.mark.parametrize(
    ("name", "decision"),
    [("react_to_approval", True), ("react_to_approval.rejected", False), ("react_to_approval.metadata_edit", False)],
)
def test_only_a_change_of_the_approval_status_is_a_decision(name: str, decision: bool) -> None:
    assert PackageChanged.parse(sample(name)).decision is decision


def test_a_package_event_without_updated_fields_is_a_decision() -> None:
    event = copy.deepcopy(sample("react_to_approval"))
    del event["detail"]["UpdatedModelPackageFields"]

    assert PackageChanged.parse(event).decision


def test_an_endpoint_event_names_its_endpoint() -> None:
    assert DeploymentDue.parse(sample("react_to_endpoint")) == DeploymentDue("churn", endpoint="retrain--churn")


def test_a_message_on_the_decision_topic_is_a_decision() -> None:
    (message,) = sns_messages(sample("receive_decision"))

    assert message == TopicMessage("95df01b4-ee98-5cb9-9903-4c221d41eb5e", "2019-01-02T12:45:07.000Z", message.text)
    assert DecisionMade.parse(message.text) == DecisionMade("churn", 3, True, "ticket 4711", "Ada")


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "{}",
        '{"model": "churn", "version": "new", "decision": "approve"}',
        '{"model": "a", "version": 1, "decision": "maybe"}',
        '{"model": "a", "version": 1.7, "decision": "approve"}',
        '{"model": "a", "version": true, "decision": "approve"}',
    ],
)
def test_a_decision_that_makes_no_sense_is_a_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        DecisionMade.parse(text)


def test_the_end_of_a_deployment_says_why_and_what_it_found() -> None:
    state = {"model": "churn", "run": "churn-1", "why": "version 2 was rejected", "end": {"status": "Deployed"}}
    state["deployment"] = {"found": ["the endpoint was deleted while it changed"]}

    end = RunEnded.parse({"state": state, "execution": "arn"})

    assert end.reasons == ("version 2 was rejected", "the endpoint was deleted while it changed")
    assert end_notice(end).text.splitlines()[2:4] == [f"  {reason}" for reason in end.reasons]


def test_the_machine_says_how_a_run_ended() -> None:
    assert RunEnded.parse(sample("finish_run")) == RunEnded(
        "churn", RUN, EXECUTION, RunStatus.FAILED, ("step 'Train' failed: num_round must be positive",)
    )


def test_an_aborted_execution_is_a_failed_run() -> None:
    assert RunEnded.parse(sample("finish_run.execution_aborted")) == RunEnded(
        "churn", RUN, EXECUTION, RunStatus.FAILED, ("ABORTED",), notified=False
    )


@pytest.mark.parametrize(
    ("error", "cause", "said"),
    [
        ("CallRefused", '{"errorMessage": "no such pipeline", "errorType": "CallRefused"}', "no such pipeline"),
        ("PipelineFailed", "step 'Train' failed", "step 'Train' failed"),
        ("States.Timeout", "", "States.Timeout"),
        ("X", "[1]", "[1]"),
    ],
)
def test_an_error_is_explained_by_what_it_says(error: str, cause: str, said: str) -> None:
    assert error_text(error, cause) == said
