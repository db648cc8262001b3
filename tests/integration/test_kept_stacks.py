"""Stacks in a cloud that keeps its state: told resource by resource, and whole after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cloud import CloudServer, kill_cloud, start_cloud, stop_cloud

QUEUES = 40
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "more"}}
MOST_PER_RESOURCE = 16_000  # bytes in the journal; a stack of forty is larger, and was told 80 times


def template(queues: int, **more: Any) -> str:
    made = {
        f"Queue{number}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"queue-{number}"}}
        for number in range(queues)
    }
    return json.dumps({"Resources": made | more})


def history(cloud: CloudServer) -> list[dict[str, Any]]:
    described = cloud.client("cloudformation").describe_stack_events(StackName="stack")["StackEvents"]
    return [{name: one[name] for name in ("EventId", "LogicalResourceId", "ResourceStatus")} for one in described]


def resources(cloud: CloudServer) -> dict[str, str]:
    described = cloud.client("cloudformation").describe_stack_resources(StackName="stack")["StackResources"]
    return {one["LogicalResourceId"]: one["ResourceStatus"] for one in described}


def test_a_stack_is_told_resource_by_resource_and_is_whole_after_a_kill(tmp_path: Path) -> None:
    first = start_cloud(tmp_path, 0, "--keep")
    stacks = first.client("cloudformation")
    stacks.create_stack(StackName="stack", TemplateBody=template(QUEUES))
    stacks.get_waiter("stack_create_complete").wait(StackName="stack", WaiterConfig={"Delay": 1})
    told = sum(path.stat().st_size for path in (tmp_path / "snapshot").glob("journal.*"))
    stacks.update_stack(StackName="stack", TemplateBody=template(QUEUES - 1, Topic=TOPIC))
    stacks.get_waiter("stack_update_complete").wait(StackName="stack", WaiterConfig={"Delay": 1})
    before = history(first), resources(first)
    kill_cloud(first)
    again = start_cloud(tmp_path, 0, "--keep")
    after = history(again), resources(again)
    stop_cloud(again)

    assert told < QUEUES * MOST_PER_RESOURCE
    assert after == before
    assert after[1].keys() == {"Topic", *(f"Queue{number}" for number in range(QUEUES - 1))}
