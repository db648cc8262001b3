"""Changes of an endpoint that go wrong: rollbacks, failed endpoints, capacity. SageMaker's answers are stubs by
botocore's own means, which hold every request and answer against the service's shapes; the ledger is a real table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import stubs
from app.aws import clients, endpoints
from app.decide.deployment_alarms import alarms_of
from app.decide.names.statuses import RunStatus
from app.errors import EndpointBusy, QuotaReached, Throttled, TransientError
from app.flow import deployments
from app.ledger import Ledger, ledger
from app.ledger.table import Write
from app.ledger.task_tokens import EndpointWaiter
from app.settings import settings
from botocore.stub import ANY, Stubber
from moto import mock_aws
from moto_world import ledger_table

RUN = "churn-20260314t101500-abcdef"
ENDPOINT, OLD, NEW = "retrain--churn", "retrain--churn-v1-aaaaaaaa", "retrain--churn-v2-bbbbbbbb"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{ENDPOINT}"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:Retraining:{RUN}"
AT = "2026-03-14T10:15:00Z"
STRATEGY = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": f"{NEW}-errors"}]},
}
TAGS = [{"Key": "app", "Value": "retrain"}]
ROLLED_BACK = f"Endpoint update was rolled back because these alarms are in ALARM: {NEW}-errors"
QUOTA_OF_0 = (
    "The account-level service limit 'ml.m5.large for endpoint usage' is 0 Instances, with current utilization of 0 "
    "Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota."
)
NO_INSTANCES = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."


@dataclass
class World:
    """A ledger in which version 2 waits for its endpoint, and SageMaker and Step Functions as a test wants them."""

    sagemaker: Stubber
    machine: Stubber

    @property
    def ledger(self) -> Ledger:
        return ledger()

    def waits(self, started: bool) -> None:
        self.ledger.await_endpoint(
            EndpointWaiter(ENDPOINT, NEW, "churn", RUN, 2, EXECUTION, "token", STRATEGY, started=started, tags=TAGS)
        )

    def approved(self, *versions: int) -> None:
        stubs.approved(self.sagemaker, *versions)

    def described(self, status: str, config: str, failure: str = "") -> None:
        found: dict[str, Any] = {
            "EndpointName": ENDPOINT, "EndpointArn": ARN, "EndpointConfigName": config, "EndpointStatus": status,
            "CreationTime": AT, "LastModifiedTime": AT,
        }  # fmt: skip
        found |= {"FailureReason": failure} if failure else {}
        self.sagemaker.add_response("describe_endpoint", found, {"EndpointName": ENDPOINT})

    def absent(self) -> None:
        self.sagemaker.add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint", 400)

    def failed_with(self, error: str, cause: str) -> None:
        self.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": error, "cause": cause})

    def look(self) -> str:
        found = deployments.reconcile_endpoint(ENDPOINT, settings("stack"))
        self.sagemaker.assert_no_pending_responses()
        self.machine.assert_no_pending_responses()
        return found

    def timeline(self) -> list[str]:
        record = self.ledger.record(RUN)
        assert record
        return [entry["what"] for entry in record.timeline]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        "STACK_NAME": "retrain", "DATA_BUCKET": "data", "LEDGER_TABLE": "ledger", "QUIET_SECONDS": "60",
        "NOTIFICATION_TOPIC_ARN": "arn:topic", "MAX_WAIT_SECONDS": "900",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        for cached in (clients.client, ledger, settings):
            cached.cache_clear()
        ledger_table(boto3.client("dynamodb"), "ledger")
        begun = {"id": RUN, "model": "churn", "status": str(RunStatus.DEPLOYING), "execution_arn": EXECUTION}
        ledger().write(Write("MODEL#churn", f"RUN#{RUN}", set=begun | {"timeline": []}))
        with Stubber(clients.client("sagemaker")) as sagemaker, Stubber(clients.client("stepfunctions")) as machine:
            yield World(sagemaker, machine)
        for cached in (clients.client, ledger, settings):
            cached.cache_clear()


def test_an_endpoint_that_went_back_to_the_old_configuration_fails_the_version(world: World) -> None:
    world.waits(started=True)
    world.approved(1, 2)
    world.described("InService", OLD, ROLLED_BACK)
    world.failed_with("EndpointFailed", f"endpoint {ENDPOINT} went back to {OLD}: {ROLLED_BACK}")

    assert world.look() == "reconciled"
    assert world.ledger.failed_versions("churn") == {2}
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def test_a_shortage_of_instances_is_tried_again_and_says_nothing_about_the_version(world: World) -> None:
    world.waits(started=True)
    world.approved(1, 2)
    world.described("InService", OLD, NO_INSTANCES)
    world.failed_with("InsufficientCapacity", f"endpoint {ENDPOINT} went back to {OLD}: {NO_INSTANCES}")

    assert world.look() == "reconciled"
    assert world.ledger.failed_versions("churn") == set()
    assert world.ledger.endpoint_waiters(ENDPOINT) == []
    assert world.timeline() == ["capacity is short"]


def test_the_next_attempt_after_a_shortage_updates_again(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD, NO_INSTANCES)
    asked = {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "DeploymentConfig": STRATEGY}
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, asked)

    assert world.look() == "reconciled"
    assert [one.started for one in world.ledger.endpoint_waiters(ENDPOINT)] == [True]


def test_a_quota_of_0_fails_the_deployment_at_once_and_not_the_version(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    world.sagemaker.add_client_error("update_endpoint", "ResourceLimitExceeded", QUOTA_OF_0, 400)
    world.failed_with("QuotaTooLow", ANY)

    assert world.look() == "reconciled"
    assert world.ledger.failed_versions("churn") == set()
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


@pytest.mark.parametrize(
    ("code", "error"), [("ResourceLimitExceeded", QuotaReached), ("ThrottlingException", Throttled)]
)
def test_a_change_that_aws_does_not_take_now_is_asked_for_again(
    world: World, code: str, error: type[TransientError]
) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    world.sagemaker.add_client_error("update_endpoint", code, "not now", 400)
    world.described("InService", OLD)

    with pytest.raises(error):
        world.look()
    assert [one.started for one in world.ledger.endpoint_waiters(ENDPOINT)] == [False]


def test_alarms_of_the_configuration_that_was_replaced_go_when_the_new_one_serves(world: World) -> None:
    alarms = boto3.client("cloudwatch")
    for config in (OLD, NEW):
        for one in alarms_of(settings("stack"), ENDPOINT, config):
            alarms.put_metric_alarm(**one)
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    asked = {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "DeploymentConfig": STRATEGY}
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, asked)
    world.look()
    world.approved(1, 2)
    world.described("InService", NEW)
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})

    world.look()

    left = {one["AlarmName"] for one in alarms.describe_alarms()["MetricAlarms"]}
    assert left == {f"{NEW}-errors", f"{NEW}-latency"}


def test_a_failed_endpoint_is_deleted_awaited_and_created_anew(world: World) -> None:
    world.waits(started=False)
    world.approved(2)
    world.described("Failed", OLD, "it never answered")
    world.sagemaker.add_response("delete_endpoint", {}, {"EndpointName": ENDPOINT})
    with pytest.raises(EndpointBusy, match="is being deleted"):
        world.look()

    world.approved(2)
    world.described("Deleting", OLD)
    with pytest.raises(EndpointBusy, match="is being deleted"):
        world.look()

    world.approved(2)
    world.absent()
    asked = {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "Tags": TAGS}
    world.sagemaker.add_response("create_endpoint", {"EndpointArn": ARN}, asked)
    world.look()

    assert [one.started for one in world.ledger.endpoint_waiters(ENDPOINT)] == [True]
    assert world.timeline() == ["endpoint creating"]


def test_a_new_endpoint_that_fails_fails_the_version(world: World) -> None:
    world.waits(started=True)
    world.approved(2)
    world.described("Failed", NEW, "the ping health check failed")
    world.failed_with("EndpointFailed", f"endpoint {ENDPOINT} failed: the ping health check failed")

    assert world.look() == "reconciled"
    assert world.ledger.failed_versions("churn") == {2}


def test_an_update_in_progress_is_left_to_its_own_event(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("Updating", OLD)

    assert world.look() == "reconciled"
    assert [one.started for one in world.ledger.endpoint_waiters(ENDPOINT)] == [False]


def test_an_update_that_is_refused_because_another_began_is_made_when_that_one_ends(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    world.sagemaker.add_client_error(
        "update_endpoint", "ValidationException", "Cannot update in-progress endpoint", 400
    )
    world.described("Updating", OLD)

    assert world.look() == "reconciled"
    assert [one.started for one in world.ledger.endpoint_waiters(ENDPOINT)] == [False]


def test_an_update_that_is_refused_at_rest_is_tried_again(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    world.sagemaker.add_client_error("update_endpoint", "ValidationException", "no such config", 400)
    world.described("InService", OLD)

    with pytest.raises(EndpointBusy, match="no such config"):
        world.look()


def test_a_version_that_is_not_wanted_any_more_is_told_so(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2, 3)
    superseded = '{"in_service": false, "reasons": ["version 2 is superseded: version 3 is the one to serve"]}'
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": superseded})

    assert world.look() == "reconciled"
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def test_an_answer_that_nobody_waits_for_any_more_is_no_error(world: World) -> None:
    world.waits(started=True)
    world.approved(2)
    world.described("InService", NEW)
    world.machine.add_client_error("send_task_success", "TaskTimedOut", "too late", 400)

    assert world.look() == "reconciled"
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def test_deleting_takes_time(world: World) -> None:
    world.sagemaker.add_client_error("delete_endpoint", "ValidationException", "Could not find endpoint", 400)

    with pytest.raises(EndpointBusy):
        endpoints.delete(ENDPOINT)
