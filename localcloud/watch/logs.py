"""CloudWatch Logs that are also files: ``logs/<group>/<stream>.log`` in the state folder."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogsBackend, logs_backends

from localcloud import journaling
from localcloud.bus import targets
from localcloud.front import moto_patches
from localcloud.persistence import telemetry
from localcloud.settings import Cloud
from localcloud.watch import embedded_metrics, log_lines

_cloud: Cloud | None = None
_lock = threading.Lock()
_filter: Callable[..., Any] | None = None


def install(cloud: Cloud) -> None:
    """Write to this cloud's groups and folder from now on."""
    global _cloud  # one cloud per process, as moto's backends are
    _cloud = cloud
    log_lines.install()
    for operation in ("associate_kms_key", "disassociate_kms_key"):
        moto_patches.add_operation("moto.logs.responses:LogsResponse", operation, globals()[f"_{operation}"])
    targets.SENDERS["logs"] = _deliver
    global _filter
    if _filter is None:
        _filter = moto_patches.replace("moto.logs.responses:LogsResponse.filter_log_events", _filter_log_events)


def resume(_: object) -> None:
    """Go on with the lines of an earlier process."""
    telemetry.resume()
    log_lines.resume()


def _deliver(arn: str, body: str, target: Mapping[str, Any]) -> None:
    """A rule's target: each event in a stream of its own."""
    group = arn.split(":log-group:")[1].removesuffix(":*")
    write(group, f"{int(time.time() * 1000)}-{uuid.uuid4()}", [body], arn.split(":")[3])


def path_of(group: str, stream: str) -> Path:
    """The file that holds a stream: the group's slashes are folders, the stream's are too."""
    safe = [re.sub(r"[^\w.\[\]$=@-]", "_", part) for part in f"{group}/{stream}".split("/") if part not in ("", "..")]
    return _of_this_process().state_dir.joinpath("logs", *safe[:-1], safe[-1] + ".log")


def write(group: str, stream: str, lines: Iterable[str], region: str | None = None) -> None:
    """Append lines to a stream and to its file; group and stream are made as needed. A line's time is now."""
    cloud = _of_this_process()
    texts = [line.rstrip("\n") for line in lines]
    if not texts:
        return
    now_ms = int(time.time() * 1000)
    events = [{"timestamp": now_ms, "message": text} for text in texts if text]  # CloudWatch takes no empty message
    with _lock:
        backend: LogsBackend = logs_backends[cloud.account_id][region or cloud.region]
        _make(backend, group, stream)
        if events:
            backend.put_log_events(group, stream, events)
            embedded_metrics.collect(texts, cloud.account_id, region or cloud.region)
        path = path_of(group, stream)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(text + "\n" for text in texts)


def _make(backend: Any, group: str, stream: str) -> None:
    if group not in backend.groups:
        backend.create_log_group(group, {})
        journaling.flush("logs")
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)


def _of_this_process() -> Cloud:
    if _cloud is None:
        raise RuntimeError("logs.install(cloud) has not been called")
    return _cloud


def _associate_kms_key(self: Any) -> str:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html"""
    _group_of(self).kms_key_id = self._get_param("kmsKeyId")
    return ""


def _disassociate_kms_key(self: Any) -> str:
    _group_of(self).kms_key_id = None
    return ""


def _filter_log_events(self: Any) -> Any:
    """``logStreamNamePrefix`` stands for the streams whose names begin so; moto reads it not.

    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    """
    prefix = self._get_param("logStreamNamePrefix")
    if prefix and not self._get_param("logStreamNames"):
        with _lock:
            names = [name for name in _group_of(self).streams if name.startswith(prefix)]
        if not names:
            return json.dumps({"events": [], "searchedLogStreams": []})
        self.body = json.dumps({**json.loads(self.body), "logStreamNames": names})
    if _filter is None:
        raise RuntimeError("logs.install(cloud) has not been called")
    return _filter(self)


def _group_of(response: Any) -> Any:
    groups = response.logs_backend.groups
    name = response._get_param("logGroupName")
    if name not in groups:
        raise ResourceNotFoundException
    return groups[name]
