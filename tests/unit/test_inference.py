"""The model behind the endpoint, called as the container calls it."""

import json

import inference
import numpy as np
import pytest
import xgboost as xgb
from artifact.answers import BinaryAnswer
from data import records
from features.features import CategoryColumn, Features, NumberColumn
from job.refusals import Refused

from cli.stack.rows.predictions import Answered, unknown_text
from localcloud.watch import embedded_metrics

COLUMNS = (CategoryColumn("plan", {"basic": 0, "gold": 1}), NumberColumn("spent"), NumberColumn("months"))
FEATURES = Features("m", COLUMNS, BinaryAnswer("Yes", "No"), "left", "id", (), {"train": 1, "validation": 1, "test": 1})
RECORD = {"plan": "gold", "spent": "12.5", "months": "3"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.integers(0, 2, 400), rng.uniform(0, 50, 400), rng.integers(0, 60, 400)]).astype("f4")
    booster = xgb.train({"objective": "binary:logistic", "seed": 1}, xgb.DMatrix(rows, rows[:, 1] > 20), 8)
    (folder / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    (folder / "features.json").write_text(json.dumps(FEATURES.document()))
    return inference.model_fn(str(folder))


def ask(model, body, content_type="text/csv", accept="application/json"):
    answer = inference.transform_fn(model, body, content_type, accept)
    if isinstance(answer, tuple):
        return 200, answer[0]
    return answer.status_code, json.loads(answer.get_data())["error"]


def predictions(model, body, content_type="text/csv"):
    status, text = ask(model, body, content_type)
    assert status == 200, text
    return json.loads(text)["predictions"]


def test_every_way_to_say_a_record_gives_the_same_answer(model):
    ways = [
        predictions(model, "gold,12.5,3"),
        predictions(model, b"gold,12.5,3\r\n", "text/csv; charset=utf-8"),
        predictions(model, "\ufeffplan,spent,months\ngold,12.5,3\n"),
        predictions(model, "left,months,id,spent,plan\nNo,3,c1,12.5,gold"),
        predictions(model, json.dumps({"instances": [RECORD]}), "application/json"),
        predictions(model, json.dumps({"instances": [RECORD | {"spent": 12.5, "id": 7}]}), "application/json"),
    ]

    assert ways == [ways[0]] * len(ways)
    assert ways[0][0]["label"] == "No"


def test_csv_and_json_answers_carry_the_same_number(model):
    (found,) = predictions(model, "gold,12.5,3")

    status, text = ask(model, "gold,12.5,3", accept="text/csv")

    assert (status, text) == (200, f"{found['probability']},{found['label']}\n")
    (bare,) = inference.predict(model, model.features.matrix([["gold"], ["12.5"], ["3"]]))
    assert np.float32(found["probability"]) == bare


def test_one_record_and_many_get_the_same_answers(model):
    lines = [f"{'gold' if at % 2 else 'basic'},{at},{at % 7}" for at in range(100)]

    together = predictions(model, "\n".join(lines))

    assert together == [predictions(model, line)[0] for line in lines]


@pytest.mark.parametrize("line", [",,", "gold,,", "unheard-of, ,3", '"gold","",""'])
def test_empty_and_unknown_fields_are_answered(model, line):
    assert 0 < predictions(model, line)[0]["probability"] < 1


@pytest.mark.parametrize("accept", [None, "", "*/*", "text/csv", "text/html, */*;q=0.8"])
def test_csv_is_the_answer_to_who_does_not_mind(model, accept):
    assert ask(model, "gold,1,2", accept=accept)[1].endswith(("Yes\n", "No\n"))


@pytest.mark.parametrize(
    ("body", "content_type", "status", "words"),
    [
        ("gold,1", "text/csv", 400, "record 1 has 2 fields; expected 3: plan, spent, months"),
        ("gold,1,2\ngold,1,2,3", "text/csv", 400, "record 2 has 4 fields"),
        ("gold,much,2", "text/csv", 400, "column 'spent' takes numbers and got 'much'"),
        ("", "text/csv", 400, "no record"),
        ("plan,spent,months\n", "text/csv", 400, "a header and no record"),
        ("plan,spent\ngold,1", "text/csv", 400, "no column 'months'"),
        ('"gold,1,2', "text/csv", 400, "not CSV"),
        (b"\xff\xfe", "text/csv", 400, "not UTF-8"),
        ("{", "application/json", 400, "not JSON"),
        ("{}", "application/json", 400, "instances"),
        ("[" * 100_000, "application/json", 400, "not JSON"),
        ('{"instances": [{"plan": "gold"}]}', "application/json", 400, "record 1 has no 'spent', 'months'"),
        ('{"instances": [3]}', "application/json", 400, "record 1 is not an object"),
        ('{"instances": [{"plan": [], "spent": 1, "months": 2}]}', "application/json", 400, "'plan' must be one value"),
        ("gold 1 2", "text/libsvm", 415, "send text/csv or application/json"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(model, body, content_type, status, words):
    found, message = ask(model, body, content_type)

    assert (found, words in message) == (status, True), message


def test_an_accept_that_cannot_be_met_is_told_so(model):
    assert ask(model, "gold,1,2", accept="image/png")[0] == 406


def test_the_container_finds_the_functions_that_it_calls():
    assert not {"input_fn", "predict_fn", "output_fn"} & set(vars(inference))  # with transform_fn, it refuses these


UNKNOWN = {"instances": [RECORD | {"plan": "silver"}, RECORD | {"plan": None}, RECORD | {"plan": "silver"}]}


def test_a_json_answer_says_how_many_levels_are_unknown_and_a_csv_answer_stays_as_it_is(model):
    _, told = ask(model, json.dumps(UNKNOWN), "application/json")
    _, known = ask(model, json.dumps({"instances": [RECORD]}), "application/json")
    _, lines = ask(model, json.dumps(UNKNOWN), "application/json", accept="text/csv")

    assert json.loads(told)["unknown_levels"] == {"plan": 2}
    assert list(json.loads(known)) == ["predictions"]
    assert len(lines.splitlines()) == 3


def test_a_container_that_serves_logs_unknown_levels_as_a_metric_and_an_evaluation_does_not(model, capsys, monkeypatch):
    ask(model, json.dumps(UNKNOWN), "application/json")
    assert capsys.readouterr().out == ""

    monkeypatch.setenv("SAGEMAKER_PROGRAM", "inference.py")
    ask(model, json.dumps({"instances": [RECORD]}), "application/json")
    ask(model, json.dumps(UNKNOWN), "application/json")
    [line] = capsys.readouterr().out.splitlines()
    [(namespace, datum)] = embedded_metrics.metrics_of(line)

    assert (namespace, datum["MetricName"], datum["Values"]) == ("Retrain", "UnknownLevels", [2.0])
    assert datum["Dimensions"] == [{"Name": "Model", "Value": "m"}]
    assert "silver" not in line


def test_predict_says_by_column_what_the_model_does_not_know():
    parts = [Answered([{}], {"plan": 2}), Answered([{}], {}), Answered([{}], {"plan": 1, "town": 4})]

    assert unknown_text(parts).splitlines() == [
        "column 'plan': 3 of the values are no level that the model knows, and were read as missing",
        "column 'town': 4 of the values are no level that the model knows, and were read as missing",
    ]
    assert unknown_text(parts[1:2]) == ""


NAMED = Features(
    "m", (NumberColumn("spent"), CategoryColumn("basic", {"basic": 0, "gold": 1})), BinaryAnswer("Yes", "No"), "left",
    None, (), {},
)  # fmt: skip


@pytest.mark.parametrize(("body", "fields"), [
    ("1.5,basic\n2,gold\n", [("1.5", "2"), ("basic", "gold")]),
    (" ,basic\n", [(" ",), ("basic",)]),
    ("basic,spent\nbasic,7\n", [("7",), ("basic",)]),
    ("spent,basic\n7,basic\n", [("7",), ("basic",)]),
])  # fmt: skip
def test_a_level_that_is_called_like_a_column_is_no_header(body, fields):
    assert records.read(body, "text/csv", NAMED) == fields


@pytest.mark.parametrize(
    "body", ["spent,gold\n1,2\n", "spent,silver\n7,basic\n", "basic\ngold\n", "left,basic\n1,basic\n"]
)
def test_a_header_that_lacks_a_column_is_refused(body):
    with pytest.raises(Refused, match="the header has no column"):
        records.read(body, "text/csv", NAMED)
