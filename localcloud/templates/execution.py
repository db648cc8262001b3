"""Make a stack what a request says: create and change in order, clean up after, and go back when something fails.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

import graphlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.templates import acting, changes
from localcloud.templates.changes import Resource
from localcloud.templates.errors import ResourceFailed, TemplateInvalid
from localcloud.templates.language.intrinsics import resolve
from localcloud.templates.resource_types import Kind, Made, Properties, known
from localcloud.templates.stacks import Region, Request, Stack

GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "404", "ResourceNotFound")
_EXPECTED = (ClientError, BotoCoreError, ResourceFailed, TemplateInvalid)
log = logging.getLogger(__name__)


@dataclass
class Undo:
    """How to take back what one execution has done so far, newest first; and what to clean up once all is well."""

    steps: list[tuple[Resource, Callable[[], None]]] = field(default_factory=list)
    replaced: list[Resource] = field(default_factory=list)


def create(region: Region, stack: Stack, request: Request) -> None:
    """Make everything; on a failure take all of it back (ROLLBACK_COMPLETE), unless rollback is disabled."""
    with stack.busy, acting.under(region.cloud, request.role_arn):
        stack.request = request
        stack.tell("CREATE_IN_PROGRESS", "User Initiated")
        undo = Undo()
        try:
            _apply(region, stack, request, undo)
            stack.outputs = region.outputs(stack, request)
        except Exception as error:  # noqa: BLE001 - whatever fails, the stack comes to an end
            _create_failed(region, stack, undo, request, _reason(error))
        else:
            stack.tell("CREATE_COMPLETE")


def update(region: Region, stack: Stack, request: Request) -> None:
    """Change what differs; on a failure restore what was (UPDATE_ROLLBACK_COMPLETE)."""
    with stack.busy, acting.under(region.cloud, request.role_arn):
        before, outputs = dict(stack.resources), stack.outputs
        stack.updated = datetime.now(UTC)
        stack.tell("UPDATE_IN_PROGRESS", "User Initiated")
        undo = Undo()
        try:
            names = _apply(region, stack, request, undo)
            stack.outputs = region.outputs(stack, request)
        except Exception as error:  # noqa: BLE001 - whatever fails, the stack comes to an end
            stack.tell("UPDATE_ROLLBACK_IN_PROGRESS", _reason(error))
            clean = _take_back(region, stack, undo)
            stack.resources, stack.outputs = before, outputs
            stack.tell("UPDATE_ROLLBACK_COMPLETE" if clean else "UPDATE_ROLLBACK_FAILED")
            return
        stack.request = request
        stack.tell("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        gone = [stack.resources[name] for name in stack.resources if name not in names]
        _remove(region, stack, list(reversed(gone)) + list(reversed(undo.replaced)))
        stack.tell("UPDATE_COMPLETE")


def delete(region: Region, stack: Stack, retain: tuple[str, ...] = (), role: str | None = None) -> None:
    """Take away everything, in the reverse of the order it was made; what refuses leaves DELETE_FAILED."""
    with stack.busy, acting.under(region.cloud, role):
        stack.tell("DELETE_IN_PROGRESS", "User Initiated")
        kept = [stack.resources.pop(name) for name in retain if name in stack.resources]
        for resource in kept:
            _tell(stack, resource, "DELETE_SKIPPED")
        failed = _remove(region, stack, _backwards(stack))
        if failed:
            stack.tell("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
            return
        stack.deleted = datetime.now(UTC)
        stack.outputs = []
        stack.tell("DELETE_COMPLETE")


def _apply(region: Region, stack: Stack, request: Request, undo: Undo) -> list[str]:
    scope = region.scope_of(stack, request)
    names = changes.wanted(request.template, scope)
    for name in names:
        spec = request.template["Resources"][name]
        step = _Step(region, stack, request, name, spec, changes.dependencies(spec, set(names)), undo)
        try:
            step.run(resolve(spec.get("Properties", {}), scope))
        except Exception as error:
            step.failed(_reason(error))
            raise ResourceFailed(f"The following resource(s) failed to {step.verb}: [{name}]. ") from error
        stack.resources[name].depends_on = step.depends_on
    return names


@dataclass
class _Step:
    """One resource on its way to what the template says."""

    region: Region
    stack: Stack
    request: Request
    name: str
    spec: dict[str, Any]
    depends_on: set[str]
    undo: Undo
    verb: str = "create"

    @property
    def kind(self) -> Kind:
        return known(self.spec["Type"])

    @property
    def retain(self) -> bool:
        return self.spec.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")

    def run(self, wanted: Properties) -> None:
        old = self.stack.resources.get(self.name)
        if old is None:
            self.kind.check(wanted)
            self._create(wanted)
        elif old.properties != wanted:
            self.verb = "update"
            self.kind.check(wanted)
            self._replace(old, wanted) if self.kind.must_replace(old.properties, wanted) else self._change(old, wanted)
        elif old.retain != self.retain:
            self.stack.resources[self.name] = _like(old, retain=self.retain)

    def failed(self, reason: str) -> None:
        status = "CREATE_FAILED" if self.verb == "create" else "UPDATE_FAILED"
        there = self.stack.resources.get(self.name)
        self.stack.tell(status, reason, (self.name, self.spec["Type"], there.made.physical_id if there else ""))

    def _create(self, wanted: Properties, done: str = "CREATE_COMPLETE") -> None:
        kind_name = self.spec["Type"]
        self.stack.tell(done.replace("COMPLETE", "IN_PROGRESS"), None, (self.name, kind_name, ""))
        place = self.region.place(self.stack, self.request, self.name, self.spec["Type"])
        made = self.kind.create(place, wanted)
        resource = self._resource(made, wanted, done)
        self.stack.resources[self.name] = resource
        self.undo.steps.append((resource, lambda: self.kind.delete(place, made, wanted)))
        self.kind.stabilize(place, made, {}, wanted)
        _tell(self.stack, resource, done, self.kind.remark(wanted))

    def _replace(self, old: Resource, wanted: Properties) -> None:
        self._create(wanted, "UPDATE_COMPLETE")
        self.undo.replaced.append(_like(old, retain=self.spec.get("UpdateReplacePolicy") == "Retain"))

    def _change(self, old: Resource, wanted: Properties) -> None:
        _tell(self.stack, old, "UPDATE_IN_PROGRESS")
        place = self.region.place(self.stack, self.request, self.name, self.spec["Type"])

        def back() -> None:
            made = self.kind.change(place, old.made, wanted, old.properties)
            self.kind.stabilize(place, made, wanted, old.properties)

        self.undo.steps.append((old, back))
        made = self.kind.change(place, old.made, old.properties, wanted)
        if made.physical_id != old.made.physical_id:  # what was there goes when all is well
            self.undo.replaced.append(_like(old, retain=self.spec.get("UpdateReplacePolicy") == "Retain"))
        self.kind.stabilize(place, made, old.properties, wanted)
        new = self._resource(made, wanted, "UPDATE_COMPLETE")
        self.stack.resources[self.name] = new
        _tell(self.stack, new, "UPDATE_COMPLETE", self.kind.remark(wanted))

    def _resource(self, made: Made, wanted: Properties, status: str) -> Resource:
        now = datetime.now(UTC)
        return Resource(self.name, self.spec["Type"], made, wanted, self.retain, status, None, now, self.depends_on)


def _create_failed(region: Region, stack: Stack, undo: Undo, request: Request, reason: str) -> None:
    if request.disable_rollback:
        stack.tell("CREATE_FAILED", reason)
        return
    stack.tell("ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")
    made = [resource for resource, _ in reversed(undo.steps)]
    for resource in made:
        resource.retain = request.template["Resources"][resource.logical_id].get("DeletionPolicy") == "Retain"
    failed = _remove(region, stack, made)
    stack.tell("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE")


def _take_back(region: Region, stack: Stack, undo: Undo) -> bool:
    clean = True
    for resource, back in reversed(undo.steps):
        try:
            back()
        except Exception as error:  # noqa: BLE001 - whatever fails, the stack comes to an end
            if not is_gone(error):
                clean = False
                _tell(stack, resource, "UPDATE_FAILED", _reason(error))
                continue
        was_there = any(resource.logical_id == old.logical_id for old in undo.replaced) or resource.status.startswith(
            "UPDATE"
        )
        _tell(stack, resource, "UPDATE_COMPLETE" if was_there else "DELETE_COMPLETE")
    return clean


def _remove(region: Region, stack: Stack, resources: list[Resource]) -> list[str]:
    """Take resources away; answers the logical ids of those that refused."""
    failed = []
    for resource in resources:
        name = resource.logical_id
        if not resource.retain:
            _tell(stack, resource, "DELETE_IN_PROGRESS")
            problem = _delete(region, stack, resource)
            if problem:
                failed.append(name)
                _tell(stack, resource, "DELETE_FAILED", problem)
                continue
        if stack.resources.get(name) is resource:
            del stack.resources[name]
        _tell(stack, resource, "DELETE_SKIPPED" if resource.retain else "DELETE_COMPLETE")
    return failed


def _delete(region: Region, stack: Stack, resource: Resource) -> str | None:
    assert stack.request is not None
    place = region.place(stack, stack.request, resource.logical_id, resource.type)
    try:
        known(resource.type).delete(place, resource.made, resource.properties)
    except Exception as error:  # noqa: BLE001 - whatever fails, the stack comes to an end
        return None if is_gone(error) else _reason(error)
    return None


def is_gone(error: Exception) -> bool:
    """Whether a service says that the thing is not there (any more)."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return any(word in code for word in GONE)


