"""SageMaker's API as functions from request to answer, and its errors, names and pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import (
    ConflictException,
    ResourceInUseException,
    ResourceNotFound,
    SagemakerClientError,
    ValidationError,
)
from moto.sagemaker.responses import SageMakerResponse

from localcloud.containers.launcher import Launcher
from localcloud.front import moto_patches, supported
from localcloud.front.bounds.constraints import Check, checked, complaint
from localcloud.sagemaker import played_members, user_context
from localcloud.settings import Cloud

Request = Mapping[str, Any]
Operation = Callable[[Request], Mapping[str, Any] | None]
# Members that the API's shapes require and that AWS leaves out: of a training's start, and of a version of a group.
LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    "DescribeTrainingJob": {"ModelArtifacts": {"S3ModelArtifacts": ""}},
    "DescribeModelPackage": {"ModelPackageName": "none"},
}
OWN_TOKENS = ("CreatePipeline", "StartPipelineExecution", "CreateModelPackage")  # which remember theirs in the snapshot
LONGEST_TOKEN = 10
# "The default value is 10", say the lists of endpoints, transforms, tuning and lineage; the others say nothing.
# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListEndpoints.html#sagemaker-ListEndpoints-request-MaxResults
SHORT_PAGE = 10
MOST_ANSWERS = 1000  # that are remembered by their token
RESPONSE = "moto.sagemaker.responses:SageMakerResponse"
T = TypeVar("T")

_operations: dict[str, Operation] = {}
_answers: dict[str, Mapping[str, Any] | None] = {}
_patched: set[str] = set()
_model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


class IncompleteAnswer(RuntimeError):
    """An answer is not of the API's own shape."""


@dataclass
class Context:
    """What the parts of SageMaker share: the cloud, the process starter, one lock over all records, and tags by ARN."""

    cloud: Cloud
    launcher: Launcher
    lock: threading.RLock = field(default_factory=threading.RLock)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a resource of this account."""
        return f"arn:aws:sagemaker:{self.cloud.region}:{self.cloud.account_id}:{kind}/{name}"

    def tag(self, arn: str, tags: Iterable[Mapping[str, str]] | None) -> None:
        """Remember tags as the API gives them."""
        if tags:
            self.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})


def serve(operations: Mapping[str, Operation]) -> None:
    """Answer these operations (by their API name) from now on, in moto's place or beside it."""
    supported.play("sagemaker", set(operations))
    _answers.clear()
    for name, operation in operations.items():
        _operations[name] = operation
        if name not in _patched:
            _patched.add(name)
            method = snake(name)
            if hasattr(SageMakerResponse, method):
                moto_patches.replace(f"{RESPONSE}.{method}", _method(name))
            else:
                moto_patches.add_operation(RESPONSE, method, _method(name))


def _method(name: str) -> Callable[[Any], Any]:
    def answer(self: Any) -> Any:
        user_context.asks(self.headers.get("Authorization") or "")
        request = plain(self.params)
        check(name, request)
        return ActionResult(complete(name, without_none(_once(name, request) or {})))

    answer.__name__ = snake(name)
    return answer


def _once(name: str, request: Request) -> Mapping[str, Any] | None:
    """Do what is asked for; the same request with the same token is one request, and has the same answer.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html
    """
    token = request.get("ClientRequestToken") or request.get("ClientToken")
    if token is None or name in OWN_TOKENS:
        return _operations[name](request)
    key = json.dumps([name, request], sort_keys=True, default=str)
    if key not in _answers:
        _answers[key] = _operations[name](request)
        if len(_answers) > MOST_ANSWERS:
            _answers.pop(next(iter(_answers)), None)
    return _answers[key]


def plain(value: Any) -> Any:
    """Dicts and lists all the way down."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def without_none(value: Any) -> Any:
    """What an answer leaves out."""
    if isinstance(value, Mapping):
        return {name: without_none(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_none(part) for part in value]
    return value


def snake(name: str) -> str:
    """CreateTrainingJob -> create_training_job, as moto writes it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def check(operation: str, request: Request) -> None:
    """Hold a request against the API's own shape, and against what of it runs here.

    Raises:
        ValidationException: it does not fit, or has a member that nobody plays.
    """
    shape: Any = _model.operation_model(operation).input_shape
    if (look := bounds(operation)) and (told := complaint(look, request)):
        raise invalid(told)
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise invalid(report.generate_report())
    if refused := played_members.refusals(operation, request):
        raise invalid("; ".join(refused))


