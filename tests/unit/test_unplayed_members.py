"""What is read of each request that moto answers: a member is named by whoever answers, or in the table."""

from __future__ import annotations

import ast
import importlib
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import moto
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from localcloud.front import supported
from localcloud.front.members.refusing import is_of_another_owner, refusals, table
from localcloud.front.members.unplayed import UNPLAYED
from localcloud.templates import api as templates

ACCOUNT = "123456789012"
OTHERS = (
    "sagemaker",
    "cloudformation",
    "apigateway",
    "apigatewayv2",
)  # not moto's: what they take they read themselves
SOURCES = Path(moto.__file__).parent, Path(supported.__file__).parents[1]
EVERYWHERE = {"RequestPayer", "ExpectedBucketOwner", "ExpectedSourceBucketOwner"}  # who pays; and refusing.py reads
QUERIES_READ_HERE = {  # operations whose query this package reads, or that moto's need not read
    "awslambda": "Invoke",  # tests/integration/test_function_versions.py
    "scheduler": "DeleteSchedule DeleteScheduleGroup",  # a deletion that comes twice is one with or without its token
}
# A method that hands the whole request on, or reads it by a helper that all of its service's methods have.
HANDS_ON = re.compile(
    r"self\.(json_body|body|_get_params\(|querystring|headers|_get_multi_param)|params\b"
    r"|self\.(_get_queue_name|_set_alias|generate_data_key)\("
)
READERS = {  # by moto's name of the service: which file of this package reads which members
    "applicationautoscaling": {"sagemaker/scaling/scaling.py": "PolicyNames"},
    "awslambda": {
        "lambdas/asynchronous.py": "DeadLetterConfig",
        "lambdas/logging_config.py": "LoggingConfig",
        "lambdas/qualifiers.py": "CodeSha256 RevisionId",
        "lambdas/service.py": "FileSystemConfigs ClientContext",
        "lambdas/urls/function_urls.py": "FunctionUrlAuthType InvokedViaFunctionUrl",
    },
    "cloudwatch": {"watch/alarms.py": "AlarmTypes"},
    "dynamodb": {
        "dynamodb/item_collections.py": "ReturnItemCollectionMetrics",
        "dynamodb/tokens.py": "ClientRequestToken",
    },
    "events": {"bus/event_rules.py": "EventPattern Event"},
    "iam": {"iam/api/users.py": "PermissionsBoundary"},
    "logs": {"watch/logs.py": "logStreamNamePrefix"},
    "sagemakerruntime": {
        "sagemaker/endpoints/invocations.py": """
            TargetModel TargetVariant TargetContainerHostname EnableExplanations InferenceComponentName SessionId
        """
    },
    "s3": {
        "bus/destinations.py": "SkipDestinationValidation",
        "front/absent/copy_conditions.py": """
            CopySourceIfMatch CopySourceIfNoneMatch CopySourceIfModifiedSince CopySourceIfUnmodifiedSince
        """,
    },
    "scheduler": {"bus/scheduler/operations.py": "ActionAfterCompletion"},
    "stepfunctions": {
        "stepfunctions/requests.py": "maxResults reverseOrder nextToken includeExecutionData cause error"
    },
    "sts": {"iam/api/sessions.py": "PolicyArns Tags TransitiveTagKeys SerialNumber TokenCode SourceIdentity"},
}
KNOWN = {  # what is required, and what there is one of
    "awslambda": {
        "AddPermission.Action": "the statement is kept as it comes",
        "AddLayerVersionPermission.Action": "the statement is kept as it comes",
    },
    "iam": {
        "DeleteAccountAlias.AccountAlias": "an account has one alias",
        "GetSSHPublicKey.Encoding": "a key is told as it was uploaded",
        "GetServiceLinkedRoleDeletionStatus.DeletionTaskId": "a deletion is over when it is asked about",
    },
}
BY_BEGINNING = re.compile(r"Grant(FullControl|Read|ReadACP|Write|WriteACP)")  # moto reads every x-amz-grant-… header


@cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(supported.SERVICES[service].model, "service-2"))


@cache
def words(folder: Path) -> frozenset[str]:
    """All names and texts of a folder's sources, in small letters."""
    return words_of("".join(path.read_text() for path in sorted(folder.rglob("*.py"))))


