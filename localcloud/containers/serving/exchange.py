"""What a model server and the model behind it say to each other: one request, one response."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol


@dataclass(frozen=True)
class InferenceResponse:
    """A model's response to one request."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = HTTPStatus.OK


@dataclass(frozen=True)
class InferenceRequest:
    """One request to a model; ``accept`` is empty when the caller takes any content type."""

    body: bytes
    content_type: str
    accept: str


class Model(Protocol):
    """A loaded model that answers."""

    concurrent: bool  # whether several requests may run at once

    def invoke(self, request: InferenceRequest) -> InferenceResponse:
        """InferenceResponse one request; an exception is a 500."""
        ...
