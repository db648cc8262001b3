"""The check at the door and the job read a file by one rule: what one takes the other takes, with the same rows."""

import csv
import gzip
import io
import json

import pytest
from app.decide.uploads import readings
from app.decide.uploads.file_checks import MAX_CELL, Problem, check_file
from app.decide.uploads.published_model import Model
from app.decide.uploads.unpacking import Unpacked
from artifact.answers import ValueAnswer
from data import records, tables
from data.column_rules import Settings
from data.fitting import check_numbers
from data.parts import read_parts
from features.features import Features, NumberColumn, features_from
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from job.refusals import Refused
from published_churn import PUBLISHED

ODD = (
    "", " ", "0", "-0", "1_000", "1__0", "1e400", "-5", "0.0", " 7 ", "\t8", "9\u00a0", "\u0663", "\uff11", "nan",
    "NaN", "inf", "-Infinity", "1,5", "$1", "0x1F", "1e3", "1.", ".5", "+2", "--1", "NA", "-999", "yes", "yes ", " yes",
    "Yes", "no", "no\u2003", "true", "\ufeff1", "a\nb", "\r", '"', "x" * 200_000, "\x1f", "\x0b", "é",
    "1.234,50 €", "€ -5", "-€5", "12 %", "1.23,4", "1 234", "1\u202f234,5", "€", "12,", ",5",
    "1e308", "-3.5e38", "1\u2009234,5", "1\u2007234", "1\u2019234",
)  # fmt: skip
CELLS = st.sampled_from(ODD) | st.text('01_-.e NAyesno\n"', max_size=4)
FORMATS = (
    None,
    {"decimal": ",", "thousands": ".", "strip": ["€", "%"]},
    {"decimal": ",", "thousands": " "},
    {"thousands": "'"},
)
X = st.sampled_from(["number", *({"kind": "number", "number_format": form} for form in FORMATS[1:])])


def model(task: str, **data: object) -> dict[str, object]:
    labels = {"positive_label": "yes", "negative_label": "no"} if task == "binary_classification" else {}
    described = {
        "target": "y", "id": None, "missing": ["NA", "-999"], "without_target": "refuse", "target_transform": "none",
        "columns": {"x": "number", "k": "category"}, "mode": "append",
    }  # fmt: skip
    return {
        "name": "m", "task": task, "algorithms": [{"name": "xgboost"}], "data": described | labels | data,
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "salt": "s"},
    }  # fmt: skip


MODELS = st.builds(
    model,
    st.sampled_from(["regression", "binary_classification"]),
    id=st.sampled_from([None, "id"]),
    without_target=st.sampled_from(["refuse", "drop"]),
    target_transform=st.sampled_from(["none", "log"]),
    columns=st.fixed_dictionaries({"x": X, "k": st.just("category")}),
)


def at_the_door(body: bytes, described: dict[str, object]) -> int | None:
    """How many rows count; None where the file is refused."""
    data = Model.parse(json.dumps(PUBLISHED | {"model": described})).data
    try:
        return check_file(Unpacked([body]), data, "models/m.yaml").rows
    except Problem:
        return None


def in_the_job(path, described: dict[str, object]) -> int | None:
    csv.field_size_limit(131_072)  # a job's process begins with Python's own
    wanted = Settings.parse(described)
    try:
        parts = read_parts([tables.Source(path, "a.csv")], wanted)
        check_numbers(parts, wanted)
    except Refused:
        return None
    return sum(int((part.answers == part.answers).sum()) for part in parts) or None


def table(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("id", "x", "k", "y"), *rows])
    return text.getvalue().encode()


LABELS = st.sampled_from([
    ("yes", "no"), ("1", "0"), ("1.0", "0"), ("True", "false"), ("é", "e\u0301"), ("Yes", "yes"), ("-999.0", "NA "),
    ("a b", "a\u00a0b"), ("01", "1 0"), ("=1", "+1"), ("nan", "inf"), ("\u0663", "3"), ('"', "'"), ("a,b", "a;b"),
])  # fmt: skip
IDS = st.sampled_from(
    ["a", "a ", " a", "A", "1", "1.0", "01", "", " ", "NA", "\u00a0", "é", "e\u0301", '"', "a\nb", "nan"]
)
NAMES = {
    name: st.sampled_from(
        [name] * 5 + [f" {name}", f"{name} ", f"{name}\u00a0", name.upper(), f"{name}\n", f"{name}\t"]
    )
    for name in ("id", "x", "k", "y")
}
MORE = st.lists(
    st.sampled_from(["", " ", "x", "y ", "z", "Z", "z ", "\u00a0", "x.1", '"', "a,b", "h" * 70_000]), max_size=2
)
HEADERS = st.builds(
    lambda names, more, mark: ([f"\ufeff{names[0]}" if mark else names[0], *names[1:]], more),
    st.tuples(*NAMES.values()), MORE, st.booleans(),
)  # fmt: skip


