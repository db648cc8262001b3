"""The translation of AWS's errors is complete: botocore's lists of what to retry, and what its models say of every
operation that the app calls.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import botocore
import botocore.session
import pytest
from app.aws import clients
from app.aws.clients import translate
from app.aws.error_codes import CODES, MEANINGS, meaning
from app.errors import (
    AccessDenied,
    CallRefused,
    InputError,
    QuotaReached,
    QuotaTooLow,
    RetrainError,
    ServiceUnavailable,
    SetupError,
    Throttled,
    TransientError,
    leaves,
)
from botocore import exceptions, xform_name
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError
from botocore.retries import standard

APP = Path(__file__).parents[2] / "functions" / "app"
RETRIED = json.loads((Path(botocore.__file__).parent / "data" / "_retry.json").read_text())
TRANSFERS = {  # boto3's S3 transfers, and the operations that they are made of
    "upload_fileobj": ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"],
    "copy": ["HeadObject", "CopyObject", "CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"],
}
# Codes that no model lists. Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html and
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; SageMaker's ResourceInUse comes of any Create,
# HeadObject's errors have no body, and so their status for a code; of a key that encrypts an object S3 gives the error
# of KMS, with the service's name before it, as in KMS.NotFoundException
UNMODELLED = """AccessDenied AccessDeniedException ExpiredToken ExpiredTokenException IncompleteSignature
    InternalFailure MalformedHttpRequestException NotAuthorized OptInRequired RequestAbortedException
    RequestEntityTooLargeException RequestExpired RequestTimeTooSkewed RequestTimeoutException ServiceUnavailable
    ThrottlingException ResourceInUse UnrecognizedClientException InvalidClientTokenId SignatureDoesNotMatch
    AWS.SimpleQueueService.NonExistentQueue AWS.SimpleQueueService.MessageNotInflight
    UnknownOperationException ValidationError NoSuchVersion NoSuchUpload EntityTooSmall EntityTooLarge InvalidPart
    InvalidPartOrder OperationAborted InternalError SlowDown 403 404
    KMS.DisabledException KMS.KMSInvalidStateException KMS.NotFoundException"""


@cache
def service_model(service: str) -> ServiceModel:
    """A service as botocore knows it: SageMaker's alone takes a third of a second to read."""
    return botocore.session.get_session().get_service_model(service)


def operations() -> set[tuple[str, str]]:
    """Every operation that a module with a client of its service names: (service, operation)."""
    found = set()
    for path in chain((APP / "aws").rglob("*.py"), (APP / "ledger").rglob("*.py")):
        tree = ast.parse(path.read_text())
        services = {"dynamodb"} if path.parent.name == "ledger" else set(clients_of(tree))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        for service in services:
            made_of = {operation for name in names & set(TRANSFERS) for operation in TRANSFERS[name]}
            known = service_model(service).operation_names
            found |= {(service, name) for name in known if xform_name(name) in names or name in made_of}
    return found


def clients_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "client":
            assert isinstance(node.args[0], ast.Constant), "a client's service is named where it is asked for"
            yield str(node.args[0].value)


OPERATIONS = operations()


def modelled(service: str, operation: str) -> set[str]:
    return {shape.error_code for shape in service_model(service).operation_model(operation).error_shapes}


def retried() -> set[str]:
    """Every code that botocore retries."""
    found = {*standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES}
    found |= {*standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES}
    documents = [RETRIED["definitions"], *(one["__default__"]["policies"] for one in services_with_policies())]
    for policy in chain.from_iterable(document.values() for document in documents):
        found |= {policy["applies_when"]["response"]["service_error_code"]} if coded(policy) else set()
    return found


def services_with_policies() -> list[dict]:
    return [one for name, one in RETRIED["retry"].items() if name != "__default__" and "__default__" in one]


def coded(policy: dict) -> bool:
    return "service_error_code" in policy.get("applies_when", {}).get("response", {})


def client_error(code: str, status: int = 400, message: str = "why") -> exceptions.ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(response, "Some")  # type: ignore[arg-type]


def test_the_operations_that_the_app_calls_are_found() -> None:
    services = {service for service, _ in OPERATIONS}

    assert services == {
        "application-autoscaling", "cloudformation", "cloudwatch", "dynamodb", "lambda", "logs", "s3", "sagemaker",
        "sagemaker-runtime", "sns", "sqs", "stepfunctions",
    }  # fmt: skip
    assert {("sagemaker", "UpdateEndpoint"), ("dynamodb", "TransactWriteItems"), ("s3", "UploadPart")} <= OPERATIONS


@pytest.mark.parametrize(("service", "operation"), sorted(OPERATIONS))
def test_every_error_of_an_operation_has_a_meaning(service: str, operation: str) -> None:
    assert modelled(service, operation) - set(MEANINGS) == set()


