"""What we say, as data, for those who say what AWS does: ``python tests/referee/ours.py > FILE``, in .venv.

The roles' policies, what the end-to-end runs asked of IAM, what a script-mode training is told, and the table of event
patterns.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "contract"), str(ROOT / "tests" / "unit")]

import role_policies  # noqa: E402 - it lies beside the contract tests
import test_event_patterns_table  # noqa: E402 - and this beside the unit tests

from localcloud.sagemaker.jobs.workspace import training_variables  # noqa: E402

HYPERPARAMETERS = [
    {"eta": "0.3", "num_round": "400"},
    {"verbose": "true", "seed": "null"},
    {"n": "5"},
    {"layers": "[1, 2]", "weights": '{"b": 2, "a": 1}'},
    {"name": '"a b"', "path": "s3://bucket/key", "quoted": "it's"},
    {"learning-rate": "1e-3"},
]
CHANNELS: dict[str, Any] = {"train": {}, "my-data": {}}
RESOURCES = {"hosts": ["algo-1"], "current_host": "algo-1", "network_interface_name": "eth0"}


def ours() -> dict[str, Any]:
    """Policies by role, recorded requests, variables by hyperparameters, and which event matches which pattern."""
    policies: dict[str, list[Any]] = {}
    for where, statement in role_policies.synthesised().found.items():
        if where.kind == "identity":
            policies.setdefault(where.holder.rpartition("/")[2], []).append(statement)
    return {
        "policies": {role: {"Version": "2012-10-17", "Statement": found} for role, found in policies.items()},
        "requests": json.loads(role_policies.RECORDED.read_text()),
        "trainings": [
            {
                "hyperparameters": one,
                "channels": sorted(CHANNELS),
                "variables": training_variables(one, CHANNELS, RESOURCES),
            }
            for one in HYPERPARAMETERS
        ],
        "matches": [row for rows in test_event_patterns_table.TABLE.values() for row in rows],
    }


def training(hyperparameters: dict[str, str]) -> dict[str, Any]:
    """What a program is told of its hyperparameters and channels."""
    variables = training_variables(hyperparameters, CHANNELS, RESOURCES)
    return {"hyperparameters": hyperparameters, "channels": sorted(CHANNELS), "variables": variables}


if __name__ == "__main__":
    json.dump(ours(), sys.stdout)
