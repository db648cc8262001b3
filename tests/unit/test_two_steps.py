"""Cleaning and splitting as steps of their own: what they leave, and that nothing of held-out rows is learnt."""

import csv
import io
import json
import random
from datetime import date

import clean
import numpy as np
import own_models
import preprocess
import pytest
import split
from data import profiles, tables
from data.column_rules import Settings
from data.fitting import fit
from data.parts import read_parts
from data.splitting import splits
from job import world
from job.refusals import Refused

from cli import demo_data

AS_OF = date(2026, 6, 30)
ALONE = world.Hosts("algo-1", ("algo-1",))
ROWS = 1200


@pytest.fixture(scope="module")
def people():
    return demo_data.generate("employee-bonus", ROWS, 3)


def cleaned(text_by_name, base, hosts=ALONE):
    (base / "input").mkdir(parents=True, exist_ok=True)
    for name, text in text_by_name.items():
        (base / "input" / name).write_text(text)
    settings = Settings.parse(own_models.load("employee-bonus"), as_of=AS_OF)
    parts = read_parts(tables.sources(base / "input"), settings, every_id=True)
    clean.check_numbers(parts, settings)
    clean.write(parts, base / "cleaned", hosts, settings)
    world.write_json(base / "cleaned" / "profile.json", profiles.of_parts(parts, settings, ""))
    return base / "cleaned"


def split_up(folder, out, hosts=ALONE):
    settings = Settings.parse(own_models.load("employee-bonus"), as_of=AS_OF, cleaned=True)
    parts = read_parts(tables.sources(folder), settings, every_id=True)
    features = fit(parts, settings)
    preprocess.write(parts, features, out, hosts, settings)
    split.write_transformed(parts, features, out / "transformed" / f"{hosts.current}.csv", hosts, settings)
    return features


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows_of(folder):
    return sorted(line for path in folder.rglob("*.csv") for line in path.read_text().splitlines())


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.fixture(scope="module")
def whole(people, tmp_path_factory):
    base = tmp_path_factory.mktemp("whole")
    features = split_up(cleaned({"people.csv": people}, base), base / "out")
    return base, features


def test_clean_rows_have_no_marks_their_json_taken_apart_and_their_derived_features(whole, people):
    base, _ = whole
    rows = table(base / "cleaned" / "algo-1.csv")
    raw = list(csv.DictReader(io.StringIO(people)))
    (place,) = (at for at, row in enumerate(raw) if row["employee_id"] == rows[0]["employee_id"])
    profile = json.loads(raw[place]["profile"])

    assert len(rows) == ROWS
    assert not any("N/A" in row.values() for row in rows)
    assert rows[0]["profile.email"] == profile["email"]
    assert rows[0]["address_length"] == str(len(profile["address"]))
    assert rows[0]["tenure"] == f"{(AS_OF - date.fromisoformat(rows[0]['hire_date'])).days / 365.25:.4f}"
    assert {row["age_group"] for row in rows} == {
        "",
        *own_models.load("employee-bonus")["data"]["derived"]["age_group"]["labels"],
    }


def test_what_cannot_be_read_is_missing_and_counted(whole, people):
    found = profiles.unreadable(json.loads((whole[0] / "cleaned" / "profile.json").read_text()))

    raw = list(csv.DictReader(io.StringIO(people)))
    assert found["hire_date"] == sum(row["hire_date"] == "unknown" for row in raw) > 0
    assert found["profile"] == sum(bool(row["profile"]) and not row["profile"].endswith("}") for row in raw) > 0


def with_other_held_out_values(people):
    """Every value of every row that does not train is another; how many these are."""
    rows = list(csv.DictReader(io.StringIO(people)))
    keys = splits.row_keys([row["employee_id"] for row in rows], own_models.load("employee-bonus")["split"]["salt"])
    held_out = np.flatnonzero(splits.shares(keys, own_models.load("employee-bonus")["split"]) != splits.TRAIN).tolist()
    for at in held_out:
        rows[at] |= {
            "age": "99", "salary": "999999", "rating": "5.0", "department": "Nobody", "hire_date": "1960-01-01",
            "profile": json.dumps({"address": "x" * 500}), "bonus": str(1_000_000 + at),
        }  # fmt: skip
    out = io.StringIO()
    lines = csv.DictWriter(out, list(rows[0]))
    lines.writeheader()
    lines.writerows(rows)
    return out.getvalue(), len(held_out)


