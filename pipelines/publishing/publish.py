"""A model file to a stack: code, settings, pipeline and package group, and last the word that all is there.

Talks to AWS only through the clients that it is given. Everything is idempotent: publishing what is published already
makes no pipeline version and writes nothing.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines import names
from pipelines.definition import defaults, placeholders, tuning
from pipelines.model import instance_type_rules, model_file, views
from pipelines.model.views import View
from pipelines.publishing import freshness, job_code, log_groups
from pipelines.publishing.askable import INSTANCES, NOT_ASKABLE, NUMBERS, TEXT, askable
from pipelines.publishing.execution import Clients, Published, execute, standing_of
from pipelines.publishing.log_groups import LogGroup
from pipelines.publishing.model_roles import ModelRole, Use
from pipelines.publishing.model_schedules import ModelSchedule, SchedulePlace
from pipelines.publishing.plan import Pipeline, Plan, Publication, plan
from pipelines.publishing.surroundings import Surroundings, placed

OF_JOBS = (View.PREPARATION, View.EVALUATION)  # what is published of a model file for jobs to read


@dataclass(frozen=True)
class StackNames:
    """What a stack's outputs say."""

    bucket: str
    pipeline_role_arn: str
    jobs_policy_arn: str
    serving_policy_arn: str
    champion_queue_url: str
    stack: str
    region: str
    log_retention_days: int
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    isolated: bool = False  # the containers of jobs reach no network
    key_arn: str = ""  # of job outputs and volumes; "" for keys that AWS owns
    quotas_too_low: tuple[Mapping[str, Any], ...] = ()  # of the account, for jobs of the model that is published
    schedules: SchedulePlace | None = None  # where schedules of models are; None: nowhere

    def schedule(self, model: Mapping[str, Any]) -> ModelSchedule | None:
        """The schedule by which the model's runs begin; None where its file names none."""
        found = model.get("retrain", {}).get("schedule")
        if found is None or self.schedules is None:
            return None
        name = names.resource_name(self.stack, model["name"])
        return ModelSchedule(name, model["name"], found["expression"], found["timezone"], self.schedules)

    def jobs_role(self, model: str) -> ModelRole:
        """The role of one model's jobs."""
        return ModelRole(self.stack, model, self.region, Use.JOBS, self.jobs_policy_arn)

    def serving_role(self, model: str) -> ModelRole:
        """The role of one model's endpoint and batch transforms."""
        return ModelRole(self.stack, model, self.region, Use.SERVING, self.serving_policy_arn)

    def log_group(self, model: Mapping[str, Any]) -> LogGroup | None:
        """The log group of the model's endpoint; None where it has none."""
        if model["deployment"]["mode"] not in log_groups.WITH_ENDPOINT:
            return None
        name = log_groups.FOLDER + names.resource_name(self.stack, model["name"])
        return LogGroup(name, self.log_retention_days, self.key_arn)


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


class NoImage(ValueError):
    """A region without an image that the pipeline needs."""


def publish(model_name: str, stack: StackNames, clients: Clients, parameters: Mapping[str, str]) -> Published:
    """Bring ``models/<model_name>.yaml`` to ``stack``; ``parameters`` override its pipelines' for every run.

    Raises as ``prepare`` does.
    """
    published, _ = execute(prepare(model_name, stack, clients, parameters), clients)
    return published


def prepare(
    model_name: str,
    stack: StackNames,
    clients: Clients,
    parameters: Mapping[str, str],
    planned: Collection[str] = (),
    added: str = "",
) -> Plan:
    """Decide what publishing changes; nothing is written. ``planned`` are keys that earlier plans will have uploaded;
    ``added`` is read as if it stood at the model file's end.

    Raises:
        model_file.BadModelFile: when the model file has problems.
        freshness.Stale: when its compiled definition is out of date.
        BadParameters: when the pipeline has no such parameter, or the value is not of its type.
        NoImage: when the stack's region lacks an image.
        names.BadName: when the stack, or the two together, cannot be named so.
        NameTaken: when somebody else has a pipeline of that name.
        ForeignCode: when the folder of the code holds what is not of it.
        RoleTaken: when a role of the model is not what publishing makes.
    """
    names.check(stack.stack, model_name)
    publication = _publication(model_file.load(model_file.path_of(model_name), added), stack, parameters)
    return plan(publication, standing_of(publication, clients, planned))


