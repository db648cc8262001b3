"""What is remembered of a tuning job and its trials, as Describe and List show them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcloud.sagemaker.jobs.job_records import Job
from localcloud.sagemaker.tuning.tuning_requests import Plan

COMPLETED, IN_PROGRESS, FAILED, STOPPING, STOPPED = "Completed", "InProgress", "Failed", "Stopping", "Stopped"


@dataclass
class Trial:
    """One training job of a tuning job: what was tried, and what its objective said last."""

    job: Job
    values: Mapping[str, str]
    reports: int = 0
    objective: float | None = None

    @property
    def usable(self) -> bool:
        """Whether it left a model and an objective."""
        return self.objective is not None and "ModelArtifacts" in self.job.described

    def summary(self, plan: Plan) -> dict[str, Any]:
        """AWS's HyperParameterTrainingJobSummary."""
        described = self.job.described
        found = {
            name: described.get(name)
            for name in ("TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime",
                         "TrainingJobStatus", "FailureReason")
        }  # fmt: skip
        found["TunedHyperParameters"] = dict(self.values)
        ended = self.job.done.is_set()
        found["ObjectiveStatus"] = "Pending" if not ended else "Failed" if self.objective is None else "Succeeded"
        if self.objective is not None:
            found["FinalHyperParameterTuningJobObjectiveMetric"] = {
                "Type": "Maximize" if plan.maximise else "Minimize",
                "MetricName": plan.metric,
                "Value": self.objective,
            }
        return {name: value for name, value in found.items() if value is not None}


@dataclass
class Tuning:
    """One tuning job."""

    name: str
    arn: str
    request: Mapping[str, Any]
    plan: Plan
    created: datetime
    modified: datetime
    status: str = IN_PROGRESS
    reason: str | None = None
    ended: datetime | None = None
    trials: list[Trial] = field(default_factory=list)
    not_improving: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    done: threading.Event = field(default_factory=threading.Event)

    def ranked(self) -> list[Trial]:
        """The trials with a model, the best first."""
        sign = -1 if self.plan.maximise else 1
        return sorted((trial for trial in self.trials if trial.usable), key=lambda trial: (trial.objective or 0) * sign)

    def described(self) -> dict[str, Any]:
        """DescribeHyperParameterTuningJob."""
        asked = {
            "HyperParameterTuningJobConfig": self.request["HyperParameterTuningJobConfig"],
            "TrainingJobDefinition": self.plan.described(),
        }
        best = [trial.summary(self.plan) for trial in self.ranked()[:1]]
        seconds = sum(trial.job.described.get("TrainingTimeInSeconds", 0) for trial in self.trials)
        found = asked | self.summary() | {
            "BestTrainingJob": best[0] if best else None,
            "FailureReason": self.reason,
            "TuningJobCompletionDetails": {"NumberOfTrainingJobsObjectiveNotImproving": self.not_improving},
            "ConsumedResources": {"RuntimeInSeconds": seconds},
        }  # fmt: skip
        return {
            name: value
            for name, value in found.items()
            if value is not None and name not in ("Strategy", "ResourceLimits")
        }

    def summary(self) -> dict[str, Any]:
        """AWS's HyperParameterTuningJobSummary."""
        statuses = [trial.job.status for trial in self.trials]
        objectives = [trial.summary(self.plan)["ObjectiveStatus"] for trial in self.trials]
        config = self.request["HyperParameterTuningJobConfig"]
        return {
            "HyperParameterTuningJobName": self.name, "HyperParameterTuningJobArn": self.arn,
            "HyperParameterTuningJobStatus": self.status, "Strategy": config["Strategy"],
            "CreationTime": self.created, "LastModifiedTime": self.modified,
            "HyperParameterTuningEndTime": self.ended, "ResourceLimits": config["ResourceLimits"],
            "TrainingJobStatusCounters": {
                "Completed": statuses.count(COMPLETED), "InProgress": statuses.count(IN_PROGRESS),
                "RetryableError": 0, "NonRetryableError": statuses.count(FAILED),
                "Stopped": statuses.count(STOPPED) + statuses.count(STOPPING),
            },
            "ObjectiveStatusCounters": {
                "Succeeded": objectives.count("Succeeded"), "Pending": objectives.count("Pending"),
                "Failed": objectives.count("Failed"),
            },
        }  # fmt: skip
