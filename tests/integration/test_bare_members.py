"""Every optional member, alone and at its emptiest and its least, of every operation: answered or refused, never the
server's failure. What the requests are about is there where the least request of a Create makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from bounded_requests import least
from cloud import CloudServer, start_cloud, stop_cloud
from test_least_requests import PLAYED_OR_NOT, operations, status

from localcloud.front import supported

MAKES, UNMAKES = ("Create", "Put", "Register", "Add"), ("Delete", "Deregister", "Remove", "Terminate", "Disable")


@pytest.fixture(scope="module")
def own_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    """A cloud of its own: its things are called what samples are called."""
    cloud = start_cloud(tmp_path_factory.mktemp("bare"))
    yield cloud
    stop_cloud(cloud)


def emptiest(shape: Shape) -> Any:
    """The emptiest value that a shape allows."""
    bounds = shape.metadata
    if isinstance(shape, StructureShape):
        return {name: emptiest(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, (ListShape, MapShape)) and not bounds.get("min"):
        return [] if isinstance(shape, ListShape) else {}
    if shape.type_name == "string" and not bounds.get("min") and not bounds.get("pattern") and not bounds.get("enum"):
        return ""
    return least(shape)


def some(shape: Shape, make: Callable[[Shape], Any]) -> Any:
    """What ``make`` makes of a shape; a letter where no sample fits its pattern: whoever is asked refuses that."""
    try:
        return make(shape)
    except LookupError:
        return "a" if not isinstance(shape, StructureShape) else {}


def bare(operation: OperationModel) -> Iterator[tuple[str, dict[str, Any]]]:
    """The least request, and it with one optional member more, at its emptiest and its least."""
    shape: Any = operation.input_shape
    needed = {member: some(shape.members[member], least) for member in shape.required_members}
    yield "least", needed
    for member, about in shape.members.items():
        if member in needed or member == "ContentLength":  # of a body that is not sent: it would be waited for
            continue
        yield f"{member} empty", needed | {member: some(about, emptiest)}
        yield member, needed | {member: some(about, least)}
        if isinstance(about, StructureShape):
            for below, inner in about.members.items():
                yield f"{member}.{below}", needed | {member: some(about, least) | {below: some(inner, emptiest)}}


def turn(operation: OperationModel) -> int:
    """What makes things comes first, and what takes them away last."""
    return -1 if operation.name.startswith(MAKES) else int(operation.name.startswith(UNMAKES))


@pytest.mark.parametrize("service", supported.SERVICES)
def test_no_bare_member_is_a_failure_of_the_servers(own_cloud: CloudServer, service: str) -> None:
    failed = [
        f"{operation.name} {what}: {found} {said[:300]}"
        for operation in sorted(operations(service), key=turn)
        for what, asked in bare(operation)
        for found, said in (status(own_cloud, operation, asked),)
        if found >= 500 and found != PLAYED_OR_NOT
    ]

    assert failed == []
