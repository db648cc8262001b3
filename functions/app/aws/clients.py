"""The one door to AWS: clients, and the translation of its errors into ours. Decides nothing.

The modules named after a service's nouns (bucket, pipelines, registry, endpoints, machine, topics) call through here;
only this module and ``ledger`` know boto3.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.errors import (
    AccessDenied,
    CallRefused,
    CapacityShort,
    Contended,
    Gone,
    RetrainError,
    ServiceUnavailable,
    Throttled,
)

# Source: https://docs.aws.amazon.com/boto3/latest/guide/retries.html
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=65)

MEANINGS: dict[str, type[RetrainError]] = {
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "TooManyRequestsException": Throttled,
    "RequestLimitExceeded": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "SlowDown": Throttled,
    "InternalFailure": ServiceUnavailable,
    "InternalError": ServiceUnavailable,
    "InternalServerError": ServiceUnavailable,
    "ServiceUnavailable": ServiceUnavailable,
    "ServiceUnavailableException": ServiceUnavailable,
    "RequestTimeout": ServiceUnavailable,
    "ModelNotReadyException": ServiceUnavailable,
    "TransactionConflictException": Contended,
    "TransactionInProgressException": Contended,
    "ConflictException": Contended,
    "ResourceLimitExceeded": CapacityShort,
    "ExecutionLimitExceeded": CapacityShort,
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "AuthorizationError": AccessDenied,  # SNS's word for it
    "NoSuchKey": Gone,
    "NoSuchVersion": Gone,
    "404": Gone,
}


@cache
def client(service: str) -> Any:
    """The process's client of ``service``, made on first use."""
    make: Any = boto3.client  # its stubs know literal names only
    return make(service, config=CONFIG)


def code(error: ClientError) -> str:
    """AWS's name of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def translate(error: ClientError | BotoCoreError) -> RetrainError:
    """Our name of AWS's error; what is not known is a refused call, or an outage when AWS says it is its fault."""
    if not isinstance(error, ClientError):
        return ServiceUnavailable(str(error))
    meaning = MEANINGS.get(code(error))
    if meaning is None:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        meaning = ServiceUnavailable if status >= 500 and status != 501 else CallRefused
    return meaning(str(error))


@contextmanager
def calling(*expected: str) -> Iterator[None]:
    """Calls inside raise our errors; a ``ClientError`` whose code is ``expected`` passes, for the caller to answer."""
    try:
        yield
    except ClientError as error:
        if code(error) in expected:
            raise
        raise translate(error) from error
    except BotoCoreError as error:
        raise translate(error) from error
