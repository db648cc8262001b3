"""The model behind the endpoint: raw records in, predictions as named response fields out.

Runs in script mode in the image that the model was trained in, SageMaker's XGBoost or scikit-learn. The container wraps
every error of user code as its own and answers 500, so what the caller did wrong is answered here as a response of its
own: 400 for a bad record, 415 and 406 for media types. The same module scores the held-out records in evaluation.

Source: https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_xgboost_container/serving.py
Source: https://github.com/aws/sagemaker-containers/blob/master/src/sagemaker_containers/_transformer.py
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artifact import layout
from artifact.predictors import Predictor, predictor_from
from data import records, unknown_levels
from features.features import Features, features_from
from job.refusals import Refused
from numpy.typing import NDArray

EXAMPLE = """example:
  mkdir model && tar -xzf model.tar.gz -C model
  python processing_scripts/inference.py --model model records.csv"""
STATUS_BY_REFUSAL = {records.Unreadable: 415, records.Unanswerable: 406}


@dataclass(frozen=True)
class Model:
    """A predictor, and the features that it was trained on."""

    predictor: Predictor
    features: Features

    @property
    def booster(self) -> Any:
        """Give XGBoost's booster; None of another algorithm."""
        return getattr(self.predictor, "booster", None)


def model_fn(model_dir: str) -> Model:
    """Load the algorithm's model and ``features.json`` from the unpacked artifact."""
    folder = Path(model_dir)
    features = features_from(json.loads((folder / layout.FEATURES).read_text("utf-8")))
    return Model(predictor_from(folder), features)


def transform_fn(model: Model, body: str | bytes, content_type: str, accept: str | None) -> Any:
    """Answer one request: ``(body, media type)``, or a response with a status where the request is at fault."""
    try:
        media = records.accepted(accept)
        fields = records.read(body, content_type, model.features)
        predictions = predict(model, model.features.matrix(fields))
    except Refused as refused:
        return refusal(refused, model.features)
    unknown = model.features.unknown(fields)
    unknown_levels.tell(model.features.model, unknown)
    answers = [model.features.answer.response_fields(number) for number in predictions]
    return records.write(answers, media, unknown), media


def predict(model: Model, matrix: NDArray[np.float32]) -> NDArray[Any]:
    """Predict, ``(rows,)``. NaN in ``matrix`` is missing."""
    return model.predictor(matrix)


def refusal(refused: Refused, features: Features) -> Any:
    """Make the response that tells the caller what is wrong."""
    from werkzeug.wrappers import Response  # in the images for serving; evaluation never needs it

    body = json.dumps({"error": refused.message(sensitive=features.sensitive)}, ensure_ascii=False)
    return Response(body + "\n", status=STATUS_BY_REFUSAL.get(type(refused), 400), mimetype=records.JSON)


def main() -> None:
    """Answer a file of records as the endpoint would: ``--model`` is an unpacked model.tar.gz."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="folder with the model and features.json")
    parser.add_argument("--accept", default=records.CSV, help="media type of the answers")
    parser.add_argument("records", type=Path, help="a CSV of raw records, with or without a header line")
    options = parser.parse_args()
    answer = transform_fn(model_fn(str(options.model)), options.records.read_bytes(), records.CSV, options.accept)
    if not isinstance(answer, tuple):
        sys.exit(f"{options.records}: {json.loads(answer.get_data())['error']}")
    print(answer[0], end="")


if __name__ == "__main__":
    main()
