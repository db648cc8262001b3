"""Last of three containers: predictions of SageMaker's k-NN or linear learner in, named response fields out.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-inference-formats.html
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/LL-in-formats.html
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from data import records
from features.features import Features
from features_stage import model_fn as model_fn
from inference import refusal
from job.refusals import Refused

LINES = "application/jsonlines"


def transform_fn(features: Features, body: str | bytes, content_type: str, accept: str | None) -> Any:
    """Write the algorithm's predictions in the media type that the caller accepts."""
    try:
        media = records.accepted(accept)
        text = body if isinstance(body, str) else bytes(body).decode("utf-8")
        numbers = list(predictions(text, content_type.split(";")[0].strip().lower()))
    except Refused as refused:
        return refusal(refused, features)
    return records.write([features.answer.response_fields(number) for number in numbers], media), media


def predictions(text: str, media: str) -> Iterator[float | list[float]]:
    """Parse the predictions: ``score`` of the linear learner, ``predicted_label`` of k-NN, or CSV's first field.

    Of several classes a ``score`` is a list, a probability each, behind which CSV has the label.
    """
    if media == records.CSV:
        for row in filter(None, csv.reader(io.StringIO(text, newline=""))):
            yield [float(field) for field in row[:-1]] if len(row) > 2 else float(row[0])
        return
    rows = [json.loads(line) for line in text.splitlines()] if media == LINES else json.loads(text)["predictions"]
    for row in rows:
        number = row["score"] if "score" in row else row["predicted_label"]
        yield [float(score) for score in number] if isinstance(number, list) else float(number)
