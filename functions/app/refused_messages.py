"""Refused messages: of a wrong shape, or of somebody else. The log says why, and a metric counts each delivery."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from app.aws import embedded_metrics
from app.errors import BadMessage
from app.settings import settings

T = TypeVar("T")
Handler = Callable[[dict[str, Any], LambdaContext], T]


def count(error: Exception, stack: str, function: str) -> None:
    """Count a message that a function, by the name of its file, refused; any other error is none."""
    if isinstance(error, BadMessage):
        embedded_metrics.emit(stack, {"RefusedMessages": 1}, Function=function)


def counted(*declared: str) -> Callable[[Handler[T]], Handler[T]]:
    """Decorate the handler of a function that events start, with the settings that it declares: what it refuses is
    counted, tried again as Lambda does, and a dead letter then.
    """

    def decorate(handler: Handler[T]) -> Handler[T]:
        @wraps(handler)
        def counting(event: dict[str, Any], context: LambdaContext) -> T:
            try:
                return handler(event, context)
            except BadMessage as refused:
                count(refused, settings(*declared).stack, handler.__module__)
                raise

        return counting

    return decorate
