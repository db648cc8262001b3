"""What SNS refuses to publish: moto takes any subject, and counts a message's characters where AWS counts bytes."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend

from localcloud.front import moto_patches

MOST_SUBJECT = 99  # characters
MOST_BYTES = 262_144
NOT_IN_A_SUBJECT = ("Cc", "Zl", "Zp")  # Unicode's classes of control characters and line breaks


def find_fault(message: str, subject: str | None, structure: str | None = None) -> str:
    """What SNS says to a message that it does not take; "" for one that it does. Pure.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    if subject is not None and not _is_subject(subject):
        return "Invalid parameter: Subject"
    if not message:
        return "Invalid parameter: Empty message"
    if len(message.encode()) > MOST_BYTES:
        return "Invalid parameter: Message too long"
    return _of_structure(message) if structure == "json" else ""


def _of_structure(message: str) -> str:
    """What is wrong with a message that has one for each protocol; SNS's own words.

    Source: https://github.com/sivchari/kumo/pull/940 and https://github.com/aws/aws-sdk-ruby/issues/346
    """
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return "Invalid parameter: Message Structure - JSON message body failed to parse"
    if not isinstance(found.get("default"), str):
        return "Invalid parameter: Message Structure - No default entry in JSON message body"
    return ""


def _is_subject(text: str) -> bool:
    return 0 < len(text) <= MOST_SUBJECT and not any(unicodedata.category(char) in NOT_IN_A_SUBJECT for char in text)


def install() -> None:
    """Refuse from now on what SNS refuses."""

    def publish(
        self: SNSBackend,
        message: str,
        arn: str | None,
        phone_number: str | None = None,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> str:
        if fault := find_fault(message or "", subject, message_structure):
            raise InvalidParameterValue(fault)
        rest = (phone_number, subject, message_attributes, group_id, deduplication_id, message_structure)
        message_id: str = original(self, message, arn, *rest)
        return message_id

    original = moto_patches.replace("moto.sns.models:SNSBackend.publish", publish)
