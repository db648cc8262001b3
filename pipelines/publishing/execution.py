"""Reads what stands in a stack, and carries a plan out. All AWS calls of publishing are made here."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipelines.publishing import content
from pipelines.publishing.log_groups import BoundLogGroup, CreateLogGroup, LogGroup
from pipelines.publishing.model_roles import AttachPolicy, CreateRole, ModelRole, StandingRole, Use
from pipelines.publishing.model_schedules import (
    CreateSchedule,
    DeleteSchedule,
    SchedulePlace,
    StandingSchedule,
    UpdateSchedule,
    request,
)
from pipelines.publishing.plan import (
    Announce,
    Change,
    CreatePackageGroup,
    CreatePipeline,
    Plan,
    Publication,
    Standing,
    StandingPipeline,
    UpdatePipeline,
    UploadCode,
    UploadModel,
    announcements,
    document,
)
from pipelines.publishing.surroundings import OWNER


@dataclass(frozen=True)
class Clients:
    """boto3 clients of the stack's region."""

    s3: Any
    sagemaker: Any
    iam: Any
    logs: Any
    scheduler: Any = None  # where the stack has schedules


@dataclass(frozen=True)
class Published:
    """What now stands in the stack; ``changed`` when this call made it so."""

    model: str
    pipeline_name: str
    pipeline_arn: str
    pipeline_version_id: int
    package_group: str
    model_sha256: str
    code_sha256: str
    definition_sha256: str
    changed: bool
    tuned_pipeline_name: str | None = None  # of the pipeline that tunes the model, where there is one
    tuned_pipeline_version_id: int | None = None


def standing_of(publication: Publication, clients: Clients, planned: Collection[str]) -> Standing:
    """Read what is there of all that a publication is about; ``planned`` are keys that will be there before."""
    wanted = {**publication.code, publication.model_key: publication.settings, **publication.views}
    prefixes = (f"code/{publication.code_sha256}", publication.model_key, *publication.views)
    found = [one for prefix in prefixes for one in _listed(clients.s3, publication.bucket, prefix)]
    keys = content.unchanged(clients.s3, publication.bucket, found, wanted)
    foreign = {one["Key"] for one in found} - wanted.keys()
    known = {one.name: _standing_pipeline(clients.sagemaker, one.name) for one in publication.pipelines}
    pages = clients.sagemaker.get_paginator("list_model_package_groups").paginate(NameContains=publication.group)
    groups = (group["ModelPackageGroupName"] for page in pages for group in page["ModelPackageGroupSummaryList"])
    announced = _read_json(clients.s3, publication.bucket, f"config/models/{publication.name}.json")
    there = {name: one for name, one in known.items() if one}
    roles = {role.name: _standing_role(clients.iam, role.name) for role in publication.roles}
    made = {name: role for name, role in roles.items() if role}
    logs = _standing_log_group(clients.logs, publication.log_group.name) if publication.log_group else None
    kept = frozenset(keys | set(planned))
    schedule = _standing_schedule(clients.scheduler, publication.group, publication.schedules)
    return Standing(kept, there, frozenset(groups), announced, made, logs, schedule, frozenset(foreign))


def _standing_schedule(scheduler: Any, name: str, place: SchedulePlace | None) -> StandingSchedule | None:
    """The schedule of that name; None where there is none."""
    if place is None:
        return None
    try:
        there = scheduler.get_schedule(GroupName=place.group, Name=name)
    except scheduler.exceptions.ResourceNotFoundException:
        return None
    zone, target = there.get("ScheduleExpressionTimezone", "UTC"), there["Target"]
    return StandingSchedule(there["ScheduleExpression"], zone, target, there["State"], there.get("StartDate"))


def _standing_log_group(logs: Any, name: str) -> LogGroup | None:
    """The group of that name; None where there is none."""
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    for group in (group for page in pages for group in page["logGroups"]):
        if group["logGroupName"] == name:
            return LogGroup(name, group.get("retentionInDays", 0), group.get("kmsKeyId", ""))
    return None


def _standing_role(iam: Any, name: str) -> StandingRole | None:
    """The role of that name; None where there is none."""
    try:
        there = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return StandingRole(
        there.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        {tag["Key"]: tag["Value"] for tag in there.get("Tags", [])},
        there["AssumeRolePolicyDocument"],
        frozenset(policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]),
    )


def _listed(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [found for page in pages for found in page.get("Contents", [])]


def _standing_pipeline(sagemaker: Any, name: str) -> StandingPipeline | None:
    """The pipeline of that name; None where there is none."""
    pages = sagemaker.get_paginator("list_pipelines").paginate(PipelineNamePrefix=name)
    if name not in {found["PipelineName"] for page in pages for found in page["PipelineSummaries"]}:
        return None
    there = sagemaker.describe_pipeline(PipelineName=name)
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=there["PipelineArn"])["Tags"]}
    return StandingPipeline(
        there["PipelineArn"], _newest_version(sagemaker, name), there["RoleArn"], there["PipelineDefinition"],
        tags.get(OWNER, ""),
    )  # fmt: skip


