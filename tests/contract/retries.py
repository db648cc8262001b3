"""What every task of both machines tries again, and how often: the one list that their ``Retry`` fields are held to.

A function is idempotent, so one that died between two lines is run again. Which errors speak of a dead process:

* ``Lambda.Unknown``: what Lambda does not handle, as running out of memory or of time. The Lambda.* errors beside it
  are the service's own. Source:
  https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
* ``Runtime.*`` and ``Sandbox.*``: the error types that Lambda gives where it knows what killed the process. Those of a
  package that cannot start (Runtime.ImportModuleError, Runtime.HandlerNotFound, …) are not retried. Source:
  https://github.com/aws/aws-lambda-runtime-interface-emulator/blob/develop/internal/lambda/fatalerror/fatalerror.go and
  https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html#troubleshooting-timeouts
* ``States.Timeout`` of a state that waits for no token: its function was never heard of. The timeout of one that waits
  is the end of a deadline. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
* ``Lambda.ResourceConflictException``: the function is being deployed. Source:
  https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from typing import Any

from app.errors import InsufficientCapacity, QuotaReached, TransientError, leaves

TRANSIENT = [leaf.__name__ for leaf in leaves(TransientError)]
SHORTAGES = [InsufficientCapacity.__name__, QuotaReached.__name__]  # they may last for hours
SERVICE = [
    "Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException",
    "Lambda.SdkClientException", "Lambda.TooManyRequestsException", "Lambda.ResourceConflictException",
]  # fmt: skip
DEAD_PROCESS = [
    "Lambda.Unknown", "Runtime.ExitError", "Runtime.OutOfMemory", "Runtime.Unknown", "Sandbox.Timedout",
    "Sandbox.Failure",
]  # fmt: skip
# state -> attempts, longest delay in s: what is short is instances, or pipelines that an account may run at once
IN_SHORT_SUPPLY = {"Start pipeline": (20, 1800), "Deploy version": (20, 1800), "Start transform": (60, 900)}
PATIENT = {"Start pipeline", "Deploy version", "Finish run"}  # states whose errors are dear


def waits(state: dict[str, Any]) -> bool:
    """Whether a task waits for its token to be answered."""
    return "waitForTaskToken" in state["Resource"]


def expected(name: str, state: dict[str, Any]) -> list[dict[str, Any]]:
    """The ``Retry`` of a task."""
    apart = SHORTAGES if name in IN_SHORT_SUPPLY else []
    ours = [
        {
            "ErrorEquals": [error for error in TRANSIENT if error not in apart],
            "IntervalSeconds": 2, "MaxAttempts": 12 if name in PATIENT else 8, "BackoffRate": 2, "MaxDelaySeconds": 60,
            "JitterStrategy": "FULL",
        }
    ]  # fmt: skip
    if apart:
        attempts, longest_s = IN_SHORT_SUPPLY[name]
        ours.append(rule(apart, interval_s=60, attempts=attempts) | {"MaxDelaySeconds": longest_s})
    return [
        *ours,
        rule(SERVICE, interval_s=1, attempts=6),
        rule([*DEAD_PROCESS, *([] if waits(state) else ["States.Timeout"])], interval_s=2, attempts=3),
    ]


def rule(errors: list[str], interval_s: int, attempts: int) -> dict[str, Any]:
    return {
        "ErrorEquals": errors, "IntervalSeconds": interval_s, "MaxAttempts": attempts, "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }  # fmt: skip
