"""SageMaker: its API, with jobs, pipelines, registry and endpoints that are real."""

from __future__ import annotations

from localcloud.sagemaker.service import install, resume, snapshot_state, stop

__all__ = ["install", "resume", "snapshot_state", "stop"]
