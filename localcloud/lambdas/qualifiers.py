"""Which version of a function an Invoke asks for: by its query, or in the function's name or ARN."""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaFunction

from localcloud.front import moto_patches

MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."


def install() -> None:
    """Take the version or alias from Invoke's query, as AWS spells it.

    moto looks for ``qualifier``, which no SDK sends, and then for a field of that name in the function's own event.
    """

    def invoke(self: Any) -> Any:
        self.querystring = {**self.querystring, "qualifier": self.querystring.get("Qualifier", [None])}
        return original(self)

    original = moto_patches.replace("moto.awslambda.responses:LambdaResponse.invoke", invoke)


def invoked_arn(function: LambdaFunction, asked: str, qualifier: str | None = None) -> str:
    """The ARN that the function is told it was invoked by: an alias stays an alias.

    Raises:
        InvalidParameterValueException: the name has a qualifier of its own, and it is another one.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html and
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html (invoked_function_arn)
    """
    of_name = _qualifier_of(asked)
    if of_name and qualifier and of_name != qualifier:
        raise InvalidParameterValueException(MISMATCH)
    unqualified = ":".join(str(function.function_arn).split(":")[:7])
    version = of_name or qualifier
    return f"{unqualified}:{version}" if version else unqualified


def _qualifier_of(name_or_arn: str) -> str | None:
    parts = name_or_arn.split(":")
    of_name = parts[7:] if name_or_arn.startswith("arn:") else parts[1:]
    return of_name[0] if of_name else None
