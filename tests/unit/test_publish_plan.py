"""What publishing changes: from what is to stand and what stands."""

import json
from dataclasses import replace
from typing import Any

import pytest

from cli import changes
from pipelines.publishing.log_groups import BoundLogGroup, LogGroup
from pipelines.publishing.model_roles import ModelRole, RoleTaken, StandingRole, Use
from pipelines.publishing.plan import (
    Announce,
    CreatePackageGroup,
    CreatePipeline,
    NameTaken,
    Pipeline,
    Publication,
    Standing,
    StandingPipeline,
    UpdatePipeline,
    UploadCode,
    UploadModel,
    document,
    plan,
)

CODE = {"code/c0de/clean.py": b"a", "code/c0de.tar.gz": b"b"}
VIEWS = {"config/versions/churn/evaluation/aa.json": b"c"}
TRAINS = Pipeline("retrain--churn", '{"Steps": []}', {"eta": "0.1"})
POLICY = "arn:aws:iam::123456789012:policy/{}"
ROLES = {use: ModelRole("retrain", "churn", "us-east-1", use, POLICY.format(use)) for use in Use}
STANDING = {
    use: StandingRole(role.policy_arn, role.tags, role.trust, frozenset({role.policy_arn}))
    for use, role in ROLES.items()
}
LOGS = LogGroup("/aws/sagemaker/Endpoints/retrain--churn", 30)
WANTED = Publication(
    "retrain", "data", {"name": "churn", "title": "Customer churn"}, CODE, "c0de", b"{}", VIEWS, "arn:role",
    ROLES[Use.JOBS], ROLES[Use.SERVING], (TRAINS,),
    "retrain--churn", LOGS,
)  # fmt: skip
NOTHING = Standing(frozenset(), {}, frozenset(), {})
THERE = {"retrain--churn": StandingPipeline("arn:p", 3, "arn:role", '{"Steps":[]}', "retrain")}
KEYS = frozenset({*CODE, *VIEWS, WANTED.model_key})
COMPLETE = Standing(
    KEYS, THERE, frozenset({"retrain--churn"}), document(WANTED, THERE) | {"published_at": "2026-03-14T10:00:00Z"},
    {ROLES[use].name: role for use, role in STANDING.items()},
    LOGS,
)  # fmt: skip


def with_role(use: Use, role: StandingRole | None) -> Standing:
    """All as it is to be, but for one role."""
    others = {name: one for name, one in COMPLETE.roles.items() if name != ROLES[use].name}
    return replace(COMPLETE, roles=others | ({ROLES[use].name: role} if role else {}))


def kinds(standing: Standing, wanted: Publication = WANTED) -> list[str]:
    return [type(change).__name__ for change in plan(wanted, standing).changes]


def test_where_all_stands_nothing_changes() -> None:
    assert plan(WANTED, COMPLETE).changes == ()


def test_where_nothing_stands_all_is_made_and_announced_last() -> None:
    found = plan(WANTED, NOTHING).changes

    assert kinds(NOTHING) == [
        "UploadCode", "UploadModel", "UploadModel", "CreateRole", "CreateRole", "CreateLogGroup",
        "CreatePipeline", "CreatePackageGroup", "Announce", "Announce",
    ]  # fmt: skip
    assert [one.key for one in found if isinstance(one, Announce)] == [
        "config/pipelines/churn/1.json", "config/models/churn.json",
    ]  # fmt: skip
    assert changes.render_text(found).splitlines() == [
        f"  upload: 2 files to code/c0de/, {WANTED.model_key}, config/versions/churn/evaluation/aa.json",
        "  create role: retrain--churn-jobs-us-east-1, retrain--churn-serving-us-east-1",
        "  create log group: /aws/sagemaker/Endpoints/retrain--churn, kept 30 days",
        "  create pipeline: retrain--churn version 1",
        "  create model package group: retrain--churn",
        "  announce: config/pipelines/churn/1.json, config/models/churn.json",
    ]


