"""A call of an API: its route is found, the function asked, its answer handed on.

An API is called at ``/_apis/<id>/<stage>/<path>`` of the cloud's address, or, where the caller's machine knows the
name, at ``http://<id>.execute-api.localhost:<port>/<stage>/<path>``; an HTTP API's ``$default`` stage without its name.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localcloud import lambdas
from localcloud.background import spawn
from localcloud.gateway import answers, apis, events, matching
from localcloud.gateway.answers import Answer, Malformed
from localcloud.gateway.apis import DEFAULT_STAGE, Api, Stage
from localcloud.gateway.documents import BINARY, Kind
from localcloud.gateway.events import Asked, Called
from localcloud.gateway.matching import Match
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.settings import APIS_PATH

log = logging.getLogger(__name__)
BELOW = ".execute-api.localhost"
# Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
LONGEST_S = {Kind.REST: 29.0, Kind.HTTP: 30.0}
LARGEST_BYTES = 10 << 20
UNREAD = ("HTTP_CONNECTION", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING")

Start = Callable[..., Any]
Environ = Mapping[str, Any]


def is_called(environ: Environ) -> bool:
    """Whether a request is for an API."""
    return str(environ["PATH_INFO"]).startswith(APIS_PATH) or _named(environ) is not None


def _named(environ: Environ) -> str | None:
    host = str(environ.get("HTTP_HOST", "")).lower().partition(":")[0]
    return host.removesuffix(BELOW) if host.endswith(BELOW) else None


def serve(environ: Environ, start: Start) -> Iterable[bytes]:
    """Answer one request for an API."""
    answer = _answer(environ)
    start(f"{answer.status} {_reason(answer.status)}", list(answer.headers))
    return [answer.body]


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def _answer(environ: Environ) -> Answer:
    path = str(environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")
    api_id = _named(environ)
    if api_id is None:
        api_id, _, path = path.removeprefix(APIS_PATH).partition("/")
        path = f"/{path}"
    found = apis.anywhere(api_id)
    if found is None:
        return answers.message(403, "Forbidden")
    region, api = found
    stage, below = _staged(api, path)
    if stage is None:
        return answers.message(403, "Forbidden") if api.kind is Kind.REST else answers.no_route(api.kind)
    full = f"/{stage.name}{below}" if stage.name != DEFAULT_STAGE else below
    asked = _asked(environ, below, full)
    if len(asked.body) > LARGEST_BYTES:
        return answers.message(413, "Request Entity Too Large")
    match = matching.find(api.routes(stage), api.kind, asked.method, below)
    return answers.no_route(api.kind) if match is None else _Call(region, api, stage, match).answer(asked)


def _staged(api: Api, path: str) -> tuple[Stage | None, str]:
    """The stage that a path begins with, and the rest of the path."""
    name, slash, rest = path.removeprefix("/").partition("/")
    if name in api.stages and name != DEFAULT_STAGE:
        return api.stages[name], f"/{rest}" if slash else "/"
    return api.stages.get(DEFAULT_STAGE) if api.kind is Kind.HTTP else None, path


def _asked(environ: Environ, path: str, full_path: str) -> Asked:
    headers = [
        (key.removeprefix("HTTP_").replace("_", "-").title(), str(value))
        for key, value in environ.items()
        if key.startswith("HTTP_") and key not in UNREAD
    ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", str(environ["CONTENT_TYPE"])))
    return Asked(
        method=str(environ["REQUEST_METHOD"]),
        path=path,
        full_path=full_path,
        query=str(environ.get("QUERY_STRING", "")),
        headers=tuple(headers),
        body=environ["wsgi.input"].read(),
        host=str(environ.get("HTTP_HOST", "")),
        source_ip=str(environ.get("REMOTE_ADDR", "127.0.0.1")),
        protocol=str(environ.get("SERVER_PROTOCOL", "HTTP/1.1")),
    )


class _Call:
    """One request on its way to a function."""

    def __init__(self, region: str, api: Api, stage: Stage, match: Match) -> None:
        self._api, self._match = api, match
        account = apis.CLOUDS[0].account_id
        self._binary = tuple(api.served(stage).get(BINARY) or ())
        self._called = Called(api.id, api.kind, account, stage.name, stage.variables, self._binary)
        place = f"arn:aws:execute-api:{region}:{account}:{api.id}/{stage.name}"
        self._source = f"{place}/{_source_path(match)}"

    def answer(self, asked: Asked) -> Answer:
        """The function's answer; what API Gateway says where there is none."""
        route, kind = self._match.route, self._api.kind
        event = events.event(asked, self._called, self._match, str(uuid.uuid4()))
        try:
            deliveries.from_api(self._source, route.function)
            outcome = self._outcome(json.dumps(event).encode())
        except (Refused, UnknownFunctionException, NotImplementedError, lambdas.TooManyRequests) as error:
            log.info("%s of API %s does not reach %s: %s", route.key, self._api.id, route.function, error)
            return answers.not_permitted(kind)
        if outcome is None:
            return answers.timed_out(kind)
        try:
            if outcome.error:
                raise Malformed(f"the function failed: {outcome.payload.decode(errors='replace')}")
            return answers.of_function(outcome.payload, kind, route.format, asked.header("accept"), self._binary)
        except Malformed as error:
            log.info("%s of API %s answers no response: %s", route.key, self._api.id, error)
            return answers.failed(kind)

    def _outcome(self, payload: bytes) -> Any:
        """How the function ended; None when it takes longer than API Gateway waits."""
        route = self._match.route
        heard: list[Any] = []
        arn, _, qualifier = _split(route.function)

        def ask() -> None:
            try:
                heard.append(lambdas.invoke(arn, payload, qualifier=qualifier))
            except Exception as error:  # noqa: BLE001 - raised again by who waits
                heard.append(error)

        longest = LONGEST_S[self._api.kind]
        spawn(ask).join(min(longest, route.timeout_s or longest))
        if heard and isinstance(heard[0], Exception):
            raise heard[0]
        return heard[0] if heard else None


def _split(arn: str) -> tuple[str, str, str | None]:
    parts = arn.split(":")
    return ":".join(parts[:7]), parts[6], parts[7] if len(parts) > 7 else None


def _source_path(match: Match) -> str:
    """What a permission's SourceArn has to admit, after the stage.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """
    route = match.route
    if route.path == "$default":
        return "$default"
    path = "/".join("*" if part.startswith("{") else part for part in route.path.split("/"))
    return f"{'*' if route.method == 'ANY' else route.method}{path}"
