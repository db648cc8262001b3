"""What the compiled pipelines ask of the roles that run them: steps to start, images to pull."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localcloud.iam.permissions import RequiredPermission
from localcloud.sagemaker import roles
from localcloud.sagemaker.pipelines.step_types.registry import step_type
from tests.contract.role_policies import ARNS, JOBS_ROLE, REGION, ROOT, SERVING_ROLE, STACK

EXECUTION = "abcdefghijkl"
FOLDER = ROOT / "pipelines" / "compiled"
COMPILED = [path for path in sorted(FOLDER.glob("*.json")) if path.name != "images.json"]
IMAGES = json.loads((FOLDER / "images.json").read_text())  # all that a model file can name
PIPELINE_ROLE = ARNS["AWS::IAM::Role"].format("PipelineRole")


def filled(path: Path) -> dict[str, Any]:
    """A definition as ``publish`` fills it, with the template's logical names."""
    values = {"Stack": STACK, "DataBucket": "DataBucket", "JobsRole": JOBS_ROLE}

    def value(match: re.Match[str]) -> str:
        kind, _, name = match[1].partition(":")
        if kind == "Image":
            return str(IMAGES[name][REGION])
        return values.get(kind, SERVING_ROLE if "Role" in kind else "example")

    found: dict[str, Any] = json.loads(re.sub(r"@\{([^}]+)\}", value, path.read_text()))
    return found


def steps_of(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All steps, those behind conditions too."""
    for step in found:
        if step["Type"] == "Condition":
            yield from steps_of(step["Arguments"]["IfSteps"])
            yield from steps_of(step["Arguments"]["ElseSteps"])
        else:
            yield step


def needs_of_steps(path: Path) -> list[RequiredPermission]:
    """What starting and following every step takes."""
    tags = [{"Key": "pipeline", "Value": EXECUTION}]
    found = []
    for step in steps_of(filled(path)["Steps"]):
        kind = step_type(step["Type"])
        name = kind.name(EXECUTION, step["Name"], "0123456789")
        found += roles.needs_of_calls(kind.start_calls(name, step["Arguments"], tags))
    return found


def needs_of_images() -> list[RequiredPermission]:
    """What pulling every image takes that a model file can name."""
    return [need for regions in IMAGES.values() for need in roles.pulls(regions[REGION])]
