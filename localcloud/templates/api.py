"""CloudFormation's wire: operations in, answers out. moto parses and serialises; nothing else of its CloudFormation
is used (it skips unknown types in silence, forgets outputs, and cannot roll back).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from localcloud.background import spawn
from localcloud.settings import Cloud
from localcloud.templates import execution, views
from localcloud.templates.document import parse
from localcloud.templates.errors import (
    ChangeSetStateWrong,
    ChangeSetUnknown,
    StackExists,
    TemplateInvalid,
)
from localcloud.templates.stacks import ChangeSet, Region, Request, Stack

NO_UPDATES = "No updates are to be performed."
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_BUCKET_URL = re.compile(r"https?://[^/]+/(?P<bucket>[^/]+)/(?P<key>[^?]+)(\?versionId=(?P<version>.+))?")
_VIRTUAL_URL = re.compile(r"https?://(?P<bucket>[^/]+?)\.s3[.-][^/]*/(?P<key>[^?]+)(\?versionId=(?P<version>.+))?")
SOON_S = 3.0  # a small stack is done before the call that changes it answers: the clients' waiters look every 30 s
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


class Regions:
    """Every region's stacks."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._regions: dict[str, Region] = {}

    def __getitem__(self, name: str) -> Region:
        return self._regions.setdefault(name, Region(self._cloud, name))

    def known(self) -> list[tuple[str, Region]]:
        """Those that somebody asked for."""
        return list(self._regions.items())


REGIONS: list[Regions] = []  # filled by install: the response class is made by moto, once per call


