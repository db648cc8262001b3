"""Stacks, their change sets and their events: what is there and what was asked. The acting is in ``execution``."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localcloud import journaling
from localcloud.persistence import records
from localcloud.settings import Cloud
from localcloud.templates import acting, changes, sam
from localcloud.templates.changes import Change, Resource
from localcloud.templates.errors import CapabilityMissing, ResourceFailed, TemplateInvalid, unresolved
from localcloud.templates.language import parameters
from localcloud.templates.language.document import Template, parse
from localcloud.templates.language.intrinsics import Scope, resolve
from localcloud.templates.resource_types import Place

STACK_TYPE = "AWS::CloudFormation::Stack"
API_TYPES = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_API_ADDRESS = re.compile(r"https?://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


@dataclass(frozen=True)
class Event:
    """One line of a stack's history."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    at: datetime
    properties: str | None = None


@dataclass(frozen=True)
class Request:
    """What a caller asks a stack to become: the text it gave, the template after transforms, and its parameters."""

    original: str
    template: Template
    stated: Mapping[str, str]
    values: Mapping[str, Any]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    disable_rollback: bool = False
    role_arn: str | None = None  # that makes, changes and takes away the resources


@dataclass
class ChangeSet:
    """A planned change that waits to be executed."""

    id: str
    name: str
    type: str
    request: Request
    changes: list[Change]
    status: str
    reason: str | None
    execution: str
    created: datetime
    description: str | None = None


@dataclass
class Output:
    """One output of a stack."""

    key: str
    value: str
    description: str | None
    export: str | None


@dataclass
class Stack:
    """One stack: the resources that are there and how they came to be."""

    name: str
    id: str
    status: str
    created: datetime
    request: Request | None = None
    reason: str | None = None
    updated: datetime | None = None
    deleted: datetime | None = None
    change_set_id: str | None = None  # that made the stack, or changed it last
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    busy: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def tell(self, status: str, reason: str | None = None, resource: tuple[str, str, str] | None = None) -> None:
        """Add an event: of the stack itself (its status becomes this), or of (logical id, type, physical id)."""
        logical_id, kind, physical_id = resource or (self.name, STACK_TYPE, self.id)
        if resource is None:
            self.status, self.reason = status, reason
        event = Event(str(uuid.uuid4()), logical_id, physical_id, kind, status, reason, datetime.now(UTC))
        with journaling.LOCK:  # nobody writes the stack down between event and record: it would have the event twice
            self.events.append(event)
            if resource is not None:  # a stack is large, and a deployment tells of each of its resources twice
                journaling.record(happened, self.id, event, self.resources.get(logical_id))
        if resource is None:
            journaling.flush("cloudformation")


def role_of(asked: Mapping[str, Any], stack: Stack | None) -> str | None:
    """The service role that a call names, or the one that the stack has: it keeps one until a call names another."""
    kept = stack.request.role_arn if stack and stack.request else None
    return asked.get("RoleARN") or kept


