"""Where the steps of a pipeline write in S3, and which prefixes they read, as far as a definition says it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from localcloud.sagemaker.pipelines import expressions
from localcloud.sagemaker.pipelines.expressions import Scope
from tests.contract.compiled_pipelines import steps_of

ELSEWHERE = "s3://elsewhere/"  # what parameters name, and what a callback answers


class Locations(NamedTuple):
    """The locations in a definition, by the step and what it calls them."""

    written: dict[str, str]
    prefixes: dict[str, str]  # that are read; what lies elsewhere is left out

    @property
    def mixed(self) -> list[str]:
        """What reads more than it says: a prefix that another location begins with, too."""
        return [
            f"{reader} reads {prefix}, and so {place}, which is {writer}"
            for reader, prefix in self.prefixes.items()
            for writer, place in self.written.items()
            if place != prefix and place.startswith(prefix)
        ]


def locations(definition: Mapping[str, Any]) -> Locations:
    """Every location that a step writes to, and every prefix that one reads."""
    steps = list(steps_of(definition["Steps"]))
    scope = _scope(definition, steps)
    written, prefixes = {}, {}
    for step in steps:
        for where, config in _outputs(step["Arguments"]):
            written[f"{step['Name']} {where}"] = str(expressions.resolve(config, scope))
        for number, source in enumerate(_sources(step["Arguments"])):
            uri = str(expressions.resolve(source["S3Uri"], scope))
            if not uri.startswith(ELSEWHERE):
                prefixes[f"{step['Name']} {number} of {json.dumps(source['S3Uri'])}"] = uri
    return Locations(written, prefixes)


def _outputs(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for one in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
        yield one["OutputName"], one["S3Output"]["S3Uri"]
    for owner in (arguments, arguments.get("TrainingJobDefinition", {})):
        if "OutputDataConfig" in owner:
            yield "models", owner["OutputDataConfig"]["S3OutputPath"]
    if "TransformOutput" in arguments:
        yield "answers", arguments["TransformOutput"]["S3OutputPath"]


def _sources(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every description of an input that is a prefix."""
    if isinstance(value, Mapping):
        if value.get("S3DataType") == "S3Prefix":
            yield value
        for part in value.values():
            yield from _sources(part)
    elif isinstance(value, list):
        for part in value:
            yield from _sources(part)


def _scope(definition: Mapping[str, Any], steps: list[dict[str, Any]]) -> Scope:
    """What references see: steps are described by what they were asked, and a model lies below its job's output."""
    parameters = {one["Name"]: ELSEWHERE for one in definition["Parameters"]}
    answered = re.findall(r"Steps\.(\w+)\.OutputParameters\['(\w+)'\]", json.dumps(definition))
    described: dict[str, Any] = {}
    scope = Scope(parameters, {"PipelineExecutionId": "execution"}, described, lambda *_: 1, lambda _: 1)
    for step in steps:
        found = dict(step["Arguments"])
        names = ("ProcessingOutputConfig", "TransformOutput", "OutputDataConfig")
        found |= {name: expressions.resolve(found[name], scope) for name in names if name in found}
        found["OutputParameters"] = {name: ELSEWHERE for who, name in answered if who == step["Name"]}
        if step["Type"] == "Tuning":
            output = expressions.resolve(found["TrainingJobDefinition"]["OutputDataConfig"], scope)
            found |= {"TrainingJobDefinition": {"OutputDataConfig": output}}
            found["BestTrainingJob"] = {"TrainingJobName": "job"}
        if step["Type"] == "Training":
            folder = found["OutputDataConfig"]["S3OutputPath"]
            found["ModelArtifacts"] = {"S3ModelArtifacts": f"{folder}/job/output/model.tar.gz"}
        described[step["Name"]] = found
    return scope
