"""Lineage: where a job's numbers come from, read from SageMaker's description of the job.

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
    """Read the job as SageMaker describes it; empty where it is run by hand."""
    path = world.base_dir() / "config" / "processingjobconfig.json"
    if not path.is_file():
        return {}
    description: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return description


def inputs(description: Mapping[str, Any]) -> dict[str, str]:
    """Name each input's S3 address."""
    described = description.get("ProcessingInputs") or []
    return {given["InputName"]: given["S3Input"]["S3Uri"] for given in described if given.get("S3Input")}


def of_job(description: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """List job, pipeline execution, code, model file and data of an evaluation."""
    given = inputs(description)
    outputs = (description.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    executions = [match[1] for output in outputs if (match := EXECUTION.search(output["S3Output"]["S3Uri"]))]
    bad = profiles.unreadable(profile)
    facts = {
        "pipeline_execution": executions[0] if executions else "",
        "job": str(description.get("ProcessingJobArn") or "").rpartition("/")[2],
        "code_sha256": _sha(given.get("code", "")),
        "settings_sha256": _sha(given.get("config", "")),
        "manifest": str(profile.get("manifest") or ""),
        "years_as_of": str(profile.get("as_of") or ""),
        "read_as_missing": ", ".join(f"{name} of {rows:,} rows" for name, rows in bad.items()),
    }
    return {name: value for name, value in facts.items() if value} | {"sources": profile.get("sources", [])}


def _sha(uri: str) -> str:
    match = SHA.search(uri)
    return match[0] if match else ""
