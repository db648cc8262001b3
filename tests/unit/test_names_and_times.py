"""Names, keys, times and comparisons."""

import json
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from app.decide.approval_rules import newest_eligible
from app.decide.names import resource_names
from app.decide.names.bucket_keys import dataset_object, is_ignored, parse_upload_key, quarantine_key, split_uri
from app.decide.names.hashes import digest
from app.decide.names.resource_names import model_of_resource, model_of_run, run_id, transform_name, versioned_name
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso, iso, quiet_remaining_s
from app.decide.predictions import same_prediction
from hypothesis import given
from hypothesis import strategies as st

AT = datetime(2026, 3, 14, 10, 15, tzinfo=UTC)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda key: len(key.encode()) <= 1000)
MODELS = st.from_regex(r"[a-z][a-z0-9-]{0,30}[a-z0-9]", fullmatch=True)


@given(MODELS, st.integers(0, 10**9), KEYS)
def test_a_run_id_is_a_legal_name_that_says_its_model(model: str, at: int, key: str) -> None:
    run = run_id(model, AT + timedelta(seconds=at), digest(key))

    assert model_of_run(run) == model
    assert len(run) <= 63
    assert set(run) <= set(string.ascii_letters + string.digits + "-")


@given(MODELS, st.integers(1, 10**6))
def test_a_versioned_name_fits_and_changes_with_its_content(model: str, version: int) -> None:
    one, other = (versioned_name("retrain-staging", model, version, content) for content in ({"a": 1}, {"a": 2}))

    assert max(len(one), len(other)) <= 63
    assert one != other
    assert f"-v{version}-" in one


@given(MODELS, st.integers(1, 99_999))  # a longer stack than this is refused: it leaves room for five digits
def test_a_transform_job_is_named_after_stack_version_and_file(model: str, version: int) -> None:
    name = transform_name("a-stack-with-the-longest-name-of-all", model, version, f"{model}-0a1b2c3d4e5f6071")

    assert len(name) <= 63
    assert name.startswith("a-stack-with-the-longest-name-of-all--" + model[0])
    assert name.endswith(f"-v{version}-0a1b2c3d4e5f6071")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), KEYS)
def test_a_scoring_has_a_name_that_step_functions_takes_whatever_the_folder(folder: str, key: str) -> None:
    name = resource_names.scoring_name("bucket", folder, key, "v1")

    assert len(name) <= 80
    assert set(name) <= set(string.ascii_letters + string.digits + "-")
    assert resource_names.scoring_name("bucket", "churn", key, "v1").startswith("churn-")


def test_a_models_name_is_what_the_schema_of_model_files_takes() -> None:
    schema = json.loads((Path(__file__).parents[2] / "models" / "model.schema.json").read_text())

    assert schema["properties"]["name"]["pattern"] == resource_names.MODEL
    assert resource_names.is_model_name("house-price")
    assert not any(map(resource_names.is_model_name, ["", "churn\n", "Churn", "a--b", "-a", "a-", "a" * 40, "\ud800"]))


def test_a_resource_of_another_stack_has_no_model_here() -> None:
    assert model_of_resource("retrain", "retrain--churn") == "churn"
    assert model_of_resource("retrain", "other-churn") is None
    assert model_of_resource("retrain", "retrain--") is None
    assert model_of_resource("retrain", "retrain-x--churn") is None


@given(MODELS, KEYS.filter(lambda key: not is_ignored(key)))
def test_any_legal_key_below_a_model_is_an_upload(model: str, rest: str) -> None:
    assert parse_upload_key(f"incoming/{model}/{rest}") == (model, rest)


@pytest.mark.parametrize("name", [
    "_SUCCESS", "2026/_SUCCESS", ".part-0.csv.crc", "part-0.csv.crc", "_temporary/0/part-0.csv", ".may.csv",
    "._may.csv", "may.csv.tmp", "may.csv.TMP", "may.csv.filepart", "may.csv.part", "may.csv~", ".staging/may.csv",
    "2026/",
])  # fmt: skip
def test_what_a_writer_keeps_for_itself_is_no_upload(name: str) -> None:
    assert parse_upload_key(f"incoming/churn/{name}") is None


@pytest.mark.parametrize(
    "name", ["may.csv", "may", "2026/may_1.csv", "part-00000-1a2b.csv", "tmp/may.csv", "_day=1/a.csv"]
)
def test_a_plain_name_is_an_upload(name: str) -> None:
    assert parse_upload_key(f"incoming/churn/{name}") == ("churn", name)


