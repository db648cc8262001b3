"""One permission that a call needs, and where ARNs begin. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.iam.policies import Context

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class RequiredPermission:
    """One action on one resource; ``context`` holds the keys that only this call has."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where ARNs begin."""

    region: str
    account: str

    def arn(self, service: str, rest: str) -> str:
        """The ARN of a resource of this account; what is one already stays as it is."""
        return rest if rest.startswith("arn:") else f"arn:aws:{service}:{self.region}:{self.account}:{rest}"
