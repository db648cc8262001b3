"""Error answers in the shape of the caller's protocol, with a status that SDKs do not retry."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from localcloud.front import credentials

QUERY_SERVICES = (
    "autoscaling",
    "cloudformation",
    "elasticloadbalancing",
    "iam",
    "monitoring",
    "rds",
    "sns",
    "sqs",
    "sts",
)
ADVICE = (
    "The local cloud does not do this. Use another operation, or run this part on AWS; "
    "what it does is told in docs/local-cloud.md."
)


def not_implemented(environ: Mapping[str, Any], detail: str) -> Response:
    """501: the operation is not there. ``detail`` says more than its name, where there is more."""
    known = re.fullmatch(r"The (\w+) action has not been implemented", detail)
    said = f"{service_of(environ)} {operation_of(environ, known[1] if known else None)} is not implemented. "
    said += f"{detail}. " if detail and not known else ""
    return _error(environ, 501, "NotImplemented", said + ADVICE)


def internal_failure(environ: Mapping[str, Any], error: Exception) -> Response:
    """500: this server's or moto's own fault."""
    said = f"{service_of(environ)} {operation_of(environ)} failed in the local cloud: {type(error).__name__}: {error}"
    return _error(environ, 500, "InternalFailure", f"{said} (more in server.log)")


def access_denied(environ: Mapping[str, Any], said: str) -> Response:
    """400 or 403, as each service says it: a policy does not permit the call."""
    service = service_of(environ)
    if service == "s3":
        return _error(environ, 403, "AccessDenied", said)
    if environ.get("HTTP_X_AMZ_TARGET"):
        return _error(environ, 400, "AccessDeniedException", said)
    if service in QUERY_SERVICES:
        return _error(environ, 403, "AuthorizationError" if service == "sns" else "AccessDenied", said)
    return _error(environ, 403, "AccessDeniedException", said)


def unknown_caller(environ: Mapping[str, Any], said: str, *, signed: bool) -> Response:
    """Each service's way to say that nobody has such a key, or that a request is not signed.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
    https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
    """
    service = service_of(environ)
    if service == "s3":
        code, text = (
            ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
            if signed
            else ("AccessDenied", "Access Denied")
        )
        return _error(environ, 403, code, text)
    if not signed:
        code = "MissingAuthenticationToken" if service in QUERY_SERVICES else "MissingAuthenticationTokenException"
        return _error(environ, 403, code, said)
    if service in QUERY_SERVICES:
        return _error(environ, 403, "InvalidClientTokenId", said)
    return _error(environ, 400, "UnrecognizedClientException", said)


def ended_caller(environ: Mapping[str, Any], said: str, *, link: bool) -> Response:
    """Each service's way to say that a link, or a session, was good until some time ago.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (ExpiredToken) and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html (ExpiredTokenException)
    """
    if link:
        return _error(environ, 403, "AccessDenied", said)
    service = service_of(environ)
    if service == "s3":
        return _error(environ, 400, "ExpiredToken", "The provided token has expired.")
    return _error(environ, 403, "ExpiredToken" if service in QUERY_SERVICES else "ExpiredTokenException", said)


def altered_link(environ: Mapping[str, Any], said: str, code: str) -> Response:
    """403: a link is not as its maker signed it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (SignatureDoesNotMatch) and
    https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
    """
    service = service_of(environ)
    named = {"SignatureDoesNotMatch": "InvalidSignatureException"}
    return _error(environ, 403, code if service in (*QUERY_SERVICES, "s3") else named.get(code, code), said)


def refused(environ: Mapping[str, Any], code: str, said: str, status: int) -> Response:
    """What is wrong with a request, as AWS calls it."""
    return _error(environ, status, code, said)


def from_elsewhere(environ: Mapping[str, Any], said: str) -> Response:
    """403: who asks is no program of this machine."""
    return _error(environ, 403, "AccessDenied", said)


def service_of(environ: Mapping[str, Any]) -> str:
    """The service that the request is signed for, or that was found to answer for it."""
    if known := environ.get("localcloud.service"):
        return str(known)
    credential = credentials.of(environ)
    return credential.service if credential and credential.service else "s3"


def operation_of(environ: Mapping[str, Any], snake_name: str | None = None) -> str:
    """The operation by name where the protocol has one, else the method and path."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if action := environ.get("localcloud.action"):
        return str(action)
    if snake_name:
        return "".join(part.title() for part in snake_name.split("_"))
    named = parse_qs(environ.get("QUERY_STRING", "")).get("Action")
    return named[0] if named else f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def _error(environ: Mapping[str, Any], status: int, code: str, message: str) -> Response:
    service = service_of(environ)
    if environ.get("HTTP_X_AMZ_TARGET") or service not in (*QUERY_SERVICES, "s3", "ec2"):
        body = json.dumps({"__type": code, "message": message, "Message": message})
        headers = {"x-amzn-errortype": code, "x-amzn-requestid": str(uuid.uuid4())}  # Step Functions tells the latter
        return Response(body, status, headers, mimetype="application/x-amz-json-1.1")
    fields = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if service == "s3":
        body = f"<Error>{fields}</Error>"
    elif service == "ec2":
        body = f"<Response><Errors><Error>{fields}</Error></Errors><RequestID>local</RequestID></Response>"
    else:
        body = f"<ErrorResponse><Error><Type>Sender</Type>{fields}</Error><RequestId>local</RequestId></ErrorResponse>"
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', status, mimetype="text/xml")
