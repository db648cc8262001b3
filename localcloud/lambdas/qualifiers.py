"""Which version of a function an Invoke asks for: by its query, or in the function's name or ARN; and which revision of
a function or an alias a change is meant for.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html,
https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html (RevisionId, PreconditionFailedException) and
https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html (CodeSha256)
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from moto.awslambda.exceptions import InvalidParameterValueException, PreconditionFailedException
from moto.awslambda.models import LambdaAlias, LambdaFunction

from localcloud.front import moto_patches
from localcloud.front.refusals import service_of
from localcloud.settings import ACCOUNT_ID, REGION

MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."
GONE = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)
RESPONSES = "moto.awslambda.responses:LambdaResponse"
OF_A_MOMENT = ("State", "LastUpdateStatus")  # what no caller has changed


def install() -> None:
    """Read what an Invoke asks for, and what a change is meant for."""
    _read_versions()
    for operation in ("update_function_code", "update_function_configuration", "publish_version"):
        _hold_to_revision(operation, _of_function)
    _hold_to_revision("update_alias", _of_alias)
    _renew_aliases()


def short(name: str) -> str:
    """A function of this account as its name, with its version if one is named; as it came where it is none of here."""
    named = _FUNCTION.fullmatch(name)
    if not named or not _is_here(named):
        return name
    return ":".join(filter(None, (named["name"], named["qualifier"])))


def revised(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """A function's configuration with its revision's id: the same as long as nobody changes code or settings."""
    lasting = {name: value for name, value in configuration.items() if name not in OF_A_MOMENT}
    revision = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(lasting, sort_keys=True, default=str))
    return {**configuration, "RevisionId": str(revision)}


def _hold_to_revision(operation: str, latest_of: Callable[[Any], Mapping[str, Any]]) -> None:
    """Refuse a change that is meant for another revision, or other code, than there is."""

    def change(self: Any) -> Any:
        asked = self.json_body if isinstance(self.json_body, dict) else {}
        wanted, code = asked.get("RevisionId"), asked.get("CodeSha256")
        latest = latest_of(self) if wanted or code else {}
        if wanted and wanted != latest["RevisionId"]:
            raise PreconditionFailedException(GONE)
        if code and operation == "publish_version" and code != latest["CodeSha256"]:
            said = f"CodeSHA256 ({code}) is different from current CodeSHA256 in $LATEST"
            raise InvalidParameterValueException(said)
        return original(self)

    original = moto_patches.replace(f"{RESPONSES}.{operation}", change)


def _of_function(response: Any) -> Mapping[str, Any]:
    """What is told of the function that a request changes."""
    qualifier = response._get_param("Qualifier", None)
    function = response.backend.get_function(unquote(response.path.rsplit("/", 2)[-2]), qualifier)
    found: Mapping[str, Any] = function.get_configuration()
    return found


def _of_alias(response: Any) -> Mapping[str, Any]:
    _, function, _, name = response.path.rsplit("/", 3)
    found: Mapping[str, Any] = response.backend.get_alias(name=unquote(name), function_name=unquote(function)).to_json()
    return found


def _renew_aliases() -> None:
    """A changed alias is another revision; moto keeps the first one's id."""

    def update(
        self: LambdaAlias, description: str | None, function_version: str | None, routing_config: str | None
    ) -> None:
        original(self, description, function_version, routing_config)
        self.revision_id = str(uuid.uuid4())

    original = moto_patches.replace("moto.awslambda.models:LambdaAlias.update", update)


def _read_versions() -> None:
    """Take the version or alias from Invoke's query, as AWS spells it.

    moto looks for ``qualifier``, which no SDK sends, and then for a field of that name in the function's own event.
    """

    def invoke(self: Any) -> Any:
        self.querystring = {**self.querystring, "qualifier": self.querystring.get("Qualifier", [None])}
        return original(self)

    original = moto_patches.replace(f"{RESPONSES}.invoke", invoke)


class Elsewhere(LookupError):
    """A function of another account or region, of which nobody here knows."""


_FUNCTION = re.compile(
    r"(?:(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)
_OF_FUNCTION = re.compile(r"(/\d{4}-\d\d-\d\d/functions/)([^/?]+)(.*)")
_QUALIFIED = {("GET", ""), ("GET", "/configuration")}  # what is asked of a version, which its query names, too


def by_name(environ: dict[str, Any]) -> dict[str, Any]:
    """A request about a function of this account with the function's name in its path, however it was named.

    Raises:
        Elsewhere: it is one of another account or region.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html (FunctionName: a name, an ARN, or a
    part of one, each with a version or an alias where the operation knows versions)
    """
    found = _OF_FUNCTION.match(environ["PATH_INFO"])
    named = _FUNCTION.fullmatch(unquote(found[2])) if found else None
    if not found or not named or named[0] == named["name"] or service_of(environ) != "lambda":
        return environ
    if not _is_here(named):
        raise Elsewhere(f"Function not found: {named[0]}")
    query, shown = environ.get("QUERY_STRING", ""), named["name"]
    if named["qualifier"] and (environ["REQUEST_METHOD"], found[3]) not in _QUALIFIED:
        shown += f":{named['qualifier']}"
    elif named["qualifier"] and "Qualifier=" not in query:
        query = "&".join(filter(None, (query, f"Qualifier={quote(named['qualifier'])}")))
    path = f"{found[1]}{shown}{found[3]}"
    addresses: dict[str, Any] = {
        key: f"{path}?{query}" if query else path for key in ("REQUEST_URI", "RAW_URI") if key in environ
    }
    return {**environ, **addresses, "PATH_INFO": path, "QUERY_STRING": query}


def _is_here(named: re.Match[str]) -> bool:
    """Whether a name is one of this account and region, as far as it says which."""
    return named["account"] in (None, ACCOUNT_ID) and named["region"] in (None, REGION)


def invoked_arn(function: LambdaFunction, asked: str, qualifier: str | None = None) -> str:
    """The ARN that the function is told it was invoked by: an alias stays an alias.

    Raises:
        InvalidParameterValueException: the name has a qualifier of its own, and it is another one.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html and
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html (invoked_function_arn)
    """
    of_name = _qualifier_of(asked)
    if of_name and qualifier and of_name != qualifier:
        raise InvalidParameterValueException(MISMATCH)
    unqualified = ":".join(str(function.function_arn).split(":")[:7])
    version = of_name or qualifier
    return f"{unqualified}:{version}" if version else unqualified


def _qualifier_of(name_or_arn: str) -> str | None:
    parts = name_or_arn.split(":")
    of_name = parts[7:] if name_or_arn.startswith("arn:") else parts[1:]
    return of_name[0] if of_name else None
