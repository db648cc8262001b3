"""A clean-up takes what a run made between the plan and its own end: nothing keeps it waiting, nothing stays."""

from __future__ import annotations

import pytest
from cloud import CloudServer
from sagemaker_resources import FULL

from cli.plans import removal
from cli.stack.stack_resources import Scope, resources_of
from cli.stack.target import Target


def test_a_version_that_was_registered_after_the_plan_goes_with_its_group(
    cloud_server: CloudServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "DEADLINE_S", 20.0)
    sagemaker, scope = cloud_server.client("sagemaker"), Scope(Target(cloud_server.url, "meanwhile"))
    group = scope.target.resource("churn")
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    planned = removal.plan(resources_of(scope, everything=False), [], [], everything=False)
    specification = FULL["model_package"][1](cloud_server)["InferenceSpecification"]
    late = sagemaker.create_model_package(ModelPackageGroupName=group, InferenceSpecification=specification)

    outcomes = list(removal.execute(scope, planned))

    assert [change.subject for change in planned] == [group]
    assert [change.subject for outcome in outcomes for change in outcome.done] == [late["ModelPackageArn"], group]
    assert [outcome.kept for outcome in outcomes] == [{}] * len(outcomes)
    assert resources_of(scope, everything=False) == []
