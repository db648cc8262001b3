"""Last of three containers: what SageMaker's k-NN or linear learner says in, answers in the domain's words out.

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
    """Word the algorithm's predictions as the caller accepts them."""
    try:
        media = records.accepted(accept)
        text = body if isinstance(body, str) else bytes(body).decode("utf-8")
        found = list(predictions(text, content_type.split(";")[0].strip().lower()))
    except Refused as refused:
        return refusal(refused)
    return records.write([features.answer.words(number) for number in found], media), media


def predictions(text: str, media: str) -> Iterator[float]:
    """The numbers of an answer: ``score`` of the linear learner, ``predicted_label`` of k-NN, or CSV's first field."""
    if media == records.CSV:
        for row in csv.reader(io.StringIO(text, newline="")):
            yield from map(float, row[:1])
        return
    rows = [json.loads(line) for line in text.splitlines()] if media == LINES else json.loads(text)["predictions"]
    for row in rows:
        yield float(row["score"] if "score" in row else row["predicted_label"])
