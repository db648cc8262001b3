"""Publishing makes, changes and deletes the schedule of a model, and `retrain cleanup` takes it away."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cloud import CloudServer
from event_calls import name

from cli.stack.stack_resources import KINDS, Scope
from cli.stack.target import Target
from pipelines.model import model_file
from pipelines.publishing.execution import Clients, execute, standing_of
from pipelines.publishing.model_roles import Use
from pipelines.publishing.model_schedules import (
    CreateSchedule,
    DeleteSchedule,
    SchedulePlace,
    UpdateSchedule,
)
from pipelines.publishing.plan import Plan, Publication, plan
from pipelines.publishing.publish import StackNames, prepare

MONDAYS = {"expression": "cron(0 6 ? * MON *)", "timezone": "Europe/Berlin"}
SCHEDULE_CHANGES = (CreateSchedule, UpdateSchedule, DeleteSchedule)


@pytest.fixture
def clients(cloud_server: CloudServer) -> Clients:
    return Clients(*map(cloud_server.client, ("s3", "sagemaker", "iam", "logs", "scheduler")))


@pytest.fixture
def stack(clients: Clients) -> StackNames:
    stack = name("sched")
    clients.s3.create_bucket(Bucket=stack)
    clients.s3.put_bucket_versioning(Bucket=stack, VersioningConfiguration={"Status": "Enabled"})
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    jobs, serving = (
        clients.iam.create_policy(PolicyName=f"{stack}-{use}", PolicyDocument=json.dumps(anything))["Policy"]["Arn"]
        for use in Use
    )
    clients.scheduler.create_schedule_group(Name=f"{stack}-ModelSchedules")
    account = "us-east-1:123456789012"
    place = SchedulePlace(
        f"{stack}-ModelSchedules", "arn:aws:iam::123456789012:role/schedules",
        f"arn:aws:lambda:{account}:function:begin", f"arn:aws:sqs:{account}:lost",
    )  # fmt: skip
    pipelines = "arn:aws:iam::123456789012:role/pipeline"
    return StackNames(stack, pipelines, jobs, serving, "https://queue", stack, "us-east-1", 30, schedules=place)


def wanted(stack: StackNames, clients: Clients, schedule: dict[str, Any] | None) -> Publication:
    """Churn as it is, with a schedule."""
    found = prepare("churn", stack, clients, {}).publication
    model = model_file.load(model_file.path_of("churn")) | ({"retrain": {"schedule": schedule}} if schedule else {})
    return replace(found, schedule=stack.schedule(model))


def published(stack: StackNames, clients: Clients, schedule: dict[str, Any] | None) -> list[str]:
    """What publishing changed of schedules, in words."""
    publication = wanted(stack, clients, schedule)
    planned: Plan = plan(publication, standing_of(publication, clients, ()))
    _, done = execute(planned, clients)
    return [f"{one.heading} {one.subject}" for one in done if isinstance(one, SCHEDULE_CHANGES)]


def test_a_schedule_follows_the_model_file_and_is_gone_with_it(stack: StackNames, clients: Clients) -> None:
    named = f"{stack.stack}--churn"

    made = [published(stack, clients, MONDAYS) for _ in range(2)]
    assert stack.schedules
    found = clients.scheduler.get_schedule(GroupName=stack.schedules.group, Name=named)
    changed = published(stack, clients, MONDAYS | {"timezone": "UTC"})
    gone = published(stack, clients, None)

    assert made == [[f"create schedule {named}: cron(0 6 ? * MON *), Europe/Berlin"], []]
    asked = {"model": "churn", "trigger": "schedule", "request": "<aws.scheduler.scheduled-time>"}
    assert json.loads(found["Target"]["Input"]) == asked
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert changed == [f"update schedule {named}: cron(0 6 ? * MON *), UTC"]
    assert gone == [f"delete schedule {named}"]
    assert clients.scheduler.list_schedules(GroupName=stack.schedules.group)["Schedules"] == []


def test_a_rate_begins_one_of_it_later_and_keeps_its_beat_and_its_state(stack: StackNames, clients: Clients) -> None:
    assert stack.schedules
    where = {"GroupName": stack.schedules.group, "Name": f"{stack.stack}--churn"}
    published(stack, clients, {"expression": "rate(7 days)", "timezone": "UTC"})
    first = clients.scheduler.get_schedule(**where)
    clients.scheduler.update_schedule(
        **where, State="DISABLED",
        **{key: first[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target", "StartDate")},
    )  # fmt: skip

    published(stack, clients, {"expression": "rate(7 days)", "timezone": "Europe/Berlin"})

    second = clients.scheduler.get_schedule(**where)
    assert (first["StartDate"] - first["CreationDate"]).days in (6, 7)
    assert (second["StartDate"], second["State"]) == (first["StartDate"], "DISABLED")
    assert second["ScheduleExpressionTimezone"] == "Europe/Berlin"


def test_clean_up_finds_the_schedules_of_the_stacks_group_and_deletes_them(
    cloud_server: CloudServer, stack: StackNames, clients: Clients
) -> None:
    published(stack, clients, MONDAYS)
    assert stack.schedules
    group = stack.schedules.group
    scope = Scope(Target(cloud_server.url, stack.stack), {"AWS::Scheduler::ScheduleGroup": [group]})
    kind = KINDS[0]

    found = kind.find(scope)
    kind.remove(scope, found[0])

    assert (kind.label, found) == ("schedule", [f"{group}/{stack.stack}--churn"])
    assert kind.find(scope) == []
