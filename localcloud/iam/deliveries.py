"""What services do for an app without anybody's request: a rule reaches its target, a queue its function, a failure
its dead letter queue; each held against the policy or role that admits it on AWS.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html and
https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.iam import actions, checks
from localcloud.iam.permissions import RequiredPermission

SCHEDULER = "scheduler.amazonaws.com"
EVENTS, SNS = "events.amazonaws.com", "sns.amazonaws.com"
API_GATEWAY = "apigateway.amazonaws.com"
LAMBDA, STATES = "lambda.amazonaws.com", "states.amazonaws.com"
SEND = {  # service of a target's ARN -> the action that its own policy must admit
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}
AS_ROLE = {  # targets that a rule reaches under the role that it names
    "events": "events:PutEvents",
    "sagemaker": "sagemaker:StartPipelineExecution",
    "states": "states:StartExecution",
}
READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def to_target(rule_arn: str, target: Mapping[str, Any]) -> None:
    """A rule's event on its way. A target under a role needs the role, any other its own policy.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    arn = target["Arn"]
    service = arn.split(":")[2]
    if role := target.get("RoleArn"):
        checks.assume(EVENTS, role, rule_arn)
        if service in AS_ROLE:
            checks.require(role, [RequiredPermission(AS_ROLE[service], arn)], "rule")
    elif service in SEND:
        checks.require_of_service(EVENTS, SEND[service], arn, rule_arn)


def to_dead_letters(rule_arn: str, queue_arn: str) -> None:
    """A rule's event that its target did not take.

    Raises:
        Refused: where policies are enforced and the queue's does not admit it.
    """
    checks.require_of_service(EVENTS, SEND["sqs"], queue_arn, rule_arn)


def of_schedule(group_arn: str, target_arn: str, role: str) -> None:
    """A schedule's invocation of its target, or what it failed of on its way to a queue, under the schedule's role.

    Raises:
        Refused: where policies are enforced, and the role does not trust the group or permit it.
    """
    checks.assume(SCHEDULER, role, group_arn)
    action = {**SEND, **AS_ROLE}[target_arn.split(":")[2]]
    checks.require(role, [RequiredPermission(action, target_arn)], "schedule")


def to_subscriber(topic_arn: str, subscriber_arn: str) -> None:
    """A topic's message on its way to a queue or a function.

    Raises:
        Refused: where policies are enforced and the subscriber's does not admit it.
    """
    service = subscriber_arn.split(":")[2]
    if service in SEND:
        checks.require_of_service(SNS, SEND[service], subscriber_arn, topic_arn)


def from_api(route_arn: str, function_arn: str) -> None:
    """A request on its way from an API's route to a function.

    Raises:
        Refused: where policies are enforced and the function's does not admit it.
    """
    checks.require_of_service(API_GATEWAY, SEND["lambda"], function_arn, route_arn)


def from_queue(role: str, queue_arn: str) -> None:
    """Lambda polls a queue under the function's role.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    checks.require(role, [RequiredPermission(action, queue_arn) for action in READ], "poller")


def from_function(role: str, target_arn: str) -> None:
    """Lambda tells a destination, or a dead letter queue, under the function's role.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    service = target_arn.split(":")[2]
    checks.require(role, [RequiredPermission({**SEND, **AS_ROLE}[service], target_arn)], "destination")


def start_function(role: str, function_arn: str, log_group: str) -> None:
    """Lambda takes on a function's role, and writes its log under it.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    checks.assume(LAMBDA, role, function_arn)
    group, name = {"logGroupName": log_group, "logStreamName": "stream"}, function_arn.split(":")[6]
    for operation in ("CreateLogStream", "PutLogEvents"):
        checks.require(role, actions.needs("logs", operation, group, checks.place()), f"function/{name}")


def start_machine(role: str, machine_arn: str) -> None:
    """Step Functions takes on a machine's role.

    Raises:
        Refused: where policies are enforced and the role does not trust it.
    """
    checks.assume(STATES, role, machine_arn)
