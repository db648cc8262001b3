"""Lambda functions that run: moto keeps them, this executes them.

``invoke`` answers like a synchronous Invoke, ``invoke_async`` like one of type Event: queued, retried, and told to the
function's destinations in the end.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import queue
import threading
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from localcloud import lambda_async, lambda_code, seams, targets
from localcloud.background import spawn
from localcloud.lambda_pool import Pool, Throttled
from localcloud.lambda_worker import Function, Invocation, Outcome, Worker
from localcloud.prefork import Prefork
from localcloud.runtime_api import RuntimeApi
from localcloud.settings import Cloud

log = logging.getLogger(__name__)
LARGEST_SYNC_BYTES = 6 << 20  # Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_ASYNC_BYTES = 1 << 20
LOG_TAIL_BYTES = 4096
MODELS = "moto.awslambda.models"


class TooManyRequests(LambdaClientError):  # type: ignore[misc] # noqa: N818
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


class TooLarge(LambdaClientError):  # type: ignore[misc] # noqa: N818
    """The payload is over Lambda's limit."""

    code = 413

    def __init__(self, size: int, limit: int) -> None:
        super().__init__("RequestTooLargeException", f"{size} byte payload is too large for the limit of {limit} bytes")


class Executor:
    """Every function's workers."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._root = cloud.state_dir / "lambdas"
        self._runtime = lambda_code.runtime_folder(self._root)
        self._prefork = Prefork(self._runtime, self._root / "prefork.log")
        self._api = RuntimeApi()
        self._lock = threading.Lock()
        self._pools: dict[str, tuple[str, Pool]] = {}
        self._to_warm: queue.SimpleQueue[LambdaFunction] = queue.SimpleQueue()
        spawn(self._prefork.start)
        spawn(self._warm_in_turn)

    def run(self, function: LambdaFunction, invocation: Invocation, *, wait: bool) -> Outcome:
        """Execute one event."""
        return self._pool(function).invoke(invocation, wait=wait)

    def warm(self, function: LambdaFunction) -> None:
        """Start a worker soon: AWS, too, initialises functions before they are called.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        self._to_warm.put(function)

    def drop(self, arn: str) -> None:
        """The function is gone."""
        with self._lock:
            _, pool = self._pools.pop(arn, ("", None))
        if pool is not None:
            pool.close()

    def stop(self) -> None:
        """End every worker."""
        self._prefork.stop()

    def _warm_in_turn(self) -> None:
        while True:
            function = self._to_warm.get()
            try:
                self._pool(function).warm()
            except Exception:  # a broken package is told to whoever invokes the function
                log.warning("%s could not be initialised ahead of its first call", function.function_name)

    def _pool(self, function: LambdaFunction) -> Pool:
        signature = _signature(function)
        with self._lock:
            known, pool = self._pools.get(function.function_arn, ("", None))
            if pool is not None and known == signature:
                return pool
            new = Pool(self._described(function), _reserved(function), self._start)
            self._pools[function.function_arn] = (signature, new)
        if pool is not None:
            pool.close()
        return new

    def _start(self, function: Function, pool: Pool) -> Worker:
        return Worker(function, self._prefork, self._api, pool.forget)

    def _described(self, function: LambdaFunction) -> Function:
        backend: LambdaBackend = lambda_backends[function.account_id][function.region]
        layers = [backend.layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
        return Function(
            name=function.function_name,
            arn=function.function_arn,
            version=str(function.version),
            handler=str(function.handler),
            timeout_s=int(function.timeout),
            memory_mb=int(function.memory_size),
            environment=self._environment(function),
            code=lambda_code.unpacked(function.code_bytes, self._root / "code"),
            layers=tuple(
                lambda_code.unpacked(layer.code_bytes, self._root / "layers") for layer in layers if layer is not None
            ),
            runtime=self._runtime,
        )

    def _environment(self, function: LambdaFunction) -> dict[str, str]:
        own = {name: str(value) for name, value in (function.environment_vars or {}).items()}
        fixed = self.cloud.environment(access_key(function.function_name))
        endpoint = {"AWS_ENDPOINT_URL": fixed.pop("AWS_ENDPOINT_URL")}
        return {
            **endpoint,
            **own,
            **fixed,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_SESSION_TOKEN": "local",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        }


def access_key(function_name: str) -> str:
    """The dummy access key of a function: it tells the record of calls who called."""
    return "ASIA" + base64.b32encode(hashlib.sha256(function_name.encode()).digest()).decode()[:16]


def _signature(function: LambdaFunction) -> str:
    return json.dumps(
        [
            function.code_sha_256,
            function.handler,
            function.run_time,
            function.timeout,
            function.memory_size,
            function.environment_vars,
            function.layers,
            _reserved(function),
        ],
        sort_keys=True,
        default=str,
    )


def _reserved(function: LambdaFunction) -> int | None:
    value = function.reserved_concurrency
    return None if value is None else int(value)


_executor: Executor | None = None


def _running() -> Executor:
    if _executor is None:
        raise RuntimeError("lambdas.install(cloud) has not been called")
    return _executor


def function_of(name_or_arn: str, region: str | None = None, qualifier: str | None = None) -> LambdaFunction:
    """moto's function. An ARN's own region counts.

    Raises:
        UnknownFunctionException: there is none of that name.
    """
    cloud = _running().cloud
    if name_or_arn.startswith("arn:"):
        region = name_or_arn.split(":")[3]
    return lambda_backends[cloud.account_id][region or cloud.region].get_function(name_or_arn, qualifier)


def invoke(name_or_arn: str, payload: bytes, *, region: str | None = None, wait: bool = False) -> Outcome:
    """Invoke a function and wait for its answer. ``wait``: queue where it would be throttled.

    Raises:
        UnknownFunctionException, TooManyRequests
    """
    function = function_of(name_or_arn, region)
    return _run(function, Invocation(payload, _invoked_arn(function, name_or_arn)), wait=wait)


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
    arn = function.function_arn

    def attempt(request_id: str) -> Outcome:
        current = function_of(arn, qualifier=None if function.version == "$LATEST" else str(function.version))
        return _run(current, Invocation(payload, arn, request_id), wait=True)

    return lambda_async.submit(function, payload, attempt)


def _check_runnable(function: LambdaFunction) -> None:
    if function.package_type != "Zip" or not str(function.run_time or "").startswith("python"):
        kind = "container images" if function.package_type != "Zip" else f"runtime {function.run_time}"
        raise NotImplementedError(
            f"The local cloud runs Python functions from zip packages; {function.function_name} uses {kind}"
        )


def _invoked_arn(function: LambdaFunction, name_or_arn: str) -> str:
    return name_or_arn if name_or_arn.startswith("arn:") else str(function.function_arn)


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
    payload = _payload(body, LARGEST_SYNC_BYTES if kind == "RequestResponse" else LARGEST_ASYNC_BYTES)
    response_headers["x-amz-executed-version"] = str(function.version)
    if kind == "RequestResponse":
        answer = _answer_sync(function, function_name, payload, given, response_headers)
    else:
        if kind == "Event":
            _queue_event(function, payload)
        answer = b""
    response_headers["Content-Length"] = str(len(answer))
    return answer


def _answer_sync(
    function: LambdaFunction, asked: str, payload: bytes, given: Mapping[str, str], response_headers: dict[str, str]
) -> bytes:
    context = given.get("x-amz-client-context")
    invocation = Invocation(
        payload,
        _invoked_arn(function, asked),
        client_context=base64.b64decode(context).decode() if context else None,
    )
    outcome = _run(function, invocation, wait=False)
    if outcome.error:
        response_headers["x-amz-function-error"] = outcome.error
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
    targets.SENDERS["lambda"] = lambda arn, body, _: invoke_async(arn, body.encode())
    seams.replace(f"{MODELS}:LambdaBackend.invoke", _backend_invoke)
    seams.replace(f"{MODELS}:LambdaFunction.invoke", _function_invoke)
    _warm_after(executor, f"{MODELS}:LambdaBackend.create_function")
    _keep_dead_letters()
    _warm_changed(executor, f"{MODELS}:LambdaFunction.update_configuration")
    _warm_changed(executor, f"{MODELS}:LambdaFunction.update_function_code")
    delete = f"{MODELS}:LambdaBackend.delete_function"

    def deleted(self: LambdaBackend, function_name: str, qualifier: str | None = None) -> None:
        arn = self.get_function(function_name, qualifier).function_arn
        original_delete(self, function_name, qualifier)
        executor.drop(arn)

    original_delete = seams.replace(delete, deleted)


def stop() -> None:
    """End every worker."""
    if _executor is not None:
        _executor.stop()


def _warm_after(executor: Executor, path: str) -> None:
    def created(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        function = original(self, spec)
        lambda_async.remember_dead_letters(function, spec)
        executor.warm(function)
        return function

    original = seams.replace(path, created)


def _warm_changed(executor: Executor, path: str) -> None:
    if path.endswith("update_configuration"):

        def configured(self: LambdaFunction, config_updates: dict[str, Any]) -> Any:
            answer = original(self, config_updates)
            lambda_async.remember_dead_letters(self, config_updates)
            executor.warm(self)
            return answer

        original = seams.replace(path, configured)
    else:

        def coded(self: LambdaFunction, updated_spec: dict[str, Any]) -> Any:
            answer = original(self, updated_spec)
            executor.warm(self)
            return answer

        original = seams.replace(path, coded)


def _keep_dead_letters() -> None:
    """DeadLetterConfig is in no answer of moto's."""

    def described(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        config: dict[str, Any] = original(self, on_create)
        target = lambda_async.dead_letters_of(self)
        return {**config, "DeadLetterConfig": {"TargetArn": target}} if target else config

    original = seams.replace(f"{MODELS}:LambdaFunction.get_configuration", described)
