"""Parameters of task states, held against what the service's operation takes: a field that it lacks is an error when
the machine is made, as on AWS, and not left out.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name

from localcloud.stepfunctions import task_resources

JSONPATH = "JSONPath"
UNKNOWN: frozenset[str] = frozenset({"\0"})  # what no operation takes, as there is none
_ADVICE = "is not played by the local cloud: JSONPath is"


class FieldUnknown(ValueError):
    """A task's parameters have a field that its operation lacks; the text is AWS's."""


class LanguageNotPlayed(ValueError):
    """A machine, or a state, is in JSONata."""


def check(definition: str) -> None:
    """Look at every task of a definition.

    Raises:
        FieldUnknown: at the first field that no operation takes.
        ResourceUnknown: at the first resource that Step Functions does not have.
        LanguageNotPlayed: any of it is in JSONata.
    """
    try:
        document = json.loads(definition)
    except ValueError:
        return  # the parser says what is wrong
    if isinstance(document, dict) and document.get("QueryLanguage", JSONPATH) != JSONPATH:
        raise LanguageNotPlayed(f"QueryLanguage {document['QueryLanguage']} {_ADVICE}")
    for place, state in _states(document, ""):
        if state.get("QueryLanguage", JSONPATH) != JSONPATH:
            raise LanguageNotPlayed(f"QueryLanguage {state['QueryLanguage']} at {place} {_ADVICE}")
        _check_task(state, place)


def _check_task(state: Mapping[str, Any], place: str) -> None:
    resource = str(state.get("Resource", ""))
    task_resources.check(resource, place)
    named = task_resources.RESOURCE.fullmatch(resource)
    if named is None:
        return
    known = _fields(named["service"].lower(), named["action"], sdk=bool(named["sdk"]))
    if known is UNKNOWN:
        raise task_resources.unknown(resource, place)
    parameters = state.get("Parameters")
    if known is None or not isinstance(parameters, dict):
        return
    for field in parameters:
        if _plain(field.removesuffix(".$")) not in known:
            raise FieldUnknown(
                f'SCHEMA_VALIDATION_FAILED: The field "{field}" is not supported by Step Functions '
                f"at {place}/Parameters"
            )


def _states(machine: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    states = machine.get("States") if isinstance(machine, dict) else None
    for name, state in states.items() if isinstance(states, dict) else ():
        here = f"{place}/States/{name}"
        if not isinstance(state, dict):
            continue
        yield here, state
        for inner in ("Iterator", "ItemProcessor"):
            yield from _states(state.get(inner), f"{here}/{inner}")
        branches = state.get("Branches")
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from _states(branch, f"{here}/Branches[{index}]")


@cache
def _fields(service: str, action: str, *, sdk: bool) -> frozenset[str] | None:
    """What an operation takes; None where botocore knows no such service, UNKNOWN where it has no such operation."""
    if not sdk and (service, action) in task_resources.FIELDS:
        return frozenset(map(_plain, task_resources.FIELDS[service, action]))
    session, name = botocore.session.get_session(), task_resources.botocore_name(service)
    if name not in session.get_available_services():
        return None
    model = session.get_service_model(name)
    wanted = xform_name(action[:1].upper() + action[1:])
    found = next((one for one in model.operation_names if xform_name(one) == wanted), None)
    if found is None:
        return UNKNOWN if sdk else None
    shape = model.operation_model(found).input_shape
    return frozenset(map(_plain, shape.members if shape is not None else ()))


def _plain(field: str) -> str:
    """A field's name in no case: Step Functions spells with capitals what some services do not."""
    return field.replace("_", "").lower()
