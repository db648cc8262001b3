"""Whether a request that failed had to fail: it is held against AWS's own model of the operation, as botocore has it.

Asked only after a failure, so that it costs a good request nothing; a request in order that failed is this server's
fault. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationNotFoundError, ServiceModel, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

from localcloud.front.malformed import s3
from localcloud.front.malformed.texts import Fault, body_of, is_form, not_serialized, read_json
from localcloud.front.operation_names import operation_name
from localcloud.front.refusals import QUERY_SERVICES, service_of
from localcloud.front.supported import SERVICES

MODELS = {service.signed_as: service.model for service in SERVICES.values()} | {"sagemaker": "sagemaker"}
SCOPE = re.compile(  # the second form's scope names no region, and S3 still takes the third
    r"AWS4-HMAC-SHA256 Credential=[^/ ]+/\d+/[a-z0-9-]*/[a-z0-9-]+/aws4_request"
    r"|AWS4-ECDSA-P256-SHA256 Credential=[^/ ]+/\d+/[a-z0-9-]+/aws4_request"
    r"|AWS [^: ]+:.",
    re.ASCII,
)


def find_fault(environ: Mapping[str, Any]) -> Fault | None:
    """What AWS refuses about a request; None when it is in order, or its operation is not known."""
    authorization = environ.get("HTTP_AUTHORIZATION")
    if authorization is not None and not SCOPE.match(authorization):
        return Fault("IncompleteSignature", "The authorization header is malformed.")
    service = service_of(environ)
    if service not in MODELS:
        return None
    model = _model(MODELS[service])
    if "HTTP_X_AMZ_TARGET" in environ:
        return _of_json(model, environ["HTTP_X_AMZ_TARGET"].rpartition(".")[2], body_of(environ))
    if is_form(environ) or service in QUERY_SERVICES:
        form = body_of(environ).decode("latin-1") if is_form(environ) else environ.get("QUERY_STRING", "")
        return _of_query(model, form)
    if model.metadata["protocol"] == "json":
        return Fault("UnknownOperationException", "The request names no operation: it has no X-Amz-Target.")
    shape = _input_of(model, environ)
    if service == "s3":
        return s3.find_fault(environ, shape)
    return _of_rest(shape, body_of(environ), is_lambda=service == "lambda") if shape is not None else None


def _of_json(model: ServiceModel, operation: str, body: bytes) -> Fault | None:
    try:
        shape = model.operation_model(operation).input_shape
    except OperationNotFoundError:
        return Fault("UnknownOperationException", f"{model.service_name} has no operation {operation!a}.")
    document = _document(body)
    return document if isinstance(document, Fault) else _of_members(document, shape)


def _of_query(model: ServiceModel, form: str) -> Fault | None:
    """Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html"""
    fields = dict(parse_qsl(form, keep_blank_values=True))
    action = fields.get("Action")
    if not action:
        return Fault("MissingAction", "The request is missing an action.")
    try:
        shape = model.operation_model(action).input_shape
    except OperationNotFoundError:
        return Fault("InvalidAction", f"{model.service_name} has no action {action!a}.")
    names = {name.partition(".")[0] for name, value in fields.items() if value}
    missing = [name for name in _required(shape) if _sent_as(shape, name) not in names]
    return Fault("MissingParameter", f"The request must contain the parameter {missing[0]}.") if missing else None


def _of_rest(shape: StructureShape, body: bytes, *, is_lambda: bool) -> Fault | None:
    payload = "payload" in shape.serialization
    if payload and (not is_lambda or not body):  # any bytes; to a function they are a document, too
        return None
    if not body:  # as of a GET, or where all that is asked stands in the address
        return _of_members({}, shape)
    document = _any_document(body) if payload else _document(body)
    if isinstance(document, Fault):
        return in_lambdas_words(document) if is_lambda else document
    return None if payload else _of_members(document, shape)


def in_lambdas_words(fault: Fault) -> Fault:
    """A body that cannot be read, as Lambda says it.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
    """
    return Fault("InvalidRequestContentException", f"Could not parse request body into json: {fault.message}")


@cache
def _model(service: str) -> ServiceModel:
    return get_session().get_service_model(service)


def _input_of(model: ServiceModel, environ: Mapping[str, Any]) -> StructureShape | None:
    """The input of the operation that is asked for by method, path, query and headers."""
    headers = frozenset(name[5:].replace("_", "-").lower() for name in environ if name.startswith("HTTP_"))
    asked = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    name = operation_name(model.service_name, *asked, headers)
    return model.operation_model(name).input_shape if name else None


def _document(body: bytes) -> dict[str, Any] | Fault:
    document = _any_document(body)
    return document if isinstance(document, (dict, Fault)) else not_serialized("it is no JSON object")


def _any_document(body: bytes) -> Any:
    """What the JSON says, or what is wrong with it."""
    try:
        return read_json(body)
    except ValueError as error:
        return not_serialized(str(error))


def _of_members(document: Mapping[str, Any], shape: Any) -> Fault | None:
    """What is missing or of another type in a document; members that botocore does not know yet are no fault."""
    for name, member in shape.members.items() if shape is not None else ():
        if "location" in member.serialization:  # in the address or a header
            continue
        sent_as = _sent_as(shape, name)
        if document.get(sent_as) is None:
            if name in _required(shape):
                return Fault("ValidationException", f"Value null at '{sent_as}': Member must not be null")
            continue
        report = ParamValidator().validate(document[sent_as], member).generate_report().splitlines()
        if problems := [line for line in report if not line.startswith("Unknown parameter")]:
            return Fault("ValidationException", f"At '{sent_as}': {problems[0]}")
    return None


def _required(shape: Any) -> list[str]:
    return list(shape.required_members) if shape is not None else []


def _sent_as(shape: Any, member: str) -> str:
    return str(shape.members[member].serialization.get("name", member))
