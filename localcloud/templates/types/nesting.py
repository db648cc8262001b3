"""Resources that CloudFormation makes by itself: nested stacks and custom resources."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from localcloud.templates import custom_resources
from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties

LOOK_EVERY_S = 0.1
_NO_UPDATES = "No updates are to be performed"


class NestedStack(Kind):
    """Ref is the stack's ARN; GetAtt ``Outputs.<name>`` its outputs. It is there when all of it is."""

    type = "AWS::CloudFormation::Stack"
    properties = "TemplateURL Parameters Tags"
    required = "TemplateURL"

    def create(self, place: Place, wanted: Properties) -> Made:
        client = place.client("cloudformation")
        arn = client.create_stack(StackName=place.name(128), **_asked(place, wanted))["StackId"]
        status = _rested(client, arn)
        if status["StackStatus"] != "CREATE_COMPLETE":
            why = _why(client, arn)
            _take_away(client, arn)
            raise ResourceFailed(f"Embedded stack {arn} was not successfully created: {why}")
        return Made(arn, _outputs(status))

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        client, arn = place.client("cloudformation"), made.physical_id
        try:
            client.update_stack(StackName=arn, **_asked(place, new))
        except ClientError as error:
            if _NO_UPDATES not in str(error):
                raise
        status = _rested(client, arn)
        if status["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise ResourceFailed(f"Embedded stack {arn} was not successfully updated: {_why(client, arn)}")
        return Made(arn, _outputs(status))

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        _take_away(place.client("cloudformation"), made.physical_id)


def _asked(place: Place, wanted: Properties) -> dict[str, Any]:
    given = wanted.get("Parameters") or {}
    tags = place.tag_list(wanted.get("Tags"))
    return {
        "TemplateURL": wanted["TemplateURL"],
        "Parameters": [{"ParameterKey": key, "ParameterValue": _text(value)} for key, value in given.items()],
        "Capabilities": list(place.capabilities),
        **({"Tags": tags} if tags else {}),
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(_text, value)) if isinstance(value, list) else str(value)


def _rested(client: Any, arn: str) -> dict[str, Any]:
    """The stack when nothing goes on in it any more."""
    while True:
        found: dict[str, Any] = client.describe_stacks(StackName=arn)["Stacks"][0]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found
        time.sleep(LOOK_EVERY_S)


def _why(client: Any, arn: str) -> str:
    events = client.describe_stack_events(StackName=arn)["StackEvents"]
    failed = [one for one in events if one["ResourceStatus"].endswith("_FAILED") and one["PhysicalResourceId"] != arn]
    reasons = [f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', '')}" for one in reversed(failed)]
    return "; ".join(reasons) or "no reason was given"


def _take_away(client: Any, arn: str) -> None:
    client.delete_stack(StackName=arn)
    status = _rested(client, arn)
    if status["StackStatus"] != "DELETE_COMPLETE":
        raise ResourceFailed(f"Embedded stack {arn} was not successfully deleted: {_why(client, arn)}")


def _outputs(status: Mapping[str, Any]) -> dict[str, str]:
    return {f"Outputs.{one['OutputKey']}": one["OutputValue"] for one in status.get("Outputs") or []}


class CustomResource(Kind):
    """Also every ``Custom::…``. Ref is what the function calls its resource, GetAtt what it says of it."""

    type = "AWS::CloudFormation::CustomResource"
    properties = "ServiceToken ServiceTimeout"
    required = "ServiceToken"
    replaces = "ServiceToken"

    def check(self, wanted: Mapping[str, Any]) -> None:
        if "ServiceToken" not in wanted:
            super().check(wanted)

    def create(self, place: Place, wanted: Properties) -> Made:
        try:
            answer = custom_resources.ask(place, "Create", wanted)
        except custom_resources.Failed as failed:
            if failed.physical_id:
                custom_resources.ask(place, "Delete", wanted, failed.physical_id)
            raise
        return Made(answer["PhysicalResourceId"], answer.get("Data") or {})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        answer = custom_resources.ask(place, "Update", new, made.physical_id, old)
        return Made(answer["PhysicalResourceId"], answer.get("Data") or {})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        custom_resources.ask(place, "Delete", properties, made.physical_id)
