"""State machines for asl-validator: ``python tests/referee/machines.py > FILE``, in .venv.

Our own, with an ARN for each name that the template puts in, and the unit tests' table with what is said of each.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit")]

import machine_definitions  # noqa: E402 - it lies beside the unit tests

VALUES = {"Partition": "aws"}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:any"


def machines() -> list[dict[str, Any]]:
    """Each with its name, its definition, and whether Step Functions makes it."""
    table = [
        {"name": name, "valid": not codes, "definition": definition}
        for name, (codes, definition) in machine_definitions.TABLE.items()
    ]
    return [
        *({"name": path.name, "valid": True, "definition": own(path)} for path in (ROOT / "statemachine").iterdir()),
        *table,
    ]


def own(path: Path) -> Any:
    """One of our definitions as it is deployed."""
    return yaml.safe_load(re.sub(r"\$\{(\w+)\}", lambda found: VALUES.get(found[1], ARN), path.read_text()))


if __name__ == "__main__":
    json.dump(machines(), sys.stdout)
