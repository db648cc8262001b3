"""Data capture: what an endpoint was asked and answered, as JSON lines in S3, in AWS's layout.

Lines are kept for a moment and written together, so that a file has many. What a role may not write is lost, as it is
on AWS, and logged here.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
"""

from __future__ import annotations

import base64
import json
import logging
import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from localcloud.background import later
from localcloud.sagemaker import roles, storage
from localcloud.sagemaker.api_shapes import Context

log = logging.getLogger(__name__)
TOGETHER_S = 1.0  # that lines are kept until they are written; AWS takes a minute or more
INPUT, OUTPUT = "endpointInput", "endpointOutput"
MODES = {"Input": (INPUT,), "Output": (OUTPUT,), "InputAndOutput": (INPUT, OUTPUT)}
EVENT_VERSION = "0"
Config = Mapping[str, Any]  # AWS's DataCaptureConfig


class Exchange(NamedTuple):
    """A request and the container's answer, each with its content type."""

    asked: bytes
    asked_type: str
    answered: bytes
    answered_type: str
    inference_id: str  # that the caller gave; "" without one
    at: datetime


@dataclass
class _Waiting:
    """The lines of one endpoint's variant that are not written yet."""

    config: Config
    role: str
    at: datetime  # of the first
    lines: list[str] = field(default_factory=list)


class Captures:
    """What all endpoints captured."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._lock = threading.Lock()

    def note(self, endpoint: str, variant: str, config: Config | None, role: str, exchange: Exchange) -> None:
        """Capture an exchange, if the endpoint does so and the lot says so."""
        if config is None or not captures(config) or not _drawn(config):
            return
        own = (endpoint, variant)
        with self._lock:
            waiting = self._waiting.setdefault(own, _Waiting(config, role, exchange.at))
            waiting.lines.append(json.dumps(line(config, exchange), separators=(",", ":")))
            first = len(waiting.lines) == 1
        if first:
            later(TOGETHER_S, self.write, own)

    def write(self, own: tuple[str, str]) -> None:
        """Write the lines of an endpoint's variant."""
        with self._lock:
            waiting = self._waiting.pop(own, None)
        if waiting is None:
            return
        bucket, prefix = storage.split(str(waiting.config["DestinationS3Uri"]))
        key = key_of(prefix, *own, waiting.at)
        named = waiting.config.get("KmsKeyId")
        options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": named} if named else {}
        body = "".join(f"{one}\n" for one in waiting.lines).encode()
        s3 = roles.client(self.context.cloud, "s3", waiting.role)
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body, **options)
        except ClientError as error:
            log.warning("endpoint %s: %s captured requests are lost: %s", own[0], len(waiting.lines), error)

    def write_all(self) -> None:
        """Write what waits: the endpoints end."""
        for own in list(self._waiting):
            self.write(own)


def captures(config: Config) -> bool:
    """Whether a configuration captures anything."""
    return bool(config.get("EnableCapture", True))


def key_of(prefix: str, endpoint: str, variant: str, at: datetime) -> str:
    """Where a file lies whose first line is of ``at``: by hour, and named by the minute within it."""
    name = f"{at:%M-%S}-{at.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    return "/".join([*filter(None, [prefix.strip("/")]), endpoint, variant, f"{at:%Y/%m/%d/%H}", name])


def line(config: Config, exchange: Exchange) -> dict[str, Any]:
    """One line: what is captured of an exchange, in AWS's shape."""
    sides = {
        INPUT: _side(config, "INPUT", exchange.asked, exchange.asked_type),
        OUTPUT: _side(config, "OUTPUT", exchange.answered, exchange.answered_type),
    }
    wanted = {name for option in config["CaptureOptions"] for name in MODES[option["CaptureMode"]]}
    told = {"eventId": str(uuid.uuid4())}
    told |= {"inferenceId": exchange.inference_id} if exchange.inference_id else {}
    told |= {"inferenceTime": f"{exchange.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    kept = {name: side for name, side in sides.items() if name in wanted}
    return {"captureData": kept, "eventMetadata": told, "eventVersion": EVENT_VERSION}


def summary(config: Config | None, *, serves: bool) -> dict[str, Any] | None:
    """The configuration as DescribeEndpoint shows it; None where there is none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfigSummary.html
    """
    if config is None:
        return None
    return {
        "EnableCapture": captures(config), "CaptureStatus": "Started" if serves and captures(config) else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"], "KmsKeyId": config.get("KmsKeyId") or "",
    }  # fmt: skip


def _side(config: Config, mode: str, body: bytes, content_type: str) -> dict[str, str]:
    """What went one way: as text where its content type is named as CSV or JSON, else as base64."""
    kinds = config.get("CaptureContentTypeHeader") or {}
    plain = content_type.partition(";")[0].strip().lower()
    encoding = next((name for name, header in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes"))
                     if plain in {one.lower() for one in kinds.get(header) or ()}), "BASE64")  # fmt: skip
    data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode("utf-8", "replace")
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}


def _drawn(config: Config) -> bool:
    return random.random() * 100 < float(config["InitialSamplingPercentage"])
