"""What CloudFormation says of its resource types, as cfn-lint brings it along."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a resource type.

    Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
    """
    spec = find_spec("cfnlint")  # importing it would take two seconds
    assert spec is not None
    assert spec.origin is not None
    schemas = Path(spec.origin).parent / "data" / "schemas"
    names: dict[str, str] = json.loads((schemas / "providers" / "us-east-1.json").read_text())
    read: dict[str, Any] = json.loads((schemas / "resources" / f"{names[kind]}.json").read_text())
    return read
