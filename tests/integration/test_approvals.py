"""Decisions that come late, twice and out of order, and versions that wait for one, through the handlers on moto."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
import finish_run
import pytest
import react_to_approval
import react_to_pipeline
import receive_decision
import request_approval
from app.aws import clients
from app.decide.names.resource_names import execution_arn
from app.decide.names.statuses import Approval, RunStatus
from app.decide.names.times import iso
from app.decide.parsing import event_of
from app.errors import ResourceMissing
from app.ledger.batches import now
from app.ledger.table import Write
from botocore.stub import ANY, Stubber
from lambda_context import Context
from moto_world import World
from published_churn import PUBLISHED

GROUP = "retrain--churn"
PLAN = {"deadline_s": 3600, "model_sha256": PUBLISHED["model_sha256"]}
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


@dataclass
class Registry:
    """A ledger and a registry with versions of churn, each of a run of its own."""

    world: World
    machine: Stubber
    sagemaker: Any = field(default_factory=lambda: boto3.client("sagemaker"))

    def run_of(self, version: int) -> str:
        return f"churn-20260314t10150{version}-abcdef"

    def arn(self, version: int) -> str:
        return f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/{version}"

    def registers(self, version: int, **plan: Any) -> None:
        """A run registered the version, and is about to ask for its approval."""
        container = {"Image": IMAGE, "ModelDataUrl": "s3://data/model.tar.gz"}
        specification = {"Containers": [container], "SupportedContentTypes": [], "SupportedResponseMIMETypes": []}
        self.sagemaker.create_model_package(
            ModelPackageGroupName=GROUP,
            InferenceSpecification=specification,
            ModelApprovalStatus="PendingManualApproval",
        )
        if {
            "automatic",
            "review",
        } & plan.keys() and "held_to" not in plan:  # as it is published, so the run was planned
            mode = "automatic" if plan.get("automatic") else "manual"
            self.world.publishes(approval={"mode": mode, **plan.get("review", {})})
        run, ledger = self.run_of(version), self.world.ledger
        machine = execution_arn(self.world.machine, run)
        record = {"id": run, "model": "churn", "status": str(RunStatus.RUNNING), "execution_arn": machine}
        facts = {"version": version, "package_arn": self.arn(version), "timeline": []}
        ledger.write(Write("MODEL#churn", f"RUN#{run}", set=record | facts | {"plan": PLAN | plan}))
        ledger.record_version_run(run, version)
        ledger.open_execution(machine, {"entry": "Retrain", "model": "churn", "run": run}, now())

    def asks(self, version: int) -> None:
        """Its state Request approval is entered."""
        run = self.run_of(version)
        task = {"model": "churn", "run": run, "version": version, "task_token": f"token-{version}"}
        task |= {"execution": execution_arn(self.world.machine, run)}
        request_approval.handler(task, Context())

    def answers(self, version: int, **output: Any) -> None:
        """The waiting run is to be answered so."""
        asked = {"taskToken": f"token-{version}", "output": json.dumps(output)}
        self.machine.add_response("send_task_success", {}, asked)

    def answers_somehow(self, version: int) -> None:
        self.machine.add_response("send_task_success", {}, {"taskToken": f"token-{version}", "output": ANY})

    def says(self, version: int, decision: str, sent_at: str, by: str = "Ada", id: str = "m1") -> None:
        """A message of the decision topic is delivered."""
        text = {"model": "churn", "version": version, "decision": decision, "reason": "ticket 7", "by": by}
        sns = {"MessageId": id, "Timestamp": sent_at, "Message": json.dumps(text)}
        receive_decision.handler({"Records": [{"Sns": sns}]}, Context())

    def hears(self, version: int) -> None:
        """The registry's event is delivered, or the reconciler has it looked at."""
        detail = {"ModelPackageArn": self.arn(version), "ModelPackageGroupName": GROUP, "ModelPackageVersion": version}
        react_to_approval.handler(event_of("PackageChanged", detail), Context())

    def status(self, version: int) -> str:
        described = self.sagemaker.describe_model_package(ModelPackageName=self.arn(version))
        return str(described["ModelApprovalStatus"])

    def record(self, version: int) -> Any:
        return self.world.ledger.record(self.run_of(version))

    def timeline(self, version: int) -> list[str]:
        return [entry["what"] for entry in self.record(version).timeline]

    def asked_ago(self, version: int, share: float) -> None:
        """So much of the hour that a reviewer has has passed."""
        at = iso(now() - share * timedelta(hours=1))
        asked = [{"at": at, "what": "approval requested"}]
        self.world.ledger.write(Write("MODEL#churn", f"RUN#{self.run_of(version)}", set={"timeline": asked}))


