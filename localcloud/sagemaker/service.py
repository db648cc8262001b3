"""The life of SageMaker in this process: installed in moto's place, stopped, saved, resumed.

One cloud per process, as moto's backends are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localcloud.front import services
from localcloud.sagemaker import resuming
from localcloud.sagemaker.endpoints import runtime_requests
from localcloud.sagemaker.parts import SageMaker
from localcloud.sagemaker.scaling import requests as scaling_requests
from localcloud.settings import Cloud

RECORDS_OF, RECORDS_DEPTH = "sagemaker", 3  # records by who has them, what they are, and their names
has_ended = resuming.has_ended
_sagemaker: SageMaker | None = None


def install(cloud: Cloud) -> None:
    """Put SageMaker in moto's place."""
    global _sagemaker
    if _sagemaker is not None:
        _sagemaker.stop()
    _sagemaker = SageMaker(cloud)
    _sagemaker.start()
    services.answer_directly("sagemakerruntime", _answer_runtime)
    services.answer_directly("applicationautoscaling", _answer_scaling)


def stop() -> None:
    """End every job and model server that was started."""
    if _sagemaker is not None:
        _sagemaker.stop()


def snapshot_state() -> dict[str, Any]:
    """Every record, for the next start."""
    return resuming.snapshot_state(_sagemaker) if _sagemaker is not None else {}


def resume(state: dict[str, Any]) -> None:
    """Take over the records of an earlier process, and end or restart what ran."""
    if _sagemaker is not None:
        resuming.resume(_sagemaker, state)


def _answer_runtime(environ: dict[str, Any], start: services.Start) -> Iterable[bytes]:
    return runtime_requests.answer(_installed().invocations, environ, start)


def _answer_scaling(environ: dict[str, Any], start: services.Start) -> Iterable[bytes]:
    return scaling_requests.answer(_installed().scaling, environ, start)


def _installed() -> SageMaker:
    if _sagemaker is None:
        raise RuntimeError("SageMaker is not installed")
    return _sagemaker
