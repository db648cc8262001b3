"""One AWS account in memory with the stack in it, and the seams by which the real handlers call it."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any

import begin_scoring
from app.aws import clients, data_bucket
from app.ledger import batches, ledger
from app.settings import settings

from tests.torture import stack
from tests.torture.agenda import Agenda
from tests.torture.fakes.dynamodb import DynamoDB
from tests.torture.fakes.endpoints import Endpoints
from tests.torture.fakes.functions import Functions
from tests.torture.fakes.pipelines import Pipelines
from tests.torture.fakes.registry import Registry
from tests.torture.fakes.s3 import S3
from tests.torture.fakes.scaling import Scaling
from tests.torture.fakes.states import States
from tests.torture.fakes.transforms import Transforms
from tests.torture.fates import Fates
from tests.torture.faults import Faults, Focus, Gate, Open, refusal
from tests.torture.reviewers import Yes
from tests.torture.words import Word

PAGED = {
    "query",
    "list_object_versions",
    "list_subscriptions_by_topic",
    "list_objects_v2",
    "list_model_packages",
    "list_pipeline_executions",
    "list_stack_resources",
    "get_metric_data",
}
WATCHES = 0.2  # of the schedules: one more model, whose policy says when runs begin
SHADOWS = 0.3  # of the schedules: two models have their versions tried in shadow before these serve
DEAF = 0.12  # of the schedules: every event of S3, SageMaker and Step Functions is lost


class Account:
    """All services, on one agenda."""

    def __init__(self, seed: int, only: Collection[int] | None = None, focuses: Collection[Focus] = ()) -> None:
        self.violations: list[str] = []
        self.random, self.agenda, self.fates = Random(f"people of {seed}"), Agenda(), Fates(seed)
        self.faults = Faults(Random(seed), self.agenda, only, focuses)
        self.watches = Random(f"watched {seed}").random() < WATCHES
        self.shadows = Random(f"shadows of {seed}").random() < SHADOWS
        self.faults.deaf = Random(f"deaf {seed}").random() < DEAF
        self.gate = Gate(self.faults, self.agenda)
        self.functions = Functions(self.agenda, self.faults, self.gate, stack.handlers(), stack.rules(), stack.queue)
        emit, shared = self.functions.emit, (self.agenda, self.faults)
        self.dynamodb, self.s3 = DynamoDB(), S3(self.functions.created, lambda: self.agenda.at)
        self.registry = Registry(self.agenda, emit)
        self.most_pipelines = Random(f"slots of {seed}").choice((1, 1, 2, 15))
        self.pipelines = Pipelines(
            *shared, self.fates, emit, self.s3, self.registry, self.violated, self.most_pipelines
        )
        self.pipelines.ask_champion = self.functions.ask_champion
        self.endpoints = Endpoints(*shared, self.fates, emit, self.violated)
        self.scaling = Scaling(seed, self.faults, self.endpoints)
        self.transforms = Transforms(*shared, emit, self.s3, self.endpoints)
        machines = {
            stack.NAMES[stack.MACHINE]: stack.definition(),
            stack.NAMES[stack.SCORING_MACHINE]: stack.scoring_definition(),
        }
        self.states = States(*shared, emit, machines, self.functions.invoke)
        self.alarms: set[str] = set()
        self.said: dict[str, set[Word]] = {}  # of each version (ARN)
        self.yeses: list[Yes] = []  # of reviewers, of the one model that needs several
        self.modes: dict[str, list[tuple[datetime, str]]] = {}  # when each model was published, and how it is approved
        self.rejected: set[str] = set()  # versions of it (ARNs) to which anybody ever said no
        self.edited: dict[str, list[datetime]] = {}  # when metadata of each version (ARN) was
        self.withdrawn: dict[str, datetime] = {}  # versions of uploads, and when
        self._services = self._by_service()

    def violated(self, what: str) -> None:
        """Note that something happened that never should."""
        if what not in self.violations:
            self.violations.append(what)

    def say(self, arn: str, status: str) -> None:
        """Note that somebody decides about a version in the registry now."""
        self.said.setdefault(arn, set()).add(Word(self.agenda.at, status))

    def _by_service(self) -> dict[str, tuple[Any, ...]]:
        lambda_ = SimpleNamespace(invoke=self.functions.invoke_event)
        cloudformation = SimpleNamespace(list_stack_resources=_resources)
        alarms = SimpleNamespace(put_metric_alarm=self._put_alarm, delete_alarms=self._delete_alarms)
        logs, own = SimpleNamespace(describe_log_streams=_no_log), self.endpoints
        return {
            "dynamodb": (self.dynamodb,), "s3": (self.s3,), "lambda": (lambda_,), "cloudwatch": (alarms, own),
            "sagemaker": (self.endpoints, self.pipelines, self.registry, self.transforms), "logs": (logs,),
            "sagemaker-runtime": (self.endpoints,), "stepfunctions": (self.states,), "sns": (self.functions,),
            "sqs": (self.functions,), "cloudformation": (cloudformation,), "application-autoscaling": (self.scaling,),
        }  # fmt: skip

    def _put_alarm(self, *, AlarmName: str, **_: Any) -> None:
        self.alarms.add(AlarmName)

    def _delete_alarms(self, *, AlarmNames: list[str]) -> None:
        """DeleteAlarms: with a name that is not there, no alarm is deleted.

        Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
        """
        if not self.alarms.issuperset(AlarmNames):
            raise refusal("ResourceNotFound", "no such alarm")
        self.alarms.difference_update(AlarmNames)

    def client(self, service: str, config: Any = None) -> Client:
        """A client of a service, as ``boto3.client`` makes it."""
        return Client(service, self._services[service], self.gate)

    def client_of_people(self, service: str) -> Client:
        """A client of a service, by which no call fails."""
        return Client(service, self._services[service], Open())


def _resources(*, StackName: str) -> dict[str, Any]:
    """ListStackResources: each is named as the template names it."""
    listed = [{"LogicalResourceId": name, "PhysicalResourceId": name} for name in stack.template()]
    return {"StackResourceSummaries": listed}


def _no_log(**_: Any) -> None:
    raise refusal("ResourceNotFoundException", "The specified log group does not exist.")


class Client:
    """A client: each operation passes the gate."""

    def __init__(self, service: str, parts: tuple[Any, ...], gate: Gate | Open) -> None:
        self._service, self._parts, self._gate = service, parts, gate

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        act = next((getattr(part, operation) for part in self._parts if hasattr(part, operation)), None)
        if act is None:
            raise NotImplementedError(f"{self._service}.{operation}")
        where = f"{self._service}.{operation}"

        def call(*given: Any, **request: Any) -> Any:
            return self._gate.call(where, operation, partial(act, *given) if given else act, request)

        vars(self)[operation] = call
        return call

    def get_paginator(self, operation: str) -> Any:
        """Everything in one page."""
        if operation not in PAGED:
            raise NotImplementedError(f"pages of {operation}")
        return SimpleNamespace(paginate=lambda **request: [getattr(self, operation)(**request)])


class _OneAfterAnother:
    """Stands for the pool of threads that copies objects: their order would not be the seed's."""

    def __init__(self, max_workers: int) -> None:
        del max_workers

    def __enter__(self) -> _OneAfterAnother:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def submit(self, act: Callable[..., Any], *given: Any) -> Any:
        try:
            result = act(*given)
        except Exception as error:  # noqa: BLE001  it is the caller's, when it asks
            return SimpleNamespace(result=partial(_raised, error))
        return SimpleNamespace(result=lambda: result)


