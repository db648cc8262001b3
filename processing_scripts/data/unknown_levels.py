"""Levels that a model does not know, told by the container that meets them: a line of its log that is a metric, too.

Such a field is read as missing, and the answer is another than was meant, so somebody has to hear of it. The line is in
CloudWatch's embedded metric format, of which CloudWatch Logs makes ``UnknownLevels`` of namespace Retrain, by model. It
names columns and counts, and quotes nothing. Travels inside the deployable artifact.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
and CloudWatch_Embedded_Metric_Format_Generation_PutLogEvents.html there (any log group, without a header of its own)
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

SERVES = "SAGEMAKER_PROGRAM"  # in the environment of a container that answers; jobs that evaluate have none


def line(model: str, counts: Mapping[str, int], at_ms: int) -> dict[str, Any]:
    """Word the document: fields that are no known level, all together and by column."""
    metric = {"Name": "UnknownLevels", "Unit": "Count"}
    directive = {"Namespace": "Retrain", "Dimensions": [["Model"]], "Metrics": [metric]}
    document = {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}, "Model": model}
    return document | {"UnknownLevels": sum(counts.values()), "columns": dict(counts)}


def tell(model: str, counts: Mapping[str, int]) -> None:
    """Write the line, where there is anything to tell and an endpoint or a batch transform answers."""
    if counts and SERVES in os.environ:
        sys.stdout.write(json.dumps(line(model, counts, int(time.time() * 1000)), ensure_ascii=False) + "\n")
        sys.stdout.flush()