def _publication(model: dict[str, Any], stack: StackNames, parameters: Mapping[str, str]) -> Publication:
    """What is to stand. A model with ranges has two pipelines, each with its own versions: one trains, one tunes."""
    templates = _templates(model, stack)
    switches = [tuning.switch(model["tuning"])] if tuning.is_tuned(model) else []
    check_parameters([one for template in templates for one in template.parameters] + switches, parameters, model)
    code, whole = job_code.files(), json.dumps(model, ensure_ascii=False).encode("utf-8")
    code_sha256 = job_code.sha256(code)
    objects = {f"code/{code_sha256}/{name}": content for name, content in code.items()}
    objects[f"code/{code_sha256}.tar.gz"] = job_code.archive(code)
    of_jobs = {
        f"config/versions/{model['name']}/{view}/{views.sha256(view, model)}.json": views.content(view, model)
        for view in OF_JOBS
    }
    definitions = [definition_for(template.text, model, stack, code_sha256) for template in templates]
    pipelines = tuple(
        Pipeline(template.name, definition, template.of(parameters))
        for template, definition in zip(templates, definitions, strict=True)
    )
    tunes = parameters.get(tuning.TUNING, switches[0]["DefaultValue"]) == "on" if switches else None
    group = names.resource_name(stack.stack, model["name"])
    return Publication(
        stack.stack,
        stack.bucket,
        model,
        objects,
        code_sha256,
        whole,
        of_jobs,
        stack.pipeline_role_arn,
        stack.jobs_role(model["name"]),
        stack.serving_role(model["name"]),
        pipelines,
        group,
        stack.log_group(model),
        stack.schedules,
        stack.schedule(model),
        tunes,
        stack.quotas_too_low,
    )


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
        "JobsRole": stack.jobs_role(model["name"]).arn, "ChampionQueueUrl": stack.champion_queue_url,
        "CodeSha256": code_sha256, **{f"{view.title()}Sha256": views.sha256(view, model) for view in OF_JOBS},
    }  # fmt: skip
    values |= {f"Image:{name}": uri for name, uri in _regional(images, stack.region).items()}
    absent = [name for name in images if name not in _regional(images, stack.region) and f"Image:{name}" in template]
    if absent:
        raise NoImage(f"SageMaker has no image {absent[0]} in {stack.region}; deploy the stack in a region that has it")
    around = Surroundings(
        stack.stack, stack.subnet_ids, stack.security_group_ids, stack.isolated, stack.key_arn,
        instance_type_rules.uses_with_local_storage(model),
    )  # fmt: skip
    filled = placed(json.loads(placeholders.fill(template, values)), around)
    filled = defaults.filled(filled, defaults.values(views.document(View.DEFAULTS, model)))
    return json.dumps(filled | {"Metadata": {}}, separators=(",", ":"))


def _regional(images: Mapping[str, Mapping[str, str]], region: str) -> dict[str, str]:
    return {name: by_region[region] for name, by_region in images.items() if region in by_region}


def check_parameters(known: list[dict[str, Any]], given: Mapping[str, str], model: Mapping[str, Any]) -> None:
    """Hold ``given`` against the parameters of ``model``'s definition that anybody may ask for.

    Raises:
        BadParameters: a name is unknown or not to be asked for, or a value is not of its type.
    """
    kinds = {parameter["Name"]: parameter["Type"] for parameter in askable(known, model)}
    allowed = {parameter["Name"]: list(parameter.get("EnumValues") or []) for parameter in known}
    for name, value in given.items():
        if name in NOT_ASKABLE:
            raise BadParameters(f"{name} cannot be asked for: {NOT_ASKABLE[name]}; what can is {', '.join(kinds)}")
        if name not in kinds:
            raise BadParameters(f"the pipeline has no parameter {name!r}; it has {', '.join(kinds)}")
        if not NUMBERS.get(kinds[name], TEXT).fullmatch(value):
            raise BadParameters(f"parameter {name} is {value!r}; it takes a value of type {kinds[name]}")
        if name in INSTANCES and (told := instance_type_rules.wrong(value, INSTANCES[name])):
            raise BadParameters(f"parameter {name}: {'; '.join(told)}")
        if allowed[name] and value not in allowed[name]:
            raise BadParameters(f"parameter {name} is {value!r}; it takes one of {', '.join(allowed[name])}")
