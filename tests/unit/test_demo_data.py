"""The demo's data: made up, repeatable, and of the telco set's shape."""

import csv
import io
import json

import pytest

from cli import demo_data
from pipelines.model import model_file


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_same_seed_gives_the_same_text():
    assert demo_data.generate("churn", 500, 3) == demo_data.generate("churn", 500, 3)
    assert demo_data.generate("churn", 500, 3) != demo_data.generate("churn", 500, 4)


@pytest.mark.parametrize("model", demo_data.MAKERS)
def test_it_has_what_the_model_file_names(model):
    data = model_file.load(model_file.path_of(model))["data"]
    first = rows_of(demo_data.generate(model, 1, 1))[0]

    assert set(first) == {*([data["id"]] if data["id"] else []), *data["columns"], data["target"]}


def test_ids_are_unique_blanks_are_there_and_both_answers_are_given():
    rows = rows_of(demo_data.generate("churn", 3000, 5))

    assert len({row["customerID"] for row in rows}) == 3000
    assert 0.2 < sum(row["Churn"] == "Yes" for row in rows) / 3000 < 0.32
    assert 0 < sum(not row["TotalCharges"].strip() for row in rows) < 200
    assert all((row["tenure"] == "0") == (row["TotalCharges"] == " ") for row in rows)


def test_more_rows_than_are_made_at_a_time_are_still_unique(monkeypatch):
    monkeypatch.setattr(demo_data, "ROWS_AT_A_TIME", 40)

    assert len({row["customerID"] for row in rows_of(demo_data.generate("churn", 100, 5))}) == 100


def test_employees_have_gaps_and_profiles_that_sometimes_break_off():
    rows = rows_of(demo_data.generate("employee-bonus", 3000, 5))
    whole = [json.loads(row["profile"]) for row in rows if row["profile"].endswith("}")]

    assert len({row["employee_id"] for row in rows}) == 3000
    for name, mark in (("age", ""), ("department", ""), ("salary", "N/A"), ("hire_date", "unknown"), ("profile", "")):
        assert 0 < sum(row[name] == mark for row in rows) < 200, name
    assert 0 < sum(bool(row["profile"]) and not row["profile"].endswith("}") for row in rows) < 100
    assert 0 < sum("address" not in profile for profile in whole) < 200
    assert all(float(row["bonus"]) >= 0 for row in rows)
