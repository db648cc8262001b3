"""What AWS tells of a resource and moto does not remember, or leaves out of a list."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from typing import Any

from localcloud.front import moto_patches

DEFAULT_ENCRYPTION = {  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
    "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
}


def install() -> None:
    """Let moto remember it, and tell."""
    _keys()
    _boundaries()
    _notifications()
    moto_patches.replace("moto.s3.models:S3Backend.get_bucket_encryption", _bucket_encryption)
    moto_patches.replace("moto.events.responses:EventsHandler.list_event_buses", _list_event_buses)
    _parameters()
    moto_patches.add_operation("moto.cloudwatch.models:Alarm", "state_transitioned_timestamp", _transitioned)  # type: ignore[arg-type]


def _bucket_encryption(self: Any, bucket_name: str) -> Any:
    """What a bucket encrypts by: S3's own key where nobody said otherwise, and after that was taken back."""
    return self.get_bucket(bucket_name).encryption or DEFAULT_ENCRYPTION


def _notifications() -> None:
    """Of a bucket whose events go to EventBridge, that they do.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
    """

    def told(self: Any) -> Any:
        status, headers, body = tell(self)
        found = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if found is None or found.event_bridge is None:
            return status, headers, body
        return status, headers, _with_event_bridge(body)

    tell = moto_patches.replace("moto.s3.responses:S3Response.get_bucket_notification", told)


def _with_event_bridge(body: str) -> str:
    configuration = ElementTree.fromstring(body)  # noqa: S314 - written by moto
    space = configuration.tag.rpartition("}")[0].removeprefix("{")
    name = "EventBridgeConfiguration"
    ElementTree.SubElement(configuration, f"{{{space}}}{name}" if space else name)
    if space:
        ElementTree.register_namespace("", space)
    return ElementTree.tostring(configuration, encoding="unicode", xml_declaration=True)


# --- KMS


def _keys() -> None:
    def alias(self: Any, account_id: str, region: str, name: str, key: Any) -> None:
        made(self, account_id, region, name, key)
        self.created = self.updated = _now()

    def update(self: Any, target_key_id: str, alias_name: str) -> Any:
        found = changed(self, target_key_id, alias_name)
        found.updated = _now()
        return found

    def list_aliases(self: Any) -> str:
        found = json.loads(listed(self))
        named = {one.alias_name: one for one in self.kms_backend.list_aliases()}
        for shown in found["Aliases"]:
            if (one := named.get(shown["AliasName"])) is not None and hasattr(one, "created"):
                shown |= {"CreationDate": one.created, "LastUpdatedDate": one.updated}
        return json.dumps(found)

    def grant(self: Any, *given: Any, **named: Any) -> None:
        granted(self, *given, **named)
        self.created = _now()

    def told(self: Any) -> dict[str, Any]:
        from localcloud.settings import ACCOUNT_ID

        shown: dict[str, Any] = tell(self)
        when = {"CreationDate": self.created} if hasattr(self, "created") else {}
        return shown | {"IssuingAccount": f"arn:aws:iam::{ACCOUNT_ID}:root", **when}

    made = moto_patches.replace("moto.kms.models:Alias.__init__", alias)
    changed = moto_patches.replace("moto.kms.models:KmsBackend.update_alias", update)
    listed = moto_patches.replace("moto.kms.responses:KmsResponse.list_aliases", list_aliases)
    granted = moto_patches.replace("moto.kms.models:Grant.__init__", grant)
    tell = moto_patches.replace("moto.kms.models:Grant.to_json", told)


def _now() -> float:
    return datetime.now(UTC).timestamp()


# --- the others


def _boundaries() -> None:
    """Of a policy, for how many roles it is the boundary."""

    def used(self: Any) -> int:
        from moto.iam.models import iam_backends

        from localcloud.settings import ACCOUNT_ID

        roles = iam_backends[ACCOUNT_ID]["aws"].roles.values()
        return sum(role.permissions_boundary_arn == self.arn for role in roles)

    moto_patches.add_operation("moto.iam.models:ManagedPolicy", "permissions_boundary_usage_count", property(used))  # type: ignore[arg-type]


def _list_event_buses(self: Any) -> tuple[str, Any]:
    found, token = self.events_backend.list_event_buses(
        self._get_param("NamePrefix"), next_token=self._get_param("NextToken"), limit=self._get_param("Limit")
    )
    shown = [
        {
            "Name": bus.name, "Arn": bus.arn, "Policy": bus.policy, "Description": bus.description,
            "CreationTime": bus.creation_time, "LastModifiedTime": bus.last_modified_time,
        }
        for bus in found
    ]  # fmt: skip
    return json.dumps({"EventBuses": shown, "NextToken": token}), self.response_headers


def _parameters() -> None:
    from moto.ssm.utils import parameter_arn

    from localcloud.settings import REGION

    def described(self: Any, decrypt: bool = False, include_labels: bool = False) -> dict[str, Any]:
        shown: dict[str, Any] = describe(self, decrypt, include_labels)
        return shown | {"ARN": parameter_arn(self.account_id, REGION, self.name)}

    describe = moto_patches.replace("moto.ssm.models:Parameter.describe_response_object", described)


def _since(self: Any) -> datetime:
    """When an alarm came into the state that it is in; a state that is set again begins no new one."""
    since: datetime = self.state_updated_timestamp
    for _, _, _, value, updated in reversed(self.history):
        if value != self.state_value:
            break
        since = updated
    return since


_transitioned = property(_since)
