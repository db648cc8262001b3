"""Hyperparameters as a container reads them."""

from __future__ import annotations

import json
from typing import Any


def decoded(text: Any) -> Any:
    """The SDK writes hyperparameters as JSON; plain texts stay as they are.

    Source: https://github.com/aws/sagemaker-training-toolkit/blob/master/src/sagemaker_training/mapping.py
    """
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return text
