"""A local cloud with one more type of step, which was added to the registry and nowhere else."""

from __future__ import annotations

import sys

from localcloud.__main__ import main
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepResult
from localcloud.sagemaker.pipelines.step_types.registry import STEP_TYPES
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_type import ALL, StepType


def run_echo(_: Services, attempt: StepAttempt) -> StepResult:
    """Say what the step is to say, louder."""
    said = f"{attempt.arguments['Say']}!"
    return StepResult({"Lambda": {"Arn": f"{attempt.name}:{attempt.target['Voice']}:{said}"}}, {"Said": said})


ECHO = StepType(
    "Echo", run_echo, fields=("CacheConfig", "Voice"), required=("Voice",), cached_by=ALL,
    name=lambda execution, step, token: f"echo-{step}",
    problems=lambda arguments: [] if "Say" in arguments else ["it says nothing"],
)  # fmt: skip

if __name__ == "__main__":
    STEP_TYPES["Echo"] = ECHO
    sys.exit(main())
