"""Preprocessing: what counts, what is refused, and what it is fitted on."""

import json

import numpy as np
import preprocess
import pytest
from data import tables
from data.column_rules import Settings
from data.splitting import splits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from job import world
from job.refusals import Refused

MODEL = {
    "name": "m",
    "task": "binary_classification",
    "algorithms": [{"name": "xgboost"}],
    "data": {
        "target": "left", "positive_label": "Yes", "negative_label": "No", "id": "id", "missing": ["NA"],
        "without_target": "refuse", "columns": {"plan": "category", "spent": "number"},
    },
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "salt": "s"},
}  # fmt: skip
HEADER = "id,plan,spent,left"


def model(**data):
    return Settings.parse(MODEL | {"data": MODEL["data"] | data})


def customers(first, last):
    return [f"c{at},{'gold' if at % 3 else 'basic'},{at}.5,{'Yes' if at % 2 else 'No'}" for at in range(first, last)]


def write(folder, name, rows, header=HEADER, encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding)
    return path


def prepare(folder, out, wanted=None, hosts=None):
    parts = preprocess.read_parts(tables.sources(folder), wanted or model())
    features = preprocess.fit(parts, wanted or model())
    preprocess.write(parts, features, out, hosts or world.Hosts("algo-1", ("algo-1",)), wanted or model())
    return features


def rows_of(out, share):
    return sorted(line for path in (out / share).glob("*.csv") for line in path.read_text().splitlines())


def refusal_of(folder, wanted=None):
    with pytest.raises(Refused) as refused:
        prepare(folder, folder / "out", wanted)
    return str(refused.value)


def test_each_row_goes_to_one_share_and_test_rows_stay_raw(tmp_path):
    write(tmp_path / "in", "a.csv", customers(0, 200))

    features = prepare(tmp_path / "in", tmp_path / "out")

    assert sum(features.rows.values()) == 200
    assert len(rows_of(tmp_path / "out", "train")) == features.rows["train"]
    header, *raw = rows_of(tmp_path / "out", "test")[::-1]
    assert header == HEADER
    assert set(raw) <= set(customers(0, 200))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(st.permutations(range(6)), st.integers(1, 5))
def test_shards_and_their_order_change_nothing(tmp_path_factory, order, at_a_time):
    tmp_path = tmp_path_factory.mktemp("shards")
    rows = customers(0, 120)
    shards = [rows[at::6] for at in range(6)]
    write(tmp_path / "one", "a.csv", rows)
    for place, at in enumerate(order):
        write(tmp_path / "many", f"{'deep/' * (place % at_a_time)}{place}.csv", shards[at])

    prepare(tmp_path / "one", tmp_path / "out-one")
    prepare(tmp_path / "many", tmp_path / "out-many")

    for share in splits.SHARES:
        assert rows_of(tmp_path / "out-many", share) == rows_of(tmp_path / "out-one", share)
    one, many = ((tmp_path / out / "features" / "features.json").read_bytes() for out in ("out-one", "out-many"))
    assert many == one


def test_tables_of_any_length_give_the_same(tmp_path, monkeypatch):
    write(tmp_path / "in", "a.csv", customers(0, 120))
    prepare(tmp_path / "in", tmp_path / "whole")
    monkeypatch.setattr(tables, "ROWS_AT_A_TIME", 7)

    prepare(tmp_path / "in", tmp_path / "pieces")

    assert rows_of(tmp_path / "pieces", "train") == rows_of(tmp_path / "whole", "train")


def test_of_one_id_the_newest_upload_counts(tmp_path):
    write(tmp_path / "in" / "objects", "b.csv", customers(0, 100))
    write(tmp_path / "in" / "objects", "a.csv", ["c7,platinum,9,No"])
    listed = [{"object": f"objects/{name}.csv", "key": f"incoming/m/{name}"} for name in ("b", "a")]
    (tmp_path / "in" / "sources.json").write_text(json.dumps(listed))

    parts = preprocess.read_parts(tables.sources(tmp_path / "in"), model())

    assert [int(part.keep.sum()) for part in parts] == [99, 1]


def test_levels_are_learnt_from_training_rows_only(tmp_path):
    rows = customers(0, 300)
    share = splits.shares(splits.row_keys([f"c{at}" for at in range(300)], "s"), MODEL["split"])
    held_out = [
        row.replace("gold", "secret").replace("basic", "secret") if share[at] != splits.TRAIN else row
        for at, row in enumerate(rows)
    ]
    write(tmp_path / "in", "a.csv", held_out)

    features = prepare(tmp_path / "in", tmp_path / "out")

    assert sorted(features.columns[0].levels) == ["basic", "gold"]


