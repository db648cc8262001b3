"""Files that are to be scored: what the container takes of them, and how the answers come back."""

import csv
import io
import json

import pytest
from app.decide.transform_plans import ScoresMissing, answered_fields, parse_predictions, transform_request
from app.decide.uploads import scores
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import Scoring, container_lines, parse_scoring_key, rows_with_scores
from hypothesis import given
from hypothesis import strategies as st

DATA = Data("Churn", "customerID", ("Yes", "No"), (), ("customerID", "tenure", "note", "Churn"), True)
FILE = 'note,customerID,tenure,extra\n"a, ""b""\r\nc",C1,3,x\n,C2,,y\n'
ANSWERS = ["0.83,Yes", "0.1,No"]
SCORING = Scoring("data", "churn", "2026/june.csv", "v1")


def chunks(text: str) -> list[bytes]:
    return [text.encode("utf-8")]


def ready(text: str) -> list[str]:
    return list(container_lines(chunks(text), DATA, "models/churn.yaml"))


def test_the_container_takes_one_line_a_record_in_the_models_order() -> None:
    assert [json.loads(line) for line in ready(FILE)] == [["3", 'a, "b"\r\nc'], ["", ""]]


def test_answers_come_back_beside_every_column_of_the_file() -> None:
    found = list(csv.reader(io.StringIO("".join(rows_with_scores(chunks(FILE), ANSWERS, DATA)), newline="")))

    assert found == [
        ["note", "customerID", "tenure", "extra", "predicted_probability", "predicted_label"],
        ['a, "b"\r\nc', "C1", "3", "x", "0.83", "Yes"],
        ["", "C2", "", "y", "0.1", "No"],
    ]


def test_blank_lines_between_answers_are_none() -> None:
    parted = [line for answer in ANSWERS for line in (answer, "")]

    assert list(rows_with_scores(chunks(FILE), parted, DATA)) == list(rows_with_scores(chunks(FILE), ANSWERS, DATA))


def test_a_model_of_numbers_answers_with_a_value() -> None:
    found = list(rows_with_scores(chunks(FILE), ["1.5", "2.5"], DATA._replace(labels=())))

    assert [line.rstrip().rpartition(",")[2] for line in found] == ["predicted_value", "1.5", "2.5"]


@pytest.mark.parametrize("answers", [ANSWERS[:1], [*ANSWERS, "0.5,No"], []])
def test_as_many_answers_as_records_or_none(answers: list[str]) -> None:
    with pytest.raises(ScoresMissing):
        list(rows_with_scores(chunks(FILE), answers, DATA))


def test_blanks_around_names_are_not_part_of_them_and_come_back() -> None:
    text = FILE.replace("tenure", " tenure", 1)

    assert list(container_lines(chunks(text), DATA, "models/churn.yaml")) == list(
        container_lines(chunks(FILE), DATA, "models/churn.yaml")
    )
    assert next(rows_with_scores(chunks(text), ANSWERS, DATA)).startswith(text.partition("\n")[0].rstrip("\r"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("tenure,note\n", "no rows"),
        ("tenure;note\n1;2\n", "found 1 column: tenure;note., so it may not be separated by commas"),
        ("tenure,other\n1,2\n", "no column 'note' .found 2 columns: tenure, other."),
        ("tenure,note,note\n1,2,3\n", "'note' is there more than once"),
        ("tenure,note\n1,2,3\n", "line 2 has too many fields .3, the header has 2."),
        ("tenure,note\nold,2\n", "line 2 says 'old' in column 'tenure', which must be a number"),
        ("tenure,note\nold,2\n1,2,3\n", "line 2 says 'old' in column 'tenure'"),
        ("tenure,note\n1,2,3\nold,2\n", "line 2 has too many fields"),
        ("tenure,note\n" + "1,2\n" * 300 + "old,2\n", "line 302 says 'old'"),
        ('tenure,note\n1,"2\n', "is not a CSV"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused_with_the_reason(text: str, said: str) -> None:
    data = DATA._replace(kinds={"tenure": Kind(True, frozenset()), "note": Kind(False, frozenset())})

    with pytest.raises(Problem, match=said):
        list(container_lines(chunks(text), data, "models/churn.yaml"))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), min_size=1), min_size=1))
