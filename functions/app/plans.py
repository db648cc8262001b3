"""Plans: what is to be done, worked out from messages, published models and settings. Pure: nothing is done here."""

import json
from dataclasses import dataclass, field
from typing import Any

from app.guards import alarms_of, guarded
from app.published import Data, Model
from app.rules import (
    canonical,
    dataset_object,
    digest,
    display_name,
    quarantine_key,
    resource_name,
    versioned_name,
)
from app.settings import Settings


def execution_arn(machine_arn: str, name: str) -> str:
    """The ARN of a machine's execution, which its name decides."""
    return machine_arn.replace(":stateMachine:", ":execution:") + ":" + name


def machine_arn(execution: str) -> str:
    """The ARN of the machine that an execution's ARN belongs to."""
    return execution.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]


# A run's data


@dataclass(frozen=True)
class DataSet:
    """The files of a run as SageMaker reads them: immutable copies, and a manifest that names them."""

    prefix: str  # of all keys of the model's data
    copies: dict[str, tuple[str, str, int]]  # name below prefix -> key, version id, bytes
    sources: list[dict[str, Any]]
    sources_key: str
    manifest: list[Any]
    manifest_key: str


def data_set(bucket: str, model: str, files: list[dict[str, Any]]) -> DataSet:
    """The manifest of ``files`` (oldest first), at an address that says its content, so that equal data is cached.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html (ManifestFile)
    """
    prefix = f"datasets/{model}/"
    sources = [
        {"object": dataset_object(file["key"], file["version_id"])}
        | {name: file[name] for name in ("key", "version_id", "etag", "size_bytes", "uploaded_at")}
        for file in files
    ]
    folder = f"manifests/{digest(canonical(sources))}/"
    names = [str(source["object"]) for source in sources] + [folder + "sources.json"]
    return DataSet(
        prefix=prefix,
        copies={dataset_object(f["key"], f["version_id"]): (f["key"], f["version_id"], f["size_bytes"]) for f in files},
        sources=sources,
        sources_key=prefix + folder + "sources.json",
        manifest=[{"prefix": f"s3://{bucket}/{prefix}"}, *names],
        manifest_key=prefix + folder + "manifest.json",
    )


def unusable(data: Data, files: list[dict[str, Any]]) -> str:
    """Why nothing can be learnt from ``files``; "" when something can."""
    if not files:
        return "there are no files to train on; upload one"
    if not data.labels or not all(file["complete"] for file in files):
        return ""
    classes = {label for file in files for label, rows in file["classes"].items() if rows}
    if len(classes) > 1:
        return ""
    rows, one = sum(file["rows"] for file in files), next(iter(classes))
    others = " or ".join(f"'{label}'" for label in data.labels if label != one)
    return f"all {rows} rows say '{one}' in column '{data.target}'; upload rows that say {others} too"


# The pipeline


@dataclass(frozen=True)
class PipelineRun:
    """A pipeline execution to start."""

    id: str
    pipeline: str
    pipeline_version: int | None
    parameters: dict[str, str]
    request_token: str  # sha256 hex: starting again is the same start


def frozen_plan(model: Model, data: DataSet, bucket: str, wish: dict[str, Any]) -> dict[str, Any]:
    """What a run keeps of its model and of what was asked of it: publishing later does not change it."""
    asked = wish.get("parameters", {})
    return {
        "pipeline": model.pipeline,
        "pipeline_version": wish.get("pipeline_version", model.pipeline_version),
        "parameters": model.parameters | {"InputData": f"s3://{bucket}/{data.manifest_key}"} | asked,
        "deadline_s": model.deadline_s,
        "automatic": model.automatic,
        "deployment": model.deployment,
        "title": model.title,
        "model_sha256": model.model_sha256,
        "code_sha256": model.code_sha256,
    }


def pipeline_run(run: str, plan: dict[str, Any]) -> PipelineRun:
    """The execution that a frozen plan asks for."""
    return PipelineRun(run, plan["pipeline"], plan["pipeline_version"], plan["parameters"], digest("pipeline", run))


@dataclass(frozen=True)
class Outputs:
    """What a pipeline execution left."""

    evaluation: str  # S3 URI of the folder, or of evaluation.json
    verification: str  # S3 URI of the folder, or of verification.json
    package_arn: str  # "" when nothing was registered


def document_uri(uri: str, name: str) -> str:
    """The file ``name`` in an output's folder."""
    return uri if uri.endswith(".json") else f"{uri.rstrip('/')}/{name}"


def verdict(evaluation: dict[str, Any]) -> dict[str, Any]:
    """What the run keeps of evaluation.json."""
    found = evaluation["verdict"]
    reasons = [str(reason) for reason in found.get("reasons", [])]
    kept = {"passed": bool(found["passed"]), "metrics": evaluation.get("metrics", {}), "reasons": reasons}
    champion = evaluation.get("champion", {})
    return kept | ({"champion": champion} if champion.get("version") else {})


LOG_GROUPS = {
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}


