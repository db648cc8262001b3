"""Model and RegisterModel steps: a model, and a version of a package group.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-model
"""

from __future__ import annotations

from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepResult
from localcloud.sagemaker.pipelines.step_types.arguments import refused_members
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_type import ApiCall, Arguments, StepType, calls_of


def run_model(services: Services, attempt: StepAttempt) -> StepResult:
    """Create a model."""
    arn = services.models.create({"ModelName": attempt.name} | attempt.arguments)["ModelArn"]
    return StepResult({"Model": {"Arn": arn}}, services.models.describe({"ModelName": attempt.name}))


def run_register_model(services: Services, attempt: StepAttempt) -> StepResult:
    """Create a package that names its execution, and its group where there is none."""
    arguments = dict(attempt.arguments)
    arguments.setdefault("MetadataProperties", {"GeneratedBy": attempt.execution_arn})
    group = arguments.get("ModelPackageGroupName")
    if group and not services.registry.has_group(group):
        services.registry.create_group({"ModelPackageGroupName": group})
    arn = services.registry.create(arguments)["ModelPackageArn"]
    return StepResult({"RegisterModel": {"Arn": arn}}, services.registry.describe({"ModelPackageName": arn}))


def _register_calls(_: str, arguments: Arguments, tags: list[dict[str, str]]) -> list[ApiCall]:
    group = str(arguments["ModelPackageGroupName"])
    return [
        ("DescribeModelPackageGroup", {"ModelPackageGroupName": group}),
        ("CreateModelPackage", {**arguments, "Tags": tags}),
        ("DescribeModelPackage", {"ModelPackageName": f"{group}/1"}),
    ]


MODEL_STEP = StepType(
    "Model", run_model, fields=("RetryPolicies",),
    problems=lambda arguments: refused_members("CreateModel", arguments), **calls_of("Model"),
)  # fmt: skip
REGISTER_MODEL_STEP = StepType(
    "RegisterModel", run_register_model, fields=("RetryPolicies",), start_calls=_register_calls,
    problems=lambda arguments: refused_members("CreateModelPackage", arguments),
)  # fmt: skip
