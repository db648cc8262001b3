"""Requests that botocore's models make: the least that is in order, and such as break one bound of one member each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.serialize import create_serializer

from localcloud.front.bounds.patterns import compiled

# What fits the patterns of AWS's models; the first that does is taken.
SAMPLES = (
    "a", "A", "1", "/", "/a/", "a-b", "true", "a.b", "123456789012", "arn:aws:iam::123456789012:role/a",
    "arn:aws:s3:::a", "arn:aws:sqs:us-east-1:123456789012:a", "arn:aws:lambda:us-east-1:123456789012:function:a",
    "arn:aws:lambda:us-east-1:123456789012:layer:a", "arn:aws:lambda:us-east-1:123456789012:layer:a:1",
    "arn:aws:events:us-east-1:123456789012:event-bus/a", "arn:aws:events:us-east-1:123456789012:archive/a",
    "arn:aws:scheduler:us-east-1:123456789012:schedule-group/a", "arn:aws:kms:us-east-1:123456789012:key/a",
    "arn:aws:dynamodb:us-east-1:123456789012:table/a", "arn:aws:events:us-east-1:123456789012:rule/a",
    "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdefa",
    "arn:aws:lambda:us-east-1:123456789012:capacity-provider:a", "s3://a/b", "https://a.b", "aA1", "$LATEST", "a/b",
    "arn:aws:sns:us-east-1:123456789012:a", "arn:aws:states:us-east-1:123456789012:stateMachine:a", "alias/a", "a@b.c",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:a", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",
    "arn:aws:events:us-east-1:123456789012:endpoint/a.a", "arn:aws:events:us-east-1:123456789012:connection/a/b",
    "arn:aws:events:us-east-1:123456789012:api-destination/a/b", "0123456789abcdef0123456789abcdef", "mi-" + "0" * 17,
    "00000000-0000-0000-0000-000000000000", "2020-01-01", "arn:aws:sns:us-east-1:123456789012:a", "pb-" + "0" * 17,
    "python3.12", "a:b", "key-00000000", "1.2.3.4", "1d", "P1D", "us-east-1", "0123456789abcdef", "rate(1 day)",
    "arn:aws:cloudformation:us-east-1:123456789012:type/resource/A-B-C", "A::B::C", "10.0.0.0/8", "$.a",
    "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0", "/mnt/a", "i-00000000",
    "mw-" + "0" * 17, "arn:aws:iam::123456789012:mfa/a", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/a",
    "aws.partner/a/b", "arn:aws:route53:::healthcheck/a", "lambda:GetLayerVersion", "lambda:Invoke", "subnet-0", "sg-0",
    "arn:aws:lambda:us-east-1:123456789012:function:a:1/durable-execution/a/b", "a.b:80", "ou-0000-00000000", "v1", ",",
    "arn:aws:lambda:us-east-1:123456789012:runtime:a", "arn:aws:lambda:us-east-1:123456789012:runtime/a", "default",
    "AAA::AAA::AAA", "o-0000000000/r-0000/", "s3://aaa/b", "oi-000000000000", "a1@b1.iam.gserviceaccount.com", "AWS:a",
    "projects/1/locations/global/workloadIdentityPools/aaaa/providers/aaaa", "Name", "sum", "1.0",
    "arn:aws:iam::aws:policy/a", "p-00000000", "fs-00000000", "arn:aws:sagemaker:us-east-1:aws:hub-content/a/DataSet/a",
    "arn:aws:sagemaker:us-east-1:aws:hub-content/a/Model/a", "arn:aws:sagemaker:us-east-1:123456789012:training-plan/a",
    "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/a", "mig-1g.1gb",
    "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/a",
    "arn:aws:sagemaker:us-east-1:123456789012:model-package/a", "arn:aws:sagemaker:us-east-1:123456789012:artifact/a",
    "arn:aws:sagemaker:us-east-1:123456789012:pipeline/a",
    "arn:aws:sagemaker:us-east-1:123456789012:pipeline/a/execution/a",
    "arn:aws:ssm:us-east-1:123456789012:opsmetadata/a", "2020-01-01T00:00:00Z",
    "arn:aws:cloudformation:us-east-1:123456789012:stack/a/b",
    "arn:aws:dynamodb:us-east-1:123456789012:table/a/stream/b",
)  # fmt: skip
UNFIT = ("!", "\u00a7", " ", "\n", "<", "~", "a" * 7, "")
LARGEST, LARGEST_BYTES = 11_000, 7_000_000  # items of a list or map, and characters, that are worth making


@dataclass(frozen=True)
class Spoilt:
    """A request with one member beyond one bound, and what is said of it."""

    asked: dict[str, Any]
    path: str
    rule: str


def least(shape: Shape) -> Any:
    """The least value that keeps every bound of a shape.

    Raises:
        LookupError: no sample fits its pattern.
    """
    if isinstance(shape, StructureShape):
        plain = [name for name, member in shape.members.items() if "string" in (member.type_name, _of_items(member))]
        names = shape.required_members or plain[:1]  # one without members is not sent in a form
        return {name: least(shape.members[name]) for name in names}
    size = shape.metadata.get("min", 0)
    if isinstance(shape, ListShape):
        return [least(shape.member)] * max(size, 1)
    if isinstance(shape, MapShape):
        return {least(shape.key): least(shape.value)}
    return _least_scalar(shape)


def _of_items(shape: Shape) -> str:
    return str(shape.member.type_name) if isinstance(shape, ListShape) else ""


def _least_scalar(shape: Shape) -> Any:
    kinds = {"boolean": True, "timestamp": 0, "double": 1.0, "float": 1.0, "integer": 1, "long": 1}
    if shape.type_name == "blob":
        return b"a" * max(shape.metadata.get("min", 1), 1)
    if shape.type_name == "string":
        return _text(shape)
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 1)
    return max(low, min(kinds[shape.type_name], high)) if shape.type_name != "boolean" else True


def _text(shape: Shape) -> str:
    bounds = shape.metadata
    if bounds.get("enum"):
        return str(bounds["enum"][0])
    low, high, fits = bounds.get("min", 1), bounds.get("max", 1 << 30), compiled(bounds.get("pattern"))
    made = (sample if len(sample) >= low else sample.ljust(low, sample[-1]) for sample in SAMPLES)
    found = next((text for text in made if len(text) <= high and (fits is None or fits(text))), None)
    if found is None:
        raise LookupError(f"no sample fits {shape.name}: {bounds}")
    return found


def spoilt(operation: OperationModel, unbounded: Iterable[str]) -> Iterator[Spoilt]:
    """Every bound of an operation's members, one at a time, but of shapes of these names."""
    shape = operation.input_shape
    if shape is not None:
        yield from _structure(shape, "", tuple(unbounded))


