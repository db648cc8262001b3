"""Condition and Fail steps, which start nothing.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
"""

from __future__ import annotations

from localcloud.sagemaker.pipelines import expressions
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepFailed, StepResult
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_type import Arguments, StepType


def run_condition(_: Services, attempt: StepAttempt) -> StepResult:
    """Decide which branch is taken: whether every condition holds."""
    outcome = all(expressions.holds(one, attempt.scope) for one in attempt.arguments.get("Conditions") or [])
    return StepResult({"Condition": {"Outcome": str(outcome)}}, {"Outcome": outcome}, outcome)


def run_fail(_: Services, attempt: StepAttempt) -> StepResult:
    """End the execution with the step's message."""
    message = str(attempt.arguments.get("ErrorMessage", ""))
    attempt.started({"Fail": {"ErrorMessage": message}}, lambda: None)
    raise StepFailed(message, "Fail")


def _condition_problems(arguments: Arguments) -> list[str]:
    known = ("Conditions", "IfSteps", "ElseSteps")
    unknown = [f"{name} is not an argument of a Condition step" for name in arguments if name not in known]
    return unknown + [problem for one in arguments.get("Conditions") or [] for problem in expressions.problems(one)]


CONDITION_STEP = StepType(
    "Condition", run_condition, branches=(("IfSteps", True), ("ElseSteps", False)), resolved=False,
    problems=_condition_problems,
)  # fmt: skip
FAIL_STEP = StepType("Fail", run_fail)
