"""Members that AWS always sends and that moto leaves out, made of the answer itself and of what was asked. Pure.

Sources: the sections "Response Elements" and the examples of each operation's page, such as
https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html,
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html,
https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

Answer = dict[str, Any]
Asked = Mapping[str, Any]
Mend = Callable[[Answer, Asked], object]  # changes the answer
ALGORITHMS = {  # what a key is for -> what says with which algorithms
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
}
SYMMETRIC = "SYMMETRIC_DEFAULT"
TRANSACTED_UNITS = 2.0  # of a write of at most 1 KB: it is prepared, then committed


def _stable_id(*of: object) -> str:
    """The same id for the same things."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(of, sort_keys=True, default=str)))


# --- Lambda


def _function(found: Answer, _: Asked = {}) -> None:  # noqa: B006 - nobody changes it
    if found.get("State") == "Pending":
        found |= {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
    found.setdefault("LastUpdateStatus", "Successful")
    found.setdefault("RevisionId", _stable_id(found))


def _invoke_config(found: Answer, _: Asked = {}) -> None:  # noqa: B006
    found["DestinationConfig"] = {"OnSuccess": {}, "OnFailure": {}} | found.get("DestinationConfig", {})


def _mapping(found: Answer, _: Asked = {}) -> None:  # noqa: B006
    found.setdefault("MaximumBatchingWindowInSeconds", 0)


def _function_url(found: Answer, _: Asked = {}) -> None:  # noqa: B006
    found["InvokeMode"] = str(found.get("InvokeMode") or "BUFFERED").upper()


# --- KMS


def _key(metadata: Answer) -> None:
    usage = metadata.setdefault("KeyUsage", "ENCRYPT_DECRYPT")
    metadata.setdefault("MultiRegion", False)
    if usage == "GENERATE_VERIFY_MAC":
        metadata["MacAlgorithms"] = [str(metadata["KeySpec"]).replace("HMAC_", "HMAC_SHA_")]
    for one in set(ALGORITHMS.values()) - {ALGORITHMS[usage]}:
        metadata.pop(one, None)


def _public_key(found: Answer, _: Asked) -> None:
    found["KeySpec"] = found["CustomerMasterKeySpec"]


def _encrypted(found: Answer, asked: Asked) -> None:
    found.setdefault("EncryptionAlgorithm", asked.get("EncryptionAlgorithm", SYMMETRIC))


def _encrypted_anew(found: Answer, asked: Asked) -> None:
    for end in ("Source", "Destination"):
        name = f"{end}EncryptionAlgorithm"
        found.setdefault(name, asked.get(name, SYMMETRIC))


def _rotation(found: Answer, asked: Asked) -> None:
    found["KeyId"] = asked["KeyId"]
    if found["KeyRotationEnabled"]:
        found["RotationPeriodInDays"] = 365


def _scheduled(found: Answer, asked: Asked) -> None:
    found |= {"KeyState": "PendingDeletion", "PendingWindowInDays": asked.get("PendingWindowInDays", 30)}


# --- DynamoDB


def _table(found: Answer) -> None:
    found.setdefault("TableId", _stable_id(found["TableArn"], found.get("CreationDateTime")))


def _backup(found: Answer) -> None:
    source = found.get("SourceTableDetails")
    if source is not None:
        source.setdefault("TableId", _stable_id(source["TableArn"], source["TableCreationDateTime"]))


def _only_if_asked(found: Answer, asked: Asked) -> None:
    if asked.get("ReturnConsumedCapacity", "NONE") == "NONE":
        found.pop("ConsumedCapacity", None)


def _transacted(found: Answer, asked: Asked) -> None:
    _only_if_asked(found, asked)
    if "ConsumedCapacity" in found:
        tables = [one["TableName"] for entry in asked["TransactItems"] for one in entry.values()]
        units = {name: TRANSACTED_UNITS * tables.count(name) for name in dict.fromkeys(tables)}
        found["ConsumedCapacity"] = [
            {"TableName": name, "CapacityUnits": used, "WriteCapacityUnits": used} for name, used in units.items()
        ]
    if asked.get("ReturnItemCollectionMetrics", "NONE") != "SIZE":
        found.pop("ItemCollectionMetrics", None)


# --- SQS


def _sent(found: Answer, asked: Asked) -> None:
    if attributes := asked.get("MessageSystemAttributes"):
        found.setdefault("MD5OfMessageSystemAttributes", _digest(attributes))


def _sent_batch(found: Answer, asked: Asked) -> None:
    entries = {entry["Id"]: entry for entry in asked["Entries"]}
    for one in found.get("Successful", []):
        _sent(one, entries[one["Id"]])


def _digest(attributes: Mapping[str, Mapping[str, str]]) -> str:
    """The MD5 of attributes.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    (Calculating the MD5 message digest for message attributes)
    """
    said = b""
    for name, value in sorted(attributes.items()):
        is_text = "StringValue" in value
        content = value["StringValue"].encode() if is_text else base64.b64decode(value["BinaryValue"])
        said += _counted(name.encode()) + _counted(value["DataType"].encode())
        said += (b"\1" if is_text else b"\2") + _counted(content)
    return hashlib.md5(said, usedforsecurity=False).hexdigest()


def _counted(part: bytes) -> bytes:
    return len(part).to_bytes(4) + part


# --- the others


def _log_group(found: Answer) -> None:
    found.setdefault("logGroupClass", "STANDARD")
    found.setdefault("deletionProtectionEnabled", False)


def _logging(found: Answer, _: Asked) -> None:
    found.get("loggingConfiguration", {}).setdefault("includeExecutionData", False)


def _execution(found: Answer) -> None:
    found.setdefault("redriveCount", 0)


def _notification(found: Answer) -> None:
    found.setdefault("ThresholdType", "PERCENTAGE")
    found.setdefault("NotificationState", "OK")


def _quota(found: Answer) -> None:
    found.setdefault("QuotaAppliedAtLevel", "ACCOUNT")


def _each(name: str, mend: Callable[[Answer], object]) -> Mend:
    """Mend a member: a structure, or each entry of a list."""

    def all_of(found: Answer, _: Asked) -> None:
        value = found.get(name)
        for one in value if isinstance(value, list) else [value] if value is not None else []:
            mend(one)

    return all_of


def _given(*names: str, **defaults: Any) -> Mend:
    """Tell again what was asked, or what it is where nothing was said."""

    def told(found: Answer, asked: Asked) -> None:
        for name in (*names, *defaults):
            if name in asked or name in defaults:
                found.setdefault(name, asked.get(name, defaults.get(name)))

    return told


ALWAYS: Mapping[tuple[str, str], Mend] = {
    **{("lambda", one): _function for one in (
        "CreateFunction", "GetFunctionConfiguration", "UpdateFunctionConfiguration", "UpdateFunctionCode",
        "PublishVersion",
    )},
    ("lambda", "GetFunction"): _each("Configuration", _function),
    ("lambda", "ListFunctions"): _each("Functions", _function),
    ("lambda", "ListVersionsByFunction"): _each("Versions", _function),
    **{("lambda", f"{verb}FunctionEventInvokeConfig"): _invoke_config for verb in ("Put", "Get", "Update")},
    ("lambda", "ListFunctionEventInvokeConfigs"): _each("FunctionEventInvokeConfigs", _invoke_config),
    **{("lambda", f"{verb}EventSourceMapping"): _mapping for verb in ("Create", "Get", "Update", "Delete")},
    ("lambda", "ListEventSourceMappings"): _each("EventSourceMappings", _mapping),
    **{("lambda", f"{verb}FunctionUrlConfig"): _function_url for verb in ("Create", "Get", "Update")},
    ("kms", "CreateKey"): _each("KeyMetadata", _key),
    ("kms", "DescribeKey"): _each("KeyMetadata", _key),
    ("kms", "ReplicateKey"): _each("ReplicaKeyMetadata", _key),
    ("kms", "GetPublicKey"): _public_key,
    ("kms", "Encrypt"): _encrypted,
    ("kms", "Decrypt"): _encrypted,
    ("kms", "ReEncrypt"): _encrypted_anew,
    ("kms", "GetKeyPolicy"): _given(PolicyName="default"),
    ("kms", "GetKeyRotationStatus"): _rotation,
    ("kms", "ScheduleKeyDeletion"): _scheduled,
    **{("dynamodb", f"{verb}Table"): _each("TableDescription", _table) for verb in ("Create", "Update", "Delete")},
    ("dynamodb", "RestoreTableFromBackup"): _each("TableDescription", _table),
    ("dynamodb", "DescribeTable"): _each("Table", _table),
    ("dynamodb", "DescribeBackup"): _each("BackupDescription", _backup),
    ("dynamodb", "DeleteBackup"): _each("BackupDescription", _backup),
    ("dynamodb", "BatchGetItem"): _only_if_asked,
    ("dynamodb", "BatchWriteItem"): _only_if_asked,
    ("dynamodb", "TransactWriteItems"): _transacted,
    ("sqs", "SendMessage"): _sent,
    ("sqs", "SendMessageBatch"): _sent_batch,
    ("logs", "DescribeLogGroups"): _each("logGroups", _log_group),
    ("stepfunctions", "DescribeStateMachine"): _logging,
    ("stepfunctions", "DescribeStateMachineForExecution"): _logging,
    ("stepfunctions", "ListExecutions"): _each("executions", _execution),
    ("events", "CreateEventBus"): _given("Description"),
    ("budgets", "DescribeNotificationsForBudget"): _each("Notifications", _notification),
    **{("service-quotas", f"List{kind}ServiceQuotas"): _each("Quotas", _quota) for kind in ("", "AWSDefault")},
    **{("service-quotas", f"Get{kind}ServiceQuota"): _each("Quota", _quota) for kind in ("", "AWSDefault")},
}  # fmt: skip
