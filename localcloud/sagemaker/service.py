"""The life of SageMaker in this process: installed in moto's place, stopped, saved, resumed.

One cloud per process, as moto's backends are.
"""

from __future__ import annotations

from typing import Any

from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from localcloud.front import moto_patches
from localcloud.sagemaker import resuming
from localcloud.sagemaker.parts import SageMaker
from localcloud.settings import Cloud

RECORDS_OF, RECORDS_DEPTH = "sagemaker", 3  # records by who has them, what they are, and their names
has_ended = resuming.has_ended
RUNTIME = "moto.sagemakerruntime.responses:SageMakerRuntimeResponse"
_sagemaker: SageMaker | None = None
_patched = False


def install(cloud: Cloud) -> None:
    """Put SageMaker in moto's place."""
    global _sagemaker, _patched
    if _sagemaker is not None:
        _sagemaker.stop()
    _sagemaker = SageMaker(cloud)
    _sagemaker.start()
    if not _patched:
        _patched = True
        moto_patches.replace(f"{RUNTIME}.invoke_endpoint", _invoke)
        moto_patches.replace(f"{RUNTIME}.invoke_endpoint_async", _invoke_async)
        SageMakerRuntimeResponse.use_raw_body = True  # a request's body may be any bytes


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


def _invoke(self: Any) -> Any:
    body = self.body if isinstance(self.body, bytes) else str(self.body or "").encode()
    return _installed().invocations.invoke(self.path, self.headers, body)


def _invoke_async(self: Any) -> Any:
    return _installed().invocations.invoke_async(self.path)


def _installed() -> SageMaker:
    if _sagemaker is None:
        raise RuntimeError("SageMaker is not installed")
    return _sagemaker
