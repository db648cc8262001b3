"""What a JSONPath of a state finds: one value where it is definite, else a list."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.stepfunctions import paths

DATA = {"a": [{"b": 1, "c": "x"}, {"b": 2, "c": "y"}], "o": {"k": 1}, "n": {"deep": {"x": 5}}, "e": []}


@pytest.mark.parametrize(("path", "value"), [
    ("$", DATA), ("$.o.k", 1), ("$.a[0].b", 1), ("$.a[-1].b", 2), ("$['a'][0]['b']", 1), ("$.a[1]", DATA["a"][1]),
    ("$.e", []),
])  # fmt: skip
def test_a_definite_path_means_one_value(path: str, value: Any) -> None:
    assert paths.find(path, DATA) == value


@pytest.mark.parametrize(("path", "values"), [
    ("$.a[?(@.b == 1)]", [DATA["a"][0]]), ("$.a[?(@.b == 1)].c", ["x"]), ("$.a[?(@.b == 9)]", []),
    ("$.a[?(@.b == 9)].c", []), ("$.a[?(@.b > 1 && @.c == 'y')].b", [2]), ("$.a[?(@.b == 1 || @.b == 2)].b", [1, 2]),
    ("$..x", [5]), ("$..nope", []), ("$.a[*].b", [1, 2]), ("$.e[*]", []), ("$.a[0:1].b", [1]), ("$.a[0,1].b", [1, 2]),
    ("$.o.*", [1]),
])  # fmt: skip
def test_any_other_path_means_a_list_also_of_one_or_none(path: str, values: list[Any]) -> None:
    assert paths.find(path, DATA) == values


@pytest.mark.parametrize("path", ["$.nope", "$.a[5]", "$.e[0].b", "$.nope[*]", "$.nope[?(@.b == 1)]"])
def test_a_path_whose_definite_part_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(paths.NotFound):
        paths.find(path, DATA)


@pytest.mark.parametrize("path", ["$.a.length()", "$.a[?(@.b in [1])]", "$.a[?(@.c =~ /x/)]"])
def test_what_cannot_be_evaluated_is_refused_by_name(path: str) -> None:
    with pytest.raises(paths.Unreadable, match="cannot be evaluated in the local cloud"):
        paths.find(path, DATA)
