"""A file to be scored that was refused, and whose function died before it answered: the next attempt says why, too."""

from typing import Any

import prepare_scoring
import pytest
from app.decide.uploads.scores import Scoring, parse_scoring_key
from lambda_context import Context
from moto_world import BUCKET, World

NO_COLUMNS = b"no,columns\n1,2\n"


def uploaded(world: World, key: str) -> Scoring:
    detail = world.upload(key, NO_COLUMNS)["detail"]
    scoring = parse_scoring_key(BUCKET, key, detail["object"]["version-id"])
    assert scoring
    return scoring


def prepared(scoring: Scoring) -> dict[str, Any]:
    return prepare_scoring.handler({"scoring": scoring._asdict()}, Context())


@pytest.mark.parametrize(
    ("key", "why"), [("scoring/churn/may.csv", "no column"), ("scoring/chrun/may.csv", "no model 'chrun'")]
)
def test_the_attempt_after_the_deletion_answers_as_the_one_that_refused(world: World, key: str, why: str) -> None:
    scoring = uploaded(world, key)
    first = prepared(scoring)

    assert "Versions" not in world.s3.list_object_versions(Bucket=BUCKET, Prefix="scoring/")
    assert why in first["reasons"][0]
    assert prepared(scoring) == first


def test_a_file_that_somebody_deleted_is_not_said_to_be_refused_as_an_older_one_of_its_name(world: World) -> None:
    prepared(uploaded(world, "scoring/churn/may.csv"))
    scoring = uploaded(world, "scoring/churn/may.csv")
    world.s3.delete_object(Bucket=BUCKET, Key=scoring.key, VersionId=scoring.version_id)

    assert prepared(scoring) == {"usable": False, "reasons": [f"{scoring.name} was deleted before it was scored"]}


def test_a_file_that_was_never_refused_is_said_to_be_deleted(world: World) -> None:
    scoring = uploaded(world, "scoring/churn/may.csv")
    world.s3.delete_object(Bucket=BUCKET, Key=scoring.key, VersionId=scoring.version_id)

    assert prepared(scoring) == {"usable": False, "reasons": [f"{scoring.name} was deleted before it was scored"]}
