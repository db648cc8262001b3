"""A pipeline definition (Version 2020-12-01), parsed and checked. Pure: knows neither jobs nor the API.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-pipelines.html and the definitions that the
SageMaker SDK writes
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localcloud.sagemaker.pipelines.caching import lifetime
from localcloud.sagemaker.pipelines.graph import find_circle, references
from localcloud.sagemaker.pipelines.parameters import (
    Malformed,
    Parameter,
    declared_parameters,
    listed,
    unknown_fields,
)
from localcloud.sagemaker.pipelines.step_types.step_type import EVERY_STEP, JOB, StepType

VERSION = "2020-12-01"
TOP_LEVEL = ("Version", "Metadata", "Parameters", "PipelineExperimentConfig", "Steps")
CACHE = ("Enabled", "ExpireAfter")
PROPERTY_FILE = ("PropertyFileName", "OutputName", "FilePath")
RETRY = ("ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin")
Types = Mapping[str, StepType | None]
STEP_NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,63}")
STEP_REFERENCE = re.compile(r"Steps\.([A-Za-z0-9_-]+)(?:\.(.*))?", re.DOTALL)
# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
NESTED = (
    "Pipelines doesn't support the use of nested condition steps. "
    "You can't pass a condition step as the input for another condition step"
)


@dataclass(frozen=True)
class RetryPolicy:
    """After a failure of one of these kinds, try again (at most ``max_attempts`` times) after growing intervals."""

    exceptions: tuple[str, ...]
    interval_s: float = 1
    backoff: float = 2
    max_attempts: int | None = None
    expires_s: float | None = None


@dataclass(frozen=True)
class Step:
    """One step; ``parent`` names the condition and the branch that it lies in."""

    name: str
    type: str
    arguments: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    property_files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retries: tuple[RetryPolicy, ...] = ()
    cache_expires: str | None = None  # None: not cached; "": cached without end
    display_name: str | None = None
    description: str | None = None
    parent: tuple[str, bool] | None = None
    target: Mapping[str, Any] = field(default_factory=dict)  # fields of its type: FunctionArn, OutputParameters, ...


@dataclass(frozen=True)
class Definition:
    """Steps by name in order of appearance, nested ones too; ``edges[step]`` is what it waits for."""

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    edges: Mapping[str, frozenset[str]]

    def branch(self, condition: str, outcome: bool) -> tuple[str, ...]:
        """The steps directly inside a condition's branch."""
        return tuple(step.name for step in self.steps.values() if step.parent == (condition, outcome))


def parse(document: str | Mapping[str, Any], types: Types) -> Definition:
    """Read a definition, whose steps are of these types (None: a type that only AWS has).

    Raises:
        Malformed: not JSON, another version, a field or type that is unknown, or names that are unknown, doubled or in
            a circle.
    """
    raw = _load(document)
    problems = unknown_fields("the definition", raw, TOP_LEVEL)
    parameters = declared_parameters(raw.get("Parameters") or [], problems)
    steps: dict[str, Step] = {}
    for step in _steps(raw["Steps"], None, types, problems):
        if step.name in steps:
            problems.append(f"step name {step.name} is used twice")
        steps[step.name] = step
    edges = {name: _edges(step, parameters, steps, problems) for name, step in steps.items()}
    if not problems and (circle := find_circle(edges)):
        problems.append(f"steps wait for each other: {' -> '.join(circle)}")
    if problems:
        raise Malformed("Invalid pipeline definition: " + "; ".join(problems))
    return Definition(parameters, steps, edges)