@st.composite
def labelled(draw: st.DrawFn) -> tuple[dict[str, object], list[tuple[str, ...]]]:
    """A model of two labels or of several classes, and rows whose answers are mostly labels, in odd writings."""
    labels = draw(LABELS)
    several = draw(st.booleans())
    data: dict[str, object] = {"positive_label": labels[0], "negative_label": labels[1]}
    if several:
        data = {"classes": [*labels, "other"]}
    data |= {"id": draw(st.sampled_from([None, "id"])), "without_target": draw(st.sampled_from(["refuse", "drop"]))}
    answers = st.sampled_from([*labels, *labels, "other", *(f" {one}" for one in labels), f"{labels[0]}\u00a0"]) | CELLS
    numbers = st.sampled_from(["1", "2.5", "", "NA"])
    rows = draw(st.lists(st.tuples(IDS, numbers, CELLS, answers), min_size=1, max_size=4))
    return model("multiclass_classification" if several else "binary_classification", **data), rows


ROWS = st.lists(st.tuples(st.sampled_from(["a", "a ", " a", "b"]), CELLS, CELLS, CELLS), min_size=1, max_size=4)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(MODELS, ROWS)
@example(model("regression", target_transform="log"), [("r1", "1", "k", "5"), ("r2", "1", "k", "0")])
@example(model("regression"), [("r1", "1", "k", "5"), ("r2", "1", "k", "1_000")])
@example(model("regression"), [("r1", "1", "k", "-999")])
@example(model("regression"), [("r1", "1", "k", "1e308"), ("r2", "1", "k", "5")])
@example(model("regression", id="id"), [("a", "1", "k", "1"), ("a ", "1", "k", "1.0")])
@example(model("binary_classification", id="id"), [("a", "1", "k", "yes"), ("a", "1", "k", "yes ")])
@example(model("binary_classification", id="id"), [("a", "1", "k", "yes"), (" a", "1", "k", "no")])
@example(model("regression", without_target="drop"), [("a", "1", "k", "1"), ("b", "abc", "k", "")])
@example(model("regression", id="id", without_target="drop"), [("a", "1", "k", "1"), ("a", "1", "k", "NA")])
@example(
    model("regression", columns={"x": {"kind": "number", "number_format": FORMATS[1]}}), [("a", "1.234,5 €", "k", "1")]
)
def test_what_passes_the_door_passes_the_job_and_nothing_else_does(tmp_path_factory, described, rows) -> None:
    path = tmp_path_factory.mktemp("one") / "a.csv"
    path.write_bytes(table(rows))

    assert at_the_door(path.read_bytes(), described) == in_the_job(path, described)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(labelled())
def test_ids_labels_and_classes_are_read_by_one_rule(tmp_path_factory, drawn) -> None:
    described, rows = drawn
    path = tmp_path_factory.mktemp("one") / "a.csv"
    path.write_bytes(table(rows))

    assert at_the_door(path.read_bytes(), described) == in_the_job(path, described)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(HEADERS, st.sampled_from([None, "id"]), st.lists(CELLS, min_size=2, max_size=2))
def test_headers_are_read_by_one_rule(tmp_path_factory, drawn, identity, more) -> None:
    names, others = drawn
    described = model("regression", id=identity)
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(
        [[*names, *others], ["a", "1", "k", "5", *more[: len(others)]], ["b", "2", "k", "6", *more[: len(others)]]]
    )
    path = tmp_path_factory.mktemp("one") / "a.csv"
    path.write_bytes(text.getvalue().encode())

    assert at_the_door(path.read_bytes(), described) == in_the_job(path, described)