@pytest.mark.parametrize("key", ["incoming/churn/", "incoming/", "datasets/churn/a.csv", "incoming/churn/2026/"])
def test_folder_markers_and_other_prefixes_are_no_uploads(key: str) -> None:
    assert parse_upload_key(key) is None


def test_a_file_in_no_models_folder_is_an_upload_without_a_model() -> None:
    assert parse_upload_key("incoming/may.csv") == ("", "may.csv")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1024))
def test_a_quarantined_file_and_its_reason_have_legal_keys(rest: str) -> None:
    key = quarantine_key("churn", rest)

    assert key.startswith("quarantine/churn/")
    assert len((key + ".reason.json").encode()) <= 1024


def test_two_versions_of_one_key_are_two_objects() -> None:
    assert dataset_object("a", "1") != dataset_object("a", "2")
    assert dataset_object("a", "12") != dataset_object("a1", "2")


def test_an_s3_uri_splits_into_bucket_and_key() -> None:
    assert split_uri("s3://bucket/a/b c.json") == ("bucket", "a/b c.json")


@pytest.mark.parametrize(
    ("since_first", "since_last", "left"),
    [(0, 0, 60), (10, 10, 50), (30, 0, 60), (59, 59.5, 1), (60, 60, 0), (890, 0, 10), (900, 0, 0), (5000, 1, 0)],
)
def test_a_batch_closes_after_quiet_and_at_the_latest_after_max_wait(
    since_first: float, since_last: float, left: int
) -> None:
    opened, last = AT - timedelta(seconds=since_first), AT - timedelta(seconds=since_last)

    assert quiet_remaining_s(opened, last, AT, quiet_s=60, max_wait_s=900) == left


@given(st.integers(1, 86_400), st.integers(1, 604_800), st.integers(0, 1))
def test_a_steady_stream_closes_its_batch_in_time_and_within_the_history_of_an_execution(
    quiet_s: int, max_wait_s: int, waiting: int
) -> None:
    """Nine events a look, and as many looks as every permitted parameter makes, leave room for the rest of a run."""
    now, looks = AT, 0
    while wait_s := quiet_remaining_s(AT, now, now, quiet_s, max_wait_s, waiting):
        now, looks = now + timedelta(seconds=wait_s), looks + 1

    assert (now - AT).total_seconds() == max_wait_s
    assert 9 * looks < 25_000 / 2


def test_uploads_that_wait_keep_a_batch_from_being_quiet_but_not_beyond_its_longest_wait() -> None:
    long_ago = AT - timedelta(seconds=100)

    assert quiet_remaining_s(long_ago, long_ago, AT, quiet_s=60, max_wait_s=900) == 0
    assert quiet_remaining_s(long_ago, long_ago, AT, quiet_s=60, max_wait_s=900, waiting=1) == 60
    assert quiet_remaining_s(long_ago, long_ago, AT, quiet_s=60, max_wait_s=100, waiting=1) == 0


def test_times_survive_their_text() -> None:
    assert iso(AT) == "2026-03-14T10:15:00.000Z"
    assert from_iso(iso(AT)) == AT
    assert from_iso("2026-03-14T10:15:00") == AT


@pytest.mark.parametrize(
    ("found", "equal"),
    [
        ({"probability": 0.83, "label": "Yes"}, True),
        ({"probability": 0.830004, "label": "Yes"}, True),
        ({"probability": 0.84, "label": "Yes"}, False),
        ({"probability": 0.83, "label": "No"}, False),
        ({"probability": 0.83}, False),
        ({"probability": float("nan"), "label": "Yes"}, False),
    ],
)
def test_an_answer_equals_the_stored_one_but_for_rounding(found: dict[str, object], equal: bool) -> None:
    assert same_prediction(found, {"probability": 0.83, "label": "Yes"}) is equal


@pytest.mark.parametrize(
    ("approved", "failed", "wanted"),
    [([1, 3, 2], set(), 3), ([1, 3, 2], {3}, 2), ([1], {1}, None), ([], set(), None)],
)
def test_the_newest_approved_version_that_has_not_failed_is_wanted(
    approved: list[int], failed: set[int], wanted: int | None
) -> None:
    assert newest_eligible(approved, failed) == wanted


def test_a_run_that_waits_for_something_has_not_ended() -> None:
    assert {str(status) for status in RunStatus if not status.final} == {
        "Waiting",
        "Running",
        "Awaiting approval",
        "Deploying",
    }


def test_a_models_name_in_letters_that_look_like_others_is_spelled() -> None:
    assert resource_names.no_model_text("chrun") == "there is no model 'chrun'"
    assert resource_names.no_model_text("\u0441hurn").endswith(
        "it has other letters than a to z, and is spelled \\u0441hurn"
    )
