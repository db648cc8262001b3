"""The workers of all functions: what moto keeps of a function becomes a pool of processes."""

from __future__ import annotations

import json
import logging
import queue
import threading

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from localcloud.background import spawn
from localcloud.front import calls
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.lambdas import logging_config
from localcloud.lambdas.ahead import Ahead
from localcloud.lambdas.fork_server import Prefork
from localcloud.lambdas.packages import code as lambda_code
from localcloud.lambdas.packages import layers as layer_code
from localcloud.lambdas.pool import IDLE_S, Pool
from localcloud.lambdas.runtime_api import RuntimeApi
from localcloud.lambdas.worker import Function, Invocation, Outcome, Worker
from localcloud.settings import Cloud

log = logging.getLogger(__name__)


class CannotAssumeRole(LambdaClientError):  # type: ignore[misc]
    """The function's role does not trust Lambda, or does not let it write its log."""

    code = 403

    def __init__(self, why: str) -> None:
        super().__init__("AccessDeniedException", f"The function cannot start under its role. {why}")


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
        self._ahead = Ahead[LambdaFunction](IDLE_S)
        self._to_warm: queue.SimpleQueue[LambdaFunction] = queue.SimpleQueue()
        spawn(self._prefork.start)
        spawn(self._warm_in_turn)

    def run(self, function: LambdaFunction, invocation: Invocation, *, wait: bool) -> Outcome:
        """Execute one event."""
        self._start_soon(self._ahead.call(function.function_arn))
        return self._pool(function).invoke(invocation, wait=wait)

    def warm(self, function: LambdaFunction) -> None:
        """Start a worker soon, if functions are called these days: AWS, too, initialises them before they are called.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        known = lambda_backends[function.account_id][function.region].list_functions()
        others = (one.code_bytes for one in known if one is not function)
        function.code_bytes = lambda_code.held_once(function.code_bytes, others)
        self._start_soon(self._ahead.add(function.function_arn, function))

    def _start_soon(self, functions: list[LambdaFunction]) -> None:
        for function in functions:
            self._to_warm.put(function)

    def drop(self, arn: str) -> None:
        """The function is gone."""
        self._ahead.drop(arn)
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
            except Exception:  # noqa: BLE001 - a broken package is told to whoever invokes the function
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
        try:
            deliveries.start_function(str(function.role), function.function_arn, logging_config.group_of(function))
        except Refused as refused:
            raise CannotAssumeRole(str(refused)) from refused
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
            layers=tuple(layer_code.folder_of(layer, self._root / "layers") for layer in layers if layer is not None),
            runtime=self._runtime,
            log_group=logging_config.group_of(function),
        )

    def _environment(self, function: LambdaFunction) -> dict[str, str]:
        own = {name: str(value) for name, value in (function.environment_vars or {}).items()}
        fixed = self.cloud.environment(calls.access_key(f"function/{function.function_name}", str(function.role)))
        endpoint = {"AWS_ENDPOINT_URL": fixed.pop("AWS_ENDPOINT_URL")}
        return {
            **endpoint,
            **own,
            **fixed,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        }


def _signature(function: LambdaFunction) -> str:
    return json.dumps(
        [
            function.code_sha_256,
            function.handler,
            function.run_time,
            function.role,
            function.timeout,
            function.memory_size,
            function.environment_vars,
            function.layers,
            logging_config.group_of(function),
            _reserved(function),
        ],
        sort_keys=True,
        default=str,
    )


def _reserved(function: LambdaFunction) -> int | None:
    value = function.reserved_concurrency
    return None if value is None else int(value)
