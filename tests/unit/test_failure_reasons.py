"""Why an endpoint or a job failed: a lack of capacity, a quota that frees itself, or one that is too low."""

import pytest
from app.decide.failure_reasons import SHORTAGES, is_out_of_date, is_scaled, quota_in, shortage_in
from app.decide.run_plans import failure_message
from app.errors import InsufficientCapacity, QuotaReached, QuotaTooLow, RetrainError

SENTENCE = (
    "ClientError: Failed to invoke sagemaker:CreateTrainingJob. Error Details: The account-level service limit "
    "'ml.m5.large for {} usage' is {} Instances, with current utilization of {} Instances and a request delta of {} "
    "Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not "
    "available, contact AWS support to request an increase for this quota."
)
ENDPOINTS_OF_OLD = "ResourceLimitExceeded: too many endpoints"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
         InsufficientCapacity),
        ("CapacityError: Unable to provision requested ML compute capacity. Please retry.", InsufficientCapacity),
        (SENTENCE.format("endpoint", 2, 2, 1), QuotaReached),
        (SENTENCE.format("endpoint", 0, 0, 1), QuotaTooLow),
        (SENTENCE.format("endpoint", 1, 0, 2), QuotaTooLow),
        (ENDPOINTS_OF_OLD, QuotaReached),
        ("AlgorithmError: the header has no column 'note'", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_quota_is_no_lack_of_capacity(reason: str, kind: type[RetrainError] | None) -> None:
    assert shortage_in(reason) is kind
    assert kind is None or SHORTAGES[kind]


def test_a_quota_of_0_fails_with_a_sentence_that_names_it_and_the_remedy() -> None:
    reason = SENTENCE.format("spot training job", 0, 0, 1)

    assert failure_message("Train", reason, [], "/aws/sagemaker/TrainingJobs", "job") == (
        "step 'Train' failed: the account's quota 'ml.m5.large for spot training job usage' is 0, and 1 is needed; "
        "request an increase in Service Quotas (Amazon SageMaker), name another instance type in the model file, "
        "or set spot: false"
    )


def test_a_quota_that_is_used_up_frees_itself() -> None:
    assert str(quota_in(SENTENCE.format("transform job", 4, 4, 1))) == (
        "the account's quota 'ml.m5.large for transform job usage' is used up: 4 of 4, and 1 more is needed; "
        "begin again when other work has ended, or request an increase in Service Quotas"
    )


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ('Cannot update in-progress endpoint "arn:aws:sagemaker:eu-west-1:1:endpoint/retrain--churn".', True),
        ('Cannot create already existing endpoint "arn:aws:sagemaker:eu-west-1:1:endpoint/retrain--churn".', True),
        ('Could not find endpoint "arn:aws:sagemaker:eu-west-1:1:endpoint/retrain--churn".', True),
        ('Could not find endpoint configuration "arn:aws:sagemaker:eu-west-1:1:endpoint-config/a".', False),
        ("Serverless variants cannot be updated to instances.", False),
    ],
)
def test_a_refusal_that_speaks_of_another_change_says_nothing_about_what_was_asked_for(
    refusal: str, told: bool
) -> None:
    assert is_out_of_date(refusal) is told


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ('The variant(s) "AllTraffic" must be deregistered as scalable target(s) before they can be updated.', True),
        ("Deregister the variant from Application Auto Scaling before its instance type is changed.", True),
        ("Serverless variants cannot be updated to instances.", False),
    ],
)
def test_a_refusal_that_asks_for_deregistering_says_nothing_about_what_was_asked_for(refusal: str, told: bool) -> None:
    assert is_scaled(refusal) is told