class StacksResponse(BaseResponse):  # type: ignore[misc] # moto is untyped here
    """One CloudFormation call."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def call_action(self) -> Any:
        """Dispatch, with this package's errors in CloudFormation's shape."""
        name = self._get_action()
        method = _OPERATIONS.get(name)
        try:
            if method is None:
                raise TemplateInvalid(
                    f"{name} is not supported by the local cloud; it has: {', '.join(sorted(_OPERATIONS))}"
                )
            answer = ActionResult(method(REGIONS[0][self.region], self._get_params()))
        except TemplateInvalid as error:
            answer = ActionResult(_fault(error))
        except ClientError as error:
            answer = ActionResult(_fault(TemplateInvalid(str(error))))
        status, headers, body = self.serialized(answer)
        return status, headers, body


class Fault(ServiceException):  # type: ignore[misc] # moto is untyped here
    """An error on the wire. (moto takes the service from the module of the exception's class.)"""


def _fault(error: TemplateInvalid) -> Fault:
    return Fault(error.code, str(error))


def _template_text(region: Region, asked: dict[str, Any], stack: Stack | None) -> str:
    if asked.get("TemplateBody"):
        return str(asked["TemplateBody"])
    if asked.get("TemplateURL"):
        url = asked["TemplateURL"]
        match = _VIRTUAL_URL.fullmatch(url) or _BUCKET_URL.fullmatch(url)
        if not match:
            raise TemplateInvalid(f"TemplateURL must be a supported URL: {url}")
        version = {"VersionId": match["version"]} if match["version"] else {}
        found = region.cloud.client("s3", region.region).get_object(Bucket=match["bucket"], Key=match["key"], **version)
        text: str = found["Body"].read().decode()
        return text
    if asked.get("UsePreviousTemplate") and stack and stack.request:
        return stack.request.original
    raise TemplateInvalid("Either Template URL or Template Body must be specified.")


def _create_stack(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    with region.lock:
        if region.named(asked["StackName"]):
            raise StackExists(f"Stack [{asked['StackName']}] already exists")
        stack = region.add(asked["StackName"], "CREATE_IN_PROGRESS")
        try:
            request = region.request(asked, _template_text(region, asked, None), stack)
            region.plan(stack, request)
        except BaseException:
            del region.stacks[stack.id]
            raise
    stack.request = request
    spawn(execution.create, region, stack, request)
    return {"StackId": stack.id}


def _update_stack(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    stack = _updatable(region, asked["StackName"])
    request = region.request(asked, _template_text(region, asked, stack), stack)
    if not _differs(region, stack, request, region.plan(stack, request)):
        raise TemplateInvalid(NO_UPDATES)
    stack.status = "UPDATE_IN_PROGRESS"
    spawn(execution.update, region, stack, request)
    return {"StackId": stack.id}


def _updatable(region: Region, name: str) -> Stack:
    stack = region.existing(name)
    if stack.status not in _UPDATABLE:
        raise TemplateInvalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
    return stack


def _differs(region: Region, stack: Stack, request: Request, planned: list[Any]) -> bool:
    if planned or stack.request is None or dict(stack.request.tags) != dict(request.tags):
        return True
    return [vars(output) for output in stack.outputs] != [vars(output) for output in region.outputs(stack, request)]


def _create_change_set(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    kind = asked.get("ChangeSetType", "UPDATE")
    with region.lock:
        stack, is_new = _stack_for(region, asked["StackName"], kind)
        if asked["ChangeSetName"] in stack.change_sets:
            raise StackExists(f"ChangeSet {asked['ChangeSetName']} already exists")
        try:
            change_set = _planned(region, stack, asked, kind)
        except BaseException:
            if is_new:
                del region.stacks[stack.id]
            raise
        stack.change_sets[change_set.name] = change_set
    return {"Id": change_set.id, "StackId": stack.id}


def _stack_for(region: Region, name: str, kind: str) -> tuple[Stack, bool]:
    stack = region.named(name)
    if kind == "CREATE":
        if stack and stack.status != "REVIEW_IN_PROGRESS":
            raise TemplateInvalid(f"Stack [{name}] already exists and cannot be created again with the changeSet.")
        if stack:
            return stack, False
        stack = region.add(name, "REVIEW_IN_PROGRESS")
        stack.tell("REVIEW_IN_PROGRESS", "User Initiated")
        return stack, True
    return _updatable(region, name), False


def _planned(region: Region, stack: Stack, asked: dict[str, Any], kind: str) -> ChangeSet:
    previous = stack if kind == "UPDATE" else None
    request = region.request(asked, _template_text(region, asked, previous), stack)
    planned = region.plan(stack, request)
    empty = kind == "UPDATE" and not _differs(region, stack, request, planned)
    reason = (NO_UPDATES if "Transform" in parse(request.original) else NO_CHANGES) if empty else None
    name = asked["ChangeSetName"]
    arn = f"arn:aws:cloudformation:{region.region}:{region.cloud.account_id}:changeSet/{name}/{uuid.uuid4()}"
    return ChangeSet(
        arn,
        name,
        kind,
        request,
        planned,
        "FAILED" if empty else "CREATE_COMPLETE",
        reason,
        "UNAVAILABLE" if empty else "AVAILABLE",
        datetime.now(UTC),
        asked.get("Description"),
    )


def _change_set(region: Region, asked: dict[str, Any]) -> tuple[Stack, ChangeSet]:
    name = asked["ChangeSetName"]
    for stack in region.stacks.values():
        if asked.get("StackName") not in (None, stack.name, stack.id):
            continue
        for change_set in stack.change_sets.values():
            if name in (change_set.id, change_set.name):
                return stack, change_set
    raise ChangeSetUnknown(f"ChangeSet [{name}] does not exist")


def _execute_change_set(region: Region, asked: dict[str, Any]) -> None:
    with region.lock:
        stack, change_set = _change_set(region, asked)
        if change_set.execution != "AVAILABLE":
            raise ChangeSetStateWrong(
                f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]"
            )
        change_set.execution = "EXECUTE_IN_PROGRESS"
        request = change_set.request
        if "DisableRollback" in asked:
            request = Request(**{**vars(request), "disable_rollback": bool(asked["DisableRollback"])})
        creates = change_set.type == "CREATE"
        stack.status = "CREATE_IN_PROGRESS" if creates else "UPDATE_IN_PROGRESS"
        stack.change_sets.clear()
        if creates:
            stack.request = request
    spawn(execution.create if creates else execution.update, region, stack, request).join(SOON_S)


def _delete_change_set(region: Region, asked: dict[str, Any]) -> None:
    stack, change_set = _change_set(region, asked)
    stack.change_sets.pop(change_set.name, None)


def _delete_stack(region: Region, asked: dict[str, Any]) -> None:
    stack = region.named(asked["StackName"])
    if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
        return
    users = [name for name, (_, owner) in region.exports().items() if owner is stack and _imports(region, name)]
    if users:
        raise TemplateInvalid(f"Export {users[0]} cannot be deleted as it is in use by {_imports(region, users[0])[0]}")
    stack.status = "DELETE_IN_PROGRESS"
    spawn(execution.delete, region, stack, tuple(asked.get("RetainResources") or ())).join(SOON_S)


def _imports(region: Region, export: str) -> list[str]:
    wanted = json.dumps({"Fn::ImportValue": export})
    return [
        stack.name
        for stack in region.stacks.values()
        if stack.request and stack.status != "DELETE_COMPLETE" and wanted in json.dumps(stack.request.template)
    ]


def _describe_change_set(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    return views.change_set(*_change_set(region, asked))


def _describe_stacks(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("StackName"):
        return {"Stacks": [views.stack(region.existing(asked["StackName"]))]}
    return {"Stacks": [views.stack(one) for one in region.stacks.values() if one.status != "DELETE_COMPLETE"]}


def _validate_template(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    return views.validated(parse(_template_text(region, asked, None)))


def _template_summary(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("StackName"):
        stack = region.existing(asked["StackName"])
        text = stack.request.original if stack.request else "{}"
    else:
        text = _template_text(region, asked, None)
    return views.summary(parse(text))


def _get_template(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    stack = _change_set(region, asked)[0] if asked.get("ChangeSetName") else region.existing(asked["StackName"])
    return views.template(stack, asked.get("TemplateStage", "Original"))


def _of_stack(view: Callable[[Stack, dict[str, Any]], dict[str, Any]]) -> Callable[[Region, dict[str, Any]], Any]:
    return lambda region, asked: view(region.existing(asked["StackName"]), asked)


def _set_protection(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    return {"StackId": region.existing(asked["StackName"]).id}


_OPERATIONS: dict[str, Callable[[Region, dict[str, Any]], Any]] = {
    "CreateStack": _create_stack,
    "UpdateStack": _update_stack,
    "DeleteStack": _delete_stack,
    "CreateChangeSet": _create_change_set,
    "DescribeChangeSet": _describe_change_set,
    "ExecuteChangeSet": _execute_change_set,
    "DeleteChangeSet": _delete_change_set,
    "ListChangeSets": _of_stack(views.change_sets),
    "DescribeStacks": _describe_stacks,
    "ListStacks": lambda region, asked: views.stacks(list(region.stacks.values()), asked),
    "DescribeStackEvents": _of_stack(views.events),
    "DescribeStackResources": lambda region, asked: views.resources(_owner(region, asked), asked),
    "DescribeStackResource": _of_stack(views.resource),
    "ListStackResources": _of_stack(views.resource_list),
    "GetTemplate": _get_template,
    "GetTemplateSummary": _template_summary,
    "ValidateTemplate": _validate_template,
    "ListExports": lambda region, asked: views.exports(region.exports()),
    "UpdateTerminationProtection": _set_protection,
}


def _owner(region: Region, asked: dict[str, Any]) -> Stack:
    if asked.get("StackName"):
        return region.existing(asked["StackName"])
    for stack in region.stacks.values():
        if any(one.made.physical_id == asked.get("PhysicalResourceId") for one in stack.resources.values()):
            return stack
    raise TemplateInvalid(f"Stack for {asked.get('PhysicalResourceId')} does not exist")
