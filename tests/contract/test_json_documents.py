"""What commands print with ``--json`` has a shape that is written down."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, NotRequired, TypedDict

import pytest
import typer
from json_documents import SCHEMA, wrong
from jsonschema import Draft202012Validator

from cli import changes, reference
from cli.main import application
from cli.plans.removal import Remove
from cli.shapes import documents, schema
from cli.show.cost_report import CostReport


def commands() -> dict[str, Any]:
    return dict(typer.main.get_command(application()).commands)  # type: ignore[attr-defined]


def test_every_command_says_json_and_its_document_has_a_shape() -> None:
    speaking = [name for name, one in commands().items() if "--json" in [word for p in one.params for word in p.opts]]

    assert speaking == list(commands())
    assert list(documents.DOCUMENTS) == speaking


def test_the_page_of_shapes_is_what_the_types_say() -> None:
    assert SCHEMA.read_text() == reference.schema_text(), "write it anew: make docs"
    for shape in json.loads(SCHEMA.read_text())["$defs"].values():
        Draft202012Validator.check_schema(shape)


@dataclass(frozen=True)
class Part:
    """A part."""

    name: str
    size: float | None = None
    hidden: bytes = field(default=b"", repr=False)


class Whole(TypedDict):
    """A whole."""

    names: list[str]
    counts: dict[str, int]
    note: NotRequired[str]


def test_a_typed_dictionary_has_its_keys_and_lacks_those_that_it_may_lack() -> None:
    held = Draft202012Validator(schema.closed(schema.of(Whole)))

    assert held.is_valid({"names": ["a"], "counts": {"a": 1}})
    assert held.is_valid({"names": [], "counts": {}, "note": "b"})
    assert not held.is_valid({"names": ["a"]})
    assert not held.is_valid({"names": ["a"], "counts": {"a": "1"}})
    assert not held.is_valid({"names": ["a"], "counts": {}, "more": 1})


def test_a_change_is_named_after_its_type_and_shows_no_contents() -> None:
    held = Draft202012Validator(schema.closed(schema.of(Annotated[list[Any], schema.Changes((Part,))])))

    assert held.is_valid([{"change": "Part", "name": "a", "size": None}])
    assert not held.is_valid([{"change": "Whole", "name": "a", "size": None}])
    assert not held.is_valid([{"change": "Part", "name": "a", "size": None, "hidden": ""}])


def test_a_type_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="no schema is known for"):
        schema.of(set[str])


@pytest.mark.parametrize(
    ("command", "document", "problems"),
    [
        ("down", {"ended": True}, 0),
        ("down", {"ended": "yes"}, 1),
        ("check", {"churn": []}, 0),
        ("cleanup", {"changes": changes.as_data([Remove("pipeline", "a")])}, 0),
        ("cleanup", {"changes": [{"change": "Added"}]}, 1),
    ],
)
def test_a_document_is_held_against_its_commands_shape(command: str, document: Any, problems: int) -> None:
    assert len(wrong(command, document)) == problems


def test_the_shape_of_costs_names_each_part() -> None:
    shape = schema.of(CostReport)

    assert set(shape["properties"]["months"]["items"]["required"]) >= {"model", "month", "usd", "runs_usd"}
