"""What task states call: one client per service, parameters and answers in each side's spelling, and SageMaker's
``.sync`` jobs.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.handlers import handle_copy_source_param

from localcloud.front import calls, moto_patches
from localcloud.settings import ACCESS_KEY, Cloud
from localcloud.stepfunctions import paths, task_resources

CLIENTS = "moto.stepfunctions.parser.asl.utils.boto_client:boto_client_for"
SERVICE = "moto.stepfunctions.parser.asl.component.state.exec.state_task.service"
FACTORY = "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_factory:state_task_service_for"
POLL_S = 0.1  # how soon the end of a .sync job is seen
LONGEST_TASK_S = 99999999
# Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
JOBS = ("TrainingJob", "ProcessingJob", "TransformJob", "HyperParameterTuningJob")
SYNC = {f"create{noun}": (xform_name(f"Describe{noun}"), f"{noun}Name", f"{noun}Status") for noun in JOBS}
RUNNING = ("InProgress", "Stopping", "Pending")
DONE = ("Completed",)


def install(cloud: Cloud) -> None:
    """Put clients, spelling and SageMaker in place."""
    clients = _Clients(cloud)
    original = moto_patches.replace(CLIENTS, clients)
    _paths()
    _normalise()
    _names()
    _sagemaker()
    _sync()
    _rename("boto_client_for", original, clients)


def _rename(name: str, original: object, new: object) -> None:
    """Also for those that took a function by name before it was replaced."""
    for place, module in list(sys.modules.items()):
        if place.startswith("moto.stepfunctions") and getattr(module, name, None) is original:
            vars(module)[name] = new


def _paths() -> None:
    """moto gives a list for ``$.a[0].b``, and nothing for a filter that matches nothing."""
    from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

    def extract_json(path: str, data: Any) -> Any:
        try:
            return paths.find(path, data)
        except (paths.NotFound, paths.Unreadable) as problem:
            error = NoSuchJsonPathError(json_path=path, data=data)
            if isinstance(problem, paths.Unreadable):
                error._message = str(problem)
            raise error from problem

    original = moto_patches.replace("moto.stepfunctions.parser.asl.utils.json_path:extract_json", extract_json)
    _rename("extract_json", original, extract_json)


class _Clients:
    """moto makes a client per call, on ``localhost``: 30 ms each. These are made once."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._made: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, region: str, service: str, state_credentials: Any = None) -> Any:
        role = str(getattr(state_credentials, "role_arn", "") or "")
        key = (region, service, role)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(*key)
            return self._made[key]

    def _make(self, region: str, service: str, role: str) -> Any:
        access_key = calls.access_key("machine", role) if role else ACCESS_KEY
        config = Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            read_timeout=LONGEST_TASK_S,
            max_pool_connections=256,
            inject_host_prefix=False,
        )
        client = self._cloud.new_client(service, region, access_key, config, whole_answers=True)
        for operation in ("CopyObject", "UploadPartCopy"):  # whose CopySource AWS sends as the state has it, encoded
            client.meta.events.unregister(f"before-parameter-build.s3.{operation}", handle_copy_source_param)
        return client


