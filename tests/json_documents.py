"""What a command printed with ``--json``, held against the shape that docs/commands.schema.json describes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from cli.shapes.schema import closed

SCHEMA = Path(__file__).parents[1] / "docs" / "commands.schema.json"


@cache
def _validator(command: str) -> Draft202012Validator:
    return Draft202012Validator(closed(json.loads(SCHEMA.read_text())["$defs"][command]))


def wrong(command: str, document: Any) -> list[str]:
    """Where a command's document is not what the page of shapes says; a key that it does not describe is wrong, too."""
    return [f"{command} {error.json_path}: {error.message}" for error in _validator(command).iter_errors(document)]


def held(words: tuple[str, ...], said: str) -> None:
    """Hold what ``retrain WORDS`` said on standard output against its shape, where it was asked for JSON and answered.

    Raises:
        AssertionError: it has another shape, or is no JSON.
    """
    if "--json" in words and said:
        assert wrong(words[0], json.loads(said)) == [], f"retrain {' '.join(words)}"
