"""What a stack adds to every job of a pipeline: its tags, its subnets, and whether containers reach any network. Pure.

Compiled definitions know no stack; this is put in when a model is published.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

OWNER = "retrain-stack"  # the tag that says whose it is, and who pays


@dataclass(frozen=True)
class Surroundings:
    """Where a stack's jobs run, and what they are tagged with."""

    stack: str
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    isolated: bool = False

    @property
    def network(self) -> dict[str, Any]:
        """What a training job or a model says of it."""
        inside = {"Subnets": list(self.subnet_ids), "SecurityGroupIds": list(self.security_group_ids)}
        vpc = {"VpcConfig": inside} if self.subnet_ids else {}
        return vpc | ({"EnableNetworkIsolation": True} if self.isolated else {})


def placed(definition: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    """``definition`` with every job in its surroundings; it is changed in place."""
    tag = {"Key": OWNER, "Value": around.stack}
    for step in _steps(definition["Steps"]):
        if step["Type"] not in ("Processing", "Training", "Tuning", "Transform", "Model"):
            continue
        arguments = step["Arguments"]
        arguments["Tags"] = [*(arguments.get("Tags") or []), tag]
        for owner in _owners(step["Type"], arguments) if around.network else ():
            owner.update(around.network)
    return definition


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        branches = step.get("Arguments") or {}
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(branches.get(branch) or []) if step["Type"] == "Condition" else ()


def _owners(kind: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a step's request that say where its containers run.

    A transform job runs where its model does.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NetworkConfig.html
    """
    if kind == "Processing":
        yield arguments.setdefault("NetworkConfig", {})
    elif kind in ("Training", "Model"):
        yield arguments
    elif kind == "Tuning":
        single = arguments.get("TrainingJobDefinition")
        yield from [single] if single else arguments.get("TrainingJobDefinitions") or []