def _normalise() -> None:
    """Parameters go out in the API's spelling and types; answers come back in Step Functions', dates as text."""

    def parameters(
        self: Any,
        parameters: dict[str, Any],
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        shape = _shape(self, boto_service_name, service_action_name, "input_shape")
        if shape is not None:
            if self._get_boto_service_name(boto_service_name) == "dynamodb":
                _bytes_of_attributes(parameters)
            self._to_boto_request(parameters, shape)

    def response(
        self: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
    ) -> None:
        shape = _shape(self, boto_service_name, service_action_name, "output_shape")
        if shape is not None:
            self._from_boto_response(response, shape)
        dates_as_text(response)

    task = f"{SERVICE}.state_task_service:StateTaskService"
    moto_patches.replace(f"{task}._normalise_parameters", parameters)
    moto_patches.replace(f"{task}._normalise_response", response)


def _names() -> None:
    """Services are called, and their errors begin, as Step Functions has it."""

    def boto_service_name(self: Any, boto_service_name: str | None = None) -> str:
        return task_resources.botocore_name(boto_service_name or self.resource.api_name)

    moto_patches.replace(f"{SERVICE}.state_task_service:StateTaskService._get_boto_service_name", boto_service_name)
    moto_patches.replace(
        f"{SERVICE}.state_task_service_aws_sdk:StateTaskServiceAwsSdk._normalise_service_error_name",
        task_resources.error_prefix,
    )


def _bytes_of_attributes(value: Any) -> None:
    """Replace the base64 of DynamoDB's binary attributes (``{"B": …}``, ``{"BS": […]}``) by the bytes, in place."""
    items = list(value.items()) if isinstance(value, dict) else ()
    for key, item in items:
        if len(items) == 1 and key == "B" and isinstance(item, str):
            value[key] = base64.b64decode(item)
        elif len(items) == 1 and key == "BS" and isinstance(item, list):
            value[key] = [base64.b64decode(one) for one in item]
        else:
            _bytes_of_attributes(item)
    for item in value if isinstance(value, list) else ():
        _bytes_of_attributes(item)


def _shape(task: Any, service: str | None, action: str | None, which: str) -> Any:
    operation = _operation(task._get_boto_service_name(service), task._get_boto_service_action(action))
    return getattr(operation, which) if operation is not None else None


@cache
def _operation(service: str, action: str) -> Any:
    """botocore's model of an operation, by its snake_case name; None where it knows none."""
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return None
    model = session.get_service_model(service)
    found = next((name for name in model.operation_names if xform_name(name) == action), None)
    return model.operation_model(found) if found else None


def dates_as_text(value: Any) -> None:
    """Replace every date in a document, in place, as Step Functions writes them; and bytes, as base64."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in list(items):
        if isinstance(item, datetime):
            value[key] = f"{item.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{item.microsecond // 1000:03d}Z"
        elif isinstance(item, bytes):
            value[key] = base64.b64encode(item).decode()
        else:
            dates_as_text(item)


def _sync() -> None:
    """``.sync`` sees the end of a job soon, and sees that the execution was stopped."""

    def eval_sync(
        self: Any, env: Any, sync_resolver: Any, timeout_seconds: Any, callback_endpoint: Any, heartbeat_endpoint: Any
    ) -> Any:
        del self, timeout_seconds, heartbeat_endpoint  # the state's own clock ends it
        waiting = threading.Event()
        while env.is_running():
            outcome = callback_endpoint.get_outcome() if callback_endpoint is not None else None
            found = outcome or sync_resolver()
            if found:
                return found
            waiting.wait(POLL_S)
        return None

    moto_patches.replace(f"{SERVICE}.state_task_service_callback:StateTaskServiceCallback._eval_sync", eval_sync)


def _sagemaker() -> None:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_unsupported import (
        StateTaskServiceUnsupported,
    )

    class SageMakerTask(StateTaskServiceUnsupported):  # type: ignore[misc] # moto is untyped here
        """``arn:aws:states:::sagemaker:<action>`` with and without ``.sync``."""

        def __init__(self) -> None:
            super().__init__()
            self._supported_integration_patterns = {ResourceCondition.WaitForTaskToken, ResourceCondition.Sync}

        def _log_unsupported_warning(self) -> None:
            """It is supported."""

        def _from_error(self, env: Any, ex: Exception) -> Any:
            if isinstance(ex, ClientError):
                return _failure(
                    self, env, "SageMaker.AmazonSageMakerException", ex.response["Error"].get("Message", "")
                )
            return super()._from_error(env=env, ex=ex)

        def _build_sync_resolver(
            self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
        ) -> Any:
            env.stack.pop()
            return _resolver(self, env, resource_runtime_part.region, normalised_parameters, state_credentials)

    def service_for(service_name: str) -> Any:
        return SageMakerTask() if service_name == "sagemaker" else original(service_name)

    original = moto_patches.replace(FACTORY, service_for)


def _resolver(
    task: Any, env: Any, region: str, parameters: dict[str, Any], state_credentials: Any
) -> Callable[[], Any]:
    describe, key, status = SYNC[task.resource.api_action]
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
    from moto.stepfunctions.parser.asl.utils import boto_client

    client = boto_client.boto_client_for(region=region, service="sagemaker", state_credentials=state_credentials)

    def look() -> Any:
        found = getattr(client, describe)(**{key: parameters[key]})
        found.pop("ResponseMetadata", None)
        if found[status] in RUNNING:
            return None
        dates_as_text(found)
        if found[status] in DONE:
            return found
        cause = json.dumps(found, default=str)
        raise FailureEventException(_failure(task, env, "States.TaskFailed", cause))

    return look


def _failure(task: Any, env: Any, error: str, cause: str) -> Any:
    from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
    from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

    own = error == "States.TaskFailed"
    name = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed) if own else CustomErrorName(error)
    details = TaskFailedEventDetails(
        resource=task._get_sfn_resource(), resourceType=task._get_sfn_resource_type(), error=error, cause=cause
    )
    return FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.TaskFailed,
        event_details=EventDetails(taskFailedEventDetails=details),
    )
