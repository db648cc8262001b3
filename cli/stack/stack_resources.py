"""What `sam delete` leaves of a stack: what was made at run time, and what the stack keeps on purpose.

Everything made at run time is named ``<stack>--…``, so it is found by name, whether or not the stack still stands; what
steps of pipelines made is named after their executions.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app.ledger import Ledger
from botocore.exceptions import ClientError

from cli.stack.target import Target
from pipelines.publishing.model_roles import Use

LIVE = ("Executing", "Stopping")
BY_PIPELINES = "pipelines-"
MOST_DELETES = 1000  # DeleteObjects takes so many


@dataclass(frozen=True)
class Scope:
    """One stack, and how to tell its things from those of others."""

    target: Target
    resources: dict[str, list[str]] = field(default_factory=dict)  # physical ids by type; empty when the stack is gone

    @property
    def prefix(self) -> str:
        """How the names of what was made at run time begin, and of nothing else."""
        return self.target.resource("")

    def templated(self, name: str, logical: str = "[a-z0-9]+") -> bool:
        """Whether CloudFormation named this for the stack: ``<stack>-<logical id>-<letters>``."""
        return re.fullmatch(f"{re.escape(self.target.stack)}-{logical}-[a-z0-9]+", name, re.IGNORECASE) is not None

    def client(self, service: str) -> Any:
        """A boto3 client where the stack is."""
        return self.target.client(service)

    def pages(self, service: str, operation: str, key: str, **request: Any) -> Iterator[Any]:
        """Every item of a listing."""
        for page in self.client(service).get_paginator(operation).paginate(**request):
            yield from page.get(key, [])


def scope_of(target: Target) -> Scope:
    """The stack that ``target`` names, whether it stands or is gone."""
    scope = Scope(target)
    there = [
        one["StackName"]
        for one in scope.pages("cloudformation", "list_stacks", "StackSummaries")
        if one["StackStatus"] != "DELETE_COMPLETE"
    ]
    resources: dict[str, list[str]] = {}
    if target.stack in there:
        for one in scope.pages(
            "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=target.stack
        ):
            resources.setdefault(one["ResourceType"], []).append(one.get("PhysicalResourceId", ""))
    return Scope(target, resources)


@dataclass(frozen=True)
class Kind:
    """One kind of resource, how to find those of the stack, and how to remove one."""

    label: str
    find: Callable[[Scope], list[str]]
    remove: Callable[[Scope, str], None]
    data: bool = False  # what people gave, and what was decided about it


def _executions(scope: Scope) -> list[str]:
    listing = ("stepfunctions", "list_executions", "executions")
    machines = scope.resources.get("AWS::StepFunctions::StateMachine", [])
    return [
        one["executionArn"]
        for arn in machines
        for one in scope.pages(*listing, stateMachineArn=arn, statusFilter="RUNNING")
    ]


def _stop_execution(scope: Scope, arn: str) -> None:
    scope.client("stepfunctions").stop_execution(executionArn=arn, error="Cleanup", cause="retrain cleanup")


def _named(operation: str, key: str, name: str) -> Callable[[Scope], list[str]]:
    """Finds what a SageMaker listing has under the stack's prefix.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListPipelines.html, whose PipelineNamePrefix
    has the pattern of a whole name, and ends in no hyphen
    """
    narrowing = "PipelineNamePrefix" if operation == "list_pipelines" else "NameContains"

    def find(scope: Scope) -> list[str]:
        listed = scope.pages("sagemaker", operation, key, **{narrowing: scope.prefix.rstrip("-")})
        return [one[name] for one in listed if one[name].startswith(scope.prefix)]

    return find


def _deletes(operation: str, name: str) -> Callable[[Scope, str], None]:
    def remove(scope: Scope, one: str) -> None:
        getattr(scope.client("sagemaker"), operation)(**{name: one})

    return remove


_pipelines = _named("list_pipelines", "PipelineSummaries", "PipelineName")
_served_models = _named("list_models", "Models", "ModelName")
_groups = _named("list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName")


def _all_executions(scope: Scope) -> Iterator[dict[str, str]]:
    listing = ("sagemaker", "list_pipeline_executions", "PipelineExecutionSummaries")
    for name in _pipelines(scope):
        yield from scope.pages(*listing, PipelineName=name)


def _pipeline_executions(scope: Scope) -> list[str]:
    return [one["PipelineExecutionArn"] for one in _all_executions(scope) if one["PipelineExecutionStatus"] in LIVE]


def _stop_pipeline(scope: Scope, arn: str) -> None:
    token = f"cleanup-{arn.rpartition('/')[2]:0>32}"
    scope.client("sagemaker").stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
    listing = ("sagemaker", "list_pipeline_execution_steps", "PipelineExecutionSteps")
    for step in scope.pages(*listing, PipelineExecutionArn=arn):
        waits = step.get("Metadata", {}).get("Callback", {}).get("CallbackToken")
        if waits and step["StepStatus"] in ("Executing", "Stopping"):  # who answers such steps may be gone already
            with suppress(ClientError):
                scope.client("sagemaker").send_pipeline_execution_step_failure(CallbackToken=waits)


def _models(scope: Scope) -> list[str]:
    """Those that were served, and those that Model steps made: SageMaker names them pipelines-<execution>-<step>-…"""
    executions = {one["PipelineExecutionArn"].rpartition("/")[2] for one in _all_executions(scope)}
    listed = scope.pages("sagemaker", "list_models", "Models", NameContains=BY_PIPELINES)
    of_steps = [one["ModelName"] for one in listed if one["ModelName"].startswith(BY_PIPELINES)]
    return _served_models(scope) + [name for name in of_steps if name.split("-")[1] in executions]


def _packages(scope: Scope) -> list[str]:
    listing = ("sagemaker", "list_model_packages", "ModelPackageSummaryList")
    return [
        one["ModelPackageArn"] for group in _groups(scope) for one in scope.pages(*listing, ModelPackageGroupName=group)
    ]


def _alarms(scope: Scope) -> list[str]:
    listed = scope.pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=scope.prefix)
    return [one["AlarmName"] for one in listed]


def _model_roles(scope: Scope) -> list[str]:
    """The roles that publishing made in this region: for the jobs of each model, and for what serves it."""
    ends = tuple(f"-{use}-{scope.client('sagemaker').meta.region_name}" for use in Use)
    named = (one["RoleName"] for one in scope.pages("iam", "list_roles", "Roles"))
    return [name for name in named if name.startswith(scope.prefix) and name.endswith(ends)]


def _remove_role(scope: Scope, name: str) -> None:
    iam = scope.client("iam")
    for policy in scope.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


def _log_groups(scope: Scope) -> list[str]:
    """Those of the endpoints, and what a function wrote after its own group was deleted with the stack.

    Until functions named their groups, these were ``/aws/lambda/<function>``.
    """
    own, groups = scope.resources.get("AWS::Logs::LogGroup", []), []
    made = f"{scope.target.stack}-"
    for folder, stem in (("/aws/sagemaker/Endpoints/", scope.prefix), ("", made), ("/aws/lambda/", made)):
        listed = scope.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=folder + stem)
        names = [one["logGroupName"].removeprefix(folder) for one in listed]
        groups += [folder + name for name in names if name.startswith(scope.prefix) or scope.templated(name)]
    return [group for group in groups if group not in own]


def _buckets(scope: Scope) -> list[str]:
    own = scope.resources.get("AWS::S3::Bucket", [])
    there = [one["Name"] for one in scope.client("s3").list_buckets()["Buckets"]]
    return [name for name in there if name in own or scope.templated(name, "databucket")]


def _remove_bucket(scope: Scope, name: str) -> None:
    """Every version, delete marker and unfinished upload, and then the bucket."""
    s3 = scope.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(
        Bucket=name, PaginationConfig={"PageSize": MOST_DELETES}
    ):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
    for one in scope.pages("s3", "list_multipart_uploads", "Uploads", Bucket=name):
        s3.abort_multipart_upload(Bucket=name, Key=one["Key"], UploadId=one["UploadId"])
    s3.delete_bucket(Bucket=name)


def _tables(scope: Scope) -> list[str]:
    own = scope.resources.get("AWS::DynamoDB::Table", [])
    there = list(scope.pages("dynamodb", "list_tables", "TableNames"))
    return [name for name in there if name in own or scope.templated(name, "LedgerTable")]


def _ledgers(scope: Scope) -> Iterator[Ledger]:
    for table in _tables(scope):
        yield Ledger(table, scope.client("dynamodb"))


def _served(scope: Scope) -> list[str]:
    """The models of which the ledger says that a version serves."""
    return sorted({model for book in _ledgers(scope) for model in book.models() if book.live_version(model)})


def _forget_served(scope: Scope, model: str) -> None:
    for book in _ledgers(scope):
        book.remove_live_version(model)


def _schedules(scope: Scope) -> list[str]:
    groups = scope.resources.get("AWS::Scheduler::ScheduleGroup", [])
    listing = ("scheduler", "list_schedules", "Schedules")
    return [f"{group}/{one['Name']}" for group in groups for one in scope.pages(*listing, GroupName=group)]


def _delete_schedule(scope: Scope, name: str) -> None:
    group, _, schedule = name.partition("/")
    scope.client("scheduler").delete_schedule(GroupName=group, Name=schedule)


def _keys(scope: Scope) -> list[str]:
    kms = scope.client("kms")
    states = {key: kms.describe_key(KeyId=key)["KeyMetadata"] for key in scope.resources.get("AWS::KMS::Key", [])}
    return [key for key, state in states.items() if state["KeyState"] == "Enabled"]


def _schedule_key(scope: Scope, key: str) -> None:
    scope.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=30)


# In the order in which they go.
KINDS = (
    Kind("schedule", _schedules, _delete_schedule),  # before what it begins; of a stack that is gone its group is, too
    Kind("running execution", _executions, _stop_execution),
    Kind("running pipeline execution", _pipeline_executions, _stop_pipeline),
    Kind(
        "endpoint",
        _named("list_endpoints", "Endpoints", "EndpointName"),
        _deletes("delete_endpoint", "EndpointName"),
    ),
    Kind(
        "endpoint config",
        _named("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
        _deletes("delete_endpoint_config", "EndpointConfigName"),
    ),
    Kind("model", _models, _deletes("delete_model", "ModelName")),  # before the pipelines, which tell whose they are
    Kind("pipeline", _pipelines, _deletes("delete_pipeline", "PipelineName")),
    Kind("model package", _packages, _deletes("delete_model_package", "ModelPackageName")),
    Kind("model package group", _groups, _deletes("delete_model_package_group", "ModelPackageGroupName")),
    Kind("role of a model", _model_roles, _remove_role),  # once no pipeline gives it to a job, and nothing serves
    Kind("alarm", _alarms, lambda scope, name: scope.client("cloudwatch").delete_alarms(AlarmNames=[name])),
    Kind("log group", _log_groups, lambda scope, name: scope.client("logs").delete_log_group(logGroupName=name)),
    Kind("note in the ledger of what serves", _served, _forget_served),
    Kind("bucket with all versions of its objects", _buckets, _remove_bucket, data=True),
    Kind("key (in 30 days)", _keys, _schedule_key, data=True),
    Kind("ledger", _tables, lambda scope, name: scope.client("dynamodb").delete_table(TableName=name), data=True),
)


@dataclass(frozen=True)
class StackResource:
    """One thing that is there, by its kind's label and its name (an ARN where it has no other)."""

    kind: str
    name: str


def resources_of(scope: Scope, *, everything: bool) -> list[StackResource]:
    """What is there now, in the order in which it goes; the data too when ``everything`` is meant."""
    kinds = [kind for kind in KINDS if everything or not kind.data]
    return [StackResource(kind.label, name) for kind in kinds for name in sorted(kind.find(scope))]
