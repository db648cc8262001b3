"""Publishing to a stack that other files deployed."""

import pytest

from cli.errors import UserError
from cli.stack.publishing import stack_names
from cli.stack.target import Target


class Older(Target):
    """A stack that was deployed before pipelines asked their champions."""

    def outputs(self) -> dict[str, str]:
        return {
            "DataBucketName": "data",
            "PipelineRoleArn": "arn",
            "JobsPolicyArn": "arn",
            "ServingPolicyArn": "arn",
            "LogRetentionDays": "30",
        }


def test_a_stack_that_is_older_than_the_files_is_to_be_deployed_first() -> None:
    with pytest.raises(
        UserError, match=r"stack retrain is older than these files .*ChampionQueueUrl.* deploy it first"
    ):
        stack_names(Older("http://127.0.0.1:9"))