def test_blanks_and_marks_are_missing(tmp_path):
    blanks = [f"x{at},,{mark},Yes" for at, mark in enumerate([" ", "NA", ""] * 9)]
    write(tmp_path / "in", "a.csv", [*customers(0, 100), *blanks])

    prepare(tmp_path / "in", tmp_path / "out")

    assert "1,nan,nan" in rows_of(tmp_path / "out", "train")


def test_instances_fit_alike_and_write_each_its_share(tmp_path):
    write(tmp_path / "in", "a.csv", customers(0, 200))
    alone = prepare(tmp_path / "in", tmp_path / "alone")
    names = ("algo-1", "algo-2", "algo-3")

    fitted = [prepare(tmp_path / "in", tmp_path / "shared", hosts=world.Hosts(name, names)) for name in names]

    assert fitted == [alone] * 3
    assert sorted(path.name for path in (tmp_path / "shared" / "train").iterdir()) == [f"{name}.csv" for name in names]
    assert rows_of(tmp_path / "shared", "train") == rows_of(tmp_path / "alone", "train")


def test_without_an_id_the_whole_row_decides(tmp_path):
    write(tmp_path / "in", "a.csv", customers(0, 100) * 2)

    features = prepare(tmp_path / "in", tmp_path / "out", model(id=None))

    assert sum(features.rows.values()) == 200
    assert not set(rows_of(tmp_path / "out", "test")) & set(rows_of(tmp_path / "out", "train"))


def test_rows_without_an_answer_are_refused_or_dropped_as_the_model_file_says(tmp_path):
    write(tmp_path / "in", "a.csv", [*customers(0, 100), "c100,gold,1,", "c101,gold,1,NA"])

    message = refusal_of(tmp_path / "in")
    features = prepare(tmp_path / "in", tmp_path / "out", model(without_target="drop"))

    assert message.startswith("a.csv, line 102: 2 rows have no 'left'")
    assert sum(features.rows.values()) == 100


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["c1,gold,1,Yes", "c1,gold,1,No"], "lines 2 and 3 have the same 'id' and different 'left'"),
        (["c1,gold,1,Maybe"], "line 2: column 'left': 'Maybe' is neither 'Yes' nor 'No'"),
        ([f"c{at},gold,1,No" for at in range(100)], "rows have left = 'No'; a model needs rows with both"),
        ([*customers(0, 99), "c99,gold,?,Yes"], "line 101: column 'spent' takes numbers"),
        (["c1,gold,1,Yes,more"], "more fields than the header"),
        (["c1,gold,1,Yes", "c2,gold,1,Yes,more"], "Expected 4 fields in line 3, saw 5"),
        ([], "no rows below the header"),
        (["c1,gold,1,Yes"], "too few to split"),
    ],
)  # fmt: skip
def test_bad_rows_are_refused_with_file_line_and_remedy(tmp_path, rows, words):
    write(tmp_path / "in", "a.csv", rows)

    assert words in refusal_of(tmp_path / "in")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        ("id,plan,spent,left\n".encode("utf-16"), "UTF-8"),
        (b"id;plan;spent;left\n1;2;3;4\n", "separated by ';'"),
        (b"id,plan,spent\n1,2,3\n", "no column 'left' (found 3 columns: id, plan, spent)"),
        (b"id,plan,plan,left\n1,2,3,Yes\n", "column 'plan' stands twice"),
        (b"id,plan,spent,left\n1,\xff,3,Yes\n", "UTF-8"),
    ],
)
def test_bad_files_are_refused(tmp_path, content, words):
    (tmp_path / "a.csv").write_bytes(content)

    assert words in refusal_of(tmp_path)


def test_a_line_is_counted_as_an_editor_counts_it(tmp_path):
    write(tmp_path / "in", "a.csv", ['c1,"two\nlines",1,Yes', "c2,gold,1,Perhaps"])

    assert "a.csv, line 4:" in refusal_of(tmp_path / "in")


def test_a_folder_without_csv_is_refused(tmp_path):
    assert "no CSV file" in refusal_of(tmp_path)


def test_numbers_keep_their_value(tmp_path):
    write(tmp_path / "in", "a.csv", [f"c{at},gold,{at / 7!r},{'Yes' if at % 2 else 'No'}" for at in range(100)])

    prepare(tmp_path / "in", tmp_path / "out")

    found = {float(row.split(",")[2]) for row in rows_of(tmp_path / "out", "train")}
    assert found <= {at / 7 for at in range(100)}
    assert np.isfinite(list(found)).all()
