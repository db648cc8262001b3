"""Which events match which patterns: a table, by the page of AWS's documents that says so.

Every row was also held against AWS's own open matcher, event-ruler 2.0.1.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.bus.patterns import Pattern

GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
OPERATORS = f"{GUIDE}eb-create-pattern-operators.html"
RULER = "https://github.com/aws/event-ruler"
Row = tuple[dict[str, Any], dict[str, Any], bool]  # pattern, event, whether it matches


def f(*values: Any) -> dict[str, Any]:
    """A pattern for the field f."""
    return {"f": list(values)}


TABLE: dict[str, list[Row]] = {
    f"{GUIDE}eb-create-pattern.html": [
        (f("aws.ec2"), {"f": "aws.ec2"}, True),
        (f("aws.ec2"), {"f": "AWS.ec2"}, False),
        (f("aws.ec2"), {"f": "aws.ec2 "}, False),
        (f("aws.ec2", "aws.fargate"), {"f": "aws.fargate"}, True),
        (f("aws.ec2"), {"g": "aws.ec2"}, False),
        (f("aws.ec2"), {"f": "aws.ec2", "unknown": {"to": ["the pattern"]}}, True),
        ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "y"}, True),
        ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "z"}, False),
        ({"detail": {"state": {"name": ["running"]}}}, {"detail": {"state": {"name": "running"}}}, True),
        ({"detail": {"state": {"name": ["running"]}}}, {"detail": {"state": "running"}}, False),
        ({"detail": {"state": ["running"]}}, {"detail": {"state": {"state": "running"}}}, False),
        (f("true"), {"f": True}, False),
        (f(True), {"f": True}, True),
        (f(True), {"f": 1}, False),
        (f(False), {"f": False}, True),
        (f(1), {"f": True}, False),
        (f(300), {"f": 300.0}, True),
        (f(3.0e2), {"f": 300}, True),
        (f(300), {"f": "300"}, False),
        (f(123456789012345678901), {"f": 123456789012345678901}, True),
        (f(123456789012345678901), {"f": 123456789012345678902}, False),
        (f("10.0.0.1"), {"f": "10.0.0.1"}, True),
        (f("::1"), {"f": "0:0:0:0:0:0:0:1"}, True),
        (f("ü"), {"f": "ü"}, True),
    ],
    f"{GUIDE}eb-event-patterns-null-values.html": [
        (f(""), {"f": ""}, True),
        (f(""), {"f": None}, False),
        (f(None), {"f": None}, True),
        (f(None), {"f": ""}, False),
        (f(None), {}, False),
    ],
    f"{GUIDE}eb-event-patterns-arrays.html": [
        (f("a", "b"), {"f": ["c", "b"]}, True),
        (f("a", "b"), {"f": ["c", "d"]}, False),
        (f("a"), {"f": []}, False),
        (f("a"), {"f": [["b"], ["a"]]}, True),
        (f({"prefix": "a"}), {"f": ["x", "ab"]}, True),
    ],
    f"{RULER}#json-array-matching": [
        ({"e": {"first": ["Anna"]}}, {"e": [{"first": "John"}, {"first": "Anna"}]}, True),
        ({"e": {"first": ["Anna"], "last": ["Smith"]}}, {"e": [{"first": "Anna", "last": "Smith"}]}, True),
        (
            {"e": {"first": ["Anna"], "last": ["Jones"]}},
            {"e": [{"first": "Anna", "last": "Smith"}, {"first": "Peter", "last": "Jones"}]},
            False,
        ),
        ({"e": {"first": ["Anna"]}}, {"e": [[{"first": "John"}], [{"first": "Anna"}]]}, True),
        ({"e": {"n": [1], "tags": {"k": ["x"]}}}, {"e": [{"n": 1, "tags": [{"k": "y"}, {"k": "x"}]}]}, True),
        (
            {"e": {"n": [1], "tags": {"k": ["x"]}}},
            {"e": [{"n": 1, "tags": [{"k": "y"}]}, {"tags": [{"k": "x"}]}]},
            False,
        ),
        ({"e": {"n": [1]}, "g": {"m": [2]}}, {"e": [{"n": 1}], "g": [{"m": 1}, {"m": 2}]}, True),
        ({"e": {"a": [1], "b": [{"exists": False}]}}, {"e": [{"a": 2, "b": 1}, {"a": 1}]}, True),
        ({"e": {"a": [1], "b": [{"exists": False}]}}, {"e": [{"a": 1, "b": 1}, {"a": 2}]}, False),
    ],
    f"{RULER}#caveat-compiled-rules-and-json-keys-with-dots": [
        ({"a.b": ["x"]}, {"a": {"b": "x"}}, True),
        ({"a": {"b": ["x"]}}, {"a.b": "x"}, True),
    ],
    f"{OPERATORS}#eb-filtering-prefix-matching": [
        (f({"prefix": "us-"}), {"f": "us-east-1"}, True),
        (f({"prefix": "us-"}), {"f": "eu-us-1"}, False),
        (f({"prefix": "us-"}), {"f": 7}, False),
        (f({"prefix": ""}), {"f": "anything"}, True),
        (f({"prefix": ""}), {"f": None}, False),
        (f({"prefix": {"equals-ignore-case": "EventB"}}), {"f": "EVENTBridge"}, True),
        (f({"prefix": {"equals-ignore-case": "EventB"}}), {"f": "an eventb"}, False),
    ],
    f"{OPERATORS}#eb-filtering-suffix-matching": [
        (f({"suffix": ".png"}), {"f": "a.png"}, True),
        (f({"suffix": ".png"}), {"f": "a.PNG"}, False),
        (f({"suffix": {"equals-ignore-case": ".png"}}), {"f": "a.PNG"}, True),
        (f({"suffix": {"equals-ignore-case": ".png"}}), {"f": "a.png.gz"}, False),
    ],
    f"{OPERATORS}#eb-filtering-equals-ignore-case-matching": [
        (f({"equals-ignore-case": "alice"}), {"f": "ALICE"}, True),
        (f({"equals-ignore-case": "alice"}), {"f": "ALICE B"}, False),
        (f({"equals-ignore-case": "É"}), {"f": "é"}, True),
        (f({"equals-ignore-case": ""}), {"f": ""}, True),
    ],
    f"{OPERATORS}#eb-filtering-anything-but": [
        (f({"anything-but": "initializing"}), {"f": "running"}, True),
        (f({"anything-but": "initializing"}), {"f": "initializing"}, False),
        (f({"anything-but": "initializing"}), {"f": None}, True),
        (f({"anything-but": "initializing"}), {"f": 7}, True),
        (f({"anything-but": "initializing"}), {}, False),
        (f({"anything-but": "initializing"}), {"f": []}, False),
        (f({"anything-but": "initializing"}), {"f": ["initializing", "running"]}, True),
        (f({"anything-but": ["a", "b"]}), {"f": "b"}, False),
        (f({"anything-but": ["a", "b"]}), {"f": "c"}, True),
        (f({"anything-but": 123}), {"f": 123.0}, False),
        (f({"anything-but": 123}), {"f": "123"}, True),
        (f({"anything-but": [100, 200]}), {"f": 200}, False),
        (f({"anything-but": [100, 200]}), {"f": 0}, True),
        (f({"anything-but": {"prefix": "us-"}}), {"f": "us-east-1"}, False),
        (f({"anything-but": {"prefix": "us-"}}), {"f": "eu-west-1"}, True),
        (f({"anything-but": {"prefix": ["us-", "eu-"]}}), {"f": "eu-west-1"}, False),
        (f({"anything-but": {"prefix": "1"}}), {"f": 12}, True),
        (f({"anything-but": {"suffix": ".png"}}), {"f": "a.png"}, False),
        (f({"anything-but": {"suffix": [".png", ".gif"]}}), {"f": "a.txt"}, True),
        (f({"anything-but": {"equals-ignore-case": "stopped"}}), {"f": "STOPPED"}, False),
        (f({"anything-but": {"equals-ignore-case": ["stopped", "lost"]}}), {"f": "LOSS"}, True),
        (f({"anything-but": {"wildcard": "*/lib/*"}}), {"f": "a/lib/b"}, False),
        (f({"anything-but": {"wildcard": ["*/bin/*.jar", "*/bin/*.class"]}}), {"f": "x/bin/y.txt"}, True),
    ],
    f"{OPERATORS}#eb-filtering-numeric-matching": [
        (f({"numeric": ["=", 3.018e2]}), {"f": 301.8}, True),
        (f({"numeric": ["<", 10]}), {"f": 9.9}, True),
        (f({"numeric": ["<", 10]}), {"f": 10}, False),
        (f({"numeric": ["<=", 10]}), {"f": 10}, True),
        (f({"numeric": [">", -1]}), {"f": 0}, True),
        (f({"numeric": [">=", 0]}), {"f": -0.5}, False),
        (f({"numeric": [">", 0, "<=", 5]}), {"f": 5}, True),
        (f({"numeric": [">", 0, "<=", 5]}), {"f": 0}, False),
        (f({"numeric": [">=", 0, "<", 5]}), {"f": 5}, False),
        (f({"numeric": [">", 0]}), {"f": "1"}, False),
        (f({"numeric": [">", 0]}), {"f": True}, False),
        (f({"numeric": [">", 0]}), {"f": [-1, 1]}, True),
    ],
    f"{OPERATORS}#eb-filtering-ip-matching": [
        (f({"cidr": "10.0.0.0/24"}), {"f": "10.0.0.255"}, True),
        (f({"cidr": "10.0.0.0/24"}), {"f": "10.0.1.0"}, False),
        (f({"cidr": "10.0.0.77/24"}), {"f": "10.0.0.1"}, True),
        (f({"cidr": "10.0.0.0/24"}), {"f": "no address"}, False),
        (f({"cidr": "2001:db8::/32"}), {"f": "2001:db8:1::1"}, True),
        (f({"cidr": "2001:db8::/32"}), {"f": "10.0.0.1"}, False),
    ],
    f"{OPERATORS}#eb-filtering-exists-matching": [
        (f({"exists": True}), {"f": "x"}, True),
        (f({"exists": True}), {"f": None}, True),
        (f({"exists": True}), {}, False),
        (f({"exists": True}), {"f": []}, False),
        (f({"exists": True}), {"f": {"inner": 1}}, False),
        (f({"exists": True}), {"f": ["x"]}, True),
        (f({"exists": False}), {}, True),
        (f({"exists": False}), {"f": []}, True),
        (f({"exists": False}), {"f": {"inner": 1}}, True),
        (f({"exists": False}), {"f": None}, False),
        (f({"exists": False}, {"prefix": "x"}), {"f": "xy"}, True),
        ({"a": {"b": [{"exists": False}]}}, {"a": "leaf"}, True),
    ],
    f"{OPERATORS}#eb-filtering-wildcard-matching": [
        (f({"wildcard": "dir/*.png"}), {"f": "dir/a/b.png"}, True),
        (f({"wildcard": "dir/*.png"}), {"f": "dir/.png"}, True),
        (f({"wildcard": "dir/*.png"}), {"f": "other/dir/a.png"}, False),
        (f({"wildcard": "*"}), {"f": ""}, True),
        (f({"wildcard": "*"}), {"f": 1}, False),
        (f({"wildcard": "a*"}), {"f": "a\nb"}, True),
        (f({"wildcard": r"a\*b"}), {"f": "a*b"}, True),
        (f({"wildcard": r"a\*b"}), {"f": "axb"}, False),
        (f({"wildcard": r"a\\b"}), {"f": r"a\b"}, True),
        (f({"wildcard": "a.c"}), {"f": "abc"}, False),
    ],
    f"{OPERATORS}#eb-filtering-complex-example-or": [
        ({"$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2}, True),
        ({"$or": [{"a": [1]}, {"b": [2]}]}, {"a": 2, "b": 1}, False),
        ({"c": ["x"], "$or": [{"a": [1]}, {"b": [2]}]}, {"c": "x", "a": 1}, True),
        ({"c": ["x"], "$or": [{"a": [1]}, {"b": [2]}]}, {"c": "y", "a": 1}, False),
        ({"$or": [{"a": [1], "b": [1]}, {"a": [2]}]}, {"a": 1, "b": 2}, False),
        ({"d": {"$or": [{"a": [{"exists": True}]}, {"b": [{"prefix": "x"}]}]}}, {"d": {"b": "xy"}}, True),
        ({"$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]}, {"b": 2, "d": 4}, True),
        ({"$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]}, {"b": 2, "d": 5}, False),
        ({"$or": [{"a": [1]}, {"b": [2]}], "e": {"$or": [{"f": [3]}, {"g": [4]}]}}, {"a": 1, "e": {"g": 4}}, True),
    ],
    f"{RULER}#the-backward-compatibility-of-using-or-as-field-name-in-the-rule": [
        ({"$or": {"a": [1]}}, {"$or": {"a": 1}}, True),
        ({"$or": ["x"]}, {"$or": "x"}, True),
    ],
}
ROWS = [(page, *row) for page, rows in TABLE.items() for row in rows]


@pytest.mark.parametrize(("page", "pattern", "event", "matches"), ROWS)
def test_a_pattern_matches_what_the_documents_say(
    page: str, pattern: dict[str, Any], event: dict[str, Any], matches: bool
) -> None:
    assert Pattern(json.dumps(pattern)).matches(event) is matches, page


def test_of_two_equal_paths_the_last_counts() -> None:
    pattern = Pattern('{"f": [{"prefix": "us-"}], "f": [{"anything-but": "us-east"}]}')

    assert pattern.matches({"f": "eu-central-1"})


def test_an_event_may_be_nested_as_deep_as_the_bus_takes_it() -> None:
    deep: Any = {"f": "found"}
    for _ in range(1000):
        deep = {"f": deep}

    assert not Pattern('{"f": ["found"]}').matches(deep)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)


@given(SCALARS)
def test_every_value_equals_itself_and_is_not_anything_but_itself(value: Any) -> None:
    assert Pattern(json.dumps(f(value))).matches({"f": value})
    if isinstance(value, str):
        assert not Pattern(json.dumps(f({"anything-but": value}))).matches({"f": value})


@given(st.text(max_size=8), st.text(max_size=8))
def test_prefix_and_suffix_are_wildcards_with_one_star(text: str, value: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("*", "\\*")

    for operator, wildcard in (("prefix", f"{escaped}*"), ("suffix", f"*{escaped}")):
        by_operator = Pattern(json.dumps(f({operator: text})))
        by_wildcard = Pattern(json.dumps(f({"wildcard": wildcard})))
        for event in ({"f": text + value}, {"f": value + text}, {"f": value}):
            assert by_operator.matches(event) == by_wildcard.matches(event)