@pytest.mark.parametrize(
    ("standing", "found"),
    [
        (replace(COMPLETE, keys=KEYS - {"code/c0de.tar.gz"}), ["UploadCode"]),
        (replace(COMPLETE, keys=KEYS - {WANTED.model_key}), ["UploadModel"]),
        (replace(COMPLETE, keys=KEYS - set(VIEWS)), ["UploadModel"]),
        (replace(COMPLETE, groups=frozenset({"retrain--churn-rate"})), ["CreatePackageGroup"]),
        *((with_role(use, None), ["CreateRole"]) for use in Use),
        *(
            (with_role(use, replace(role, attached=frozenset({"arn:other"}))), ["AttachPolicy"])
            for use, role in STANDING.items()
        ),
        (replace(COMPLETE, log_group=None), ["CreateLogGroup"]),
        (replace(COMPLETE, log_group=replace(LOGS, retention_days=0)), ["BoundLogGroup"]),
        (replace(COMPLETE, log_group=replace(LOGS, key_arn="arn:key")), []),
        (replace(COMPLETE, announced={}), ["Announce", "Announce"]),
        (replace(COMPLETE, announced=COMPLETE.announced | {"tunes": True}), ["Announce", "Announce"]),
    ],
)
def test_what_was_taken_away_alone_is_made_again(standing: Standing, found: list[str]) -> None:
    assert kinds(standing) == found


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"boundary": ""}, "permissions boundary"),
        ({"boundary": "arn:aws:iam::aws:policy/AdministratorAccess"}, "permissions boundary"),
        ({"tags": ROLES[Use.JOBS].tags | {"retrain-model": "house-price"}}, "tag retrain-model"),
        ({"tags": ROLES[Use.JOBS].tags | {"retrain-stack": "another"}}, "tag retrain-stack"),
        ({"tags": {}}, "tag retrain-stack, tag retrain-model"),
        ({"trust": {"Statement": []}}, "trust policy"),
    ],
)
def test_a_role_that_somebody_else_made_or_opened_is_not_taken(other: dict[str, Any], told: str, use: Use) -> None:
    standing = with_role(use, replace(STANDING[use], **other))

    with pytest.raises(
        RoleTaken, match=rf"role retrain--churn-{use}-us-east-1 is not what .* \(its {told}\): find out"
    ):
        plan(WANTED, standing)


def test_a_log_group_that_is_there_gets_the_stacks_key_and_keeps_its_retention() -> None:
    keyed = replace(WANTED, log_group=replace(LOGS, key_arn="arn:key"))

    (bound,) = plan(keyed, COMPLETE).changes

    assert isinstance(bound, BoundLogGroup)
    assert bound.subject == "/aws/sagemaker/Endpoints/retrain--churn, kept 30 days, under arn:key"


def test_a_model_without_an_endpoint_has_no_log_group_of_its_own() -> None:
    assert plan(replace(WANTED, log_group=None), replace(COMPLETE, log_group=None)).changes == ()


@pytest.mark.parametrize("other", [{"definition": '{"Steps": [1]}'}, {"role_arn": "arn:another"}])
def test_a_pipeline_that_differs_is_updated_to_its_next_version(other: dict[str, str]) -> None:
    standing = replace(COMPLETE, pipelines={"retrain--churn": replace(THERE["retrain--churn"], **other)})

    update, under_version, newest = plan(WANTED, standing).changes

    assert isinstance(update, UpdatePipeline)
    assert (update.version, update.definition_sha256) == (4, TRAINS.sha256)
    assert (under_version.subject, newest.subject) == ("config/pipelines/churn/4.json", "config/models/churn.json")


def test_of_two_pipelines_each_changes_by_itself() -> None:
    tunes = Pipeline("retrain--churn--tuned", '{"Steps": [2]}', {})
    both = replace(WANTED, pipelines=(TRAINS, tunes), tunes=False)

    found = plan(both, COMPLETE).changes

    versions = {"retrain--churn": 3, "retrain--churn--tuned": 1}
    assert [type(one) for one in found] == [CreatePipeline, Announce, Announce]
    assert found[0].subject == "retrain--churn--tuned version 1"
    assert {json.dumps(one.versions, sort_keys=True) for one in found if isinstance(one, Announce)} == {
        json.dumps(versions)
    }


def test_another_stacks_pipeline_is_left_alone() -> None:
    theirs = {"retrain--churn": replace(THERE["retrain--churn"], owner="another")}

    with pytest.raises(NameTaken, match="pipeline retrain--churn belongs to stack another; give the model another"):
        plan(WANTED, replace(COMPLETE, pipelines=theirs))


def test_what_is_printed_has_hashes_for_contents() -> None:
    found = plan(WANTED, NOTHING).changes

    printed = changes.as_data(found)
    assert json.loads(json.dumps(printed)) == printed
    assert printed[0] == {"change": "UploadCode", "code_sha256": "c0de", "files": found[0].files}  # type: ignore[union-attr]
    assert printed[3] == {
        "change": "CreateRole", "name": ROLES[Use.JOBS].name, "model": "churn", "policy_arn": POLICY.format("jobs"),
    }  # fmt: skip
    assert printed[6] == {
        "change": "CreatePipeline", "name": "retrain--churn", "version": 1, "role_arn": "arn:role",
        "definition_sha256": TRAINS.sha256,
    }  # fmt: skip
    assert isinstance(found[0], UploadCode)
    assert isinstance(found[1], UploadModel)
    assert isinstance(found[7], CreatePackageGroup)
