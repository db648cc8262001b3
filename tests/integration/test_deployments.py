"""Changes of an endpoint that go wrong: rollbacks, failed endpoints, capacity. SageMaker's answers are stubs by
botocore's own means, which hold every request and answer against the service's shapes; the ledger is a real table.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import moto_world
import pytest
import react_to_endpoint
import stubs
from app.aws import clients
from app.decide.deployment.deployment_alarms import alarms_of
from app.decide.deployment.endpoint_steps import EndpointChange
from app.decide.names.statuses import Approval, RunStatus
from app.errors import CallRefused, QuotaReached, Throttled, TransientError
from app.flow.deployment import deployments
from app.ledger import Ledger, ledger
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.table import Write
from app.ledger.task_tokens import EndpointWaiter
from app.settings import settings
from botocore.stub import ANY, Stubber
from moto import mock_aws
from moto.sns.models import sns_backends
from moto_world import ledger_table

RUN = "churn-20260314t101500-abcdef"
ENDPOINT, OLD, NEW = "retrain--churn", "retrain--churn-v1-aaaaaaaa", "retrain--churn-v2-bbbbbbbb"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{ENDPOINT}"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:Retraining:{RUN}"
STRATEGY = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": f"{NEW}-errors"}]},
}
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Retraining"
TAGS = [{"Key": "app", "Value": "retrain"}]
ROLLED_BACK = f"Endpoint update was rolled back because these alarms are in ALARM: {NEW}-errors"
QUOTA_OF_0 = (
    "The account-level service limit 'ml.m5.large for endpoint usage' is 0 Instances, with current utilization of 0 "
    "Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota."
)
NO_INSTANCES = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."

SETTINGS = react_to_endpoint.SETTINGS


@dataclass
class World:
    """A ledger in which version 2 waits for its endpoint, and SageMaker and Step Functions as a test wants them."""

    sagemaker: Stubber
    machine: Stubber

    @property
    def ledger(self) -> Ledger:
        return ledger()

    def waits(self, started: bool, replaces: str = OLD) -> None:
        self.ledger.await_endpoint(EndpointWaiter(ENDPOINT, NEW, "churn", RUN, 2, EXECUTION, "token", STRATEGY, TAGS))
        if started:
            asked = EndpointChange(NEW, replaces, now(), sent=True)
            assert self.ledger.claim_endpoint_change("churn", asked, None)

    @property
    def started(self) -> bool:
        """Whether a change was asked of SageMaker."""
        change = self.ledger.endpoint_change("churn")
        return bool(change and change.sent)

    def config_is_there(self, name: str, instances: int = 1) -> None:
        variant = {"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": instances}
        found = {"EndpointConfigName": name, "EndpointConfigArn": ARN, "ProductionVariants": [variant],
                 "CreationTime": now()}  # fmt: skip
        self.sagemaker.add_response("describe_endpoint_config", found, {"EndpointConfigName": name})

    def approved(self, *versions: int) -> None:
        stubs.approved(self.sagemaker, *versions)

    def made_by_nobody(self, version: int) -> None:
        """A version of which the registry names no pipeline that registered it."""
        stubs.generated_by(self.sagemaker, f"{stubs.PACKAGES}/{version}", "")

    def both_configs_are_there(self, before: int = 1, new: int = 1) -> None:
        self.config_is_there(OLD, before)
        self.config_is_there(NEW, new)

    def old_config_is_asked_for(self) -> None:
        """Whether it is there, and what an update back to it changes."""
        for name in (OLD, NEW, OLD):
            self.config_is_there(name)

    def described(self, status: str, config: str, failure: str = "", instances: int = 1) -> None:
        found: dict[str, Any] = {
            "EndpointName": ENDPOINT, "EndpointArn": ARN, "EndpointConfigName": config, "EndpointStatus": status,
            "CreationTime": now(), "LastModifiedTime": now(),
            "ProductionVariants": [{"VariantName": "AllTraffic", "DesiredInstanceCount": instances}],
        }  # fmt: skip
        found |= {"FailureReason": failure} if failure else {}
        self.sagemaker.add_response("describe_endpoint", found, {"EndpointName": ENDPOINT})

    def absent(self) -> None:
        self.sagemaker.add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint", 400)

    def failed_with(self, error: str, cause: str) -> None:
        self.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": error, "cause": cause})

    def look(self) -> str:
        found = deployments.reconcile("churn", settings(*SETTINGS))
        self.sagemaker.assert_no_pending_responses()
        self.machine.assert_no_pending_responses()
        return found

    def starts(self, run: str) -> None:
        asked = {"stateMachineArn": MACHINE, "name": f"{run}-d1", "input": ANY}
        self.machine.add_response("start_execution", {"executionArn": f"{EXECUTION}-d1", "startDate": now()}, asked)

    def look_only(self) -> str:
        return deployments.reconcile("churn", settings(*SETTINGS))

    def timeline(self) -> list[str]:
        record = self.ledger.record(RUN)
        assert record
        return [entry["what"] for entry in record.timeline]


def decided(version: int, status: Approval) -> None:
    """A decision that was acted upon, as an earlier release kept it."""
    record = {"decision": str(status), "sequence": version, "after_wait": False}
    ledger().write(Write("MODEL#churn", f"DECISION#{version:08d}", set=record))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        "STACK_NAME": "retrain", "DATA_BUCKET": "data", "LEDGER_TABLE": "ledger", "QUIET_SECONDS": "60",
        "NOTIFICATION_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:news", "STATE_MACHINE_ARN": MACHINE,
        "MAX_WAIT_SECONDS": "900", "VERDICT_FUNCTION": "ReadVerdict", "APPROVAL_FUNCTION": "ReactToApproval",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.DEFAULT_SESSION = moto_world.session()  # mock_aws puts back what was there
        for cached in (clients.client, ledger, settings):
            cached.cache_clear()
        ledger_table(boto3.client("dynamodb"), "ledger")
        boto3.client("sns").create_topic(Name="news")
        begun = {"id": RUN, "model": "churn", "status": str(RunStatus.DEPLOYING), "execution_arn": EXECUTION}
        ledger().write(Write("MODEL#churn", f"RUN#{RUN}", set=begun | {"timeline": []}))
        for version in (1, 2, 3):
            run = RUN if version == 2 else f"{RUN[:-1]}{version}"
            ledger().write(Write("MODEL#churn", f"VERSION#{version:08d}", set={"run": run}))
            decided(version, Approval.APPROVED)
        with Stubber(clients.client("sagemaker")) as sagemaker, Stubber(clients.client("stepfunctions")) as machine:
            yield World(sagemaker, machine)
        for cached in (clients.client, ledger, settings):
            cached.cache_clear()


def test_an_endpoint_that_went_back_to_the_old_configuration_fails_the_version(world: World) -> None:
    world.waits(started=True)
    world.approved(1, 2)
    world.described("InService", OLD, ROLLED_BACK)
    world.failed_with("EndpointFailed", f"endpoint {ENDPOINT} went back to {OLD}: {ROLLED_BACK}")

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == {2}
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def test_a_shortage_of_instances_is_tried_again_and_says_nothing_about_the_version(world: World) -> None:
    world.waits(started=True)
    world.approved(1, 2)
    world.described("InService", OLD, NO_INSTANCES)
    world.failed_with("InsufficientCapacity", f"endpoint {ENDPOINT} went back to {OLD}: {NO_INSTANCES}")

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == set()
    assert world.ledger.endpoint_waiters(ENDPOINT) == []
    assert world.timeline() == ["capacity is short"]


@pytest.mark.parametrize("heard", ["by an event", "when it is asked for"])
def test_people_are_told_once_that_a_deployment_waits_for_instances(world: World, heard: str) -> None:
    topic = boto3.client("sns").create_topic(Name="news")["TopicArn"]
    for _ in range(2):
        world.waits(started=heard == "by an event")
        world.approved(1, 2)
        world.described("InService", OLD, NO_INSTANCES if heard == "by an event" else "")
        if heard == "by an event":
            world.failed_with("InsufficientCapacity", ANY)
            world.look()
        else:
            world.both_configs_are_there()
            world.sagemaker.add_client_error("update_endpoint", "ResourceLimitExceeded", "used up", 400)
            with pytest.raises(QuotaReached):
                world.look()

    sent = sns_backends["123456789012"]["us-east-1"].topics[topic].sent_notifications
    assert [subject for _, _, subject, *_ in sent] == ["churn version 2: waits for instances"]


def test_the_next_attempt_after_a_shortage_updates_again(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD, NO_INSTANCES)
    world.both_configs_are_there()
    asked = {
        "EndpointName": ENDPOINT, "EndpointConfigName": NEW, "DeploymentConfig": STRATEGY,
        "RetainAllVariantProperties": True,
    }  # fmt: skip
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, asked)

    assert world.look() == "advanced"
    assert world.started


def test_a_quota_of_0_fails_the_deployment_at_once_and_not_the_version(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    world.both_configs_are_there()
    world.sagemaker.add_client_error("update_endpoint", "ResourceLimitExceeded", QUOTA_OF_0, 400)
    world.failed_with("QuotaTooLow", ANY)

    assert world.look() == "advanced"
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
    world.both_configs_are_there()
    world.sagemaker.add_client_error("update_endpoint", code, "not now", 400)

    with pytest.raises(error):
        world.look()
    assert world.ledger.endpoint_change("churn") is None


@pytest.mark.parametrize(
    ("before", "new", "running", "kind", "overridden"),
    [
        (2, 2, 5, "CANARY", []),  # scaling chose 5
        (2, 4, 5, "CANARY", ["DesiredInstanceCount"]),  # the model file was changed
        (2, 2, 1, "CANARY", ["DesiredInstanceCount"]),  # of one instance no share can be moved
        (2, 2, 1, "ALL_AT_ONCE", []),
    ],
)
def test_an_update_keeps_what_runs_unless_the_model_file_changed_it(
    world: World, before: int, new: int, running: int, kind: str, overridden: list[str]
) -> None:
    strategy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": 300}}}
    world.ledger.await_endpoint(EndpointWaiter(ENDPOINT, NEW, "churn", RUN, 2, EXECUTION, "token", strategy, TAGS))
    world.approved(1, 2)
    world.described("InService", OLD, instances=running)
    world.both_configs_are_there(before, new)
    asked: dict[str, Any] = {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "DeploymentConfig": strategy}
    excluded = {"ExcludeRetainedVariantProperties": [{"VariantPropertyType": kind} for kind in overridden]}
    asked |= {"RetainAllVariantProperties": True} | (excluded if overridden else {})
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, asked)

    assert world.look() == "advanced"


def with_alarms(*configs: str) -> Any:
    alarms = boto3.client("cloudwatch")
    for config in configs:
        for alarm in alarms_of(settings("stack"), ENDPOINT, config):
            alarms.put_metric_alarm(**alarm)
    return alarms


def guarded(alarms: Any) -> set[str]:
    """The configurations that have alarms."""
    return {alarm["AlarmName"].rsplit("-", 1)[0] for alarm in alarms.describe_alarms()["MetricAlarms"]}


def test_alarms_of_a_superseded_configuration_go_unless_its_update_still_looks_at_them(world: World) -> None:
    alarms = with_alarms(OLD, NEW)
    world.waits(started=False)
    live(world, 3, "retrain--churn-v3-cccccccc")
    for _ in range(2):
        world.approved(1, 2, 3)
        world.described("InService", "retrain--churn-v3-cccccccc")
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})
    world.look_only()
    assert guarded(alarms) == {OLD}

    with_alarms(NEW)
    world.waits(started=True)
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})
    world.look()
    assert guarded(alarms) == {OLD, NEW}


def test_alarms_of_a_configuration_that_never_served_go_with_it(world: World) -> None:
    alarms = with_alarms(OLD, NEW)
    world.waits(started=True)
    world.approved(1, 2)
    world.described("InService", OLD, ROLLED_BACK)
    world.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": ANY, "cause": ANY})

    world.look()

    assert guarded(alarms) == {OLD}


def test_alarms_of_a_configuration_that_was_replaced_unverified_go_when_the_next_serves(world: World) -> None:
    alarms = with_alarms(OLD, NEW)
    world.waits(started=True)
    world.approved(2)
    world.described("InService", NEW)
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": ANY})

    world.look()

    assert guarded(alarms) == {NEW}


def test_alarms_of_what_answered_wrongly_go_when_it_is_replaced_by_what_served_before(world: World) -> None:
    alarms = with_alarms(OLD, NEW)
    live(world, 1, OLD)
    decided(1, Approval.REJECTED)
    world.ledger.record_failure("churn", 2, "wrong answers")
    world.approved(2)
    world.described("InService", NEW)
    world.old_config_is_asked_for()
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN})

    assert world.look() == "brought back"
    assert guarded(alarms) == {OLD}


def test_what_was_asked_for_a_version_that_is_wanted_no_more_is_forgotten(world: World) -> None:
    live(world, 1, OLD)
    decided(1, Approval.REJECTED)
    assert world.ledger.claim_endpoint_change("churn", EndpointChange(NEW, OLD, now(), sent=True), None)
    world.approved()
    world.described("InService", NEW)
    world.old_config_is_asked_for()
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN})

    assert world.look() == "brought back"
    assert world.ledger.endpoint_change("churn") is None


def test_a_failed_endpoint_is_deleted_awaited_and_created_anew(world: World) -> None:
    world.waits(started=False)
    world.approved(2)
    world.described("Failed", OLD, "it never answered")
    world.sagemaker.add_response("delete_endpoint", {}, {"EndpointName": ENDPOINT})
    world.look()

    world.approved(2)
    world.described("Deleting", OLD)
    world.look()

    world.approved(2)
    world.absent()
    asked = {"EndpointName": ENDPOINT, "EndpointConfigName": NEW, "Tags": TAGS}
    world.sagemaker.add_response("create_endpoint", {"EndpointArn": ARN}, asked)
    world.look()

    assert world.started
    found = "found: endpoint retrain--churn had failed: it never answered"
    assert world.timeline() == [found, "endpoint deleting", "endpoint creating"]


def test_a_new_endpoint_that_fails_fails_the_version(world: World) -> None:
    world.waits(started=True, replaces="")
    world.approved(2)
    world.described("Failed", NEW, "the ping health check failed")
    world.failed_with("EndpointFailed", f"endpoint {ENDPOINT} is Failed: the ping health check failed")

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == {2}


def test_an_update_in_progress_is_left_to_its_own_event(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("Updating", OLD)

    assert world.look() == "advanced"
    assert not world.started


def test_an_update_that_is_refused_because_another_began_is_made_when_that_one_ends(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    world.both_configs_are_there()
    world.sagemaker.add_client_error(
        "update_endpoint", "ValidationException", "Cannot update in-progress endpoint", 400
    )
    world.described("Updating", OLD)

    assert world.look() == "advanced"
    assert not world.started


def test_what_is_refused_while_nothing_changes_is_refused_for_good(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    for _ in range(2):
        world.both_configs_are_there()
        world.sagemaker.add_client_error("update_endpoint", "ValidationException", "serverless to instances", 400)
        world.described("InService", OLD)
    world.config_is_there(NEW)
    world.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": "EndpointFailed", "cause": ANY})

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == {2}


@pytest.mark.parametrize(
    "refusal",
    [
        f'Cannot update in-progress endpoint "{ARN}".',  # an update or a deletion, which is not described yet
        f'Could not find endpoint "{ARN}".',  # it was deleted, which is not described yet
    ],
)
def test_a_change_that_is_refused_while_the_description_lags_says_nothing_about_the_version(
    world: World, refusal: str
) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    for _ in range(2):
        world.both_configs_are_there()
        world.sagemaker.add_client_error("update_endpoint", "ValidationException", refusal, 400)
        world.described("InService", OLD)

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == set()
    assert [waiter.version for waiter in world.ledger.endpoint_waiters(ENDPOINT)] == [2]
    assert not world.started


def test_an_endpoint_that_exists_and_is_not_described_yet_says_nothing_about_the_version(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.absent()
    for _ in range(2):
        refusal = f'Cannot create already existing endpoint "{ARN}".'
        world.sagemaker.add_client_error("create_endpoint", "ValidationException", refusal, 400)
        world.absent()

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == set()
    assert not world.started


@pytest.mark.parametrize("status", ["OutOfService", "UpdateRollbackFailed", "SomethingNew"])
def test_a_change_that_an_endpoint_in_an_odd_state_does_not_take_says_nothing_about_the_version(
    world: World, status: str
) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described(status, OLD)
    for _ in range(2):
        world.both_configs_are_there()
        world.sagemaker.add_client_error("update_endpoint", "ValidationException", "not in a state to update", 400)
        world.described(status, OLD)
    world.config_is_there(NEW)
    world.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": "EndpointBusy", "cause": ANY})

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == set()
    found = next(what for what in world.timeline() if what.startswith("found: "))
    assert found.startswith(f"found: endpoint {ENDPOINT} is {status}, and takes no change: ")


def test_a_configuration_that_somebody_deleted_is_made_again_by_the_state(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", OLD)
    for _ in range(2):
        world.both_configs_are_there()
        world.sagemaker.add_client_error("update_endpoint", "ValidationException", "no such config", 400)
        world.described("InService", OLD)
    world.sagemaker.add_client_error("describe_endpoint_config", "ValidationException", "Could not find", 400)
    world.machine.add_response("send_task_failure", {}, {"taskToken": "token", "error": "EndpointBusy", "cause": ANY})

    assert world.look() == "advanced"
    assert world.ledger.failed_versions("churn") == set()


def test_a_version_that_is_not_wanted_any_more_is_told_so(world: World) -> None:
    world.waits(started=False)
    world.approved(1, 2, 3)
    superseded = '{"in_service": false, "reasons": ["version 2 is superseded: version 3 is the one to serve"]}'
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": superseded})
    live(world, 3, "retrain--churn-v3-cccccccc")
    world.described("InService", "retrain--churn-v3-cccccccc")

    assert world.look() == "serves"
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def test_an_answer_that_nobody_waits_for_any_more_is_no_error(world: World) -> None:
    world.waits(started=True)
    world.approved(2)
    world.described("InService", NEW)
    world.machine.add_client_error("send_task_success", "TaskTimedOut", "too late", 400)

    assert world.look() == "advanced"
    assert world.ledger.endpoint_waiters(ENDPOINT) == []


def live(world: World, version: int, config: str) -> None:
    world.ledger.set_live_version("churn", LiveVersion(version, config), RUN, None)


def test_a_desired_version_that_nobody_deploys_is_deployed_once(world: World) -> None:
    live(world, 1, OLD)
    for _ in range(2):
        world.approved(1, 2)
        world.described("InService", OLD)
    begun = {"executionArn": f"{EXECUTION}-d1", "startDate": now()}
    world.machine.add_response(
        "start_execution", begun, {"stateMachineArn": MACHINE, "name": f"{RUN}-d1", "input": ANY}
    )

    assert [world.look_only(), world.look()] == ["started", "deploying"]
    assert [execution.run for execution in world.ledger.open_executions()] == [RUN]


def test_what_serves_as_it_should_is_left_alone(world: World) -> None:
    live(world, 2, NEW)
    world.approved(1, 2)
    world.described("InService", NEW)

    assert world.look() == "serves"


def test_an_endpoint_that_somebody_moved_or_deleted_is_deployed_again(world: World) -> None:
    live(world, 2, NEW)
    world.approved(1, 2)
    world.absent()
    begun = {"executionArn": f"{EXECUTION}-d1", "startDate": now()}
    world.machine.add_response(
        "start_execution", begun, {"stateMachineArn": MACHINE, "name": f"{RUN}-d1", "input": ANY}
    )

    assert world.look() == "started"


def test_a_deployment_that_goes_on_from_a_moved_endpoint_says_what_it_found(world: World) -> None:
    live(world, 1, OLD)
    world.waits(started=False)
    world.approved(1, 2)
    world.described("InService", "made-by-hand")
    world.config_is_there("made-by-hand")
    world.config_is_there(NEW)
    world.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN})
    world.look()
    found = "somebody else's configuration made-by-hand was in service"
    assert world.timeline() == [f"found: {found}", "endpoint updating"]

    world.approved(1, 2)
    world.described("InService", NEW)
    output = {"in_service": True, "endpoint": ENDPOINT, "config": NEW, "found": [found]}
    world.machine.add_response("send_task_success", {}, {"taskToken": "token", "output": json.dumps(output)})

    world.look()


def test_after_a_failed_version_the_older_approved_one_is_deployed(world: World) -> None:
    live(world, 1, OLD)
    older = f"{RUN[:-1]}1"
    begun = {"id": older, "model": "churn", "status": str(RunStatus.DEPLOYED), "execution_arn": "x", "timeline": []}
    world.ledger.write(Write("MODEL#churn", f"RUN#{older}", set=begun))
    world.ledger.record_failure("churn", 2, "endpoint answers 20 of 20 records otherwise")
    world.approved(1, 2)
    world.described("InService", NEW)
    world.starts(older)

    assert world.look() == "started"


def test_without_a_version_to_serve_what_was_verified_last_is_brought_back(world: World) -> None:
    live(world, 1, OLD)
    decided(1, Approval.REJECTED)
    world.ledger.record_failure("churn", 2, "wrong answers")
    world.approved(2)
    world.described("InService", NEW)
    world.old_config_is_asked_for()
    world.sagemaker.add_response(
        "update_endpoint",
        {"EndpointArn": ARN},
        {"EndpointName": ENDPOINT, "EndpointConfigName": OLD, "RetainAllVariantProperties": True},
    )

    assert world.look() == "brought back"


def test_an_endpoint_whose_only_version_failed_is_taken_out_of_use_and_people_are_told(world: World) -> None:
    topic = boto3.client("sns").create_topic(Name="news")["TopicArn"]
    world.ledger.record_failure("churn", 2, "wrong answers")
    world.approved(2)
    world.described("InService", NEW)
    world.sagemaker.add_response("delete_endpoint", {}, {"EndpointName": ENDPOINT})

    assert world.look() == "taken away"
    sent = sns_backends["123456789012"]["us-east-1"].topics[topic].sent_notifications
    assert [subject for _, _, subject, *_ in sent] == ["churn: the endpoint was taken out of use"]


def test_a_failed_endpoint_that_no_version_is_to_serve_is_deleted_as_it_takes_no_update(world: World) -> None:
    topic = boto3.client("sns").create_topic(Name="news")["TopicArn"]
    live(world, 1, OLD)
    decided(1, Approval.REJECTED)
    world.ledger.record_failure("churn", 2, "its containers never started")
    world.approved(2)
    world.described("Failed", NEW, "its containers never started")
    world.sagemaker.add_response("delete_endpoint", {}, {"EndpointName": ENDPOINT})

    assert world.look() == "taken away"
    sent = sns_backends["123456789012"]["us-east-1"].topics[topic].sent_notifications
    assert [subject for _, _, subject, *_ in sent] == ["churn: the endpoint was taken out of use"]


def test_what_served_before_and_cannot_be_brought_back_for_good_leaves_nothing_that_answers_wrongly(
    world: World,
) -> None:
    live(world, 1, OLD)
    decided(1, Approval.REJECTED)
    world.ledger.record_failure("churn", 2, "wrong answers")
    world.approved(2)
    world.described("InService", NEW)
    world.old_config_is_asked_for()
    world.sagemaker.add_client_error("update_endpoint", "ValidationException", "serverless to instances", 400)
    world.sagemaker.add_response("delete_endpoint", {}, {"EndpointName": ENDPOINT})

    assert world.look() == "taken away"


@pytest.mark.parametrize("operation", ["update_endpoint", "delete_endpoint"])
def test_an_endpoint_whose_change_is_not_described_yet_is_looked_at_again(world: World, operation: str) -> None:
    if operation == "update_endpoint":
        live(world, 1, OLD)
        decided(1, Approval.REJECTED)
    world.ledger.record_failure("churn", 2, "wrong answers")
    world.approved(2)
    world.described("InService", NEW)
    if operation == "update_endpoint":
        world.old_config_is_asked_for()
    refusal = f'Cannot update in-progress endpoint "{ARN}".'
    world.sagemaker.add_client_error(operation, "ValidationException", refusal, 400)

    assert world.look() == "kept"


def test_a_model_whose_package_group_is_gone_has_nothing_to_serve(world: World) -> None:
    gone = "Model Package Group retrain--churn does not exist."
    world.sagemaker.add_client_error("list_model_packages", "ValidationException", gone, 400)
    world.absent()

    assert world.look() == "kept"


def test_a_registry_that_refuses_for_another_reason_is_an_error(world: World) -> None:
    world.sagemaker.add_client_error("list_model_packages", "ValidationException", "1 validation error detected", 400)

    with pytest.raises(CallRefused):
        world.look_only()


def test_an_endpoint_that_is_somebody_elses_is_left_alone(world: World) -> None:
    world.approved()
    world.described("InService", "made-by-hand")

    assert world.look() == "not ours"


def test_a_version_that_no_run_of_this_stack_judged_is_no_candidate(world: World) -> None:
    boto3.client("sns").create_topic(Name="news")
    live(world, 2, NEW)
    world.approved(1, 2, 9)
    world.made_by_nobody(9)
    world.described("InService", NEW)

    assert world.look() == "serves"


def test_a_version_that_no_run_judged_is_told_of_once_by_name(world: World) -> None:
    topic = boto3.client("sns").create_topic(Name="news")["TopicArn"]
    live(world, 2, NEW)
    for look in range(2):
        world.approved(1, 2, 9)
        if look == 0:
            world.made_by_nobody(9)
        world.described("InService", NEW)
        assert world.look() == "serves"

    told = [sent[1] for sent in sns_backends["123456789012"]["us-east-1"].topics[topic].sent_notifications]
    assert [text.splitlines()[0] for text in told] == [
        "Version 9 of churn is approved, and no run of this stack judged it: it is not deployed."
    ]


def test_a_version_of_a_run_that_still_works_is_not_taken_for_a_stray_one(world: World) -> None:
    run = f"{RUN[:-1]}9"
    world.ledger.open_execution(EXECUTION[:-1] + "9", {"entry": "Retrain", "model": "churn", "run": run}, now())
    works = {"id": run, "model": "churn", "status": str(RunStatus.RUNNING), "execution_arn": EXECUTION}
    world.ledger.write(Write("MODEL#churn", f"RUN#{run}", set=works | {"timeline": []}))
    live(world, 2, NEW)
    world.approved(1, 2, 9)
    world.described("InService", NEW)

    assert world.look() == "serves"
    assert world.ledger.versions("churn")[2].get("stray_told") is None
    assert 9 not in world.ledger.versions("churn")


def test_an_approval_that_was_claimed_as_the_deadline_passed_is_deployed_when_the_run_has_ended(world: World) -> None:
    """Who claimed it died before answering the state, which then expired: nothing but the registry knows of it."""
    run = f"{RUN[:-1]}3"
    execution = EXECUTION[:-1] + "3"
    waits = {"id": run, "model": "churn", "status": str(RunStatus.AWAITING_APPROVAL), "execution_arn": execution}
    world.ledger.write(Write("MODEL#churn", f"RUN#{run}", set=waits | {"timeline": []}))
    world.ledger.remember_token("approval/arn:3", "token", run)
    world.ledger.record_decision("churn", "arn:3", 3, Approval.APPROVED)
    world.ledger.finish(run, execution, RunStatus.APPROVAL_EXPIRED, ())
    live(world, 2, NEW)
    world.approved(1, 2, 3)
    world.described("InService", NEW)
    world.starts(run)

    assert world.look() == "started"
