"""The parts of jobs that need no job: names, folders, last words, metrics, images."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.containers.images import SCIKIT_LEARN, XGBOOST, XGBOOST_FORMER, XGBOOST_PICKLING, image_of
from localcloud.sagemaker.jobs.job_processes import final_metrics, last_words
from localcloud.sagemaker.jobs.workspace import arguments, hosts_of, inside, root_of, training_variables
from localcloud.sagemaker.pipelines.step_types.arguments import with_texts
from localcloud.sagemaker.storage import DataProblem, relative_name, split


@pytest.mark.parametrize(
    ("key", "prefix", "expected"),
    [
        ("data/train/a.csv", "data/train", "a.csv"),
        ("data/train/a.csv", "data/train/", "a.csv"),
        ("data/train/deep/a.csv", "data/train", "deep/a.csv"),
        ("data/train.csv", "data/train.csv", "train.csv"),
        ("data/train-1.csv", "data/train", "train-1.csv"),
        ("a.csv", "", "a.csv"),
    ],
)
def test_an_object_lies_below_its_prefix(key: str, prefix: str, expected: str) -> None:
    assert relative_name(key, prefix) == expected


def test_an_s3_uri_is_a_bucket_and_a_key() -> None:
    assert split("s3://b/some/key") == ("b", "some/key")
    with pytest.raises(DataProblem, match="not an S3 URI"):
        split("https://b/k")


def test_a_containers_path_lies_below_the_jobs_folder() -> None:
    assert inside(Path("/j/opt/ml"), "/opt/ml/processing/in") == Path("/j/opt/ml/processing/in")
    for outside in ("/etc/passwd", "/opt/ml/../x", "/opt/mlx"):
        with pytest.raises(ValueError, match="not under"):
            inside(Path("/j"), outside)


def test_every_host_has_its_own_folder() -> None:
    assert hosts_of(2) == ["algo-1", "algo-2"]
    assert root_of(Path("/j"), "algo-1") == Path("/j/opt/ml")
    assert root_of(Path("/j"), "algo-2") == Path("/j/algo-2/opt/ml")


def test_the_last_words_are_the_exception_and_its_place() -> None:
    lines = [
        "ok",
        "Traceback (most recent call last):",
        '  File "/opt/ml/x.py", line 3, in f',
        "    g()",
        "ValueError: a",
        "b",
    ]

    assert last_words(lines) == 'ValueError: a\nb\nFile "/opt/ml/x.py", line 3, in f'


def test_without_a_traceback_they_are_the_last_lines() -> None:
    assert last_words([f"line {number}" for number in range(9)] + [""]) == "line 4\nline 5\nline 6\nline 7\nline 8"
    assert last_words([]) == ""


def test_a_metric_is_the_last_value_that_its_pattern_saw() -> None:
    hear, found = final_metrics([{"Name": "auc", "Regex": r"auc=([0-9.]+|nan?)"}])
    for line in ("auc=0.5", "nothing", "auc=0.75 auc=0.8"):
        hear(line)

    assert {name: value for name, (value, _) in found.items()} == {"auc": 0.8}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0", XGBOOST),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3", SCIKIT_LEARN),
        ("1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost@sha256:abc", XGBOOST),
        ("1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.3-1", XGBOOST),
        ("1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.2-2@sha256:abc", XGBOOST_PICKLING),
        ("1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.0-1-cpu-py3", XGBOOST_FORMER),
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest", XGBOOST_FORMER),
        ("1.dkr.ecr.us-east-1.amazonaws.com/my-sagemaker-xgboost:1", None),
        ("", None),
    ],
)
def test_an_image_is_known_by_its_repository_and_version(uri: str, expected: object) -> None:
    assert image_of(uri) is expected


def test_training_variables_are_those_of_the_toolkits() -> None:
    resources = {"hosts": ["algo-1"], "current_host": "algo-1"}
    found = training_variables({"eta": "0.3", "name": '"x"', "sagemaker_program": "t.py"}, {"my-data": {}}, resources)

    assert found["SM_CHANNEL_MY-DATA"] == "/opt/ml/input/data/my-data"
    assert found["SM_CHANNELS"] == '["my-data"]'
    assert found["SM_HPS"] == '{"eta":0.3,"name":"x"}'
    assert (found["SM_HP_ETA"], found["SM_HP_NAME"]) == ("0.3", "x")
    assert found["SM_USER_ARGS"] == '["--eta","0.3","--name","x"]'


def test_arguments_come_by_name_and_as_the_toolkits_write_them() -> None:
    given = {"rounds": 2, "verbose": True, "n": 5, "layers": [1, 2], "weights": {"b": 2, "a": 1}, "seed": None}

    assert arguments(given) == [
        *("--layers", "[1, 2]", "-n", "5", "--rounds", "2", "--seed", ""),
        *("--verbose", "True", "--weights", "a=1,b=2"),
    ]
    assert with_texts({"Map": {"eta": 0.5, "name": "x"}, "Count": 2}, "Map") == {
        "Map": {"eta": "0.5", "name": "x"}, "Count": 2,
    }  # fmt: skip
