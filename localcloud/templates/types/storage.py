"""Tables, keys and parameters."""

from __future__ import annotations

from typing import Any

from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import boolean, fit, picked, text

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

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
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

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
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
