"""Data checks: drift that is more than chance, and findings that name column, expected and found."""

import random

import numpy as np
import pytest
from app.decide.uploads import data_checks
from app.decide.uploads.file_checks import Problem, check_file
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Data
from data import profiles as job_profiles
from evaluation import drift
from hypothesis import given
from hypothesis import strategies as st

COUNTS = st.lists(st.integers(0, 5000), min_size=2, max_size=12)
DATA = Data(
    "left", "", ("Yes", "No"), ("NA",), ("spent", "plan", "left"), True,
    {"spent": Kind(True, frozenset({"NA"})), "plan": Kind(False, frozenset({"NA"}))},
)  # fmt: skip


def upload(rows):
    text = "spent,plan,left\n" + "".join(
        f"{spent},{plan},{'Yes' if at % 2 else 'No'}\n" for at, (spent, plan) in enumerate(rows)
    )
    return text.encode()


def column(texts, kind):
    counted = np.array(texts, dtype=object), np.ones(len(texts), int)
    make = job_profiles.number_column if kind == "number" else job_profiles.category_column
    return make([counted], frozenset({"NA"}))


def customers(count, seed, shift=0.0, plans=("gold", "basic")):
    lot = random.Random(seed)
    return [(f"{lot.gauss(50 + shift, 10):.2f}", lot.choice(plans)) for _ in range(count)]


def baseline(rows):
    spent, plan = zip(*rows, strict=True)
    return {"version": 3, "columns": {"spent": column(spent, "number"), "plan": column(plan, "category")}}


def findings(rows, before, **rules):
    found = check_file([upload(rows)], DATA, "models/m.yaml", before)
    return data_checks.judge(found.columns, rules, before)


@given(st.data(), COUNTS)
def test_psi_is_nought_of_equal_shares_never_below_and_the_same_in_lambdas_and_jobs(data, found):
    other = data.draw(st.lists(st.integers(0, 5000), min_size=len(found), max_size=len(found)))

    assert data_checks.psi(found, found) == 0
    assert data_checks.psi(found, other) >= -1e-12
    assert data_checks.psi(found, other) == pytest.approx(data_checks.psi(other, found))
    assert data_checks.psi(found, other) == pytest.approx(
        job_profiles.psi(np.array(found, float), np.array(other, float))
    )
    assert data_checks.chance(len(found), sum(found), sum(other)) == drift.chance(len(found), sum(found), sum(other))


def test_the_upload_check_counts_as_the_baseline_does():
    rows = customers(500, 1)
    before = baseline(rows)
    found = check_file([upload(rows)], DATA, "models/m.yaml", before).columns

    assert found["spent"].counts == before["columns"]["spent"]["counts"]
    assert dict(found["plan"].levels) == before["columns"]["plan"]["levels"]


def test_files_from_the_same_source_are_not_called_drifted_however_small():
    before = baseline(customers(3000, 1))

    alarms = [finding for seed in range(100) for finding in findings(customers(10 + 5 * seed, seed + 2), before)]

    assert len(alarms) <= 1


def test_drift_is_told_with_column_expected_and_found():
    (found,) = findings(
        customers(400, 5, shift=15), baseline(customers(3000, 1)), drift={"psi": 0.25, "action": "stop"}
    )

    assert (found.check, found.column, found.action) == ("drift", "spent", "stop")
    assert found.expected == "PSI up to 0.25 against the data of version 3"
    assert found.found.startswith("PSI 2.")


def test_new_levels_and_missing_values_are_told():
    before = baseline(customers(3000, 1))
    rows = [("NA" if at % 3 == 0 else spent, plan) for at, (spent, plan) in
            enumerate(customers(300, 5, plans=("gold", "basic", "weekly", "weekly2")))]  # fmt: skip

    told = {finding.check: str(finding) for finding in findings(rows, before, drift={"psi": 100})}

    assert (
        told["missing"]
        == "column 'spent': expected about 0.0% missing, as version 3 was trained with, found 33.3% of 300 rows"
    )
    assert "column 'plan': expected the 2 levels that version 3 knows, found 'weekly" in told["new levels"]


def test_a_number_out_of_range_is_told_with_its_line():
    rows = [*customers(10, 1), ("-4", "gold")]

    (found,) = findings(rows, {}, ranges={"spent": {"at_least": 0, "at_most": 999}})

    assert str(found) == "column 'spent': expected at least 0 and at most 999, found -4 on line 12"
    assert found.action == "stop"


def test_a_text_among_numbers_refuses_the_file():
    with pytest.raises(Problem, match="line 12 says 'much' in column 'spent', which must be a number"):
        check_file([upload([*customers(10, 1), ("much", "gold")])], DATA, "models/m.yaml")
