"""The members of a request, by the names that they are sent as, in whatever protocol it comes. Pure.

What cannot be read is left out, or left as text: whoever acts on the request says what is wrong with it.

Source: https://smithy.io/2.0/spec/http-bindings.html and https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from localcloud.front.bounds import xml_documents
from localcloud.front.malformed.texts import body_of, speaks_query
from localcloud.front.members.documents import document_of

Reading = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
Tree = dict[str, Any]
_WHOLE = ("integer", "long")
_FRACTIONS = ("float", "double")
NOTHING = (b"", b"{}", b"\xa0", b"\xbf\xff")  # nothing said, also in CBOR
_TEXT = ""  # the key of a node's own text, among those of the nodes below


def reading(operation: OperationModel, shape: StructureShape) -> Reading:
    """How to read a request of an operation. The reading finds None where the request is in another protocol, or cannot
    be read.
    """
    protocol = str(operation.service_model.metadata["protocol"])
    if protocol.startswith("rest"):
        return partial(_rest, _parts(operation, shape, xml=protocol == "rest-xml"))
    return partial(_named, shape, in_forms=protocol != "json")


def _named(shape: StructureShape, environ: Mapping[str, Any], *, in_forms: bool) -> Mapping[str, Any] | None:
    """Of a protocol that names its operation."""
    if not speaks_query(environ):
        return _document(environ) if body_of(environ) else None
    if not in_forms:  # an older SDK's, in names that the model no longer has
        return None
    found: Mapping[str, Any] = _of_form(shape, _tree(document_of(environ)))
    return found


# --- forms


def _tree(fields: Mapping[str, str]) -> Tree:
    tree: Tree = {}
    for name, value in fields.items():
        node = tree
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[_TEXT] = value
    return tree


def _of_form(shape: Shape, node: Tree) -> Any:
    if isinstance(shape, StructureShape):
        members = ((_sent_as(member, name), member) for name, member in shape.members.items())
        return {name: _of_form(member, node[name]) for name, member in members if name in node}
    if isinstance(shape, ListShape):
        items = node if shape.serialization.get("flattened") else node.get(_sent_as(shape.member, "member"), {})
        return [_of_form(shape.member, item) for item in _numbered(items)]
    if isinstance(shape, MapShape):
        entries = _numbered(node if shape.serialization.get("flattened") else node.get("entry", {}))
        key, value = _sent_as(shape.key, "key"), _sent_as(shape.value, "value")
        return {entry.get(key, {}).get(_TEXT, ""): _of_form(shape.value, entry.get(value, {})) for entry in entries}
    return _of_text(shape, node[_TEXT]) if _TEXT in node else None


def _numbered(nodes: Tree) -> list[Tree]:
    return [nodes[number] for number in sorted((name for name in nodes if name.isdecimal()), key=int)]


def _of_text(shape: Shape, text: str) -> Any:
    if isinstance(shape, ListShape):
        return [_of_text(shape.member, text)]
    if shape.type_name not in _WHOLE + _FRACTIONS:
        return text
    try:
        return int(text) if shape.type_name in _WHOLE else float(text)
    except ValueError:
        return text


def _sent_as(shape: Shape, name: str) -> str:
    return str(shape.serialization.get("name", name))


# --- REST


def _rest(parts: list[Reading], environ: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {}
    for part in parts:
        said = part(environ)
        if said is None:
            return None
        found |= said
    return found


def _parts(operation: OperationModel, shape: StructureShape, *, xml: bool) -> list[Reading]:
    """One reading for each place of a request that has members."""
    places: dict[str, dict[str, Shape]] = {}
    for name, member in shape.members.items():
        place = member.serialization.get("location", "body")
        places.setdefault(place, {})[_sent_as(member, name)] = member
    found: list[Reading] = []
    if "querystring" in places:
        found.append(partial(_of_query, places["querystring"]))
    if "header" in places:
        rows = [(_in_environ(name), name, one) for name, one in places["header"].items()]
        found.append(partial(_of_headers, rows))
    if "uri" in places and not xml:  # a bucket and its key, of which S3 says its own
        found.append(partial(_of_path, *_labels(operation), places["uri"]))
    if "body" in places:
        found.append(_of_body(shape, places["body"], xml=xml))
    return found


def _of_query(members: Mapping[str, Shape], environ: Mapping[str, Any]) -> Mapping[str, Any]:
    if not environ.get("QUERY_STRING"):
        return {}
    asked = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    return {
        name: [_of_text(shape.member, one) for one in asked[name]]
        if isinstance(shape, ListShape)
        else _of_text(shape, asked[name][0])
        for name, shape in members.items()
        if name in asked
    }


def _in_environ(header: str) -> str:
    key = header.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _of_headers(rows: list[tuple[str, str, Shape]], environ: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: [_of_text(shape.member, one.strip()) for one in environ[key].split(",")]
        if isinstance(shape, ListShape)
        else _of_text(shape, environ[key])
        for key, name, shape in rows
        if key in environ
    }


def _labels(operation: OperationModel) -> tuple[re.Pattern[str], list[str]]:
    """The path of an operation's address, and the names of what varies in it, in order."""
    fixed_and_labels = re.split(r"\{([^}]+)\}", operation.http.get("requestUri", "/").partition("?")[0].rstrip("/"))
    labels = fixed_and_labels[1::2]
    parts = [re.escape(part) for part in fixed_and_labels]
    parts[1::2] = ["(.+)" if label.endswith("+") else "([^/]+)" for label in labels]
    return re.compile("".join(parts) + "/?", re.DOTALL), [label.rstrip("+") for label in labels]


def _of_path(
    path: re.Pattern[str], names: list[str], members: Mapping[str, Shape], environ: Mapping[str, Any]
) -> Mapping[str, Any]:
    quoted = str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]  # an ARN has slashes of its own
    found = path.fullmatch(quoted) or path.fullmatch(str(environ["PATH_INFO"]))
    if found is None:
        return {}
    return {name: _of_text(members[name], unquote(text)) for name, text in zip(names, found.groups(), strict=True)}


def _of_body(shape: StructureShape, members: Mapping[str, Shape], *, xml: bool) -> Reading:
    payload = shape.serialization.get("payload")
    if payload is None:
        return _document
    name, body = next((name, one) for name, one in members.items() if one is shape.members[payload])
    if not isinstance(body, StructureShape):
        return lambda environ: {name: body_of(environ)}

    def read(environ: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if not body_of(environ):
            return {}
        found = xml_documents.read(body, body_of(environ)) if xml else _document(environ)
        return None if found is None else {name: found}

    return read


def _document(environ: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The body's document; None where it says nothing that can be read, and is not empty."""
    found = document_of(environ)
    return found if found or body_of(environ).strip() in NOTHING else None
