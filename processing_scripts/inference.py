"""The model behind the endpoint: raw records in, answers in the domain's words out.

Runs in SageMaker's XGBoost image in script mode. The container wraps every error of user code as its own and answers
500, so what the caller did wrong is answered here as a response of its own: 400 for a bad record, 415 and 406 for media
types. The same module scores the held-out records in evaluation.

Source: https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_xgboost_container/serving.py
Source: https://github.com/aws/sagemaker-containers/blob/master/src/sagemaker_containers/_transformer.py
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import records
import xgboost as xgb
from features import Features, features_from
from numpy.typing import NDArray
from refusals import Refused

STATUS_BY_REFUSAL = {records.Unreadable: 415, records.Unanswerable: 406}


@dataclass(frozen=True)
class Model:
    """A booster and the features that it was trained on."""

    booster: xgb.Booster
    features: Features


def model_fn(model_dir: str) -> Model:
    """Load ``xgboost-model`` and ``features.json`` from the unpacked artifact."""
    folder = Path(model_dir)
    booster = xgb.Booster()
    booster.load_model(bytearray((folder / "xgboost-model").read_bytes()))  # by content: the name has no suffix
    return Model(booster, features_from(json.loads((folder / "features.json").read_text("utf-8"))))


def transform_fn(model: Model, body: str | bytes, content_type: str, accept: str | None) -> Any:
    """Answer one request: ``(body, media type)``, or a response with a status where the request is at fault."""
    try:
        media = records.accepted(accept)
        fields = records.read(body, content_type, model.features)
        probabilities = predict(model, model.features.matrix(fields))
    except Refused as refused:
        return _refusal(refused)
    texts = [str(value) for value in probabilities]  # shortest text that gives this float32 back
    return records.write(texts, [model.features.answer.label(float(text)) for text in texts], media), media


def predict(model: Model, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability of the positive label, ``(rows,)``. NaN in ``matrix`` is missing."""
    found: NDArray[np.float32] = model.booster.inplace_predict(matrix, validate_features=False)
    return found


def _refusal(refused: Refused) -> Any:
    from werkzeug.wrappers import Response  # in the image for serving; evaluation never needs it

    body = json.dumps({"error": str(refused)}, ensure_ascii=False)
    return Response(body + "\n", status=STATUS_BY_REFUSAL.get(type(refused), 400), mimetype=records.JSON)
