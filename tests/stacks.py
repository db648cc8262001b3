"""Stacks through boto3: short ways to make them and to look at them."""

from __future__ import annotations

import itertools
import json
from typing import Any

from cloud import CloudServer, eventually

NUMBERS = itertools.count(1)


class Stacks:
    """The stacks of a local cloud."""

    def __init__(self, cloud: CloudServer) -> None:
        self.cloud = cloud
        self.api = cloud.client("cloudformation")

    def deploy(self, template: Any, name: str | None = None, **settings: Any) -> str:
        """By change set, as the SAM CLI does; answers the stack's id when it has come to rest."""
        kind = "UPDATE" if name else "CREATE"
        made = self.api.create_change_set(
            StackName=name or f"stack-{next(NUMBERS)}",
            ChangeSetName="change",
            ChangeSetType=kind,
            TemplateBody=template if isinstance(template, str) else json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
            **settings,
        )
        self.api.execute_change_set(ChangeSetName=made["Id"])
        self.rest(made["StackId"])
        return made["StackId"]

    def rest(self, stack: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.api.describe_stacks(StackName=stack)["Stacks"][0]
            return None if "IN_PROGRESS" in found["StackStatus"] else found

        return eventually(look, 60, stack)

    def outputs(self, stack: str) -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in self.rest(stack)["Outputs"]}

    def happened(self, stack: str) -> list[tuple[str, str]]:
        events = self.api.describe_stack_events(StackName=stack)["StackEvents"]
        return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(events)]

    def reason(self, stack: str, status: str) -> str:
        events = self.api.describe_stack_events(StackName=stack)["StackEvents"]
        return next(event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == status)

    def visibility(self, url: str) -> str:
        found = self.cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        return found["Attributes"]["VisibilityTimeout"]
