"""First of three containers: raw records in, numbers out, for an algorithm that cannot carry our code.

Between containers of an inference pipeline the body travels with the media type that the one before has answered, so
CSV is answered whatever the caller accepts: what he accepts is for the last container.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipelines.html
"""

import json
from pathlib import Path
from typing import Any

from artifact import layout
from data import records, unknown_levels
from features.features import Features, features_from
from inference import refusal
from job.refusals import Refused


def model_fn(model_dir: str) -> Features:
    """Load ``features.json`` from the unpacked artifact."""
    return features_from(json.loads((Path(model_dir) / layout.FEATURES).read_text("utf-8")))


def transform_fn(features: Features, body: str | bytes, content_type: str, _accept: str | None) -> Any:
    """Answer one request with dense numbers as CSV, or with a status where the request is at fault."""
    try:
        fields = records.read(body, content_type, features)
        rows = features.dense(fields)
    except Refused as refused:
        return refusal(refused, features)
    unknown_levels.tell(features.model, features.unknown(fields))
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist()), records.CSV
