"""SageMaker's failure reasons: what the text says that no code does. Pure."""

SHORT_OF_CAPACITY = (
    "insufficientinstancecapacity",
    "insufficient capacity",
    "unable to provision",
    "resourcelimitexceeded",
)


def short_of_capacity(failure: str) -> bool:
    """Whether AWS had no instances to give, or the account may have no more, which says nothing about the version.

    ``FailureReason`` is text alone, as SageMaker has no code for it: "Unable to provision requested ML compute capacity
    due to InsufficientInstanceCapacity error." Source: https://github.com/aws/deep-learning-containers/pull/6673 and
    https://github.com/aws-samples/sagemaker-custom-project-templates/issues/51
    """
    return any(words in failure.lower() for words in SHORT_OF_CAPACITY)
