"""Lambda functions that run: moto keeps them, this executes them.

``invoke`` answers like a synchronous Invoke, ``invoke_async`` like one of type Event: queued, retried, and told to the
function's destinations in the end.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from localcloud.bus import targets
from localcloud.front import moto_patches
from localcloud.lambdas import asynchronous as lambda_async
from localcloud.lambdas import logging_config, qualifiers
from localcloud.lambdas.executor import Executor
from localcloud.lambdas.packages import layers
from localcloud.lambdas.pool import Throttled
from localcloud.lambdas.worker import Invocation, Outcome
from localcloud.settings import Cloud

LARGEST_SYNC_BYTES = 6 << 20  # Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_ASYNC_BYTES = 1 << 20
LOG_TAIL_BYTES = 4096
MODELS = "moto.awslambda.models"


class TooManyRequests(LambdaClientError):  # type: ignore[misc]
    """The function's reserved concurrency is in use."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")
        self.description = json.dumps(
            {
                "__type": "TooManyRequestsException",
                "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
                "Type": "User",
                "message": "Rate Exceeded.",
            }
        )


class TooLarge(LambdaClientError):  # type: ignore[misc]
    """The payload is over Lambda's limit."""

    code = 413

    def __init__(self, size: int, limit: int) -> None:
        super().__init__("RequestTooLargeException", f"{size} byte payload is too large for the limit of {limit} bytes")


_executor: Executor | None = None


def _running() -> Executor:
    if _executor is None:
        raise RuntimeError("lambdas.install(cloud) has not been called")
    return _executor


def account() -> str:
    """The account whose functions these are."""
    return _running().cloud.account_id


def function_of(name_or_arn: str, region: str | None = None, qualifier: str | None = None) -> LambdaFunction:
    """moto's function. An ARN's own region counts.

    Raises:
        UnknownFunctionException: there is none of that name.
    """
    cloud = _running().cloud
    if name_or_arn.startswith("arn:"):
        region = name_or_arn.split(":")[3]
    return lambda_backends[cloud.account_id][region or cloud.region].get_function(name_or_arn, qualifier)


def invoke(
    name_or_arn: str, payload: bytes, *, region: str | None = None, qualifier: str | None = None, wait: bool = False
) -> Outcome:
    """Invoke a function and wait for its answer. ``wait``: queue where it would be throttled.

    Raises:
        UnknownFunctionException, TooManyRequests
    """
    function = function_of(name_or_arn, region, qualifier)
    return _run(function, Invocation(payload, qualifiers.invoked_arn(function, name_or_arn, qualifier)), wait=wait)


def invoke_async(name_or_arn: str, payload: bytes, *, region: str | None = None) -> str:
    """Queue an event for a function, and answer the request's id. It is retried; its end goes to the destinations.

    Raises:
        UnknownFunctionException: there is none of that name.
    """
    return _queue_event(function_of(name_or_arn, region), payload)


def _run(function: LambdaFunction, invocation: Invocation, *, wait: bool) -> Outcome:
    _check_runnable(function)
    try:
        return _running().run(function, invocation, wait=wait)
    except Throttled as error:
        raise TooManyRequests from error


def _queue_event(function: LambdaFunction, payload: bytes) -> str:
    _check_runnable(function)
    return lambda_async.submit(function, payload, _attempt(function, payload))


def _attempt(function: LambdaFunction, payload: bytes) -> Callable[[str], Outcome]:
    """What runs an event once, as the function is then."""
    arn, version = function.function_arn, str(function.version)

    def attempt(request_id: str) -> Outcome:
        current = function_of(arn, qualifier=None if version == "$LATEST" else version)
        return _run(current, Invocation(payload, arn, request_id), wait=True)

    return attempt


def _check_runnable(function: LambdaFunction) -> None:
    _check_kind(function.function_name, function.package_type, function.run_time)


def _check_kind(name: str, package_type: str, runtime: str | None) -> None:
    """Refuse a function that nothing here could run, when it is made and when it is called."""
    if package_type != "Zip" or not str(runtime or "").startswith("python"):
        kind = "container images" if package_type != "Zip" else f"runtime {runtime}"
        raise NotImplementedError(f"The local cloud runs Python functions from zip packages; {name} uses {kind}")


def _check_settings(spec: Mapping[str, Any]) -> None:
    """Refuse what a function would be without, and not know."""
    logging_config.check(spec)
    if spec.get("FileSystemConfigs"):
        raise NotImplementedError("FileSystemConfigs: the local cloud has no file systems to mount")


# --- what replaces moto's


def _backend_invoke(
    self: LambdaBackend,
    function_name: str,
    qualifier: str | None,
    body: Any,
    headers: Any,
    response_headers: Any,
) -> bytes:
    given = {name.lower(): value for name, value in dict(headers).items()}
    function = self.get_function(function_name, qualifier)
    kind = given.get("x-amz-invocation-type", "RequestResponse")
    arn = qualifiers.invoked_arn(function, function_name, qualifier)
    payload = _payload(body, LARGEST_SYNC_BYTES if kind == "RequestResponse" else LARGEST_ASYNC_BYTES)
    response_headers["x-amz-executed-version"] = str(function.version)
    if kind == "RequestResponse":
        answer = _answer_sync(function, arn, payload, given, response_headers)
    else:
        if kind == "Event":
            _queue_event(function, payload)
        answer = b""
    response_headers["Content-Length"] = str(len(answer))
    return answer


