"""Names of what is made for a stack's models, and which names a stack may have. The app's rules say the same."""

import re

SEPARATOR = "--"  # in no stack's name, so that no name of one stack is how another's begin
# Characters: of a longer one CloudFormation shortens the names of functions, which the key's policy and clean-up go by.
# Source: https://github.com/convox/rack/issues/2297
MOST_STACK = 24
MOST_NAME = 63
TUNED = "tuned"
SIMPLE = re.compile(r"[a-z](-?[a-z0-9])*")


class BadName(ValueError):
    """A name that a stack, or a stack and a model together, cannot have."""


def resource_name(stack: str, model: str) -> str:
    """Package group and endpoint of a model, and the pipeline that trains it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
    """
    return f"{stack}{SEPARATOR}{model}"


def pipeline_name(stack: str, model: str, *, tuned: bool = False) -> str:
    """The pipeline that trains a model, or the one that tunes it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html (256 characters)
    """
    return f"{resource_name(stack, model)}{SEPARATOR}{TUNED}" if tuned else resource_name(stack, model)


def check_stack(stack: str) -> None:
    """Hold a stack's name against what its rules and roles go by.

    Raises:
        BadName: names of this stack and of another could not be told apart, or would be too long.
    """
    if not SIMPLE.fullmatch(stack):
        raise BadName(
            f"the stack cannot be named '{stack}': choose lower-case letters, digits and single hyphens between them,"
            f" as in 'retrain-prod'; '{SEPARATOR}' stands between the stack and what is its own"
        )
    if len(stack) > MOST_STACK:
        raise BadName(
            f"the stack's name '{stack}' has {len(stack)} characters; choose one of {MOST_STACK} or fewer, as"
            " CloudFormation shortens what it names after a longer one"
        )


def check(stack: str, model: str) -> None:
    """Hold the names of a stack and a model against SageMaker's limit, too.

    Raises:
        BadName: the stack cannot be named so, or both together are too long.
    """
    check_stack(stack)
    name = resource_name(stack, model)
    if len(name) > MOST_NAME:
        raise BadName(f"'{name}' has {len(name)} characters, and SageMaker takes {MOST_NAME}; shorten the model's name")
