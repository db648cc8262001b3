"""Features in front of an algorithm that cannot carry our code, and the answer behind it."""

import json

import answer_stage
import features_stage
import pytest
from artifact.answers import ValueAnswer
from features.features import CategoryColumn, Features, NumberColumn

COLUMNS = (NumberColumn("rooms", mean=4.0, scale=2.0), CategoryColumn("plan", {"a": 0, "b": 1}))


@pytest.fixture
def features(tmp_path):
    made = Features("m", COLUMNS, ValueAnswer("log"), "y", None, (), {})
    (tmp_path / "features.json").write_text(json.dumps(made.document()))
    return features_stage.model_fn(str(tmp_path))


@pytest.mark.parametrize(("body", "media"), [
    ("6,b", "text/csv"), ('{"instances": [{"rooms": 6, "plan": "b"}]}', "application/json"),
    ('["6", "b"]\n', "application/jsonlines"), ('{"rooms": 6, "plan": "b"}', "application/jsonlines"),
])  # fmt: skip
def test_raw_records_become_numbers_as_csv_whatever_the_caller_accepts(features, body, media):
    assert features_stage.transform_fn(features, body, media, "application/json") == ("1.0,0.0,1.0\n", "text/csv")


@pytest.mark.parametrize(("body", "words"), [("[6]", "record 1 has 1 fields"), ("no", "not JSON"), ("", "no record")])
def test_a_bad_line_is_told_what_is_wrong(features, body, words):
    response = features_stage.transform_fn(features, body, "application/jsonlines", None)

    assert (response.status_code, words in response.get_data(as_text=True)) == (400, True)


@pytest.mark.parametrize(("body", "media"), [
    ('{"predictions": [{"predicted_label": 0.0}]}', "application/json"), ('{"score": 0.0}\n', "application/jsonlines"),
    ("0.0\n", "text/csv"),
])  # fmt: skip
def test_what_the_algorithm_says_becomes_an_answer(features, body, media):
    assert answer_stage.transform_fn(features, body, media, "text/csv") == ("1.0\n", "text/csv")
    assert json.loads(answer_stage.transform_fn(features, body, media, "application/json")[0]) == {
        "predictions": [{"value": 1.0}]
    }
