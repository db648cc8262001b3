"""What the reconciler does about an open execution, by value."""

from datetime import UTC, datetime, timedelta

import pytest
from app.aws.embedded_metrics import embedded
from app.decide.messages import DeploymentDue, PackageChanged, PipelineChanged, RunEnded
from app.decide.names.statuses import RunStatus
from app.decide.names.times import iso
from app.decide.reconciliation import (
    ReactingFunction,
    ReconciliationAction,
    action_for_execution,
    action_for_model,
    is_spared,
    is_stuck,
)
from app.decide.records import OpenExecution, RunRecord

AT = datetime(2026, 3, 14, 10, 15, tzinfo=UTC)
RUN = "churn-20260314t101500-abcdef"
ARN = f"arn:aws:states:us-east-1:123456789012:execution:Retraining:{RUN}"
TASK = {"entry": "Retrain", "model": "churn", "run": RUN}
ONE = OpenExecution(ARN, TASK, AT)
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/retrain--churn/3"


def record(status: RunStatus, **facts: object) -> RunRecord:
    return RunRecord(RUN, "churn", status, ARN, timeline=[{"at": iso(AT), "what": "arrived"}], **facts)  # type: ignore[arg-type]


def running(status: RunStatus, **facts: object) -> ReconciliationAction | None:
    return action_for_execution(ONE, {"status": "RUNNING"}, record(status, **facts))


def test_an_execution_that_was_never_started_is_started_as_it_was_meant() -> None:
    assert action_for_execution(ONE, None, record(RunStatus.WAITING)) == ReconciliationAction(None, TASK)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"])
def test_an_execution_that_ended_is_finished(status: str) -> None:
    found = action_for_execution(
        ONE, {"status": status, "executionArn": ARN, "name": RUN, "input": f'{{"run": "{RUN}"}}'}, None
    )

    assert found
    assert found.function is ReactingFunction.END
    assert RunEnded.parse(found.event).execution == ARN


def test_a_run_that_waits_for_its_pipeline_looks_at_it() -> None:
    found = running(RunStatus.RUNNING, pipeline_execution_arn="arn:pipeline")

    assert found
    assert found.function is ReactingFunction.PIPELINE
    assert PipelineChanged.parse(found.event) == PipelineChanged(RUN, "arn:pipeline", ended=False)


def test_a_run_that_waits_for_a_person_looks_at_the_registry() -> None:
    found = running(RunStatus.AWAITING_APPROVAL, package_arn=PACKAGE)

    assert found
    assert found.function is ReactingFunction.APPROVAL
    assert PackageChanged.parse(found.event) == PackageChanged(PACKAGE, "retrain--churn", 3, decision=True)


def looks(status: RunStatus, hours: float, **facts: object) -> int:
    """How often passes every five minutes, in the hour before, acted on a run that has waited so many hours."""
    action, period = running(status, **facts), timedelta(minutes=5)
    assert action
    passes = [AT + timedelta(hours=hours) - number * period for number in range(12)]
    return sum(not is_spared(action, ONE, record(status), at, period) for at in passes)


@pytest.mark.parametrize(("hours", "times"), [(3.0, 12), (5.9, 12), (7.01, 1), (7.5, 1), (167.99, 1)])
def test_the_registry_is_asked_about_a_version_often_at_first_and_then_once_an_hour(hours: float, times: int) -> None:
    assert looks(RunStatus.AWAITING_APPROVAL, hours, package_arn=PACKAGE) == times


def test_a_pipeline_that_runs_long_is_looked_at_as_often_as_at_first() -> None:
    assert looks(RunStatus.RUNNING, 167.99) == 12


def test_a_model_is_looked_at_by_its_endpoint() -> None:
    found = action_for_model("retrain--churn")

    assert found.function is ReactingFunction.ENDPOINT
    assert DeploymentDue.parse(found.event) == DeploymentDue("churn", endpoint="retrain--churn")


@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.DEPLOYING])
def test_a_run_that_waits_for_nothing_yet_is_left_alone(status: RunStatus) -> None:
    assert running(status) is None


def test_a_run_is_stuck_when_nothing_was_heard_for_longer_than_its_state_takes() -> None:
    now = AT + timedelta(hours=7)

    assert is_stuck(ONE, record(RunStatus.RUNNING), now, max_wait_s=900)
    assert is_stuck(ONE, record(RunStatus.WAITING), now, max_wait_s=900)
    assert not is_stuck(ONE, record(RunStatus.WAITING), now, max_wait_s=86_400)
    assert not is_stuck(ONE, record(RunStatus.RUNNING), AT + timedelta(hours=5), max_wait_s=900)
    assert not is_stuck(ONE, record(RunStatus.AWAITING_APPROVAL), now, max_wait_s=900)


def test_a_measure_is_counted_by_stack_and_by_each_of_its_facts() -> None:
    assert embedded("retrain", {"RunsEnded": 1}, {"Model": "churn", "Status": "Deployed"}, at_ms=5) == {
        "_aws": {
            "Timestamp": 5,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Retrain",
                    "Dimensions": [["Stack"], ["Stack", "Model"], ["Stack", "Status"]],
                    "Metrics": [{"Name": "RunsEnded", "Unit": "Count"}],
                }
            ],
        },
        "Stack": "retrain",
        "Model": "churn",
        "Status": "Deployed",
        "RunsEnded": 1,
    }


def test_a_pipeline_whose_start_was_not_noted_is_looked_for() -> None:
    action = running(RunStatus.RUNNING)

    assert action is not None
    assert action.function is ReactingFunction.PIPELINE
    assert PipelineChanged.parse(action.event) == PipelineChanged(RUN, "", ended=False)
