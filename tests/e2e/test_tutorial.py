"""docs/guides/tutorial.md, followed word for word: on this machine, and its part about AWS against a local cloud."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from followed_documents import blocks_of, follow
from project_copy import made_copy_to
from sam import DEPLOYED, RUNTIME, Sam

from cli.stack.local import server
from cli.stack.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(1800)]
BLOCKS = blocks_of("docs/guides/tutorial.md")
HERE, ON_AWS = BLOCKS[:6], BLOCKS[6:]
YES = {"who": "Ada", "reason": "first version", "decision": "approve"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which nothing has to be installed and stage dev is quick."""
    folder = made_copy_to(tmp_path_factory.mktemp("tutorial"), ".venv-sam")
    hurry(folder / "samconfig.toml")
    return folder


def hurry(stages: Path) -> None:
    """Have stage dev wait for nothing, and build for the Python that is here."""
    patient, built = "QuietSeconds=60 MaxWaitSeconds=900", "[default.build.parameters]\n"
    before = stages.read_text()
    assert (before.count(built), patient in before) == (1, True)
    quick = before.replace(patient, f"QuietSeconds=1 MaxWaitSeconds=900 BakeSeconds=0 {DEPLOYED}")
    stages.write_text(quick.replace(built, f'{built}parameter_overrides = "{RUNTIME}"\n'))


@pytest.fixture(scope="module")
def here(project: Path) -> list[str]:
    """What the blocks about this machine say, while a person approves on the page that the fifth leads to."""
    said = []
    try:
        for block in HERE:
            said.append(follow(block, project))
            if "/decide/" in block:
                said.append(press_approve(said[-1].strip()))
    finally:
        follow(".venv/bin/retrain down", project)
    return said


@pytest.fixture(scope="module")
def account(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sam]:
    """A local cloud with nothing in it, which holds everybody to their policies, in an account's place."""
    state = tmp_path_factory.mktemp("account") / "state"
    process, url = server.start(0, state, enforce_iam=True)
    yield Sam(project, Target(url, "retrain"))
    server.stop(state)
    process.wait(timeout=120)
    assert process.stdout is not None
    process.stdout.close()


def press_approve(link: str) -> str:
    """Send the page's form as a browser does, which finds every name below localhost here; what the page then says."""
    page = urlsplit(link)
    here = page._replace(netloc=f"127.0.0.1:{page.port}").geturl()
    own = {"Host": page.netloc, "Sec-Fetch-Site": "same-origin", "Origin": "null"}
    with urllib.request.urlopen(urllib.request.Request(here, urlencode(YES).encode(), own), timeout=60) as answer:
        return str(answer.read().decode())


def test_a_table_of_ones_own_is_approved_on_the_page_and_answers(here: list[str]) -> None:
    demo, opened, guessed, asked, _, approved, answered = here

    assert re.search(r"^churn-\S+: Deployed$", demo, re.MULTILINE)
    assert re.search(r"look at it: http://\S+", opened)
    assert guessed.rstrip().endswith("models/parcels.yaml: good")
    assert "approval requested" in asked
    assert "Version 1 was approved" in approved
    assert "✓ verified" in answered
    assert len(re.findall(r"^[01]\.\d{4}  (?:yes|no)$", answered, re.MULTILINE)) == 3


def test_the_same_table_is_learnt_from_on_what_sam_deployed_and_nothing_is_left(
    here: list[str], account: Sam, project: Path
) -> None:
    said = [follow(block, project, account.environment) for block in ON_AWS]

    deployed, served, gone = said
    assert here
    assert "Successfully created/updated stack - retrain" in deployed
    assert "✓ verified" in served
    assert len(re.findall(r"^[01]\.\d{4}  (?:yes|no)$", served, re.MULTILINE)) == 3
    assert "Deleted successfully" in gone
    buckets = [one["Name"] for one in account.target.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if not name.startswith("aws-sam-cli-managed-default-")] == []
