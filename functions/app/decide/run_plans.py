"""Run plans: what is to be done, worked out from messages, published models and settings. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.decide.asked_parameters import loosened
from app.decide.failure_reasons import Quota, quota_in, shortage_in
from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import dataset_object, quarantine_key
from app.decide.names.hashes import canonical, digest
from app.decide.names.shown_text import shown
from app.decide.parsing import strict
from app.decide.protection.bound_plans import held_to
from app.decide.uploads.file_checks import refusal_message
from app.decide.uploads.message_text import named
from app.decide.uploads.published_model import Data, Model
from app.decide.watching.measured import windows_of
from app.decide.watching.series import story

OF_UPLOAD = ("unpacked_bytes", "warnings", "content", "batch")  # what stays as it was when the upload was accepted

# A run's data


class DataSet(NamedTuple):
    """The files of a run as SageMaker reads them: immutable copies, and a manifest that names them."""

    prefix: str  # of all keys of the model's data
    copies: dict[str, tuple[str, str, int]]  # name below prefix -> key, version id, bytes
    sources: list[dict[str, Any]]
    sources_key: str
    manifest: list[Any]
    manifest_key: str


def data_set(bucket: str, model: str, files: list[dict[str, Any]], uncached: str = "") -> DataSet:
    """The manifest of ``files`` (oldest first), at an address that says its content, so that equal data is cached.

    ``uncached`` is the run that is to do everything anew: its manifest has an address of its own, which no step has
    ever read from, and each step writes where the next has never read.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html (ManifestFile)
    """
    prefix = f"datasets/{model}/"
    sources = [
        {"object": dataset_object(file["key"], file["version_id"])}
        | {name: file[name] for name in ("key", "version_id", "etag", "size_bytes", "uploaded_at")}
        | {name: file[name] for name in OF_UPLOAD if file.get(name)}  # equal data stays equal
        for file in files
    ]
    folder = f"manifests/{digest(canonical(sources), *([uncached] if uncached else []))}/"
    names = [str(source["object"]) for source in sources] + [folder + "sources.json"]
    return DataSet(
        prefix=prefix,
        copies={dataset_object(f["key"], f["version_id"]): (f["key"], f["version_id"], f["size_bytes"]) for f in files},
        sources=sources,
        sources_key=prefix + folder + "sources.json",
        manifest=[{"prefix": f"s3://{bucket}/{prefix}"}, *names],
        manifest_key=prefix + folder + "manifest.json",
    )


def reason_unusable(data: Data, files: list[dict[str, Any]], left_out: int = 0) -> str:
    """Why no model can be trained on ``files``, beside which some accepted ones were ``left_out``; "" when one can."""
    if not files and left_out:
        return f"none of the {left_out} accepted files counts any more: deleted, withdrawn or replaced; upload one"
    if not files:
        return "there are no files to train on; upload one"
    if not data.labels or not all(file["complete"] for file in files):
        return ""
    classes = {label for file in files for label, rows in file["classes"].items() if rows}
    if len(classes) > 1:
        return ""
    rows, only = sum(file["rows"] for file in files), next(iter(classes))
    others = named([label for label in data.labels if label != only], last="or")
    return f"all {rows} rows say '{only}' in column '{data.target}'; upload rows that say {others} too"


# The pipeline


class PipelineRun(NamedTuple):
    """A pipeline execution to start."""

    id: str
    pipeline: str
    pipeline_version: int | None
    parameters: dict[str, str]
    request_token: str  # sha256 hex: starting again is the same start
    parallel_steps: int = 0  # at most; 0 for all that are ready
    steps: tuple[str, ...] = ()  # that run; empty for all


def frozen_plan(
    model: Model, data: DataSet, bucket: str, overrides: dict[str, Any], current: Model | None = None
) -> dict[str, Any]:
    """The part of the published model and of the overrides that a run freezes: publishing later changes
    nothing but whose yes it needs.

    A model that approves itself does not where the run was asked for with looser limits: a person is asked. ``current``
    is what is published now, where a pipeline version was asked for; ``model`` is then bound by it.
    """
    pipeline, parameters = model.chosen(overrides.get("parameters", {}))
    looser = loosened(model, overrides.get("parameters", {}), current)
    given = {**pipeline.parameters, **parameters}
    return {
        "pipeline": pipeline.name,
        "pipeline_version": pipeline.version,
        "parameters": larger_instances(model, data) | given | {"InputData": f"s3://{bucket}/{data.manifest_key}"},
        "parallel_steps": model.parallel_steps,
        "deadline_s": model.deadline_s,
        "automatic": model.automatic and not looser.by_run,
        "loosened": list(looser.texts),
        "review": dict(model.review),
        "held_to": held_to(model, given, current or model, pipeline.name),
        "deployment": model.deployment,
        "title": model.title,
        "owner": model.owner,
        "model_sha256": model.model_sha256,
        "code_sha256": model.code_sha256,
    }


def larger_instances(model: Model, data: DataSet) -> dict[str, str]:
    """Instance types, as pipeline parameters, for a run on more data than the model's own instances are meant for."""
    size_bytes = sum(max(source["size_bytes"], source.get("unpacked_bytes", 0)) for source in data.sources)
    if not model.large_data or size_bytes <= int(model.large_data["over_mb"]) * 1_000_000:
        return {}
    parameters = {"processing": "ProcessingInstanceType", "training": "TrainingInstanceType"}
    return {parameters[kind]: str(model.large_data[kind]) for kind in parameters if kind in model.large_data}


