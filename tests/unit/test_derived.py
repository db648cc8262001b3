"""Features computed from one raw column each: the same rule at training and behind the endpoint."""

import json
from datetime import date

import pytest
from artifact.answers import ValueAnswer
from data import records
from data.as_of import NEWEST, as_of_day
from data.column_rules import Settings
from data.tables import Source
from features.derived import Derived, day, derived_from, field_text, json_fields
from features.features import CategoryColumn, Features, NumberColumn, features_from
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

AS_OF = date(2026, 6, 30)
RULES = {
    "street": {"from": "profile", "field": "address", "as": "length"},
    "tenure": {"from": "hired", "as": "years"},
    "band": {"from": "age", "as": "bins", "edges": [30, 50], "labels": ["young", "middle", "old"]},
}
STREET, TENURE, BAND = derived_from(RULES, {"age": frozenset({"NA"})}, AS_OF)
FEATURES = Features(
    "m",
    (NumberColumn("age"), NumberColumn("street", mean=4.0), NumberColumn("tenure"),
     CategoryColumn("band", {"young": 0, "middle": 1, "old": 2})),
    ValueAnswer(), "pay", "id", (), {}, ("age", "hired", "profile"), (STREET, TENURE, BAND), "2026-06-30",
)  # fmt: skip


@pytest.mark.parametrize(("text", "found"), [
    ('{"address": " 1  Elm Street "}', "12"), ('{"address": "\\u0141\\u00f3d\\u017a"}', "4"), ('{"address": null}', ""),
    ('{"phone": "1"}', ""), ('{"address": {"street": "Elm"}}', ""), ('{"address": "1 El', ""), ("[1]", ""), ("", ""),
    ("null", ""), (None, ""), ("[" * 100_000, ""),
])  # fmt: skip
def test_the_length_of_a_json_field_is_counted_where_there_is_one(text, found):
    assert STREET.text(text) == found


@pytest.mark.parametrize(("text", "found"), [
    ("2025-06-30", "0.9993"), (" 2016-06-30 ", "9.9986"), ("2025-06-30T23:59:00Z", "0.9993"), ("2026-06-30", "0.0000"),
    ("2030-01-01", "0.0000"), ("30/06/2020", ""), ("2025-02-30", ""), ("unknown", ""), ("", ""), (None, ""),
])  # fmt: skip
def test_years_count_to_the_recorded_day_and_never_below_none(text, found):
    assert TENURE.text(text) == found


@pytest.mark.parametrize(("value", "found"), [
    ("29.9", "young"), ("30", "middle"), (49, "middle"), ("50", "old"), ("-1e9", "young"), ("", ""), ("NA", ""),
    ("inf", ""), ("nan", ""), ("many", ""),
])  # fmt: skip
def test_a_band_begins_at_its_edge(value, found):
    assert BAND.text(value) == found


@pytest.mark.parametrize(("text", "date_format", "parts"), [
    ("2026-11-30", "", ("2026", "11", "1", "0")), ("2026-11-29T23:59:00Z", "", ("2026", "11", "7", "23")),
    ("2026-11-29 0705", "", ("2026", "11", "7", "7")), ("30-11-2026", "%d-%m-%Y", ("2026", "11", "1", "0")),
    ("3 Jan 2020", "%d %b %Y", ("2020", "1", "5", "0")),
    ("20141013T170000", "%Y%m%dT%H%M%S", ("2014", "10", "1", "17")),
    ("30-11-2026", "", ("", "", "", "")), ("2026-11-30", "%d-%m-%Y", ("", "", "", "")),
])  # fmt: skip
def test_a_date_has_a_year_a_month_a_weekday_and_an_hour(text, date_format, parts):
    rules = {part: {"from": "at", "as": part} for part in ("year", "month", "weekday", "hour")}

    made = derived_from(rules, {}, None, {"at": date_format})

    assert tuple(rule.text(text) for rule in made) == parts
    assert derived_from({rule.name: rule.document() for rule in made}, {}, None) == made


