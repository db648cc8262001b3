"""What a request says that it asks for. It may say it in a header, a form, its query or its path: where it says two
things, whoever answers may read the other one, and it is refused.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, aws-json-1_0-protocol.html (X-Amz-Target)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from localcloud.front import credentials
from localcloud.front.malformed.texts import body_of
from localcloud.front.members.documents import of_cbor

SEPARATED = "application/x-www-form-urlencoded"
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_ENDPOINT = re.compile(r"/endpoints/([^/]+)/invocations/?")
_FUNCTION = re.compile(r"/20\d\d-\d\d-\d\d/functions/([^/]+)(/.*)?")
_FUNCTIONS = re.compile(r"/20\d\d-\d\d-\d\d/functions/?")
_MAPPING = re.compile(r"/2015-03-31/event-source-mappings/([^/]+)/?")
_RPC = re.compile(r"/service/[^/]+/operation/(\w+)/?")
_SCHEDULES = re.compile(r"/schedule(s|-groups)/([^/]+)/?")
_VERBS = {"POST": "Create", "PUT": "Update", "GET": "Get", "DELETE": "Delete"}
# The one form of a header that everybody reads alike; SigV4a names no region, and its scope is read for S3 alone.
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=[^/,\s]+/\d+/[^/,\s]+/[^/,\s]+/aws4_request,\s*SignedHeaders=[^,\s]+,\s*Signature=\w+"
    r"|AWS4-ECDSA-P256-SHA256\s+Credential=[^/,\s]+/\d+/s3/aws4_request,\s*SignedHeaders=[^,\s]+,\s*Signature=\w+"
    r"|AWS [^:\s]+:\S+"
)
# What AWS takes unsigned: a link in a mail. Source: https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
UNSIGNED = ("ConfirmSubscription", "Unsubscribe")


class Contradiction(Exception):
    """A request says two things at once; the text is for whoever sent it."""


class Claim(NamedTuple):
    """One operation and its parameters."""

    operation: str
    parameters: Mapping[str, Any]


def check_signature(environ: Mapping[str, Any]) -> None:
    """Hold an ``Authorization`` header against the form that everybody reads alike.

    Raises:
        Contradiction: it has another.
    """
    header = environ.get("HTTP_AUTHORIZATION")
    if header and not _HEADER.fullmatch(str(header).strip()):
        raise Contradiction("Authorization is not 'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…'")


def is_link(environ: Mapping[str, Any]) -> bool:
    """Whether nobody signed a request, and it is the link of a mail of SNS, and nothing else."""
    if credentials.of(environ) is not None or environ.get("PATH_INFO") != "/" or "HTTP_X_AMZ_TARGET" in environ:
        return False
    query = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    named = [value for name, value in [*query, *_form(environ)] if name == "Action"]
    return len(named) == 1 and named[0] in UNSIGNED


def of(environ: dict[str, Any], path: str) -> Claim | None:
    """What a request asks for of a service that is not S3; None where no protocol of AWS names it.

    Raises:
        Contradiction: it says more than one thing.
    """
    query = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    form, target = _form(environ), environ.get("HTTP_X_AMZ_TARGET")
    if str(environ.get("CONTENT_TYPE", "")).startswith("multipart/"):
        raise Contradiction("this service takes no form in parts")
    claims = [claim for claim in (_of_path(environ, path, query), _of_form(form), _of_form(query)) if claim]
    if target:
        claims.append(Claim(str(target).rpartition(".")[2], _json(body_of(environ))))
    if len(claims) > 1 or (target and (query or form)):
        raise Contradiction("a request names its operation once, in a header, a form, its query or its path")
    return claims[0] if claims else None


def _of_path(environ: dict[str, Any], path: str, query: list[tuple[str, str]]) -> Claim | None:
    if matched := _ENDPOINT.fullmatch(path):
        return Claim("InvokeEndpoint", {"EndpointName": unquote(matched[1])})
    if matched := _INVOKE.fullmatch(path):
        qualifier = dict(query).get("Qualifier")
        return Claim("Invoke", {"FunctionName": unquote(matched[1]), "Qualifier": qualifier})
    if matched := _RPC.fullmatch(path):
        return Claim(matched[1], of_cbor(body_of(environ)))
    if matched := _SCHEDULES.fullmatch(path):
        verb = _VERBS.get(str(environ["REQUEST_METHOD"]), "")
        noun = "Schedule" if matched[1] == "s" else "ScheduleGroup"
        said = {**_json(body_of(environ)), **{name: value for name, value in query if name == "groupName"}}
        return Claim(verb + noun, {**said, "Name": unquote(matched[2])}) if verb else None
    return None


def of_function(environ: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """What a request of Lambda names: a mapping or a function in its path, a new function in its document."""
    if matched := _MAPPING.fullmatch(path):
        return {"UUID": unquote(matched[1])}
    matched, said = _FUNCTION.fullmatch(path), _json(body_of(environ))
    name = unquote(matched[1]) if matched else said.get("FunctionName") if _FUNCTIONS.fullmatch(path) else None
    return {"FunctionName": name, "Role": said.get("Role")}


def _of_form(pairs: Iterable[tuple[str, str]]) -> Claim | None:
    """A form's operation and parameters.

    Raises:
        Contradiction: a name stands there twice.
    """
    listed = list(pairs)
    found = dict(listed)
    if "Action" not in found:
        return None
    if len(found) != len(listed):
        raise Contradiction("a parameter stands there twice")
    return Claim(found["Action"], found)


def _form(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    if not str(environ.get("CONTENT_TYPE", "")).startswith(SEPARATED):
        return []
    return parse_qsl(body_of(environ).decode(errors="replace"), keep_blank_values=True)


def settle(environ: dict[str, Any], service: str) -> None:
    """Write on a request for which service its permissions were asked, so that no other answers."""
    environ["localcloud.permitted"] = service


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
