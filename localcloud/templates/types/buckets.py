"""Buckets and their policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import boolean, fit, picked, text


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

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
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
