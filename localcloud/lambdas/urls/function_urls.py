"""Function URLs over HTTP: ``http://<url-id>.lambda-url.<region>.localhost:<port>/`` invokes the function.

moto keeps a URL's configuration and answers nothing there. Who may call is what the function's own policy says, or for
``AWS_IAM`` that of the caller; cross-origin settings, streams, and URLs of aliases are refused by name.
Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.awslambda.models import FunctionUrlConfig, LambdaBackend, LambdaFunction, lambda_backends
from moto.awslambda.policy import Policy
from werkzeug.wrappers import Response

from localcloud.front import credentials, moto_patches
from localcloud.iam import callers, checks
from localcloud.iam.callers import Person
from localcloud.iam.checks import Refused
from localcloud.iam.permissions import RequiredPermission
from localcloud.iam.requests import all_headers
from localcloud.iam.signing import links
from localcloud.lambdas import service
from localcloud.lambdas.urls import url_events
from localcloud.lambdas.urls.url_events import BadAnswer, UrlAnswer, UrlRequest
from localcloud.settings import Cloud

log = logging.getLogger(__name__)
HOST = re.compile(r"([a-z0-9]{32}\.lambda-url\.[a-z0-9-]+)\.localhost(?::\d+)?", re.ASCII)
MODELS = "moto.awslambda.models"
FORBIDDEN = "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
NOT_PLAYED = {"Cors": None, "Qualifier": None, "InvokeMode": "BUFFERED"}  # what may be said of each
Start = Callable[..., Any]


def asked(environ: Mapping[str, Any]) -> bool:
    """Whether a request is for a function's URL."""
    return HOST.fullmatch(str(environ.get("HTTP_HOST", "")).lower()) is not None


def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Invoke the function whose URL a request is for, and answer what it says."""
    given = _answer(environ)
    return Response(given.body, given.status, given.headers)(environ, start)


def _answer(environ: dict[str, Any]) -> UrlAnswer:
    domain = _domain(environ)
    function = next((one for one in _functions() if one.url_config and domain in one.url_config.url), None)
    if function is None:
        return _said(404, None)
    try:
        iam = _admit(environ, function)
    except (Refused, callers.Unknown, callers.Ended, links.Altered) as refused:
        log.info("%s refused: %s", domain, refused)
        return _said(403, FORBIDDEN)
    payload = json.dumps(url_events.event(_request(environ, iam), service.account())).encode()
    try:
        outcome = service.invoke(function.function_arn, payload)
        return UrlAnswer(502, [], b"Internal Server Error") if outcome.error else url_events.answer(outcome.payload)
    except service.TooManyRequests:
        return _said(429, "Rate Exceeded.")
    except BadAnswer as bad:
        log.warning("%s answered what no URL can say: %s", function.function_name, bad)
        return UrlAnswer(502, [], b"Internal Server Error")


def _said(status: int, message: str | None) -> UrlAnswer:
    return UrlAnswer(status, [("Content-Type", "application/json")], json.dumps({"Message": message}).encode())


def _domain(environ: Mapping[str, Any]) -> str:
    found = HOST.fullmatch(str(environ["HTTP_HOST"]).lower())
    return found[1] if found else ""


def _functions() -> Iterable[LambdaFunction]:
    for regions in list(dict.values(lambda_backends)):
        for backend in list(dict.values(regions)):
            yield from backend.list_functions()


def _request(environ: Mapping[str, Any], iam: Mapping[str, Any] | None) -> UrlRequest:
    path = str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]
    body, method = environ["wsgi.input"].read(), str(environ["REQUEST_METHOD"])
    return UrlRequest(
        environ["HTTP_HOST"], method, path, environ.get("QUERY_STRING", ""), all_headers(environ), body, iam=iam
    )


def _admit(environ: dict[str, Any], function: LambdaFunction) -> dict[str, str] | None:
    """Who calls, where the URL asks that; None for anybody. Since October 2025 a call needs both permissions.

    Raises:
        Refused: policies are enforced, and permit it not.
        Unknown, Ended, Altered: nobody signed it, or no more, or not so, and the URL asks for that.
    """
    kind, arn = str(function.url_config.config["AuthType"]), str(function.function_arn)
    needs = [
        RequiredPermission("lambda:InvokeFunctionUrl", arn, {"lambda:FunctionUrlAuthType": (kind,)}),
        RequiredPermission("lambda:InvokeFunction", arn, {"lambda:InvokedViaFunctionUrl": ("true",)}),
    ]
    if kind == "NONE":
        checks.require_of_anybody(needs)
        return None
    if credentials.of(environ) is None:  # whatever the query says: none of what AWS takes unsigned is meant here
        raise callers.Unknown("Missing Authentication Token", signed=False)
    caller = callers.of(environ, checks.place().account)
    if isinstance(caller, Person):
        if checks.enforcing():
            checks.require_of_person(caller.arn, needs, caller.session)
    elif caller is not None:
        checks.require(caller.role, needs, caller.name)
    who = caller.arn if isinstance(caller, Person) else caller.role if caller else ""
    return {"accountId": checks.place().account, "userArn": who or f"arn:aws:iam::{checks.place().account}:root"}


def install(cloud: Cloud) -> None:
    """Make URLs that lead here from now on, and keep the conditions of who may call them."""
    original: dict[str, Callable[..., Any]] = {}

    def create(self: LambdaBackend, name_or_arn: str, config: dict[str, Any]) -> FunctionUrlConfig:
        _check(config)
        made: FunctionUrlConfig = original["create"](self, name_or_arn, config)
        made.url = _url(made.function, cloud.port)
        return made

    def update(self: LambdaBackend, name_or_arn: str, config: dict[str, Any]) -> FunctionUrlConfig:
        _check(config)
        self.get_function_url_config(name_or_arn)  # raises where there is none
        updated: FunctionUrlConfig = original["update"](self, name_or_arn, config)
        return updated

    def decode(self: Policy, obj: dict[str, Any]) -> Policy:
        conditions = _conditions(obj)
        policy: Policy = original["decode"](self, obj)
        for operator, keys in conditions.items():
            policy.statements[0].setdefault("Condition", {}).setdefault(operator, {}).update(keys)
        return policy

    for name, path, new in (
        ("create", f"{MODELS}:LambdaBackend.create_function_url_config", create),
        ("update", f"{MODELS}:LambdaBackend.update_function_url_config", update),
        ("decode", "moto.awslambda.policy:Policy.decode_policy", decode),
    ):
        original[name] = moto_patches.replace(path, new)


def _url(function: LambdaFunction, port: int) -> str:
    """The same for the same function, as on AWS."""
    url_id = hashlib.sha256(str(function.function_arn).encode()).hexdigest()[:32]
    return f"http://{url_id}.lambda-url.{function.region}.localhost:{port}/"


def _check(config: Mapping[str, Any]) -> None:
    for name, played in NOT_PLAYED.items():
        if config.get(name) and config[name] != played:
            raise NotImplementedError(f"{name} of a function URL is not played")


def _conditions(obj: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What AddPermission says of URLs, as conditions; moto would keep it as elements that no policy has."""
    kind, via = obj.pop("FunctionUrlAuthType", ""), obj.pop("InvokedViaFunctionUrl", None)
    found = {"StringEquals": {"lambda:FunctionUrlAuthType": str(kind)}} if kind else {}
    return found | ({"Bool": {"lambda:InvokedViaFunctionUrl": str(via).lower()}} if via is not None else {})
