"""The APIs that there are, with their deployments and stages."""

from __future__ import annotations

import copy
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localcloud.gateway import documents
from localcloud.gateway.documents import Kind, Route
from localcloud.settings import Cloud

ID_LETTERS = string.ascii_lowercase + string.digits
DEFAULT_STAGE = "$default"


class Unknown(LookupError):
    """There is no such API, deployment or stage; the text is AWS's."""


def _now() -> datetime:
    return datetime.now(UTC)


def new_id(length: int = 10) -> str:
    """An id as API Gateway gives it: small letters and digits, a letter first."""
    return secrets.choice(string.ascii_lowercase) + "".join(secrets.choice(ID_LETTERS) for _ in range(length - 1))


@dataclass
class Deployment:
    """What an API was when somebody deployed it."""

    id: str
    document: dict[str, Any]
    description: str
    created: datetime = field(default_factory=_now)


@dataclass
class Stage:
    """A name under which a deployment is called. Without a deployment it serves the API as it is."""

    name: str
    deployment_id: str | None
    variables: dict[str, str]
    description: str = ""
    tracing: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)


@dataclass
class Api:
    """One API."""

    id: str
    kind: Kind
    document: dict[str, Any]
    endpoint_types: list[str]
    root_id: str = field(default_factory=new_id)
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=_now)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)

    def deploy(self, description: str) -> Deployment:
        """Keep the API as it is now."""
        made = Deployment(new_id(6), copy.deepcopy(self.document), description)
        self.deployments[made.id] = made
        return made

    def deployment(self, deployment_id: str) -> Deployment:
        """One deployment, or Unknown."""
        if deployment_id not in self.deployments:
            raise Unknown("Invalid Deployment identifier specified")
        return self.deployments[deployment_id]

    def stage(self, name: str) -> Stage:
        """One stage, or Unknown."""
        if name not in self.stages:
            raise Unknown("Invalid stage identifier specified")
        return self.stages[name]

    def served(self, stage: Stage) -> dict[str, Any]:
        """The document that a stage serves."""
        return self.document if stage.deployment_id is None else self.deployments[stage.deployment_id].document

    def routes(self, stage: Stage) -> tuple[Route, ...]:
        """The routes that a stage serves."""
        return documents.routes(self.served(stage), self.kind)


CLOUDS: list[Cloud] = []  # filled by install: the response classes are made by moto, once per call
APIS: dict[str, dict[str, Api]] = {}  # by region and id


def of_region(region: str, kind: Kind) -> dict[str, Api]:
    """A region's APIs of one kind, by id."""
    return {id_: api for id_, api in APIS.get(region, {}).items() if api.kind is kind}


def existing(region: str, kind: Kind, api_id: str) -> Api:
    """One API, or Unknown."""
    api = of_region(region, kind).get(api_id)
    if api is None:
        said = "Invalid API identifier specified 123456789012:" if kind is Kind.REST else "Invalid API identifier: "
        raise Unknown(f"{said}{api_id}")
    return api


def anywhere(api_id: str) -> tuple[str, Api] | None:
    """An API and its region."""
    return next(((region, found[api_id]) for region, found in APIS.items() if api_id in found), None)
