"""What publishing a model changes in a stack: decided from what is to stand there and what stands. Pure.

``execution`` reads what stands, and carries the plan out.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.publishing import measuring, model_schedules
from pipelines.publishing.askable import announced as askable
from pipelines.publishing.log_groups import BoundLogGroup, CreateLogGroup, LogGroup, group_changes
from pipelines.publishing.model_roles import AttachPolicy, CreateRole, ModelRole, StandingRole, role_changes


@dataclass(frozen=True)
class UploadCode:
    """Scripts, and the archive of all of them, whose names say what they hold."""

    code_sha256: str
    files: Mapping[str, str]  # sha256 of each, by key
    contents: Mapping[str, bytes] = field(repr=False)  # by key
    heading = "upload"

    @property
    def subject(self) -> str:
        """How many files of which code."""
        return f"{len(self.files)} files to code/{self.code_sha256}/"


@dataclass(frozen=True)
class UploadModel:
    """A model file with its defaults, or what jobs read of it; the name says what it holds."""

    key: str
    sha256: str
    content: bytes = field(repr=False)
    heading = "upload"

    @property
    def subject(self) -> str:
        """Its key."""
        return self.key


@dataclass(frozen=True)
class CreatePipeline:
    """A pipeline is made, and with it its first version."""

    name: str
    version: int
    role_arn: str
    definition_sha256: str
    definition: str = field(repr=False)
    heading = "create pipeline"

    @property
    def subject(self) -> str:
        """Name and version."""
        return f"{self.name} version {self.version}"


@dataclass(frozen=True)
class UpdatePipeline:
    """A pipeline gets another definition or role, and with it a new version."""

    name: str
    version: int
    role_arn: str
    definition_sha256: str
    definition: str = field(repr=False)
    heading = "update pipeline"

    @property
    def subject(self) -> str:
        """Name and version."""
        return f"{self.name} to version {self.version}"


@dataclass(frozen=True)
class CreatePackageGroup:
    """Versions of the model are registered in this group."""

    name: str
    title: str
    heading = "create model package group"

    @property
    def subject(self) -> str:
        """Its name."""
        return self.name


@dataclass(frozen=True)
class Announce:
    """The word from which runs are planned: the next one uses what was published."""

    key: str
    versions: Mapping[str, int]  # of pipelines, by name
    heading = "announce"

    @property
    def subject(self) -> str:
        """The key of the document."""
        return self.key


Change = (
    UploadCode | UploadModel | CreateRole | AttachPolicy | CreateLogGroup | BoundLogGroup | CreatePipeline
    | UpdatePipeline | CreatePackageGroup | model_schedules.ScheduleChange | Announce
)  # fmt: skip


class ForeignCode(ValueError):
    """Files lie among the code that jobs run, and are not of it."""


class NameTaken(ValueError):
    """Somebody else has a pipeline of that name."""


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as it is to stand."""

    name: str
    definition: str
    parameters: Mapping[str, str]  # that every run is to have

    @property
    def sha256(self) -> str:
        """Of the definition."""
        return hashlib.sha256(self.definition.encode()).hexdigest()

    def askable(self, model: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What may be asked of one of its runs."""
        return askable(json.loads(self.definition).get("Parameters", []), model, self.parameters)


@dataclass(frozen=True)
class Publication:
    """What is to stand in a stack for one model."""

    stack: str
    bucket: str
    model: Mapping[str, Any]
    code: Mapping[str, bytes]  # by key
    code_sha256: str
    settings: bytes  # the whole model file, checked, with its defaults
    views: Mapping[str, bytes]  # what jobs read of it, by key
    role_arn: str  # of the pipelines
    jobs_role: ModelRole
    serving_role: ModelRole
    pipelines: tuple[Pipeline, ...]  # the one that trains, and the one that tunes where there is one
    group: str
    log_group: LogGroup | None = None  # of the endpoint; None of a model without one
    schedules: model_schedules.SchedulePlace | None = None  # where the stack's are; None: it has none
    schedule: model_schedules.ModelSchedule | None = None
    tunes: bool | None = None  # whether a run tunes that does not say; None where no run can
    quotas_too_low: tuple[Mapping[str, Any], ...] = ()  # of the account: a run that needs one ends at once

    @property
    def name(self) -> str:
        """The model's."""
        return str(self.model["name"])

    @property
    def roles(self) -> tuple[ModelRole, ...]:
        """All that are to stand."""
        return self.jobs_role, self.serving_role

    @property
    def model_sha256(self) -> str:
        """Of the whole model file."""
        return hashlib.sha256(self.settings).hexdigest()

    @property
    def model_key(self) -> str:
        """Where the whole model file is kept."""
        return f"config/versions/{self.name}/{self.model_sha256}.json"


@dataclass(frozen=True)
class StandingPipeline:
    """A pipeline that is there."""

    arn: str
    version: int  # the newest
    role_arn: str = ""
    definition: str = ""
    owner: str = ""  # stack


@dataclass(frozen=True)
class Standing:
    """What is there of all that a publication is about."""

    keys: frozenset[str]  # whose content is what their name says
    pipelines: Mapping[str, StandingPipeline]
    groups: frozenset[str]
    announced: Mapping[str, Any]
    roles: Mapping[str, StandingRole] = field(default_factory=dict)  # by name
    log_group: LogGroup | None = None
    schedule: model_schedules.StandingSchedule | None = None
    foreign: frozenset[str] = frozenset()  # keys in the folder of the code that are not of the code


@dataclass(frozen=True)
class Plan:
    """What publishing a model changes, in order, and from what that was decided."""

    publication: Publication
    standing: Standing
    changes: tuple[Change, ...]


def plan(publication: Publication, standing: Standing) -> Plan:
    """Decide what changes; nothing where all stands already.

    Raises:
        NameTaken: a pipeline of that name is another stack's.
        ForeignCode: a job would find more in the folder of its code than the code.
        RoleTaken: a role of the model is not what publishing makes.
    """
    if standing.foreign:
        raise ForeignCode(
            f"{', '.join(sorted(standing.foreign))}: not of the code that is published, and every job would have it;"
            " find out who put it there, and delete it"
        )
    changes: list[Change] = [*_uploads(publication, standing.keys)]
    for role in publication.roles:
        changes += role_changes(role, standing.roles.get(role.name))
    changes += group_changes(publication.log_group, standing.log_group)
    for pipeline in publication.pipelines:
        changes += _pipeline_changes(pipeline, publication, standing.pipelines.get(pipeline.name))
    if publication.group not in standing.groups:
        changes.append(CreatePackageGroup(publication.group, str(publication.model.get("title", publication.name))))
    changes += model_schedules.schedule_changes(
        publication.schedule, standing.schedule, publication.group, publication.schedules
    )
    versions = {one.name: one.version for one in changes if isinstance(one, CreatePipeline | UpdatePipeline)}
    if versions or document(publication, standing.pipelines) != _without_time(standing.announced):
        there = {name: one.version for name, one in standing.pipelines.items() if name not in versions}
        changes += announcements(publication, {**there, **versions})
    return Plan(publication, standing, tuple(changes))


def _uploads(publication: Publication, keys: frozenset[str]) -> list[Change]:
    absent = {key: content for key, content in publication.code.items() if key not in keys}
    hashes = {key: hashlib.sha256(content).hexdigest() for key, content in absent.items()}
    code = [UploadCode(publication.code_sha256, hashes, absent)] if absent else []
    documents = {publication.model_key: publication.settings, **publication.views}
    return [
        *code,
        *(
            UploadModel(key, hashlib.sha256(content).hexdigest(), content)
            for key, content in documents.items()
            if key not in keys
        ),
    ]


def _pipeline_changes(pipeline: Pipeline, publication: Publication, there: StandingPipeline | None) -> list[Change]:
    facts = {"role_arn": publication.role_arn, "definition_sha256": pipeline.sha256, "definition": pipeline.definition}
    if there is None:
        return [CreatePipeline(pipeline.name, 1, **facts)]
    if there.owner not in ("", publication.stack):
        raise NameTaken(f"pipeline {pipeline.name} belongs to stack {there.owner}; give the model another name")
    equal = json.loads(there.definition) == json.loads(pipeline.definition) and there.role_arn == publication.role_arn
    return [] if equal else [UpdatePipeline(pipeline.name, there.version + 1, **facts)]


def announcements(publication: Publication, versions: Mapping[str, int]) -> list[Announce]:
    """The document under the pipeline's version, for runs that ask for it, and last the one that all runs read."""
    under_version = f"config/pipelines/{publication.name}/{versions[publication.pipelines[0].name]}.json"
    return [Announce(key, versions) for key in (under_version, f"config/models/{publication.name}.json")]


def document(publication: Publication, pipelines: Mapping[str, StandingPipeline]) -> dict[str, Any]:
    """What is announced once ``pipelines`` stand."""
    first, *tuned = (
        {"name": one.name, "arn": pipelines[one.name].arn, "version_id": pipelines[one.name].version,
         "definition_sha256": one.sha256, "askable": one.askable(publication.model),
         "measuring": measuring.of_text(one.definition)} for one in publication.pipelines
    )  # fmt: skip
    announced: dict[str, Any] = {
        "model": publication.model, "model_sha256": publication.model_sha256, "code_sha256": publication.code_sha256,
        "pipeline": first, "package_group": publication.group, "parameters": publication.pipelines[0].parameters,
        "serving_role_arn": publication.serving_role.arn,
    }  # fmt: skip
    if tuned:
        announced["tunes"] = publication.tunes
        announced["tuned_pipeline"] = tuned[0] | {"parameters": publication.pipelines[1].parameters}
    return announced | ({"quotas_too_low": [*publication.quotas_too_low]} if publication.quotas_too_low else {})


def _without_time(announced: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in announced.items() if name != "published_at"}
