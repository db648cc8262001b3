"""What each type of step does: asks for a job, a model or a package, and answers what later steps may refer to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException

from localcloud.sagemaker.api_shapes import Context
from localcloud.sagemaker.capacity import CAPACITY_ERROR
from localcloud.sagemaker.jobs.job_records import Job
from localcloud.sagemaker.jobs.jobs import PROCESSING, TRAINING, Jobs
from localcloud.sagemaker.pipelines.lambda_and_callback_steps import Handovers
from localcloud.sagemaker.pipelines.step_records import Call, Ran, StepFailed, StepStopped
from localcloud.sagemaker.transforms.transforms import Transforms
from localcloud.sagemaker.tuning.tuning import Tunings

# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
JOB_FAULTS = {"InternalServerError": "SageMaker.JOB_INTERNAL_ERROR", CAPACITY_ERROR: "SageMaker.CAPACITY_ERROR"}
REFUSALS = {
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
    "ThrottlingException": "Step.THROTTLING",
    "InternalFailure": "Step.SERVICE_FAULT",
    "ServiceUnavailable": "Step.SERVICE_FAULT",
}


class Steps:
    """The runners by step type."""

    def __init__(
        self, context: Context, jobs: Jobs, tunings: Tunings, transforms: Transforms, handovers: Handovers,
        registry: Any, models: Any,
    ) -> None:  # fmt: skip
        self.context = context
        self.jobs = jobs
        self.tunings = tunings
        self.transforms = transforms
        self.registry = registry
        self.models = models
        self.runners: Mapping[str, Callable[[Call], Ran]] = {
            "Processing": self._processing,
            "Training": self._training,
            "Tuning": self._tuning,
            "Transform": self._transform,
            "RegisterModel": self._register,
            "Model": self._model,
            "Lambda": handovers.function,
            "Callback": handovers.callback,
            "Fail": _fail,
        }

    def _processing(self, call: Call) -> Ran:
        return self._job(PROCESSING, "processing-job", call)

    def _training(self, call: Call) -> Ran:
        return self._job(TRAINING, "training-job", call)

    def _job(self, kind: str, what: str, call: Call) -> Ran:
        name = call.name
        arguments = {key: value for key, value in call.arguments.items() if key != "ExperimentConfig"}
        for texts in ("HyperParameters", "Environment"):
            if texts in arguments:
                arguments[texts] = {key: as_text(value) for key, value in arguments[texts].items()}
        job = self.jobs.create(kind, arguments | {f"{kind}JobName": name})
        metadata = {f"{kind}Job": {"Arn": job.arn}}
        call.started(metadata, lambda: self.jobs.stop(kind, name))
        job.done.wait()
        return Ran(metadata, self._outcome(kind, job))

    def _outcome(self, kind: str, job: Job) -> dict[str, Any]:
        described = self.jobs.describe(kind, job.name)
        if job.status == "Completed":
            return described
        if job.status == "Stopped" and job.work.stopped.is_set():
            raise StepStopped
        reason = described.get("FailureReason") or described.get("ExitMessage") or f"the job is {job.status}"
        known = reason.startswith(("ClientError", "AlgorithmError", CAPACITY_ERROR))
        raise StepFailed(reason if known else f"ClientError: {reason}", fault_kind(reason))

    def _tuning(self, call: Call) -> Ran:
        name = call.name
        arguments = dict(call.arguments)
        training = dict(arguments.get("TrainingJobDefinition") or {})
        for texts in ("StaticHyperParameters", "Environment"):
            if texts in training:
                training[texts] = {key: as_text(value) for key, value in training[texts].items()}
        arguments["TrainingJobDefinition"] = training
        tuning = self.tunings.create(arguments | {"HyperParameterTuningJobName": name})
        metadata = {"TuningJob": {"Arn": tuning.arn}}
        call.started(metadata, lambda: self.tunings.stop(name))
        tuning.done.wait()
        if tuning.status == "Completed":
            summaries = self.tunings.best_first(name)
            return Ran(metadata, self.tunings.describe(name) | {"TrainingJobSummaries": summaries})
        if tuning.status == "Stopped":
            raise StepStopped
        raise StepFailed(f"ClientError: {tuning.reason}", "Job")

    def _transform(self, call: Call) -> Ran:
        name = call.name
        arguments = {key: value for key, value in call.arguments.items() if key != "ExperimentConfig"}
        job = self.transforms.create(arguments | {"TransformJobName": name})
        metadata = {"TransformJob": {"Arn": job.arn}}
        call.started(metadata, lambda: self.transforms.stop(name))
        job.done.wait()
        if job.status == "Completed":
            return Ran(metadata, self.transforms.describe(name))
        if job.status == "Stopped":
            raise StepStopped
        reason = str(job.described.get("FailureReason"))
        raise StepFailed(reason, fault_kind(reason))

    def _register(self, call: Call) -> Ran:
        arguments = dict(call.arguments)
        arguments.setdefault("MetadataProperties", {"GeneratedBy": call.execution_arn})
        group = arguments.get("ModelPackageGroupName")
        if group and not self.registry.has_group(group):
            self.registry.create_group({"ModelPackageGroupName": group})
        arn = self.registry.create(arguments)["ModelPackageArn"]
        return Ran({"RegisterModel": {"Arn": arn}}, self.registry.describe({"ModelPackageName": arn}))

    def _model(self, call: Call) -> Ran:
        name = call.name
        arn = self.models.create({"ModelName": name} | call.arguments)["ModelArn"]
        return Ran({"Model": {"Arn": arn}}, self.models.describe({"ModelName": name}))


def _fail(call: Call) -> Ran:
    message = str(call.arguments.get("ErrorMessage", ""))
    call.started({"Fail": {"ErrorMessage": message}}, lambda: None)
    raise StepFailed(message, "Fail")


def as_text(value: Any) -> str:
    """A number parameter where the API takes text."""
    return value if isinstance(value, str) else json.dumps(value)


def fault_kind(reason: str) -> str:
    """What a retry policy calls a job's failure."""
    kinds = (kind for start, kind in JOB_FAULTS.items() if reason.startswith(start))
    return next(kinds, "Job")


def fault_of(error: ServiceException) -> StepFailed:
    """A refusal of the API as a failed step. What is wrong with a request stays wrong: no policy tries it again."""
    kind = REFUSALS.get(error.code, "Request")
    return StepFailed(f"ClientError: Failed to invoke sagemaker: {error.message}", kind)
