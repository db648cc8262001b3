"""Errors that the person at the keyboard can mend; shown as one message, never as a traceback."""

MOST = 2_000  # characters of what a service says


class UserError(Exception):
    """What is wrong, where, and what to do about it, in words."""


def aws_errors() -> tuple[type[Exception], ...]:
    """What boto3 raises, and what the app's own code, which commands read the ledger with, makes of it.

    Looked up when something was raised: loading botocore costs more than all of `--help`.
    """
    from app.errors import RetrainError
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError, RetrainError


def aws_error_text(error: Exception, target: object) -> str:
    """One sentence on what ``target`` (where the command talks to) refused, or why it was not reached."""
    from app.decide.names.shown_text import shown
    from app.errors import RetrainError
    from botocore.exceptions import ClientError, ParamValidationError

    if isinstance(error, RetrainError):
        cause = error.__cause__
        return aws_error_text(cause, target) if isinstance(cause, aws_errors()) else shown(str(error), MOST)
    if isinstance(error, ClientError):
        return f"{error.operation_name} was refused: {shown(error.response['Error']['Message'], MOST)}"
    if isinstance(error, ParamValidationError):
        return f"{target} takes no such request: {' '.join(str(error).split())}"
    return f"cannot talk to {target}: {str(error).rstrip('.')}. On this machine: start a local cloud: `retrain up`"