@pytest.mark.parametrize("body", [
    b"\nid,x,k,y\na,1,k,5\n",
    b"\xef\xbb\xbfid,x,k,y\r\n\r\na,1,k,5\r\n",
    b'id,x,k,y,"' + b"h" * 200_000 + b'"\na,1,k,5,\n',
    b"id,x,k,y," + b"h" * (MAX_CELL - 1) + b"\na,1,k,5,\n",
    b'id,x,k,y\na,1,"' + b"long " * 100_000 + b'",5\n',
], ids=["blank line first", "mark and blank line", "long name", "longest name", "long cell"])  # fmt: skip
def test_a_shape_that_passes_the_door_is_read_by_the_job(tmp_path, body: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(body)

    assert at_the_door(body, model("regression")) == in_the_job(tmp_path / "a.csv", model("regression")) == 1


@pytest.mark.parametrize("body", [
    gzip.compress(b"id,x,k,y\na,1,k,5\n"),
    gzip.compress(b"\xef\xbb\xbfid,x,k,y\r\n") + gzip.compress(b"a,1,k,5\r\n"),
    gzip.compress(b"id,x,k,y\na,1,k,5\n") + bytes(20),
], ids=["one member", "two members", "padded with zeros"])  # fmt: skip
def test_a_file_that_gzip_packed_is_read_by_both_whatever_its_name(tmp_path, body: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(body)

    assert at_the_door(body, model("regression")) == in_the_job(tmp_path / "a.csv", model("regression")) == 1


@pytest.mark.parametrize("body", [
    gzip.compress(table([("a", "1", "k", "5")]))[:-3],
    gzip.compress(table([("a", "1", "k", "5")]))[:-8] + bytes(8),
    gzip.compress(gzip.compress(table([("a", "1", "k", "5")]))),
    gzip.compress(b"id,x,k,y\na,1,k,5\n") + b"more",
    b"\x1f\x8b",
], ids=["cut off", "wrong sum", "packed twice", "something behind it", "a mark alone"])  # fmt: skip
def test_a_packed_file_that_is_damaged_is_refused_by_both(tmp_path, body: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(body)

    assert at_the_door(body, model("regression")) is None is in_the_job(tmp_path / "a.csv", model("regression"))


READ_BESIDE: list[tuple[str, dict[str, object]]] = [
    ("g", {"data": {"group": ["x", "g"]}}), ("t", {"split": {"by": "t"}}), ("s", {"fairness": {"columns": ["s", "k"]}}),
]  # fmt: skip


@pytest.mark.parametrize(("column", "wish"), READ_BESIDE)
def test_a_file_without_a_column_that_only_split_or_fairness_read_is_refused_by_both(
    tmp_path, column: str, wish: dict[str, dict[str, object]]
) -> None:
    described = model("regression")
    for key, value in wish.items():
        described[key] = described.get(key, {}) | value
    path = tmp_path / "a.csv"

    path.write_text(f"x,k,y,{column}\n1,a,5,1\n2,a,5,2\n3,b,5,3\n")
    assert at_the_door(path.read_bytes(), described) == in_the_job(path, described) == 3
    path.write_text("x,k,y\n1,a,5\n2,a,5\n3,b,5\n")
    assert at_the_door(path.read_bytes(), described) is None is in_the_job(path, described)


def value_at_the_door(text: str, described: dict[str, object]) -> float | None:
    kind = Model.parse(json.dumps(PUBLISHED | {"model": described})).data.kinds["x"]
    try:
        return finite(readings.number(text, kind.missing, kind.writing))
    except ValueError:
        return None


def value_in_the_job(text: str, column: NumberColumn) -> float | None:
    try:
        return finite(column.number(text))
    except Refused:
        return None


def value_behind_the_endpoint(text: str, column: NumberColumn, content_type: str) -> float | None:
    """Of a model that was stored and loaded, asked as a client asks."""
    features = features_from(
        json.loads(json.dumps(Features("m", (column,), ValueAnswer(), "y", None, (), {}).document()))
    )
    body = json.dumps({"instances": [{"x": text}]})
    if content_type == records.CSV:
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["x"], [text]])
        body = out.getvalue()
    try:
        return finite(float(features.columns[0].number(records.read(body, content_type, features)[0][0])))
    except Refused:
        return None


def finite(number: float) -> float:
    """The number; -1 for one that is missing, as those are that are infinite in 32 bits."""
    return number if readings.finite(number) else -1.0


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(FORMATS), CELLS)
def test_a_cell_is_one_number_at_the_door_in_the_job_and_behind_the_endpoint(form, text) -> None:
    given_as = {"kind": "number", "number_format": form} if form else "number"
    described = model("regression", columns={"x": given_as, "k": "category"})
    rule = Settings.parse(described).columns["x"]
    column = NumberColumn("x", rule.missing, writing=rule.writing)

    door = value_at_the_door(text, described)

    assert value_in_the_job(text, column) == door
    assert value_behind_the_endpoint(text, column, records.CSV) == door
    assert value_behind_the_endpoint(text, column, records.JSON) == door
