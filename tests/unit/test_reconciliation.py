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
    is_stuck,
    rests_until,
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


def asked(deadline_s: int = 0) -> RunRecord:
    """A run that waits for a person since ``AT``."""
    timeline = [{"at": iso(AT - timedelta(hours=3)), "what": "arrived"}, {"at": iso(AT), "what": "approval requested"}]
    plan = {"deadline_s": deadline_s}
    waits = record(RunStatus.AWAITING_APPROVAL, package_arn=PACKAGE, plan=plan)
    return waits._replace(timeline=[*timeline, {"at": iso(AT + timedelta(minutes=50)), "what": "1 of 2 said yes"}])


def looks(waits: RunRecord, until: timedelta) -> list[timedelta]:
    """When passes every five minutes looked at a run that waits for a person, until so long after it asked."""
    found, rests = [], AT
    for number in range(until // PERIOD + 1):
        at = AT + number * PERIOD
        if at >= rests:
            found.append(at - AT)
            action = action_for_execution(ONE, {"status": "RUNNING"}, waits)
            assert action
            rests = rests_until(action, waits, at) or at
    return found


PERIOD = timedelta(minutes=5)


def test_a_version_that_waits_is_looked_at_in_each_pass_then_once_an_hour_and_then_every_six() -> None:
    found = looks(asked(), timedelta(hours=48))

    assert [at for at in found if at <= timedelta(hours=1)] == [number * PERIOD for number in range(13)]
    assert [at for at in found if at > timedelta(hours=1)] == [
        *(timedelta(hours=hour) for hour in range(2, 25)), *(timedelta(hours=hour) for hour in (30, 36, 42, 48)),
    ]  # fmt: skip


def test_reviewers_are_reminded_in_time_however_seldom_their_version_is_looked_at() -> None:
    week = timedelta(days=7)

    found = looks(asked(int(week.total_seconds())), week)

    late = [min(at - due for at in found if at >= due) for due in (week * 0.5, week * 0.9, week)]
    assert all(one < PERIOD for one in late)
    assert len(found) < 65


@pytest.mark.parametrize(
    "action",
    [
        running(RunStatus.RUNNING),
        action_for_execution(ONE, {"status": "ABORTED", "executionArn": ARN, "name": RUN, "input": "{}"}, asked()),
    ],
)
def test_a_pipeline_that_runs_long_and_an_execution_that_ended_are_looked_at_in_each_pass(
    action: ReconciliationAction,
) -> None:
    assert rests_until(action, asked(), AT + timedelta(days=3)) is None


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


def test_a_deployment_is_not_stuck_while_its_version_is_in_shadow() -> None:
    plan = {"deployment": {"shadow": {"for": "4h"}}}

    assert is_stuck(ONE, record(RunStatus.DEPLOYING), AT + timedelta(hours=5), max_wait_s=900)
    assert not is_stuck(ONE, record(RunStatus.DEPLOYING, plan=plan), AT + timedelta(hours=5), max_wait_s=900)
    assert is_stuck(ONE, record(RunStatus.DEPLOYING, plan=plan), AT + timedelta(hours=7), max_wait_s=900)


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
