"""What is wrong with an answer, as it comes over the wire, by botocore's model of its operation. Pure.

SDKs read leniently: a text where a number belongs, or a date in another form, passes botocore and fails in Go or Java.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import OperationModel, Shape
from botocore.parsers import RpcV2CBORParser

CONTENT = {  # protocol -> what its answers say that they are
    "json": r"application/x-amz-json-1\.[01]",
    "rest-json": r"application/json",
    "query": r"text/xml",
    "rest-xml": r"application/xml",
    "smithy-rpc-v2-cbor": r"application/cbor",
}
WHOLE = re.compile(r"-?\d+")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity")
MOMENTS = {  # https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait
    "iso8601": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"),
    "rfc822": re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
    "unixtimestamp": NUMBER,
}
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "character": (str,), "blob": (str, bytes), "integer": (int,), "long": (int,),
    "float": (int, float), "double": (int, float), "boolean": (bool,), "list": (list,), "map": (dict,),
    "structure": (dict,),
}  # fmt: skip


def faults(operation: OperationModel, status: int, headers: Mapping[str, str], body: bytes | None) -> list[str]:
    """What of an answer is not as the service's own would be; ``body`` is None where the answer is a stream."""
    protocol = str(operation.service_model.resolved_protocol)
    found = list(_of_status(operation, status)) + list(_of_headers(operation, protocol, headers, body))
    shape = operation.output_shape
    if shape is not None and body is not None:
        found += _of_body(protocol, shape, body)
    return found


def _of_status(operation: OperationModel, status: int) -> Iterator[str]:
    shape: Any = operation.output_shape
    members = shape.members.values() if shape is not None else ()
    says_more = any(member.serialization.get("location") == "statusCode" for member in members)
    expected = operation.http.get("responseCode", 200)
    if status != expected and not says_more:
        yield f"HTTP {status}, not {expected}"


def _of_headers(
    operation: OperationModel, protocol: str, headers: Mapping[str, str], body: bytes | None
) -> Iterator[str]:
    named = {name.lower(): value for name, value in headers.items()}
    of_s3 = operation.service_model.service_name == "s3"
    checksum = named.get("x-amz-crc32")
    if body is not None and checksum is not None and int(checksum) != zlib.crc32(body):
        yield "a checksum of another body"
    for name in ("x-amz-request-id", "x-amz-id-2") if of_s3 else ("x-amzn-requestid",):
        if not named.get(name):
            yield f"no header {name}"
    shape: Any = operation.output_shape
    payload = shape.members.get(shape.serialization.get("payload")) if shape is not None else None
    if body and not (payload and payload.type_name in ("blob", "string")):
        kind = named.get("content-type", "nothing").partition(";")[0]
        if not re.fullmatch(CONTENT[protocol], kind):
            yield f"content type {kind}"
    for name, member in shape.members.items() if shape is not None else ():
        if member.serialization.get("location") == "header":
            value = named.get(member.serialization.get("name", name).lower())
            if value is None and name in shape.required_members:
                yield f"no {name}"
            elif value is not None:
                yield from _text(name, member, value, "rfc822")


def _of_body(protocol: str, shape: Any, body: bytes) -> Iterator[str]:
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
        if shape.type_name != "structure":
            return
    if protocol == "smithy-rpc-v2-cbor":
        stream = RpcV2CBORParser.get_peekable_stream_from_bytes(RpcV2CBORParser, body)  # type: ignore[arg-type]
        yield from _value("", shape, RpcV2CBORParser().parse_data_item(stream))  # type: ignore[no-untyped-call]
    elif protocol.endswith("json"):
        yield from _value("", shape, json.loads(body or b"{}"))
    elif body:
        root = ET.fromstring(body)
        if protocol == "query":
            if root.find("{*}ResponseMetadata/{*}RequestId") is None:
                yield "no ResponseMetadata"
            wrapped = root.find(f"{{*}}{shape.serialization.get('resultWrapper', '')}")
            root = wrapped if wrapped is not None else ET.Element("none")
        yield from _element("", shape, root)


def _members(shape: Any) -> dict[str, tuple[str, Shape]]:
    """A structure's members in the body: by the name that is sent, with the name that people use."""
    return {
        member.serialization.get("name", name): (name, member)
        for name, member in shape.members.items()
        if member.serialization.get("location") not in ("header", "headers", "statusCode")
    }