def test_values_of_held_out_rows_change_nothing_that_is_learnt(whole, people, tmp_path):
    other, changed = with_other_held_out_values(people)

    after = split_up(cleaned({"people.csv": other}, tmp_path), tmp_path / "out")

    assert changed > 300
    assert bytes_of(tmp_path / "out" / "features") == bytes_of(whole[0] / "out" / "features")
    assert after == whole[1]


def test_the_same_input_gives_the_same_bytes(whole, people, tmp_path):
    split_up(cleaned({"people.csv": people}, tmp_path), tmp_path / "out")

    assert bytes_of(tmp_path / "cleaned") == bytes_of(whole[0] / "cleaned")
    assert bytes_of(tmp_path / "out") == bytes_of(whole[0] / "out")


@pytest.mark.parametrize("seed", [1, 2])
def test_shards_in_any_order_give_the_split_of_one_file(whole, people, tmp_path, seed):
    header, *body = people.splitlines()
    random.Random(seed).shuffle(body)
    shards = {f"{(at * 7 + seed) % 20:02}.csv": "\n".join([header, *body[at::20]]) + "\n" for at in range(20)}

    features = split_up(cleaned(shards, tmp_path), tmp_path / "out")

    assert features == whole[1]
    for name in ("dense_train", "dense_validation", "test", "transformed"):
        assert rows_of(tmp_path / "out" / name) == rows_of(whole[0] / "out" / name)


def test_two_instances_write_each_row_once(whole, people, tmp_path):
    hosts = [world.Hosts(name, ("algo-1", "algo-2")) for name in ("algo-1", "algo-2")]
    for one in hosts:
        folder = cleaned({"people.csv": people}, tmp_path, one)
    for one in hosts:
        features = split_up(folder, tmp_path / "out", one)

    assert features == whole[1]
    for name in ("dense_train", "dense_validation"):
        assert rows_of(tmp_path / "out" / name) == rows_of(whole[0] / "out" / name)
    assert len(rows_of(tmp_path / "out" / "transformed")) == ROWS + 2


def test_both_steps_give_what_one_step_gives(whole, tmp_path):
    settings = Settings.parse(own_models.load("employee-bonus"), as_of=AS_OF)
    parts = read_parts(tables.sources(whole[0] / "input"), settings)

    preprocess.write(parts, fit(parts, settings), tmp_path / "out", ALONE, settings)

    for name in ("dense_train", "dense_validation", "features", "width"):
        assert bytes_of(tmp_path / "out" / name) == bytes_of(whole[0] / "out" / name)


def test_transformed_rows_are_those_that_training_reads(whole):
    rows = table(whole[0] / "out" / "transformed" / "algo-1.csv")
    names = [name for name in rows[0] if name not in ("employee_id", "split", "bonus")]
    trained = np.loadtxt(whole[0] / "out" / "dense_train" / "algo-1.csv", delimiter=",")

    given = np.array([[row["bonus"], *(row[name] for name in names)] for row in rows if row["split"] == "train"], float)

    assert given.tolist() == trained.tolist()
    assert len(rows) == ROWS
    assert json.loads((whole[0] / "out" / "width" / "width.json").read_text()) == {"dense": str(len(names))}


def test_dates_and_json_are_profiled_by_what_is_missing(whole):
    columns = json.loads((whole[0] / "cleaned" / "profile.json").read_text())["columns"]

    assert columns["profile"]["levels"] == {} == columns["hire_date"]["levels"]
    assert columns["profile"]["missing"] + columns["profile"]["other"] == ROWS
    assert columns["department"]["levels"]["Sales"] > 100


def test_a_text_that_is_no_number_is_told_with_the_uploads_line(people, tmp_path):
    with pytest.raises(Refused, match=r"people.csv, line \d+: column 'rating' takes numbers and got 'good'"):
        cleaned({"people.csv": people.replace(",3.5,", ",good,", 1)}, tmp_path)
