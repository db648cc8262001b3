"""Definitions are parsed once: the grammar takes 0.1 s for twenty states, and every execution would pay it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from localcloud.front import moto_patches
from localcloud.stepfunctions import task_parameters

PARSER = "moto.stepfunctions.parser.asl.parse.asl_parser"


def install() -> None:
    """Keep the syntax trees of the definitions used last; components are built afresh, because they hold state."""
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

    @lru_cache(maxsize=64)
    def tree(definition: str) -> Any:
        task_parameters.check(definition)
        return original(definition)[1]

    def parse(definition: str) -> tuple[Any, Any]:
        found = tree(definition)
        return Preprocessor().visit(found), found

    original = moto_patches.replace(f"{PARSER}:AmazonStateLanguageParser.parse", parse)
    parse('{"StartAt": "Warm", "States": {"Warm": {"Type": "Succeed"}}}')