def _raised(error: Exception) -> None:
    raise error


@contextmanager
def installed(account: Account, more: Collection[tuple[Any, str, Any]] = ()) -> Iterator[Account]:
    """Within, the app's clients, clock, sleep and environment are the account's; ``more`` names are other things."""
    seams: list[tuple[Any, str, Any]] = [
        (clients, "boto3", SimpleNamespace(client=account.client)),
        (batches, "datetime", SimpleNamespace(now=lambda: account.agenda.at)),
        (batches, "time", SimpleNamespace(sleep=lambda seconds: None)),
        (data_bucket, "ThreadPoolExecutor", _OneAfterAnother),
        *more,
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in seams]
    environment = stack.environment() | {"MAX_PIPELINES": str(account.most_pipelines)}
    variables = {name: os.environ.get(name) for name in environment}
    _put(seams, environment)
    _read_own_settings()
    logging.disable()
    try:
        with redirect_stdout(io.StringIO()):
            yield account
    finally:
        logging.disable(logging.NOTSET)
        _put(before, variables)


def _put(seams: list[tuple[Any, str, Any]], variables: dict[str, Any]) -> None:
    for module, name, value in seams:
        setattr(module, name, value)
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    for cached in (clients.client, ledger, settings):
        cached.cache_clear()


def _read_own_settings() -> None:
    """The one function whose machine is another: all share an environment here, and settings are read once."""
    name = "STATE_MACHINE_ARN"
    shared, os.environ[name] = os.environ[name], stack.NAMES[stack.SCORING_MACHINE]
    settings(*begin_scoring.SETTINGS)
    os.environ[name] = shared
