"""The one door to AWS: clients, and the translation of its errors into ours. Decides nothing.

The modules named after a service's nouns (bucket, pipelines, registry, endpoints, machine, topics) call through here;
only this module knows boto3.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
    NoCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as Unreachable,
)
from botocore.parsers import ResponseParserError

from app.aws.error_codes import meaning
from app.decide.failure_reasons import quota_in
from app.errors import AccessDenied, CallRefused, QuotaReached, QuotaTooLow, RetrainError, ServiceUnavailable

# A function of a minute outlasts four attempts of QUICK, one of five minutes those of PATIENT: an endpoint may take
# 60 s for its answer, and S3 its time for a large copy. Source: https://docs.aws.amazon.com/boto3/latest/guide/retries.html
QUICK = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=2, read_timeout=8)
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=65)

OUTAGES = (
    Unreachable,
    HTTPClientError,
    IncompleteReadError,
    FlexibleChecksumError,
    CredentialRetrievalError,
    MetadataRetrievalError,
    ResponseParserError,
)  # of botocore's own errors, which have no code; all others are refusals before anything was sent


@cache
def client(service: str, config: Config = QUICK) -> Any:
    """The process's client of ``service``, made on first use."""
    make: Any = boto3.client  # its stubs know literal names only
    return make(service, config=config)


def signed(service: str, region: str, method: str, url: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
    """Headers that sign a request with this process's credentials, where no client knows the service.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

    Raises:
        AccessDenied: there are none.
    """
    content = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
    request = AWSRequest(method=method, url=url, data=body, headers={**headers, **content})
    credentials = boto3.Session().get_credentials()
    if credentials is None:
        raise AccessDenied("there are no credentials to sign with")
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


def code(error: ClientError) -> str:
    """AWS's name of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def translate(error: ClientError | BotoCoreError | ResponseParserError) -> RetrainError:
    """Our error for AWS's; one that nobody knows is an outage where AWS says it is its fault, or else a refused call.

    A quota that the request alone exceeds is no quota that frees itself: only the text of the error tells them apart.
    """
    if not isinstance(error, ClientError):
        return _of_botocore(type(error))(str(error))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    kind = meaning(code(error), status, error.operation_name)
    quota = quota_in(str(error)) if kind is QuotaReached else None
    if quota and quota.too_low:
        return QuotaTooLow(str(quota))
    return kind(str(error))


def _of_botocore(kind: type[Exception]) -> type[RetrainError]:
    if issubclass(kind, OUTAGES):
        return ServiceUnavailable
    return AccessDenied if issubclass(kind, NoCredentialsError) else CallRefused


@contextmanager
def calling(*expected: str) -> Iterator[None]:
    """Calls inside raise our errors; a ``ClientError`` whose code is ``expected`` passes, for the caller to answer."""
    try:
        yield
    except ClientError as error:
        if code(error) in expected:
            raise
        raise translate(error) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise translate(error) from error
