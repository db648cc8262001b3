"""Projects as SageMaker's users write them, run unchanged on a local cloud that holds their role to its policies.

A project runs in the environment of the SDK that it was written for, with what `retrain up` says to export.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cloud import start_cloud, stop_cloud
from sdk_projects import Project, Sdk, Workplace

from cli.demo_data import generate
from cli.stack.local.sdk_defaults import prepare
from cli.stack.target import Target

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each needs an environment of its own, which `make test` does not make."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.local)


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A local cloud of the clients' own, which refuses what roles may not do."""
    state = tmp_path_factory.mktemp("clients") / "state"
    cloud = start_cloud(state, 0, "--enforce-iam")
    yield Workplace(cloud, prepare(Target(cloud.url), state))
    stop_cloud(cloud)


@pytest.fixture
def project(workplace: Workplace, tmp_path: Path) -> Callable[[Sdk, str], Project]:
    """Makes a copy of one of the projects here, to be run with an SDK."""

    def make(sdk: Sdk, name: str) -> Project:
        assert sdk.python.is_file(), f"SDK v{sdk.version} is not installed: `make {sdk.target}` does it"
        folder = shutil.copytree(HERE / "projects" / name, tmp_path / name)
        return Project(sdk, folder, workplace)

    return make


@pytest.fixture(scope="session")
def customers() -> Callable[[int, int], str]:
    """Makes rows of customers who stay or leave, as CSV with a header."""
    return lambda rows, seed: generate("churn", rows, seed)
