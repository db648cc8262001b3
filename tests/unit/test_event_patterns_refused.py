"""Event patterns that AWS refuses, with its reasons.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
Source: https://github.com/aws/event-ruler#compiling-and-checking-rules
"""

from __future__ import annotations

import pytest

from localcloud.bus.patterns import InvalidPattern, Pattern

VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
REFUSED = [
    # no JSON, or not an object
    ("nonsense", f"Unrecognized token 'nonsense': was expecting {VALUE}", 9),
    ("", "Filter is not an object", 1),
    ('["a"]', "Filter is not an object", 2),
    ("{'a': [1]}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2),
    (
        '{"a": [1] "b": [2]}',
        "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
        11,
    ),
    ('{"a": [1,]}', f"Unexpected character (']' (code 93)): expected a valid value {VALUE}", 10),
    ('{"a": [01]}', "Invalid numeric value: Leading zeroes not allowed", 9),
    ('{"a": ["\\q"]}', "Unrecognized character escape 'q' (code 113)", 10),
    # empty, or leaves that are no arrays
    ("{}", "Empty objects are not allowed", 3),
    ('{"detail": {}}', "Empty objects are not allowed", 14),
    ('{"a": []}', "Empty arrays are not allowed", 9),
    ('{"a": "b"}', '"a" must be an object or an array', 8),
    ('{"a": 1}', '"a" must be an object or an array', 8),
    ('{"a": [[1]]}', "Match value must be String, number, true, false, or null", 9),
    # operators
    ('{"a": [{}]}', "Match expression name not found", 10),
    ('{"a": [{"contains": "b"}]}', "Unrecognized match type contains", 22),
    ('{"a": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 23),
    ('{"a": [{"prefix": "b", "suffix": "c"}]}', "Only one key allowed in match expression", 35),
    ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string", 20),
    ('{"a": [{"prefix": ["b"]}]}', "prefix match pattern must be a string", 20),
    ('{"a": [{"prefix": {"wildcard": "b"}}]}', "Unsupported prefix pattern: wildcard", 33),
    ('{"a": [{"suffix": null}]}', "suffix match pattern must be a string", 23),
    ('{"a": [{"suffix": {"equals-ignore-case": 1}}]}', "equals-ignore-case match pattern must be a string", 43),
    ('{"a": [{"equals-ignore-case": ["b"]}]}', "equals-ignore-case match pattern must be a string", 32),
    ('{"a": [{"exists": "true"}]}', "exists match pattern must be either true or false.", 20),
    ('{"a": [{"wildcard": 1}]}', "wildcard match pattern must be a string", 22),
    ('{"a": [{"wildcard": "b**"}]}', "Consecutive wildcard characters at pos 2", 26),
    ('{"a": [{"wildcard": "b\\\\c"}]}', "Invalid escape character at pos 2", 27),
    ('{"a": [{"cidr": 1}]}', "prefix match pattern must be a string", 18),
    # numeric
    ('{"a": [{"numeric": 1}]}', "Value of numeric must be an array.", 21),
    ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: ]", 22),
    ('{"a": [{"numeric": [1]}]}', "Invalid member in numeric match: 1", 22),
    ('{"a": [{"numeric": ["="]}]}', "Value of equals must be numeric", 25),
    ('{"a": [{"numeric": ["=", "1"]}]}', "Value of equals must be numeric", 27),
    ('{"a": [{"numeric": ["=>", 1]}]}', "Unrecognized numeric range operator: =>", 28),
    ('{"a": [{"numeric": ["=", 1, 2]}]}', "Too many elements in numeric expression", 30),
    ('{"a": [{"numeric": [">", 1, "<"]}]}', "Value of < must be numeric", 33),
    ('{"a": [{"numeric": [">", 1, ">", 2]}]}', "Bad numeric range operator: >", 32),
    ('{"a": [{"numeric": [">", 1, "<", 2, 3]}]}', "Too many terms in numeric range expression", 38),
    ('{"a": [{"numeric": [">", 2, "<", 1]}]}', "Bottom must be less than top", 36),
    # anything-but
    ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number value.", 29),
    ('{"a": [{"anything-but": {}}]}', "Anything-But expression name not found", 27),
    ('{"a": [{"anything-but": {"exists": true}}]}', "Unsupported anything-but pattern: exists", 40),
    ('{"a": [{"anything-but": {"prefix": 1}}]}', "prefix/suffix match pattern must be a string", 37),
    ('{"a": [{"anything-but": {"suffix": ""}}]}', "Null prefix/suffix not allowed", 38),
    (
        '{"a": [{"anything-but": ["b", 1]}]}',
        "Inside anything but list, either all values are number or string, mixed type is not supported",
        33,
    ),
    # an $or that is none is a field of that name
    ('{"$or": [{"a": [1]}]}', "Unrecognized match type a", 17),
    ('{"b": [2], "$or": [{"a": [1]}]}', "Unrecognized match type a", 27),
    ('{"$or": []}', "Empty arrays are not allowed", 11),
    ('{"$or": "a"}', '"$or" must be an object or an array', 10),
    ('{"$or": [{"a": [1]}, 2]}', "Unrecognized match type a", 17),
    ('{"$or": [{"numeric": [1]}, {"b": [2]}]}', "Invalid member in numeric match: 1", 24),
    ('{"$or": [{"a": 1}, {"b": [2]}]}', '"a" must be an object or an array', 17),
]
REFUSED_WITHOUT_A_PLACE = [
    ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
    ('{"a": [{"cidr": "10.0.0.0/x"}]}', "Malformed CIDR, mask bits must be an integer"),
    ('{"a": [{"cidr": "10.0.0.0/-1"}]}', "Malformed CIDR, mask bits must not be negative"),
    ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32"),
    ('{"a": [{"cidr": "::/128"}]}', "IPv6 mask bits must be < 128"),
    ('{"a": [{"cidr": "10.0.0.256/8"}]}', "Invalid IP address: 10.0.0.256"),
    ('{"a": [{"cidr": "host/8"}]}', "Nonstandard IP address: host"),
    (
        '{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}',
        "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a"
        " wildcard character",
    ),
]


@pytest.mark.parametrize(("pattern", "reason", "column"), REFUSED)
def test_a_pattern_is_refused_where_aws_stops_reading(pattern: str, reason: str, column: int) -> None:
    with pytest.raises(InvalidPattern) as refused:
        Pattern(pattern)

    assert str(refused.value) == f'{reason}\n at [Source: (String)"{pattern}"; line: 1, column: {column}]'


@pytest.mark.parametrize(("pattern", "reason"), REFUSED_WITHOUT_A_PLACE)
def test_what_is_wrong_in_a_value_has_no_place(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        Pattern(pattern)

    assert str(refused.value) == reason


def test_a_wrong_value_in_a_list_of_anything_but_has_its_place_twice() -> None:
    pattern = '{"a": [{"anything-but": ["b", null]}]}'
    place = f' at [Source: (String)"{pattern}"; line: 1, column: 35]'

    with pytest.raises(InvalidPattern) as refused:
        Pattern(pattern)

    reason = "Inside anything but list, start|null|boolean is not supported."
    assert str(refused.value) == f"{reason}\n{place}\n{place}"


@pytest.mark.parametrize("pattern", ["{", '{"a"', '{"a": [', '{"a": ["b', '{"a": ["b"', '{"a": [1]', '{"a": [1]]'])
def test_a_pattern_that_ends_too_early_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="Unexpected"):
        Pattern(pattern)


def test_a_place_counts_lines_and_tells_the_first_500_characters() -> None:
    with pytest.raises(InvalidPattern) as refused:
        Pattern('{"a": ["b"],\n "c": 1' + " " * 500 + "}")

    assert "[truncated 21 chars]; line: 2, column: 8]" in str(refused.value)


def test_what_follows_a_pattern_is_not_read() -> None:
    assert Pattern('{"a": [1]} and more').matches({"a": 1})


@pytest.mark.parametrize(
    "pattern",
    [
        "{" + ", ".join(f'"{name}": {{"$or": [{{"a": [1]}}, {{"b": [2]}}]}}' for name in range(12)) + "}",
        '{"a": ' * 2000 + "[1]" + "}" * 2000,
    ],
)
def test_a_pattern_that_could_hold_up_the_bus_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        Pattern(pattern)