@contextmanager
def registry_of(world: World) -> Iterator[Registry]:
    """A registry with churn's group; at the end every answer that was to be given was given."""
    with Stubber(clients.client("stepfunctions")) as machine:
        made = Registry(world, machine)
        made.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        yield made
        machine.assert_no_pending_responses()


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    with registry_of(world) as made:
        yield made


def minutes(count: float) -> str:
    return iso(now() + timedelta(minutes=count))


def test_a_message_that_is_delivered_again_after_a_later_rejection_is_refused_with_a_notice(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    registry.world.mail()
    sent_at = minutes(-1)
    registry.says(1, "approve", sent_at)
    registry.says(1, "approve", sent_at)  # at least once: nothing new, and nobody is told
    assert (registry.status(1), registry.world.mail()) == ("Approved", [])
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Rejected")

    registry.says(1, "approve", sent_at)

    assert registry.status(1) == "Rejected"
    (mail,) = registry.world.mail()
    assert f"it was sent at {sent_at}, and version 1 became Rejected at " in mail


def test_of_two_messages_that_come_in_the_wrong_order_the_later_one_counts(registry: Registry) -> None:
    registry.registers(1)
    earlier, later = minutes(-2), minutes(-1)

    registry.says(1, "reject", later, id="m2")
    registry.says(1, "approve", earlier, id="m1")

    assert registry.status(1) == "Rejected"
    assert f"it was sent at {earlier}, and version 1 became Rejected at {later}" in registry.world.mail()[0]


def test_a_message_that_says_again_what_is_decided_makes_it_newer_than_what_was_sent_in_between(
    registry: Registry,
) -> None:
    registry.registers(1)
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Rejected")
    between, again = minutes(1), minutes(2)

    registry.says(1, "reject", again, id="m2")
    registry.says(1, "reject", minutes(0.5), id="m0")  # an older one makes it no older
    registry.says(1, "approve", between, id="m1")

    assert registry.status(1) == "Rejected"
    assert f"it was sent at {between}, and version 1 became Rejected at {again}" in registry.world.mail()[0]


@pytest.mark.parametrize("first", ["in the registry", "by a message"])
def test_what_somebody_says_again_in_the_registry_is_newer_than_a_message_that_was_sent_before(
    registry: Registry, first: str
) -> None:
    """Of a status that is set again the registry keeps no more than that the version was changed."""
    registry.registers(1)
    approve = {"ModelPackageArn": registry.arn(1), "ModelApprovalStatus": "Approved"}
    if first == "by a message":
        registry.says(1, "approve", minutes(-3))
    else:
        registry.sagemaker.update_model_package(**approve)
    registry.hears(1)
    sent_at = iso(now())
    while iso(now()) == sent_at:
        continue  # for a millisecond
    registry.sagemaker.update_model_package(**approve)

    registry.says(1, "reject", sent_at, id="m2")

    assert registry.status(1) == "Approved"
    assert "version 1 became Approved at " in registry.world.mail()[0]


def test_two_messages_that_are_sent_before_the_first_is_heard_count_both(registry: Registry) -> None:
    registry.registers(1)

    registry.says(1, "approve", minutes(-2), id="m1")
    registry.says(1, "reject", minutes(-1), id="m2")

    assert registry.status(1) == "Rejected"
    assert registry.world.mail() == []


def test_a_person_is_named_as_claimed_beside_the_principal_that_iam_knows(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    registry.says(1, "reject", minutes(0), by="Ada")
    who = "rejected by Ada, not proven (IAM knows fake-user-profile-name)"
    registry.answers(1, approved=False, superseded=False, who=who, reasons=[f"{who}: ticket 7"])
    registry.hears(1)

    described = registry.sagemaker.describe_model_package(ModelPackageName=registry.arn(1))
    assert described["ApprovalDescription"] == "ticket 7 (sent by Ada, not proven)"
    assert registry.timeline(1) == ["approval requested", who]


def test_a_model_that_approves_itself_names_its_file_and_no_function(registry: Registry) -> None:
    registry.registers(1, automatic=True)
    why = "approved automatically, as models/churn.yaml says"
    registry.answers(1, approved=True, superseded=False, who=why, reasons=[why])

    registry.asks(1)

    assert registry.status(1) == "Approved"


def test_an_edit_of_metadata_after_an_approval_is_no_new_decision(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Approved")
    registry.answers_somehow(1)
    registry.hears(1)
    registry.world.ledger.forget_token(f"approval/{registry.arn(1)}")
    registry.sagemaker.update_model_package(
        ModelPackageArn=registry.arn(1), ModelApprovalStatus="Approved", CustomerMetadataProperties={"owner": "Ada"}
    )

    registry.hears(1)

    assert registry.world.executions() == []
    assert registry.timeline(1)[-1].startswith("approved")


def test_a_newer_versions_request_supersedes_an_older_that_still_waits(registry: Registry) -> None:
    for version in (1, 2):
        registry.registers(version)
    registry.asks(1)
    why = "version 2 waits for a decision now; version 1 can be approved all the same"
    registry.answers(1, approved=False, superseded=True, who=why, reasons=[why])

    registry.asks(2)

    assert registry.timeline(1)[-1] == why
    assert registry.record(2).status is RunStatus.AWAITING_APPROVAL


def test_a_run_that_was_to_be_ended_undecided_is_ended_by_whoever_looks_next(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    why = "version 2 waits for a decision now; version 1 can be approved all the same"
    assert registry.world.ledger.claim_approval(registry.arn(1), why) == "token-1"  # and then its process died

    registry.answers(1, approved=False, superseded=True, who=why, reasons=[why])
    registry.hears(1)


def test_a_version_whose_request_comes_after_a_newer_ones_is_superseded_itself(registry: Registry) -> None:
    for version in (1, 2):
        registry.registers(version)
    registry.asks(2)
    registry.world.mail()
    registry.answers_somehow(1)

    registry.asks(1)

    assert registry.timeline(1)[-1].startswith("version 2 waits for a decision now")
    assert registry.world.mail() == []


def test_a_decision_that_came_first_is_not_superseded(registry: Registry) -> None:
    for version in (1, 2):
        registry.registers(version)
    registry.asks(1)
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Rejected")
    registry.answers_somehow(1)
    registry.hears(1)

    registry.asks(2)  # answers nobody

    assert registry.timeline(1)[-1].startswith("rejected")


def test_the_reviewer_is_reminded_at_half_and_at_nine_tenths_of_the_time_once_each(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    registry.world.mail()
    told = []
    for share in (0.4, 0.55, 0.95):
        before = registry.record(1).timeline[1:]
        registry.asked_ago(1, share)
        for entry in before:
            registry.world.ledger.append_timeline(registry.run_of(1), entry["what"] + " ")
        registry.hears(1)
        registry.hears(1)
        told.append([mail.splitlines()[0] for mail in registry.world.mail()])

    still = "Version 1 of churn still waits for your decision: {} of the time has passed."
    assert told == [[], [still.format("half")], [still.format("nine tenths")]]


def test_a_version_that_is_deleted_while_it_waits_ends_its_run(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    why = "version 1 was deleted from the registry while it waited for a decision"
    registry.answers(1, approved=False, superseded=False, who=why, reasons=[why])

    with Stubber(clients.client("sagemaker")) as sagemaker:
        sagemaker.add_client_error("describe_model_package", "ValidationException", "Model Package does not exist", 400)
        registry.hears(1)

    assert registry.timeline(1)[-1] == why


def test_a_request_that_nobody_is_subscribed_to_says_so(registry: Registry) -> None:
    registry.registers(1)
    registry.registers(2)
    registry.asks(1)
    sns = boto3.client("sns")
    for one in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    registry.answers_somehow(1)

    registry.asks(2)

    assert [registry.record(version).unheard for version in (1, 2)] == [False, True]


# --- ends


def ends(registry: Registry, status: str, run: str, error: str = "Stopped") -> None:
    """The event of an execution's end is delivered."""
    arn = execution_arn(registry.world.machine, run)
    task = json.dumps({"entry": "Retrain", "model": "churn", "run": run})
    detail = {"executionArn": arn, "status": status, "input": task, "error": error}
    finish_run.handler(event_of("RunEnded", detail), Context())


def test_an_execution_that_waits_as_long_as_it_may_ends_as_an_expired_approval(registry: Registry) -> None:
    registry.registers(1)
    registry.asks(1)
    registry.world.mail()

    ends(registry, "TIMED_OUT", registry.run_of(1))

    (mail,) = registry.world.mail()
    assert registry.record(1).status is RunStatus.APPROVAL_EXPIRED
    assert "was not approved in time. You can still approve it" in mail


def test_an_end_that_could_not_be_told_is_told_by_whoever_comes_next(registry: Registry) -> None:
    registry.registers(1)
    sns = boto3.client("sns")
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    sns.delete_topic(TopicArn=topic)
    with pytest.raises(ResourceMissing):
        ends(registry, "FAILED", registry.run_of(1))
    sns.create_topic(Name="news")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:mails")

    for _ in range(2):
        ends(registry, "FAILED", registry.run_of(1))

    assert [mail.splitlines()[0] for mail in registry.world.mail()] == [
        f"The run {registry.run_of(1)} failed; what served before serves still unless it says so below."
    ]
    assert registry.record(1).status is RunStatus.FAILED


def test_a_run_whose_notice_failed_is_told_of_when_it_is_finished(registry: Registry) -> None:
    registry.registers(1)
    arn = execution_arn(registry.world.machine, registry.run_of(1))
    state = {"model": "churn", "run": registry.run_of(1), "end": {"status": "Failed", "reasons": []}}

    finish_run.handler({"state": state | {"unnotified": {"Error": "Throttled"}}, "execution": arn}, Context())

    assert len(registry.world.mail()) == 1


def test_a_stale_execution_does_not_change_the_status_that_a_newer_one_gave(registry: Registry) -> None:
    registry.registers(1)
    newer = execution_arn(registry.world.machine, registry.run_of(1) + "-d1")
    task = {"entry": "Deploy", "model": "churn", "run": registry.run_of(1), "version": 1}
    assert registry.world.ledger.open_deployment("churn", newer, task, 0, now())
    why = "another execution has this run by now"
    registry.answers(1, approved=False, superseded=True, who=why, reasons=[why])

    registry.asks(1)  # a late retry of the first execution

    assert registry.record(1).status is RunStatus.DEPLOYING
    assert registry.world.mail() == []


def test_a_state_that_asks_though_its_run_is_over_leaves_no_token(registry: Registry) -> None:
    registry.registers(1)
    arn = execution_arn(registry.world.machine, registry.run_of(1))
    detail = {"executionArn": arn, "status": "ABORTED", "input": json.dumps({"run": registry.run_of(1)})}
    finish_run.handler(event_of("RunEnded", detail), Context())
    registry.answers_somehow(1)

    registry.asks(1)  # its function was on its way as the execution was stopped

    assert registry.world.ledger.token(f"approval/{registry.arn(1)}") == ""


def test_a_stale_state_takes_no_decision_from_the_execution_that_has_the_run(registry: Registry) -> None:
    test_a_stale_execution_does_not_change_the_status_that_a_newer_one_gave(registry)

    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), ModelApprovalStatus="Approved")
    decision = registry.world.ledger.record_decision("churn", registry.arn(1), 1, Approval.APPROVED)

    assert (decision.task_token, decision.after_wait) == ("", True)


# --- a pipeline whose start nobody noted


def started(sagemaker: Stubber, *names: str) -> str:
    """The pipeline's executions have these display names, newest first; the ARN of the last."""
    arns = [f"arn:aws:sagemaker:us-east-1:123456789012:pipeline/{GROUP}/execution/{number}" for number in range(9)]
    summaries = [
        {"PipelineExecutionArn": arn, "PipelineExecutionDisplayName": name}
        for arn, name in zip(arns, names, strict=False)
    ]
    asked = {"PipelineName": GROUP, "SortBy": "CreationTime", "SortOrder": "Descending"}
    sagemaker.add_response("list_pipeline_executions", {"PipelineExecutionSummaries": summaries}, asked)
    return arns[len(names) - 1]


def test_a_pipeline_whose_start_was_not_noted_is_stopped_with_its_run(registry: Registry) -> None:
    registry.registers(1, pipeline=GROUP)
    registry.world.ledger.remember_token(f"pipeline/{registry.run_of(1)}", "token", registry.run_of(1))

    with Stubber(clients.client("sagemaker")) as sagemaker:
        arn = started(sagemaker, "churn-another", registry.run_of(1))
        stopped = {"PipelineExecutionArn": arn, "ClientRequestToken": ANY}
        sagemaker.add_response("stop_pipeline_execution", {"PipelineExecutionArn": arn}, stopped)
        ends(registry, "ABORTED", registry.run_of(1))
        sagemaker.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException", "ResourceInUse", "ResourceNotFound"])
def test_a_pipeline_that_ended_before_it_could_be_stopped_stays_as_it_is(registry: Registry, code: str) -> None:
    registry.registers(1, pipeline=GROUP)
    registry.world.ledger.remember_token(f"pipeline/{registry.run_of(1)}", "token", registry.run_of(1))

    with Stubber(clients.client("sagemaker")) as sagemaker:
        started(sagemaker, registry.run_of(1))
        sagemaker.add_client_error("stop_pipeline_execution", code, "it is Succeeded and cannot be stopped", 400)
        ends(registry, "ABORTED", registry.run_of(1))

    assert registry.record(1).status is RunStatus.FAILED
    assert registry.world.ledger.token(f"pipeline/{registry.run_of(1)}") == ""


def test_a_pipeline_whose_start_was_not_noted_is_looked_at_by_its_display_name(registry: Registry) -> None:
    registry.registers(1, pipeline=GROUP)
    run = registry.run_of(1)
    registry.world.ledger.remember_token(f"pipeline/{run}", "token-1", run)
    detail = {"pipelineExecutionDisplayName": run, "pipelineExecutionArn": ""}
    event = event_of("PipelineChanged", detail | {"currentPipelineExecutionStatus": "Unknown"})

    with Stubber(clients.client("sagemaker")) as sagemaker:
        arn = started(sagemaker, run)
        described = {"PipelineExecutionArn": arn, "PipelineExecutionStatus": "Succeeded"}
        sagemaker.add_response("describe_pipeline_execution", described, {"PipelineExecutionArn": arn})
        registry.answers(1, execution_arn=arn)
        react_to_pipeline.handler(event, Context())

    assert registry.timeline(1) == ["pipeline succeeded"]
