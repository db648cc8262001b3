"""SageMaker's parts put together and set into moto's place."""

from __future__ import annotations

from typing import Any

from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from localcloud.containers.launcher import Launcher
from localcloud.front import moto_patches
from localcloud.sagemaker import api_shapes, resuming
from localcloud.sagemaker.endpoints.endpoints import Endpoints
from localcloud.sagemaker.endpoints.invocations import Invocations
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.jobs.jobs import Jobs
from localcloud.sagemaker.pipelines.executions import Runner
from localcloud.sagemaker.pipelines.lambda_and_callback_steps import Handovers
from localcloud.sagemaker.pipelines.pipeline_runs import PipelineRuns
from localcloud.sagemaker.pipelines.pipelines import Pipelines
from localcloud.sagemaker.pipelines.steps import Steps
from localcloud.sagemaker.registry import Registry
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.transforms.transforms import Transforms
from localcloud.sagemaker.tuning.tuning import Tunings
from localcloud.settings import Cloud


class Service:
    """One cloud's SageMaker."""

    def __init__(self, cloud: Cloud) -> None:
        self.context = api_shapes.Context(cloud, Launcher())
        self.jobs = Jobs(self.context)
        self.tunings = Tunings(self.context, self.jobs)
        self.registry = Registry(self.context)
        self.models = Models(self.context, self.registry)
        self.transforms = Transforms(self.context, self.models, self.jobs.slots)
        self.endpoints = Endpoints(self.context, self.models)
        self.handovers = Handovers(self.context)
        steps = Steps(
            self.context, self.jobs, self.tunings, self.transforms, self.handovers, self.registry, self.models
        )
        self.runner = Runner(self.context, steps)
        self.pipelines = Pipelines(self.context)
        self.runs = PipelineRuns(self.context, self.pipelines, self.runner)
        self.invocations = Invocations(self.context, self.endpoints)

    def start(self) -> None:
        """Answer the API from now on, and warm the process that jobs fork from."""
        for part in (
            self.jobs,
            self.tunings,
            self.registry,
            self.models,
            self.transforms,
            self.endpoints,
            self.pipelines,
            self.runs,
            self.handovers,
            Tags(self.context),
        ):
            api_shapes.serve(part.operations())
        self.context.launcher.warm_up()

    def stop(self) -> None:
        """End every job and model server."""
        self.endpoints.stop_all()
        self.context.launcher.close()


_service: Service | None = None
_patched = False


def install(cloud: Cloud) -> None:
    """Put SageMaker in moto's place."""
    global _service, _patched  # one cloud per process, as moto's backends are
    if _service is not None:
        _service.stop()
    _service = Service(cloud)
    _service.start()
    if not _patched:
        _patched = True
        moto_patches.replace("moto.sagemakerruntime.responses:SageMakerRuntimeResponse.invoke_endpoint", _invoke)
        SageMakerRuntimeResponse.use_raw_body = True  # a request's body may be any bytes


def stop() -> None:
    """End what install started."""
    if _service is not None:
        _service.stop()


def kept() -> dict[str, Any]:
    """What to keep for the next start."""
    return resuming.kept(_service) if _service is not None else {}


def resume(found: dict[str, Any]) -> None:
    """Go on with what was kept."""
    if _service is not None:
        resuming.resume(_service, found)


def _invoke(self: Any) -> Any:
    if _service is None:
        raise RuntimeError("SageMaker is not installed")
    body = self.body if isinstance(self.body, bytes) else str(self.body or "").encode()
    return _service.invocations.invoke(self.path, self.headers, body)
