"""Filter policies of SNS let through what AWS's documentation says, and are refused where they can hold nothing.

Source: https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html,
https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html,
https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html,
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.bus import filter_policies
from localcloud.bus.filter_policies import ATTRIBUTES, BODY

RUGBY, BALL, BOTH = "rugby", "baseball", ["rugby", "baseball"]
LINES: list[tuple[list[Any], Any, bool]] = [
    # what a field may be, what it is, whether it passes
    (["rugby", "tennis"], RUGBY, True),
    (["rugby", "tennis"], ["rugby", "tennis"], True),
    (["rugby", "tennis"], BALL, False),
    (["rugby"], "Rugby", False),
    ([{"anything-but": ["rugby", "tennis"]}], BALL, True),
    ([{"anything-but": ["rugby", "tennis"]}], BOTH, True),
    ([{"anything-but": ["rugby", "tennis"]}], RUGBY, False),
    ([{"anything-but": ["rugby"]}], ["rugby"], False),
    ([{"anything-but": {"prefix": "order-"}}], "data-entry", True),
    ([{"anything-but": {"prefix": "order-"}}], "order-cancelled", False),
    ([{"anything-but": {"suffix": "ball"}}], RUGBY, True),
    ([{"anything-but": {"suffix": "ball"}}], BALL, False),
    ([{"anything-but": {"wildcard": "*ball"}}], "hockey", True),
    ([{"anything-but": {"wildcard": "*ball"}}], "basketball", False),
    ([{"equals-ignore-case": "Tennis"}], "TENNIS", True),
    ([{"equals-ignore-case": "Tennis"}], "tennis", True),
    ([{"equals-ignore-case": "Tennis"}], RUGBY, False),
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
    ([{"cidr": "10.0.0.0/24"}], "10.1.1.0", False),
    ([{"prefix": "bas"}], "basketball", True),
    ([{"prefix": "bas"}], RUGBY, False),
    ([{"suffix": "ball"}], BALL, True),
    ([{"suffix": "ball"}], RUGBY, False),
    ([{"wildcard": "*ball"}], BALL, True),
    ([{"wildcard": "*ball"}], RUGBY, False),
    ([301.5], 301.5, True),
    ([301.5], 3.015e2, True),
    ([301.5], "301.5", False),
    ([{"anything-but": [100, 500]}], 101, True),
    ([{"anything-but": [100, 500]}], 100, False),
    ([{"numeric": [">", 0, "<=", 150]}], 150, True),
    ([{"numeric": [">", 0, "<=", 150]}], 0, False),
    ([{"numeric": ["=", 0.5]}], 0.5, True),
    ([{"exists": True}], "x", True),
    ([{"exists": False}], "x", False),
    ([True], [True], True),
    ([None], [None], True),
    ([None], ["x"], False),
]


def attribute(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return {"Type": "String.Array", "Value": json.dumps(value)}
    return {"Type": "String" if isinstance(value, str) else "Number", "Value": str(value)}


@pytest.mark.parametrize(("wanted", "value", "passes"), LINES)
def test_what_passes_is_what_the_documentation_says(wanted: list[Any], value: Any, passes: bool) -> None:
    policy = {"field": wanted}

    assert filter_policies.find_fault(json.dumps(policy), ATTRIBUTES) == ""
    assert filter_policies.matches(policy, ATTRIBUTES, {"field": attribute(value)}, "no JSON") is passes
    assert filter_policies.matches(policy, BODY, {}, json.dumps({"field": value})) is passes


def test_an_absent_field_is_one_only_beside_others() -> None:
    absent = {"field": [{"exists": False}]}

    assert filter_policies.matches(absent, ATTRIBUTES, {"other": attribute("x")}, "")
    assert not filter_policies.matches(absent, ATTRIBUTES, {}, "")
    assert not filter_policies.matches(absent, ATTRIBUTES, {"field": {"Type": "Binary", "Value": "eA=="}}, "")


def test_every_field_has_to_pass_and_one_of_the_alternatives() -> None:
    policy = {"source": ["cart"], "$or": [{"kind": ["order"]}, {"price": [{"numeric": [">", 100]}]}]}
    cart, order, dear = attribute("cart"), attribute("order"), attribute(101)

    assert filter_policies.find_fault(json.dumps(policy), ATTRIBUTES) == ""
    assert filter_policies.matches(policy, ATTRIBUTES, {"source": cart, "kind": order}, "")
    assert filter_policies.matches(policy, ATTRIBUTES, {"source": cart, "price": dear}, "")
    assert not filter_policies.matches(policy, ATTRIBUTES, {"source": cart}, "")
    assert not filter_policies.matches(policy, ATTRIBUTES, {"kind": order}, "")


def test_a_body_is_looked_into_and_the_fields_of_one_element_go_together() -> None:
    policy = {"records": {"name": [{"prefix": "Object"}], "size": [1]}}

    assert filter_policies.find_fault(json.dumps(policy), BODY) == ""
    assert filter_policies.matches(policy, BODY, {}, '{"records": [{"name": "ObjectCreated", "size": 1}]}')
    assert not filter_policies.matches(policy, BODY, {}, '{"records": [{"name": "Object"}, {"size": 1}]}')
    assert not filter_policies.matches(policy, BODY, {}, "[1]")


@pytest.mark.parametrize(
    ("policy", "scope", "says"),
    [
        ("{", ATTRIBUTES, "failed to parse JSON"),
        ("[]", ATTRIBUTES, "failed to parse JSON"),
        ('{"a": "b"}', ATTRIBUTES, '"a" must be an object or an array'),
        ('{"a": {"b": ["c"]}}', ATTRIBUTES, "does not support nested filter policy"),
        ('{"a": [{"like": "b"}]}', ATTRIBUTES, "Unrecognized match type like"),
        ('{"a": [{"anything-but": {"like": "b"}}]}', ATTRIBUTES, "nsupported anything-but pattern: like"),
        ('{"a": [{"numeric": ["<", 2, ">", 1]}]}', ATTRIBUTES, "Too many elements in numeric expression"),
        ('{"a": [{"cidr": "10.0.0.300/24"}]}', ATTRIBUTES, "10.0.0.300"),
        ('{"a": [1000000001]}', ATTRIBUTES, "numbers are from"),
        (json.dumps({name: ["b"] for name in "abcdef"}), ATTRIBUTES, "more than 5 keys"),
        (json.dumps({name: [*map(str, range(6))] for name in "abc"}), ATTRIBUTES, "too complex"),
    ],
)
def test_a_policy_that_sns_does_not_take_is_refused_with_its_reason(policy: str, scope: str, says: str) -> None:
    assert says in filter_policies.find_fault(policy, scope)


@pytest.mark.parametrize("policy", ["", "{}"])
def test_no_policy_lets_all_through(policy: str) -> None:
    assert filter_policies.find_fault(policy, ATTRIBUTES) == ""
    assert filter_policies.matches({}, ATTRIBUTES, {}, "")
