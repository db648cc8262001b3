"""DynamoDB's answers: a value goes over the wire as it lies in its table, and is not taken apart on the way."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from botocore.loaders import Loader
from moto.core.model import ServiceModel
from moto.core.serialize import JSONSerializer, XFormedAttributePicker

from localcloud.dynamodb import serialization

PLAIN: dict[str, Any] = {
    "text": {"S": "ärger \u2028 \"quoted\""},
    "nothing": {"S": ""},
    "number": {"N": "1E+3"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "null": {"NULL": True},
    "texts": {"SS": ["b", "a"]},
    "numbers": {"NS": ["2", "1"]},
    "list": {"L": [{"S": "x"}, {"L": []}, {"M": {"S": {"S": "a name as a type's"}}}]},
    "map": {"M": {"L": {"L": [{"N": "1"}]}, "empty": {"M": {}}}},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    serialization.install()


def sent(item: dict[str, Any]) -> str:
    model = ServiceModel(Loader().load_service_model("dynamodb", "service-2"), "dynamodb")
    serializer = JSONSerializer(model.operation_model("GetItem"), value_picker=XFormedAttributePicker())
    return str(serializer.serialize({"Item": item})["body"])


@pytest.mark.parametrize("name", PLAIN)
def test_a_value_is_sent_as_it_lies_in_its_table(name: str) -> None:
    assert sent({name: PLAIN[name]}) == json.dumps({"Item": {name: PLAIN[name]}})


def test_bytes_are_sent_in_base64_wherever_they_lie() -> None:
    item = {"bytes": {"B": b"\x00\xff"}, "set": {"BS": [b"a", b"b"]}, "deep": {"M": {"x": {"L": [{"B": b"c"}]}}}}

    said = json.loads(sent(item))["Item"]

    assert said == {
        "bytes": {"B": "AP8="},
        "set": {"BS": ["YQ==", "Yg=="]},
        "deep": {"M": {"x": {"L": [{"B": "Yw=="}]}}},
    }


@pytest.mark.parametrize("value", [{}, {"S": "a", "N": "1"}, {"S": 1}, {"BOOL": "true"}, {"L": "ab"}, {"X": "a"}, "a"])
def test_what_is_no_value_is_left_to_moto(value: Any) -> None:
    with pytest.raises(serialization.Encoded):
        serialization.on_the_wire(value)


def test_a_value_s_inside_is_not_looked_at_by_its_shape() -> None:
    calls = [0]

    def count(frame: Any, event: str, _: Any) -> None:
        calls[0] += event == "call" and frame.f_code.co_name == "get_value"

    sys.setprofile(count)
    try:
        sent({"map": {"M": {str(number): {"S": "x"} for number in range(100)}}})
    finally:
        sys.setprofile(None)

    assert calls[0] < 20
