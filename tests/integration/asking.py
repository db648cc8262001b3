"""Asking a local cloud, and holding each answer to botocore's model of its operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import boto3
from answer_shapes import faults
from botocore import xform_name
from botocore.config import Config
from cloud import CloudServer


class Asked:
    """A client of one service that notes what is wrong with each answer, and which of its members were there."""

    def __init__(self, cloud: CloudServer, service: str) -> None:
        """Nothing is asked yet."""
        self.cloud = cloud
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.sent: dict[str, set[str]] = defaultdict(set)
        self._client = boto3.client(
            service, endpoint_url=cloud.url, region_name="us-east-1", aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=120, inject_host_prefix=False),
        )  # fmt: skip
        self._client.meta.events.register("before-parse", self._look)

    def __call__(self, operation: str, **request: Any) -> Any:
        """The answer, as botocore reads it."""
        answer = getattr(self._client, xform_name(operation))(**request)
        answer.pop("ResponseMetadata")
        self.sent[operation] |= set(paths(self._client.meta.service_model.operation_model(operation), answer))
        return answer

    def other(self, service: str) -> Any:
        """A client of another service, whose answers nobody looks at."""
        return self.cloud.client(service)

    def _look(self, operation_model: Any, response_dict: Any, **_: Any) -> None:
        if response_dict["status_code"] < 300:
            body = None if operation_model.has_streaming_output else response_dict["body"]
            found = faults(operation_model, response_dict["status_code"], response_dict["headers"], body)
            self.faults[operation_model.name] += [one for one in found if one not in self.faults[operation_model.name]]


def paths(operation: Any, answer: dict[str, Any]) -> Iterator[str]:
    """The members of an answer, and those of its structures and of its lists' entries."""
    shape = operation.output_shape
    for name, value in answer.items():
        yield name
        parts = value if isinstance(value, list) else [value]
        if shape is not None and name in shape.members and below(shape.members[name]) is not None:
            yield from (f"{name}.{part}" for one in parts if isinstance(one, dict) for part in one)


def below(shape: Any) -> Any:
    """The structure that a member is, or is a list of; None: it is neither."""
    inner = shape.member if shape.type_name == "list" else shape
    return inner if inner.type_name == "structure" else None


def known(operation: Any) -> Iterator[str]:
    """Every member that an answer may have, two levels deep."""
    shape = operation.output_shape
    for name, member in shape.members.items() if shape is not None else ():
        yield name
        if (inner := below(member)) is not None:
            yield from (f"{name}.{part}" for part in inner.members)
