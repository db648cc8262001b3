"""Change sets: planned, shown, and executed or dropped."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from localcloud.background import spawn
from localcloud.templates import acting, execution
from localcloud.templates.errors import ChangeSetStateWrong, ChangeSetUnknown, StackExists, TemplateInvalid
from localcloud.templates.language.document import parse
from localcloud.templates.operations import NO_UPDATES, SOON_S, differs, template_text, updatable
from localcloud.templates.stacks import ChangeSet, Region, Request, Stack

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def create(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    """CreateChangeSet; for a new stack, the stack is there from now on, with nothing in it."""
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
    return updatable(region, name), False


def _planned(region: Region, stack: Stack, asked: dict[str, Any], kind: str) -> ChangeSet:
    previous = stack if kind == "UPDATE" else None
    request = region.request(asked, template_text(region, asked, previous), stack)
    planned = region.plan(stack, request)
    empty = kind == "UPDATE" and not differs(region, stack, request, planned)
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


def found(region: Region, asked: dict[str, Any]) -> tuple[Stack, ChangeSet]:
    """The change set that a call names, and its stack.

    Raises:
        ChangeSetUnknown: there is none.
    """
    name = asked["ChangeSetName"]
    for stack in region.stacks.values():
        if asked.get("StackName") not in (None, stack.name, stack.id):
            continue
        for change_set in stack.change_sets.values():
            if name in (change_set.id, change_set.name):
                return stack, change_set
    raise ChangeSetUnknown(f"ChangeSet [{name}] does not exist")


def execute(region: Region, asked: dict[str, Any]) -> None:
    """ExecuteChangeSet, once."""
    with region.lock:
        stack, change_set = found(region, asked)
        if change_set.execution != "AVAILABLE":
            raise ChangeSetStateWrong(
                f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]"
            )
        request = change_set.request
        acting.take_on(request.role_arn, stack.id)
        change_set.execution = "EXECUTE_IN_PROGRESS"
        if "DisableRollback" in asked:
            request = Request(**{**vars(request), "disable_rollback": bool(asked["DisableRollback"])})
        creates = change_set.type == "CREATE"
        stack.status = "CREATE_IN_PROGRESS" if creates else "UPDATE_IN_PROGRESS"
        stack.change_sets.clear()
        stack.change_set_id = change_set.id
        if creates:
            stack.request = request
    done = acting.going_on(execution.create if creates else execution.update)
    spawn(done, region, stack, request).join(SOON_S)


def delete(region: Region, asked: dict[str, Any]) -> None:
    """DeleteChangeSet."""
    stack, change_set = found(region, asked)
    stack.change_sets.pop(change_set.name, None)
