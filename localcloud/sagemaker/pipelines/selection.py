"""Selective execution: which steps run, and which stand as another execution left them. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-selective-ex.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localcloud.sagemaker.pipelines.definition import Definition
from localcloud.sagemaker.pipelines.execute import Status
from localcloud.sagemaker.pipelines.execution_records import Execution, StepRecord


class BadSelection(ValueError):
    """Steps that cannot be run by themselves; the message says which and why."""


def chosen(definition: Definition, config: Mapping[str, Any]) -> frozenset[str]:
    """The names of the selected steps.

    Raises:
        BadSelection: a step that is not there, or others that lie between selected ones.
    """
    found = frozenset(entry["StepName"] for entry in config["SelectedSteps"])
    unknown = sorted(found - set(definition.steps))
    if unknown:
        raise BadSelection(f"Selected steps {', '.join(unknown)} do not exist: there are {', '.join(definition.steps)}")
    before = {name: _before(definition, name) for name in definition.steps}
    between = [
        name
        for name in definition.steps
        if name not in found and before[name] & found and any(name in before[other] for other in found)
    ]
    if between:
        raise BadSelection(f"Steps {', '.join(between)} lie between selected steps: select them too")
    return found


def standing(definition: Definition, selected: frozenset[str], source: Execution | None) -> dict[str, StepRecord]:
    """What the selected steps wait for and do not run themselves, as ``source`` left it.

    Raises:
        BadSelection: there is no source, or it does not have them.
    """
    needed = [name for name in definition.steps if any(name in _before(definition, other) for other in selected)]
    needed = [name for name in needed if name not in selected]
    if needed and source is None:
        raise BadSelection(
            f"The selected steps need {', '.join(needed)}: name a SourcePipelineExecutionArn that ran them"
        )
    records = source.steps if source is not None else {}
    lacking = [name for name in needed if name not in records or records[name].status is not Status.SUCCEEDED]
    if lacking and source is not None:
        raise BadSelection(f"{source.arn} has not run {', '.join(lacking)} successfully")
    return {name: replace(records[name], reused=source.arn if source else None) for name in needed}


def _before(definition: Definition, name: str) -> frozenset[str]:
    """Every step that must have ended before ``name`` begins."""
    found: set[str] = set()
    waiting = list(definition.edges[name])
    while waiting:
        earlier = waiting.pop()
        if earlier not in found:
            found.add(earlier)
            waiting += definition.edges[earlier]
    return frozenset(found)
