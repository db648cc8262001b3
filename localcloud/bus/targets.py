"""What a message can be delivered to: a function, a state machine, a queue, a topic, a log group, a bus, a pipeline."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from localcloud.settings import Cloud

Sender = Callable[[str, str, Mapping[str, Any]], None]  # ARN, body, EventBridge's target parameters
SENDERS: dict[str, Sender] = {}  # by the ARN's service; logs, lambdas and events add theirs
_cloud: Cloud | None = None


def install(cloud: Cloud) -> None:
    """Deliver within this cloud from now on."""
    global _cloud
    _cloud = cloud
    SENDERS.update(
        {
            "sagemaker": _to_sagemaker,
            "sns": lambda arn, body, _: send(arn, body),
            "sqs": lambda arn, body, target: send(arn, body, group_id=_group(target)),
            "states": _to_states,
        }
    )


def _of_this_process() -> Cloud:
    if _cloud is None:
        raise RuntimeError("targets.install(cloud) has not been called")
    return _cloud


def deliver(arn: str, body: str, target: Mapping[str, Any]) -> None:
    """Hand a body to a target of a rule, at once. Any error is the target's.

    Raises:
        NotImplementedError: nothing is delivered to that service here.
    """
    sender = SENDERS.get(arn.split(":")[2])
    if sender is None:
        raise NotImplementedError(f"The local cloud does not deliver to {arn}")
    sender(arn, body, target)


def send(arn: str, body: str, *, attributes: Mapping[str, str] | None = None, group_id: str | None = None) -> None:
    """Send a message to a queue or a topic, with string attributes."""
    cloud = _of_this_process()
    _, _, service, region, _, name = arn.split(":", 5)
    if service == "sqs":
        typed = {key: {"DataType": "String", "StringValue": value} for key, value in (attributes or {}).items()}
        sqs_backends[cloud.account_id][region].send_message(
            name, body, message_attributes=typed or None, group_id=group_id
        )
    else:
        values = {key: {"Type": "String", "Value": value} for key, value in (attributes or {}).items()}
        sns_backends[cloud.account_id][region].publish(body, arn=arn, message_attributes=values or None)


def send_record(arn: str, record: Mapping[str, Any], detail_type: str) -> None:
    """Tell a Lambda destination how an asynchronous invocation ended."""
    service = arn.split(":")[2]
    if service == "events":
        from_function = {"source": "lambda", "detail-type": f"Lambda Function Invocation Result - {detail_type}"}
        resources = [arn, record["requestContext"]["functionArn"]]
        deliver(arn, json.dumps({**from_function, "detail": dict(record), "resources": resources}), {})
    else:
        deliver(arn, json.dumps(record), {})


def _group(target: Mapping[str, Any]) -> str | None:
    return (target.get("SqsParameters") or {}).get("MessageGroupId")


def _to_states(arn: str, body: str, target: Mapping[str, Any]) -> None:
    client = _of_this_process().client("stepfunctions", arn.split(":")[3])
    client.start_execution(stateMachineArn=arn, name=str(uuid.uuid4()), input=body)


def _to_sagemaker(arn: str, body: str, target: Mapping[str, Any]) -> None:
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if kind != "pipeline":
        raise NotImplementedError(f"The local cloud does not deliver to {arn}")
    parameters = (target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList", [])
    _of_this_process().client("sagemaker", arn.split(":")[3]).start_pipeline_execution(
        PipelineName=name, ClientRequestToken=str(uuid.uuid4()), PipelineParameters=parameters
    )
