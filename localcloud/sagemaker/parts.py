"""SageMaker's parts, put together: who answers which operations, and what each part uses."""

from __future__ import annotations

from typing import Protocol

from localcloud.background import spawn
from localcloud.containers.launcher import Launcher
from localcloud.sagemaker import api_shapes
from localcloud.sagemaker.endpoints.endpoints import Endpoints
from localcloud.sagemaker.endpoints.invocations import Invocations
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.jobs.jobs import Jobs
from localcloud.sagemaker.lineage.lineage import Lineage
from localcloud.sagemaker.pipelines.callbacks import Callbacks
from localcloud.sagemaker.pipelines.executions import Runner
from localcloud.sagemaker.pipelines.pipeline_runs import PipelineRuns
from localcloud.sagemaker.pipelines.pipelines import Pipelines
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.registry import Registry
from localcloud.sagemaker.scaling.scaling import Scaling
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.transforms.transforms import Transforms
from localcloud.sagemaker.tuning.tuning import Tunings
from localcloud.settings import Cloud


class Part(Protocol):
    """What answers some operations of the API."""

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The operations by their API names."""
        ...


class SageMaker:
    """One cloud's SageMaker."""

    def __init__(self, cloud: Cloud) -> None:
        self.context = api_shapes.Context(cloud, Launcher(state=cloud.state_dir))
        self.jobs = Jobs(self.context)
        self.tunings = Tunings(self.context, self.jobs)
        self.registry = Registry(self.context)
        self.models = Models(self.context, self.registry)
        self.transforms = Transforms(self.context, self.models, self.jobs.slots)
        self.endpoints = Endpoints(self.context, self.models)
        self.callbacks = Callbacks(self.context)
        services = Services(
            self.context, self.jobs, self.tunings, self.transforms, self.registry, self.models, self.callbacks
        )
        self.runner = Runner(self.context, services)
        self.pipelines = Pipelines(self.context)
        self.runs = PipelineRuns(self.context, self.pipelines, self.runner)
        self.invocations = Invocations(self.context, self.endpoints)
        self.scaling = Scaling(self.context, self.endpoints)
        self.lineage = Lineage(self.context, self.jobs, self.transforms, self.registry)

    def start(self) -> None:
        """Answer the API from now on, and warm the process that jobs fork from."""
        for part in self.api_parts():
            api_shapes.serve(part.operations())
        self.context.launcher.warm_up()
        spawn(self.context.launcher.engine.recover)

    def api_parts(self) -> tuple[Part, ...]:
        """The parts that answer operations of the API."""
        return (
            self.jobs, self.tunings, self.registry, self.models, self.transforms, self.endpoints, self.pipelines,
            self.runs, self.callbacks, self.lineage, Tags(self.context),
        )  # fmt: skip

    def stop(self) -> None:
        """End every job and model server."""
        self.invocations.captures.write_all()
        self.endpoints.stop_all()
        self.context.launcher.close()
