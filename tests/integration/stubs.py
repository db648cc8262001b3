"""SageMaker's answers by botocore's own means, which hold every request and answer against the service's shapes."""

from typing import Any

from botocore.stub import Stubber

PACKAGES = "arn:aws:sagemaker:us-east-1:123456789012:model-package/retrain--churn"


def approved(sagemaker: Stubber, *versions: int) -> None:
    """The next time that churn's approved versions are listed, they are these."""
    summaries = [
        {
            "ModelPackageVersion": version,
            "ModelPackageArn": f"{PACKAGES}/{version}",
            "CreationTime": "2026-03-14T10:15:00Z",
            "ModelPackageStatus": "Completed",
        }
        for version in versions
    ]
    asked = {"ModelPackageGroupName": "retrain--churn", "ModelApprovalStatus": "Approved"}
    sagemaker.add_response("list_model_packages", {"ModelPackageSummaryList": summaries}, asked)


def generated_by(sagemaker: Stubber, arn: str, execution: str) -> None:
    """The next time that a version is described, this pipeline execution registered it; "" for none."""
    found: dict[str, Any] = {
        "ModelPackageName": "x", "ModelPackageArn": arn, "CreationTime": "2026-03-14T10:15:00Z",
        "ModelPackageStatus": "Completed", "ModelPackageStatusDetails": {"ValidationStatuses": []},
    }  # fmt: skip
    found |= {"MetadataProperties": {"GeneratedBy": execution}} if execution else {}
    sagemaker.add_response("describe_model_package", found, {"ModelPackageName": arn})
