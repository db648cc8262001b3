"""Every answer has the members and types that its service's model has: each operation is asked once, by a story.

Of what is wrong on the wire tests/answer_shapes.py tells; unsent_members.yaml has the reason of each member that is
never sent.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import stories_account
import stories_code
import stories_data
import stories_events
import stories_sagemaker
import yaml
from asking import Asked, known
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from cloud import CloudServer, start_cloud, stop_cloud

from localcloud.front import supported
from localcloud.sagemaker.request_members import MEMBERS
from localcloud.templates import api as templates

pytestmark = pytest.mark.timeout(900)
UNSENT: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "unsent_members.yaml").read_text())
STORIES: Mapping[str, Callable[[Any], None]] = {
    name: story
    for module in (stories_events, stories_account, stories_data, stories_code, stories_sagemaker)
    for name in supported.SERVICES
    if (story := getattr(module, name, None)) is not None
}
OTHERWISE = {  # (service, operation) -> what AWS answers beside its own model
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html, its example
    ("s3", "PutBucketTagging"): {"HTTP 204, not 200"},
    ("s3", "GetObject"): {"HTTP 206, not 200"},  # of a range
    # a stack that a change set is to make; https://repost.aws/knowledge-center/cloudformation-review-in-progress
    ("cloudformation", "DescribeStackEvents"): {".StackEvents.ResourceStatus is 'REVIEW_IN_PROGRESS', no string"},
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html, its example
    **{
        ("iam", f"Simulate{kind}Policy"): {
            ".EvaluationResults.MatchedStatements.SourcePolicyType is 'IAM Policy', no string"
        }
        for kind in ("Principal", "Custom")
    },
    # of a function without one, of a training job that has not ended, of a version of a group
    ("awslambda", "GetFunctionCodeSigningConfig"): {"no .CodeSigningConfigArn"},
    ("sagemaker", "DescribeTrainingJob"): {"no .ModelArtifacts"},
    ("sagemaker", "DescribeModelPackage"): {"no .ModelPackageName"},
}
NOT_ASKED: Mapping[str, str] = {  # by service: needs what a story cannot have, or is asked by another test
    # a file to import and a table to export to, which moto answers at once
    "dynamodb": "DescribeExport DescribeImport ExportTableToPointInTime ImportTable ListExports",
    # certificates and providers, whose documents a story would have to sign
    "iam": """
        CreateSAMLProvider DeleteSAMLProvider GetSAMLProvider UpdateSAMLProvider DeleteSSHPublicKey GetSSHPublicKey
        UpdateSSHPublicKey UploadSSHPublicKey DeleteServerCertificate GetServerCertificate UploadServerCertificate
        DeleteSigningCertificate UpdateSigningCertificate UploadSigningCertificate
    """,
    "awslambda": "InvokeAsync",  # deprecated; tests/integration/test_function_versions.py
    "events": "CancelReplay",  # a replay is over at once
    "sns": "ConfirmSubscription",  # tests/integration/test_outbox.py: a token comes by mail
    "stepfunctions": """
        DescribeMapRun UpdateMapRun SendTaskFailure SendTaskHeartbeat SendTaskSuccess
    """,  # tests/integration/test_stepfunctions.py: a token is a running task's
    "s3": """
        DeleteBucketReplication DeleteBucketWebsite GetBucketReplication GetBucketWebsite GetBucketLifecycle
        GetBucketNotification PutBucketLifecycle PutBucketNotification GetObjectLegalHold GetObjectLockConfiguration
        ListDirectoryBuckets PutObjectLegalHold PutObjectLockConfiguration PutObjectRetention
        RestoreObject
    """,  # kept and played by nobody, or older names of others
    "logs": "CancelExportTask CreateExportTask DeleteSubscriptionFilter PutSubscriptionFilter",  # need targets
    "sagemaker": "",
    "sagemakerruntime": "InvokeEndpointAsync",  # refused: no endpoint is asynchronous here
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Asked]]:
    """What a service answered to its story, on a local cloud of the stories' own."""
    cloud: CloudServer = start_cloud(tmp_path_factory.mktemp("answers"))

    @cache
    def of(service: str) -> Asked:
        asked = Asked(cloud, supported.SERVICES[service].model)
        STORIES[service](asked)
        return asked

    yield of
    stop_cloud(cloud)


@cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(supported.SERVICES[service].model, "service-2"))


def operations(service: str) -> set[str]:
    """Those that moto or this package answers and nothing refuses."""
    own = {"sagemaker": set(MEMBERS), "cloudformation": set(templates._OPERATIONS)}.get(service)
    if own is not None:
        return own
    served = supported.SERVICES[service]
    classes = [
        one for one in vars(importlib.import_module(f"moto.{service}.responses")).values() if isinstance(one, type)
    ]
    return {
        name
        for name in model(service).operation_names
        if served.played is not None or any(hasattr(one, xform_name(name)) for one in classes)
        if not supported.is_refused(served, name)
    }


def unsent(service: str, asked: Asked) -> set[str]:
    """Members that no answer had; not those of a structure that no answer had."""
    found = {
        f"{operation}.{path}": sent
        for operation, sent in asked.sent.items()
        for path in known(model(service).operation_model(operation))
        if path not in sent
    }
    return {name for name in found if name.rpartition(".")[0] not in found}


def reasons(service: str) -> dict[str, str]:
    """Pattern -> why what it fits is not sent."""
    listed = [*UNSENT["all"].items(), *UNSENT.get(service, {}).items()]
    return {pattern: reason for reason, patterns in listed for pattern in patterns.split()}


def test_every_service_has_a_story() -> None:
    assert set(STORIES) == set(supported.SERVICES)
    assert set(UNSENT) - {"all"} <= set(STORIES)


@pytest.mark.parametrize("service", STORIES)
def test_every_operation_is_asked_or_listed(service: str, told: Callable[[str], Asked]) -> None:
    listed = set(NOT_ASKED.get(service, "").split())
    asked = set(told(service).sent)

    assert sorted(operations(service) - asked - listed) == []
    assert sorted(listed & asked) == sorted(listed - operations(service)) == []


@pytest.mark.parametrize("service", STORIES)
def test_every_answer_has_its_types_its_required_members_its_status_and_its_headers(
    service: str, told: Callable[[str], Asked]
) -> None:
    found = {
        operation: sorted(set(faults) - OTHERWISE.get((service, operation), set()))
        for operation, faults in told(service).faults.items()
    }

    assert {operation: faults for operation, faults in found.items() if faults} == {}


@pytest.mark.parametrize("service", STORIES)
def test_every_member_is_sent_or_has_the_reason_why_it_is_not(service: str, told: Callable[[str], Asked]) -> None:
    patterns = reasons(service)

    unexplained = [
        name
        for name in sorted(unsent(service, told(service)))
        if not any(fnmatchcase(name, pattern) for pattern in patterns)
    ]

    assert unexplained == []


@pytest.mark.parametrize("service", sorted(set(UNSENT) - {"all"}))
def test_a_reason_is_for_what_is_not_sent(service: str, told: Callable[[str], Asked]) -> None:
    missing = unsent(service, told(service))
    own = [pattern for patterns in UNSENT[service].values() for pattern in patterns.split()]

    assert [pattern for pattern in own if not any(fnmatchcase(name, pattern) for name in missing)] == []
