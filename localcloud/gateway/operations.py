"""What both kinds of API share: reading a document that is imported, and keeping the API that it makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from localcloud.gateway import apis, documents
from localcloud.gateway.apis import APIS, Api
from localcloud.gateway.documents import Kind
from localcloud.settings import Cloud

Asked = Mapping[str, Any]
Operation = Callable[[str, Asked, Cloud], Any]  # region, what is asked
Played = Mapping[str, tuple[Operation, str]]  # by operation; the members of its request that are played


class Conflict(ValueError):
    """The name is taken."""


def plain(operation: Callable[[str, Asked], Any]) -> Operation:
    """An operation whose answer does not say where an API is called."""
    return lambda region, asked, _: operation(region, asked)


def document(asked: Asked, member: str, kind: Kind) -> dict[str, Any]:
    """The document that a request brings, in YAML or JSON.

    Raises:
        NotPlayed, Invalid: it is none that can be served here.
    """
    text = asked.get(member) or ""
    try:
        found = yaml.safe_load(text.decode() if isinstance(text, bytes) else text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise documents.Invalid("Invalid OpenAPI input.") from error
    if not isinstance(found, dict):
        raise documents.Invalid("Invalid OpenAPI input.")
    plain_data: dict[str, Any] = json.loads(json.dumps(found, default=str))
    documents.routes(plain_data, kind)
    return plain_data


def add(region: str, kind: Kind, made_of: dict[str, Any], endpoint_types: list[str]) -> Api:
    """A new API with this document."""
    api = Api(apis.new_id(), kind, made_of, endpoint_types)
    api.tags = {
        str(tag["name"]): str(tag["x-amazon-apigateway-tag-value"])
        for tag in made_of.get("tags") or []
        if "x-amazon-apigateway-tag-value" in tag
    }
    APIS.setdefault(region, {})[api.id] = api
    return api


def delete_api(kind: Kind, member: str) -> Operation:
    """Take an API away, with its stages."""

    def delete(region: str, asked: Asked, _: Cloud) -> None:
        found = apis.existing(region, kind, asked[member])  # before the region, which may hold none
        del APIS[region][found.id]

    return delete


def delete_stage(kind: Kind, api_member: str, member: str) -> Operation:
    """Take a stage away."""

    def delete(region: str, asked: Asked, _: Cloud) -> None:
        api = apis.existing(region, kind, asked[api_member])
        del api.stages[api.stage(asked[member]).name]

    return delete
