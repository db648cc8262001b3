"""What can be wrong with a template or a stack. Knows CloudFormation's words, no server and no service."""

from __future__ import annotations


class TemplateInvalid(Exception):
    """The request is refused before anything is made (CloudFormation's ValidationError)."""

    code = "ValidationError"


class CapabilityMissing(TemplateInvalid):
    """The template makes IAM resources or has a transform, and the caller did not say yes to it."""

    code = "InsufficientCapabilitiesException"


class ChangeSetUnknown(TemplateInvalid):
    """No change set has this name or ARN."""

    code = "ChangeSetNotFound"


class StackExists(TemplateInvalid):
    """CreateStack for a name that is taken."""

    code = "AlreadyExistsException"


class ChangeSetStateWrong(TemplateInvalid):
    """The change set cannot be executed in the state it is in."""

    code = "InvalidChangeSetStatus"


class ResourceFailed(Exception):
    """One resource could not be made, changed or deleted; the message is the reason in the stack's events."""


def unresolved(*names: str) -> str:
    """That something refers to resources which are not there."""
    return f"Unresolved resource dependencies [{', '.join(names)}] in the Resources block of the template"
