"""A model file to a stack: code, settings, pipeline and package group, and last the word that all is there.

Talks to AWS only through the clients that it is given. Everything is idempotent: publishing what is published already
makes no pipeline version and writes nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines import names
from pipelines.definition import defaults, placeholders, tuning
from pipelines.model import instance_type_rules, model_file, views
from pipelines.model.views import View
from pipelines.publishing import freshness, job_code
from pipelines.publishing.tags_and_network import OWNER, Surroundings, placed

OF_JOBS = (View.PREPARATION, View.EVALUATION)  # what is published of a model file for jobs to read
INSTANCES = {f"{use.title()}InstanceType": use for use in ("processing", "training", "transform")}


@dataclass(frozen=True)
class StackNames:
    """What a stack's outputs say."""

    bucket: str
    pipeline_role_arn: str
    endpoint_role_arn: str
    champion_queue_url: str
    stack: str
    region: str
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    isolated: bool = False  # the containers of jobs reach no network


@dataclass(frozen=True)
class Clients:
    """boto3 clients of the stack's region."""

    s3: Any
    sagemaker: Any


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


@dataclass(frozen=True)
class Template:
    """One of a model's compiled definitions."""

    name: str  # of the pipeline
    text: str

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What a run may set."""
        found: list[dict[str, Any]] = json.loads(self.text)["Parameters"]
        return found

    def of(self, given: Mapping[str, str]) -> dict[str, str]:
        """Those of the parameters that are ``given`` which this pipeline takes."""
        known = {parameter["Name"] for parameter in self.parameters}
        return {name: value for name, value in given.items() if name in known}


class BadParameters(ValueError):
    """Parameter overrides that the pipeline does not take."""


class NameTaken(ValueError):
    """Somebody else has a pipeline of that name."""


class NoImage(ValueError):
    """A region without an image that the pipeline needs."""


def publish(model_name: str, stack: StackNames, clients: Clients, parameters: Mapping[str, str]) -> Published:
    """Bring ``models/<model_name>.yaml`` to ``stack``; ``parameters`` override its pipelines' for every run.

    A model with ranges has two pipelines, each with its own versions: one trains, one tunes.

    Raises:
        model_file.BadModelFile: when the model file has problems.
        freshness.Stale: when its compiled definition is out of date.
        BadParameters: when the pipeline has no such parameter, or the value is not of its type.
        NoImage: when the stack's region lacks an image.
        names.BadName: when the stack, or the two together, cannot be named so.
        NameTaken: when somebody else has a pipeline of that name.
    """
    names.check(stack.stack, model_name)
    model = model_file.load(model_file.path_of(model_name))
    templates = _templates(model, stack)
    switches = [tuning.switch(model["tuning"])] if tuning.is_tuned(model) else []
    check_parameters([one for template in templates for one in template.parameters] + switches, parameters)
    code, whole = job_code.files(), json.dumps(model, ensure_ascii=False).encode("utf-8")
    code_sha256, model_sha256 = job_code.sha256(code), hashlib.sha256(whole).hexdigest()
    definitions = [definition_for(template.text, model, stack, code_sha256) for template in templates]

    _put_code(clients.s3, stack.bucket, code, code_sha256)
    _put_once(clients.s3, stack.bucket, f"config/versions/{model_name}/{model_sha256}.json", whole)
    for view in OF_JOBS:
        key = f"config/versions/{model_name}/{view}/{views.sha256(view, model)}.json"
        _put_once(clients.s3, stack.bucket, key, views.content(view, model))
    made = [
        _ensure_pipeline(clients.sagemaker, template.name, definition, stack)
        for template, definition in zip(templates, definitions, strict=True)
    ]
    group = names.resource_name(stack.stack, model_name)
    _ensure_group(clients.sagemaker, group, str(model.get("title", model_name)), stack.stack)
    document: dict[str, Any] = {
        "model": model, "model_sha256": model_sha256, "code_sha256": code_sha256,
        "pipeline": made[0], "package_group": group, "parameters": templates[0].of(parameters),
    }  # fmt: skip
    if switches:
        tunes = parameters.get(tuning.TUNING, switches[0]["DefaultValue"]) == "on"
        document |= {"tunes": tunes, "tuned_pipeline": made[1] | {"parameters": templates[1].of(parameters)}}
    return _announce(clients.s3, stack.bucket, document)


def _templates(model: Mapping[str, Any], stack: StackNames) -> list[Template]:
    """Of the pipeline that trains the model, and of the one that tunes it."""
    return [
        Template(
            names.pipeline_name(stack.stack, model["name"], tuned=tuned), freshness.compiled_text(model, tuned=tuned)
        )
        for tuned in tuning.kinds(model)
    ]


def definition_for(template: str, model: Mapping[str, Any], stack: StackNames, code_sha256: str) -> str:
    """Fill placeholders and default values of a compiled definition of ``model``.

    Raises:
        NoImage: when the region has no image that the definition needs.
    """
    images: dict[str, dict[str, str]] = json.loads(freshness.IMAGES_PATH.read_text("utf-8"))
    values = {
        "Stack": stack.stack, "Region": stack.region, "DataBucket": stack.bucket,
        "PipelineRole": stack.pipeline_role_arn, "ChampionQueueUrl": stack.champion_queue_url,
        "CodeSha256": code_sha256, **{f"{view.title()}Sha256": views.sha256(view, model) for view in OF_JOBS},
    }  # fmt: skip
    values |= {f"Image:{name}": uri for name, uri in _regional(images, stack.region).items()}
    absent = [name for name in images if name not in _regional(images, stack.region) and f"Image:{name}" in template]
    if absent:
        raise NoImage(f"SageMaker has no image {absent[0]} in {stack.region}; deploy the stack in a region that has it")
    around = Surroundings(stack.stack, stack.subnet_ids, stack.security_group_ids, stack.isolated)
    filled = placed(json.loads(placeholders.fill(template, values)), around)
    filled = defaults.filled(filled, defaults.values(views.document(View.DEFAULTS, model)))
    return json.dumps(filled | {"Metadata": {}}, separators=(",", ":"))


def _regional(images: Mapping[str, Mapping[str, str]], region: str) -> dict[str, str]:
    return {name: by_region[region] for name, by_region in images.items() if region in by_region}


def check_parameters(known: list[dict[str, Any]], given: Mapping[str, str]) -> None:
    """Hold ``given`` against the parameters of a definition.

    Raises:
        BadParameters: a name is unknown, or a value is not of its type.
    """
    kinds = {parameter["Name"]: parameter["Type"] for parameter in known}
    allowed = {parameter["Name"]: list(parameter.get("EnumValues") or []) for parameter in known}
    for name, value in given.items():
        if name not in kinds:
            raise BadParameters(f"the pipeline has no parameter {name!r}; it has {', '.join(kinds)}")
        convert = {"Integer": int, "Float": float}.get(kinds[name], str)
        try:
            convert(value)
        except ValueError:
            raise BadParameters(f"parameter {name} is {value!r}; it takes a value of type {kinds[name]}") from None
        if name in INSTANCES and (told := instance_type_rules.wrong(value, INSTANCES[name])):
            raise BadParameters(f"parameter {name}: {'; '.join(told)}")
        if allowed[name] and value not in allowed[name]:
            raise BadParameters(f"parameter {name} is {value!r}; it takes one of {', '.join(allowed[name])}")


def _put_code(s3: Any, bucket: str, code: Mapping[str, bytes], code_sha256: str) -> None:
    for name, content in code.items():
        _put_once(s3, bucket, f"code/{code_sha256}/{name}", content)
    _put_once(s3, bucket, f"code/{code_sha256}.tar.gz", job_code.archive(code))


def _put_once(s3: Any, bucket: str, key: str, content: bytes) -> None:
    """Upload to a name that its content decides; what is there already is the same."""
    there = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    if not any(found["Key"] == key for found in there):
        s3.put_object(Bucket=bucket, Key=key, Body=content)


def _ensure_group(sagemaker: Any, name: str, title: str, stack: str) -> None:
    pages = sagemaker.get_paginator("list_model_package_groups").paginate(NameContains=name)
    groups = (group["ModelPackageGroupName"] for page in pages for group in page["ModelPackageGroupSummaryList"])
    if name not in groups:
        sagemaker.create_model_package_group(
            ModelPackageGroupName=name, ModelPackageGroupDescription=title, Tags=[{"Key": OWNER, "Value": stack}]
        )


def _ensure_pipeline(sagemaker: Any, name: str, definition: str, stack: StackNames) -> dict[str, Any]:
    """Create or update the pipeline; its ARN and newest version. One that is somebody else's is left alone.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListPipelineVersions.html
    """
    pages = sagemaker.get_paginator("list_pipelines").paginate(PipelineNamePrefix=name)
    if name in {found["PipelineName"] for page in pages for found in page["PipelineSummaries"]}:
        there = sagemaker.describe_pipeline(PipelineName=name)
        arn, role_arn = there["PipelineArn"], stack.pipeline_role_arn
        tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
        if tags.get(OWNER, stack.stack) != stack.stack:
            raise NameTaken(f"pipeline {name} belongs to stack {tags[OWNER]}; give the model another name")
        if (json.loads(there["PipelineDefinition"]), there["RoleArn"]) != (json.loads(definition), role_arn):
            sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=definition, RoleArn=role_arn)
    else:
        arn = sagemaker.create_pipeline(  # with a fresh token of the SDK's: one that was deleted is made again
            PipelineName=name,
            PipelineDefinition=definition,
            RoleArn=stack.pipeline_role_arn,
            Tags=[{"Key": OWNER, "Value": stack.stack}],
        )["PipelineArn"]
    newest = sagemaker.list_pipeline_versions(PipelineName=name, SortOrder="Descending", MaxResults=1)
    version = int(newest["PipelineVersionSummaries"][0]["PipelineVersionId"])
    definition_sha256 = hashlib.sha256(definition.encode()).hexdigest()
    return {"name": name, "arn": arn, "version_id": version, "definition_sha256": definition_sha256}


def _announce(s3: Any, bucket: str, document: dict[str, Any]) -> Published:
    """Write ``config/models/<name>.json``, from which runs are planned, unless it says the same already, and the same
    under the pipeline's version.
    """
    key = f"config/models/{document['model']['name']}.json"
    before = _read_json(s3, bucket, key)
    changed = {name: value for name, value in before.items() if name != "published_at"} != document
    if changed:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        body = json.dumps(document | {"published_at": now}, indent=2, ensure_ascii=False)
        with_version = f"config/pipelines/{document['model']['name']}/{document['pipeline']['version_id']}.json"
        for one in (with_version, key):  # the first is for runs that ask for this version when others are published
            s3.put_object(Bucket=bucket, Key=one, Body=body.encode("utf-8"), ContentType="application/json")
    pipeline, tuned = document["pipeline"], document.get("tuned_pipeline", {})
    return Published(
        document["model"]["name"], pipeline["name"], pipeline["arn"], pipeline["version_id"], document["package_group"],
        document["model_sha256"], document["code_sha256"], pipeline["definition_sha256"], changed,
        tuned.get("name"), tuned.get("version_id"),
    )  # fmt: skip


def _read_json(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    there = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    if not any(found["Key"] == key for found in there):
        return {}
    document: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return document