@pytest.mark.parametrize(("text", "found"), [("29.06.2026", "1"), ("30.06.2026", "0"), ("10.07.2026", "-10")])
def test_days_lie_behind_the_recorded_day_or_ahead_of_it(text, found):
    (days,) = derived_from({"days": {"from": "due", "as": "days"}}, {}, AS_OF, {"due": "%d.%m.%Y"})

    assert days.text(text) == found


@given(st.dates())
def test_every_iso_day_is_read_back(some):
    assert day(some.isoformat()) == some


@given(st.dictionaries(st.text(), st.text() | st.none() | st.integers()), st.text(min_size=1))
def test_a_json_field_is_one_line_of_text_or_blank(fields, name):
    text = field_text(json_fields(json.dumps(fields)), name)

    assert text == " ".join(str(fields[name]).split()) if fields.get(name) is not None else text == ""


def test_a_field_can_be_a_feature_as_it_stands():
    rules = {"grade": {"from": "profile", "field": "grade", "as": "category"}}

    (grade,) = derived_from(rules, {}, None)

    assert (grade.kind, grade.text('{"grade": "senior"}')) == ("category", "senior")


def test_years_without_a_day_to_count_to_are_refused():
    with pytest.raises(Refused, match="say --set AsOfDate 2026-06-30"):
        derived_from(RULES, {}, None)


def test_the_day_is_that_of_the_newest_upload_unless_the_run_says_another():
    found = [Source("a", "a", "2026-05-01T10:00:00+00:00"), Source("b", "b", "2026-05-03T00:00:00+00:00")]

    assert as_of_day(NEWEST, found) == date(2026, 5, 3)
    assert as_of_day("2026-01-31", found) == date(2026, 1, 31)
    assert as_of_day(NEWEST, [Source("a", "a")]) is None
    with pytest.raises(Refused, match="AsOfDate is 'today'"):
        as_of_day("today", found)


def test_a_transformer_with_derived_features_survives_json():
    assert features_from(json.loads(json.dumps(FEATURES.document(), sort_keys=True))) == FEATURES


def test_a_raw_record_becomes_its_features():
    rows = FEATURES.dense([["40", ""], ["2025-06-30", "never"], ['{"address": "1 Elm"}', "{broken"]])

    assert rows.tolist() == [[40.0, 1.0, 0.9993, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    assert FEATURES.dense_width == sum(len(column.dense_names) for column in FEATURES.columns)


@pytest.mark.parametrize("profile", [{"address": "1 Elm"}, '{"address": "1 Elm"}'])
def test_json_may_be_sent_as_text_or_as_an_object(profile):
    body = json.dumps({"instances": [{"age": 40, "hired": "2025-06-30", "profile": profile}]})

    fields = records.read(body, "application/json", FEATURES)

    assert FEATURES.dense(fields).tolist() == [[40.0, 1.0, 0.9993, 0.0, 1.0, 0.0]]


def test_an_object_in_any_other_column_is_refused():
    body = json.dumps({"instances": [{"age": {"years": 40}, "hired": "", "profile": ""}]})

    with pytest.raises(Refused, match="'age' must be one value"):
        records.read(body, "application/json", FEATURES)


def test_csv_records_are_raw_records():
    fields = records.read('40,2025-06-30,"{""address"": ""1 Elm""}"\n', "text/csv", FEATURES)

    assert FEATURES.dense(fields).tolist() == [[40.0, 1.0, 0.9993, 0.0, 1.0, 0.0]]


def test_a_model_files_rules_are_read_with_their_columns_marks():
    document = {
        "name": "m", "task": "regression", "algorithms": [{"name": "linear-learner"}], "split": {},
        "preprocessing": {"one_hot_levels": 0},
        "data": {
            "target": "pay", "missing": ["NA"], "without_target": "refuse", "derived": RULES, "columns": {
                "age": "number", "hired": "date", "profile": {"kind": "json", "fields": ["address"], "missing": ["-"]},
            },
        },
    }  # fmt: skip

    settings = Settings.parse(document, as_of=AS_OF)

    assert list(settings.features) == ["age", "street", "tenure", "band"]
    assert settings.derived[0] == Derived("street", "profile", "length", "address", missing=frozenset({"-"}))
    assert settings.derived[1].as_of == AS_OF
