"""How a built-in algorithm reads its training channels: CSV of numbers, the label first.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from email.message import Message
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from localcloud.containers.algorithms.hyperparameters import UserError


class Channels:
    """A training job's channels of CSV, label first."""

    def __init__(self, root: Path, allowed: Sequence[str]) -> None:
        self.folder = root / "input" / "data"
        self.declared = json.loads((root / "input" / "config" / "inputdataconfig.json").read_text())
        extra = [name for name in self.declared if name not in allowed]
        if "train" not in self.declared or extra:
            cause = (
                f"Additional properties are not allowed ('{extra[0]}' was unexpected; the channels are "
                f"{', '.join(allowed)})"
                if extra
                else "'train' is a required property"
            )
            raise UserError(
                "Unable to initialize the algorithm. Failed to validate input data configuration. "
                f"(caused by ValidationError)\n\nCaused by: {cause}"
            )

    def __contains__(self, name: str) -> bool:
        return name in self.declared

    def load(self, name: str, feature_dim: int | None) -> tuple[Any, Any]:
        """A channel's features, (rows, feature_dim) float64, and its labels, (rows,) float64.

        Raises:
            UserError: no rows, no numbers, or not as many columns as ``feature_dim`` says (None: any number).
        """
        _check_training_type(name, self.declared[name].get("ContentType"))
        files = sorted(path for path in (self.folder / name).rglob("*") if path.is_file() and path.stat().st_size)
        if not files:
            raise UserError(f"No data in the {name} channel: there must be at least one file that is not empty")
        rows = np.concatenate([_numbers(file, f"{name}/{file.name}") for file in files])
        if not np.isfinite(rows).all():
            raise UserError(f"The {name} channel has empty or infinite values: every field must be a number")
        if feature_dim is not None and rows.shape[1] != feature_dim + 1:
            raise UserError(
                f"The feature dimension of the {name} channel is {rows.shape[1] - 1} (label first), but the "
                f"hyperparameter feature_dim is {feature_dim}"
            )
        return rows[:, 1:], rows[:, 0]


def _check_training_type(channel: str, declared: str | None) -> None:
    message = Message()
    message["content-type"] = declared or "application/x-recordio-protobuf"
    if message.get_content_type() != "text/csv" or str(message.get_param("label_size", "1")) != "1":
        raise UserError(
            f"The {channel} channel's content type is {message['content-type']}: outside AWS only "
            f"text/csv;label_size=1 runs (the label in the first column, no header)"
        )


def _numbers(source: Path | io.StringIO, name: str) -> Any:
    try:
        return pd.read_csv(source, header=None, dtype=np.float64).to_numpy()
    except (ValueError, pd.errors.ParserError) as error:
        raise UserError(f"{name} is not CSV of numbers without a header: {error}") from error
