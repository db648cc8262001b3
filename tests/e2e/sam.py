"""The SAM CLI, unmodified, against whatever cloud a target names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.stack.target import LOCAL_REGION, Target

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".venv-sam" / "bin" / "sam"
DEADLINE_S = 1800
MACHINE = f"python{sys.version_info.major}.{sys.version_info.minor}"
RUNTIME = f"LambdaRuntime={MACHINE}"  # what can be built here
ALLOWED = ("python3.12", "python3.13", "python3.14")  # by template.yaml
DEPLOYED = RUNTIME if MACHINE in ALLOWED else "LambdaRuntime=python3.13"  # a local cloud runs it on what it has


def fresh_clone(folder: Path) -> Path:
    """What git would bring of this checkout, and nothing that was built."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@dataclass(frozen=True)
class Sam:
    """``sam`` in a folder that holds a template."""

    folder: Path
    target: Target
    session: Mapping[str, str] = field(default_factory=dict)  # the environment of whoever signed in under a role

    @property
    def environment(self) -> dict[str, str]:
        """What a person exports; a local cloud takes any credentials."""
        common = os.environ | {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5"}
        if not self.target.local:
            return common
        return common | {
            "AWS_ENDPOINT_URL": str(self.target.url),
            "AWS_DEFAULT_REGION": LOCAL_REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.session,
        }

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it; standard output and error come together, as on a screen."""
        assert SAM.exists(), "the SAM CLI is not here: make .venv-sam/.done"
        return subprocess.run(
            [SAM, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE_S,
        )

    def must(self, *words: str) -> str:
        """Run it; what it said, when all went well."""
        done = self(*words)
        assert done.returncode == 0, f"sam {' '.join(words)}:\n{done.stdout[-4000:]}"
        return done.stdout

    def deploy(self, stack: str, *parameters: str) -> subprocess.CompletedProcess[str]:
        """``sam deploy --resolve-s3`` of what was built, with these parameters in place of samconfig's."""
        return self(
            *("deploy", "--config-env", "dev", "--stack-name", stack, "--resolve-s3", "--s3-prefix", stack),
            *("--no-progressbar", "--parameter-overrides", " ".join([DEPLOYED, *parameters])),
        )

    def delete(self, stack: str) -> str:
        """``sam delete``, which asks nothing here."""
        region = self.target.client("cloudformation").meta.region_name
        return self.must("delete", "--stack-name", stack, "--no-prompts", "--region", region)


def physical_ids(target: Target, stack: str) -> set[str]:
    """What the stack's resources are called."""
    pages = target.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return {one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}


def events_since(target: Target, stack: str, known: set[str]) -> list[dict[str, Any]]:
    """The stack's events that are not ``known`` (by id), oldest first."""
    pages = target.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
    found = [one for page in pages for one in page["StackEvents"] if one["EventId"] not in known]
    return list(reversed(found))
