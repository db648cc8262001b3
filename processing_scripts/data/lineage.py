"""Where a job's numbers come from, read from what SageMaker tells the job about itself.

Arguments and inputs of a step decide whether it is cached, so no execution id may stand in them; the job's own
description has it in its outputs' addresses.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from job import world

from data import profiles

SHA = re.compile(r"[0-9a-f]{64}")
EXECUTION = re.compile(r"/pipelines/[^/]+/([^/]+)/[^/]+/[^/]+/?$")


def described() -> dict[str, Any]:
    """The job as SageMaker describes it; empty where it is run by hand."""
    path = world.base_dir() / "config" / "processingjobconfig.json"
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def inputs(description: Mapping[str, Any]) -> dict[str, str]:
    """S3 address of each input by its name."""
    given = description.get("ProcessingInputs") or []
    return {one["InputName"]: one["S3Input"]["S3Uri"] for one in given if one.get("S3Input")}


def of_job(description: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """Job, pipeline execution, code, model file and data of an evaluation."""
    given = inputs(description)
    written = (description.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    executions = [found[1] for one in written if (found := EXECUTION.search(one["S3Output"]["S3Uri"]))]
    bad = profiles.unreadable(profile)
    facts = {
        "pipeline_execution": executions[0] if executions else "",
        "job": str(description.get("ProcessingJobArn") or "").rpartition("/")[2],
        "code_sha256": _sha(given.get("code", "")),
        "model_sha256": _sha(given.get("config", "")),
        "manifest": str(profile.get("manifest") or ""),
        "years_as_of": str(profile.get("as_of") or ""),
        "read_as_missing": ", ".join(f"{name} of {rows:,} rows" for name, rows in bad.items()),
    }
    return {name: value for name, value in facts.items() if value} | {"sources": profile.get("sources", [])}


def _sha(uri: str) -> str:
    found = SHA.search(uri)
    return found[0] if found else ""