def _load(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        raw = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise Malformed(f"Invalid pipeline definition: not JSON ({error})") from error
    if not isinstance(raw, Mapping) or not isinstance(raw.get("Steps"), list):
        raise Malformed("Invalid pipeline definition: it must be an object with a list of Steps")
    if raw.get("Version") != VERSION:
        raise Malformed(f"Invalid pipeline definition: Version must be {VERSION}, found {raw.get('Version')!r}")
    if not raw["Steps"]:
        raise Malformed("Invalid pipeline definition: it has no steps")
    return raw


def _steps(
    raw: Sequence[Mapping[str, Any]], parent: tuple[str, bool] | None, types: Types, problems: list[str]
) -> Iterator[Step]:
    for entry in raw:
        kind = types.get(str(entry.get("Type", "")))
        branches = kind.branches if kind is not None else ()
        step = _step(entry, parent, [name for name, _ in branches])
        problems.extend(_step_problems(step, entry, kind, types))
        yield step
        if branches and parent:
            problems.append(f"{NESTED}: {step.name} lies within {parent[0]}")
        for name, outcome in branches:
            yield from _steps((entry.get("Arguments") or {}).get(name) or [], (step.name, outcome), types, problems)


def _step_problems(step: Step, entry: Mapping[str, Any], kind: StepType | None, types: Types) -> Iterator[str]:
    if not STEP_NAME.fullmatch(step.name):
        yield f"step name {step.name!r} is not allowed (letters, digits and hyphens, at most 64)"
    if step.type not in types:
        yield f"step {step.name} has the unknown type {step.type!r}"
    elif kind is None:
        there = listed(name for name, found in types.items() if found is not None)
        yield f"step {step.name} is of type {step.type}, which does not run outside AWS yet ({there} do)"
    else:
        yield from unknown_fields(f"step {step.name} of type {step.type}", entry, kind.known_fields)
        yield from (f"step {step.name} lacks {name}" for name in kind.required if name not in entry)
    yield from unknown_fields(f"CacheConfig of step {step.name}", entry.get("CacheConfig") or {}, CACHE)
    try:
        lifetime(step.cache_expires or "")
    except ValueError as error:
        yield f"ExpireAfter of step {step.name}: {error}"
    for policy in entry.get("RetryPolicies") or []:
        yield from unknown_fields(f"a retry policy of step {step.name}", policy, RETRY)
    for file in entry.get("PropertyFiles") or []:
        yield from unknown_fields(f"a property file of step {step.name}", file, PROPERTY_FILE)


def _step(entry: Mapping[str, Any], parent: tuple[str, bool] | None, branches: Sequence[str]) -> Step:
    cache, arguments = entry.get("CacheConfig") or {}, entry.get("Arguments") or {}
    return Step(
        name=str(entry.get("Name", "")),
        type=str(entry.get("Type", "")),
        arguments={name: value for name, value in arguments.items() if name not in branches},
        depends_on=tuple(d if isinstance(d, str) else str(d.get("Step")) for d in entry.get("DependsOn") or []),
        property_files={f["PropertyFileName"]: f for f in entry.get("PropertyFiles") or []},
        retries=tuple(_retry(policy) for policy in entry.get("RetryPolicies") or []),
        cache_expires=(cache.get("ExpireAfter") or "") if cache.get("Enabled") else None,
        display_name=entry.get("DisplayName"),
        description=entry.get("Description"),
        parent=parent,
        target={name: value for name, value in entry.items() if name not in (*EVERY_STEP, *JOB, "PropertyFiles")},
    )


def _retry(raw: Mapping[str, Any]) -> RetryPolicy:
    expire_minutes, named = raw.get("ExpireAfterMin"), raw.get("ExceptionType") or ()
    return RetryPolicy(
        exceptions=(named,) if isinstance(named, str) else tuple(named),
        interval_s=float(raw.get("IntervalSeconds", 1)),
        backoff=float(raw.get("BackoffRate", 2.0)),
        max_attempts=raw.get("MaxAttempts"),
        expires_s=float(expire_minutes) * 60 if expire_minutes is not None else None,
    )


def _edges(
    step: Step, parameters: Mapping[str, Parameter], steps: Mapping[str, Step], problems: list[str]
) -> frozenset[str]:
    found = {step.parent[0]} if step.parent else set()
    for name in step.depends_on:
        if name in steps:
            found.add(name)
        else:
            problems.append(f"step {step.name} depends on {name}, which does not exist")
    for reference in references({**step.arguments, **step.target}):
        head, _, rest = reference.partition(".")
        if head == "Parameters" and rest not in parameters:
            problems.append(f"step {step.name} uses the parameter {rest}, which is not declared")
        elif head == "Steps":
            problems.extend(_step_reference(step, reference, steps, found))
        elif head not in ("Parameters", "Execution"):
            problems.append(f"step {step.name} uses {reference}, which is none of Parameters, Execution, Steps")
    return frozenset(found)


def _step_reference(step: Step, reference: str, steps: Mapping[str, Step], found: set[str]) -> Iterator[str]:
    matched = STEP_REFERENCE.fullmatch(reference)
    name = matched[1] if matched else reference
    if name not in steps:
        yield f"step {step.name} uses {reference}, but there is no step {name}"
        return
    found.add(name)
    file = re.fullmatch(r"PropertyFiles\.(.+)", (matched[2] if matched else "") or "")
    if file and file[1] not in steps[name].property_files:
        yield f"step {step.name} uses the property file {file[1]}, which step {name} does not declare"
