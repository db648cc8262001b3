"""What the steps of pipelines make use of."""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.sagemaker.api_shapes import Context
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.jobs.jobs import Jobs
from localcloud.sagemaker.pipelines.callbacks import Callbacks
from localcloud.sagemaker.registry import Registry
from localcloud.sagemaker.transforms.transforms import Transforms
from localcloud.sagemaker.tuning.tuning import Tunings


@dataclass(frozen=True)
class Services:
    """The parts of SageMaker that steps ask."""

    context: Context
    jobs: Jobs
    tunings: Tunings
    transforms: Transforms
    registry: Registry
    models: Models
    callbacks: Callbacks
