"""What a job finds in /opt/ml and in its environment, one workspace per host.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from localcloud.containers.hyperparameters import decoded
from localcloud.sagemaker.capacity import instances_of

OPT_ML = PurePosixPath("/opt/ml")
PROCESSING = PurePosixPath("/opt/ml/processing")
TOOLKITS = ("sagemaker_", "_tuning_objective_metric")  # hyperparameters that are no script's arguments


def inside(root: Path, local_path: str) -> Path:
    """Where a container's path under /opt/ml is on this machine.

    Raises:
        ValueError: it is not under /opt/ml.
    """
    path = PurePosixPath(local_path)
    if ".." in path.parts or not path.is_relative_to(OPT_ML):
        raise ValueError(f"{local_path} is not under {OPT_ML}")
    return root.joinpath(*path.relative_to(OPT_ML).parts)


def hosts_of(count: int) -> list[str]:
    """algo-1, algo-2, ..."""
    return [f"algo-{number}" for number in range(1, count + 1)]


def root_of(folder: Path, host: str) -> Path:
    """A host's /opt/ml below the job's folder; the first host's is the job's own."""
    return folder / "opt" / "ml" if host == "algo-1" else folder / host / "opt" / "ml"


def prepare_processing(root: Path, request: Mapping[str, Any], arn: str, host: str, hosts: list[str]) -> dict[str, str]:
    """Make a processing job's folders and config files on one host; answers its environment."""
    config = root / "config"
    config.mkdir(parents=True, exist_ok=True)
    description = {
        "ProcessingJobArn": arn,
        **{name: request.get(name) for name in (
            "ProcessingJobName", "Environment", "AppSpecification", "ProcessingInputs", "ProcessingOutputConfig",
            "ProcessingResources", "RoleArn", "StoppingCondition")},
    }  # fmt: skip
    kind, _ = instances_of(request["ProcessingResources"]["ClusterConfig"])
    _write(config / "processingjobconfig.json", description)
    _write(config / "resourceconfig.json", resource_config(host, hosts, kind))
    for output in (request.get("ProcessingOutputConfig") or {}).get("Outputs", []):
        inside(root, output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
    (root / "output").mkdir(exist_ok=True)
    return {"PROCESSING_JOB_ARN": arn, **_texts(request.get("Environment"))}


def prepare_training(
    root: Path, request: Mapping[str, Any], arn: str, host: str, hosts: list[str], *, toolkit: bool
) -> dict[str, str]:
    """Make a training job's folders and config files on one host; answers its environment.

    ``toolkit``: with what AWS's images add to it; an image of one's own brings a toolkit, or has none.
    """
    config = root / "input" / "config"
    for folder in (config, root / "input" / "data", root / "model", root / "code", root / "output" / "data"):
        folder.mkdir(parents=True, exist_ok=True)
    hyperparameters = request.get("HyperParameters") or {}
    channels = {
        channel["ChannelName"]: channel_config(channel, request) for channel in request.get("InputDataConfig") or []
    }
    resources = resource_config(host, hosts, instances_of(request["ResourceConfig"])[0])
    _write(config / "hyperparameters.json", hyperparameters)
    _write(config / "inputdataconfig.json", channels)
    _write(config / "resourceconfig.json", resources)
    if request.get("CheckpointConfig"):
        _write(config / "checkpointconfig.json", request["CheckpointConfig"])
        inside(root, request["CheckpointConfig"].get("LocalPath") or "/opt/ml/checkpoints").mkdir(
            parents=True, exist_ok=True
        )
    return {
        "TRAINING_JOB_NAME": str(request["TrainingJobName"]),
        "TRAINING_JOB_ARN": arn,
        **(training_variables(hyperparameters, channels, resources) if toolkit else {}),
        **_texts(request.get("Environment")),
    }


def training_variables(
    hyperparameters: Mapping[str, Any], channels: Mapping[str, Any], resources: Mapping[str, Any]
) -> dict[str, str]:
    """The SM_* variables that the images' toolkits set, letter for letter: names keep their hyphens, JSON is compact.

    Source: https://github.com/aws/sagemaker-training-toolkit/blob/master/src/sagemaker_training/mapping.py
    """
    values = {name: decoded(text) for name, text in hyperparameters.items() if not name.startswith(TOOLKITS)}
    variables = {
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_INPUT_DIR": "/opt/ml/input",
        "SM_INPUT_CONFIG_DIR": "/opt/ml/input/config",
        "SM_OUTPUT_DIR": "/opt/ml/output",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
        "SM_CHANNELS": _plain(sorted(channels)),
        "SM_HOSTS": _plain(resources["hosts"]),
        "SM_CURRENT_HOST": str(resources["current_host"]),
        "SM_NETWORK_INTERFACE_NAME": "eth0",
        "SM_NUM_CPUS": str(os.cpu_count()),
        "SM_NUM_GPUS": "0",
        "SM_HPS": _plain(values),
        "SM_INPUT_DATA_CONFIG": _plain(channels),
        "SM_RESOURCE_CONFIG": _plain(resources),
        "SM_LOG_LEVEL": "20",
        "SM_USER_ARGS": _plain(arguments(values)),
    }
    variables |= {f"SM_CHANNEL_{name.upper()}": f"/opt/ml/input/data/{name}" for name in channels}
    return variables | {f"SM_HP_{name.upper()}": _plain(value) for name, value in values.items()}


def arguments(hyperparameters: Mapping[str, Any]) -> list[str]:
    """Hyperparameters as a program's arguments, by name: ``--name value``, or ``-n value`` for a single letter.

    Values are as Python writes them (true is ``True``, null is nothing), and an object is ``a=1,b=2``.
    """
    named = {(f"--{name}" if len(name) > 1 else f"-{name}"): hyperparameters[name] for name in sorted(hyperparameters)}
    return [part for name, value in named.items() for part in (name, _argument(value))]


def _argument(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}={value[name]}" for name in sorted(value))
    return "" if value is None else str(value)


def resource_config(host: str, hosts: list[str], instance_type: str | None) -> dict[str, Any]:
    """What a host knows of its cluster."""
    group = {"instance_group_name": "homogeneousCluster", "instance_type": instance_type, "hosts": hosts}
    return {
        "current_host": host,
        "current_instance_type": instance_type,
        "current_group_name": "homogeneousCluster",
        "hosts": hosts,
        "instance_groups": [group],
        "network_interface_name": "eth0",
    }


def channel_config(channel: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """A channel as inputdataconfig.json has it."""
    source = channel["DataSource"].get("S3DataSource") or {}
    mode = channel.get("InputMode") or request["AlgorithmSpecification"].get("TrainingInputMode") or "File"
    config = {
        "TrainingInputMode": mode,
        "S3DistributionType": source.get("S3DataDistributionType") or "FullyReplicated",
        "RecordWrapperType": channel.get("RecordWrapperType") or "None",
    }
    if channel.get("ContentType"):
        config["ContentType"] = channel["ContentType"]
    return config


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, default=str))


def _plain(value: Any) -> str:
    """A value of a variable, as the toolkits write it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def _texts(environment: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (environment or {}).items()}
