"""Errors that the person at the keyboard can mend; shown as one message, never as a traceback."""

MOST = 2_000  # characters of what a service says


class UserError(Exception):
    """What is wrong, where, and what to do about it, in words."""


def aws_errors() -> tuple[type[Exception], ...]:
    """What boto3 raises. Looked up when something was raised: loading botocore costs more than all of `--help`."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


def aws_error_text(error: Exception, target: object) -> str:
    """One sentence on what ``target`` (where the command talks to) refused, or why it was not reached."""
    from app.decide.names.shown_text import shown
    from botocore.exceptions import ClientError, ParamValidationError

    if isinstance(error, ClientError):
        return f"{error.operation_name} was refused: {shown(error.response['Error']['Message'], MOST)}"
    if isinstance(error, ParamValidationError):
        return f"{target} takes no such request: {' '.join(str(error).split())}"
    return f"cannot talk to {target}: {str(error).rstrip('.')}. On this machine: start a local cloud: `retrain up`"