def _newest_version(sagemaker: Any, name: str) -> int:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListPipelineVersions.html"""
    newest = sagemaker.list_pipeline_versions(PipelineName=name, SortOrder="Descending", MaxResults=1)
    return int(newest["PipelineVersionSummaries"][0]["PipelineVersionId"])


def execute(plan: Plan, clients: Clients) -> tuple[Published, list[Change]]:
    """Make the changes of ``plan`` in their order; what now stands, and the changes as they were made.

    Where somebody else updates a pipeline meanwhile, its version is not the planned one, and is announced as it is.
    """
    pipelines, done = dict(plan.standing.pipelines), list[Change]()
    for change in plan.changes:
        match change:
            case UploadCode() | UploadModel():
                _upload(clients.s3, plan.publication.bucket, change)
            case CreateRole() | AttachPolicy():
                _write_role(clients.iam, change)
            case CreateLogGroup() | BoundLogGroup():
                _write_log_group(clients.logs, change, plan.publication.stack)
            case CreatePipeline() | UpdatePipeline():
                pipelines[change.name] = _write_pipeline(clients.sagemaker, change, plan.publication.stack)
                change = replace(change, version=pipelines[change.name].version)
            case CreateSchedule() | UpdateSchedule() | DeleteSchedule():
                _write_schedule(clients.scheduler, change)
            case CreatePackageGroup():
                _create_group(clients.sagemaker, change, plan.publication.stack)
            case Announce():
                continue
        done.append(change)
    if any(isinstance(change, Announce) for change in plan.changes):
        done += _announce(clients.s3, plan.publication, pipelines)
    return _published(plan.publication, pipelines, changed=done != []), done


def _upload(s3: Any, bucket: str, change: UploadCode | UploadModel) -> None:
    contents = change.contents if isinstance(change, UploadCode) else {change.key: change.content}
    for key, body in contents.items():
        content.put(s3, bucket, key, body)


def _write_role(iam: Any, change: CreateRole | AttachPolicy) -> None:
    role = change.role
    if isinstance(change, CreateRole):
        iam.create_role(
            RoleName=role.name, Description=_about(role),
            AssumeRolePolicyDocument=json.dumps(role.trust), PermissionsBoundary=role.policy_arn,
            Tags=[{"Key": name, "Value": value} for name, value in role.tags.items()],
        )  # fmt: skip
    iam.attach_role_policy(RoleName=role.name, PolicyArn=role.policy_arn)


def _about(role: ModelRole) -> str:
    """Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (Description)"""
    who = {Use.JOBS: "the jobs", Use.SERVING: "the endpoint and the batch transforms"}[role.use]
    return f"What {who} of model {role.model} of stack {role.stack} may do."


def _write_log_group(logs: Any, change: CreateLogGroup | BoundLogGroup, stack: str) -> None:
    key = {"kmsKeyId": change.key_arn} if change.key_arn else {}
    if isinstance(change, CreateLogGroup):
        logs.create_log_group(logGroupName=change.name, tags={OWNER: stack}, **key)
    elif key:
        logs.associate_kms_key(logGroupName=change.name, **key)
    logs.put_retention_policy(logGroupName=change.name, retentionInDays=change.retention_days)


def _write_schedule(scheduler: Any, change: CreateSchedule | UpdateSchedule | DeleteSchedule) -> None:
    if isinstance(change, DeleteSchedule):
        scheduler.delete_schedule(GroupName=change.group, Name=change.name)
    else:
        write = scheduler.create_schedule if isinstance(change, CreateSchedule) else scheduler.update_schedule
        write(**request(change, datetime.now(UTC).replace(microsecond=0)))


def _write_pipeline(sagemaker: Any, change: CreatePipeline | UpdatePipeline, stack: str) -> StandingPipeline:
    request = {"PipelineName": change.name, "PipelineDefinition": change.definition, "RoleArn": change.role_arn}
    if isinstance(change, CreatePipeline):  # with a fresh token of the SDK's: one that was deleted is made again
        arn = sagemaker.create_pipeline(**request, Tags=[{"Key": OWNER, "Value": stack}])["PipelineArn"]
    else:
        arn = sagemaker.update_pipeline(**request)["PipelineArn"]
    return StandingPipeline(arn, _newest_version(sagemaker, change.name))


def _create_group(sagemaker: Any, change: CreatePackageGroup, stack: str) -> None:
    tags = [{"Key": OWNER, "Value": stack}]
    sagemaker.create_model_package_group(
        ModelPackageGroupName=change.name, ModelPackageGroupDescription=change.title, Tags=tags
    )


def _announce(s3: Any, publication: Publication, pipelines: Mapping[str, StandingPipeline]) -> list[Announce]:
    """Write the document from which runs are planned; last the one that all runs read."""
    time = {"published_at": datetime.now(UTC).isoformat(timespec="seconds")}
    body = json.dumps(document(publication, pipelines) | time, indent=2, ensure_ascii=False).encode("utf-8")
    done = announcements(publication, {one.name: pipelines[one.name].version for one in publication.pipelines})
    for change in done:
        s3.put_object(Bucket=publication.bucket, Key=change.key, Body=body, ContentType="application/json")
    return done


def _published(publication: Publication, pipelines: Mapping[str, StandingPipeline], *, changed: bool) -> Published:
    first, *tuned = publication.pipelines
    return Published(
        publication.name, first.name, pipelines[first.name].arn, pipelines[first.name].version, publication.group,
        publication.model_sha256, publication.code_sha256, first.sha256, changed,
        tuned[0].name if tuned else None, pipelines[tuned[0].name].version if tuned else None,
    )  # fmt: skip


def _read_json(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    if key not in {found["Key"] for found in _listed(s3, bucket, key)}:
        return {}
    found: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return found
