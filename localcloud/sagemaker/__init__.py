"""SageMaker: its API, with jobs, pipelines, registry and endpoints that are real."""

from __future__ import annotations

from localcloud.sagemaker.service import (
    RECORDS_DEPTH,
    RECORDS_OF,
    has_ended,
    install,
    resume,
    snapshot_state,
    stop,
)

__all__ = ["RECORDS_DEPTH", "RECORDS_OF", "has_ended", "install", "resume", "snapshot_state", "stop"]
