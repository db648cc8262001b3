"""ValidateStateMachineDefinition: what CreateStateMachine would say of a definition, without making anything.

Errors alone: no warning is looked for. AWS says that a caller should go by ``result`` and by no wording.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.static_analyser.express_static_analyser import ExpressStaticAnalyser
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localcloud.front import moto_patches

RESPONSE = "moto.stepfunctions.responses:StepFunctionResponse"
_LOCATION = re.compile(r" at (/States/[^\n']+)")


def install() -> None:
    """Answer it: moto has it in a provider that nobody asks."""
    moto_patches.add_operation(RESPONSE, "validate_state_machine_definition", _validate)


def _validate(self: Any) -> ActionResult:
    found = problem(self._get_param("definition") or "", express=self._get_param("type") == "EXPRESS")
    answer = {"result": "FAIL" if found else "OK", "diagnostics": [found] if found else [], "truncated": False}
    return ActionResult(answer)


def problem(definition: str, *, express: bool) -> dict[str, str] | None:
    """Why no machine can be made of a definition, as a diagnostic of the API; None where one can."""
    if not definition.strip():
        return _error("MISSING_DESCRIPTION", "the definition is empty")
    try:
        json.loads(definition)
    except ValueError as error:
        return _error("INVALID_JSON_DESCRIPTION", str(error))
    try:
        StepFunctionsParserBackend._validate_definition(definition)
        if express:
            ExpressStaticAnalyser().analyse(definition)
    except (InvalidDefinition, ValueError) as error:
        return _error("SCHEMA_VALIDATION_FAILED", str(getattr(error, "message", error)))
    return None


def _error(code: str, message: str) -> dict[str, str]:
    place = _LOCATION.search(message)
    return {"severity": "ERROR", "code": code, "message": message} | ({"location": place[1]} if place else {})