def _structure(shape: StructureShape, path: str, above: tuple[str, ...]) -> Iterator[Spoilt]:
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        spelled = f"{path}.{name[:1].lower()}{name[1:]}".lstrip(".")
        for value, where, rule in _below(member, spelled, (*above, shape.name), place):
            yield Spoilt(least(shape) | {name: value}, where, rule)


def _below(shape: Shape, path: str, above: tuple[str, ...], place: str | None) -> Iterator[tuple[Any, str, str]]:
    """Values of one member, each with one bound broken, with where and how."""
    if shape.name in above:
        return
    yield from ((value, path, rule) for value, rule in _own(shape, place))
    if isinstance(shape, StructureShape):
        yield from ((one.asked, one.path, one.rule) for one in _structure(shape, path, above))
    elif isinstance(shape, ListShape):
        size = max(shape.metadata.get("min", 1), 1)
        for value, where, rule in _below(shape.member, f"{path}.1.member", (*above, shape.name), place):
            yield [value] + [least(shape.member)] * (size - 1), where, rule
    elif isinstance(shape, MapShape):
        key = least(shape.key)
        for value, where, rule in _below(shape.value, f"{path}.{key}.member", (*above, shape.name), place):
            yield {key: value}, where, rule
        if shape.key.name not in above:
            yield from (({value: least(shape.value)}, path, rule) for value, rule in _own(shape.key, "header"))


def _own(shape: Shape, place: str | None) -> Iterator[tuple[Any, str]]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    what = "value" if shape.type_name in ("integer", "long", "double", "float") else "length"
    if low is not None and (under := _of_size(shape, low - 1)) is not None:
        unsent = ("uri", "header", "querystring") if isinstance(shape, ListShape) else ("uri", "header")
        if what == "value" or place not in unsent:  # an empty one is none
            yield under, f"have {what} greater than or equal to {low}"
    if high is not None and (over := _of_size(shape, high + 1)) is not None:
        yield over, f"have {what} less than or equal to {high}"
    if shape.type_name == "string" and place != "header":
        yield from _misfits(shape)
    if shape.metadata.get("enum"):
        yield "nosuch", "satisfy enum value set: "


def _misfits(shape: Shape) -> Iterator[tuple[Any, str]]:
    fits, low, high = compiled(shape.metadata.get("pattern")), shape.metadata.get("min", 1), shape.metadata.get("max")
    made = (text.ljust(max(low, 1), text[-1:] or "x") for text in UNFIT)
    found = next((text for text in made if fits and not fits(text) and (high is None or len(text) <= high)), None)
    if found is not None:
        yield found, f"satisfy regular expression pattern: {shape.metadata['pattern']}"


def _of_size(shape: Shape, size: int) -> Any:
    """Something of a size; None where there is none."""
    if shape.type_name in ("integer", "long"):
        return size
    if shape.type_name in ("double", "float"):
        return float(size)
    if not 0 <= size <= (LARGEST if isinstance(shape, (ListShape, MapShape)) else LARGEST_BYTES):
        return None
    if isinstance(shape, ListShape):
        return [least(shape.member)] * size
    if isinstance(shape, MapShape):
        return {f"k{number}": least(shape.value) for number in range(size)}
    return b"a" * size if shape.type_name == "blob" else "a" * size


def environ_of(operation: OperationModel, asked: dict[str, Any]) -> dict[str, Any]:
    """The request as the server gets it."""
    protocol = operation.service_model.resolved_protocol
    sent = create_serializer(protocol, include_validation=False).serialize_to_request(asked, operation)
    body = sent["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    query = urlencode(sent["query_string"], doseq=True) if not isinstance(sent["query_string"], str) else ""
    path, _, fixed = str(sent["url_path"]).partition("?")
    if "authPath" in operation.http and not str(operation.http["requestUri"]).startswith("/{Bucket}"):
        path = f"/{asked['Bucket']}{path}".rstrip("/")  # botocore takes it out of a model when a client first asks
    headers = {f"HTTP_{name.upper().replace('-', '_')}": str(value) for name, value in sent["headers"].items()}
    return {
        "REQUEST_METHOD": sent["method"],
        "PATH_INFO": path,
        "RAW_URI": quote(path, safe="/%:$~"),
        "QUERY_STRING": "&".join(filter(None, (fixed, query))),
        "CONTENT_TYPE": headers.pop("HTTP_CONTENT_TYPE", ""),
        "wsgi.input": io.BytesIO(body.encode() if isinstance(body, str) else bytes(body or b"")),
        **headers,
    }
