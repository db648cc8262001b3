"""What a training job's log measures: each value in CloudWatch as it is written, and the last ones in its description.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/training-metrics.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.sagemaker.jobs.job_processes import final_metrics
from localcloud.sagemaker.jobs.job_records import Job
from localcloud.settings import Cloud
from localcloud.watch import metric_data

NAMESPACE = "/aws/sagemaker/TrainingJobs"
Last = Mapping[str, tuple[float, float]]  # metric -> its last value, and when (seconds since the epoch)


def listener(cloud: Cloud, job: Job) -> tuple[Callable[[str], None], Last]:
    """What hears the log's lines, and where it keeps each metric's last value."""
    of_job = {"TrainingJobName": job.name}

    def told(name: str, value: float) -> None:
        metric_data.put(cloud, NAMESPACE, {name: value}, of_job)
        if job.metric is not None:
            job.metric(name, value)

    return final_metrics(job.described["AlgorithmSpecification"].get("MetricDefinitions") or [], told)


def final_list(last: Last) -> list[dict[str, Any]]:
    """AWS's FinalMetricDataList."""
    return [
        {"MetricName": name, "Value": value, "Timestamp": datetime.fromtimestamp(at, UTC)}
        for name, (value, at) in last.items()
    ]
