"""What `retrain check` says of derived features, of the scripts that make them, and of the registry's metadata."""

import pytest
from spoilt import line_of, places, problems_of

MODEL = "employee-bonus"
LENGTH = "address_length: {from: profile, field: address, as: length}"
TENURE = "tenure: {from: hire_date, as: years}"
EDGES = "edges: [45000, 70000, 100000]"


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("{kind: json, fields: [address, phone, email]}", "{kind: json}", "data.columns.profile",
         "JSON without fields; name those that matter: profile: {kind: json, fields: [...]}"),
        ("rating: number", "rating: {kind: number, fields: [a]}", "data.columns.rating.fields", "number has no fields"),
        ("rating: number", "rating: date", "data.columns.rating", "no feature is derived from it; derive one"),
        ("hire_date: date", "hire_date: {kind: date, date_format: dd.mm.yyyy}", "data.columns.hire_date.date_format",
         "'dd.mm.yyyy' names no day; write it as strptime takes it"),
        ("hire_date: date", "hire_date: {kind: date, date_format: '%d.%m'}", "data.columns.hire_date.date_format",
         "'%d.%m' names no day"),
        ("rating: number", "rating: {kind: number, date_format: '%Y'}", "data.columns.rating.date_format",
         "a number has no dates; remove it"),
        ("rating: number", "rating: {kind: number, number_format: {decimal: ',', thousands: ','}}",
         "data.columns.rating.number_format", "',' stands before decimals and between thousands; let them differ"),
        ("rating: number", "rating: {kind: number, number_format: {strip: [' km']}}",
         "data.columns.rating.number_format.strip[0]", ""),
        ("hire_date: date", "hire_date: {kind: date, number_format: {decimal: ','}}",
         "data.columns.hire_date.number_format", "a date is no number"),
        ("rating: number", "rating: dat", "data.columns.rating", "did you mean 'date'?"),
        (TENURE, TENURE.replace("tenure", "rating"), "data.derived.rating", "is a column of the data too"),
        (LENGTH, LENGTH.replace("profile", "profil"), "data.derived.address_length.from", "did you mean 'profile'?"),
        (LENGTH, LENGTH.replace("address,", "adress,"), "data.derived.address_length.field", "did you mean 'address'?"),
        (LENGTH, LENGTH.replace(" field: address,", ""), "data.derived.address_length.field", "no field of"),
        (TENURE, TENURE.replace("}", ", field: day}"), "data.derived.tenure.field", "a date has no fields; remove it"),
        (TENURE, TENURE.replace("years", "yeras"), "data.derived.tenure.as", "did you mean 'years'?"),
        (TENURE, TENURE.replace("hire_date", "salary"), "data.derived.tenure.as",
         "'years' cannot be derived from a number; of a number: bins"),
        (TENURE, TENURE.replace("from: hire_date, ", ""), "data.derived.tenure", "no 'from'; add it"),
        (TENURE, TENURE.replace("}", ", edges: [1]}"), "data.derived.tenure.edges", "'years' has no edges"),
        (EDGES, "edges: [45000, 100000]", "data.derived.salary_category.labels",
         "2 edges make 3 bands, and there are 4 labels; give each band one label"),
        (EDGES, "edges: [70000, 45000, 100000]", "data.derived.salary_category.edges", "do not ascend"),
        (f"{EDGES}, ", "", "data.derived.salary_category", "bins need edges and labels"),
        ("mode: append", "group: [bonus]", "data.group[0]", "'bonus' is the target; name the columns that say"),
        ("mode: append", "group: [age, employee_id]", "data.group[1]", "'employee_id' is the id too; keep one of them"),
        ("mode: append", "group: [tenure]", "data.group[0]", "'tenure' is derived; name columns of the data"),
        ("mode: append", "group: age", "data.group", "'age' is not a list; put it in brackets"),
        ("salt: employee-bonus}", "by: bonus}", "split.by", "'bonus' is the target; name a column that says when"),
        ("salt: employee-bonus}", "row: features}", "split.row", "the id 'employee_id' tells rows apart; remove it"),
        ("salt: employee-bonus}", "by: tenure}", "split.by", "'tenure' is derived; name the column itself: hire_date"),
        ("salt: employee-bonus}", "by: department}", "split.by", "'department' is a category; name a column of dates"),
        ("slices: [department]", "slices: [hire_date]", "slices[0]", "'hire_date' is a date"),
        ("split: split.py", "split: spilt.py", "preprocessing.split", "did you mean 'split.py'?"),
        ("script: clean.py, split: split.py", "script: clean.py", "preprocessing.script", "only cleans; add split"),
        ("script: clean.py", "script: preprocess.py", "preprocessing.script", "splits by itself; write script"),
        ("owner: people", "verification: people", "registration.metadata.verification", "set by the pipeline itself"),
        ("owner: people", "own#er: people", "registration.metadata.own#er", "not a name that the registry takes"),
        ("owner: people-analytics", "owner: 7", "registration.metadata.owner", "7 is not text"),
        ("owner: people-analytics", "owner: 'people, pay'", "registration.metadata.owner",
         "is not a text that the registry takes; letters, digits, spaces and"),
        ("inference_instances: [ml.m5.large, ", "inference_instances: [", "registration.inference_instances",
         "deployment.instance_type is ml.m5.large, which is not among them; add ml.m5.large"),
        ("transform_instances: [ml.m5.large, ml.m5.xlarge]", "transform_instances: [ml.m5.large]",
         "registration.transform_instances", "instances.transform is ml.m5.xlarge"),
        ("transform_instances", "transform_instance", "registration.transform_instance",
         "unknown key; did you mean 'transform_instances'?"),
        ("epochs: 10", "epoch: 10", "algorithms[0].hyperparameters.epoch", "did you mean 'epochs'?"),
    ],
)  # fmt: skip
def test_a_bad_model_file_is_told_line_problem_and_remedy(tmp_path, old, new, where, words):
    told = problems_of(tmp_path, MODEL, (old, new))

    assert places(told, words) == [(line_of(MODEL, old), where)], told
