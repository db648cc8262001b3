"""Which key a request makes a service use, and how the service says that it cannot be used.

S3, SQS and SNS use a key when data comes or goes, and take its name unseen; CloudWatch Logs and DynamoDB look when it
is named. An object's headers are told without its key.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (KMS.DisabledException),
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (KMSDisabled),
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html (an upload's parts need its key), and
https://github.com/aws-solutions/generative-ai-application-builder-on-aws/issues/29 (DynamoDB's own words)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from localcloud.front import moto_patches
from localcloud.front.keys import states
from localcloud.front.keys.states import DISABLED, INVALID_STATE, NOT_FOUND
from localcloud.front.malformed.texts import Fault
from localcloud.front.members.documents import document_of
from localcloud.s3_places import Place, copied_from, place_of
from localcloud.settings import ACCOUNT_ID, REGION

Environ = Mapping[str, Any]
_KMS = {DISABLED: "DisabledException", INVALID_STATE: "KMSInvalidStateException", NOT_FOUND: "NotFoundException"}
_SNS = {DISABLED: "KMSDisabled", INVALID_STATE: "KMSInvalidState", NOT_FOUND: "KMSNotFound"}
_HEADER = "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION"
_HEADER_KEY = f"{_HEADER}_AWS_KMS_KEY_ID"
_OF_KMS = "aws:kms"


def find_fault(service: str, operation: str, environ: Environ) -> Fault | None:
    """What AWS answers to a request to moto's ``service`` whose key cannot be used; None where it can."""
    look = _KEYS.get((service, operation))
    key = look(environ) if look else None
    found = states.problem(key) if key else None
    if found is None or (service == "kms" and found.kind == NOT_FOUND):  # which moto says
        return None
    if service == "dynamodb":
        said = f"KMS validation error: com.amazonaws.services.kms.model.{_KMS[found.kind]}: {found.message}"
        return Fault("ValidationException", said)
    code = {"sns": _SNS[found.kind], "kms": _KMS[found.kind], "logs": "InvalidParameterException"}
    return Fault(code.get(service, f"KMS.{_KMS[found.kind]}"), found.message)


def know_by_arn() -> None:
    """Let moto take a key's ARN where it knows the id alone."""
    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        _take_arn(f"moto.kms.models:KmsBackend.{name}")


def _take_arn(path: str) -> None:
    def act(self: Any, key_id: str, *rest: Any, **more: Any) -> Any:
        return original(self, self.get_key_id(key_id), *rest, **more)

    original = moto_patches.replace(path, act)


def _bucket(name: str) -> Any:
    """The bucket of a name; None where there is none."""
    from moto.s3.models import s3_backends  # which has to be configured first

    return s3_backends[ACCOUNT_ID]["aws"].buckets.get(name)


def _written(environ: Environ) -> str | None:
    """Of an object that comes: the key that its headers name, or else its bucket's."""
    if said := environ.get(_HEADER):
        return environ.get(_HEADER_KEY) if said.startswith(_OF_KMS) else None
    bucket = _bucket(place_of(environ).bucket)
    rule = ((bucket.encryption if bucket else None) or {}).get("Rule") or {}
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    named: str | None = default.get("KMSMasterKeyID") if str(default.get("SSEAlgorithm")).startswith(_OF_KMS) else None
    return named


def _read(environ: Environ) -> str | None:
    return _of_object(place_of(environ), str(environ.get("QUERY_STRING", "")))


def _of_object(place: Place, query: str) -> str | None:
    """Of an object that goes, where there is a key to look for."""
    if not states.any_unusable():
        return None
    bucket = _bucket(place.bucket)
    version = parse_qs(query).get("versionId", [None])[0]
    versions = bucket.keys.getlist(place.key, []) if bucket else []
    found = [one for one in versions if version is None or str(one.version_id) == version]
    last = found[-1] if found else None
    return getattr(last, "kms_key_id", None) if str(getattr(last, "encryption", "")).startswith(_OF_KMS) else None


def _uploaded(environ: Environ) -> str | None:
    """Of a part, or of all of them: the key that the upload was begun with."""
    bucket = _bucket(place_of(environ).bucket)
    named = parse_qs(str(environ.get("QUERY_STRING", ""))).get("uploadId", [""])[0]
    upload = bucket.multiparts.get(named) if bucket else None
    return upload.kms_key_id if upload and str(upload.sse_encryption).startswith(_OF_KMS) else None


def _copied(to: Callable[[Environ], str | None]) -> Callable[[Environ], str | None]:
    """Of a copy: its source's key where that cannot be used, or else the key under which it is written."""

    def look(environ: Environ) -> str | None:
        source = _of_object(*copied_from(str(environ.get("HTTP_X_AMZ_COPY_SOURCE", ""))))
        return source if source and states.problem(source) else to(environ)

    return look


def _of_table(environ: Environ) -> str | None:
    named: str | None = (document_of(environ).get("SSESpecification") or {}).get("KMSMasterKeyId")
    return named


def _of_queue(environ: Environ) -> str | None:
    from moto.sqs.models import sqs_backends

    name = str(document_of(environ).get("QueueUrl", "")).rpartition("/")[2]
    return getattr(sqs_backends[ACCOUNT_ID][REGION].queues.get(name), "kms_master_key_id", None) or None


def _of_topic(environ: Environ) -> str | None:
    from moto.sns.models import sns_backends

    arn = document_of(environ).get("TopicArn")
    return getattr(sns_backends[ACCOUNT_ID][REGION].topics.get(arn), "kms_master_key_id", None) or None


def _member(name: str) -> Callable[[Environ], str | None]:
    return lambda environ: document_of(environ).get(name)


def _of_ciphertext(environ: Environ) -> str | None:
    return states.key_of_ciphertext(str(document_of(environ).get("CiphertextBlob", "")))


_KEYS: dict[tuple[str, str], Callable[[Environ], str | None]] = {
    **{("s3", name): _written for name in ("PutObject", "CreateMultipartUpload")},
    **{("s3", name): _uploaded for name in ("UploadPart", "CompleteMultipartUpload")},
    ("s3", "CopyObject"): _copied(_written),
    ("s3", "UploadPartCopy"): _copied(_uploaded),
    ("s3", "GetObject"): _read,
    **{("dynamodb", name): _of_table for name in ("CreateTable", "UpdateTable")},
    **{("sqs", name): _of_queue for name in ("SendMessage", "SendMessageBatch", "ReceiveMessage")},
    **{("sns", name): _of_topic for name in ("Publish", "PublishBatch")},
    **{("logs", name): _member("kmsKeyId") for name in ("CreateLogGroup", "AssociateKmsKey")},
    **{
        ("kms", name): _member("KeyId")
        for name in ("Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign", "Verify", "GenerateMac")
    },
    ("kms", "Decrypt"): _of_ciphertext,
    ("kms", "ReEncrypt"): _of_ciphertext,
}
