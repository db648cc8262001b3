"""Which versions are deployed again when a person asks, and which are not."""

import pytest

from cli import changes
from cli.errors import UserError
from cli.plans.retry import ClearFailure, Look, plan
from cli.plans.rollback import Version

FAILED = Version(4, "Approved", "arn:4", failed=True)
ENDPOINT = "retrain--churn"


def test_a_version_whose_deployment_failed_is_marked_no_more_and_looked_at() -> None:
    found = plan("churn", [FAILED, Version(3, "Approved", "arn:3")], 4, 3, ENDPOINT, "alarms")

    assert found == [ClearFailure("churn", 4, "alarms"), Look("churn", ENDPOINT)]
    assert changes.render_text(found) == (
        "  clear the failure of: churn version 4 (alarms)\n  compare what serves with what should: churn"
    )


def test_a_version_that_serves_is_not_deployed_again() -> None:
    assert plan("churn", [Version(4, "Approved", "arn:4")], 4, 4, ENDPOINT) == []
    assert plan("churn", [Version(4, "Approved", "arn:4", erased=True)], 4, 4, ENDPOINT) == []


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ([Version(3, "Approved", "arn:3")], "'churn' has no version 4; there are: 3"),
        ([Version(4, "Rejected", "arn:4")], "version 4 of 'churn' is Rejected; `retrain approve churn 4` deploys it"),
        ([Version(4, "Approved", "arn:4", judged=False)], "version 4 of 'churn' was registered by hand"),
        ([Version(4, "Approved", "arn:4", erased=True)], "the held-out records of version 4 of 'churn' were erased"),
        ([Version(5, "Approved", "arn:5"), FAILED], "version 5 of 'churn' is approved and newer"),
    ],
)
def test_what_cannot_be_deployed_is_refused_with_the_way(versions: list[Version], told: str) -> None:
    with pytest.raises(UserError, match=told):
        plan("churn", versions, 4, 3, ENDPOINT)
