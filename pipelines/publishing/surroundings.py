"""What a stack adds to every job of a pipeline: tags, subnets, whether containers reach any network, and the key. Pure.

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
    key_arn: str = ""  # of outputs and volumes; "" for keys that AWS owns
    without_volume_key: frozenset[str] = frozenset()  # uses whose instances bring storage of their own

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
        if around.key_arn:
            _encrypt(step["Type"], arguments, around)
    return definition


def _encrypt(kind: str, arguments: dict[str, Any], around: Surroundings) -> None:
    """Name the key for what a job writes, and for its instances' volumes where one may be named.

    Without it SageMaker writes under the account's default key of S3, whatever the bucket's own is.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingOutputConfig.html,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html (VolumeKmsKeyId)
    """
    for outputs, resources in _encrypted(kind, arguments):
        outputs["KmsKeyId"] = around.key_arn
        if USES[kind] not in around.without_volume_key:
            resources["VolumeKmsKeyId"] = around.key_arn


USES = {"Processing": "processing", "Training": "training", "Tuning": "training", "Transform": "transform"}


def _encrypted(kind: str, arguments: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Where a step's request says what it writes, and on which instances it runs."""
    if kind == "Processing":
        yield arguments["ProcessingOutputConfig"], arguments["ProcessingResources"]["ClusterConfig"]
    elif kind == "Transform":
        yield arguments["TransformOutput"], arguments["TransformResources"]
    elif kind in ("Training", "Tuning"):
        for owner in _owners(kind, arguments):
            single = owner.get("HyperParameterTuningResourceConfig")
            yield owner["OutputDataConfig"], single or owner["ResourceConfig"]


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