def _value(path: str, shape: Any, value: Any) -> Iterator[str]:
    """A value of JSON, or of CBOR."""
    kind = shape.type_name
    if kind == "timestamp":
        yield from _moment(path, shape, value)
    elif not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path} is {value!r:.40}, no {kind}"
    elif kind == "structure" and not shape.is_document_type:
        yield from _object(path, shape, value)
    elif kind == "list":
        for part in value:
            yield from _value(path, shape.member, part)
    elif kind == "map":
        for part in value.values():
            yield from _value(f"{path}.*", shape.value, part)
    elif kind == "string" and shape.enum and value not in shape.enum:
        yield f"{path} is {value!r}, none of its words"


def _object(path: str, shape: Any, value: Mapping[str, Any]) -> Iterator[str]:
    """A structure of JSON, or of CBOR."""
    known = _members(shape)
    yield from (f"no {path}.{name}" for name in shape.required_members if _sent(shape, name) not in value)
    for sent, part in value.items():
        if sent in known:
            yield from _value(f"{path}.{known[sent][0]}", known[sent][1], part)
        elif sent != "__type":
            yield f"{path}.{sent} is not known"


def _sent(shape: Any, name: str) -> str:
    return str(shape.members[name].serialization.get("name", name))


def _moment(path: str, shape: Any, value: Any) -> Iterator[str]:
    form = str(shape.serialization.get("timestampFormat", "unixTimestamp")).lower()
    fits = MOMENTS[form].fullmatch(value) if isinstance(value, str) else not isinstance(value, bool)
    if not fits or (isinstance(value, str) and form == "unixtimestamp"):
        yield f"{path} is {value!r}, no timestamp ({form})"


def _text(path: str, shape: Any, text: str, moment: str = "iso8601") -> Iterator[str]:
    """A scalar as text."""
    kind = shape.type_name
    if kind == "timestamp":
        fits = MOMENTS[str(shape.serialization.get("timestampFormat", moment)).lower()].fullmatch(text)
    elif kind in ("integer", "long"):
        fits = WHOLE.fullmatch(text)
    elif kind in ("float", "double"):
        fits = NUMBER.fullmatch(text)
    elif kind == "boolean":
        fits = re.fullmatch("true|false", text)
    else:
        fits = re.match("", text) if not getattr(shape, "enum", None) or text in shape.enum else None
    if not fits:
        yield f"{path} is {text!r}, no {kind}"


def _element(path: str, shape: Any, node: ET.Element) -> Iterator[str]:
    """An element of XML."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(path, shape, node)
    elif kind == "list":
        name = shape.member.serialization.get("name", "member")
        for part in node:
            if _local(part) != name:
                yield f"{path} has {_local(part)}, not {name}"
            yield from _element(path, shape.member, part)
    elif kind == "map":
        for part in node:
            value = part.find(f"{{*}}{shape.value.serialization.get('name', 'value')}")
            if value is not None:
                yield from _element(f"{path}.*", shape.value, value)
    else:
        yield from _text(path, shape, node.text or "")


def _structure(path: str, shape: Any, node: ET.Element) -> Iterator[str]:
    known: dict[str, Any] = {}
    attributes = {name for name, member in shape.members.items() if member.serialization.get("xmlAttribute")}
    seen = {name for name in attributes if name.lower() in {key.rpartition("}")[2].lower() for key in node.attrib}}
    for sent, (name, member) in _members(shape).items():
        flat: Any = member
        if member.type_name == "list" and member.serialization.get("flattened"):
            sent = flat.member.serialization.get("name", sent)
            member = flat.member
        known[sent] = (name, member, flat)
    for part in node:
        if _local(part) not in known:
            yield f"{path}.{_local(part)} is not known"
            continue
        name, member, whole = known[_local(part)]
        seen.add(name)
        if whole.type_name == "map" and whole.serialization.get("flattened"):
            continue
        yield from _element(f"{path}.{name}", member, part)
    lists = {name for name, _, whole in known.values() if whole.serialization.get("flattened")}
    in_body = {name for name, _ in _members(shape).values()}
    yield from (f"no {path}.{name}" for name in shape.required_members if name in in_body - seen - lists)


def _local(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]
