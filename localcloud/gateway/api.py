"""API Gateway's wire, of both its services: operations in, answers out. moto parses and serialises, keeping nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from localcloud.gateway import http_apis, rest_apis
from localcloud.gateway.apis import CLOUDS, Unknown
from localcloud.gateway.documents import Invalid, NotPlayed
from localcloud.gateway.operations import Asked, Conflict, Played

PLAYED: Mapping[str, Played] = {"apigateway": rest_apis.PLAYED, "apigatewayv2": http_apis.PLAYED}
_QUERY = {"ImportRestApi": ("failonwarnings", "mode"), "PutRestApi": ("failonwarnings", "mode")}
_CODES = {NotPlayed: "BadRequestException", Invalid: "BadRequestException", Unknown: "NotFoundException"}


class _GatewayResponse(BaseResponse):  # type: ignore[misc] # moto is untyped here
    """One call of one of the two services."""

    def __init__(self, service: str) -> None:
        super().__init__(service_name=service)
        self.automated_parameter_parsing = True

    def call_action(self) -> Any:
        """Dispatch, with this package's errors in API Gateway's shape."""
        name = self._get_action()
        try:
            if name not in PLAYED[self.service_name]:
                raise NotImplementedError(f"It has {', '.join(sorted(PLAYED[self.service_name]))}")
            asked = without_own_names(name, self._get_params())
            answer = ActionResult(answer_of(self.service_name, name, self.region, asked))
        except (NotPlayed, Invalid, Unknown, Conflict) as error:
            answer = ActionResult(Fault(_CODES.get(type(error), "ConflictException"), str(error)))
        status, headers, body = self.serialized(answer)
        return status, headers, body


class RestResponse(_GatewayResponse):
    """One call for REST APIs."""

    def __init__(self) -> None:
        super().__init__("apigateway")


class HttpResponse(_GatewayResponse):
    """One call for HTTP APIs."""

    def __init__(self) -> None:
        super().__init__("apigatewayv2")


class Fault(ServiceException):  # type: ignore[misc] # moto is untyped here
    """An error on the wire. (moto takes the service from the module of the exception's class.)"""


def without_own_names(operation: str, asked: Asked) -> Asked:
    """A request without the arguments of the query that are members by themselves, which moto gives twice.

    ``parameters`` is whatever stands in the query besides.
    """
    if "parameters" not in asked:
        return asked
    own = _QUERY.get(operation, ())
    other = {name: value for name, value in (asked["parameters"] or {}).items() if name not in own}
    return {**asked, "parameters": other or None}


def answer_of(service: str, operation: str, region: str, asked: Asked) -> Any:
    """What an operation answers.

    Raises:
        NotPlayed: a member of the request, or a part of the document, is nothing that is done here.
        Unknown, Invalid, Conflict: as AWS would refuse it.
    """
    act, members = PLAYED[service][operation]
    given = {name: value for name, value in asked.items() if value is not None and value != []}
    unknown = sorted(set(given) - set(members.split()))
    if unknown:
        raise NotPlayed(f"{unknown[0]} of {operation} is not played by the local cloud")
    return act(region, given, CLOUDS[0])
