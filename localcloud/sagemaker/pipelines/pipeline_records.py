"""What is remembered of a pipeline and its versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from localcloud.sagemaker.pipelines.definition import Definition


@dataclass
class Version:
    """One published definition, and what people call it."""

    number: int
    document: str
    definition: Definition
    created: datetime
    display_name: str | None = None
    description: str | None = None


@dataclass
class Pipeline:
    """A pipeline and all its versions, first to last."""

    name: str
    arn: str
    role: str
    created: datetime
    modified: datetime
    display_name: str | None = None
    description: str | None = None
    limit: int | None = None
    last_run: datetime | None = None
    versions: list[Version] = field(default_factory=list)
