"""Late labels: how a file of them is read, and which rows of scored files they are about."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.published_model import Data, Model
from app.decide.watching import label_files
from app.decide.watching.label_files import read_labels
from app.decide.watching.label_join import KEY_BYTES, LEAST_ROWS, LabelJoin, Row, keys_in, label_window, row_key
from app.decide.watching.windows import WatchedWindow
from published_churn import PUBLISHED

AT, LATER = "2026-05-01T00:00:00.000Z", "2026-05-02T00:00:00.000Z"
CHURN = Model.parse(json.dumps(PUBLISHED))
NUMBERS = CHURN.data._replace(target="price", labels=())
CLASSES = CHURN.data._replace(labels=("Yes", "No", "Perhaps"))


def read(text: str, data: Data = CHURN.data) -> dict[str, Any]:
    return read_labels([text.encode()], data, "models/churn.yaml").answers


def refused(text: str, data: Data = CHURN.data) -> str:
    with pytest.raises(Problem) as raised:
        read(text, data)
    return raised.value.message("labels/churn/may.csv")


def scored(ids: range, probability: float = 0.75, label: str = "Yes") -> bytes:
    lines = "".join(f"C{number},1,{probability},{label}\n" for number in ids)
    return f"customerID,tenure,predicted_probability,predicted_label\n{lines}".encode()


def rows_of(count: int) -> list[Row]:
    return [
        Row(row_key(1, str(n)), "Yes" if n % 3 else "No", 0.9 if n % 3 else 0.2, "Yes" if n % 2 else "No", AT)
        for n in range(count)
    ]  # fmt: skip


def window(rows: list[Row], model: Model = CHURN) -> WatchedWindow | None:
    return label_window(model, 1, rows, ["labels/churn/may.csv"], {})


def test_a_file_says_an_answer_by_its_rows_id_whatever_else_it_holds() -> None:
    assert read("Churn,note,customerID\nYes,a,A\n No ,b, B\n") == {"A": "Yes", "B": "No"}
    assert read("customerID,price\nA,1.5\nB,2\n", NUMBERS) == {"A": 1.5, "B": 2.0}


def test_an_answer_that_is_not_known_yet_is_left_out_where_the_model_file_says_so() -> None:
    data = CHURN.data._replace(drop_rows_without_target=True)

    assert read_labels([b"customerID,Churn\nA,\nB,Yes\n"], data, "m").without_answer == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("customerID\nA\n", "no column 'Churn'"),
        ("Churn\nYes\n", "no column 'customerID'"),
        ("customerID,Churn,Churn\nA,Yes,No\n", "column 'Churn' is there more than once"),
        ("customerID,Churn\nA,Yes\nB,Maybe\n", "line 3 says 'Maybe' in column 'Churn', known are 'Yes' and 'No'"),
        ("customerID,Churn\nA,\n", "line 2 says '' in column 'Churn'"),
        ("customerID,Churn\nA,Yes\n,No\n", "line 3 has no customerID"),
        ("customerID,Churn\nA,Yes\nA,No\n", "line 3 has another answer for customerID 'A' than a line before"),
        ("customerID,Churn\nA,Yes,1\n", "line 2 has too many fields"),
        ("customerID,Churn\n", "has no row with an answer in column 'Churn'"),
        ("", "is empty"),
    ],
)
def test_a_file_that_says_something_else_is_refused_with_its_line_and_a_remedy(text: str, told: str) -> None:
    message = refused(text)

    assert message.startswith(f"labels/churn/may.csv: {told}")
    assert message.partition("; ")[2]


def test_what_is_sensitive_is_not_quoted() -> None:
    data = CHURN.data._replace(sensitive=True)

    assert "Maybe" not in refused("customerID,Churn\nA,Maybe\n", data)
    assert "'A'" not in refused("customerID,Churn\nA,Yes\nA,No\n", data)


def test_a_model_without_an_id_has_nothing_to_join_by() -> None:
    assert "names no id to join labels by; set data.id" in refused("Churn\nYes\n", CHURN.data._replace(id=""))


def test_a_file_of_too_many_rows_or_bytes_says_how_many_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_files, "MOST_ROWS", 1)
    assert "has more than 1 rows; split it" in refused("customerID,Churn\nA,Yes\nB,No\n")

    monkeypatch.setattr(label_files, "MOST_BYTES", 1024**2)
    assert "has more than 1 MiB, unpacked; split it" in refused("customerID,Churn\n" + "A,Yes\n" * 200_000)


def test_a_row_counts_once_for_each_version_by_the_newest_answer() -> None:
    join = LabelJoin(CHURN.data, {"C1": "Yes", "C2": "No", "C9": "No"})

    join.add([scored(range(1, 3), 0.9)], 2, LATER)
    join.add([scored(range(3), 0.1)], 2, AT)
    join.add([scored(range(2), 0.3)], 1, AT)

    found = {
        version: {name: (row.score, row.actual) for name, row in rows.items()} for version, rows in join.rows.items()
    }
    assert found == {2: {"C1": (0.9, "Yes"), "C2": (0.9, "No")}, 1: {"C1": (0.3, "Yes")}}
    assert join.found == 2
    assert len({row.key for rows in join.rows.values() for row in rows.values()}) == 3


def test_predictions_are_the_last_columns_whatever_the_file_had_itself() -> None:
    join = LabelJoin(CHURN.data, {"A": "Yes"})
    join.add([b"predicted_label,customerID,predicted_probability,predicted_label\nx,A,0.5,Yes\n"], 1, AT)
    assert join.rows[1]["A"].said == "Yes"

    numbers = LabelJoin(NUMBERS, {"A": 2.0})
    numbers.add([b"customerID,predicted_value\nA,1.5\n"], 1, AT)
    assert numbers.rows[1]["A"].score == 1.5

    classes = LabelJoin(CLASSES, {"A": "Perhaps"})
    classes.add([b"customerID,predicted_label\nA,Perhaps\n"], 1, AT)
    assert classes.rows[1]["A"].said == "Perhaps"


def test_a_prediction_of_another_kind_is_counted_and_left_out() -> None:
    join = LabelJoin(NUMBERS, {"A": 2.0})

    join.add([b"customerID,predicted_label\nA,Yes\n"], 1, AT)

    assert (join.unread, join.found) == (1, 0)


def test_a_scored_file_without_ids_is_not_read() -> None:
    with pytest.raises(Problem, match="no column 'customerID'"):
        LabelJoin(CHURN.data, {"A": "Yes"}).add([b"tenure,predicted_probability,predicted_label\n1,0.5,Yes\n"], 1, AT)


def test_as_many_bytes_are_read_as_may_be_and_what_was_cut_off_is_not_counted() -> None:
    body = scored(range(100_000))
    whole = LabelJoin(CHURN.data, {f"C{number}": "Yes" for number in range(100_000)}, most_bytes=1_000_000)

    def chunks() -> Iterator[bytes]:
        yield from (body[at : at + 65_536] for at in range(0, len(body), 65_536))

    whole.add(chunks(), 1, AT)

    assert whole.full
    assert 0 < whole.found < 100_000
    assert {row.score for row in whole.rows[1].values()} == {0.75}


def test_the_window_of_a_versions_rows_has_the_gates_first_metric_and_all_others() -> None:
    rows = [row._replace(at=LATER if at else AT) for at, row in enumerate(rows_of(120))]

    found = window(rows)

    assert found
    assert WatchedWindow.parse(found.document()) == found
    assert (found.source, found.metric, found.rows, found.start, found.end) == ("labels", "accuracy", 120, AT, LATER)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    by_auc = found.of_metric("roc_auc")
    assert by_auc
    assert by_auc.label == "ROC-AUC"
    assert found.details["mean_actual"] == 0.5
    assert found.details["uploads"] == ["labels/churn/may.csv (labels)"]


def test_a_window_is_known_by_its_rows_in_whatever_order_they_came() -> None:
    first, again = window(rows_of(120)), window(rows_of(120)[::-1])
    other = window(rows_of(121))

    assert first
    assert again
    assert other
    assert first.id == again.id != other.id


def test_too_few_rows_and_rows_of_one_class_by_a_metric_of_two_are_no_window() -> None:
    ranked = CHURN._replace(gate=({"metric": "roc_auc"},))

    assert window(rows_of(LEAST_ROWS - 1)) is None
    assert window([row._replace(actual="Yes") for row in rows_of(120)], ranked) is None


def test_a_gate_by_a_metric_that_labels_cannot_measure_is_replaced_by_one_that_says_so() -> None:
    found = window(rows_of(120), CHURN._replace(gate=({"metric": "f1"},)))

    assert found
    assert (found.metric, found.details["instead_of"]) == ("roc_auc", "f1")


def test_several_classes_and_numbers_are_measured_too() -> None:
    classes = window(rows_of(120), CHURN._replace(data=CLASSES))
    numbers = window(
        [Row(row_key(1, str(n)), "", n + 1.0, float(n), AT) for n in range(120)], CHURN._replace(data=NUMBERS, gate=())
    )

    assert classes
    assert numbers
    assert (classes.metric, list(classes.details["metrics"])) == ("accuracy", ["accuracy"])
    assert (numbers.metric, numbers.value, numbers.lower_is_better) == ("rmse", 1.0, True)


def test_a_list_of_counted_rows_is_read_back() -> None:
    keys = [row_key(1, str(number)) for number in range(5)]

    assert list(keys_in(b"".join(keys))) == keys
    assert {len(key) for key in keys} == {KEY_BYTES}
