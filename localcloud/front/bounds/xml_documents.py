"""A body in XML as the document that its shape makes of it. Pure.

Source: https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from botocore.model import ListShape, Shape, StructureShape


def read(shape: StructureShape, body: bytes) -> Mapping[str, Any] | None:
    """The members of a document, by the names of their elements; None where it is no XML."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - expat itself bounds what entities unfold to
    except (ElementTree.ParseError, LookupError, ValueError):
        return None
    return _structure(shape, root)


def _structure(shape: StructureShape, element: ElementTree.Element) -> dict[str, Any]:
    below: dict[str, list[ElementTree.Element]] = {}
    for child in element:
        below.setdefault(child.tag.rpartition("}")[2], []).append(child)
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        sent_as = member.serialization.get("name", name)
        if member.serialization.get("xmlAttribute"):
            plain = sent_as.rpartition(":")[2]
            found[sent_as] = next((value for key, value in element.items() if key.rpartition("}")[2] == plain), None)
        elif children := below.get(_element(member, name)):
            found[sent_as] = _value(member, children)
    return found


def _element(member: Shape, name: str) -> str:
    """The tag that a member's elements have: a flattened list's are its items."""
    if isinstance(member, ListShape) and member.serialization.get("flattened"):
        return str(member.serialization.get("name", member.member.serialization.get("name", name)))
    return str(member.serialization.get("name", name))


def _value(shape: Shape, elements: list[ElementTree.Element]) -> Any:
    if isinstance(shape, ListShape):
        items = elements if shape.serialization.get("flattened") else list(elements[0])
        return [_value(shape.member, [item]) for item in items]
    if isinstance(shape, StructureShape):
        return _structure(shape, elements[0])
    text = elements[0].text or ""
    if shape.type_name not in ("integer", "long"):
        return text
    try:
        return int(text)
    except ValueError:
        return text
