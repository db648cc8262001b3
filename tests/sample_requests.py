"""A least request for any operation of any service: what its shape requires, with values of the right form."""

from __future__ import annotations

from typing import Any

from botocore.model import Shape

ARN = "arn:aws:x:us-east-1:123456789012:y/zzzz"


def least_request(shape: Shape | None) -> dict[str, Any]:
    """The required members of an operation's input."""
    found: dict[str, Any] = sample(shape) if shape is not None else {}
    return found


def sample(shape: Shape, name: str = "") -> Any:
    """A value of this shape; of a structure only what it requires, of a union its first member."""
    kind = shape.type_name
    if kind == "structure":
        members = [next(iter(shape.members))] if shape.metadata.get("union") else shape.required_members
        return {member: sample(shape.members[member], member) for member in members}
    if kind == "list":
        return [sample(shape.member, name)] * max(1, shape.metadata.get("min", 1))
    if kind == "map":
        return {"name": sample(shape.value)}
    if kind == "string":
        return _text(shape, name)
    plain = {"boolean": True, "blob": b"abc", "timestamp": 1_700_000_000}
    return plain[kind] if kind in plain else max(1, shape.metadata.get("min", 1))


def _text(shape: Shape, name: str) -> str:
    if shape.metadata.get("enum"):
        return str(shape.metadata["enum"][0])
    start = ARN if name.lower().endswith("arn") else "abc"
    return start.ljust(shape.metadata.get("min", 1), "a")
