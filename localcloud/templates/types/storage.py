"""Buckets, tables, keys and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.shapes import boolean, fit, picked, text


class Bucket(Kind):
    """Ref is the bucket's name. One further call per configuration, made when that configuration differs."""

    type = "AWS::S3::Bucket"
    properties = (
        "BucketName AccessControl VersioningConfiguration BucketEncryption PublicAccessBlockConfiguration"
        " OwnershipControls LifecycleConfiguration NotificationConfiguration LoggingConfiguration CorsConfiguration"
        " Tags"
    )
    replaces = "BucketName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("BucketName") or place.name(63, lower=True)
        outside = place.region != "us-east-1"
        where = {"CreateBucketConfiguration": {"LocationConstraint": place.region}} if outside else {}
        place.client("s3").create_bucket(Bucket=name, **where)
        return Made(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{place.region}.amazonaws.com",
                "WebsiteURL": f"http://{name}.s3-website-{place.region}.amazonaws.com",
            },
        )

    def settle(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        s3 = place.client("s3")
        for key, (put, clear) in _BUCKET_CALLS.items():
            if not changed(old, new, key):
                continue
            if key in new:
                put(s3, made.physical_id, new[key])
            else:
                clear(s3, made.physical_id)
        if changed(old, new, "Tags") or (not old and place.tags):
            tags = place.tag_list(new.get("Tags"))
            s3.put_bucket_tagging(Bucket=made.physical_id, Tagging={"TagSet": tags})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("s3").delete_bucket(Bucket=made.physical_id)


def _put_encryption(s3: Any, bucket: str, wanted: Any) -> None:
    rules = [
        picked(rule, "BucketKeyEnabled", ApplyServerSideEncryptionByDefault="ServerSideEncryptionByDefault")
        for rule in wanted["ServerSideEncryptionConfiguration"]
    ]
    _put(s3, "put_bucket_encryption", bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _put_lifecycle(s3: Any, bucket: str, wanted: Any) -> None:
    rules = [_lifecycle_rule(rule) for rule in wanted["Rules"]]
    _put(s3, "put_bucket_lifecycle_configuration", bucket, LifecycleConfiguration={"Rules": rules})


_RULE_PROPERTIES = frozenset(
    [
        "Id",
        "Status",
        "Prefix",
        "TagFilters",
        "ObjectSizeGreaterThan",
        "ObjectSizeLessThan",
        "ExpirationInDays",
        "ExpirationDate",
        "ExpiredObjectDeleteMarker",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionExpirationInDays",
        "AbortIncompleteMultipartUpload",
        "Transitions",
        "NoncurrentVersionTransitions",
    ]
)


def _lifecycle_rule(rule: Any) -> dict[str, Any]:
    unknown = sorted(set(rule) - _RULE_PROPERTIES)
    if unknown:
        raise ResourceFailed(f"Lifecycle rule property {unknown[0]} is not supported by the local cloud")
    expiration = picked(rule, "ExpiredObjectDeleteMarker", Days="ExpirationInDays", Date="ExpirationDate")
    noncurrent = dict(rule.get("NoncurrentVersionExpiration", {}))
    if "NoncurrentVersionExpirationInDays" in rule:
        noncurrent = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    moves = [
        picked(one, "StorageClass", Days="TransitionInDays", Date="TransitionDate")
        for one in rule.get("Transitions", [])
    ]
    later = [
        picked(one, "StorageClass", "NewerNoncurrentVersions", NoncurrentDays="TransitionInDays")
        for one in rule.get("NoncurrentVersionTransitions", [])
    ]
    parts = {
        "Expiration": expiration,
        "NoncurrentVersionExpiration": noncurrent,
        "Transitions": moves,
        "NoncurrentVersionTransitions": later,
    }
    whole = picked(rule, "Status", "AbortIncompleteMultipartUpload", ID="Id")
    return whole | {"Filter": _lifecycle_filter(rule)} | {key: value for key, value in parts.items() if value}


def _lifecycle_filter(rule: Any) -> dict[str, Any]:
    one_each = picked(rule, "Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
    tags = rule.get("TagFilters", [])
    if not tags and len(one_each) <= 1:
        return one_each or {"Prefix": ""}
    return {"And": one_each | ({"Tags": tags} if tags else {})}


def _put_notification(s3: Any, bucket: str, wanted: Any) -> None:
    configuration: dict[str, Any] = {}
    for own, api, target, arn in (
        ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
        ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
    ):
        entries = [_notification(entry, target, arn) for entry in wanted.get(own, [])]
        if entries:
            configuration[api] = entries
    bridge = wanted.get("EventBridgeConfiguration")
    if bridge is not None and boolean(bridge.get("EventBridgeEnabled", True)):
        configuration["EventBridgeConfiguration"] = {}
    _put(s3, "put_bucket_notification_configuration", bucket, NotificationConfiguration=configuration)


def _notification(entry: Any, target: str, arn: str) -> dict[str, Any]:
    rules = entry.get("Filter", {}).get("S3Key", {}).get("Rules")
    chosen = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {"Events": [entry["Event"]], arn: entry[target], **chosen}


def _put_logging(s3: Any, bucket: str, wanted: Any) -> None:
    enabled = {
        "TargetBucket": wanted.get("DestinationBucketName", bucket),
        "TargetPrefix": wanted.get("LogFilePrefix", ""),
    }
    _put(s3, "put_bucket_logging", bucket, BucketLoggingStatus={"LoggingEnabled": enabled})


def _put_cors(s3: Any, bucket: str, wanted: Any) -> None:
    rules = [
        picked(
            rule,
            "AllowedHeaders",
            "AllowedMethods",
            "AllowedOrigins",
            ID="Id",
            ExposeHeaders="ExposedHeaders",
            MaxAgeSeconds="MaxAge",
        )
        for rule in wanted["CorsRules"]
    ]
    _put(s3, "put_bucket_cors", bucket, CORSConfiguration={"CORSRules": rules})


def _put(s3: Any, operation: str, bucket: str, **values: Any) -> None:
    getattr(s3, operation)(**fit(s3, operation, {"Bucket": bucket, **values}))


def _plain(operation: str, argument: str) -> Callable[[Any, str, Any], None]:
    return lambda s3, bucket, wanted: _put(s3, operation, bucket, **{argument: wanted})


def _clear(operation: str, **values: Any) -> Callable[[Any, str], None]:
    return lambda s3, bucket: getattr(s3, operation)(Bucket=bucket, **values)


_BUCKET_CALLS: dict[str, tuple[Callable[[Any, str, Any], None], Callable[[Any, str], None]]] = {
    "VersioningConfiguration": (
        _plain("put_bucket_versioning", "VersioningConfiguration"),
        _clear("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
    ),
    "BucketEncryption": (_put_encryption, _clear("delete_bucket_encryption")),
    "PublicAccessBlockConfiguration": (
        _plain("put_public_access_block", "PublicAccessBlockConfiguration"),
        _clear("delete_public_access_block"),
    ),
    "OwnershipControls": (
        _plain("put_bucket_ownership_controls", "OwnershipControls"),
        _clear("delete_bucket_ownership_controls"),
    ),
    "LifecycleConfiguration": (_put_lifecycle, _clear("delete_bucket_lifecycle")),
    "NotificationConfiguration": (
        _put_notification,
        _clear("put_bucket_notification_configuration", NotificationConfiguration={}),
    ),
    "LoggingConfiguration": (_put_logging, _clear("put_bucket_logging", BucketLoggingStatus={})),
    "CorsConfiguration": (_put_cors, _clear("delete_bucket_cors")),
}


class BucketPolicy(Kind):
    """Ref is the bucket's name."""

    type = "AWS::S3::BucketPolicy"
    properties = "Bucket PolicyDocument"
    required = properties
    replaces = "Bucket"

    def create(self, place: Place, wanted: Properties) -> Made:
        place.client("s3").put_bucket_policy(Bucket=wanted["Bucket"], Policy=text(wanted["PolicyDocument"]))
        return Made(wanted["Bucket"])

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return self.create(place, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("s3").delete_bucket_policy(Bucket=made.physical_id)


_TABLE_FIXED = "TableName KeySchema LocalSecondaryIndexes"
_TABLE_UPDATABLE = (
    "AttributeDefinitions BillingMode ProvisionedThroughput StreamSpecification SSESpecification TableClass"
    " DeletionProtectionEnabled GlobalSecondaryIndexes OnDemandThroughput"
)


class Table(Kind):
    """Ref is the table's name."""

    type = "AWS::DynamoDB::Table"
    properties = f"{_TABLE_FIXED} {_TABLE_UPDATABLE} TimeToLiveSpecification PointInTimeRecoverySpecification Tags"
    required = "KeySchema"
    replaces = f"{_TABLE_FIXED} GlobalSecondaryIndexes AttributeDefinitions"

    def create(self, place: Place, wanted: Properties) -> Made:
        dynamodb = place.client("dynamodb")
        values = self._values(wanted) | picked(
            wanted, "KeySchema", "LocalSecondaryIndexes", "AttributeDefinitions", "GlobalSecondaryIndexes"
        )
        values |= {"TableName": wanted.get("TableName") or place.name(255), "Tags": place.tag_list(wanted.get("Tags"))}
        made = dynamodb.create_table(**fit(dynamodb, "create_table", values))["TableDescription"]
        attributes = {"Arn": made["TableArn"], "TableId": made.get("TableId", "")}
        if "LatestStreamArn" in made:
            attributes["StreamArn"] = made["LatestStreamArn"]
        return Made(made["TableName"], attributes)

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        dynamodb = place.client("dynamodb")
        before, after = self._values(old), self._values(new)
        differing = {key: value for key, value in after.items() if before.get(key) != value}
        attributes = dict(made.attributes)
        if differing:
            values = fit(dynamodb, "update_table", {"TableName": made.physical_id, **differing})
            found = dynamodb.update_table(**values)["TableDescription"]
            if "LatestStreamArn" in found:
                attributes["StreamArn"] = found["LatestStreamArn"]
        return Made(made.physical_id, attributes)

    def settle(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        dynamodb, name = place.client("dynamodb"), made.physical_id
        if changed(old, new, "TimeToLiveSpecification"):
            spec = new.get("TimeToLiveSpecification") or {**old["TimeToLiveSpecification"], "Enabled": False}
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=fit_ttl(spec))
        if changed(old, new, "PointInTimeRecoverySpecification"):
            spec = new.get("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False})
            values = {"TableName": name, "PointInTimeRecoverySpecification": spec}
            dynamodb.update_continuous_backups(**fit(dynamodb, "update_continuous_backups", values))
        if old and changed(old, new, "Tags"):
            dynamodb.tag_resource(ResourceArn=made.attributes["Arn"], Tags=place.tag_list(new.get("Tags")))

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("dynamodb").delete_table(TableName=made.physical_id)

    def _values(self, wanted: Properties) -> dict[str, Any]:
        values = picked(wanted, "ProvisionedThroughput", "TableClass", "OnDemandThroughput")
        values["BillingMode"] = wanted.get("BillingMode", "PROVISIONED")
        values["DeletionProtectionEnabled"] = boolean(wanted.get("DeletionProtectionEnabled", False))
        if "StreamSpecification" in wanted:
            view = wanted["StreamSpecification"]["StreamViewType"]
            values["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
        if "SSESpecification" in wanted:
            values["SSESpecification"] = picked(
                wanted["SSESpecification"], "SSEType", Enabled="SSEEnabled", KMSMasterKeyId="KMSMasterKeyId"
            )
        return values


def fit_ttl(spec: Any) -> dict[str, Any]:
    """A time-to-live specification with its boolean as one."""
    return {"AttributeName": spec["AttributeName"], "Enabled": boolean(spec.get("Enabled", True))}


class Key(Kind):
    """A KMS key. Ref is its id. Deletion schedules it, as in AWS."""

    type = "AWS::KMS::Key"
    properties = "KeyPolicy Description Enabled EnableKeyRotation KeySpec KeyUsage MultiRegion PendingWindowInDays Tags"
    replaces = "KeySpec KeyUsage MultiRegion"

    def create(self, place: Place, wanted: Properties) -> Made:
        kms = place.client("kms")
        values = picked(wanted, "Description", "KeySpec", "KeyUsage", "MultiRegion", Policy="KeyPolicy")
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in place.tag_list(wanted.get("Tags"))]
        made = kms.create_key(**fit(kms, "create_key", {**values, "Tags": tags}))["KeyMetadata"]
        return Made(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})

    def settle(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        kms, key = place.client("kms"), made.physical_id
        if old and changed(old, new, "KeyPolicy"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text(new["KeyPolicy"]))
        if old and changed(old, new, "Description"):
            kms.update_key_description(KeyId=key, Description=new.get("Description", ""))
        if changed(old, new, "EnableKeyRotation"):
            rotates = boolean(new.get("EnableKeyRotation", False))
            (kms.enable_key_rotation if rotates else kms.disable_key_rotation)(KeyId=key)
        if changed(old, new, "Enabled"):
            (kms.enable_key if boolean(new.get("Enabled", True)) else kms.disable_key)(KeyId=key)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        days = int(properties.get("PendingWindowInDays", 30))
        place.client("kms").schedule_key_deletion(KeyId=made.physical_id, PendingWindowInDays=days)


class KeyAlias(Kind):
    """Ref is the alias's name."""

    type = "AWS::KMS::Alias"
    properties = "AliasName TargetKeyId"
    required = properties
    replaces = "AliasName"

    def create(self, place: Place, wanted: Properties) -> Made:
        place.client("kms").create_alias(AliasName=wanted["AliasName"], TargetKeyId=wanted["TargetKeyId"])
        return Made(wanted["AliasName"])

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        place.client("kms").update_alias(AliasName=made.physical_id, TargetKeyId=new["TargetKeyId"])
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("kms").delete_alias(AliasName=made.physical_id)


class Parameter(Kind):
    """An SSM parameter. Ref is its name."""

    type = "AWS::SSM::Parameter"
    properties = "Name Type Value Description AllowedPattern Tier Tags"
    required = "Type Value"
    replaces = "Name"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("Name") or place.name(255, prefix=f"CFN-{place.logical_id}")
        self._put(place, name, wanted, overwrite=False)
        return Made(name, {"Type": wanted["Type"], "Value": wanted["Value"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, made.physical_id, new, overwrite=True)
        return Made(made.physical_id, {"Type": new["Type"], "Value": new["Value"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("ssm").delete_parameter(Name=made.physical_id)

    def _put(self, place: Place, name: str, wanted: Properties, *, overwrite: bool) -> None:
        ssm = place.client("ssm")
        values = {
            **picked(wanted, "Type", "Value", "Description", "AllowedPattern", "Tier"),
            "Name": name,
            "Overwrite": overwrite,
        }
        if not overwrite:
            values["Tags"] = place.tag_list(wanted.get("Tags"))
        ssm.put_parameter(**fit(ssm, "put_parameter", values))