@cache
def bounds(operation: str) -> Check | None:
    """What is looked at of an operation's request; None: nothing of it is bounded."""
    shape: Any = _model.operation_model(operation).input_shape
    return checked(shape) if shape is not None else None


def complete(operation: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, which has every member that AWS always sends.

    Raises:
        IncompleteAnswer: it lacks one, or has one of another type: a fault of the local cloud.
    """
    shape = _model.operation_model(operation).output_shape
    if shape is not None:
        report = ParamValidator().validate({**LEFT_OUT.get(operation, {}), **answer}, shape)
        if report.has_errors():
            raise IncompleteAnswer(f"{operation}: {report.generate_report()}")
    return answer


def invalid(message: str) -> Exception:
    """ValidationException."""
    error: Exception = ValidationError(message=message)
    return error


def not_found(message: str) -> Exception:
    """ResourceNotFound."""
    error: Exception = ResourceNotFound(message=message)
    return error


def in_use(message: str) -> Exception:
    """ResourceInUse."""
    error: Exception = ResourceInUseException(message=message)
    return error


def job_name_in_use(kind: str, arn: str) -> Exception:
    """A job of this kind and name exists as ``arn``."""
    return in_use(
        f"Job name must be unique within an AWS account and region, and a {kind} with this name already exists ({arn})"
    )


def limit_exceeded(message: str) -> Exception:
    """ResourceLimitExceeded."""
    error: Exception = SagemakerClientError("ResourceLimitExceeded", message)
    return error


def conflict(message: str) -> Exception:
    """ConflictException."""
    error: Exception = ConflictException(message)
    return error


def now() -> datetime:
    """The present, with its zone."""
    return datetime.now(UTC)


def page(
    items: Sequence[T],
    request: Request,
    *,
    default_order: str = "Descending",
    default_size: int = 100,
    sort: Callable[[T], Any] | None = None,
) -> tuple[list[T], str | None]:
    """One page of ``items`` in the asked order, and the token of the next (None: it was the last).

    Args:
        items: all of them, in the order of ``sort`` or as they are.
        request: what the client asked: ``MaxResults``, ``NextToken``, ``SortOrder``.
        default_order: the order of who asks for none.
        default_size: of who asks for none; ``SHORT_PAGE`` where AWS documents it.
        sort: what they are ordered by.

    Raises:
        ValidationException: the token is none of ours.
    """
    ordered = sorted(items, key=sort) if sort is not None else list(items)
    if (request.get("SortOrder") or default_order) == "Descending":
        ordered.reverse()
    start = _start(str(request.get("NextToken") or "0"))
    size = int(request.get("MaxResults") or default_size)
    following = str(start + size) if start + size < len(ordered) else None
    return ordered[start : start + size], following


def _start(token: str) -> int:
    if not (token.isascii() and token.isdigit() and len(token) < LONGEST_TOKEN):
        raise invalid("Invalid NextToken: it is none that a list gave")
    return int(token)


def answer_page(name: str, items: list[Any], token: str | None) -> dict[str, Any]:
    """A list operation's answer."""
    return {name: items} | ({"NextToken": token} if token else {})


def within(request: Request, created: datetime, modified: datetime | None = None) -> bool:
    """Whether a record fits the request's Creation and LastModified time filters."""
    bounds = (
        ("CreationTimeAfter", created, 1), ("CreationTimeBefore", created, -1),
        ("CreatedAfter", created, 1), ("CreatedBefore", created, -1),
        ("LastModifiedTimeAfter", modified, 1), ("LastModifiedTimeBefore", modified, -1),
    )  # fmt: skip
    for name, value, sign in bounds:
        bound = request.get(name)
        if bound is None or value is None:
            continue
        if isinstance(bound, (int, float)):
            bound = datetime.fromtimestamp(bound, UTC)
        bound = bound if bound.tzinfo else bound.replace(tzinfo=UTC)
        if (value - bound).total_seconds() * sign < 0:
            return False
    return True


def iso(moment: datetime | None) -> str | None:
    """2021-03-15T16:03:13Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
