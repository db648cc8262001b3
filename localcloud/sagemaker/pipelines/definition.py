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

from localcloud.sagemaker.pipelines.graph import find_circle, references

VERSION = "2020-12-01"
SUPPORTED = (
    "Processing",
    "Training",
    "Tuning",
    "Transform",
    "RegisterModel",
    "Model",
    "Condition",
    "Lambda",
    "Callback",
    "Fail",
)
KNOWN = (
    *SUPPORTED, "ClarifyCheck", "QualityCheck", "EMR", "AutoML",
    "EndpointConfig", "Endpoint", "Cleanup", "ForEach", "InferenceRecommender", "NotebookJob",
)  # fmt: skip
TARGET = ("FunctionArn", "SqsQueueUrl", "OutputParameters")
STEP_NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,63}")
STEP_REFERENCE = re.compile(r"Steps\.([A-Za-z0-9_-]+)(?:\.(.*))?", re.DOTALL)
# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
NESTED = (
    "Pipelines doesn't support the use of nested condition steps. "
    "You can't pass a condition step as the input for another condition step"
)
COMPARISONS = ("Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")
NUMBERS = {"Integer": int, "Float": float}


class Malformed(ValueError):
    """The definition cannot be run; the message lists everything that is wrong with it."""


@dataclass(frozen=True)
class Parameter:
    """What a caller may set. ``default`` None: it must be set."""

    name: str
    type: str
    default: Any = None
    allowed: tuple[Any, ...] = ()


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
    target: Mapping[str, Any] = field(default_factory=dict)  # FunctionArn, SqsQueueUrl, OutputParameters


@dataclass(frozen=True)
class Definition:
    """Steps by name in order of appearance, nested ones too; ``edges[step]`` is what it waits for."""

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    edges: Mapping[str, frozenset[str]]

    def branch(self, condition: str, outcome: bool) -> tuple[str, ...]:
        """The steps directly inside a condition's branch."""
        return tuple(step.name for step in self.steps.values() if step.parent == (condition, outcome))


def parse(document: str | Mapping[str, Any]) -> Definition:
    """Read a definition.

    Raises:
        Malformed: not JSON, another version, or names that are unknown, doubled or in a circle.
    """
    raw = _load(document)
    problems: list[str] = []
    parameters = _parameters(raw.get("Parameters") or [], problems)
    steps: dict[str, Step] = {}
    for step in _steps(raw["Steps"], None, problems):
        if step.name in steps:
            problems.append(f"step name {step.name} is used twice")
        steps[step.name] = step
    edges = {name: _edges(step, parameters, steps, problems) for name, step in steps.items()}
    if not problems and (circle := find_circle(edges)):
        problems.append(f"steps wait for each other: {' -> '.join(circle)}")
    if problems:
        raise Malformed("Invalid pipeline definition: " + "; ".join(problems))
    return Definition(parameters, steps, edges)


