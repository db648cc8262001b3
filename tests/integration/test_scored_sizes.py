"""Files to be scored that are larger than what a function keeps in its /tmp: refused by name, with what to do."""

import gzip
import json

import join_scores
import prepare_scoring
import pytest
from app.decide.uploads import scores
from app.decide.uploads.scores import Scoring, parse_scoring_key
from app.errors import ScoresTooLarge
from lambda_context import Context
from moto_world import BUCKET, World

FILE = b"customerID,tenure\n" + b"A,1\n" * 100
BODIES = {"a.csv": FILE, "a.csv.gz": gzip.compress(FILE)}


def asked(world: World, name: str) -> Scoring:
    key = f"scoring/churn/{name}"
    detail = world.upload(key, BODIES[name])["detail"]
    scoring = parse_scoring_key(BUCKET, key, detail["object"]["version-id"])
    assert scoring
    return scoring


@pytest.mark.parametrize("name", BODIES)
def test_a_file_that_is_too_large_to_be_scored_goes_to_quarantine_with_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(scores, "MOST_BYTES", len(FILE) - 1)
    scoring = asked(world, name)

    answer = prepare_scoring.handler({"scoring": scoring._asdict()}, Context())

    (reason,) = answer["reasons"]
    assert answer["usable"] is False
    assert reason.startswith(f"scoring/churn/{name}: has more than ")
    assert "; split it into files of at most 512 MiB, unpacked, each with the header line" in reason
    kept = world.s3.get_object(Bucket=BUCKET, Key=f"{scoring.refused_key}.reason.json")["Body"].read()
    assert json.loads(kept)["message"] == reason
    assert "Versions" not in world.s3.list_object_versions(Bucket=BUCKET, Prefix="scoring/")


@pytest.mark.parametrize("name", BODIES)
def test_a_file_of_just_the_bound_is_scored(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(scores, "MOST_BYTES", len(FILE))

    answer = prepare_scoring.handler({"scoring": asked(world, name)._asdict()}, Context())

    assert answer == {"usable": True, "rows": 100}


@pytest.mark.parametrize("name", BODIES)
def test_predictions_that_make_too_much_of_a_file_fail_its_scoring_by_name(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(scores, "MOST_WRITTEN", 2 * len(FILE))
    scoring = asked(world, name)
    world.s3.put_object(Bucket=BUCKET, Key=scoring.files.output_key, Body=b"0.123456789,Yes\n" * 100)

    with pytest.raises(ScoresTooLarge, match=f"scoring/churn/{name}: comes to more than .* split it"):
        join_scores.handler({"scoring": scoring._asdict()}, Context())

    assert world.keys("scored/") == []
