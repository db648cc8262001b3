"""What a resource type is: how to make, change and take away one resource through the local cloud's own API.

A type registers itself by being declared; a type that nobody declared is an error, never skipped. Knows no type itself.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from localcloud.settings import Cloud
from localcloud.templates import acting
from localcloud.templates.errors import ResourceFailed

Properties = dict[str, Any]
SUFFIX_LENGTH = 12
CUSTOM = "AWS::CloudFormation::CustomResource"
KINDS: dict[str, Kind] = {}


@dataclass(frozen=True)
class Place:
    """Where a resource belongs: its cloud, region, stack, logical id and type; ``tags`` are the stack's."""

    cloud: Cloud
    region: str
    stack: str
    stack_id: str
    logical_id: str
    type: str
    capabilities: tuple[str, ...] = ()  # what the caller said yes to
    tags: Mapping[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A boto3 client in the stack's region."""
        return acting.client(self.cloud, service, self.region)

    def name(self, limit: int, *, lower: bool = False, prefix: str | None = None) -> str:
        """A physical name as CloudFormation makes one: stack, logical id and a random suffix, within ``limit``.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
        """
        letters = string.ascii_lowercase if lower else string.ascii_letters
        suffix = "".join(secrets.choice(letters + string.digits) for _ in range(SUFFIX_LENGTH))
        room = limit - SUFFIX_LENGTH - 1
        head = f"{self.stack}-{self.logical_id}" if prefix is None else prefix
        if len(head) > room and prefix is None:
            half = (room - 1) // 2
            stack = self.stack[: max(half, room - 1 - len(self.logical_id))]
            head = f"{stack}-{self.logical_id[: room - 1 - len(stack)]}"
        name = f"{head[:room]}-{suffix}"
        return name.lower() if lower else name

    def arn(self, service: str, resource: str) -> str:
        """An ARN in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.cloud.account_id}:{resource}"

    def tag_list(self, own: Any = None) -> list[dict[str, str]]:
        """The stack's tags and the resource's own, which win; as a list of Key and Value."""
        stated = own if isinstance(own, dict) else {tag["Key"]: tag["Value"] for tag in own or []}
        return [{"Key": key, "Value": str(value)} for key, value in {**self.tags, **stated}.items()]

    def tag_map(self, own: Any = None) -> dict[str, str]:
        """The same as a map."""
        return {tag["Key"]: tag["Value"] for tag in self.tag_list(own)}


@dataclass(frozen=True)
class Made:
    """A resource that exists: what ``Ref`` and ``Fn::GetAtt`` answer."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Kind:
    """One resource type. ``properties`` are those it acts upon; any other is refused, so that nothing is dropped.

    ``create`` makes the resource and answers at once; ``stabilize`` applies what takes further calls (``old`` is empty
    after creation); ``change`` updates in place what creation set. A change of one of ``replaces`` makes a new one.
    """

    type: ClassVar[str]
    properties: ClassVar[str]
    replaces: ClassVar[str] = ""
    required: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        if "type" in vars(cls):  # what several types share has none
            KINDS[cls.type] = cls()

    def create(self, place: Place, wanted: Properties) -> Made:
        """Make it."""
        raise NotImplementedError

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change in place what ``create`` set. Types that cannot list all their properties in ``replaces``."""
        del place, old, new
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        """Apply what takes further calls, where ``old`` and ``new`` differ."""

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Take it away; one that is gone already is fine (the caller tells by the error's code)."""
        raise NotImplementedError

    def check(self, wanted: Mapping[str, Any]) -> None:
        """Refuse properties that nothing here would act upon.

        Raises:
            ResourceFailed: naming them.
        """
        unknown = sorted(set(wanted) - set(self.properties.split()))
        if unknown:
            raise ResourceFailed(
                f"Properties validation failed for resource of type {self.type} with message: "
                f"#: extraneous key [{unknown[0]}] is not permitted (the local cloud acts upon: {self.properties})"
            )
        missing = [name for name in self.required.split() if name not in wanted]
        if missing:
            raise ResourceFailed(
                f"Properties validation failed for resource of type {self.type} with message: "
                f"#: required key [{missing[0]}] not found"
            )

    def unplayed(self, wanted: Mapping[str, Any]) -> str | None:
        """Why such a resource would not do what it says, where its values tell before anything is made."""
        del wanted
        return None

    def remark(self, wanted: Mapping[str, Any]) -> str | None:
        """What is otherwise here than the template says, for the stack's events."""
        del wanted
        return None

    def must_replace(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Whether the change from ``old`` to ``new`` takes a new resource."""
        names = set(old) | set(new) if self.replaces == "*" else set(self.replaces.split())
        return any(old.get(name) != new.get(name) for name in names)


def changed(old: Mapping[str, Any], new: Mapping[str, Any], *names: str) -> bool:
    """Whether any of the named properties differs."""
    return any(old.get(name) != new.get(name) for name in names)


def kind_of(type_: str) -> Kind | None:
    """The resource type of that name, if there is one; every ``Custom::…`` is a custom resource."""
    return KINDS.get(CUSTOM if type_.startswith("Custom::") else type_)


def known(type_: str) -> Kind:
    """The same, where it is known to be there."""
    kind = kind_of(type_)
    if kind is None:
        raise ResourceFailed(f"Unrecognized resource type {type_}")
    return kind