def _backwards(stack: Stack) -> list[Resource]:
    graph = {name: resource.depends_on & set(stack.resources) for name, resource in stack.resources.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())
    return [stack.resources[name] for name in reversed(order)]


def _tell(stack: Stack, resource: Resource, status: str, reason: str | None = None) -> None:
    resource.status, resource.reason, resource.stamp = status, reason, datetime.now(UTC)
    stack.tell(status, reason, (resource.logical_id, resource.type, resource.made.physical_id))


def _like(resource: Resource, *, retain: bool) -> Resource:
    return Resource(
        resource.logical_id,
        resource.type,
        resource.made,
        resource.properties,
        retain,
        resource.status,
        resource.reason,
        resource.stamp,
        resource.depends_on,
    )


def _reason(error: Exception) -> str:
    """Why, as CloudFormation words what a service answered."""
    if not isinstance(error, _EXPECTED):  # whatever it is, the stack does not wait for ever for its end
        log.error("a resource failed", exc_info=error)
        return f"Internal failure of the local cloud: {type(error).__name__}: {error} (more in server.log)"
    if not isinstance(error, ClientError):
        return str(error)
    said = error.response["Error"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return (
        f'Resource handler returned message: "{said.get("Message", "")} (Operation: {error.operation_name}, '
        f'Status Code: {status}, Error: {said.get("Code")})"'
    )