def quota_too_low(model: Model, parameters: Mapping[str, str]) -> str:
    """Why a run with these parameters would never get its instances, as publishing found; "" where nothing says so.

    SageMaker has one name for a quota of 0 and for one that others use up, so that a step's retry policy, which waits
    half an hour for the one, would for the other, too.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html (SageMaker.RESOURCE_LIMIT)
    """
    lacks = [one for one in model.quotas_too_low if _takes(model, parameters, *str(one["quota"]).split(" for ", 1))]
    if not lacks:
        return ""
    told = "; ".join(str(Quota(one["quota"], int(one["value"]), 0, int(one["needed"]))) for one in lacks)
    return f"{told}; then publish {model.name} again, which looks at the quotas: retrain publish {model.name}"


def _takes(model: Model, parameters: Mapping[str, str], instance_type: str, usage: str) -> bool:
    """Whether a run's jobs of a usage may start on an instance type: its own, or any of its list."""
    uses = {
        "processing job usage": "processing",
        "training job usage": "training",
        "spot training job usage": "training",
    }
    if usage not in uses:
        return True  # of transforms, which have one type
    own = parameters.get(f"{uses[usage].title()}InstanceType") or model.instances.get(uses[usage])
    return instance_type in (own, *(model.instances.get("fallback") or ()))


def pipeline_run(run: str, plan: dict[str, Any]) -> PipelineRun:
    """The pipeline execution of a frozen plan."""
    steps = tuple(plan.get("measuring", ()))
    return PipelineRun(
        run, plan["pipeline"], plan["pipeline_version"], plan["parameters"],
        # another when files were left out since, and when all steps follow those that measured
        digest("measuring" if steps else "pipeline", run, plan["parameters"].get("InputData", "")),
        int(plan.get("parallel_steps", 0)), steps,
    )  # fmt: skip


class Outputs(NamedTuple):
    """Outputs of a pipeline execution."""

    evaluation: str  # S3 URI of the folder, or of evaluation.json
    verification: str  # S3 URI of the folder, or of verification.json
    package_arn: str  # "" when nothing was registered


# The state of an execution takes 256 KiB. Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MOST_REASONS, MOST_CHARACTERS = 50, 1_000


@strict
def verdict(evaluation: dict[str, Any]) -> dict[str, Any]:
    """The part of evaluation.json that a run's record keeps.

    Raises:
        BadMessage: it has another shape.
    """
    gate = evaluation["verdict"]
    reasons = [str(reason)[:MOST_CHARACTERS] for reason in gate.get("reasons", [])]
    if len(reasons) > MOST_REASONS:
        reasons[MOST_REASONS:] = [f"and {len(reasons) - MOST_REASONS} more: they are in the report"]
    kept = {"passed": bool(gate["passed"]), "metrics": evaluation.get("metrics", {}), "reasons": reasons}
    kept |= {"metric_details": evaluation["metric_details"]} if "metric_details" in evaluation else {}
    kept |= {"doubts": evaluation["doubts"]} if evaluation.get("doubts") else {}
    kept |= {"serving": told} if (told := story(windows_of("", evaluation))) else {}
    champion = evaluation.get("champion", {})
    return kept | ({"champion": champion} if champion.get("version") else {})


# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
LOG_GROUPS = {  # of each kind of job that a step runs; a tuning job's jobs are training jobs
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}


MOST_REASON = 1_024  # characters: FailureReason has no more
# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeProcessingJob.html
OTHER_INSTANCES = (
    "name others under instances: fallback in the model file (with spot: true write spot: false first, as spot takes"
    " none), or begin again later: retrain start"
)
OTHER_TRANSFORM_INSTANCES = (
    "name another under instances: transform in the model file, or begin again later: retrain start"
)


def _says_something(line: str) -> bool:
    """Whether there is a word in a line of a log: of a traceback's rows of ^^^^ there is none."""
    return any(char.isalnum() for char in line)


def failure_message(step: str, reason: str, log_lines: list[str], group: str, stream: str) -> str:
    """Describe a failed step: its job's failure reason, its last log lines where they add something, and where its log
    is. A job that AWS had no instances for has no log, but a remedy.
    """
    if quota := quota_in(reason):
        return f"step '{step}' failed: {quota}"
    if shortage_in(reason):
        remedy = (
            OTHER_TRANSFORM_INSTANCES if group == LOG_GROUPS["TransformJob"] else OTHER_INSTANCES
        )  # transforms take no list
        return f"step '{step}' failed: {reason.rstrip('.')}; {remedy}"
    last = [shown(line.strip()) for line in log_lines if _says_something(line) and line.strip() not in reason]
    parts = [f"step '{step}' failed: {shown(reason or 'no reason given', MOST_REASON)}"]
    parts += ["last log lines: " + " | ".join(last)] if last else []
    parts += [f"log group {group}, stream {stream}"] if group else []
    return "; ".join(parts)


# Refusals


class Refusal(NamedTuple):
    """An upload that may not be trained on."""

    model: str
    target_key: str
    reason_key: str
    document: dict[str, Any]


def refusal(
    arrival: DatasetArrived, model: str, rest: str, problem: str, remedy: str, at: str, *, stays: bool = False
) -> Refusal:
    """Plan the quarantine of a refused upload, and the reason beside it. Its model is "" where its key names none; one
    that ``stays`` where it is cannot be moved.
    """
    key = quarantine_key(model, rest)
    document = {
        "file": arrival.key,
        "problem": problem,
        "remedy": remedy,
        "message": refusal_message(arrival.key, problem, remedy),
        "at": at,
        "version_id": arrival.version_id,
        "model": model or "unknown",
        "quarantined_as": "" if stays else key,
    }
    return Refusal(model or "unknown", key, key + ".reason.json", document)