def parameter_values(definition: Definition, given: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value: given (as text), else its default.

    Raises:
        Malformed: an unknown name, a missing value, one of another type or not among those allowed.
    """
    unknown = [name for name in given if name not in definition.parameters]
    problems = [f"Unknown parameter '{name}': the pipeline has {_listed(definition.parameters)}" for name in unknown]
    values: dict[str, Any] = {}
    for parameter in definition.parameters.values():
        value = given.get(parameter.name, parameter.default)
        if value is None:
            problems.append(f"Parameter '{parameter.name}' has no default value and was not set")
            continue
        try:
            values[parameter.name] = _convert(parameter, value)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise Malformed("; ".join(problems))
    return values


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


def _parameters(raw: Sequence[Mapping[str, Any]], problems: list[str]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for entry in raw:
        parameter = Parameter(
            entry.get("Name", ""),
            entry.get("Type", ""),
            entry.get("DefaultValue"),
            tuple(entry.get("EnumValues") or ()),
        )
        if parameter.name in found:
            problems.append(f"parameter {parameter.name} is declared twice")
        if parameter.type not in ("String", "Boolean", *NUMBERS):
            problems.append(f"parameter {parameter.name} has the unknown type {parameter.type!r}")
        elif parameter.default is not None:
            try:
                _convert(parameter, parameter.default)
            except ValueError as error:
                problems.append(str(error))
        found[parameter.name] = parameter
    return found


def _convert(parameter: Parameter, value: Any) -> Any:
    converted = value
    if parameter.type in NUMBERS:
        try:
            converted = NUMBERS[parameter.type](value)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Parameter '{parameter.name}' must be of type {parameter.type}, found {value!r}"
            ) from error
    elif parameter.type == "Boolean":
        if str(value).lower() not in ("true", "false"):
            raise ValueError(f"Parameter '{parameter.name}' must be of type Boolean, found {value!r}")
        converted = str(value).lower() == "true"
    elif not isinstance(value, str):
        raise ValueError(f"Parameter '{parameter.name}' must be of type String, found {value!r}")
    if parameter.allowed and converted not in parameter.allowed:
        raise ValueError(f"Parameter '{parameter.name}' must be one of {list(parameter.allowed)}, found {value!r}")
    return converted


def _steps(raw: Sequence[Mapping[str, Any]], parent: tuple[str, bool] | None, problems: list[str]) -> Iterator[Step]:
    for entry in raw:
        step = _step(entry, parent, problems)
        yield step
        if step.type == "Condition":
            if parent:
                problems.append(f"{NESTED}: {step.name} lies within {parent[0]}")
            yield from _steps(step.arguments.get("IfSteps") or [], (step.name, True), problems)
            yield from _steps(step.arguments.get("ElseSteps") or [], (step.name, False), problems)


def _step(entry: Mapping[str, Any], parent: tuple[str, bool] | None, problems: list[str]) -> Step:
    name, kind = str(entry.get("Name", "")), str(entry.get("Type", ""))
    if not STEP_NAME.fullmatch(name):
        problems.append(f"step name {name!r} is not allowed (letters, digits and hyphens, at most 64)")
    if kind not in KNOWN:
        problems.append(f"step {name} has the unknown type {kind!r}")
    elif kind not in SUPPORTED:
        problems.append(f"step {name} is of type {kind}, which does not run outside AWS yet ({_listed(SUPPORTED)} do)")
    cache = entry.get("CacheConfig") or {}
    return Step(
        name=name,
        type=kind,
        arguments=entry.get("Arguments") or {},
        depends_on=tuple(d if isinstance(d, str) else str(d.get("Step")) for d in entry.get("DependsOn") or []),
        property_files={f["PropertyFileName"]: f for f in entry.get("PropertyFiles") or []},
        retries=tuple(_retry(policy) for policy in entry.get("RetryPolicies") or []),
        cache_expires=(cache.get("ExpireAfter") or "") if cache.get("Enabled") else None,
        display_name=entry.get("DisplayName"),
        description=entry.get("Description"),
        parent=parent,
        target={key: entry[key] for key in TARGET if key in entry},
    )


def _retry(raw: Mapping[str, Any]) -> RetryPolicy:
    expire_minutes = raw.get("ExpireAfterMin")
    return RetryPolicy(
        exceptions=tuple(raw.get("ExceptionType") or ()),
        interval_s=float(raw.get("IntervalSeconds", 1)),
        backoff=float(raw.get("BackoffRate", 2.0)),
        max_attempts=raw.get("MaxAttempts"),
        expires_s=float(expire_minutes) * 60 if expire_minutes is not None else None,
    )


def own_arguments(step: Step) -> Mapping[str, Any]:
    """A step's arguments without the steps nested in it."""
    if step.type != "Condition":
        return {**step.arguments, **step.target}
    return {name: value for name, value in step.arguments.items() if name not in ("IfSteps", "ElseSteps")}


def _edges(
    step: Step, parameters: Mapping[str, Parameter], steps: Mapping[str, Step], problems: list[str]
) -> frozenset[str]:
    found = {step.parent[0]} if step.parent else set()
    for name in step.depends_on:
        if name in steps:
            found.add(name)
        else:
            problems.append(f"step {step.name} depends on {name}, which does not exist")
    for reference in references(own_arguments(step)):
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


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"