def test_a_prediction_is_parted_as_a_reader_of_csv_parts_it(fields: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerow(fields)

    assert answered_fields(text.getvalue().removesuffix("\r\n")) == fields


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.tuples(st.integers().map(str), TEXTS), min_size=1))
def test_count_in_is_count_out_and_nothing_of_the_file_is_lost(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("tenure", "note"), *rows])

    lines = ready(text.getvalue())
    whole = "".join(rows_with_scores(chunks(text.getvalue()), ["0.5,No"] * len(rows), DATA))
    back = list(csv.reader(io.StringIO(whole, newline="")))

    assert [line.count("\n") for line in lines] == [1] * len(rows)
    assert [tuple(row[:2]) for row in back[1:]] == rows


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4), min_size=2, max_size=2)
    )
)
def test_lines_for_the_container_are_never_more_than_the_bound_on_a_file_allows(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("tenure", "note"), *rows, ("\1" * 9, "")])
    data = DATA._replace(id="", columns=("tenure", "note", "Churn"))

    lines = list(container_lines(chunks(text.getvalue()), data, "models/churn.yaml"))

    assert sum(map(len, lines)) <= scores.MOST_GROWTH * len(text.getvalue().encode())


def test_a_file_is_read_up_to_the_bound_and_refused_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "MOST_BYTES", 10)

    assert list(scores.bounded([b"12345", b"67890"])) == [b"12345", b"67890"]
    with pytest.raises(Problem, match="unpacked") as refused:
        list(scores.bounded([b"12345", b"67890", b"1"]))
    assert "split it into files of at most 512 MiB" in refused.value.remedy


@pytest.mark.parametrize(
    "key", ["scoring/churn/", "scoring/june.csv", "incoming/churn/a.csv", "scoring/churn/a/", "scoring/churn/_SUCCESS"]
)
def test_what_is_no_file_of_a_model_asks_for_nothing(key: str) -> None:
    assert parse_scoring_key("data", key, "v1") is None


def test_one_object_version_is_one_scoring() -> None:
    asked = parse_scoring_key("data", "scoring/churn/2026/june.csv", "v1")

    assert asked == SCORING
    assert asked.id == SCORING.id != SCORING._replace(version_id="v2").id
    assert (SCORING.scored_key, SCORING.refused_key) == (
        "scored/churn/2026/june.csv",
        "quarantine/churn/scoring/2026/june.csv",
    )


def test_the_transform_job_splits_and_assembles_by_line() -> None:
    request = transform_request("job", "model", "ml.m5.large", *SCORING.files.uris)

    assert request["TransformInput"]["SplitType"] == request["TransformOutput"]["AssembleWith"] == "Line"
    assert request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == f"s3://data/{SCORING.files.input_key}"
    output = f"{request['TransformOutput']['S3OutputPath']}/records.jsonl.out"
    assert output == f"s3://data/{SCORING.files.output_key}"


def test_answers_are_read_as_evaluation_words_them() -> None:
    stored = [{"probability": 0.5, "label": "No"}]

    assert parse_predictions(["0.83,Yes", '0.1,"No, never"'], stored) == [
        {"probability": 0.83, "label": "Yes"},
        {"probability": 0.1, "label": "No, never"},
    ]
    assert parse_predictions(["210000.5", ""], [{"value": 1.0}]) == [{"value": 210000.5}]


@pytest.mark.parametrize("line", ["0.83", "high,Yes", "0.83,Yes,No"])
def test_an_answer_of_another_form_is_none(line: str) -> None:
    with pytest.raises(ScoresMissing, match="which is not probability, label"):
        parse_predictions([line], [{"probability": 0.5, "label": "No"}])
