"""What a request names that is not there, in its service's words. Reads moto's things.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (NoSuchUpload, NoSuchVersion),
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeExport.html,
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html,
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html and
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeNotificationsForBudget.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from localcloud.front.keys import states
from localcloud.front.malformed.texts import Fault
from localcloud.front.members.documents import document_of
from localcloud.s3_places import place_of
from localcloud.settings import ACCOUNT_ID, REGION

Environ = Mapping[str, Any]


def find_fault(service: str, operation: str, environ: Environ) -> Fault | None:
    """What moto's ``service`` answers to a request for something that is not there; None where moto itself says it."""
    look = _LOOKS.get((service, operation))
    return look(environ) if look else None


def _query(environ: Environ, name: str) -> str | None:
    return parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True).get(name, [None])[0]


def _bucket(environ: Environ) -> tuple[Any, str]:
    from moto.s3.models import s3_backends  # which has to be configured first

    place = place_of(environ)
    return s3_backends[ACCOUNT_ID]["aws"].buckets.get(place.bucket), place.key


def _upload(environ: Environ) -> Fault | None:
    bucket, key = _bucket(environ)
    upload = bucket.multiparts.get(_query(environ, "uploadId")) if bucket is not None else None
    if bucket is None or (upload is not None and upload.key_name == key):
        return None
    said = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or"
    return Fault("NoSuchUpload", f"{said} completed.", HTTPStatus.NOT_FOUND)


def _version(environ: Environ) -> Fault | None:
    bucket, key = _bucket(environ)
    version = _query(environ, "versionId")
    if bucket is None or version is None:
        return None
    if any(str(one.version_id) == version for one in bucket.keys.getlist(key, [])):
        return None
    return Fault("NoSuchVersion", "The specified version does not exist.", HTTPStatus.NOT_FOUND)


def _of_dynamodb(kind: str, member: str, held: str) -> Callable[[Environ], Fault | None]:
    def look(environ: Environ) -> Fault | None:
        from moto.dynamodb.models import dynamodb_backends

        arn = document_of(environ).get(member)
        if arn in getattr(dynamodb_backends[ACCOUNT_ID][REGION], held):
            return None
        return Fault(f"{kind}NotFoundException", f"{kind} not found: {arn}")

    return look


def _key(environ: Environ) -> Fault | None:
    document = document_of(environ)
    named = document.get("KeyId")
    found = states.problem(str(named)) if named else None
    if found is None or found.kind != states.NOT_FOUND:
        return None
    return Fault("NotFoundException", found.message)


def _budget(environ: Environ) -> Fault | None:
    from moto.budgets.models import budgets_backends

    document = document_of(environ)
    account, name = str(document.get("AccountId")), document.get("BudgetName")
    if name in budgets_backends[ACCOUNT_ID]["aws"].budgets[account]:
        return None
    return Fault("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")


def _map_run(environ: Environ) -> Fault | None:
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    arn = document_of(environ).get("mapRunArn")
    machines = stepfunctions_parser_backends[ACCOUNT_ID][REGION].state_machines
    workers = (getattr(one, "exec_worker", None) for machine in machines for one in machine.executions)
    if any(one.env.map_run_record_pool_manager.get(arn) is not None for one in workers if one is not None):
        return None
    return Fault("ResourceNotFound", f"Resource not found: '{arn}'")


def _single_region(environ: Environ) -> Fault | None:
    """Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html"""
    from moto.kms.models import kms_backends

    backend = kms_backends[ACCOUNT_ID][REGION]
    found = backend.keys.get(backend.any_id_to_key_id(str(document_of(environ).get("KeyId"))))
    if found is None or found.multi_region:
        return _key(environ)
    return Fault("UnsupportedOperationException", f"{found.arn} is no multi-Region key.")


def _parameter(environ: Environ) -> Fault | None:
    """moto looks for a parameter that is not there by making one without a version, over which its lists fail then.

    Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
    """
    from moto.ssm.models import ssm_backends

    name = document_of(environ).get("Name")
    if name in ssm_backends[ACCOUNT_ID][REGION]._parameters:
        return None
    return Fault("ParameterNotFound", f"Parameter {name} not found.")


def _table(environ: Environ) -> Fault | None:
    from moto.dynamodb.models import dynamodb_backends

    name = str(document_of(environ).get("TableName")).rpartition("/")[2]
    if name in dynamodb_backends[ACCOUNT_ID][REGION].tables:
        return None
    return Fault("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


def _machine(environ: Environ) -> Fault | None:
    """Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListTagsForResource.html"""
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    arn = str(document_of(environ).get("resourceArn"))
    if any(one.arn == arn for one in stepfunctions_parser_backends[ACCOUNT_ID][REGION].state_machines):
        return None
    return Fault("ResourceNotFound", f"Resource not found: '{arn}'")


def _function(environ: Environ) -> Fault | None:
    """Source: https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html"""
    from moto.awslambda.models import lambda_backends

    named = unquote(str(environ["PATH_INFO"])).removesuffix("/").removesuffix("/versions").rpartition("/functions/")[2]
    name = named.rpartition("function:")[2].partition(":")[0]
    if name in lambda_backends[ACCOUNT_ID][REGION]._lambdas._functions:
        return None
    said = f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"
    return Fault("ResourceNotFoundException", said, HTTPStatus.NOT_FOUND)


_LOOKS: dict[tuple[str, str], Callable[[Environ], Fault | None]] = {
    **{("s3", name): _upload for name in ("UploadPart", "UploadPartCopy", "CompleteMultipartUpload")},
    **{("s3", f"{name}ObjectTagging"): _version for name in ("Get", "Put", "Delete")},
    ("dynamodb", "DescribeExport"): _of_dynamodb("Export", "ExportArn", "table_exports"),
    ("dynamodb", "DescribeImport"): _of_dynamodb("Import", "ImportArn", "table_imports"),
    **{("kms", name): _key for name in ("CreateGrant", "ListGrants", "RevokeGrant", "RetireGrant")},
    ("kms", "ReplicateKey"): _single_region,
    **{("stepfunctions", f"{name}MapRun"): _map_run for name in ("Describe", "Update")},
    **{("ssm", f"{name}ParameterVersion"): _parameter for name in ("Label", "Unlabel")},
    **{("dynamodb", f"{name}TimeToLive"): _table for name in ("Describe", "Update")},
    **{("stepfunctions", name): _machine for name in ("ListTagsForResource", "TagResource", "UntagResource")},
    ("awslambda", "ListVersionsByFunction"): _function,
    ("budgets", "DescribeNotificationsForBudget"): _budget,
}
