"""What S3 tells the event bus, in AWS's shape, and what a bucket's policy permits."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any

import flask
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.notifications import _detail_type

from localcloud import journaling
from localcloud.bus import destinations, events
from localcloud.front import moto_patches
from localcloud.persistence.contents import FRESH
from localcloud.settings import Cloud

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
    "s3:ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}
OF_A_SUBRESOURCE = {"Object Tags Added": "tagging", "Object Tags Deleted": "tagging", "Object ACL Updated": "acl"}
WITH_CONTENT = ("Object Created", "Object Restore Completed")


class _Sequencer:
    """Grows with every event, so that it orders the events of a key. Source: as above, ``sequencer``."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


_SEQUENCER = _Sequencer()


def event_detail(account_id: str, bucket: str, name: str, kind: str, key: Any) -> dict[str, Any]:
    """The detail of S3's event ``name`` (``s3:ObjectCreated:Put``), whose detail-type is ``kind``."""
    described: dict[str, Any] = {"key": key.name}
    if kind in WITH_CONTENT:
        described |= {"size": key.size, "etag": key.etag.strip('"')}
    elif kind != "Object Deleted":
        described |= {"etag": key.etag.strip('"')}
    if key._version_id is not None:
        described["version-id"] = key._version_id
    described["sequencer"] = _SEQUENCER.next()
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": described,
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": account_id,
        "source-ip-address": "127.0.0.1",
    }
    if name in REASONS:
        detail["reason"] = REASONS[name]
    if kind == "Object Deleted":
        marker = name.endswith("DeleteMarkerCreated")
        detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    return detail


def _asked_for(subresource: str) -> bool:
    return flask.has_request_context() and subresource in flask.request.args


def _send_event_bridge_message(account_id: str, bucket: FakeBucket, event_name: Any, key: Any) -> None:
    name = str(getattr(event_name, "value", event_name))
    kind = _detail_type(name)
    if kind in OF_A_SUBRESOURCE and not _asked_for(OF_A_SUBRESOURCE[kind]):
        return  # moto tags every new object, if only with nothing
    detail = event_detail(account_id, bucket.name, name, kind, key)
    journaling.after_recording(events.emit, "aws.s3", kind, detail, [bucket.arn], region=bucket.region_name)


def statements_in_force(policy: str) -> str:
    """A bucket policy without the statements whose conditions no request here meets.

    This server stands for endpoints with TLS, so statements for requests without it are void. Other conditions are not
    evaluated: a conditional Allow is kept, a conditional Deny is not, so that nobody is refused who would be admitted.
    """
    document = json.loads(policy)
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    kept = [row for row in statements if not row.get("Condition") or row["Effect"] == "Allow"]
    return json.dumps({**document, "Statement": [_unconditional(row) for row in kept]})


def _unconditional(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Condition"}


def _get_permission(self: FakeBucket, action: str, resource: str) -> Any:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    document = statements_in_force(self.policy.decode())
    if not json.loads(document)["Statement"]:
        return PermissionResult.NEUTRAL
    return IAMPolicy(document).is_action_permitted(action, resource)


def install(cloud: Cloud) -> None:
    """Tell events and judge policies from now on."""
    moto_patches.replace("moto.s3.notifications:_send_event_bridge_message", _send_event_bridge_message)
    moto_patches.replace("moto.s3.models:FakeBucket.get_permission", _get_permission)
    destinations.install()
    _let_routes_pass_line_breaks()
    _forget_pages()


def _let_routes_pass_line_breaks() -> None:
    def convert(self: Any, url_map: Any, *items: Any) -> None:
        pattern, *rest = items
        original(self, url_map, f"(?s:{pattern})", *rest)

    original = moto_patches.replace("moto.moto_server.utilities:RegexConverter.__init__", convert)


def _forget_pages() -> None:
    def create(self: Any, region_name: str, account_id: str) -> None:
        original(self, region_name, account_id)
        self._pagination_tokens = FRESH["_pagination_tokens"]()

    original = moto_patches.replace("moto.s3.models:S3Backend.__init__", create)
