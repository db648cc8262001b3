"""What AWS says when a request breaks a bound of its API's model."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import ShapeResolver

from localcloud.bus.member_types import mistyped
from localcloud.front.bounds.constraints import checked, complaint

SHAPES = ShapeResolver(
    {
        "Request": {
            "type": "structure",
            "required": ["Name"],
            "members": {
                "Name": {"shape": "Name"},
                "State": {"shape": "State"},
                "Count": {"shape": "Count"},
                "Rows": {"shape": "Rows"},
                "Tags": {"shape": "Tags"},
                "On": {"shape": "On"},
            },
        },
        "Name": {"type": "string", "min": 1, "max": 4, "pattern": "[a-z]+"},
        "State": {"type": "string", "enum": ["ON", "OFF"]},
        "Count": {"type": "integer", "min": 1, "max": 9},
        "Rows": {"type": "list", "min": 1, "max": 2, "member": {"shape": "Request"}},
        "Tags": {"type": "map", "max": 1, "key": {"shape": "Name"}, "value": {"shape": "Name"}},
        "On": {"type": "boolean"},
    }
)
REQUEST = SHAPES.get_shape_by_name("Request")
MUST = "failed to satisfy constraint: Member must"
ONE = "1 validation error detected: Value"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"Name": "a", "State": "ON", "Count": 9, "Rows": [{"Name": "b"}], "Tags": {"a": "b"}, "Unknown": 1}, None),
        ({}, f"{ONE} null at 'name' {MUST} not be null"),
        ({"Name": "A"}, f"{ONE} 'A' at 'name' {MUST} satisfy regular expression pattern: [a-z]+"),
        (
            {"Name": "abcde", "State": "?"},
            f"2 validation errors detected: Value 'abcde' at 'name' {MUST} have length less than or equal to 4;"
            f" Value '?' at 'state' {MUST} satisfy enum value set: [ON, OFF]",
        ),
        (
            {"Name": "a", "Rows": [{"Name": "b"}, {"Name": "c", "Count": 0}]},
            f"{ONE} '0' at 'rows.2.member.count' {MUST} have value greater than or equal to 1",
        ),
        (
            {"Name": "a", "Count": 10},
            f"{ONE} '10' at 'count' {MUST} have value less than or equal to 9",
        ),
        (
            {"Name": "a", "Rows": []},
            f"{ONE} '[]' at 'rows' {MUST} have length greater than or equal to 1",
        ),
        (
            {"Name": "a", "Tags": {"a": "B"}},
            f"{ONE} 'B' at 'tags.a.member' {MUST} satisfy regular expression pattern: [a-z]+",
        ),
    ],
)
def test_every_broken_bound_is_told(asked: dict[str, Any], said: str | None) -> None:
    check = checked(REQUEST)

    assert check is not None
    assert complaint(check, asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"Name": None, "Count": 1, "On": True, "Rows": [{"Name": "a"}], "Tags": {"a": "b"}, "Unknown": []}, None),
        ({"Name": 1}, "1 can not be converted to String"),
        ({"Count": "1"}, "'1' can not be converted to Integer"),
        ({"Count": True}, "True can not be converted to Integer"),
        ({"On": 1}, "1 can not be converted to Boolean"),
        ({"Name": ["a"]}, "Start of list found where not expected."),
        ({"Rows": {"Name": "a"}}, "Start of structure or map found where not expected."),
        ({"Rows": [{"Name": {}}]}, "Start of structure or map found where not expected."),
        ({"Rows": "a"}, "Unexpected field type: 'a' found where a structure, map or list is expected."),
    ],
)
def test_what_has_another_type_cannot_be_read(asked: dict[str, Any], said: str | None) -> None:
    assert mistyped(REQUEST, asked) == said