def words_of(text: str) -> frozenset[str]:
    low = text.lower()
    return frozenset(re.findall(r"[a-z0-9_]+", low)) | frozenset(re.findall(r"[\"']([^\"'\n]{1,60})[\"']", low))


def answered(service: str) -> Iterator[str]:
    """The operations of a service that are answered."""
    if service == "cloudformation":
        yield from templates._OPERATIONS
        return
    responses: ModuleType = importlib.import_module(f"moto.{service}.responses")
    classes = [one for name, one in vars(responses).items() if isinstance(one, type) and name != "BaseResponse"]
    played = supported.SERVICES[service].played
    for operation in model(service).operation_names:
        is_there = played is not None or any(hasattr(one, xform_name(operation)) for one in classes)
        if is_there and not supported.is_refused(supported.SERVICES[service], operation):
            yield operation


def members(service: str, operation: str) -> dict[str, Any]:
    shape: Any = model(service).operation_model(operation).input_shape
    return dict(shape.members) if shape is not None else {}


def spellings(name: str, shape: Any) -> set[str]:
    """A member's names, as AWS or as Python spells it, or its header."""
    sent = shape.serialization.get("name", name).lower()
    return {name.lower(), sent, xform_name(name), xform_name(name).replace("_", "-"), sent.replace("-", "_")}


def is_named(service: str, operation: str, name: str, shape: Any) -> bool:
    """Whether whoever answers names a member: moto's method, what it hands a whole request to, or a reader here."""
    if f"{operation}.{name}" in KNOWN.get(service, {}):
        return True
    method = source(service, operation)
    is_handed_on = service == "s3" or not method or HANDS_ON.search(method)
    known = words(SOURCES[0] / service) if is_handed_on else words_of(method)
    if spellings(name, shape) & known or any(word.startswith(f"{name.lower()}.") for word in known):
        return True
    return any(name in read.split() for read in READERS.get(service, {}).values())


def listed(service: str, operation: str) -> set[str]:
    row = UNPLAYED.get(service, {}).get(operation, "")
    return {word.removeprefix("~").partition("=")[0] for word in row.split()}


MOTOS = [name for name in supported.SERVICES if name not in OTHERS]
REFUSED = [
    (service, operation, name)
    for service in MOTOS
    for operation in UNPLAYED.get(service, {})
    for name in table(service, operation)
]


@pytest.mark.parametrize("service", MOTOS)
def test_every_member_is_read_by_whoever_answers_or_stands_in_the_table(service: str) -> None:
    unread = [
        f"{operation}.{name}"
        for operation in answered(service)
        for name, shape in members(service, operation).items()
        if shape.serialization.get("location") != "uri"
        if name not in EVERYWHERE | listed(service, operation) and not BY_BEGINNING.fullmatch(name)
        if not is_payload(service, operation, name) and not is_named(service, operation, name, shape)
    ]

    assert unread == []


@pytest.mark.parametrize("service", READERS)
def test_a_reader_of_this_package_names_what_it_reads(service: str) -> None:
    shapes = {name: shape for operation in answered(service) for name, shape in members(service, operation).items()}
    unread = [
        f"{path}: {name}"
        for path, read in READERS[service].items()
        for name in read.split()
        if not spellings(name, shapes[name]) & words_of((SOURCES[1] / path).read_text())
    ]

    assert unread == []


def is_payload(service: str, operation: str, name: str) -> bool:
    shape: Any = model(service).operation_model(operation).input_shape
    return bool(shape.serialization.get("payload") == name)


@pytest.mark.parametrize("service", QUERIES_READ_HERE)
def test_every_parameter_of_a_query_is_read_as_aws_spells_it_by_the_operation_itself(service: str) -> None:
    """A query's names are case-sensitive: who reads ``qualifier`` reads nothing of what SDKs send."""
    unread = [
        f"{operation}.{name}"
        for operation in set(answered(service)) - set(QUERIES_READ_HERE[service].split())
        for name, shape in members(service, operation).items()
        if shape.serialization.get("location") == "querystring" and name not in listed(service, operation)
        if not re.search(f"[\"']{re.escape(shape.serialization['name'])}[\"']", source(service, operation))
    ]

    assert unread == []