def job_log_group(kind: str) -> str:
    """Where SageMaker writes a job's log.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
    """
    return LOG_GROUPS[kind]


def failure_message(step: str, said: str, words: list[str], group: str, stream: str) -> str:
    """A failed step in words: what the job said, its last lines where they add something, and where its log is."""
    last = [line for line in words if line.strip() and line.strip() not in said]
    parts = [f"step '{step}' failed: {said or 'no reason given'}"]
    parts += ["its last words: " + " | ".join(last)] if last else []
    parts += [f"log group {group}, stream {stream}"] if group else []
    return "; ".join(parts)


# Deployment


@dataclass(frozen=True)
class Deployment:
    """A version, ready to be put on an endpoint."""

    endpoint: str
    config: str  # name of the SageMaker model and of the endpoint config
    containers: tuple[dict[str, Any], ...]  # each answers to what the one before it said
    role_arn: str
    variant: dict[str, Any]
    strategy: dict[str, Any] = field(default_factory=dict)  # DeploymentConfig
    network: dict[str, Any] = field(default_factory=dict)  # what CreateModel says of it
    alarms: tuple[
        dict[str, Any], ...
    ] = ()  # PutMetricAlarm's requests; while it is deployed they bring the old one back
    tags: tuple[dict[str, str], ...] = ()


def deployment(
    settings: Settings, model: str, version: int, containers: tuple[dict[str, Any], ...], wish: dict[str, Any]
) -> Deployment:
    """How ``version`` is served, as the model file's ``deployment`` section wishes."""
    variant: dict[str, Any] = {"VariantName": "AllTraffic"}
    count = int(wish.get("instance_count") or 1)
    serverless = wish.get("mode") == "serverless"
    if serverless:
        variant["ServerlessConfig"] = {
            "MemorySizeInMB": int(wish.get("memory_mb") or 2048),
            "MaxConcurrency": int(wish.get("max_concurrency") or 5),
        }
    else:
        variant |= {
            "InstanceType": wish.get("instance_type") or "ml.m5.large",
            "InitialInstanceCount": count,
            "InitialVariantWeight": 1.0,
        }
    network = network_of(settings)
    content = [*containers, variant, settings.endpoint_role_arn, *([network] if network else [])]
    config = versioned_name(settings.stack, model, version, content)
    alarms = () if serverless else alarms_of(settings, resource_name(settings.stack, model), config)
    return Deployment(
        endpoint=resource_name(settings.stack, model),
        config=config,
        containers=containers,
        role_arn=settings.endpoint_role_arn,
        variant={**variant, "ModelName": config},
        strategy={} if serverless else guarded(traffic(wish.get("strategy") or "all_at_once", count), alarms),
        network=network,
        alarms=alarms,
        tags=({"Key": "app", "Value": "retrain"}, {"Key": "retrain-stack", "Value": settings.stack}),
    )


def network_of(settings: Settings) -> dict[str, Any]:
    """What CreateModel says of the network: the stack's subnets, and whether containers reach anything at all."""
    inside = {"Subnets": list(settings.subnet_ids), "SecurityGroupIds": list(settings.security_group_ids)}
    vpc = {"VpcConfig": inside} if settings.subnet_ids else {}
    return vpc | ({"EnableNetworkIsolation": True} if settings.network_isolation else {})


def traffic(strategy: str | dict[str, Any], instances: int) -> dict[str, Any]:
    """DeploymentConfig of a blue/green update. Canary and linear need two instances; one moves all at once.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
    """
    wish = strategy if isinstance(strategy, dict) else {"type": strategy}
    kind = str(wish.get("type", "all_at_once")).lower() if instances > 1 else "all_at_once"
    wait_s = int(wish.get("wait_s", 0 if kind == "all_at_once" else 300))
    routing: dict[str, Any] = {"Type": kind.upper(), "WaitIntervalInSeconds": wait_s}
    if kind != "all_at_once":
        size = {"Type": "CAPACITY_PERCENT", "Value": int(wish.get("percent", 10 if kind == "canary" else 25))}
        routing["CanarySize" if kind == "canary" else "LinearStepSize"] = size
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 0}}


# Refusals


@dataclass(frozen=True)
class Refusal:
    """An upload that may not be trained on."""

    model: str
    target_key: str
    reason_key: str
    document: dict[str, Any]


def refusal(model: str, rest: str, version_id: str, problem: str, remedy: str, at: str) -> Refusal:
    """Where a refused upload goes, and what is written beside it."""
    file, key = display_name(model, rest), quarantine_key(model, rest)
    document = {
        "file": file,
        "problem": problem,
        "remedy": remedy,
        "message": f"{file}: {problem}; {remedy}",
        "at": at,
        "version_id": version_id,
        "model": model or "unknown",
        "quarantined_as": key,
    }
    return Refusal(model or "unknown", key, key + ".reason.json", document)


def mismatches(stored: list[Any], found: list[Any]) -> str:
    """Answers side by side, for the message of a failed verification."""
    return f"stored {json.dumps(stored)[:300]}, answered {json.dumps(found)[:300]}"