@pytest.mark.parametrize("code", sorted(retried()))
def test_what_botocore_retries_is_transient(code: str) -> None:
    assert issubclass(meaning(code, 400), TransientError)


@pytest.mark.parametrize(("service", "operation"), sorted(OPERATIONS))
def test_a_limit_of_what_an_account_may_have_is_no_rate(service: str, operation: str) -> None:
    shapes = service_model(service).operation_model(operation).error_shapes
    lasting = [one.error_code for one in shapes if "per-account resource limit" in one.documentation]

    assert all(issubclass(meaning(code, 400, operation), SetupError) for code in lasting)


def test_every_code_stands_once_and_means_a_leaf() -> None:
    codes = [code for group in CODES.values() for code in group.split()]
    public = {leaf for kind in (InputError, TransientError, SetupError) for leaf in leaves(kind)}

    assert sorted(codes) == sorted(set(codes))
    assert set(CODES) <= public


def test_no_code_stands_there_that_nobody_sends() -> None:
    sent = set(chain.from_iterable(modelled(*operation) for operation in OPERATIONS)) | retried()

    assert set(MEANINGS) - sent - set(UNMODELLED.split()) == set()


@pytest.mark.parametrize("status", standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES)
def test_an_unknown_error_of_awss_own_fault_is_an_outage(status: int) -> None:
    assert type(translate(client_error("Surprise", status))) is ServiceUnavailable


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, CallRefused), (403, AccessDenied), (429, Throttled), (501, CallRefused), (509, Throttled)],
)
def test_an_unknown_error_is_taken_by_its_status(status: int, kind: type[RetrainError]) -> None:
    assert type(translate(client_error("Surprise", status))) is kind


def of_botocore() -> set[type[exceptions.BotoCoreError]]:
    found, open_ends = set(), [exceptions.BotoCoreError]
    while open_ends:
        for kind in open_ends.pop().__subclasses__():
            found.add(kind)
            open_ends.append(kind)
    return found


@pytest.mark.parametrize("kind", sorted(of_botocore(), key=lambda kind: kind.__qualname__))
def test_an_error_of_botocores_own_is_retried_just_when_botocore_or_a_network_is_to_blame(
    kind: type[exceptions.BotoCoreError],
) -> None:
    outage = issubclass(kind, standard.TransientRetryableChecker._TRANSIENT_EXCEPTION_CLS)
    outage |= kind.__name__ in {
        "IncompleteReadError", "FlexibleChecksumError", "CredentialRetrievalError", "MetadataRetrievalError",
        "InvalidIMDSEndpointModeError", "InvalidIMDSEndpointError",
    } and issubclass(kind, clients.OUTAGES)  # fmt: skip

    assert (clients._of_botocore(kind) is ServiceUnavailable) == outage


def test_parameters_that_botocore_refuses_are_no_outage() -> None:
    error = exceptions.ParamValidationError(report='Missing required parameter in input: "Bucket"')

    assert type(translate(error)) is CallRefused


def test_an_answer_that_cannot_be_read_is_an_outage() -> None:
    assert type(translate(ResponseParserError("<html>"))) is ServiceUnavailable


def test_without_credentials_access_is_denied() -> None:
    assert type(translate(exceptions.NoCredentialsError())) is AccessDenied


QUOTA = (
    "The account-level service limit 'ml.m5.large for endpoint usage' is {} Instances, with current utilization of {} "
    "Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota."
)


@pytest.mark.parametrize(("limit", "used", "kind"), [(0, 0, QuotaTooLow), (2, 2, QuotaReached)])
def test_a_quota_that_frees_itself_is_another_thing_than_one_that_is_too_low(
    limit: int, used: int, kind: type[RetrainError]
) -> None:
    error = translate(client_error("ResourceLimitExceeded", 400, QUOTA.format(limit, used)))

    assert type(error) is kind
    assert "ml.m5.large for endpoint usage" in str(error)


def drawn(kind: type[RetrainError], before: str = "") -> Iterator[str]:
    """The tree below a kind, a line each, as the docstring draws it."""
    subs = kind.__subclasses__()
    for sub in subs:
        last = sub is subs[-1]
        yield f"{before}{'└── ' if last else '├── '}{sub.__name__}"
        yield from drawn(sub, before + ("    " if last else "│   "))


def test_the_error_tree_is_drawn_as_it_is() -> None:
    docstring = ast.get_docstring(ast.parse((APP / "errors.py").read_text())) or ""
    lines = [line.removeprefix("    ") for line in docstring.splitlines() if "── " in line]

    assert [re.sub(r"(?<=\w) {2,}.*", "", line) for line in lines] == list(drawn(RetrainError))