def _answer_sync(
    function: LambdaFunction, arn: str, payload: bytes, given: Mapping[str, str], response_headers: dict[str, str]
) -> bytes:
    context = given.get("x-amz-client-context")
    invocation = Invocation(
        payload,
        arn,
        client_context=base64.b64decode(context).decode() if context else None,
    )
    outcome = _run(function, invocation, wait=False)
    if outcome.error:
        response_headers["x-amz-function-error"] = outcome.error
    if given.get("x-amz-log-type") == "Tail":
        tail = "\n".join([*outcome.log, ""]).encode()[-LOG_TAIL_BYTES:]
        response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
    response_headers["x-amzn-RequestId"] = outcome.request_id
    return outcome.payload


def _payload(body: Any, limit: int) -> bytes:
    payload = body.encode() if isinstance(body, str) else bytes(body or b"")
    if len(payload) > limit:
        raise TooLarge(len(payload), limit)
    if not payload:
        return b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        raise LambdaClientError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error
    return payload


def _function_invoke(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
    """S3, SNS and InvokeAsync come here: all of them mean an event."""
    _queue_event(self, _payload(body, LARGEST_ASYNC_BYTES))
    return b""


def install(cloud: Cloud) -> None:
    """Execute functions from now on."""
    global _executor
    _executor = executor = Executor(cloud)
    targets.SENDERS["lambda"] = _send
    moto_patches.replace(f"{MODELS}:LambdaBackend.invoke", _backend_invoke)
    moto_patches.replace(f"{MODELS}:LambdaFunction.invoke", _function_invoke)
    layers.install(cloud)
    qualifiers.install()
    lambda_async.install()
    _follow_functions(executor)
    _describe_what_moto_drops()


def _send(arn: str, body: str, _: Mapping[str, Any]) -> None:
    invoke_async(arn, body.encode())


def stop() -> None:
    """End every worker."""
    if _executor is not None:
        _executor.stop()


def snapshot_state() -> dict[str, Any]:
    """The events that wait for functions."""
    return dict(lambda_async.snapshot_state())


def resume(state: dict[str, Any]) -> None:
    """Start a worker of every function of an earlier process, soon, and go on with the events that waited."""
    lambda_async.resume(state, function_of, _attempt)
    for regions in list(dict.values(lambda_backends)):
        for backend in list(dict.values(regions)):
            for function in backend.list_functions():
                _running().warm(function)


def _follow_functions(executor: Executor) -> None:
    """New and changed functions get a worker, deleted ones lose theirs."""

    def create(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        _check_kind(spec["FunctionName"], spec.get("PackageType", "Zip"), spec.get("Runtime"))
        _check_settings(spec)
        function = original_create(self, spec)
        lambda_async.remember_dead_letters(function, spec)
        logging_config.remember(function, spec)
        executor.warm(function)
        return function

    def configure(self: LambdaFunction, config_updates: dict[str, Any]) -> Any:
        _check_kind(self.function_name, self.package_type, config_updates.get("Runtime") or self.run_time)
        _check_settings(config_updates)
        answer = original_configure(self, config_updates)
        lambda_async.remember_dead_letters(self, config_updates)
        logging_config.remember(self, config_updates)
        executor.warm(self)
        return answer

    def replace_code(self: LambdaFunction, updated_spec: dict[str, Any]) -> Any:
        answer = original_code(self, updated_spec)
        executor.warm(self)
        return answer

    def delete(self: LambdaBackend, function_name: str, qualifier: str | None = None) -> None:
        arn = self.get_function(function_name, qualifier).function_arn
        original_delete(self, function_name, qualifier)
        executor.drop(arn)

    original_create = moto_patches.replace(f"{MODELS}:LambdaBackend.create_function", create)
    original_configure = moto_patches.replace(f"{MODELS}:LambdaFunction.update_configuration", configure)
    original_code = moto_patches.replace(f"{MODELS}:LambdaFunction.update_function_code", replace_code)
    original_delete = moto_patches.replace(f"{MODELS}:LambdaBackend.delete_function", delete)


def _describe_what_moto_drops() -> None:
    """DeadLetterConfig and LoggingConfig are in no answer of moto's."""

    def described(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        logging = {"LogFormat": logging_config.TEXT, "LogGroup": logging_config.group_of(self)}
        config: dict[str, Any] = {**original(self, on_create), "LoggingConfig": logging}
        target = lambda_async.dead_letters_of(self)
        return qualifiers.revised({**config, "DeadLetterConfig": {"TargetArn": target}} if target else config)

    original = moto_patches.replace(f"{MODELS}:LambdaFunction.get_configuration", described)
