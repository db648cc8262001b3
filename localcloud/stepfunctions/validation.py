"""ValidateStateMachineDefinition: what CreateStateMachine would say of a definition, without making anything.

Errors alone: no warning is looked for. AWS says that a caller should go by ``result`` and by no wording.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.static_analyser.express_static_analyser import ExpressStaticAnalyser
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localcloud.front import moto_patches
from localcloud.stepfunctions import rules

RESPONSE = "moto.stepfunctions.responses:StepFunctionResponse"
MOST_DIAGNOSTICS = 100
_grammar: Callable[[str], object] = StepFunctionsParserBackend._validate_definition
_LOCATION = re.compile(r" at (/States/[^\n']+)")


def install() -> None:
    """Answer it: moto has it in a provider that nobody asks."""
    moto_patches.add_operation(RESPONSE, "validate_state_machine_definition", _validate)

    def validate(definition: str) -> None:
        grammar(definition)
        if found := rules.diagnostics(json.loads(definition)):
            raise InvalidDefinition(message=f"Invalid State Machine Definition: '{', '.join(map(str, found))}'")

    global _grammar  # one engine per process
    _grammar = grammar = moto_patches.replace(
        "moto.stepfunctions.parser.models:StepFunctionsParserBackend._validate_definition", validate
    )


def _validate(self: Any) -> ActionResult:
    found = problems(self._get_param("definition") or "", express=self._get_param("type") == "EXPRESS")
    most = int(self._get_param("maxResults") or MOST_DIAGNOSTICS)
    answer = {"result": "FAIL" if found else "OK", "diagnostics": found[:most], "truncated": len(found) > most}
    return ActionResult(answer)


def problems(definition: str, *, express: bool) -> list[dict[str, str]]:
    """Why no machine can be made of a definition, as diagnostics of the API; none where one can."""
    if not definition.strip():
        return [_error("MISSING_DESCRIPTION", "the definition is empty")]
    try:
        document = json.loads(definition)
    except ValueError as error:
        return [_error("INVALID_JSON_DESCRIPTION", str(error))]
    try:
        _grammar(definition)
        if express:
            ExpressStaticAnalyser().analyse(definition)
    except (InvalidDefinition, ValueError) as error:
        said = str(getattr(error, "message", error))
        place = _LOCATION.search(said)
        return [_error("SCHEMA_VALIDATION_FAILED", said, place[1] if place else None)]
    return [_error(*found) for found in rules.diagnostics(document)]


def _error(code: str, message: str, place: str | None = None) -> dict[str, str]:
    return {"severity": "ERROR", "code": code, "message": message} | ({"location": place} if place else {})