class Region:
    """The stacks of one region."""

    def __init__(self, cloud: Cloud, region: str) -> None:
        self.cloud = cloud
        self.region = region
        self.stacks: dict[str, Stack] = {}  # by id; a deleted stack stays, as in AWS
        self.lock = threading.RLock()

    def named(self, name: str) -> Stack | None:
        """A stack by name (not deleted) or by id."""
        if name in self.stacks:
            return self.stacks[name]
        live = [stack for stack in self.stacks.values() if stack.name == name and stack.status != "DELETE_COMPLETE"]
        return live[-1] if live else None

    def existing(self, name: str) -> Stack:
        """The same, or an error as AWS words it."""
        stack = self.named(name)
        if stack is None:
            raise TemplateInvalid(f"Stack with id {name} does not exist")
        return stack

    def add(self, name: str, status: str) -> Stack:
        """A new stack with nothing in it."""
        stack_id = f"arn:aws:cloudformation:{self.region}:{self.cloud.account_id}:stack/{name}/{uuid.uuid4()}"
        stack = Stack(name, stack_id, status, datetime.now(UTC))
        self.stacks[stack_id] = stack
        return stack

    def request(self, asked: Mapping[str, Any], text: str, stack: Stack | None) -> Request:
        """What a CreateStack, UpdateStack or CreateChangeSet call asks for.

        Raises:
            TemplateInvalid: the template, a parameter, a capability or the role is wrong.
        """
        previous = stack.request if stack else None
        role = role_of(asked, stack)
        acting.take_on(role, stack.id if stack else "")
        original = parse(text)
        stated = parameters.given(asked.get("Parameters") or [], original, previous.stated if previous else {})
        texts = parameters.complete(original, stated)
        with acting.under(self.cloud, role):
            values = parameters.typed(original, texts, self._ssm)
        template = sam.translate(original, values, self.pseudo(stack))
        granted = tuple(asked.get("Capabilities") or ())
        _granted(template, original, granted)
        tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags") or []}
        if "Tags" not in asked and previous:
            tags = dict(previous.tags)
        return Request(text, template, texts, values, tags, granted, bool(asked.get("DisableRollback")), role)

    def pseudo(self, stack: Stack | None) -> dict[str, Any]:
        """The pseudo parameters."""
        return {
            "AWS::AccountId": self.cloud.account_id,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack.name if stack else "",
            "AWS::StackId": stack.id if stack else "",
            "AWS::NotificationARNs": [],
        }

    def scope(
        self, stack: Stack, request: Request, ref: Callable[[str], Any], attribute: Callable[[str, str], Any]
    ) -> Scope:
        """What names mean in ``request``."""
        return Scope(
            request.values,
            self.pseudo(stack),
            request.template,
            ref,
            attribute,
            self._exported,
            self._dynamic,
            self._located,
        )

    def scope_of(self, stack: Stack, request: Request) -> Scope:
        """The same, answering for the resources that are there now."""

        def ref(name: str) -> Any:
            return _there(stack, name).made.physical_id

        def attribute(name: str, key: str) -> Any:
            resource = _there(stack, name)
            if key not in resource.made.attributes:
                raise TemplateInvalid(
                    f"Template error: resource {name} ({resource.type}) does not support attribute type {key} in "
                    f"Fn::GetAtt; it has: {', '.join(sorted(resource.made.attributes))}"
                )
            return resource.made.attributes[key]

        return self.scope(stack, request, ref, attribute)

    def plan(self, stack: Stack, request: Request) -> list[Change]:
        """What has to change so that ``stack`` becomes ``request``."""
        with acting.under(self.cloud, request.role_arn):
            return changes.plan(
                request.template, stack.resources, lambda ref, attribute: self.scope(stack, request, ref, attribute)
            )

    def place(self, stack: Stack, request: Request, logical_id: str, type_: str) -> Place:
        """Where a resource of ``stack`` belongs."""
        return Place(
            self.cloud, self.region, stack.name, stack.id, logical_id, type_, request.capabilities, request.tags
        )

    def outputs(self, stack: Stack, request: Request) -> list[Output]:
        """The outputs whose condition holds, resolved."""
        scope = self.scope_of(stack, request)
        made = []
        for key, spec in (request.template.get("Outputs") or {}).items():
            if "Condition" in spec and not scope.holds(spec["Condition"]):
                continue
            export = resolve(spec["Export"]["Name"], scope) if "Export" in spec else None
            made.append(Output(key, str(resolve(spec["Value"], scope)), spec.get("Description"), export))
        return made

    def exports(self) -> dict[str, tuple[str, Stack]]:
        """Every exported name with its value and stack."""
        return {
            output.export: (output.value, stack)
            for stack in self.stacks.values()
            for output in stack.outputs
            if output.export and stack.status != "DELETE_COMPLETE"
        }

    def _located(self, text: str) -> str:
        """A text in which the address of an API that is here is the one at which it is called here."""
        if ".execute-api." not in text:
            return text
        made = (one for stack in self.stacks.values() for one in stack.resources.values())
        known = {one.made.physical_id for one in made if one.type in API_TYPES}
        return _API_ADDRESS.sub(lambda found: self.cloud.api_url(found[1]) if found[1] in known else found[0], text)

    def _exported(self, name: str) -> str:
        exports = self.exports()
        if name not in exports:
            raise TemplateInvalid(f"No export named {name} found.")
        return exports[name][0]

    def _ssm(self, name: str) -> str:
        found = acting.client(self.cloud, "ssm", self.region).get_parameter(Name=name, WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def _dynamic(self, service: str, key: str) -> str:
        if service not in ("ssm", "ssm-secure"):
            raise TemplateInvalid(f"Dynamic references to {service} are not supported by the local cloud: {key}")
        return self._ssm(key)


# --- redo


def happened(stack_id: str, event: Event, resource: Resource | None) -> None:
    """Restore an event of a resource, and what the stack had of the resource then; None: nothing (any more)."""
    stack: Stack = records.loaded("localcloud.templates", (stack_id.split(":")[3], stack_id))
    stack.events.append(event)
    if resource is None:
        stack.resources.pop(event.logical_id, None)
    else:
        stack.resources[event.logical_id] = resource


def _there(stack: Stack, name: str) -> Resource:
    if name not in stack.resources:
        raise ResourceFailed(unresolved(name))
    return stack.resources[name]


def _granted(template: Template, original: Template, capabilities: tuple[str, ...]) -> None:
    del original
    needed = changes.capabilities(template)
    if needed and not ({"CAPABILITY_NAMED_IAM"} | needed) & set(capabilities):
        raise CapabilityMissing(f"Requires capabilities : [{', '.join(sorted(needed))}]")
