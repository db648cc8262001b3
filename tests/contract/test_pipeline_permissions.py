"""Every compiled pipeline is held against the roles that run it before it runs anywhere."""

from pathlib import Path

import pytest

from localcloud.iam.permissions import RequiredPermission
from localcloud.iam.policies import AccessRequest
from tests.contract.compiled_pipelines import COMPILED, PIPELINE_ROLE, needs_of_images, needs_of_steps
from tests.contract.role_policies import JOBS_ROLE, SERVING_ROLE, synthesised


def refused(role: str, needs: list[RequiredPermission]) -> set[str]:
    asks = [AccessRequest(role, need.action, need.resource, need.context) for need in needs]
    return {f"{ask.action} on {ask.resource}" for ask in asks if not synthesised().decide(ask).allowed}


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_the_pipelines_role_may_start_and_follow_every_step(path: Path) -> None:
    needs = needs_of_steps(path)

    assert needs
    assert refused(PIPELINE_ROLE, needs) == set()


@pytest.mark.parametrize("role", [PIPELINE_ROLE, JOBS_ROLE, SERVING_ROLE])
def test_every_image_that_a_model_file_can_name_may_be_pulled(role: str) -> None:
    assert refused(role, needs_of_images()) == set()
