"""A pipeline's executions: a coordinating thread each, a thread per running step, events and records of it all."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.exceptions import ServiceException

from localcloud.background import spawn
from localcloud.iam.checks import Refused
from localcloud.sagemaker import roles, step_names, storage
from localcloud.sagemaker.api_shapes import Context, iso, now
from localcloud.sagemaker.pipelines import caching, expressions
from localcloud.sagemaker.pipelines.definition import Step
from localcloud.sagemaker.pipelines.execute import Progress, Status
from localcloud.sagemaker.pipelines.execution_events import emit_state_change, emit_step_change
from localcloud.sagemaker.pipelines.execution_records import Execution, StepRecord
from localcloud.sagemaker.pipelines.expressions import Scope, Unresolved
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepFailed, StepResult, StepStopped
from localcloud.sagemaker.pipelines.step_types.registry import step_type
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_faults import request_refused

ANY_FAILURE = "Step failure: One or multiple steps failed."


@dataclass(frozen=True)
class Cached:
    """A step's successful run that may be used again."""

    at: datetime
    execution_arn: str
    result: StepResult


class Runner:
    """Runs executions; remembers what steps left for the cache."""

    def __init__(self, context: Context, services: Services) -> None:
        self.context = context
        self.services = services
        self.cache: dict[str, Cached] = {}

    def start(self, execution: Execution, done: Mapping[str, StepRecord] | None = None) -> None:
        """Run it in the background; ``done`` are steps of an earlier attempt that stand."""
        execution.steps |= done or {}
        emit_state_change(execution, None)
        spawn(self._coordinate, execution)

    def stop(self, execution: Execution) -> None:
        """Ask for an end: nothing starts any more, and what runs is stopped."""
        with execution.changed:
            if execution.status is not Status.EXECUTING:
                return
            self._set(execution, Status.STOPPING)
            execution.stopping.set()
            stops = list(execution.stops.values())
            for record in execution.steps.values():
                if record.status is Status.EXECUTING:
                    kind = step_type(record.step.type)
                    name = kind.name(execution.id, record.step.name, step_names.fresh_token())
                    roles.require_calls(execution.role, kind.stop_calls(name))  # the token makes no difference
                    self._step_status(execution, record, Status.STOPPING)
            execution.changed.notify_all()
        for stop in stops:
            stop()

    def _coordinate(self, execution: Execution) -> None:
        done = {name: record.outcome for name, record in execution.steps.items()}
        progress = Progress(execution.definition, execution.limit, done, execution.selected)
        with execution.changed:
            while True:
                if execution.stopping.is_set():
                    progress.stop()
                progress.limit = execution.limit  # which may have been updated
                for name in progress.ready():
                    progress.start(name)
                    spawn(self._step, execution, progress, execution.definition.steps[name])
                over = progress.over
                if over is not None:
                    break
                execution.changed.wait()
            execution.reason = ANY_FAILURE if over is Status.FAILED else None
            execution.ended = now()
            self._set(execution, over)

    def _step(self, execution: Execution, progress: Progress, step: Step) -> None:
        record = StepRecord(step, now())
        status, outcome = Status.FAILED, None
        with execution.changed:
            execution.steps[step.name] = record
            emit_step_change(execution, record, None)
        try:
            outcome = self._attempts(execution, record)
            status = Status.SUCCEEDED
        except StepStopped:
            status = Status.STOPPED
        except (StepFailed, Unresolved, storage.DataProblem) as failure:
            prefix = "" if isinstance(failure, StepFailed) else "ClientError: "
            record.reason = f"{prefix}{failure}"
        except Exception as error:
            record.reason = f"InternalServerError: {type(error).__name__}: {error}"
            raise
        finally:
            with execution.changed:
                record.ended, record.outcome = now(), outcome
                execution.stops.pop(step.name, None)
                self._step_status(execution, record, status)
                progress.finish(step.name, status, outcome=outcome)
                execution.changed.notify_all()

    def _attempts(self, execution: Execution, record: StepRecord) -> bool | None:
        """Run a step as often as its retry policies allow; a condition's answer, else None."""
        began = time.monotonic()
        while True:
            try:
                return self._attempt(execution, record)
            except StepFailed as failure:
                wait_s = retry_after(record.step, failure.kind, record.attempts, time.monotonic() - began)
                if wait_s is None:
                    raise
                record.attempts += 1
                if execution.stopping.wait(wait_s):
                    raise

    def _attempt(self, execution: Execution, record: StepRecord) -> bool | None:
        step, kind = record.step, step_type(record.step.type)
        scope = self._scope(execution)
        arguments = expressions.resolve(dict(step.arguments), scope) if kind.resolved else dict(step.arguments)
        target = expressions.resolve(dict(step.target), scope)
        key = None
        if step.cache_expires is not None:
            key = caching.key(execution.pipeline, step.name, step.type, kind.cached_by, {**arguments, **target})
        cached = self._cached(key, step)
        self._executing(execution, record)
        if cached is not None:
            result, record.hit = cached.result, cached.execution_arn
        else:
            result = self._run(execution, record, self._asked(execution, record, arguments, target, scope))
            if key is not None:
                self.cache[key] = Cached(now(), execution.arn, result)
        record.metadata, record.output = result.metadata, result.output
        return result.outcome

    def _asked(
        self, execution: Execution, record: StepRecord, arguments: dict[str, Any], target: dict[str, Any], scope: Scope
    ) -> StepAttempt:
        def started(metadata: dict[str, Any], stop: Any) -> None:
            record.metadata = metadata
            with execution.changed:
                execution.stops[record.step.name] = stop
                stopping = execution.stopping.is_set()
            if stopping:
                stop()

        step = record.step
        name = step_type(step.type).name(execution.id, step.name, step_names.fresh_token())
        return StepAttempt(
            execution.id, execution.arn, step.name, name, arguments, target, execution.role, scope, started
        )

    def _run(self, execution: Execution, record: StepRecord, attempt: StepAttempt) -> StepResult:
        kind = step_type(record.step.type)
        tags = [{"Key": "pipeline", "Value": execution.id}]  # pipelines tag what they start
        try:
            roles.take_on_for_pipeline(execution.role, execution.pipeline_arn)
            roles.require_calls(execution.role, kind.start_calls(attempt.name, attempt.arguments, tags))
            return kind.run(self.services, attempt)
        except Refused as refused:
            raise StepFailed(f"ClientError: Failed to invoke sagemaker: {refused}", "Step.ACCESS_DENIED") from refused
        except ServiceException as error:
            raise request_refused(error) from error

    def _cached(self, key: str | None, step: Step) -> Cached | None:
        cached = self.cache.get(key) if key is not None else None
        if cached is None:
            return None
        lifetime = caching.lifetime(step.cache_expires or "")
        return cached if lifetime is None or now() - cached.at <= lifetime else None

    def _scope(self, execution: Execution) -> Scope:
        s3 = roles.client(self.context.cloud, "s3", execution.role)
        outputs = {name: record.output for name, record in execution.steps.items()}

        def property_file(step: str, name: str) -> Any:
            file = execution.definition.steps[step].property_files[name]
            output = expressions.walk(outputs[step], f"ProcessingOutputConfig.Outputs['{file['OutputName']}']")
            return _json_at(s3, f"{output['S3Output']['S3Uri'].rstrip('/')}/{file['FilePath']}")

        about = {
            "PipelineExecutionId": execution.id,
            "PipelineExecutionArn": execution.arn,
            "PipelineName": execution.pipeline,
            "PipelineArn": execution.pipeline_arn,
            "StartDateTime": iso(execution.started),
            "CurrentDateTime": iso(now()),
        }
        return Scope(execution.values, about, outputs, property_file, lambda uri: _json_at(s3, uri))

    def _executing(self, execution: Execution, record: StepRecord) -> None:
        with execution.changed:
            if record.status is Status.STARTING:
                self._step_status(execution, record, Status.EXECUTING)

    def _set(self, execution: Execution, status: Status) -> None:
        previous, execution.status, execution.modified = execution.status, status, now()
        emit_state_change(execution, previous)

    def _step_status(self, execution: Execution, record: StepRecord, status: Status) -> None:
        previous, record.status, execution.modified = record.status, status, now()
        emit_step_change(execution, record, previous)


def retry_after(step: Step, kind: str, attempts: int, spent_s: float) -> float | None:
    """Seconds until the next attempt; None when no policy of the step allows one.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
    """
    for policy in step.retries:
        named = any(
            name in (kind, "SageMaker.*", "Step.*") or name.lower() == kind.lower() for name in policy.exceptions
        )
        if not named:
            continue
        wait_s = policy.interval_s * policy.backoff ** (attempts - 1)
        if policy.max_attempts is not None and attempts > policy.max_attempts:
            return None
        if policy.expires_s is not None and spent_s + wait_s > policy.expires_s:
            return None
        return wait_s
    return None


def _json_at(s3: Any, uri: str) -> Any:
    try:
        return json.loads(storage.get(s3, uri))
    except ValueError as error:
        raise Unresolved(f"{uri} is not JSON: {error}") from error
