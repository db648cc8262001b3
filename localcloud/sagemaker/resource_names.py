"""Names that the API's shapes refuse: too long, too short, or of another form. botocore knows the rules and checks only
the least length, so a client sends them all.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html and its
neighbours; the words are those of AWS's services
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import Shape, StructureShape


def problems(shape: StructureShape, request: Mapping[str, Any]) -> str:
    """What AWS says of the names in a request of this shape; "" when they are good."""
    found = [
        f"Value '{value}' at '{member[0].lower()}{member[1:]}' failed to satisfy constraint: {rule}"
        for member, rules in shape.members.items()
        if member.endswith("Name") and isinstance(value := request.get(member), str)
        for rule in _broken(value, rules)
    ]
    many = "validation error" if len(found) == 1 else "validation errors"
    return f"{len(found)} {many} detected: {'; '.join(found)}" if found else ""


def _broken(value: str, rules: Shape) -> Iterator[str]:
    least, most, pattern = (rules.metadata.get(name) for name in ("min", "max", "pattern"))
    if most is not None and len(value) > most:
        yield f"Member must have length less than or equal to {most}"
    if least is not None and len(value) < least:
        yield f"Member must have length greater than or equal to {least}"
    if pattern and not re.fullmatch(pattern, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"
