"""Calls that change a whole stack at once: create, update, delete; and what those share that plan a change first."""

from __future__ import annotations

import json
import re
from typing import Any

from localcloud.background import spawn
from localcloud.templates import acting, execution
from localcloud.templates.errors import StackExists, TemplateInvalid
from localcloud.templates.stacks import Region, Request, Stack, role_of

NO_UPDATES = "No updates are to be performed."
_BUCKET_URL = re.compile(r"https?://[^/]+/(?P<bucket>[^/]+)/(?P<key>[^?]+)(\?versionId=(?P<version>.+))?")
_VIRTUAL_URL = re.compile(r"https?://(?P<bucket>[^/]+?)\.s3[.-][^/]*/(?P<key>[^?]+)(\?versionId=(?P<version>.+))?")
SOON_S = 3.0  # a small stack is done before the call that changes it answers: the clients' waiters look every 30 s
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


def create(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    """CreateStack."""
    with region.lock:
        if region.named(asked["StackName"]):
            raise StackExists(f"Stack [{asked['StackName']}] already exists")
        stack = region.add(asked["StackName"], "CREATE_IN_PROGRESS")
        try:
            request = region.request(asked, template_text(region, asked, None), stack)
            region.plan(stack, request)
        except BaseException:
            del region.stacks[stack.id]
            raise
    stack.request = request
    spawn(acting.going_on(execution.create), region, stack, request)
    return {"StackId": stack.id}


def update(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    """UpdateStack."""
    stack = updatable(region, asked["StackName"])
    request = region.request(asked, template_text(region, asked, stack), stack)
    if not differs(region, stack, request, region.plan(stack, request)):
        raise TemplateInvalid(NO_UPDATES)
    stack.status = "UPDATE_IN_PROGRESS"
    spawn(acting.going_on(execution.update), region, stack, request)
    return {"StackId": stack.id}


def delete(region: Region, asked: dict[str, Any]) -> None:
    """DeleteStack; nothing is done about a stack that is gone."""
    stack = region.named(asked["StackName"])
    if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
        return
    users = [name for name, (_, owner) in region.exports().items() if owner is stack and _imports(region, name)]
    if users:
        raise TemplateInvalid(f"Export {users[0]} cannot be deleted as it is in use by {_imports(region, users[0])[0]}")
    role, retained = role_of(asked, stack), tuple(asked.get("RetainResources") or ())
    acting.take_on(role, stack.id)
    stack.status = "DELETE_IN_PROGRESS"
    spawn(acting.going_on(execution.delete), region, stack, retained, role).join(SOON_S)


def _imports(region: Region, export: str) -> list[str]:
    wanted = json.dumps({"Fn::ImportValue": export})
    return [
        stack.name
        for stack in region.stacks.values()
        if stack.request and stack.status != "DELETE_COMPLETE" and wanted in json.dumps(stack.request.template)
    ]


def template_text(region: Region, asked: dict[str, Any], stack: Stack | None) -> str:
    """The template that a call brings, or where it lies; with UsePreviousTemplate the one that ``stack`` has.

    Raises:
        TemplateInvalid: it brings none.
    """
    if asked.get("TemplateBody"):
        return str(asked["TemplateBody"])
    if asked.get("TemplateURL"):
        url = asked["TemplateURL"]
        match = _VIRTUAL_URL.fullmatch(url) or _BUCKET_URL.fullmatch(url)
        if not match:
            raise TemplateInvalid(f"TemplateURL must be a supported URL: {url}")
        version = {"VersionId": match["version"]} if match["version"] else {}
        found = acting.client(region.cloud, "s3", region.region).get_object(
            Bucket=match["bucket"], Key=match["key"], **version
        )
        text: str = found["Body"].read().decode()
        return text
    if asked.get("UsePreviousTemplate") and stack and stack.request:
        return stack.request.original
    raise TemplateInvalid("Either Template URL or Template Body must be specified.")


def updatable(region: Region, name: str) -> Stack:
    """A stack that may be changed now.

    Raises:
        TemplateInvalid: it is not there, or something is under way.
    """
    stack = region.existing(name)
    if stack.status not in _UPDATABLE:
        raise TemplateInvalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
    return stack


def differs(region: Region, stack: Stack, request: Request, planned: list[Any]) -> bool:
    """Whether ``request`` changes anything: resources, tags or outputs."""
    if planned or stack.request is None or dict(stack.request.tags) != dict(request.tags):
        return True
    return [vars(output) for output in stack.outputs] != [vars(output) for output in region.outputs(stack, request)]