def source(service: str, operation: str) -> str:
    """Of moto's method that answers an operation, as it is installed: a process may have replaced it."""
    return methods(service).get(xform_name(operation), "")


@cache
def methods(service: str) -> dict[str, str]:
    """The sources of a service's methods, by name."""
    text = (SOURCES[0] / service / "responses.py").read_text()
    lines, found = text.splitlines(), dict[str, str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = found.get(node.name, "") + "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return found


@pytest.mark.parametrize("service", UNPLAYED)
def test_the_table_names_operations_and_members_of_botocores_that_are_optional(service: str) -> None:
    known = {operation: members(service, operation) for operation in answered(service)}
    unknown = {operation: listed(service, operation) - set(known.get(operation, {})) for operation in UNPLAYED[service]}
    shapes: dict[str, Any] = {one: model(service).operation_model(one).input_shape for one in UNPLAYED[service]}
    required = {one: set(shape.required_members) & listed(service, one) for one, shape in shapes.items()}

    assert {operation: names for operation, names in unknown.items() if names} == {}
    assert {operation: names for operation, names in required.items() if names} == {}


def value_of(shape: Any) -> Any:
    """Something that is set, of a member's type."""
    kinds = {"boolean": True, "integer": 7, "long": 7, "double": 7.5, "float": 7.5, "list": ["x"], "map": {"x": "y"}}
    return kinds.get(shape.type_name, {"x": "y"} if shape.type_name == "structure" else "x")


def request(service: str, operation: str, name: str) -> dict[str, Any]:
    """A request that sets one member, in the service's own protocol."""
    shape, protocol = members(service, operation)[name], str(model(service).metadata["protocol"])
    sent, value = shape.serialization.get("name", name), value_of(shape)
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b""), "QUERY_STRING": "", "CONTENT_TYPE": ""}
    if shape.serialization.get("location") == "header":
        return environ | {f"HTTP_{sent.upper().replace('-', '_')}": str(value)}
    if shape.serialization.get("location") == "querystring":
        return environ | {"QUERY_STRING": urlencode({sent: value})}
    if protocol == "query":
        key = f"{sent}.member.1" if isinstance(value, (list, dict)) else sent
        form = urlencode({"Action": operation, key: "x" if isinstance(value, (list, dict)) else str(value)})
        return environ | {"wsgi.input": io.BytesIO(form.encode()), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    return environ | {"wsgi.input": io.BytesIO(json.dumps({sent: value}).encode())}


@pytest.mark.parametrize(
    ("service", "operation", "name"), REFUSED, ids=[f"{one}.{two}.{three}" for one, two, three in REFUSED]
)
def test_a_member_that_nobody_plays_is_refused_by_name(service: str, operation: str, name: str) -> None:
    asked = request(service, operation, name)

    (told,) = refusals(service, supported.SERVICES[service].model, operation, asked, ACCOUNT)
    assert told.startswith(f"{name} ")
    assert "does not run outside AWS" in told


@pytest.mark.parametrize(
    ("operation", "document"),
    [("Encrypt", {"EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}), ("Encrypt", {"DryRun": False}), ("Encrypt", {})],
)
def test_what_asks_for_nothing_is_taken(operation: str, document: dict[str, Any]) -> None:
    environ = {
        "wsgi.input": io.BytesIO(json.dumps(document).encode()),
        "HTTP_X_AMZ_TARGET": f"TrentService.{operation}",
    }

    assert refusals("kms", "kms", operation, environ, ACCOUNT) == []


def test_a_bucket_is_expected_to_be_this_accounts() -> None:
    assert not is_of_another_owner({"HTTP_X_AMZ_EXPECTED_BUCKET_OWNER": ACCOUNT}, ACCOUNT)
    assert is_of_another_owner({"HTTP_X_AMZ_EXPECTED_BUCKET_OWNER": "111122223333"}, ACCOUNT)
    assert is_of_another_owner({"HTTP_X_AMZ_SOURCE_EXPECTED_BUCKET_OWNER": "111122223333"}, ACCOUNT)
